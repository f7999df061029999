"""Every realization on the way from a trace to its pencils, by exact substitution modulo a prime.

Rewriting, absorbing, cutting a trace open, realizing, minimizing and presenting each have to leave a value as it is;
each check refuses a realization with one changed coefficient.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import flint
import pytest

from fpt_calc.expr import (
    Atom,
    EntrywiseConjugate,
    Expr,
    Inverse,
    Letter,
    Power,
    PrimeModel,
    Product,
    ScalarMatrix,
    Scaled,
    SquareRoot,
    Sum,
    conjugate_letter,
    evaluate,
    fold,
    is_deterministic,
    letter,
    tau,
    traces_of,
    try_models,
)
from fpt_calc.identities import Verdict, decide
from fpt_calc.oracles import wick_moment
from fpt_calc.pencil import Realization, absorb_neighbours, algebra, normalize, trace_pencils
from fpt_calc.pencil import absorb as absorb_module
from fpt_calc.pencil import realization_is_correct as is_correct
from fpt_calc.pencil.minimize import minimize
from fpt_calc.pencil.present import affine
from fpt_calc.pencil.realization import Monic
from fpt_calc.scalars import ZERO, Scalar, is_fixed
from tests.test_engine_series import HARD, A, B, C, Cs, F, H, Hn, K, M, R, X, Xs

ARGUMENTS = {
    name: trace.argument
    for name, target in HARD.items()
    for trace in traces_of(target)
    if not is_deterministic(trace.argument)
}
arguments = pytest.mark.parametrize("argument", ARGUMENTS.values(), ids=ARGUMENTS.keys())
conj = EntrywiseConjugate

# from the trace to the pencil ---------------------------------------------------------------------------------------


@arguments
def test_normalized_expressions_are_equal(argument: Expr) -> None:
    assert decide(argument, normalize(argument)).verdict is Verdict.EQUAL


def recomposed(argument: Expr) -> Scalar:
    """The trace put together again from its cuts."""
    pencils = trace_pencils(argument, frozenset())
    terms = (p.coefficient * tau(p.opened if p.weight is None else p.weight @ p.opened) for p in pencils.terms)
    return sum(terms, pencils.deterministic)


@arguments
def test_cuts_of_a_trace_add_up_to_it(argument: Expr) -> None:
    found = recomposed(argument)
    assert decide(tau(argument), found).verdict is Verdict.EQUAL
    if traces_of(found):
        assert decide(tau(argument), 2 * found).verdict is Verdict.DIFFERENT


@arguments
def test_pencils_realize_what_was_cut_open(argument: Expr) -> None:
    for part in trace_pencils(argument, frozenset()).terms:
        assert is_correct(part.pencil, part.opened, substitutions=5)
        for mutant in mutants(part.pencil):
            assert not is_correct(mutant, part.opened, substitutions=8), mutant  # some coincide in small models


def mutants(pencil: Realization) -> list[Realization]:
    """The pencil with the last coefficient of each letter negated, with a letter transposed, with v doubled."""
    found = [replace(pencil, v={i: 2 * c for i, c in pencil.v.items()})]
    for x, matrix in pencil.letters.items():
        last = max(matrix)
        changed = {**matrix, last: -matrix[last]}
        found.append(replace(pencil, letters={**pencil.letters, x: changed}))
        other = letter(x.base, "T")
        forms = any(is_fixed(dim) for dim in pencil.dims)  # a form w.T @ A @ w does not tell A from its transpose
        if x.rows == x.cols and not forms and not x.operation and other not in pencil.letters:
            renamed = {other if y == x else y: m for y, m in pencil.letters.items()}
            found.append(replace(pencil, letters=renamed))
    return found


# minimizing and presenting ------------------------------------------------------------------------------------------


def unminimized(expr: Expr) -> Monic:
    """A realization about zero as the algebra makes it, nothing minimized."""

    def combine(node: Expr, parts: tuple[Monic, ...]) -> Monic:
        match node:
            case Atom() | SquareRoot():
                return algebra.from_letter(letter(node), ZERO)
            case ScalarMatrix(value=value, rows=dim):
                return algebra.constant(value, dim)
            case Scaled(coefficient=c):
                return algebra.scale(c, parts[0])
            case Sum():
                return algebra.add(parts)
            case Product() | Power():
                factors = parts if isinstance(node, Product) else parts * node.exponent
                total = factors[0]
                for part in factors[1:]:
                    total = algebra.multiply(total, part)
                return total
            case Inverse():
                value = algebra.dot(parts[0].u, parts[0].v)
                if value.is_zero:
                    raise ZeroDivisionError(f"{node} is singular at zero")
                return algebra.inverse(parts[0], value)
        return algebra.transpose(parts[0], {"Transpose": "T", "Adjoint": "H"}.get(type(node).__name__, "conj"))

    return fold(expr, combine)


def is_regular(expr: Expr) -> bool:
    """Whether all inverses exist at zero, as this realization needs."""
    try:
        unminimized(expr)
    except ZeroDivisionError:
        return False
    return True


REGULAR = {name: a for name, a in ARGUMENTS.items() if is_regular(normalize(a))}
regular = pytest.mark.parametrize("argument", REGULAR.values(), ids=REGULAR.keys())


def value_of(a: Monic, model: PrimeModel) -> Any:
    """``u (I - sum A_x x)^-1 v`` in a model, block by block; None for zero."""
    sizes = [model.size(dim) for dim in a.dims]
    starts = [sum(sizes[:i]) for i in range(len(sizes) + 1)]
    rows, cols, total = model.size(a.rows), model.size(a.cols), starts[-1]
    pencil, left, right = (
        flint.nmod_mat(r, c, 2**61 - 302743) for r, c in ((total, total), (rows, total), (total, cols))
    )
    for i in range(total):
        pencil[i, i] = 1
    for x, matrix in a.letters.items():
        block = evaluate(x.expression, model).value
        for (i, j), c in matrix.items():
            for r in range(block.nrows()):
                for s in range(block.ncols()):
                    pencil[starts[i] + r, starts[j] + s] -= model.scalar(c) * block[r, s]
    for i, c in a.u.items():
        for r in range(rows):
            left[r, starts[i] + r] = model.scalar(c)
    for i, c in a.v.items():
        for r in range(cols):
            right[starts[i] + r, r] = model.scalar(c)
    return left * pencil.inv() * right


@regular
def test_minimal_realizations_have_the_value_of_what_they_come_from(argument: Expr) -> None:
    start = unminimized(normalize(argument))
    small = minimize(start)
    assert len(small.dims) <= len(start.dims) and len(minimize(small).dims) == len(small.dims)

    def values(model: PrimeModel) -> tuple[Any, Any, Any]:
        return evaluate(argument, model).value, value_of(start, model), value_of(small, model)

    for seed in (1, 2, 3):
        expected, found, minimal = try_models(values, seed=seed)
        assert expected == found == minimal
    assert is_correct(affine(small, {}), argument) and is_correct(affine(start, {}), argument)


@regular
def test_a_changed_minimal_realization_is_refused(argument: Expr) -> None:
    small = minimize(unminimized(normalize(argument)))
    for x, matrix in small.letters.items():
        last = max(matrix)
        letters: Mapping[Letter, Any] = {**small.letters, x: {**matrix, last: 2 * matrix[last]}}
        assert not is_correct(affine(replace(small, letters=letters), {}), argument, substitutions=1)


def test_most_arguments_are_regular() -> None:
    assert len(REGULAR) > len(ARGUMENTS) / 2


def test_an_unnecessary_state_is_removed() -> None:
    doubled = algebra.add((unminimized(X.T @ X), unminimized(X.T @ X)))
    assert len(minimize(doubled).dims) < len(doubled.dims)


# absorbing ----------------------------------------------------------------------------------------------------------

ABSORBED: dict[str, Expr] = {
    "right": A.T @ X.T @ X @ A @ A.T @ X.T @ X @ A @ M,
    "right, rectangular": R @ X.T @ X @ R.T @ R @ X.T @ K @ X @ R.T,
    "left": X.T @ F @ F.T @ X @ B @ X.T @ F @ F.T @ X,
    "covariances and neighbours": A.T @ Xs.T @ F @ F.T @ Xs @ A @ A.T @ Xs.T @ F @ F.T @ Xs @ A @ B,
    "complex": B.H @ C.H @ C @ B @ B.H @ C.H @ Hn @ C @ B @ M,
    "complex, transposed": B.T @ C.T @ conj(C) @ conj(B) @ B.T @ C.T @ Hn @ conj(C) @ conj(B) @ M,
    "complex covariances": B.H @ Cs.H @ F @ F.T @ Cs @ B @ H,
    "complex, adjoint neighbour": B @ C.H @ K @ C @ B.H @ M,
    "symmetric neighbour": M @ X.T @ K @ X @ M @ A,
}


@pytest.mark.parametrize("expr", ABSORBED.values(), ids=ABSORBED.keys())
def test_absorbed_neighbours_leave_exact_moments(expr: Expr) -> None:
    """Not only in the limit: the moments at finite size are equal for all matrices."""
    (image,) = absorb_neighbours([normalize(expr)])
    assert image != normalize(expr)
    assert decide(wick_moment(tau(expr)), wick_moment(tau(image))).verdict is Verdict.EQUAL


@pytest.mark.parametrize("name", ["right", "complex", "complex, transposed", "covariances and neighbours"])
def test_a_transposed_covariance_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right = absorb_module._congruence

    def wrong(a: Letter, middle: Expr | None) -> Expr:
        return right(conjugate_letter(a, "T") if a.rows == a.cols else a, middle)

    monkeypatch.setattr(absorb_module, "_congruence", wrong)
    (image,) = absorb_neighbours([normalize(ABSORBED[name])])
    assert decide(wick_moment(tau(ABSORBED[name])), wick_moment(tau(image))).verdict is Verdict.DIFFERENT
