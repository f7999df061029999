"""The series oracle against known series and an enumeration of pairings; complex twins."""

from __future__ import annotations

import itertools
from math import comb
from typing import Any

import pytest

from fpt_calc.ensembles import Gaussian, Wigner, wishart
from fpt_calc.errors import ComputationError, InputError, ShapeError
from fpt_calc.expr import (
    Adjoint,
    Atom,
    EntrywiseConjugate,
    Expr,
    Inverse,
    Letter,
    Power,
    PrimeModel,
    Product,
    Scaled,
    Sum,
    Transpose,
    atoms,
    conjugate_letter,
    evaluate,
    fold,
    postorder,
    tau,
    try_models,
)
from fpt_calc.oracles import moment_series, target_series, twin, twin_expression
from fpt_calc.oracles.leaves import as_letter, push_operations
from fpt_calc.scalars import (
    ONE,
    Parameter,
    Scalar,
    dimension,
    generator_scalar,
    is_fixed,
    scalar,
    square_root,
)

n, d = dimension("n"), dimension("d")
lam, t = (generator_scalar(Parameter(name, "positive")) for name in ("lam", "t"))
inv = Inverse

A = Atom("A", d, d)
B = Atom("B", d, d, entries="complex")
S = Atom("S", d, d, facts=frozenset({"psd"}))
H = Atom("H", d, d, facts=frozenset({"psd"}), entries="complex")
K = Atom("K", n, n, facts=frozenset({"psd"}))
w = Atom("w", d, scalar(1))

Z = Atom("Z", d, d, law=Gaussian(ONE / d))
Zi = Atom("Zi", d, d, law=Gaussian(ONE / d, "complex"))
Zc = Atom("Zc", d, d, law=Gaussian(ONE / d, "complex", None, H))
X = Atom("X", n, d, law=Gaussian(ONE / n, "real", K, S))
G = Atom("G", n, d, law=Gaussian(ONE / n))
y = Atom("y", n, scalar(1), law=Gaussian(ONE / n))
V = Atom("V", d, d, law=Wigner(ONE / d))
W = Atom("W", d, d, law=Wigner(ONE / d))
U = Atom("U", d, d, law=Wigner(ONE / d, "complex"))

EXPRESSIONS = {
    "resolvent": inv(X.T @ X + lam),
    "bias": inv(X.T @ X + lam) @ A @ inv(X.T @ X + lam) @ S,
    "companion": X @ inv(X.T @ X + A) @ X.T,
    "commutator": inv(1 + 2 * (V @ W - W @ V) @ A),
    "nested": inv(2 + A @ inv(1 + W @ S) @ W + inv(S + V)),
    "power": (W + A @ V + 1) ** 4,
    "zeroth power": (W @ A) ** 0 @ A @ W @ W,
    "GUE and its transpose": inv(1 + U + U.T @ B @ W),
    "complex Gaussian": inv(1 + Zc @ B @ Zc.H + EntrywiseConjugate(Zc) @ B.T @ Zc.T),
    "adjoint": (inv(1j + Zc.T @ V @ B).H @ Zc.T).T @ B @ Zc.H,
    "mixed": inv(1 + (Z @ Zc @ B).H @ (Z @ Zc)),
    "fixed dimension": X.T @ X + X.T @ y @ y.T @ X + inv(lam + X.T @ y @ w.T),
    "quadratic form": w.T @ inv(X.T @ X + lam) @ A @ w,
    "vectors": y.T @ X @ X.T @ y + y.T @ y,
}
expressions = pytest.mark.parametrize("expr", EXPRESSIONS.values(), ids=EXPRESSIONS.keys())


def series(expr: Expr, order: int) -> list[int]:
    return [int(c) for c in try_models(lambda model: moment_series(expr, order, model))]


# known series ---------------------------------------------------------------------------------------------------


