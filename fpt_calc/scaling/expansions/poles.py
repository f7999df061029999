"""The terms of a spectral sum in their order: the poles of its Mellin transform from right to left."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import sympy
from sympy import Expr

from fpt_calc.errors import InputError
from fpt_calc.scaling.expansions.functional import ExponentialTail, PowerTail, SpectralSum
from fpt_calc.scaling.expansions.residues import (
    beta_integral,
    log_coefficients,
    pole_of_zeta,
    power_coefficient,
    rising_binomial,
    zeta_coefficient,
)
from fpt_calc.scaling.expansions.result import Term

Orders = Iterator[tuple[Expr, tuple[Term, ...]]]


def ordered_terms(total: SpectralSum, harmonics: int) -> Orders:
    """The exponents in growing order, each with its nonzero terms; the factor ``kappa**kappa_power`` is left out.

    Exponents without a term are listed too.  The list ends where all further terms are known to vanish.
    """
    check_exponents(total)
    singular = sorted(singular_terms(total, harmonics), key=lambda pair: pair[0])
    for i in count():
        power = sympy.Integer(i)
        while singular and singular[0][0] < power:
            yield singular.pop(0)
        if not singular and _terminates(total, i):
            return
        terms = list(taylor_terms(total, i))
        if singular and singular[0][0] == power:
            terms += singular.pop(0)[1]
        yield power, tuple(term for term in terms if not term.coefficient.is_zero)


def check_exponents(total: SpectralSum) -> None:
    """Raises `InputError` unless the exponents are rational numbers."""
    match total.tail:
        case PowerTail(sigma=sigma, beta=beta) if not (sigma.is_Rational and beta.is_Rational):
            what = f"the order of the terms needs rational exponents, not beta = {beta}, sigma = {sigma}"
            raise InputError(what, where="expand", remedy="give rational numbers, or take expand_cases")
        case ExponentialTail(power=power) if not power.is_Rational:
            raise InputError(f"{power} is no rational number", where="power", remedy="give a rational number")


def check_converges(total: SpectralSum) -> None:
    """Raises `InputError` where the sum over the infinite spectrum diverges."""
    converges = True
    match total.tail:
        case PowerTail(sigma=sigma):
            converges = sigma > 1
        case ExponentialTail(power=power):
            converges = power > 0
    if not converges:
        remedy = "raise the power or the source exponent, or take Truncated"
        raise InputError("the sum over the spectrum diverges", where="functional", remedy=remedy)


def taylor_terms(total: SpectralSum, i: int) -> tuple[Term, ...]:
    """What goes with ``kappa**i``: the Taylor coefficients of the summands, summed; a logarithm at a double pole."""
    m, tail = total.order, total.tail
    sign = (-1) ** i * rising_binomial(m, i)
    constant = sympy.Add(*(sign * weight * value ** (-m - i) for weight, value in total.head))
    if tail is None:
        return (Term(constant, sympy.Integer(i)),)
    log = sympy.S.Zero
    match tail:
        case PowerTail(sigma=sigma, beta=beta, start=start):
            if _is_zero(pole_of_zeta(sigma, beta, m) + i):
                plain, log = log_coefficients(i, beta, m, start)
            else:
                plain = zeta_coefficient(i, sigma, beta, m, start)
        case ExponentialTail(power=power, rate=rate):
            # sum_k q_k^(power - m - i) = 1/(exp(rate (power - m - i)) - 1), continued in the power
            distance = m - power + i
            if _is_zero(distance):
                # 1/(exp(rate e) - 1) = 1/(rate e) - 1/2 + ..., the other factors as in log_coefficients
                digammas = sympy.digamma(i + 1) - sympy.digamma(m + i)
                plain, log = sign * (digammas / rate - sympy.Rational(1, 2)), -sign / rate
            else:
                plain = sign / (sympy.exp(-rate * distance) - 1)
    factor = tail.front * tail.scale**-i
    constant += factor * (plain - log * sympy.log(tail.scale))
    terms = (Term(constant, sympy.Integer(i)),)
    return terms if log == 0 else (Term(factor * log, sympy.Integer(i), 1), *terms)


def singular_terms(total: SpectralSum, harmonics: int) -> list[tuple[Expr, tuple[Term, ...]]]:
    """The terms that are not Taylor coefficients, by the real part of their exponent."""
    m, tail = total.order, total.tail
    match tail:
        case PowerTail(front=front, scale=scale, sigma=sigma, beta=beta):
            s = pole_of_zeta(sigma, beta, m)
            if s.is_integer and (s.is_nonpositive or s >= m):
                return []  # a double pole: part of taylor_terms, or of the tail of a truncated sum
            return [(-s, (Term(front * scale**s * power_coefficient(sigma, beta, m), -s),))]
        case ExponentialTail(front=front, scale=scale, power=power, rate=rate):
            real = m - power
            double = real.is_integer and real.is_nonpositive
            poles = [] if double else [real]
            for j in range(1, harmonics + 1):
                step = 2 * sympy.pi * sympy.I * j / rate
                poles += [real + step, real - step]
            terms = [Term(front * scale**s * beta_integral(s, m) / rate, -s) for s in poles]
            return [(-real, tuple(terms))] if terms else []
    return []


def _terminates(total: SpectralSum, i: int) -> bool:
    """Whether all Taylor coefficients from i on vanish.

    The real zeros of zeta are the negative even numbers, and its arguments are beta apart: beta has to be even.
    """
    match total.tail:
        case PowerTail(sigma=sigma, beta=beta, start=1) if not total.head:
            argument = sigma - beta * (total.order + i)
            return bool(beta.is_even and argument.is_even and argument < 0)
    return False


def _is_zero(value: Expr) -> bool:
    return bool(value.is_zero)
