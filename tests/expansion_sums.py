"""Spectral functionals as sums, in multiprecision: what the expansions are compared with.

Nothing of `fpt_calc.scaling.expansions` is used but the data of a functional.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import sympy

from fpt_calc.scaling.expansions.functional import Functional
from fpt_calc.scaling.spectra import Exponential, FiniteRank, PowerLaw, WithTail

DIGITS = 30  # of the sums


def number(x: Any) -> mpmath.mpf:
    """A rational number in the current precision."""
    x = sympy.Rational(x)
    return mpmath.mpf(int(x.p)) / int(x.q)


def finite_sum(functional: Functional, spectrum: Any, kappa: mpmath.mpf, d: int) -> mpmath.mpf:
    """The terms k = 1 .. d, one after the other, by the definition."""
    law = spectrum.tail if isinstance(spectrum, WithTail) else spectrum
    head = [number(value) for value in getattr(spectrum, "head", getattr(spectrum, "eigenvalues", ()))]
    p, m, source = number(functional.power), functional.order, functional.source
    law_value = _eigenvalues(law)
    if source is not None:
        front, rho = number(source.scale), 1 + 2 * number(law.beta) * number(source.r)
    total = mpmath.mpf(0)
    for k in range(1, d + 1):
        value = head[k - 1] if k <= len(head) else law_value(k)
        weight = 1 if source is None else front * mpmath.mpf(k) ** -rho / value
        total += weight * value**p / (value + kappa) ** m
    return total * kappa ** number(functional.kappa_power)


def _eigenvalues(law: Any) -> Callable[[int], mpmath.mpf]:
    match law:
        case PowerLaw(beta=beta, scale=scale):
            a, exponent = number(scale), -number(beta)
            return lambda k: a * mpmath.mpf(k) ** exponent
        case Exponential(rate=rate, scale=scale):
            a, step = number(scale), -number(rate)
            return lambda k: a * mpmath.exp(step * k)
    return lambda k: mpmath.mpf(0)


def infinite_sum(functional: Functional, spectrum: Any, kappa: mpmath.mpf) -> mpmath.mpf:
    """All terms: the first ones by the definition, then powers of lambda/kappa, each summed by Euler-Maclaurin."""
    law = spectrum.tail if isinstance(spectrum, WithTail) else spectrum
    match law:
        case FiniteRank(eigenvalues=eigenvalues):
            return finite_sum(functional, law, kappa, len(eigenvalues))
        case Exponential(rate=rate):
            reach = mpmath.mp.prec * mpmath.log(2) - min(0, mpmath.log(kappa))
            return finite_sum(functional, spectrum, kappa, int(reach / number(rate)) + 5)
    a, beta, m = number(law.scale), number(law.beta), functional.order
    last = int((4 * a / kappa) ** (1 / beta)) + 30
    p = number(functional.power) - (functional.source is not None)
    front, sigma = mpmath.mpf(1), beta * p
    if functional.source is not None:
        front, sigma = number(functional.source.scale), sigma + 1 + 2 * beta * number(functional.source.r)
    tail, i = mpmath.mpf(0), 0
    while True:  # (lambda + kappa)^-m = sum binom(-m, i) lambda^i kappa^-m-i, lambda < kappa/4
        term = mpmath.binomial(-m, i) * a ** (p + i) * kappa ** (-m - i) * power_tail(sigma + beta * i, last + 1)
        tail += term
        if abs(term) < abs(tail) * mpmath.eps:
            break
        i += 1
    return finite_sum(functional, spectrum, kappa, last) + front * tail * kappa ** number(functional.kappa_power)


def power_tail(tau: mpmath.mpf, start: int) -> mpmath.mpf:
    """``sum_{k >= start} k^-tau`` for tau > 1 by Euler-Maclaurin, from a k where its terms fall fast."""
    first = max(start, int(mpmath.mp.dps + tau))
    total = mpmath.fsum(mpmath.mpf(k) ** -tau for k in range(start, first))
    q = mpmath.mpf(first)
    total += q ** (1 - tau) / (tau - 1) + q**-tau / 2
    factor = tau * q ** (-tau - 1)
    for k in range(1, int(mpmath.mp.dps)):
        term = mpmath.bernoulli(2 * k) / mpmath.factorial(2 * k) * factor
        total += term
        if abs(term) < abs(total) * mpmath.eps:
            break
        factor *= (tau + 2 * k - 1) * (tau + 2 * k) / q**2
    return total
