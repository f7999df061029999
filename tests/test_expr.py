"""Expressions: shapes and their errors, equality and deep shared DAGs, traversal, substitution."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fpt_calc.ensembles import Gaussian
from fpt_calc.errors import InputError, ShapeError
from fpt_calc.expr import (
    Atom,
    Expr,
    Inverse,
    Power,
    PrimeModel,
    Product,
    ScalarMatrix,
    Scaled,
    SquareRoot,
    Sum,
    Tr,
    Trace,
    Transpose,
    as_expr,
    atoms,
    constituents,
    evaluate,
    generators_within,
    identity,
    is_deterministic,
    is_real,
    map_scalars,
    map_traces,
    postorder,
    rebuild,
    replace_atoms,
    replace_nodes,
    tau,
    traces_of,
    try_models,
)
from fpt_calc.scalars import (
    IMAGINARY_UNIT,
    ONE,
    Dimension,
    Parameter,
    Scalar,
    dimension,
    generator_scalar,
    scalar,
    square_root,
    substitute,
)
from tests.expressions import COEFFICIENTS, A, B, M, S, W, X, d, expressions, known, lam, n, r, w

law = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


# shapes and operators -----------------------------------------------------------------------------------------------


def test_operators_build_nodes_and_simplify_nothing() -> None:
    assert Product((Transpose(X), X)) == X.T @ X
    assert Sum((A, A)) == A + A
    assert Sum((A, Scaled(-ONE, B))) == A - B
    assert Scaled(ONE / 4, Scaled(scalar(2), A)) == 2 * A / 4
    assert Power(Inverse(A), 2) == A**-2
    assert Power(A, 0) == A**0
    assert Scaled(-ONE, A) == -A
    assert (X @ A).shape == (n, d)
    assert X.T.shape == X.H.shape == (d, n)
    assert w.T.shape == (1, d)


def test_a_number_added_to_a_square_matrix_is_a_multiple_of_the_identity() -> None:
    eye = ScalarMatrix(lam, d)
    assert A + lam == Sum((A, eye))
    assert lam + A == Sum((eye, A))
    assert Sum((identity(d), -A)) == 1 - A
    assert Sum((A, -identity(d))) == A - 1
    assert np.float64(0.5) + A == Sum((ScalarMatrix(ONE / 2, d), A))
    assert (w.T @ w + 1).shape == (1, 1)


LONG = Sum((A,) * 150)
ERRORS: dict[str, tuple[Callable[[], object], str]] = {
    "product": (lambda: X @ A.T @ X, "(X@A.T) @ (X): shapes n x d and n x d do not multiply; transpose one of them"),
    "sum": (lambda: A + X.T @ X + X, "(A + X.T@X) + (X): shapes d x d and n x d do not add; transpose one of them"),
    "number": (
        lambda: X + 1,
        "(X) + 1: the number 1 added to a matrix of shape n x d; a number can be added to a square",
    ),
    "number before": (lambda: lam - w, "(w) + lam: the number lam added to a matrix of shape d x 1; a number can"),
    "inverse": (lambda: Inverse(2 * X), "inv(2*X): the inverse of a matrix of shape n x d; only square"),
    "power": (lambda: (X @ A) ** 2, "(X@A)**2: a power of a matrix of shape n x d; only square matrices have powers"),
    "trace": (lambda: tau(X @ A), "tau(X@A): the trace of a matrix of shape n x d; only square matrices have a trace"),
    "Tr": (lambda: Tr(w), "tau(w): the trace of a matrix of shape d x 1; only square"),
    "star": (lambda: A * B, "(A) * (B): two matrices multiplied with *; use @ for the matrix product"),
    "division": (lambda: A / B, "(A) / (B): division by a matrix; use @ inv(...)"),
    "reciprocal": (lambda: 1 / A, "1 / (A): division by a matrix; use inv(...)"),
    "exponent": (lambda: A**0.5, "(A)**0.5: exponent 0.5 of a matrix is not an integer"),
    "zero": (lambda: A / 0, "division by a scalar that is identically zero; check the denominator"),
    "factor": (lambda: "2" * A, "'2' is not a scalar; give a number or a declared scalar"),
    "root of what is not psd": (
        lambda: SquareRoot(A),
        "sqrt(A): sqrt of something that is not a psd deterministic matrix",
    ),
    "root of random": (
        lambda: SquareRoot(W),
        "sqrt(W): sqrt of something that is not a psd deterministic matrix; decl",
    ),
    "root of a sum": (lambda: SquareRoot.of(S + S), "sqrt(S + S): sqrt of something that is not a psd determ"),
    "root of a number": (lambda: SquareRoot.of(4), "sqrt(4): sqrt of something that is not a psd determ"),
    "no expression": (lambda: as_expr(3, "let.x"), "let.x: 3 is not a matrix expression; build it from declared"),
    "facts": (lambda: known("Y", n, d, "psd"), "Y: a matrix of shape n x d cannot be psd; these facts need a square"),
    "unknown fact": (lambda: known("Y", d, d, "positive"), "Y: unknown fact 'positive'; use one of symmetric, herm"),
    "entries": (
        lambda: known("Y", d, d, entries="quaternion"),
        "Y: unknown field 'quaternion'; use 'real' or 'complex'",
    ),
    "identity": (lambda: known("Y", d, d, "orthogonal", "pd"), "a matrix that is both orthogonal and psd is the ident"),
    "shape": (lambda: known("Y", d, scalar(0)), "Y: dimension 0 is not a positive integer; give a positive integer"),
    "wigner": (lambda: Atom("Y", n, d, law=W.law), "Y: a Wigner matrix of shape n x d; Wigner matrices are square"),
    "fixed": (lambda: Atom("Y", ONE, ONE, law=X.law), "Y: a random matrix of fixed shape 1 x 1 has no deterministic"),
    "long": (lambda: LONG @ X, "(<a long sum>) @ (X): shapes d x d and n x d do not multiply"),
}


@pytest.mark.parametrize(("action", "message"), ERRORS.values(), ids=ERRORS.keys())
def test_errors_name_shapes_and_subexpressions_in_one_line(action: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError) as caught:
        action()
    text = str(caught.value)
    assert text.startswith(message)
    assert "\n" not in text
    assert len(text) < 250


def test_unsupported_operands_are_type_errors() -> None:
    actions: tuple[Callable[[], object], ...] = (lambda: A + "1", lambda: A @ 2, lambda: None - A)  # type: ignore[operator]
    for action in actions:
        with pytest.raises(TypeError):
            action()


# equality and depth -------------------------------------------------------------------------------------------------


def _squared(times: int) -> Expr:
    e: Expr = known("A", d, d)
    for _ in range(times):
        e = e @ e
    return e


def _summed(times: int) -> Expr:
    e: Expr = X
    for _ in range(times):
        e = e + X
    return e


@pytest.mark.parametrize("make", [lambda: _squared(60), lambda: _summed(5000)], ids=["squared", "summed"])
def test_deep_shared_expressions_are_cheap(make: Callable[[], Expr]) -> None:
    a, b = make(), make()  # a walk that did not share would take 2^60 steps and never end
    assert a == b
    assert hash(a) == hash(b)
    assert a != a.T
    assert a != b @ identity(b.cols)
    assert {a: 1}[b] == 1
    assert len(atoms(a)) == 1
    assert len(list(postorder(a))) in (61, 5001)
    assert is_real(a)
    assert is_deterministic(a) == (a.rows == d)
    renamed = replace_atoms(a, {x: Atom("Y", x.rows, x.cols) for x in atoms(a)})
    assert renamed != a
    assert map_scalars(a, lambda c: 2 * c) is a
    model = PrimeModel(1)
    assert evaluate(renamed, model) == evaluate(renamed, model)
    with pytest.raises(ShapeError, match="long"):
        a @ w.T


def test_different_deep_expressions_differ() -> None:
    assert _squared(60) != _squared(59)
    assert _summed(5000) != _summed(4999)
    e = B
    for _ in range(60):
        e = e @ e
    assert e != _squared(60)


def test_equality_looks_at_all_data() -> None:
    assert known("A", d, d, "symmetric") != A
    assert known("A", d, d, entries="complex") != A
    assert known("A", n, n) != A
    assert Atom("X", n, d, law=Gaussian(2 / n)) != X
    assert Atom("X", n, d, law=Gaussian(ONE / n)) == X
    assert known("Y", d, d, "psd") == known("Y", d, d, "psd", "symmetric")
    assert A + B != B + A
    assert Sum((A, A, A)) != (A + A) + A
    assert identity(n) != identity(d)
    assert A**2 != A**3
    assert 2 * A != 3 * A
    assert A.T != A.H
    assert A != "A"
    assert len({A, known("A", d, d), B}) == 2


def test_traversal() -> None:
    e = (X.T @ X + lam) @ A + B
    assert atoms(e) == (X, A, B)
    order = list(postorder(e))
    assert order[-1] is e
    assert all(order.index(child) < i for i, node in enumerate(order) for child in node.children)
    assert not is_deterministic(e)
    assert is_deterministic(A @ S)
    assert not is_real(A @ B)
    assert not is_real(IMAGINARY_UNIT * A)
    assert not is_real(A + square_root(r))
    assert is_real(A @ S + lam)


# substitution -------------------------------------------------------------------------------------------------------


def test_replacing_atoms_and_nodes() -> None:
    e = X.T @ X + lam * A
    assert replace_atoms(e, {A: B @ B}) == X.T @ X + lam * (B @ B)
    assert replace_atoms(e, {B: A}) is e
    assert replace_atoms(SquareRoot(S) @ S, {S: known("R", d, d, "pd")}) == SquareRoot(R := known("R", d, d, "pd")) @ R
    with pytest.raises(InputError, match="sqrt"):
        replace_atoms(SquareRoot(S), {S: A @ A})
    with pytest.raises(ShapeError):
        replace_atoms(e, {X: A @ X.T})
    shared = A @ B
    result = replace_atoms(shared + shared, {A: M})
    assert result.children[0] is result.children[1]
    assert replace_nodes(Inverse(A) @ B, lambda x: x.children[0] if isinstance(x, Inverse) else None) == A @ B


def test_mapping_scalars_and_traces() -> None:
    e = lam * A + lam
    assert map_scalars(e, lambda c: c * 2) == (2 * lam) * A + ScalarMatrix(2 * lam, d)
    x = 1 / (lam + tau(X.T @ X)) + square_root(tau(A @ S))
    assert set(traces_of(x)) == {Trace(X.T @ X), Trace(A @ S)}
    assert map_traces(x, lambda _: identity(d)) == 1 / (lam + 1) + 1
    assert map_traces(x, lambda a: a) == x
    assert substitute(x, {Trace(A @ S): scalar(4)}) == 1 / (lam + tau(X.T @ X)) + 2
    assert substitute(tau(A) * n, {Dimension("n"): 2 * d}) == 2 * d * tau(A)


@law
@given(expressions())
def test_rebuilding_gives_the_same(expr: Expr) -> None:
    copies: dict[int, Expr] = {}
    for node in postorder(expr):
        children = tuple(copies[id(c)] for c in node.children)
        assert rebuild(node, node.children) is node
        copies[id(node)] = rebuild(node, children) if node.children else node
    assert copies[id(expr)] == expr
    assert hash(copies[id(expr)]) == hash(expr)


@law
@given(expressions(), st.sampled_from(COEFFICIENTS[:3]), st.integers(1, 99))
def test_conjugation_commutes_with_traces(expr: Expr, c: Scalar, seed: int) -> None:
    assume(expr.rows == expr.cols)
    x = tau(c * expr)
    assert x.conjugate().conjugate() == x

    def agree(model: PrimeModel) -> bool:
        return bool(model.scalar(x.conjugate()) == model.tau(evaluate(c * expr, model).conjugate))

    try:
        assert try_models(agree, seed=seed, tries=20)
    except ArithmeticError:  # an inverse of what is singular
        assume(False)


def test_contents_are_found_in_shapes_laws_roots_and_nested_traces() -> None:
    deep, share, mu, z = (
        generator_scalar(Parameter(name, kind))
        for name, kind in (("deep", "real"), ("share", "fraction"), ("mu", "positive"), ("z", "complex"))
    )
    C = known("C", d, d, "psd")
    D = Atom("D", dimension("q"), dimension("q"))
    design = Atom("design", share * n, d, law=Gaussian(tau(D + deep) / n, covariance=C))
    value = square_root(1 + mu) * tau(z.conjugate() * (design.T @ design) + B)
    found = list(constituents([value]))
    assert len(found) == len(set(found))
    names = {part.name for part in found if not isinstance(part, Trace)}
    assert names == {"n", "d", "q", "deep", "share", "mu", "z", "C", "D", "design", "B"}
    values = {g.name for g in generators_within([value]) if not isinstance(g, Trace)}
    assert values == {"n", "deep", "mu", "z"}  # shapes are no values
