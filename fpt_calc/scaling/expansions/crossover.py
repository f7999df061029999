"""Spectra that end at d while ``y = kappa d^beta/scale`` stays fixed: powers of d with functions of y."""

from __future__ import annotations

from dataclasses import dataclass

import mpmath
import sympy
from sympy import Expr

from fpt_calc.scaling.expansions.functional import Functional, PowerTail
from fpt_calc.scaling.expansions.power_sums import constant_term
from fpt_calc.scaling.expansions.residues import pole_of_zeta, rising_binomial
from fpt_calc.scaling.expansions.result import number_of, sum_value
from fpt_calc.scaling.expansions.truncated import head_coefficient, truncated_sum
from fpt_calc.scaling.spectra.data import Truncated
from fpt_calc.scaling.spectra.parameters import Parameter, whole

Y = sympy.Symbol("y", positive=True)


@dataclass(frozen=True)
class CrossoverTerm:
    """``coefficient * d**size * log(d)**size_log``, the coefficient a function of the symbol `Y`."""

    coefficient: Expr
    size: Expr
    size_log: int = 0


@dataclass(frozen=True)
class CrossoverExpansion:
    """The sum of terms as d -> oo with ``kappa = scale*y*d**-beta``.

    Attributes
    ----------
    d, beta, scale : of the spectrum.
    terms : the integral, its Euler-Maclaurin corrections at the end, then the zeta terms; not ordered.
    orders : exponents of d of what is left out.
    """

    d: Expr
    beta: Expr
    scale: Expr
    terms: tuple[CrossoverTerm, ...]
    orders: tuple[Expr, ...]

    def expression(self, y: Expr) -> Expr:
        """The sum of the terms as a sympy expression."""
        parts = (t.coefficient.subs(Y, y) * self.d**t.size * sympy.log(self.d) ** t.size_log for t in self.terms)
        return sympy.Add(*parts)

    def at(self, kappa: Parameter | mpmath.mpf, digits: int = 15) -> mpmath.mpf:
        """The sum of the terms at a number kappa, where d is a number."""
        y = number_of(kappa) * self.d**self.beta / self.scale
        parts = [
            (t.coefficient.subs(Y, y) * self.d**t.size * sympy.log(self.d) ** t.size_log, sympy.S.Zero, 0)
            for t in self.terms
        ]
        return sum_value(parts, kappa, digits)


def crossover(functional: Functional, spectrum: Truncated, terms: int = 2, size_terms: int = 2) -> CrossoverExpansion:
    """The expansion of ``sum_{k <= d}`` as d -> oo with ``y = kappa d^beta/scale`` fixed.

    The summand is ``f(k) = k^(beta s* - 1) (1 + x k^beta)^-m``, ``x = kappa/scale``.  Its sum is the finite part of
    ``int_0^d f``, then ``f(d)/2 + B_2/2 f'(d) + ...``, then ``zeta(tau)`` for each power ``k^-tau`` in the series of f
    at zero (Euler-Maclaurin for algebraic singularities; Navot, J. Math. Phys. 40 (1961)).

    Parameters
    ----------
    functional, spectrum : as in `expand_truncated`; all may hold symbols.
    terms : the number of zeta terms.
    size_terms : the number of terms that come from the end: the integral, f(d)/2, f'(d)/12, ...

    >>> from fpt_calc.scaling.expansions.functional import df
    >>> from fpt_calc.scaling.spectra import PowerLaw
    >>> d = sympy.Symbol("d", positive=True)
    >>> [term, *_] = crossover(df(1), Truncated(PowerLaw(2), d)).terms
    >>> term.size, term.coefficient                                         # d atan(sqrt(y))/sqrt(y)
    (1, hyper((1/2, 1), (3/2,), -y))
    """
    whole(terms, "terms", 1)
    whole(size_terms, "size_terms", 1)
    total = truncated_sum(functional, spectrum)
    tail, m, j = total.tail, total.order, total.kappa_power
    assert isinstance(tail, PowerTail)
    beta, a, s = tail.beta, tail.scale, pole_of_zeta(tail.sigma, tail.beta, m)
    prefactor = (a * Y) ** j
    found = [
        CrossoverTerm(prefactor * tail.front * c, sympy.expand(beta * (s - j) - n))
        for n, c in _end_terms(s, beta, m, size_terms)
    ]
    for i in range(terms):
        tau = sympy.expand(tail.sigma - beta * (m + i))
        factor = prefactor * (-1) ** i * rising_binomial(m, i) * tail.front * Y**i
        size = sympy.expand(-beta * (i + j))
        constant = factor * constant_term(tau, tail.start) + prefactor * (a * Y) ** i * head_coefficient(total, i)
        found.append(CrossoverTerm(constant, size))
        if tau == 1:
            found.append(CrossoverTerm(factor, size, 1))
    last = size_terms if size_terms < 3 else 2 * size_terms - 2
    orders = sympy.expand(beta * (s - j) - last), sympy.expand(-beta * (terms + j))
    return CrossoverExpansion(spectrum.d, beta, a, tuple(t for t in found if t.coefficient != 0), orders)


def _end_terms(s: Expr, beta: Expr, m: int, count: int) -> list[tuple[int, Expr]]:
    """The finite part of the integral and the corrections at the end, each with the power of 1/d that it loses."""
    t = sympy.Symbol("t", positive=True)
    summand = t ** (beta * s - 1) * (1 + Y * t**beta) ** -m
    terms = [(0, crossover_integral(s, m, Y) / beta), (1, (1 + Y) ** -m / 2)]
    for k in range(1, count - 1):
        derivative = sympy.diff(summand, t, 2 * k - 1).subs(t, 1)
        terms.append((2 * k, sympy.bernoulli(2 * k) / sympy.factorial(2 * k) * derivative))
    return terms[:count]


def crossover_integral(s: Expr, m: int, y: Expr) -> Expr:
    """The finite part of ``int_0^1 v^(s-1) (1 + y v)^-m dv``.

    An incomplete Beta integral, ``2F1(m, s; s+1; -y)/s``; elementary for an integer s.  For s = -i the term ``1/v`` of
    the integrand, whose finite part is ``log 1``, contributes nothing.

    >>> y = sympy.Symbol("y", positive=True)
    >>> crossover_integral(sympy.S.One, 1, y), crossover_integral(sympy.S.Zero, 1, y)
    (log(y + 1)/y, -log(y + 1))
    """
    if s.is_integer is not True or not s.is_number:
        return sympy.hyper((m, s), (s + 1,), -y) / s
    v = sympy.Symbol("v", positive=True)
    total = sympy.S.Zero
    for part in sympy.Add.make_args(sympy.apart(v ** (s - 1) * (1 + v) ** -m, v)):
        if part.has(v + 1):
            whole_part = sympy.integrate(part, v)
            total += whole_part.subs(v, y) - whole_part.subs(v, 0)
        elif part.as_coeff_exponent(v)[1] != -1:
            total += sympy.integrate(part, v).subs(v, y)
    return total * y**-s
