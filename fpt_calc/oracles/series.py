"""Power series modulo a prime, truncated: the ring in which scalars of traces are expanded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fpt_calc.expr import UnluckyModelError

Residue = Any  # flint.nmod


@dataclass(frozen=True)
class Series:
    """``coefficients[0] + coefficients[1]*t + ...``, truncated at the length that both operands share.

    >>> import flint
    >>> number = lambda k: flint.nmod(k, 101)
    >>> one_minus_t = Series((number(1), number(-1), number(0)))
    >>> one = Series((number(1), number(0), number(0)))
    >>> [int(c) for c in (one / one_minus_t**2).coefficients]
    [1, 2, 3]
    """

    coefficients: tuple[Residue, ...]

    def __add__(self, other: Series) -> Series:
        return Series(tuple(a + b for a, b in zip(self.coefficients, other.coefficients, strict=True)))

    def __mul__(self, other: Series) -> Series:
        a, b = self.coefficients, other.coefficients
        return Series(tuple(sum((a[i] * b[k - i] for i in range(1, k + 1)), a[0] * b[k]) for k in range(len(a))))

    def __pow__(self, exponent: int) -> Series:
        """A positive power."""
        result = self
        for bit in bin(exponent)[3:]:
            result = result * result
            if bit == "1":
                result = result * self
        return result

    def __truediv__(self, other: Series) -> Series:
        """The quotient; raises `UnluckyModelError` where the divisor vanishes at t = 0."""
        a, b = self.coefficients, other.coefficients
        if int(b[0]) == 0:
            raise UnluckyModelError("division by a series that starts with zero")
        quotient: list[Residue] = []
        for k, value in enumerate(a):
            quotient.append(sum((-b[k - i] * q for i, q in enumerate(quotient)), value) / b[0])
        return Series(tuple(quotient))
