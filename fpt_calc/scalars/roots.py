"""Square roots of scalars, adjoined to the field."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import flint

from fpt_calc.errors import InputError
from fpt_calc.scalars.field import IMAGINARY_UNIT, ONE, Scalar, canonical, generator_scalar, ring, scalar
from fpt_calc.scalars.generators import Conjugate


@dataclass(frozen=True)
class Root:
    """The adjoined principal square root of ``radicand``, which is not a square; made by `square_root`."""

    radicand: Scalar

    @cached_property
    def name(self) -> str:
        return f"sqrt({self.radicand})"

    @property
    def square(self) -> Scalar:
        return self.radicand

    @cached_property
    def nonnegative(self) -> bool:
        """Whether the root is certainly real; for other radicands the principal branch is meant."""
        from fpt_calc.scalars.sign import is_nonnegative

        return is_nonnegative(self.radicand)

    def conjugate(self) -> Scalar:
        if self.nonnegative:
            return generator_scalar(self)
        mirrored = self.radicand.conjugate()
        if mirrored == self.radicand:  # real or imaginary, according to a sign that is not known
            return generator_scalar(Conjugate(self))
        return generator_scalar(Root(mirrored))


def square_root(value: Scalar) -> Scalar:
    """The principal square root: factors known to be nonnegative leave the root, the rest is adjoined as one root.

    Raises `InputError` for the square of something of unknown sign: that root is an absolute value, not algebra.

    >>> square_root(scalar(12)), square_root(scalar(9) / 4), square_root(scalar(-4))
    (2*sqrt(3), 3/2, 2*1j)
    """
    from fpt_calc.scalars.sign import is_nonnegative

    if value.is_zero:
        return value
    # sqrt(a b) = sqrt(a) sqrt(b) on the principal branch if a >= 0; the others must stay together
    outside, inside, sign, is_square = ONE, ONE, 1, True
    for prime, exponent in _factors(value):
        factor = prime
        if is_nonnegative(-prime):
            factor, sign = -prime, sign * (-1) ** exponent
        if factor == 1:
            continue
        if is_nonnegative(factor):
            outside = outside * factor ** (exponent // 2)
            outside = outside * generator_scalar(Root(factor)) if exponent % 2 else outside
        else:
            inside = inside * factor**exponent
            is_square = is_square and exponent % 2 == 0
    if inside == 1:
        return outside if sign > 0 else outside * IMAGINARY_UNIT
    if is_square:
        raise InputError(
            f"the square root of {inside}, a square of something of unknown sign",
            where=f"sqrt({value})",
            remedy="write the root out, or declare the scalars in it positive",
        )
    return outside * generator_scalar(Root(inside * sign))


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
