"""The tails of Student's t, Fisher's F and chi squared, by incomplete beta and gamma functions."""

from __future__ import annotations

import math
from functools import cache

from flint import arb

LEVEL = 0.95  # of every interval that is reported


def student_two_sided(t: float, freedom: int) -> float:
    """P(|T| > t) for Student's t.

    >>> round(student_two_sided(12.7062, 1), 5)
    0.05
    """
    return fisher_tail(t * t, 1, freedom)


def fisher_tail(f: float, numerator: int, denominator: int) -> float:
    """P(F > f): the regularized incomplete beta function at d2/(d2 + d1 f), or one minus it at d1 f/(d2 + d1 f).

    The argument that is below one half is taken: balls about one would reach beyond it.
    """
    if not math.isfinite(f):
        return 0.0
    a, b, x = arb(numerator) / 2, arb(denominator) / 2, numerator * arb(max(f, 0.0))
    if x < denominator:
        return 1 - float((x / (denominator + x)).beta_lower(a, b, regularized=True))
    return float((denominator / (denominator + x)).beta_lower(b, a, regularized=True))


def chi_square_tail(x: float, freedom: int) -> float:
    """P(chi^2 > x).

    >>> round(chi_square_tail(3.841459, 1), 5)
    0.05
    """
    if not math.isfinite(x):
        return 0.0
    return float((arb(max(x, 0.0)) / 2).gamma_upper(arb(freedom) / 2, regularized=True))


@cache
def student_quantile(freedom: int) -> float:
    """The t with P(|T| <= t) = `LEVEL`, by bisection: the tail falls."""
    low, high = 1.0, 64.0
    while high - low > 1e-9 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if student_two_sided(middle, freedom) > 1 - LEVEL else (low, middle)
    return high


@cache
def normal_quantile() -> float:
    """The z with P(|Z| <= z) = `LEVEL`."""
    low, high = 1.0, 4.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (middle, high) if chi_square_tail(middle * middle, 1) > 1 - LEVEL else (low, middle)
    return high
