"""The bigram version: contexts draw items from Zipf's law after a permutation of their own, and the learner predicts
the frequencies that it has seen.  Its error is the expected total variation, half the sum of E|frequency - p|.

A number of occurrences among n draws is binomial, and its mean absolute deviation is known exactly (De Moivre 1730):
E|X - n p| = 2 m C(n, m) p^m (1 - p)^(n-m+1), m = floor(n p) + 1.  The permutation does not change the sum.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import sympy

from fpt_calc.errors import CannotDecideError, InputError
from fpt_calc.scaling.zipf.laws import ZipfLaw
from fpt_calc.scaling.zipf.monomials import expression, monomial, order
from fpt_calc.scaling.zipf.numbers import count, exact, fraction, symbol
from fpt_calc.scaling.zipf.regimes import Regime, ZipfAsymptotics

Floats = npt.NDArray[np.float64]

MAX_WORK = 5 * 10**7  # items times numbers of draws
DEVIATIONS = 9.0  # of the number of draws in a context; what is further out has a chance below 1e-18
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(20)
DOUBLINGS = 9
DIGITS = 12  # of constants that are computed in double precision


def contexts(weights: Sequence[Any]) -> tuple[Fraction, ...]:
    """The probabilities of contexts: positive numbers whose sum is 1.

    >>> contexts(["1/4", 0.75])
    (Fraction(1, 4), Fraction(3, 4))
    """
    found = tuple(fraction(exact(w, "contexts"), "contexts") for w in weights)
    if not found or min(found) <= 0 or sum(found) != 1:
        raise InputError("the contexts are no probabilities", where="contexts", remedy="give positive numbers of sum 1")
    return found


def bigram_error(law: ZipfLaw, weights: Sequence[Any], size: int) -> float:
    """The expected total variation after T pairs of a context and an item.

    Parameters
    ----------
    law : Zipf's law of the items in each context, with finitely many items.
    weights : the probabilities of the contexts.
    size : T.  In a context that was not seen the error is 1.

    Raises `InputError` for other numbers, and for more than some 10^7 items times numbers of draws.

    >>> bigram_error(ZipfLaw("3/2", items=1000), ["1/2", "1/2"], 1000)
    0.150079...
    """
    number, shares = count(size, "samples"), contexts(weights)
    if law.items is None:
        raise InputError("infinitely many items", where="items", remedy="give a number of items")
    p = np.arange(1, law.items + 1, dtype=float) ** -float(fraction(law.beta, "beta"))
    p /= p.sum()
    return math.fsum(float(w) * _context_error(p, number, float(w)) for w in shares)


def _context_error(p: Floats, size: int, share: float) -> float:
    """The mean over the number of draws in a context, which is binomial."""
    spread = DEVIATIONS * math.sqrt(size * share * (1 - share)) + DEVIATIONS if share < 1 else 0.0
    low, high = max(0, math.floor(size * share - spread)), min(size, math.ceil(size * share + spread))
    if (high - low + 1) * p.size > MAX_WORK:
        what = f"{high - low + 1} numbers of draws of {p.size} items"
        raise InputError(what, where="size", remedy="give fewer items or samples; the asymptotics hold beyond")
    return math.fsum(
        _binomial(size, n, share) * (1.0 if n == 0 else total_variation(p, n)) for n in range(low, high + 1)
    )


def _log_choose(n: int, k: Any) -> Any:
    lgamma = np.vectorize(math.lgamma, otypes=[float])
    return math.lgamma(n + 1) - lgamma(np.asarray(k) + 1.0) - lgamma(n - np.asarray(k) + 1.0)


def _binomial(n: int, k: int, p: float) -> float:
    if p == 1.0:
        return 1.0 if k == n else 0.0
    return math.exp(float(_log_choose(n, k)) + k * math.log(p) + (n - k) * math.log1p(-p))


def total_variation(p: Floats, draws: int) -> float:
    """The expected total variation between probabilities and frequencies among a number of draws, at least 1.

    >>> total_variation(np.array([0.5, 0.5]), 1), total_variation(np.array([1.0]), 5)
    (0.5, 0.0)
    """
    p = p[p < 1]
    m = np.floor(draws * p) + 1
    kinds, place = np.unique(m, return_inverse=True)  # few: most items are expected less than once
    log = (np.log(kinds) + _log_choose(draws, kinds))[place] + m * np.log(p) + (draws - m + 1) * np.log1p(-p)
    return float(np.sum(np.exp(log))) / draws


def bigram_asymptotics(law: ZipfLaw, weights: Sequence[Any]) -> ZipfAsymptotics:
    """The expected total variation for many pairs: ``O(T**-min(1 - 1/beta, 1/2))``, with a logarithm at beta = 2.

    The error of n draws is about the sum over items of D(n p_j)/(2 n), where D(x) is the mean absolute deviation of a
    Poisson variable of mean x: D(x) ~ 2 x at 0, sqrt(2 x/pi) at infinity.  With p_j = a j^-beta the Mellin transform in
    n is M(s) a^-s zeta(-beta s); its poles right of the strip are s = -1/beta, from zeta, with residue a^(1/beta)
    M(-1/beta)/beta, and s = -1/2, from M, with sqrt(2/pi) times the sum of sqrt(p_j), or its analytic continuation
    where there is none (beta < 2).  Their terms are n^-(1 - 1/beta) and n^(-1/2); both stand in ``uniform``.  Of items
    with n p large, the deviation is that of a binomial number: sqrt(p (1 - p)) in place of sqrt(p).

    Parameters
    ----------
    law : Zipf's law with infinitely many items and a number as exponent.
    weights : the probabilities w of the contexts, which enter by the sum of ``w**(1 - c)``.

    Raises `InputError` for other laws; `CannotDecideError` for exponents that are near 2 but not 2.

    >>> print(bigram_asymptotics(ZipfLaw("3/2"), [1]))
    3.21000776808/(T**(1/3)*zeta(3/2)**(2/3)) + O(1/sqrt(T)) for T -> oo
    """
    shares, beta = contexts(weights), fraction(law.beta, "beta")
    if law.items is not None:
        raise InputError("asymptotics are for infinitely many items", where="items", remedy="leave items out")
    size, half, tail = symbol("T"), sympy.Rational(1, 2), 1 - 1 / law.beta
    if beta == 2:
        # a double pole: the sum of sqrt(p_j) up to n p_j = 1 is Z^(-1/2) log(n)/2
        scale = _spread(shares, half) / (2 * sympy.sqrt(2 * sympy.pi * sympy.zeta(law.beta)))
        term = monomial(scale, {size: -half, sympy.log(size): 1})
        regime = Regime("T -> oo", (term,), (monomial(1, {size: -half}),))
        return ZipfAsymptotics((regime,), regime.expression(), regime.remainder)
    transform = sympy.Float(poisson_deviation_transform(-1 / float(beta)), DIGITS)
    rare = monomial(
        _spread(shares, tail) * transform / (2 * law.beta * sympy.zeta(law.beta) ** (1 / law.beta)), {size: -tail}
    )
    deviations = sympy.Float(_root_sum(float(beta)), DIGITS)
    frequent = monomial(_spread(shares, half) * deviations / sympy.sqrt(2 * sympy.pi), {size: -half})
    lead, other = (rare, frequent) if beta < 2 else (frequent, rare)
    regime = Regime("T -> oo", (lead,), (order(other),))
    left = (monomial(1, {size: -tail - 1}), monomial(1, {size: -3 * half}))
    return ZipfAsymptotics((regime,), expression(rare) + expression(frequent), left)


def _spread(shares: tuple[Fraction, ...], exponent: Any) -> Any:
    """The sum of ``w * w**-exponent``: a context of probability w is drawn w T times."""
    return sum(sympy.Rational(w.numerator, w.denominator) ** (1 - exponent) for w in shares)


def poisson_deviation_transform(s: float) -> float:
    """``M(s) = integral of D(x) x**(s-1) dx`` for -1 < s < 0, where D(x) = 2 exp(-x) x^(floor(x)+1)/floor(x)!.

    The integrals over [m, m + 1] behave as m^(s-1/2) (1 + a/m + ...), so the remainders of partial sums as
    m^(s+1/2) (1 + ...): they are removed by extrapolation over doubled numbers of terms (Richardson), which for s >
    -1/2 gives the analytic continuation.

    Raises `CannotDecideError` where the extrapolation does not settle.
    """
    first = 0.5 * (_NODES + 1)
    # on [0, 1] the integrand is 2 exp(-x) x^s: with x = y^(1/(s+1)) it is smooth
    parts = [float(np.sum(_WEIGHTS / 2 * 2 * np.exp(-(first ** (1 / (s + 1)))))) / (s + 1)]
    m = np.arange(1, 2**DOUBLINGS, dtype=float)
    factorials = np.cumsum(np.log(m))
    x = m[:, None] + first
    log = (m[:, None] + s) * np.log(x) - x - factorials[:, None]
    parts += list(np.sum(2 * np.exp(log) * _WEIGHTS / 2, axis=1))
    sums = np.cumsum(parts)[[2**j - 1 for j in range(3, DOUBLINGS + 1)]]
    previous = sums[-1]
    for j in range(len(sums) - 1):
        factor = 2.0 ** (j - s - 0.5)
        previous, sums = sums[-1], (factor * sums[1:] - sums[:-1]) / (factor - 1)
    if not abs(sums[-1] - previous) < 1e-8 * abs(sums[-1]):
        raise CannotDecideError(
            f"the Mellin transform at {s} did not settle", where="beta", remedy="take beta further from 2"
        )
    return float(sums[-1])


def _root_sum(beta: float) -> float:
    """The sum of sqrt(p (1 - p)): after the first items a binomial series in p, whose sums are zeta functions.

    For beta < 2 its first sum is the continuation of zeta.
    """
    zeta = float(sympy.zeta(beta))
    items = 64
    p = np.arange(1, items, dtype=float) ** -beta / zeta
    total, coefficient, j = math.fsum(np.sqrt(p * (1 - p))), 1.0, 0
    while abs(coefficient) * (items**-beta / zeta) ** j > 1e-18:
        total += coefficient * float(sympy.zeta(beta * (j + 0.5), items)) * zeta ** (-j - 0.5)
        coefficient *= (j - 0.5) / (j + 1)
        j += 1
    return total