def test_semicircle_has_catalan_moments() -> None:
    catalan = [comb(2 * k, k) // (k + 1) for k in range(9)]
    for law in (W, U):
        assert series(inv(1 - law), 8) == catalan
        assert series(law**16, 8) == [0] * 8 + catalan[8:]
        assert series(law**15, 8) == [0] * 9


def test_marchenko_pastur_has_narayana_moments() -> None:
    model = PrimeModel(0)
    ratio = model.scalar(d / n)
    narayana = [sum(comb(k, r) * comb(k, r - 1) // k * ratio ** (r - 1) for r in range(1, k + 1)) for k in range(1, 9)]
    assert moment_series(inv(1 - G.T @ G), 8, model) == [1, *narayana]
    assert moment_series(inv(1 - wishart("V", d, n)), 8, model) == [1, *narayana]


def test_deterministic_matrices_are_free_from_random_ones() -> None:
    model = PrimeModel(1)
    two, four = tau(A) * tau(S), tau(A) ** 2 * tau(A @ S) + tau(A) * tau(A @ A) * tau(S)
    assert moment_series(W @ A @ W @ S, 2, model) == [0, model.scalar(two), 0]
    assert moment_series(W @ A @ W @ A @ W @ A @ W @ S, 2, model) == [0, 0, model.scalar(four)]
    assert moment_series(W @ A @ V @ S @ W @ A @ V @ S, 2, model) == [0, 0, 0]


def test_gue_and_its_transpose_are_free() -> None:
    doubled = [(-2) ** k * comb(2 * k, k) // (k + 1) for k in range(6)]
    model = PrimeModel(0)
    assert moment_series(inv(1 + (U + U.T) ** 2), 5, model) == [model.scalar(scalar(c)) for c in doubled]


@pytest.mark.parametrize(
    ("expr", "value"),
    [
        (Z @ Z.T, 1),
        (Z @ Z, 0),
        (Zi @ Zi.T, 0),
        (Zi @ Zi.H, 1),
        (EntrywiseConjugate(Zi) @ Zi.T, 1),
        (EntrywiseConjugate(Zi) @ Zi, 0),
        (U @ U, 1),
        (U @ U.T, 0),
        (U @ U.H, 1),
        (W @ W.T, 1),
        (EntrywiseConjugate(U) @ U.T, 1),
    ],
    ids=str,
)
def test_which_letters_pair(expr: Expr, value: int) -> None:
    assert series(expr, 1) == [0, value]


def test_scalars_of_traces_are_expanded() -> None:
    model = PrimeModel(0)
    resolvent, square = tau(inv(1 - W)), tau(W @ W)
    assert [int(c) for c in target_series(resolvent**2 - resolvent, 3, model)] == [0, 1, 3, 9]
    assert [int(c) for c in target_series(1 / (1 - square), 3, model)] == [1, 1, 1, 1]
    assert target_series(lam * d * square + tau(S), 1, model) == [model.scalar(tau(S)), model.scalar(lam * d)]
    assert target_series(square_root(lam), 1, model) == [model.scalar(square_root(lam)), 0]


# against an enumeration of words and pairings ---------------------------------------------------------------------

NaiveWord = tuple[tuple[Any, ...], tuple[Letter, ...]]  # M0 L1 M1 L2 ... Lk Mk, the M deterministic


class NaiveAlgebra:
    """Sums of words, listed one by one, of at most ``length`` random letters."""

    def __init__(self, model: PrimeModel, length: int) -> None:
        self.model, self.length = model, length

    def constant(self, matrix: Any) -> list[NaiveWord]:
        return [((matrix,), ())]

    def eye(self, dim: Scalar) -> Any:
        return self.model.multiple_of_identity(ONE, dim)

    def multiply(self, a: list[NaiveWord], b: list[NaiveWord]) -> list[NaiveWord]:
        return [
            ((*m[:-1], self.model.multiply(m[-1], k[0]), *k[1:]), x + z)
            for (m, x), (k, z) in itertools.product(a, b)
            if len(x) + len(z) <= self.length
        ]

    def inverse(self, a: list[NaiveWord]) -> list[NaiveWord]:
        start = [m[0] for m, x in a if not x]
        value = self.constant(self.model.inverse(self.total(start)))
        minus = [((self.model.scale(scalar(-1), m[0]), *m[1:]), x) for m, x in a if x]
        result = term = value
        while term:
            term = self.multiply(self.multiply(term, minus), value)
            result = result + term
        return result

    def total(self, matrices: list[Any]) -> Any:
        result = matrices[0]
        for matrix in matrices[1:]:
            result = self.model.add(result, matrix)
        return result

    def combine(self, node: Expr, parts: tuple[list[NaiveWord], ...]) -> list[NaiveWord]:
        match node:
            case Atom() if node.is_random:
                return [((self.eye(node.rows), self.eye(node.cols)), (Letter(node),))]
            case Sum():
                return [word for part in parts for word in part]
            case Product():
                return self.product(parts)
            case Power(exponent=k):
                return self.product((self.constant(self.eye(node.rows)), *parts * k))
            case Scaled(coefficient=c):
                return [((self.model.scale(c, m[0]), *m[1:]), x) for m, x in parts[0]]
            case Inverse():
                return self.inverse(parts[0])
            case Transpose():
                return self.transpose(parts[0])
            case EntrywiseConjugate():
                return self.conjugate(parts[0])
            case Adjoint():
                return self.transpose(self.conjugate(parts[0]))
        return self.constant(evaluate(node, self.model))

    def product(self, parts: tuple[list[NaiveWord], ...]) -> list[NaiveWord]:
        result = parts[0]
        for part in parts[1:]:
            result = self.multiply(result, part)
        return result

    def transpose(self, a: list[NaiveWord]) -> list[NaiveWord]:
        return [
            (tuple(map(self.model.transpose, m[::-1])), tuple(conjugate_letter(z, "T") for z in x[::-1])) for m, x in a
        ]

    def conjugate(self, a: list[NaiveWord]) -> list[NaiveWord]:
        return [(tuple(map(self.model.conjugate, m)), tuple(conjugate_letter(z, "conj") for z in x)) for m, x in a]


def naive_mean(word: NaiveWord, model: PrimeModel) -> Any:
    """The sum over the noncrossing pairings of one word, from the operator form of the laws; None is zero."""
    matrices, letters = (word[0], word[1])
    if not letters:
        return matrices[0].value
    total = None
    for j in range(1, len(letters), 2):
        first, partner = letters[0], letters[j]
        sandwich = first.atom.law.sandwich(first.operation, partner.operation) if first.atom == partner.atom else None
        if sandwich is None or is_fixed(first.cols):
            continue
        inside = naive_mean((matrices[1 : j + 1], letters[1:j]), model)
        after = naive_mean((matrices[j + 1 :], letters[j + 1 :]), model)
        if inside is None or after is None:
            continue
        if sandwich.inner is not None:
            inside = inside * evaluate(sandwich.inner, model).value
        if sandwich.outer is not None:
            after = evaluate(sandwich.outer, model).value * after
        weight = model.scalar(sandwich.variance * first.cols) * model.tau(inside)
        term = matrices[0].value * after * weight
        total = term if total is None else total + term
    return total


def naive_series(expr: Expr, order: int, model: PrimeModel) -> list[Any]:
    result = [model.scalar(scalar(0))] * (order + 1)
    for word in fold(expr, NaiveAlgebra(model, 2 * order).combine):
        mean = naive_mean(word, model)
        if mean is not None:
            result[len(word[1]) // 2] += model.tau(mean)
    return result


@expressions
def test_series_is_the_sum_over_listed_words_and_pairings(expr: Expr) -> None:
    def both(model: PrimeModel) -> tuple[list[Any], list[Any]]:
        return moment_series(expr, 2, model), naive_series(expr, 2, model)

    found, expected = try_models(both)
    assert found == expected
    assert any(found[1:])


def test_longer_words_agree_with_the_listing() -> None:
    for expr, order in ((inv(1 + W @ A + S @ V), 4), (inv(X.T @ X + lam), 5), (inv(S + Zc @ B @ Zc.H), 5)):
        found, expected = try_models(lambda m, e=expr, k=order: (moment_series(e, k, m), naive_series(e, k, m)))
        assert found == expected
        assert all(found[2::2])


# operations and twins ---------------------------------------------------------------------------------------------


@expressions
def test_pushed_operations_change_nothing(expr: Expr) -> None:
    for whole in (expr, expr.T, expr.H, EntrywiseConjugate(expr)):
        pushed = push_operations(whole)

        def both(model: PrimeModel, a: Expr = whole, b: Expr = pushed) -> tuple[Any, Any]:
            return evaluate(a, model), evaluate(b, model)

        assert_same(*try_models(both))
        assert not any(
            isinstance(node, Transpose | Adjoint | EntrywiseConjugate) and as_letter(node) is None
            for node in postorder(pushed)
        )


def assert_same(a: Any, b: Any) -> None:
    assert (a.value, a.conjugate) == (b.value, b.conjugate)


@expressions
def test_the_twin_has_the_same_series(expr: Expr) -> None:
    def both(model: PrimeModel) -> tuple[list[Any], list[Any]]:
        return moment_series(expr, 3, model), moment_series(twin_expression(expr), 3, model)

    original, twins = try_models(both)
    assert original == twins
    assert all(atom.entries == "complex" for atom in atoms(twin_expression(expr)) if atom.is_random)


def test_the_twin_of_mixed_letters() -> None:
    mixed = EntrywiseConjugate((W @ Z @ Zc @ B @ A).T)
    assert str(twin_expression(mixed)) == "A.T@B.H@Zc.H@Z.H@W"
    assert str(twin(2 * lam * tau(Z.T @ Z) + square_root(tau(Z.T @ Z)))) == "2*lam*tau(Z.H@Z) + sqrt(tau(Z.H@Z))"


# bad input ----------------------------------------------------------------------------------------------------------


def _expanded(target: Scalar, order: int = 1) -> Any:
    return lambda: try_models(lambda model: target_series(target, order, model))


@pytest.mark.parametrize(
    ("attempt", "error", "words"),
    [
        (_expanded(tau(W), -1), InputError, "negative"),
        (_expanded(tau(tau(W @ W) * W)), InputError, "random scalar"),
        (_expanded(square_root(tau(W @ W))), InputError, "no expansion"),
        (_expanded(tau(inv(G.T @ G))), ComputationError, "singular"),
        (_expanded(1 / tau(W @ W)), ComputationError, "singular"),
        (lambda: tau(G), ShapeError, "trace"),
    ],
)
def test_bad_input_is_named_in_one_line(attempt: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        attempt()
    assert "\n" not in str(caught.value)
