"""Truncated Puiseux series in one small quantity, with exact scalars as coefficients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from fpt_calc.errors import CannotDecideError
from fpt_calc.scalars import ONE, ZERO, Scalar, scalar

MAX_TERMS = 1500  # of a coefficient


class PrecisionError(Exception):
    """The terms that are known do not decide what was asked: expand further."""


@dataclass(frozen=True)
class Series:
    """``sum of terms[e] * eps**e + O(eps**bound)``.

    Attributes
    ----------
    terms : nonzero coefficients by exponent.
    bound : where the unknown begins; None for a finite sum that is exact.
    depth : how many powers of eps behind the leading one are kept.
    """

    terms: Mapping[Fraction, Scalar]
    bound: Fraction | None
    depth: Fraction

    @property
    def valuation(self) -> Fraction | None:
        """The leading exponent; None for an exact zero.

        Raises `PrecisionError` if nothing is known but a bound.
        """
        if self.terms:
            return min(self.terms)
        if self.bound is None:
            return None
        raise PrecisionError

    @property
    def floor(self) -> Fraction | None:
        """An exponent below which there is certainly nothing; None for an exact zero."""
        return min(self.terms) if self.terms else self.bound

    @property
    def leading(self) -> Scalar:
        """The leading coefficient; raises `PrecisionError` where it is not known."""
        valuation = self.valuation
        return ZERO if valuation is None else self.terms[valuation]

    def __add__(self, other: Series) -> Series:
        terms = dict(self.terms)
        for e, c in other.terms.items():
            terms[e] = terms[e] + c if e in terms else c
        return series(terms, least(self.bound, other.bound), self.depth)

    def __mul__(self, other: Series) -> Series:
        a, b = self.floor, other.floor
        if a is None or b is None:
            return series({}, None, self.depth)
        bound = least(None if other.bound is None else a + other.bound, None if self.bound is None else b + self.bound)
        terms: dict[Fraction, Scalar] = {}
        for e, c in self.terms.items():
            for f, k in other.terms.items():
                if bound is None or e + f < bound:
                    terms[e + f] = terms[e + f] + c * k if e + f in terms else c * k
        return series(terms, bound, self.depth)

    def __truediv__(self, other: Series) -> Series:
        return self * other.inverse()

    def __pow__(self, exponent: int) -> Series:
        base = self if exponent >= 0 else self.inverse()
        result = constant(ONE, self.depth)
        for _ in range(abs(exponent)):
            result = result * base
        return result

    def inverse(self) -> Series:
        """By the geometric series; raises `PrecisionError` where the leading term is not known."""
        valuation = self.valuation
        if valuation is None:
            raise ZeroDivisionError
        first = 1 / self.terms[valuation]
        scale = monomial(first, -valuation, self.depth)
        rest = monomial(scalar(-1), Fraction(0), self.depth) * (self * scale + constant(scalar(-1), self.depth))
        total = power = constant(ONE, self.depth)
        while rest.floor is not None and power.terms:
            power = power * rest
            if power.floor is not None and power.floor >= self.depth:
                total = total + series({}, power.floor, self.depth)
                break
            total = total + power
        return total * scale


def series(terms: Mapping[Fraction, Scalar], bound: Fraction | None, depth: Fraction) -> Series:
    """A series without zero coefficients and without terms beyond its bound or its depth."""
    kept = {e: c for e, c in terms.items() if not c.is_zero and (bound is None or e < bound)}
    if any(c.gens and max(len(c.num), len(c.den)) > MAX_TERMS for c in kept.values()):
        raise CannotDecideError("a coefficient of an expansion is too long", remedy="evaluate the law near the limit")
    if kept:
        end = min(kept) + depth
        if any(e >= end for e in kept):
            kept = {e: c for e, c in kept.items() if e < end}
            bound = least(bound, end)
    return Series(kept, bound, depth)


def constant(value: Scalar, depth: Fraction) -> Series:
    """A scalar as a series."""
    return monomial(value, Fraction(0), depth)


def monomial(value: Scalar, exponent: Fraction, depth: Fraction) -> Series:
    """``value * eps**exponent``."""
    return series({exponent: value}, None, depth)


def least(a: Fraction | None, b: Fraction | None) -> Fraction | None:
    """The smaller of two bounds, of which None is no bound."""
    if a is None or b is None:
        return b if a is None else a
    return min(a, b)
