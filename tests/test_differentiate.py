"""The formal derivative against difference quotients in exact numbers."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
import sympy
from hypothesis import HealthCheck, assume, given, settings

from fpt_calc.ensembles import Gaussian
from fpt_calc.errors import InputError
from fpt_calc.expr import Atom, EntrywiseConjugate, Expr, Inverse, UnluckyModelError, differentiate, tau, to_sympy
from fpt_calc.identities.exact import ExactModel, values
from fpt_calc.identities.sizes import Sizes, contents
from fpt_calc.scalars import (
    IMAGINARY_UNIT,
    ONE,
    Parameter,
    Scalar,
    evaluate_scalar,
    generator_scalar,
    scalar,
    square_root,
)
from tests.expressions import A, B, Q, S, W, X, Z, d, expressions, known, lam, n, p, r, z

law = settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
STEP = Fraction(1, 10**6)
SIZES: Sizes = {n.gens[0]: Fraction(3), d.gens[0]: Fraction(2)}
R = Inverse(X.T @ X + lam)

TABLE: dict[str, tuple[Any, Scalar]] = {
    "resolvent": (R, lam),
    "chain": (Inverse(lam**2 * A + 1 / lam), lam),
    "product": (lam * A @ R @ (A + lam), lam),
    "powers": ((A + lam * B) ** 5 + R**0, lam),
    "transposes": ((R @ A).T @ EntrywiseConjugate(lam * B), lam),
    "adjoint, complex": ((z * B).H @ (B + z), z),
    "conjugates, complex": (EntrywiseConjugate(Inverse(B + z.conjugate())) @ (z.conjugate() * A).T, z),
    "trace": (tau(R @ S) ** 2 / (lam + tau(R)), lam),
    "conjugate trace": (tau(Inverse(Z.H @ Z + z)).conjugate() * z, z),
    "root": (square_root(lam) * A + square_root(1 + lam * tau(S)) * Q, lam),
    "rational": ((r + 1) / (r**2 + n), r),
    "rectangular": (lam * X, lam),
    "nested trace": (tau(tau(R) * R), lam),
    "constant": (X, lam),
}


def check_derivative(value: Expr | Scalar, parameter: Scalar) -> None:
    """The central difference quotient in exact numbers, its error being of the order of the step squared."""
    slope = differentiate(value, parameter)
    shifts = [scalar(STEP)] if parameter.conjugate() == parameter else [scalar(STEP), STEP * IMAGINARY_UNIT]
    quotients = []
    for shift in shifts:
        ahead, behind = (_values(value, value, parameter, sign * shift) for sign in (1, -1))
        quotients.append([(a - b) / (2 * STEP) for a, b in zip(ahead, behind, strict=True)])
    if len(shifts) == 2:  # Wirtinger's derivative
        quotients = [[(a - 1j * b) / 2 for a, b in zip(*quotients, strict=True)]]
    for found, stated in zip(quotients[0], _values(slope, value, parameter, scalar(0)), strict=True):
        assert abs(found - stated) <= 1e-6 * (1 + abs(stated)), (value, slope)


def _values(what: Expr | Scalar, whole: Expr | Scalar, parameter: Scalar, shift: Scalar) -> list[Any]:
    """The entries in the model of ``whole`` with the parameter shifted."""
    import mpmath

    model = ExactModel(5, SIZES, contents(whole, parameter * tau(A)))
    model.scalars[parameter.gens[0]] = model.scalars[parameter.gens[0]] + shift
    with mpmath.workdps(40):
        return [_number(x, mpmath) for row in values(what, model) for x in row]


def _number(value: Scalar, mp: Any) -> Any:
    def generator(g: Any) -> Any:
        root = mp.sqrt(_number(g.square, mp))
        return mp.conj(root) if hasattr(g, "of") else root

    return evaluate_scalar(value, generator, mp.mpf)


@pytest.mark.parametrize(("value", "parameter"), TABLE.values(), ids=TABLE.keys())
def test_derivatives_are_difference_quotients(value: Any, parameter: Scalar) -> None:
    check_derivative(value, parameter)
    assert getattr(differentiate(value, parameter), "shape", None) == getattr(value, "shape", None)


@law
@given(value=expressions(size=5))
def test_derivatives_of_random_expressions(value: Expr) -> None:
    for parameter in (lam, z):
        try:
            check_derivative(value, parameter)
        except UnluckyModelError:
            assume(False)


def test_scalars_against_sympy() -> None:
    value = (lam**3 + r) / (lam - n) + square_root(lam) * r
    by_hand = sympy.diff(to_sympy(value), to_sympy(lam))
    assert sympy.simplify(by_hand - to_sympy(differentiate(value, lam))) == 0


def test_readable_results() -> None:
    assert str(differentiate(Inverse(A + lam), lam)) == "-inv(A + lam)@inv(A + lam)"
    assert str(differentiate(lam * A, lam)) == "A"
    assert str(differentiate(A, lam)) == "0*eye(d)"
    assert differentiate(tau(R), Parameter("lam", "positive")) == -tau(Inverse(X.T @ X + lam) @ Inverse(X.T @ X + lam))
    assert differentiate(scalar(3), lam) == 0 and differentiate(lam, lam) == ONE


BAD: dict[str, Callable[[], object]] = {
    "a dimension": lambda: differentiate(A, n),
    "an expression": lambda: differentiate(A, lam + 1),
    "a number": lambda: differentiate(A, scalar(1)),
    "a law": lambda: differentiate(Atom("G", n, d, law=Gaussian(lam)), lam),
    "a covariance": lambda: differentiate(Atom("G", n, d, law=Gaussian(ONE, "real", None, lam * S)), lam),
    "a shape": lambda: differentiate(known("K", p * n, d), p),
    "no expression": lambda: differentiate("A", lam),  # type: ignore[type-var]
}


@pytest.mark.parametrize("call", BAD.values(), ids=BAD.keys())
def test_what_cannot_be_differentiated(call: Callable[[], object]) -> None:
    with pytest.raises(InputError):
        call()


def test_deep_sharing_costs_nodes_not_paths() -> None:
    value: Expr = W + lam
    for _ in range(300):
        value = value @ value
    differentiate(value, lam)


def test_the_derivative_of_a_parameter_under_a_conjugate() -> None:
    c = generator_scalar(Parameter("c", "complex"))
    assert differentiate(c * c.conjugate(), c) == c.conjugate()
