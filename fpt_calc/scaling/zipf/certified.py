"""Test errors of learners that remember, as balls: infinitely many items, or any number of them.

On a range of items with q_i = sum_j w_j i^-e_j, which decreases, let M be the first item with T q_M <= x.

- Items before M: (1 - q_i)^T <= (1 - q_{M-1})^T, about exp(-x) at most, so their sum is in [0, (1 - q_{M-1})^T].
- Items from M on: by Taylor's formula, with C(T, m) the derivatives at 0 up to sign and factorials,
  (1 - q)^T = sum_{m < n} (-1)^m C(T, m) q^m + r, |r| <= C(T, n) q^n for 0 <= q <= 1; the same holds for exp(-T q) with
  T^m / m!.  The sum of p_i q_i^m over the range is a sum of powers of i, thus of Hurwitz zeta functions, which Arb
  encloses.  The sum of the remainders is at most C(T, n) q_M^n.

x is chosen so that both bounds are below the accuracy asked for.  The series loses about x / log(2) bits, which the
working precision has in addition.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import flint

from fpt_calc.errors import CannotDecideError
from fpt_calc.scaling.zipf.laws import TrainingLaw, ZipfLaw
from fpt_calc.scaling.zipf.numbers import count, fraction
from fpt_calc.scaling.zipf.sampling import Sampling, missed, next_coefficient
from fpt_calc.scaling.zipf.segments import Segment, ball, power_sum, probability, tested

DIRECT = 400  # items that are added one by one rather than by a series
MAX_DIRECT = 20_000  # ... where the series would be too long
MAX_LEVEL = 1200.0  # of T q at the start of a series, which has about 3 T q terms
MAX_LOSS = 2500.0  # nats by which a series may be more accurate than its terms
MAX_DIGITS = 300
START = 128  # bits for the first look
GUARD = 128  # bits for numbers of samples and items up to 10^18


def certified_error(
    test: ZipfLaw,
    training: TrainingLaw,
    samples: int,
    *,
    digits: int = 30,
    sampling: Sampling = Sampling.FIXED,
) -> Any:
    """``sum of p_i (1 - q_i)**T``, the expected test error of a learner that remembers what it has seen, as a ball.

    Parameters
    ----------
    test : Zipf's law p of the test, with numbers.
    training : the law q of the training items.
    samples : T, the number of training items, at least 0.
    digits : significant decimal digits, up to 300.
    sampling : `Sampling.POISSON` for ``exp(-T*q_i)``.

    Raises `InputError` for other numbers, or laws with symbols; `CannotDecideError` where millions of items have an
    error that is exponentially small.

    >>> law = ZipfLaw("3/2")
    >>> certified_error(law, law, 10**12, digits=15).str(15)
    '[9.41559505826319e-5 +/- 2.46e-20]'
    """
    total = count(samples, "samples")
    return certified_sum(test, training, lambda: flint.arb(total), digits=digits, sampling=sampling)


def certified_sum(
    test: ZipfLaw,
    training: TrainingLaw,
    mean: Callable[[], Any],
    *,
    digits: int,
    sampling: Sampling,
) -> Any:
    """`certified_error` for a number T that is a ball, computed at the precision at the call."""
    wanted = min(count(digits, "digits", 1), MAX_DIGITS)
    accuracy = (wanted + 3) * math.log(10)
    with flint.ctx.workprec(START):
        loss = accuracy - max((_logarithm(test, s, mean(), sampling) for s in tested(test, training)), default=0.0)
        lost = max((_nats(s, mean(), loss) for s in tested(test, training)), default=0.0)
    bits = math.ceil((lost + accuracy) / math.log(2)) + GUARD
    with flint.ctx.workprec(bits):
        parts = tested(test, training)
        beta = fraction(test.beta, "beta")
        norm = power_sum(beta, 1, test.items)
        tail = _Tail(beta, mean(), sampling, loss)
        return sum((tail.error(s) for s in parts), flint.arb(0)) / norm


def _logarithm(test: ZipfLaw, segment: Segment, mean: Any, sampling: Sampling) -> float:
    """A lower bound of the logarithm of the error on a segment, up to rounding: what is left where T q = 1."""
    beta = fraction(test.beta, "beta")
    item = _first_below(segment, mean, 1.0)
    if segment.last is not None and item > segment.last:
        item = segment.last
    mass = power_sum(beta, item, segment.last) / power_sum(beta, 1, test.items)
    if not segment.terms:
        return float(mass.log())
    q = probability(segment, item)
    if sampling is Sampling.POISSON:
        return float(mass.log() - mean * q)
    return float(mass.log() + mean * (1 - q).log()) if q < 1 else float(mass.log()) if mean == 0 else -math.inf


def _nats(segment: Segment, mean: Any, loss: float) -> float:
    """What the working precision of a segment needs beyond the accuracy: nothing where items are added one by one."""
    start = _first_below(segment, mean, loss)
    if not segment.terms or (segment.last is not None and segment.last - start < DIRECT):
        return 0.0
    return min(loss, MAX_LOSS) + min(float(mean * probability(segment, start)), MAX_LEVEL)


def _first_below(segment: Segment, mean: Any, level: float) -> int:
    """The first item with T q at most ``level``, up to rounding; the one after the last if there is none."""
    if not segment.terms:
        return segment.first

    def is_below(item: int) -> bool:
        return bool(float(mean * probability(segment, item)) <= level)

    low, step = segment.first, 1
    while not is_below(low):
        if segment.last is not None and low + step > segment.last:
            high = segment.last + 1
            break
        low, step = low + step, 2 * step
        if is_below(low):
            high = low
            break
    else:
        return low
    low = max(segment.first, high - step)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if is_below(middle) else (middle + 1, high)
    return low


class _Tail:
    """Sums of ``i**-beta`` times the chance that an item is missed."""

    def __init__(self, beta: Fraction, mean: Any, sampling: Sampling, loss: float) -> None:
        self._beta = beta
        self._mean = mean
        self._sampling = sampling
        self._loss = loss

    def error(self, segment: Segment) -> Any:
        """The sum over a segment."""
        if not segment.terms:
            return power_sum(self._beta, segment.first, segment.last)
        start = _first_below(segment, self._mean, self._loss)
        result = flint.arb(0)
        if start > segment.first:
            mass = power_sum(self._beta, segment.first, start - 1)
            result += (mass * self._missed(segment, start - 1)).union(flint.arb(0))
        if segment.last is not None and start > segment.last:
            return result
        length = None if segment.last is None else segment.last - start + 1
        is_long = self._loss > MAX_LOSS or float(self._mean * probability(segment, start)) > MAX_LEVEL
        if length is not None and length <= (MAX_DIRECT if is_long else DIRECT):
            return result + self._one_by_one(segment, start, start + length)
        if is_long:
            raise CannotDecideError(
                f"the error of {length or 'infinitely many'} items is too small for a series",
                where="samples",
                remedy="ask for double precision (`expected_error`), or for fewer samples",
            )
        return result + self._series(segment, start)

    def _one_by_one(self, segment: Segment, start: int, end: int) -> Any:
        power = -ball(self._beta)
        return sum((flint.arb(i) ** power * self._missed(segment, i) for i in range(start, end)), flint.arb(0))

    def _missed(self, segment: Segment, item: int) -> Any:
        q = probability(segment, item)
        return missed(self._sampling, q if q <= 1 else q.intersection(flint.arb(0).union(flint.arb(1))), self._mean)

    def _series(self, segment: Segment, start: int) -> Any:
        """The alternating series; powers of q are sums over exponents, which are collected before zeta is called."""
        largest, mean = probability(segment, start), self._mean
        mass = power_sum(self._beta, start, segment.last)
        small = (-flint.arb(self._loss)).exp() * mass
        power: dict[Fraction, Any] = {Fraction(0): flint.arb(1)}
        collected: dict[Fraction, Any] = {}
        coefficient, order, bound = flint.arb(1), 0, mass
        while bound.upper() > small.lower():
            sign = -1 if order % 2 else 1
            for exponent, weight in power.items():
                collected[exponent] = collected.get(exponent, flint.arb(0)) + sign * coefficient * weight
            power = _times(power, segment.terms)
            coefficient = next_coefficient(self._sampling, order, coefficient, mean)
            order += 1
            bound = abs(coefficient) * largest**order * mass
        value = sum((w * power_sum(self._beta + e, start, segment.last) for e, w in collected.items()), flint.arb(0))
        return value + (-bound).union(bound)


def _times(power: dict[Fraction, Any], terms: tuple[tuple[Any, Fraction], ...]) -> dict[Fraction, Any]:
    product: dict[Fraction, Any] = {}
    for e, w in power.items():
        for weight, exponent in terms:
            product[e + exponent] = product.get(e + exponent, flint.arb(0)) + w * weight
    return product
