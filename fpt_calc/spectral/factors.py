"""Words of deterministic factors: the data of spectral normal forms.

A factor is a power ``base**exponent``, or a power ``(base + pole)**-exponent`` of a resolvent.  Factors of one base
commute, whatever else the matrices do; so a run of them is a rational function of the base.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from fpt_calc.expr import Expr, Inverse, Power, Product, ScalarMatrix, Sum
from fpt_calc.scalars import ONE, Scalar


@dataclass(frozen=True)
class Factor:
    """``base**exponent`` if ``pole`` is None, else ``(base + pole)**-exponent``; the exponent is positive."""

    base: Expr
    pole: Scalar | None
    exponent: int

    @cached_property
    def key(self) -> str:
        """For canonical orders: equal factors have equal keys."""
        return f"{self.base}|{'' if self.pole is None else self.pole}|{self.exponent}"

    @property
    def expression(self) -> Expr:
        """The factor as an expression."""
        if self.pole is None:
            return self.base if self.exponent == 1 else Power(self.base, self.exponent)
        shifted = self.base if self.pole.is_zero else Sum((self.base, ScalarMatrix(self.pole, self.base.rows)))
        inverse = Inverse(shifted)
        return inverse if self.exponent == 1 else Power(inverse, self.exponent)


Word = tuple[Factor, ...]
Combination = dict[Word, Scalar]


def word_expression(word: Word, dim: Scalar) -> Expr:
    """The product of the factors; the empty word is the identity of dimension ``dim``."""
    if not word:
        return ScalarMatrix(ONE, dim)
    factors = tuple(f.expression for f in word)
    return factors[0] if len(factors) == 1 else Product(factors)
