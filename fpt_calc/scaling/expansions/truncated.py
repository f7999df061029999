"""Spectra that end at d: two scales, three regimes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

import mpmath
import sympy
from sympy import Expr

from fpt_calc.errors import InputError
from fpt_calc.scaling.expansions.functional import Functional, PowerTail, SpectralSum, spectral_sum
from fpt_calc.scaling.expansions.poles import ordered_terms, taylor_terms
from fpt_calc.scaling.expansions.power_sums import constant_term, upper_terms
from fpt_calc.scaling.expansions.residues import edge_coefficients, rising_binomial
from fpt_calc.scaling.expansions.result import Term, sum_value
from fpt_calc.scaling.spectra.data import Truncated
from fpt_calc.scaling.spectra.parameters import Parameter, whole


class Regime(Enum):
    """How kappa compares with the smallest eigenvalue, as kappa -> 0 and d -> oo."""

    RESOLVED = "kappa*d**beta -> oo"
    CROSSOVER = "kappa*d**beta fixed"
    CUT = "kappa*d**beta -> 0"


@dataclass(frozen=True)
class TwoScaleTerm:
    """``coefficient * kappa**power * log(kappa)**log * d**size * log(d)**size_log``."""

    coefficient: Expr
    power: Expr
    log: int
    size: Expr
    size_log: int

    def expression(self, kappa: Expr, d: Expr) -> Expr:
        """The term as a sympy expression.

        >>> kappa, d = sympy.symbols("kappa d", positive=True)
        >>> TwoScaleTerm(sympy.Integer(2), sympy.Integer(-1), 0, sympy.Integer(3), 1).expression(kappa, d)
        2*d**3*log(d)/kappa
        """
        size = d**self.size * sympy.log(d) ** self.size_log
        return self.coefficient * kappa**self.power * sympy.log(kappa) ** self.log * size


@dataclass(frozen=True)
class TwoScaleExpansion:
    """The sum of terms, for kappa -> 0 and d -> oo in one regime.

    Attributes
    ----------
    regime : RESOLVED or CUT.
    d : where the spectrum ends.
    terms : not ordered, as their order depends on how d grows.
    orders : what is left out is a sum of O(...) of these, of coefficient one.
    """

    regime: Regime
    d: Expr
    terms: tuple[TwoScaleTerm, ...]
    orders: tuple[TwoScaleTerm, ...]

    def expression(self, kappa: Expr) -> Expr:
        """The sum of the terms as a sympy expression."""
        return sympy.Add(*(term.expression(kappa, self.d) for term in self.terms))

    def at(self, kappa: Parameter | mpmath.mpf, digits: int = 15) -> mpmath.mpf:
        """The sum of the terms at a number kappa, where d is a number; see `Expansion.at`."""
        parts = [(t.coefficient * self.d**t.size * sympy.log(self.d) ** t.size_log, t.power, t.log) for t in self.terms]
        return sum_value(parts, kappa, digits)


def expand_truncated(
    functional: Functional, spectrum: Truncated, regime: Regime, terms: int = 3, size_terms: int = 3
) -> TwoScaleExpansion:
    """The expansion of ``sum_{k <= d}`` for kappa -> 0 and d -> oo.

    RESOLVED: the terms of the infinite sum, continued in the exponent where it diverges, minus the sum over k > d in
    powers of ``1/(kappa d^beta)``: ``-(-1)^i binom(m+i-1, i) (kappa/a)^-(m+i) zeta(sigma + beta i, d + 1)``, each
    expanded in d.  Both sides of this identity are analytic in sigma, and it is evident for sigma > 1.
    CUT: the Taylor series in kappa, its coefficients being sums of powers up to d.

    Parameters
    ----------
    functional : what is expanded.
    spectrum : d may be a symbol; in the CUT regime the exponents may be, too.
    regime : RESOLVED or CUT; for kappa*d**beta fixed take `crossover`.
    terms : the number of exponents of the infinite sum and of terms of the tail; of Taylor terms.
    size_terms : the number of exponents of d in each sum of powers.

    >>> from fpt_calc.scaling.expansions.functional import df
    >>> from fpt_calc.scaling.spectra import PowerLaw
    >>> kappa, d = sympy.symbols("kappa d", positive=True)
    >>> expand_truncated(df(1), Truncated(PowerLaw(2), d), Regime.RESOLVED, 1, 1).expression(kappa)
    pi/(2*sqrt(kappa)) - 1/(d*kappa)
    >>> expand_truncated(df(1), Truncated(PowerLaw(2), d), Regime.CUT, 2, 1).expression(kappa)
    -d**3*kappa/3 + d - 1/2
    """
    whole(terms, "terms", 1)
    whole(size_terms, "size_terms", 1)
    total = truncated_sum(functional, spectrum)
    match regime:
        case Regime.RESOLVED:
            found, orders = _resolved(total, terms, size_terms)
        case Regime.CUT:
            found, orders = _cut(total, terms, size_terms)
        case _:
            raise InputError(f"{regime} is no regime of powers", where="regime", remedy="take the function crossover")
    return TwoScaleExpansion(regime, spectrum.d, _collected(found, total.kappa_power), tuple(orders))


def truncated_sum(functional: Functional, spectrum: Truncated) -> SpectralSum:
    """The sum with its end left open; its tail is a `PowerTail`."""
    if not isinstance(spectrum, Truncated):
        raise InputError(f"{spectrum!r} does not end at d", where="spectrum", remedy="take Truncated(spectrum, d)")
    return spectral_sum(functional, spectrum.spectrum)


Terms = Iterable[TwoScaleTerm]


def _resolved(total: SpectralSum, terms: int, size_terms: int) -> tuple[list[TwoScaleTerm], list[TwoScaleTerm]]:
    tail, m, shift = _power_tail(total), total.order, total.kappa_power
    found: list[TwoScaleTerm] = []
    orders: list[TwoScaleTerm] = []
    groups = 0
    for power, group in ordered_terms(total, 0):
        if groups == terms:
            orders.append(_order(power + shift, sympy.S.Zero, group))
            break
        groups += bool(group)
        found += [TwoScaleTerm(t.coefficient, t.power, t.log, sympy.S.Zero, 0) for t in group]
    for i in range(terms + 1):
        tau, power = sympy.expand(tail.sigma + tail.beta * i), sympy.Integer(-m - i)
        factor = (-1) ** i * rising_binomial(m, i) * tail.front * tail.scale ** (m + i)
        sizes = upper_terms(tau, size_terms + 1)
        if i == terms:
            orders.append(TwoScaleTerm(sympy.S.One, power + shift, 0, *sizes[0][1:]))
            break
        orders.append(TwoScaleTerm(sympy.S.One, power + shift, 0, *sizes.pop()[1:]))
        found += [TwoScaleTerm(factor * c, power, 0, size, log) for c, size, log in sizes]
        if tau == 1:
            plain, log = (c * tail.front * tail.scale ** (m + i) for c in edge_coefficients(i, tail.beta, m))
            constant = plain - log * sympy.log(tail.scale)
            found += [TwoScaleTerm(constant, power, 0, sympy.S.Zero, 0), TwoScaleTerm(log, power, 1, sympy.S.Zero, 0)]
    return found, orders


def _cut(total: SpectralSum, terms: int, size_terms: int) -> tuple[list[TwoScaleTerm], list[TwoScaleTerm]]:
    tail, m, shift = _power_tail(total), total.order, total.kappa_power
    found: list[TwoScaleTerm] = []
    orders: list[TwoScaleTerm] = []
    for i in range(terms + 1):
        tau, power = sympy.expand(tail.sigma - tail.beta * (m + i)), sympy.Integer(i)
        sizes = upper_terms(tau, size_terms + 1)
        if i == terms:
            orders += [TwoScaleTerm(sympy.S.One, power + shift, 0, *sizes[0][1:]), _order(power + shift, sympy.S.Zero)]
            break
        orders.append(TwoScaleTerm(sympy.S.One, power + shift, 0, *sizes.pop()[1:]))
        sign = (-1) ** i * rising_binomial(m, i)
        factor = sign * tail.front * tail.scale**-i
        constant = factor * constant_term(tau, tail.start) + head_coefficient(total, i)
        found.append(TwoScaleTerm(constant, power, 0, sympy.S.Zero, 0))
        found += [TwoScaleTerm(factor * c, power, 0, size, log) for c, size, log in sizes]
    return found, orders


def head_coefficient(total: SpectralSum, i: int) -> Expr:
    """The Taylor coefficient of the head alone.

    >>> head_coefficient(SpectralSum(sympy.S.Zero, 1, ((sympy.Integer(2), sympy.Integer(2)),), None), 1)
    -1/2
    """
    (term,) = taylor_terms(SpectralSum(total.kappa_power, total.order, total.head, None), i)
    return term.coefficient


def _power_tail(total: SpectralSum) -> PowerTail:
    if not isinstance(total.tail, PowerTail):
        raise InputError("only power laws are truncated", where="spectrum", remedy="take a PowerLaw")
    return total.tail


def _order(power: Expr, size: Expr, group: Iterable[Term] = ()) -> TwoScaleTerm:
    return TwoScaleTerm(sympy.S.One, power, max((t.log for t in group), default=0), size, 0)


def _collected(found: Terms, shift: Expr) -> tuple[TwoScaleTerm, ...]:
    """Like terms added, zeros left out, the prefactor's exponent added."""
    total: dict[tuple[Expr, int, Expr, int], Expr] = {}
    for t in found:
        key = (sympy.expand(t.power + shift), t.log, sympy.expand(t.size), t.size_log)
        total[key] = total.get(key, sympy.S.Zero) + t.coefficient
    return tuple(_nonzero(TwoScaleTerm(c, *key) for key, c in total.items()))


def _nonzero(terms: Terms) -> Iterator[TwoScaleTerm]:
    return (t for t in terms if not t.coefficient.is_zero)
