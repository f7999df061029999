"""Expansions as data."""

from __future__ import annotations

from dataclasses import dataclass

import mpmath
import sympy
from sympy import Expr

from fpt_calc.errors import InputError
from fpt_calc.scaling.spectra.parameters import Parameter, positive

MAX_GUARD = 4000  # digits that cancellation may cost before a sum is called zero
MAX_DIGITS = 10_000


@dataclass(frozen=True)
class Term:
    """``coefficient * kappa**power * log(kappa)**log``.

    The power is complex for a term that oscillates; such terms come in conjugate pairs, and the sum is real.
    """

    coefficient: Expr
    power: Expr
    log: int = 0

    def expression(self, kappa: Expr) -> Expr:
        """The term as a sympy expression.

        >>> Term(sympy.Integer(3), sympy.Rational(1, 2), 1).expression(sympy.Symbol("kappa"))
        3*sqrt(kappa)*log(kappa)
        """
        return self.coefficient * kappa**self.power * sympy.log(kappa) ** self.log


@dataclass(frozen=True)
class Expansion:
    """``sum of terms + O(kappa**remainder log(kappa)**remainder_log)`` as kappa -> 0.

    Attributes
    ----------
    terms : by growing (real part of the) power; of one power, the one with the logarithm first.
    remainder : the exponent of what follows; oo if what follows is smaller than every power, or zero.
    remainder_log : 1 if what follows comes with a logarithm.
    ripple : None, or a bound for the oscillating terms that are left out: at most ``ripple.coefficient *
        kappa**ripple.power`` in modulus.
    """

    terms: tuple[Term, ...]
    remainder: Expr
    remainder_log: int = 0
    ripple: Term | None = None

    @property
    def leading(self) -> Term:
        """The term that dominates as kappa -> 0.

        Raises `InputError` if there is none.
        """
        if not self.terms:
            raise InputError("the expansion has no terms", where="leading", remedy="ask for more terms")
        return self.terms[0]

    def expression(self, kappa: Expr) -> Expr:
        """The sum of the terms as a sympy expression.

        >>> kappa = sympy.Symbol("kappa", positive=True)
        >>> Expansion((Term(sympy.Integer(3), sympy.S.Half),), sympy.Integer(1)).expression(kappa)
        3*sqrt(kappa)
        """
        return sympy.Add(*(term.expression(kappa) for term in self.terms))

    def at(self, kappa: Parameter | mpmath.mpf, digits: int = 15) -> mpmath.mpf:
        """The sum of the terms at a positive number, to ``digits`` significant digits.

        This is the number of the sum, not of the functional: see `remainder_bound` for the difference.  Raises
        `InputError` if kappa is no positive number or if the terms hold symbols.

        >>> Expansion((Term(sympy.Integer(3), sympy.S.Half),), sympy.Integer(1)).at("1/4")
        mpf('1.5')
        """
        return sum_value([(t.coefficient, t.power, t.log) for t in self.terms], kappa, digits)

    def __str__(self) -> str:
        kappa = sympy.Symbol("kappa", positive=True)
        text = " + ".join(str(term.expression(kappa)) for term in self.terms).replace("+ -", "- ") or "0"
        if self.remainder == sympy.oo:
            return f"{text} + smaller than every power"
        order = sympy.Mul(kappa**self.remainder, sympy.log(kappa) ** self.remainder_log, evaluate=False)
        return f"{text} + O({order if self.remainder_log else kappa**self.remainder})"


def number_of(kappa: Parameter | mpmath.mpf) -> Expr:
    """A positive number as an exact rational, or as the sympy number it is.

    >>> number_of(0.1), number_of(mpmath.mpf("0.5"))
    (1/10, 1/2)
    """
    if isinstance(kappa, mpmath.mpf):
        sign, mantissa, exponent, _ = kappa._mpf_  # an mpf is the dyadic number that it stores
        kappa = (-1) ** sign * sympy.Integer(int(mantissa)) * sympy.Integer(2) ** exponent
    number = positive(kappa, "kappa")
    if not number.is_number:
        raise InputError(f"{number} is no number", where="kappa", remedy="take .expression(kappa) for symbols")
    return number


def sum_value(parts: list[tuple[Expr, Expr, int]], kappa: Parameter | mpmath.mpf, digits: int) -> mpmath.mpf:
    """``sum of c * kappa**power * log(kappa)**log``, real part, with as much precision as cancellation needs."""
    number = number_of(kappa)
    if not isinstance(digits, int) or not 1 <= digits <= MAX_DIGITS:
        raise InputError(f"{digits!r} digits", where="digits", remedy=f"give an integer from 1 to {MAX_DIGITS}")
    for coefficient, power, _ in parts:
        if coefficient.free_symbols or power.free_symbols:
            names = ", ".join(sorted(str(s) for s in coefficient.free_symbols | power.free_symbols))
            raise InputError(f"the terms hold {names}", where="at", remedy="put in numbers first")
    guard = 10
    while True:
        precision = digits + guard
        with mpmath.workdps(precision):
            values = [_product(*part, number, precision) for part in parts]
            total = mpmath.fsum(v.real for v in values)
            size = max((abs(v) for v in values), default=mpmath.mpf(0))
            lost = 0 if not size else MAX_GUARD if not total else max(0, int(mpmath.log10(size / abs(total))) + 1)
        if lost + 5 <= guard or guard > MAX_GUARD:
            with mpmath.workdps(digits):
                return +total
        guard = lost + 10 if total else 2 * guard


def _product(coefficient: Expr, power: Expr, log: int, kappa: Expr, digits: int) -> mpmath.mpc:
    base = mpmath.mpf(sympy.N(kappa, digits + 10))
    exponent, front = (mpmath.mpmathify(sympy.N(e, digits + 10)) for e in (power, coefficient))
    return mpmath.mpc(front * base**exponent * mpmath.log(base) ** log)
