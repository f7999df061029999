"""Problems with certified values that mpmath computes from textbook formulas, which share no code with the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
from mpmath import mpc, mpf

import fpt_calc as fc
from fpt_calc.expr import Expr
from fpt_calc.point import Dense, Eigenvalues, Point, PowerLaw
from fpt_calc.scalars import Scalar

n, d, m = fc.dims("n d m")
lam, mu = fc.scalars("lam mu", "positive")
(p1,) = fc.scalars("p1", "fraction")
(z,) = fc.scalars("z", "complex")
(x,) = fc.scalars("x", "real")
Sigma, Theta = fc.matrix("Sigma", d, d, "psd"), fc.matrix("Theta", d, d, "symmetric")
S1, S2 = fc.matrix("S1", d, d, "psd"), fc.matrix("S2", d, d, "psd")
Z = fc.gaussian("Z", n, d, variance=1 / n)
X = fc.gaussian("X", n, d, variance=1 / n, covariance=Sigma)
W = fc.wigner("W", d, variance=1 / d)
C = fc.gaussian("C", d, d, variance=1 / d, field="complex")
R: Expr = fc.inv(X.T @ X + lam)
MANY = 300  # digits of the reference values


# independent values ----------------------------------------------------------------------------------------------


def marchenko_pastur(shape: Any, ridge: Any) -> Any:
    """``tau(inv(Z.T @ Z + lam))`` with d/n = shape."""
    b = 1 - shape + ridge
    return (mpmath.sqrt(b**2 + 4 * shape * ridge) - b) / (2 * shape * ridge)


def semicircle(at: Any) -> Any:
    """``tau(inv(W - z))``: the root of ``m**2 + z*m + 1`` that decays."""
    return (-at + mpmath.sqrt(at - 2) * mpmath.sqrt(at + 2)) / 2


def powers(count: int) -> list[Any]:
    return [mpf(k) ** (-mpf(3) / 2) for k in range(1, count + 1)]


def kappa_of(spectrum: list[Any], rows: Any, ridge: Any) -> Any:
    def gap(kappa: Any) -> Any:
        return kappa - ridge - kappa * mpmath.fsum(s / (s + kappa) for s in spectrum) / rows

    return mpmath.findroot(gap, (ridge, ridge + mpmath.fsum(spectrum) / rows), solver="anderson", maxsteps=400)


def mean_of_resolvent(spectrum: list[Any], rows: Any, ridge: Any) -> Any:
    kappa = kappa_of(spectrum, rows, ridge)
    return kappa / ridge * mpmath.fsum(1 / (s + kappa) for s in spectrum) / len(spectrum)


def ridge_bias(spectrum: list[Any], rows: Any, ridge: Any) -> Any:
    kappa = kappa_of(spectrum, rows, ridge)
    df2 = mpmath.fsum((s / (s + kappa)) ** 2 for s in spectrum)
    return kappa**2 * mpmath.fsum(s / (s + kappa) ** 2 for s in spectrum) / (1 - df2 / rows)


def two_groups(first: list[Any], second: list[Any], shares: tuple[Any, Any], rows: Any, ridge: Any) -> Any:
    """``tau(inv(X1.T X1 + X2.T X2 + lam))``: a_i = 1/(1 + Tr(S_i R)/n), R = inv(p1 a1 S1 + p2 a2 S2 + lam)."""
    pairs = list(zip(first, second, strict=True))

    def resolvent(a: Any, b: Any) -> list[Any]:
        return [1 / (shares[0] * a * s + shares[1] * b * t + ridge) for s, t in pairs]

    def gap(a: Any, b: Any) -> tuple[Any, Any]:
        r = resolvent(a, b)
        return tuple(
            c * (1 + mpmath.fsum(s * y for s, y in zip(one, r, strict=True)) / rows) - 1
            for c, one in ((a, first), (b, second))
        )

    root = mpmath.findroot(gap, (mpf(1) / 2, mpf(1) / 2), tol=mpf(10) ** (10 - 2 * MANY), maxsteps=100)
    return mpmath.fsum(resolvent(root[0], root[1])) / len(pairs)


# problems with their values --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A target, a point, and its value as a function that uses mpmath alone."""

    target: Callable[[], Scalar]
    value: Callable[[], Any]
    dims: Mapping[str, int]
    scalars: Mapping[str, Any] = field(default_factory=dict)
    matrices: Mapping[str, Any] = field(default_factory=dict)

    @property
    def point(self) -> Point:
        return Point(self.dims, self.scalars, self.matrices)


