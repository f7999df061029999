"""Positive roots of ``sum c_i x**p_i`` with real exponents, all of them, by Rolle's theorem.

Divided by its lowest power such a sum has a derivative with one term less, whose roots separate its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import mpmath

from fpt_calc.errors import CannotDecideError

LARGEST = 1000  # of the logarithms of roots
DIGITS = 40

Terms = Sequence[tuple[mpmath.mpf, mpmath.mpf]]  # coefficient and exponent


def largest_root(terms: Terms) -> mpmath.mpf:
    """The largest positive root.

    Raises `CannotDecideError` if there is none, or two of them coincide to half of the digits.

    >>> mpmath.nstr(largest_root([(mpmath.mpf(c), mpmath.mpf(p)) for c, p in [(2, 0), (-3, 1), (1, 2)]]))
    '2.0'
    """
    with mpmath.workdps(DIGITS):
        found = _logarithms(terms)
        if not found:
            raise CannotDecideError(
                "no positive root of an equation of constants", remedy="change a prefactor a little"
            )
        return mpmath.exp(found[-1])


def _logarithms(terms: Terms) -> list[mpmath.mpf]:
    """The logarithms of all positive roots, in order."""
    if len(terms) == 1:
        return []
    lowest = min(p for _, p in terms)
    shifted = [(c, p - lowest) for c, p in terms]
    slope = [(c * p, p) for c, p in shifted if p]

    def value(s: mpmath.mpf) -> mpmath.mpf:
        return mpmath.fsum(c * mpmath.exp(p * s) for c, p in shifted)

    edges = [mpmath.mpf(-LARGEST), *_logarithms(slope), mpmath.mpf(LARGEST)]
    found = []
    for low, high in pairwise(edges):
        left, right = value(low), value(high)
        for s, v in ((low, left), (high, right)):
            size = mpmath.fsum(abs(c) * mpmath.exp(p * s) for c, p in shifted)
            if abs(v) < size * mpmath.mpf(10) ** (-DIGITS // 2):
                raise CannotDecideError("two roots of an equation of constants coincide", remedy="change a prefactor")
        if left * right < 0:
            found.append(_bisected(value, low, high))
    return found


def _bisected(value: Callable[[mpmath.mpf], mpmath.mpf], low: mpmath.mpf, high: mpmath.mpf) -> mpmath.mpf:
    """The root between two points at which the signs differ; values range over many orders, signs do not."""
    sign = mpmath.sign(value(high))
    while high - low > mpmath.mpf(10) ** (2 - DIGITS):
        middle = (low + high) / 2
        low, high = (low, middle) if mpmath.sign(value(middle)) == sign else (middle, high)
    return (low + high) / 2
