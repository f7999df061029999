"""The leading term for ``a k^-beta log(k+1)^gamma``, by Karamata's theory of regular variation."""

from __future__ import annotations

from dataclasses import dataclass

import sympy
from sympy import Expr

from fpt_calc.errors import InputError
from fpt_calc.scaling.expansions.functional import Functional, weight_exponents
from fpt_calc.scaling.expansions.residues import beta_integral
from fpt_calc.scaling.spectra.data import LogPowerLaw, Spectrum, head_of, law_of


@dataclass(frozen=True)
class SlowTerm:
    """``coefficient * kappa**power * L**log * log(L)**loglog`` with ``L = log(1/kappa)``.

    Attributes
    ----------
    coefficient, power, log, loglog : of the leading term.
    error : the order of the relative error, in words of L and kappa.
    """

    coefficient: Expr
    power: Expr
    log: Expr
    loglog: int
    error: str

    def expression(self, kappa: Expr) -> Expr:
        """The term as a sympy expression.

        >>> SlowTerm(sympy.Integer(2), sympy.Integer(-1), sympy.S.Half, 0, "").expression(sympy.Symbol("kappa"))
        2*sqrt(log(1/kappa))/kappa
        """
        size = sympy.log(1 / kappa)
        return self.coefficient * kappa**self.power * size**self.log * sympy.log(size) ** self.loglog


def leading_log_power(functional: Functional, spectrum: Spectrum) -> SlowTerm:
    """The leading term of a functional of a `LogPowerLaw`, also behind a head.

    With ``N(u)`` the number of eigenvalues above u, ``N(u) ~ (u/a)^(-1/beta) (log(1/u)/beta)^(gamma/beta)`` as u -> 0:
    ``u = a k^-beta log(k)^gamma`` gives ``log(1/u) ~ beta log k``, and that is put in for log k.  N varies regularly
    with index -1/beta.  For ``c_k lambda^p = c k^-rho lambda^power`` the sum is the integral of
    ``u^power (u + kappa)^-m`` against a measure that varies regularly with index ``(rho - 1)/beta`` in u, and with
    ``u = kappa v`` (Bingham, Goldie, Teugels, Regular Variation, theorems 1.5.2 and 1.6.5; Potter's bounds dominate)

        S ~ c kappa^(power-m) N(kappa)^(1-rho)/beta B(m - s*, s*),      s* = m - power - (rho - 1)/beta > 0.

    For s* < 0 the sum converges at kappa = 0.  For s* = 0 it is ``sum of k^-1 log(k)^-theta`` up to N(kappa), theta =
    gamma (m - power).  Replacing N by its leading form costs a relative error of order ``log L/L``, L = log(1/kappa):
    no power of kappa, so that numbers approach the term very slowly.

    Parameters
    ----------
    functional, spectrum : as in `expand`; the sign of s* has to be decided, so that exponents are numbers.

    Raises `InputError` for other spectra, for undecided signs and for sums that diverge.

    >>> from fpt_calc.scaling.expansions.functional import df
    >>> kappa = sympy.Symbol("kappa", positive=True)
    >>> leading_log_power(df(1), LogPowerLaw(2, -2)).expression(kappa)
    pi/(sqrt(kappa)*log(1/kappa))
    """
    law = law_of(spectrum)
    if not isinstance(law, LogPowerLaw):
        raise InputError(f"{spectrum!r} is no LogPowerLaw", where="spectrum", remedy="take expand")
    beta, gamma, a, m = law.beta, law.gamma, law.scale, functional.order
    front, rho, power = weight_exponents(functional, beta)
    s = m - power - (rho - 1) / beta
    if not (s.is_number and (m - s).is_number and gamma.is_number):
        raise InputError("the leading term depends on signs", where="spectrum", remedy="give beta, gamma, r as numbers")
    if not (m - s).is_positive:
        remedy = "raise the power or the source exponent"
        raise InputError("the sum diverges, or converges by its logarithms only", where="functional", remedy=remedy)
    if s.is_positive:
        # N(kappa)^(1 - rho) = (kappa/a)^((rho - 1)/beta) (L/beta)^(gamma (1 - rho)/beta)
        slow = gamma * (1 - rho) / beta
        coefficient = front * a ** ((1 - rho) / beta) * beta**-slow * beta_integral(s, m) / beta
        return SlowTerm(coefficient, functional.kappa_power - s, slow, 0, "log(L)/L")
    theta = gamma * (m - power)
    if s.is_negative or theta > 1:
        error = "a power of kappa, up to logarithms" if s.is_negative else "L**(1 - theta)"
        return SlowTerm(_limit_sum(functional, law, head_of(spectrum)), functional.kappa_power, sympy.S.Zero, 0, error)
    scale = front * a ** (power - m)
    if theta == 1:
        return SlowTerm(scale, functional.kappa_power, sympy.S.Zero, 1, "1/log(L)")
    # sum_{k <= N} k^-1 log(k)^-theta ~ log(N)^(1-theta)/(1-theta), log N ~ L/beta
    coefficient = scale * beta ** (theta - 1) / (1 - theta)
    return SlowTerm(coefficient, functional.kappa_power, 1 - theta, 0, "L**(theta - 1), or log(L)/L if that is larger")


def _limit_sum(functional: Functional, law: LogPowerLaw, head: tuple[Expr, ...]) -> Expr:
    """``sum_k c_k lambda_k^(p - m)``, the head term by term."""
    front, rho, power = weight_exponents(functional, law.beta)
    exponent = power - functional.order
    k = sympy.Symbol("k", integer=True, positive=True)
    total = sympy.Add(*(front * sympy.Integer(i) ** -rho * value**exponent for i, value in enumerate(head, 1)))
    summand = front * k ** sympy.expand(-rho - law.beta * exponent) * sympy.log(k + 1) ** (law.gamma * exponent)
    return total + law.scale**exponent * sympy.Sum(summand, (k, len(head) + 1, sympy.oo))
