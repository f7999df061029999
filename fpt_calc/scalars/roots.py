"""Square roots of scalars, adjoined to the field."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import flint

from fpt_calc.scalars.field import IMAGINARY_UNIT, ONE, Generator, Scalar, canonical, generator_scalar, ring, scalar
from fpt_calc.scalars.generators import Dimension, Parameter


@dataclass(frozen=True)
class Root:
    """The adjoined square root of ``radicand``, which is not a square (`square_root` splits squares off)."""

    radicand: Scalar

    @cached_property
    def name(self) -> str:
        return f"sqrt({self.radicand})"

    @property
    def square(self) -> Scalar:
        return self.radicand

    @property
    def nonnegative(self) -> bool:
        return True

    def conjugate(self) -> Scalar:
        return generator_scalar(Root(self.radicand.conjugate()))


def square_root(value: Scalar) -> Scalar:
    """The principal square root: squares of nonnegative factors leave the root, the rest is adjoined.

    >>> square_root(scalar(12)), square_root(scalar(9) / 4)
    (2*sqrt(3), 3/2)
    """
    if value.is_zero:
        return value
    number = value.constant
    if number is not None and number < 0:
        return IMAGINARY_UNIT * square_root(-value)
    # sqrt(a/b) = sqrt(ab)/b for b > 0; a denominator of unknown sign stays under the root
    outside, inside = ONE, scalar(1)
    for factor, exponent in _factors(value):
        if _known_nonnegative(factor):
            outside = outside * factor ** (exponent // 2)
            outside = outside * generator_scalar(Root(factor)) if exponent % 2 else outside
        else:
            inside = inside * factor**exponent
    if inside == -1:
        return outside * IMAGINARY_UNIT
    return outside if inside == 1 else outside * generator_scalar(Root(inside))


def _factors(value: Scalar) -> list[tuple[Scalar, int]]:
    """Prime factorization of numerator and denominator, numbers included."""
    result: list[tuple[Scalar, int]] = []
    for polynomial, sign in ((value.num, 1), (value.den, -1)):
        if value.gens:
            content, factors = polynomial.factor()
            context = ring(value.gens)
            result += [(canonical(value.gens, p, context.constant(1)), sign * int(e)) for p, e in factors]
        else:
            content = polynomial
        result += [(scalar(p), sign * e) for p, e in _prime_factors(int(content))]
    return result


def _prime_factors(number: int) -> list[tuple[int, int]]:
    sign = [(-1, 1)] if number < 0 else []
    return sign + [(int(p), int(e)) for p, e in flint.fmpz(abs(number)).factor()]


def _known_nonnegative(value: Scalar) -> bool:
    number = value.constant
    if number is not None:
        return number >= 0
    return len(value.gens) == 1 and _nonnegative(value.gens[0]) and value == generator_scalar(value.gens[0])


def _nonnegative(generator: Generator) -> bool:
    return isinstance(generator, Parameter | Dimension | Root) and generator.nonnegative
