"""Test errors of learners that remember, in double precision and milliseconds, for any number of items.

The first items are summed one by one, the rest by the Euler-Maclaurin formula, its integral by Gauss-Legendre panels in
log(i).  It shares no argument with `fpt_calc.scaling.zipf.certified` but the law itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import flint
import numpy as np
import numpy.typing as npt

from fpt_calc.scaling.zipf.laws import TrainingLaw, ZipfLaw
from fpt_calc.scaling.zipf.numbers import count, fraction
from fpt_calc.scaling.zipf.sampling import Sampling
from fpt_calc.scaling.zipf.segments import Segment, power_sum, tested

Array = npt.NDArray[np.float64]

HEAD = 4096  # items that are summed one by one at the start of a range ...
END = 65536  # ... and at its end, where the summand is steep there
STEEP = 0.01  # relative change of the summand from item to item, above which Euler-Maclaurin is not used
NEGLIGIBLE = 50.0  # exp(-50) is lost in double precision
SEEN_NEVER = 1e-18  # T q below which nothing is learned in double precision
PRECISION = 128  # bits, for the weights
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)


def expected_error(test: ZipfLaw, training: TrainingLaw, size: int, *, sampling: Sampling = Sampling.FIXED) -> float:
    """``sum of p_i (1 - q_i)**T`` in double precision.  The relative error is about 2e-14 times
    1 - log(error): a small error is the exponential of a number that is rounded.

    Parameters
    ----------
    test : Zipf's law p of the test, with numbers.
    training : the law q of the training items.
    size : T, the number of training items, at least 0.
    sampling : `Sampling.POISSON` for ``exp(-T*q_i)``.

    Raises `InputError` for other numbers, or laws with symbols.

    >>> from fpt_calc.scaling.zipf.laws import cut
    >>> law = ZipfLaw("3/2", items=10**7)
    >>> expected_error(law, law, 10**6), expected_error(law, cut(law, 100), 10**6)
    (0.00917495..., 0.07614409...)
    """
    return mean_error(test, training, float(count(size, "samples")), sampling)


def mean_error(test: ZipfLaw, training: TrainingLaw, mean: float, sampling: Sampling) -> float:
    """`expected_error` for a number T that need not be whole."""
    with flint.ctx.workprec(PRECISION):
        parts = tested(test, training)
        beta = fraction(test.beta, "beta")
        norm = float(power_sum(beta, 1, test.items))
        pieces = [(_piece(beta, s, mean, sampling), float(power_sum(beta, s.first, s.last))) for s in parts]
    return math.fsum(mass if mean == 0 or not p.weights else _sum(p) for p, mass in pieces) / norm


@dataclass(frozen=True)
class _Piece:
    """The summand ``x**-beta`` times the chance that an item is missed, on a range."""

    beta: float
    first: int
    last: float
    weights: tuple[float, ...]
    exponents: tuple[float, ...]
    mean: float
    sampling: Sampling

    def drawn(self, x: Array) -> Array:
        """T q, at most T."""
        q = sum((w * x**-e for w, e in zip(self.weights, self.exponents, strict=True)), np.zeros_like(x))
        return self.mean * np.minimum(q, 1.0)

    def value(self, x: Array) -> Array:
        drawn = self.drawn(x)
        if self.sampling is Sampling.FIXED:
            with np.errstate(divide="ignore"):  # what is always drawn is never missed
                drawn = -self.mean * np.log1p(-drawn / self.mean)
        return x**-self.beta * np.exp(-drawn)

    def log_slope(self, x: float) -> float:
        """The derivative of the logarithm of the summand."""
        steps = (w * e * x ** (-e - 1) for w, e in zip(self.weights, self.exponents, strict=True))
        left = 1.0
        if self.sampling is Sampling.FIXED:
            left -= _drawn(self, x) / self.mean
        return -self.beta / x + self.mean * math.fsum(steps) / left

    def slope(self, x: float) -> float:
        value = float(self.value(np.array([x]))[0])
        return value * self.log_slope(x) if value else 0.0


def _piece(beta: Any, s: Segment, mean: float, sampling: Sampling) -> _Piece:
    last = math.inf if s.last is None else float(s.last)
    weights, exponents = tuple(float(w) for w, _ in s.terms), tuple(float(e) for _, e in s.terms)
    return _Piece(float(beta), s.first, last, weights, exponents, mean, sampling)


def _sum(p: _Piece) -> float:
    middle = p.first + HEAD
    if p.last < middle + END:
        return _one_by_one(p, p.first, int(p.last))
    head = _one_by_one(p, p.first, middle - 1)
    if p.last < math.inf and abs(p.log_slope(p.last)) > STEEP:
        start = int(p.last) - END  # the summand falls by exp(-END*STEEP) from the last item to this one
        return head + _one_by_one(p, start, int(p.last))
    return head + _euler_maclaurin(p, float(middle))


def _one_by_one(p: _Piece, first: int, last: int) -> float:
    return float(np.sum(p.value(np.arange(first, last + 1, dtype=float))))


def _euler_maclaurin(p: _Piece, start: float) -> float:
    """The sum from ``start`` on: the integral, the ends, and the slopes; the next term is below 1e-15 of the sum.

    From item to item the summand changes by a relative l = (beta + b T q)/x; the next term is of relative order
    l^3/720, with the factor exp(-T q) where T q is large.
    """
    low = _where(p, start, NEGLIGIBLE + _drawn(p, p.last))
    high = p.last if p.last < math.inf else max(low, _where(p, start, SEEN_NEVER))
    result = _integral(p, low, high)
    if p.last == math.inf:
        result += high ** (1 - p.beta) / (p.beta - 1)  # nothing is learned there
    else:
        result += float(p.value(np.array([p.last]))[0]) / 2 + p.slope(p.last) / 12
    if low == start:
        result += float(p.value(np.array([start]))[0]) / 2 - p.slope(start) / 12
    return result


def _where(p: _Piece, start: float, level: float) -> float:
    """Where T q falls to a level, at least ``start``: bisection in log(x)."""
    low = high = math.log(start)
    while _drawn(p, math.exp(high)) > level:
        low, high = high, 2 * high
    if low == high:
        return start
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _drawn(p, math.exp(middle)) > level else (low, middle)
    return math.exp(high)


def _drawn(p: _Piece, x: float) -> float:
    return float(p.drawn(np.array([x]))[0])


def _integral(p: _Piece, low: float, high: float) -> float:
    length = math.log(high / low)
    panels = max(64, math.ceil(4 * length * max(1.0, *p.exponents, p.beta)))
    borders = np.log(low) + length * np.arange(panels + 1) / panels
    centre, half = (borders[1:] + borders[:-1]) / 2, length / panels / 2
    x = np.exp(centre[:, None] + half * _NODES)
    return float(np.sum(p.value(x) * x * _WEIGHTS) * half)