def grouped() -> Scalar:
    first = fc.gaussian("X1", p1 * n, d, variance=1 / n, covariance=S1)
    second = fc.gaussian("X2", (1 - p1) * n, d, variance=1 / n, covariance=S2)
    return fc.tau(fc.inv(first.T @ first + second.T @ second + lam))


def product_of_wisharts() -> Scalar:
    """``inv(F.T F + lam)`` with F = V Z: random features."""
    V = fc.gaussian("V", m, n, variance=1 / m)
    return fc.tau(fc.inv(Z.T @ V.T @ V @ Z + lam))


def noise_inside() -> Scalar:
    """``e.T inv(Z Z.T + e e.T/n + lam) e/n``: a/(1 + a) with a = tau(inv(Z Z.T + lam))."""
    e = fc.gaussian("e", n, 1, variance=1)
    return fc.tau(e.T @ fc.inv(Z @ Z.T + e @ e.T / n + lam) @ e / n)


def mean_of_rows(shape: Any, ridge: Any) -> Any:
    """``tau(inv(Z @ Z.T + lam))``: the eigenvalues of Z.T @ Z, and zeros."""
    return shape * marchenko_pastur(shape, ridge) + (1 - shape) / ridge


def product_of_wisharts_value(ridge: Any) -> Any:
    """For square V and Z the moments are the Fuss-Catalan numbers, whose series has B = 1 + t B^3; here t = -1/lam."""
    series = mpmath.findroot(lambda b: ridge * (1 - b) - b**3, (mpf(0), mpf(1)), solver="anderson", maxsteps=400)
    return series / ridge


def dense_two_groups(matrices: list[Any], shares: tuple[Any, Any], rows: Any, ridge: Any) -> Any:
    """`two_groups` for matrices that do not commute."""
    first, second = (mpmath.matrix(a.tolist()) for a in matrices)

    def resolvent(a: Any, b: Any) -> Any:
        return mpmath.inverse(shares[0] * a * first + shares[1] * b * second + ridge * mpmath.eye(len(first)))

    def gap(a: Any, b: Any) -> tuple[Any, Any]:
        r = resolvent(a, b)
        return tuple(c * (1 + trace(s * r) / rows) - 1 for c, s in ((a, first), (b, second)))

    root = mpmath.findroot(gap, (mpf(1) / 2, mpf(1) / 2), tol=mpf(10) ** (10 - 2 * MANY), maxsteps=100)
    return trace(resolvent(root[0], root[1])) / len(first)


def trace(a: Any) -> Any:
    return mpmath.fsum(a[i, i] for i in range(len(a)))


THIRDS = {"d": 3, "n": 4}
POWERS = {"Sigma": PowerLaw(Fraction(3, 2))}
DENSE = [
    np.array([[2.0, 0.5, 0.0], [0.5, 1.0, -0.25], [0.0, -0.25, 0.5]]),
    np.array([[1.0, 0.0, 0.75], [0.0, 0.25, 0.125], [0.75, 0.125, 3.0]]),
]
FIRST, SECOND = (Fraction(2), Fraction(1, 2), Fraction(1, 3)), (Fraction(1), Fraction(3), Fraction(1, 7))


def exact(values: tuple[Fraction, ...]) -> list[Any]:
    return [mpf(v.numerator) / v.denominator for v in values]


