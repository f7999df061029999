"""Sums over power-law spectra in balls, with any number of terms: a head, and the Euler-Maclaurin formula after it.

These sums are the degrees of freedom, biases and variances of kernel ridge regression under capacity and source
conditions.  They share no code with the asymptotic expansions that they test.
"""

from __future__ import annotations

from collections.abc import Sequence

from flint import arb, ctx

from fpt_calc.errors import ComputationError, InputError
from fpt_calc.oracles.euler_maclaurin import Cut, best_cut, corrections
from fpt_calc.oracles.exact_numbers import Exact, ball, bits_of, checked_count, checked_digits
from fpt_calc.oracles.power_spectra import ResolventFactor, Summand, converges, summand, term
from fpt_calc.oracles.quadrature import integral

GUARD = 24  # bits beyond what the digits need
ATTEMPTS = 4  # with more bits each time


def spectral_sum(
    exponent: Exact,
    factors: Sequence[ResolventFactor] = (),
    *,
    terms: int | None = None,
    scale: Exact | arb = 1,
    log_power: Exact = 0,
    digits: int = 30,
) -> arb:
    """``scale sum_{k=1}^terms k^-exponent log(k+1)^log_power prod_i (a_i k^-beta_i log(k+1)^gamma_i + kappa_i)^-m_i``.

    Parameters
    ----------
    exponent : q, any real number.
    factors : the powers of resolvents; their ridges may differ, and so may their spectra.
    terms : d, or None for infinitely many.
    scale : a number or a ball.
    log_power : g, any real number.
    digits : how many significant digits are wanted.  The ball holds the sum in any case; where ridges or scales are
        balls, it may be wider.

    Raises
    ------
    InputError
        for numbers out of range, and for a divergent infinite sum.  With q' = q - sum m_i beta_i and g' = g - sum m_i
        gamma_i over the factors with kappa_i = 0, it converges if and only if q' > 1, or q' = 1 and g' < -1.
    ComputationError
        where exponents are so large that the head has more than a million terms.

    The remainder of the Euler-Maclaurin formula is bounded by Cauchy's estimates, uniformly in the ridges
    (`euler_maclaurin`); the integral is Gauss-Legendre quadrature in log k (`quadrature`).

    >>> df1 = spectral_sum("1.5", [ResolventFactor("1.5", ridge="1e-20")], digits=20)
    >>> df1.str(20, radius=False)
    '52102830280852.498621'
    >>> spectral_sum(2).overlaps(arb.pi()**2/6)
    True
    """
    limit = None if terms is None else checked_count(terms, "terms", 1)
    wanted = bits_of(checked_digits(digits))
    result = arb(0)
    for attempt in range(ATTEMPTS):
        bits = wanted + GUARD * (attempt + 1)
        with ctx.workprec(bits + GUARD):
            constant, f = summand(exponent, log_power, factors)
            if limit is None and not converges(f):
                remedy = "give a number of terms, or an exponent above 1 for k -> oo"
                raise InputError("the infinite sum diverges", where="spectral sum", remedy=remedy)
            result = ball(scale, "scale") * constant * _sum(f, limit, bits)
        if result.rel_accuracy_bits() >= wanted or result.is_zero() or not _is_exact(scale, factors):
            break
    if not result.is_finite():
        remedy = "use exact numbers or narrower balls"
        raise ComputationError("the ball of the sum is not finite", where="spectral sum", remedy=remedy)
    return result


def _is_exact(scale: object, factors: Sequence[ResolventFactor]) -> bool:
    numbers = [scale, *(x for f in factors for x in (f.scale, f.ridge))]
    return all(not isinstance(x, arb) or x.is_exact() for x in numbers)


def _sum(f: Summand, terms: int | None, bits: int) -> arb:
    cut = best_cut(f, bits)
    if cut is None:
        if terms is not None and terms <= 10**5:
            return _head(f, terms)
        remedy = "use smaller exponents beta and orders m, or at most 10^5 terms"
        raise ComputationError("the head has more than a million terms", where="spectral sum", remedy=remedy)
    if terms is not None and terms <= 2 * cut.head:
        return _head(f, terms)
    return _head(f, cut.head - 1) + _rest(f, cut, terms, bits)


def _head(f: Summand, terms: int) -> arb:
    return sum((term(f, k) for k in range(1, terms + 1)), start=arb(0))


def _rest(f: Summand, cut: Cut, terms: int | None, bits: int) -> arb:
    """The terms from the cut on."""
    first, slope = corrections(f, cut.head, cut.pairs)
    result = integral(f, cut.head, terms, bits) + first / 2 - slope + arb(0, (first * cut.remainder).upper())
    if terms is not None:
        last, slope = corrections(f, terms, cut.pairs)
        result += last / 2 + slope
    return result
