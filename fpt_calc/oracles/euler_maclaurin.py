"""The Euler-Maclaurin formula for summands over power-law spectra, with a proved remainder.

For integers N < d and f smooth,

    sum_{k=N}^d f(k) = int_N^d f + (f(N) + f(d))/2 + sum_{j=1}^M B_2j/(2j)! (f^(2j-1)(d) - f^(2j-1)(N)) + R,
    |R| <= |B_2M|/(2M)! int_N^d |f^(2M)|,

and d = infinity drops the values at d.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flint import arb, arb_series, ctx, fmpq

from fpt_calc.oracles.power_spectra import Summand

MAX_HEAD = 10**6


@dataclass(frozen=True)
class Cut:
    """Sum the first ``head`` terms one by one and use ``pairs`` corrections of Euler and Maclaurin after them.

    ``remainder`` bounds |R| relative to f(head).
    """

    head: int
    pairs: int
    remainder: arb


def best_cut(f: Summand, bits: int) -> Cut | None:
    """The cut that makes the remainder at most 2^-bits f(head); None if it exceeds a million terms.

    On |z - x| <= r x, r = sin(alpha), each factor and power of f is compared with its value at x, f >= 0 there, which
    gives |f(z)| <= K f(x) with one K for all x >= N and all ridges: with w = z/x, |arg w| <= alpha and 1 - r <= |w| <=
    1 + r, hence |z^-q| <= max((1 + r)^-q, (1 - r)^-q) x^-q; the angle of a z^-beta is at most beta alpha < pi, and
    |u e^(i phi) + kappa| >= (u + kappa) cos(phi/2).  Cauchy: |f^(2M)(x)| <= (2M)! K (r x)^-2M f(x).  As x f'/f <= p =
    -q + sum m_i beta_i, f(x) <= f(N) (x/N)^p, so the remainder is at most

        |B_2M| K r^-2M f(N) N^(1-2M) / (2M - 1 - p)        if 2M - 1 > p.

    With logarithms L(x) = log(1 + x): |L(z)| is between L(x) + log(1 - r) and L(x) + log(1 + r) + alpha, its angle is
    at most atan(alpha/(L(x) + log(1 - r))), and x L'/L <= 1/L(N); all three are worst at x = N.
    """
    steepest = max((float(x.exponent) for x in f.factors), default=0.0)
    alpha = min(1.1, 0.8 * math.pi / steepest) if f.factors else 1.1
    if f.has_logs:
        alpha = min(alpha, 0.8)
    head = math.ceil(bits / (4 * math.sin(alpha))) + 10
    while head <= MAX_HEAD:
        cut = _cut(f, head, arb(alpha), bits)
        if cut is not None:
            return cut
        head = head * 3 // 2
    return None


def _cut(f: Summand, head: int, alpha: arb, bits: int) -> Cut | None:
    constant, power = comparison(f, head, alpha)
    if not constant.is_finite():
        return None
    radius, goal = alpha.sin(), arb(2) ** -bits

    def bound(pairs: int) -> arb:
        even = 2 * pairs
        bernoulli = abs(arb(fmpq.bernoulli(even)))
        return bernoulli * constant * (radius * head) ** -even * head / (even - 1 - power)

    least = max(1, math.ceil((float(power.upper()) + 2) / 2))
    best = max(
        least, int(math.pi * float(radius) * head)
    )  # the bounds decrease until there: |B_2j| ~ 2 (2j)!/(2 pi)^2j
    if not bound(best) < goal:
        return None
    pairs = least + bisect_left(range(least, best), True, key=lambda p: bool(bound(p) < goal))
    return Cut(head, pairs, bound(pairs).upper())


def comparison(f: Summand, head: int, alpha: arb) -> tuple[arb, arb]:
    """K and p of `best_cut`; K is not finite where there is none."""
    radius = alpha.sin()
    inside, outside = (1 - radius).log(), (1 + radius).log()
    none = arb.nan(), arb(0)

    def spread(exponent: fmpq) -> arb:
        """The largest ratio of |z^exponent| to x^exponent."""
        return (arb(exponent) * (outside if exponent > 0 else inside)).exp()

    ratio = angle = log_growth = arb(0)
    if f.has_logs:
        log = arb(head + 1).log()
        if not log + inside > 0:
            return none
        ratio = ((log + outside + alpha) / log).max(log / (log + inside)).log()
        angle, log_growth = (alpha / (log + inside)).atan(), 1 / log
    constant = spread(-f.exponent) * (ratio * arb(abs(f.log_power))).exp()
    power = -arb(f.exponent) + log_growth * arb(abs(f.log_power))
    for factor in f.factors:
        phi = arb(factor.exponent) * alpha + arb(abs(factor.log_power)) * angle
        if not phi < arb.pi():
            return none
        # |a z^-beta L^gamma| >= its value at x over the spread, which is at least 1
        loss = spread(factor.exponent) * (ratio * arb(abs(factor.log_power))).exp()
        constant *= (loss / (phi / 2).cos()) ** factor.order
        power += factor.order * (arb(factor.exponent) + log_growth * arb(abs(factor.log_power)))
    return constant, power


def corrections(f: Summand, x: int, pairs: int) -> tuple[arb, arb]:
    """f(x) and ``sum_{j=1}^pairs B_2j/(2j)! f^(2j-1)(x)``, by the power series of f(x (1 + s))."""
    series = _series(f, x, 2 * pairs)
    total, step = arb(0), arb(1) / x
    scale = step
    for j in range(1, pairs + 1):
        total += arb(fmpq.bernoulli(2 * j)) / (2 * j) * series[2 * j - 1] * scale
        scale *= step * step
    return series[0], total


def _series(f: Summand, x: int, length: int) -> arb_series:
    with _series_length(length):
        log = None
        if f.has_logs:  # log(1 + x + x s) = log(1 + x) + log(1 + x/(1 + x) s)
            log = arb_series([1, arb(x) / (x + 1)], length).log() + arb(x + 1).log()
        result = _power(x, -f.exponent, log, f.log_power, length)
        for factor in f.factors:
            value = _power(x, -factor.exponent, log, factor.log_power, length) * factor.scale + factor.ridge
            result *= (arb_series([1], length) / value) ** factor.order
        return result


def _power(x: int, exponent: fmpq, log: arb_series | None, log_power: fmpq, length: int) -> arb_series:
    """The series of ``(x (1 + s))^exponent L^log_power``; the first is binomial."""
    coefficients = [arb(x) ** arb(exponent)]
    for j in range(length - 1):
        coefficients.append(coefficients[-1] * arb((exponent - j) / (j + 1)))
    result = arb_series(coefficients, length)
    return result if log is None or log_power == 0 else result * (log.log() * arb(log_power)).exp()


@contextmanager
def _series_length(length: int) -> Iterator[None]:
    """Lets flint keep that many coefficients; there is no argument for it."""
    before = ctx.cap
    ctx.cap = length
    try:
        yield
    finally:
        ctx.cap = before