CASES = {
    "Marchenko-Pastur": Case(
        lambda: fc.tau(fc.inv(Z.T @ Z + lam)),
        lambda: marchenko_pastur(mpf(2) / 3, mpf(1) / 7),
        {"n": 3000, "d": 2000},
        {"lam": Fraction(1, 7)},
    ),
    "near its edge": Case(
        lambda: fc.tau(fc.inv(Z.T @ Z + lam)),
        lambda: marchenko_pastur(mpf(1), mpf(10) ** -12),
        {"n": 50, "d": 50},
        {"lam": Fraction(1, 10**12)},
    ),
    "negative argument": Case(
        lambda: fc.tau(fc.inv(Z.T @ Z - z)),
        lambda: marchenko_pastur(mpf(1) / 4, mpc("-0.5", "-0.25")),
        {"n": 400, "d": 100},
        {"z": 0.5 + 0.25j},
    ),
    "semicircle outside": Case(
        lambda: fc.tau(fc.inv(W - x)), lambda: semicircle(mpf(3)), {"d": 10}, {"x": Fraction(3)}
    ),
    "semicircle near its edge": Case(
        lambda: fc.tau(fc.inv(W - x)),
        lambda: semicircle(2 + mpf(10) ** -9),
        {"d": 10},
        {"x": 2 + Fraction(1, 10**9)},
    ),
    "semicircle above its spectrum": Case(
        lambda: fc.tau(fc.inv(W - z)), lambda: semicircle(mpc("0.5", "0.25")), {"d": 10}, {"z": 0.5 + 0.25j}
    ),
    "circular law outside": Case(
        lambda: fc.tau(fc.inv(z - C)), lambda: 1 / mpc("1.5", "0.5"), {"d": 10}, {"z": 1.5 + 0.5j}
    ),
    "mean resolvent": Case(
        lambda: fc.tau(R), lambda: mean_of_resolvent(powers(30), 45, mpf(1) / 10), {"n": 45, "d": 30},
        {"lam": Fraction(1, 10)}, POWERS,
    ),
    "ridge bias": Case(
        lambda: lam**2 * fc.Tr(R @ R @ Sigma), lambda: ridge_bias(powers(30), 45, mpf(1) / 10), {"n": 45, "d": 30},
        {"lam": Fraction(1, 10)}, POWERS,
    ),
    "two groups": Case(
        grouped,
        lambda: two_groups(exact(FIRST), exact(SECOND), (mpf(1) / 4, mpf(3) / 4), mpf(4), mpf(1) / 5),
        THIRDS,
        {"lam": Fraction(1, 5), "p1": Fraction(1, 4)},
        {"S1": Eigenvalues(FIRST), "S2": Eigenvalues(SECOND)},
    ),
    "random features": Case(
        product_of_wisharts, lambda: product_of_wisharts_value(mpf(1) / 2), {"n": 5, "d": 5, "m": 5},
        {"lam": Fraction(1, 2)},
    ),
    "two resolvents": Case(
        lambda: fc.tau(R @ fc.inv(X.T @ X + mu)),
        lambda: mean_of_resolvent(powers(10), 15, mpf(1)) - mean_of_resolvent(powers(10), 15, mpf(2)),
        {"n": 15, "d": 10},
        {"lam": Fraction(1), "mu": Fraction(2)},
        POWERS,
    ),
    "noise of fixed dimension inside": Case(
        noise_inside,
        lambda: 1 - 1 / (1 + mean_of_rows(mpf(2) / 3, mpf(1) / 3)),
        {"n": 6, "d": 4},
        {"lam": Fraction(1, 3)},
    ),
    "dense matrices that do not commute": Case(
        grouped,
        lambda: dense_two_groups(DENSE, (mpf(1) / 4, mpf(3) / 4), mpf(4), mpf(1) / 5),
        THIRDS,
        {"lam": Fraction(1, 5), "p1": Fraction(1, 4)},
        {"S1": Dense(DENSE[0]), "S2": Dense(DENSE[1])},
    ),
}  # fmt: skip
