"""Sums over exponential spectra ``a e^(-b k)`` in balls: the terms before saturation, then a geometric series."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from flint import arb, ctx, fmpq

from fpt_calc.errors import ComputationError, InputError
from fpt_calc.oracles.exact_numbers import (
    Exact,
    ball,
    bits_of,
    checked_count,
    checked_digits,
    exact,
    nonnegative,
    positive,
    positive_exact,
)

GUARD = 40
MAX_TERMS = 10**5


@dataclass(frozen=True)
class ExponentialFactor:
    """``(scale e^(-rate k) + ridge)^-order``.

    Parameters
    ----------
    rate : b > 0.
    ridge : kappa >= 0, a number or a ball.
    order : m, a nonnegative integer.
    scale : a > 0, a number or a ball.
    """

    rate: Exact
    ridge: Exact | arb
    order: int = 1
    scale: Exact | arb = 1


@dataclass(frozen=True)
class Saturating:
    """A checked factor with ridge > 0 and order > 0."""

    scale: arb
    rate: fmpq
    ridge: arb
    order: int


def exponential_sum(
    rate: Exact,
    factors: Sequence[ExponentialFactor] = (),
    *,
    terms: int | None = None,
    scale: Exact | arb = 1,
    digits: int = 30,
) -> arb:
    """``scale sum_{k=1}^terms e^(-rate k) prod_i (a_i e^(-b_i k) + kappa_i)^-m_i``.

    Parameters
    ----------
    rate : c, any real number.
    factors : the powers of resolvents.
    terms : d, or None for infinitely many.
    scale : a number or a ball.
    digits : significant digits; inexact ridges and scales leave fewer.

    Raises
    ------
    InputError
        for numbers out of range, and for a divergent infinite sum: it converges if and only if rate > sum m_i b_i over
        the factors with kappa_i = 0.
    ComputationError
        where more than 10^5 terms come before all factors are constant to the digits, ``(log(a/kappa) + 2.3 digits)/b``
        of them: small b is out of reach.

    >>> one = exponential_sum(1, digits=20)
    >>> one.overlaps(1/arb(1).expm1()), one.str(15, radius=False)
    (True, '0.581976706869326')
    >>> exponential_sum("0.1", [ExponentialFactor("0.1", ridge="1e-30")], terms=10**12, digits=20).str(10, radius=False)
    '690.2755279'
    """
    limit = None if terms is None else checked_count(terms, "terms", 1)
    bits = bits_of(checked_digits(digits)) + GUARD
    with ctx.workprec(bits + GUARD):
        constant, c, kept = prepared(exact(rate, "rate"), factors)
        if limit is None and not c > 0:
            remedy = "give a number of terms, or a positive rate for k -> oo"
            raise InputError("the infinite sum diverges", where="exponential sum", remedy=remedy)
        head = max((_saturation(f, bits) for f in kept), default=0)
        head = head if limit is None else min(head, limit)
        if head > MAX_TERMS:
            remedy = "use a larger rate of the spectrum or fewer terms"
            raise ComputationError(f"{head} terms before saturation", where="exponential sum", remedy=remedy)
        total = sum((_term(c, kept, k) for k in range(1, head + 1)), start=arb(0))
        if head != limit:
            total += _geometric(c, head, limit) * saturated(kept, head + 1)
        result = ball(scale, "scale") * constant * total
    if not result.is_finite():
        remedy = "use exact numbers or narrower balls"
        raise ComputationError("the ball of the sum is not finite", where="exponential sum", remedy=remedy)
    return result


def prepared(c: fmpq, factors: Sequence[ExponentialFactor]) -> tuple[arb, fmpq, list[Saturating]]:
    """Factors without ridge are exponentials, which join the rate."""
    constant, kept = arb(1), []
    for number, given in enumerate(factors, start=1):
        where = f"factor {number}"
        order = checked_count(given.order, f"{where}, order", 0)
        a, b = positive(given.scale, f"{where}, scale"), positive_exact(given.rate, f"{where}, rate")
        ridge = nonnegative(given.ridge, f"{where}, ridge")
        if ridge.is_zero():
            constant, c = constant * a**-order, c - order * b
        elif order:
            kept.append(Saturating(a, b, ridge, order))
    return constant, c, kept


def _saturation(f: Saturating, bits: int) -> int:
    """The number of terms, about, after which a e^(-b k) is below 2^-bits kappa."""
    return max(0, math.ceil((float((f.scale / f.ridge).log()) + bits * math.log(2)) / float(f.rate)))


def _term(c: fmpq, factors: Sequence[Saturating], k: int) -> arb:
    result = (-arb(c * k)).exp()
    for f in factors:
        result /= (f.scale * (-arb(f.rate * k)).exp() + f.ridge) ** f.order
    return result


def _geometric(c: fmpq, start: int, end: int | None) -> arb:
    """``sum_{k=start+1}^end e^(-c k)``."""
    if end is not None and c == 0:
        return arb(end - start)
    first, ratio = (-arb(c * (start + 1))).exp(), (-arb(c)).expm1()
    return -first / ratio if end is None else first * (-arb(c) * (end - start)).expm1() / ratio


def saturated(factors: Sequence[Saturating], k: int) -> arb:
    """A ball that holds the product of the factors from the k-th term on, for each of these terms."""
    result = arb(1)
    for f in factors:
        ratio = f.scale * (-arb(f.rate * k)).exp() / f.ridge
        result *= f.ridge**-f.order * ((1 + ratio) ** -f.order).union(arb(1))
    return result
