"""Normal forms of deterministic expressions, against exact random models and against numbers."""

from __future__ import annotations

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from fpt_calc.errors import ComputationError, InputError
from fpt_calc.expr import Atom, EntrywiseConjugate, Expr, Inverse, PrimeModel, Trace, evaluate, tau, try_models
from fpt_calc.scalars import ZERO, Parameter, Scalar, dimension, generator_scalar
from fpt_calc.spectral import combination, normal_scalar, without_last_letters, word_expression
from tests.expressions import DETERMINISTIC, expressions

n, d = dimension("n"), dimension("d")
kappa, mu, lam = (generator_scalar(Parameter(name, "positive")) for name in ("kappa", "mu", "lam"))
S, T = (Atom(name, d, d, facts=frozenset({"psd"})) for name in "ST")
A, B = Atom("A", d, d), Atom("B", d, d)
H = Atom("H", d, d, facts=frozenset({"hermitian"}), entries="complex")
C, w = Atom("C", n, d), Atom("w", d, dimension("d") / dimension("d"))
G, F = Inverse(S + kappa), Inverse(S + mu)


def same_in_models(left: Expr | Scalar, right: Expr | Scalar) -> bool:
    """Whether two sides have equal values in a random model modulo a prime."""

    def attempt(model: PrimeModel) -> bool:
        if isinstance(left, Scalar) and isinstance(right, Scalar):
            return bool(model.scalar(left) == model.scalar(right))
        assert isinstance(left, Expr) and isinstance(right, Expr)
        return bool(evaluate(left, model).value == evaluate(right, model).value)

    return try_models(attempt, seed=17)


EQUAL = {
    "partial fractions": (G @ S, 1 - kappa * G),
    "two poles": (G @ F, (G - F) / (mu - kappa)),
    "commuting functions": (S @ G @ F @ S, F @ S @ S @ G),
    "inverse of an inverse": (Inverse(1 + kappa * Inverse(S)), S @ G),
    "inverse of the inverse of a sum": (Inverse(Inverse(S + T)), S + T),
    "scaled resolvent": (Inverse(2 * S + 2 * kappa), G / 2),
    "product of inverses": (Inverse(S @ T), Inverse(T) @ Inverse(S)),
    "power": ((S @ G) ** 2, 1 - 2 * kappa * G + kappa**2 * G @ G),
    "order of a sum": (Inverse(S + lam + T), Inverse(T + S + lam)),
    "transposed sum": (Inverse(A + B.T).T, Inverse(A.T + B)),
    "conjugate of a hermitian": (EntrywiseConjugate(H), H.T),
}


@pytest.mark.parametrize(("left", "right"), EQUAL.values(), ids=EQUAL.keys())
def test_equal_expressions_have_one_normal_form(left: Expr, right: Expr) -> None:
    assert same_in_models(left, right)
    assert combination(left) == combination(right)


TRACES = {
    "rotation": (tau(A @ B @ G), tau(G @ A @ B)),
    "transposition": (tau(A @ G @ B), tau(B.T @ G @ A.T)),
    "ends of one base": (tau(G @ A @ S), tau(A) - kappa * tau(A @ G)),
    "bilinear form": (tau(w.T @ G @ w), d * tau(w @ w.T @ G)),
    "other dimension": (n * tau(C @ G @ C.T), d * tau(C.T @ C @ G)),
}


@pytest.mark.parametrize(("left", "right"), TRACES.values(), ids=TRACES.keys())
def test_equal_traces_have_one_normal_form(left: Scalar, right: Scalar) -> None:
    assert normal_scalar(left) == normal_scalar(right)


def test_different_words_stay_different() -> None:
    for left, right in [(tau(A @ B @ S), tau(B @ A @ S)), (tau(A @ G), tau(A @ F)), (tau(S @ T), tau(S) * tau(T))]:
        assert normal_scalar(left) != normal_scalar(right)
        assert not same_in_models(left, right)


@settings(max_examples=60, deadline=None)
@given(expressions(atoms=DETERMINISTIC, rows=d, cols=d, size=7, traces=False))
def test_the_normal_form_has_the_value_of_the_expression(expr: Expr) -> None:
    try:
        parts = combination(expr)
    except InputError:  # zero inverted, or a root that has no value
        reject()

    def attempt(model: PrimeModel) -> bool:
        total = evaluate(expr, model).value
        for word, c in parts.items():
            total = total - evaluate(word_expression(word, d), model).value * model.scalar(c)
        return all(int(x) == 0 for x in total.entries())

    try:
        equal = try_models(attempt, seed=5, tries=8)
    except ComputationError:  # singular in every model
        reject()
    assert equal


@settings(max_examples=40, deadline=None)
@given(expressions(atoms=(S, T, A, B), rows=d, cols=d, size=6, traces=False), st.booleans())
def test_normal_traces_are_stable(expr: Expr, transpose: bool) -> None:
    try:
        value = normal_scalar(tau(expr.T if transpose else expr))
    except InputError:
        reject()
    assert normal_scalar(value) == value


def test_a_matrix_beside_the_inverse_of_its_sum_is_eliminated() -> None:
    K = Inverse(lam + kappa * S + mu * T)
    identity = lam * tau(K) + kappa * tau(S @ K) + mu * tau(T @ K) - 1
    assert same_in_models(identity, ZERO)
    assert without_last_letters(normal_scalar(identity)).is_zero
    longer = lam * tau(A @ K @ K) + kappa * tau(A @ K @ S @ K) + mu * tau(A @ K @ T @ K) - tau(A @ K)
    assert without_last_letters(normal_scalar(longer)).is_zero
    wrong = identity + tau(K)
    assert not without_last_letters(normal_scalar(wrong)).is_zero
    assert all(isinstance(g, Trace | Parameter) for g in wrong.gens)


def test_the_inverse_of_zero_is_refused() -> None:
    with pytest.raises(InputError, match="zero"):
        normal_scalar(tau(Inverse(S - S)))
