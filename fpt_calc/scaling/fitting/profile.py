"""Profile likelihood: intervals of parameters and of predicted losses, and tests of given values.

A value is in the interval where the best law that has it costs at most t^2 variances more than the best law, t the
quantile of Student's t (of the normal law where standard errors are known).  In a linear model that is exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fpt_calc.scaling.fitting.data import Array, Estimate, safe_exp
from fpt_calc.scaling.fitting.distributions import (
    chi_square_tail,
    normal_quantile,
    student_quantile,
    student_two_sided,
)
from fpt_calc.scaling.fitting.model import HIGHEST, LOWEST, Parameter
from fpt_calc.scaling.fitting.solve import Fit, Pin, refit, refit_through, sensitivities

_STEPS = 40
_CLOSE = 1e-3  # of the half width: intervals are not meant to be known better


@dataclass(frozen=True)
class Distance:
    """A given value against the fit: in standard deviations, with sign, and how likely one as large is."""

    z: float
    p: float


def quantile(fit: Fit) -> float:
    """How many standard deviations the half width of an interval is."""
    return normal_quantile() if fit.scale_is_known else student_quantile(fit.freedom)


def tail(fit: Fit, z: float) -> float:
    """The probability of a distance of z standard deviations or more."""
    return chi_square_tail(z * z, 1) if fit.scale_is_known else student_two_sided(z, fit.freedom)


def distance_to(fit: Fit, parameter: Parameter, value: float) -> Distance:
    """How far a given value of a free parameter is, by the likelihood ratio."""
    held = refit(fit, fit.theta, {parameter: value})
    z = math.copysign(_distance(fit, held), float(fit.theta[parameter]) - value)
    return Distance(z, tail(fit, z))


def interval(fit: Fit, parameter: Parameter) -> Estimate:
    """The estimate of a free parameter with its interval; an end at the parameter's upper bound is infinite."""
    value, top = float(fit.theta[parameter]), float(HIGHEST[parameter])

    def held(v: float, start: Array) -> Fit:
        return refit(fit, start, {parameter: v})

    first = quantile(fit) * _standard_error(fit, parameter)
    low = _end(fit, value, -first, float(LOWEST[parameter]), held)
    high = _end(fit, value, first, top, held)
    return Estimate(value, low, math.inf if high >= top else high)


def exponential(estimate: Estimate) -> Estimate:
    """The estimate of exp(x) from that of x."""
    return Estimate(*(safe_exp(x) for x in (estimate.value, estimate.low, estimate.high)))


def predicted(fit: Fit, size: float) -> Estimate:
    """The loss at a size, of real data and in generation 0, with its interval."""
    amplitude, exponent, floor = (float(x) for x in fit.theta[:3])
    value = math.log(math.exp(amplitude - exponent * math.log(size)) + floor)
    curve = fit.curve
    unit = 1.0 if curve.errors is None else float(np.median(curve.errors / curve.losses))  # of a logarithm

    def held(v: float, start: Array) -> Fit:
        return refit_through(fit, start, Pin(size, math.exp(v)))

    first = quantile(fit) * math.sqrt(fit.variance) * unit
    low, high = (_end(fit, value, step, math.copysign(math.inf, step), held) for step in (-first, first))
    return exponential(Estimate(value, low, high))


def _end(fit: Fit, value: float, first: float, bound: float, held: Callable[[float, Array], Fit]) -> float:
    """Where the distance to the best law is the quantile: steps that double, then false position (Illinois)."""
    wanted, start = quantile(fit), fit.theta
    inner, below, outer, above = value, -wanted, value + first, 0.0
    for _ in range(_STEPS):
        outer = max(outer, bound) if first < 0 else min(outer, bound)
        found = held(outer, start)
        above = _distance(fit, found) - wanted
        if above >= 0:
            break
        if outer == bound:
            return bound
        inner, below, start, outer = outer, above, found.theta, value + 2 * (outer - value)
    else:
        return math.copysign(math.inf, first)
    side = 0
    for _ in range(_STEPS):
        middle = outer - above * (outer - inner) / (above - below) if math.isfinite(above) else (inner + outer) / 2
        found = held(middle, start)
        height = _distance(fit, found) - wanted
        if abs(height) < _CLOSE * wanted:
            return middle
        if height >= 0:
            outer, above, below = middle, height, below / 2 if side > 0 else below
        else:
            inner, below, start, above = middle, height, found.theta, above / 2 if side < 0 else above
        side = 1 if height >= 0 else -1
    return outer


def _distance(fit: Fit, held: Fit) -> float:
    return math.sqrt(max(held.cost - fit.cost, 0.0) / fit.variance)


def _standard_error(fit: Fit, parameter: Parameter) -> float:
    """From the curvature of the likelihood: where the search for the interval's ends begins."""
    moves, place = sensitivities(fit), fit.model.free.index(parameter)
    scale = np.sqrt((moves**2).sum(axis=0))
    if not scale[place] > 0:
        return max(abs(float(fit.theta[parameter])), 1.0)
    scale[scale == 0] = 1.0
    inverse = np.linalg.pinv((moves / scale).T @ (moves / scale))
    return float(math.sqrt(max(inverse[place, place], 1.0) * fit.variance) / scale[place])
