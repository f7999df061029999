"""Evaluate scalars in any ring: floats, fractions, residues modulo a prime, balls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from fpt_calc.scalars.field import Generator, Scalar
from fpt_calc.scalars.generators import without_conjugate
from fpt_calc.scalars.roots import Root

T = TypeVar("T")


def evaluate_scalar(value: Scalar, generator: Callable[[Generator], T], number: Callable[[int], T]) -> T:
    """The value of ``value`` where every generator is mapped by ``generator`` and every integer by ``number``.

    The target needs ``+ * / **`` only.  Division by a zero of the target raises what the target raises.

    >>> from fractions import Fraction
    >>> from fpt_calc.scalars import dimension
    >>> n = dimension("n")
    >>> evaluate_scalar((n + 1) / n, lambda g: Fraction(4), Fraction)
    Fraction(5, 4)
    """
    if not value.gens:
        num, den = number(int(value.num)), int(value.den)
        return num if den == 1 else num / number(den)  # type: ignore[operator]  # T is any ring
    points = [generator(g) for g in value.gens]
    numerator: T = _polynomial(value.num, points, number)
    if value.den == 1:
        return numerator
    denominator = _polynomial(value.den, points, number)
    result: T = numerator / denominator
    return result


def _polynomial(polynomial: Any, points: list[Any], number: Callable[[int], Any]) -> Any:
    total = number(0)
    for exponents, coefficient in polynomial.to_dict().items():
        term = number(int(coefficient))
        for point, exponent in zip(points, exponents, strict=True):
            if exponent:
                term = term * point ** int(exponent)
        total = total + term
    return total


def generators_of(value: Scalar) -> frozenset[Generator]:
    """The free generators of a scalar: those under its square roots included, the roots themselves not."""
    found: set[Generator] = set()
    for g in value.gens:
        bare = without_conjugate(g)
        found |= generators_of(bare.radicand) if isinstance(bare, Root) else {g}
    return frozenset(found)
