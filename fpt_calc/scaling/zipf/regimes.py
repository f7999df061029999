"""Asymptotic laws of test errors as data: regimes with their terms and remainders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy

from fpt_calc.scaling.zipf.monomials import Monomial, expression, number


@dataclass(frozen=True)
class Regime:
    """An asymptotic law in one regime.

    Attributes
    ----------
    condition : the regime, such as ``T << k**(3/2)``.
    terms : the terms, with positive coefficients; exponents are exact.
    remainder : what is left out is of the order of these; what is smaller than every power is not listed.
    """

    condition: str
    terms: tuple[Monomial, ...]
    remainder: tuple[Monomial, ...]

    def expression(self) -> Any:
        """The sum of the terms as a sympy expression."""
        return sympy.Add(*map(expression, self.terms))

    def at(self, *, digits: int = 15, **numbers: Any) -> Any:
        """The value of the sum of the terms, as a sympy Float.

        Raises `InputError` for a symbol without a number, and for numbers that are not positive.
        """
        return number(self.expression(), numbers, digits)

    def __str__(self) -> str:
        orders = "".join(f" + O({expression(r)})" for r in self.remainder)
        return f"{self.expression()}{orders} for {self.condition}"


@dataclass(frozen=True)
class ZipfAsymptotics:
    """The asymptotic law of a test error.

    Attributes
    ----------
    regimes : from small training sets to large ones.
    uniform : one sympy expression that holds in all regimes, crossovers included.
    remainder : of ``uniform``, as in `Regime`.
    """

    regimes: tuple[Regime, ...]
    uniform: Any
    remainder: tuple[Monomial, ...]

    def expression(self) -> Any:
        """``uniform``."""
        return self.uniform

    def at(self, *, digits: int = 15, **numbers: Any) -> Any:
        """The value of ``uniform``, as a sympy Float.

        Raises `InputError` for a symbol without a number, and for numbers that are not positive.
        """
        return number(self.uniform, numbers, digits)

    def __str__(self) -> str:
        return "\n".join(map(str, self.regimes))
