"""What keeps a curve from being one falling power law: no trend, growth, or a minimum with a rise behind it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fpt_calc.errors import InputError
from fpt_calc.scaling.fitting.data import Array, Curve
from fpt_calc.scaling.fitting.distributions import LEVEL, fisher_tail, student_quantile, student_two_sided
from fpt_calc.scaling.fitting.model import Parameter
from fpt_calc.scaling.fitting.solve import BAD_FIT, RESOLUTION, Fit, refit, residuals_of

_CHANCE = 1e-3  # of taking noise for a rise
_DRAWS = 1999
_BLOCK = 1_000_000  # numbers drawn at once
_VISIBLE = 0.02  # a smaller relative rise may be rounding
_NORMAL_MEDIAN = 0.6744897501960817  # of |Z|


@dataclass(frozen=True, eq=False)
class _Means:
    """The mean logarithms of the losses at each size, the rest of the law taken away, with their noise.

    ``deviations`` are standard deviations of the means, up to a common factor if that is not known.
    """

    sizes: Array
    logs: Array
    deviations: Array
    known: bool


def refuse_other_shapes(fit: Fit) -> None:
    """Raises `InputError` where the curve has a minimum, grows, or shows no trend."""
    slope, error, p = _slope(fit.curve)
    grows = slope > 0 and p < 1 - LEVEL
    means = _means(fit)
    lowest, highest = _largest_rise(means.logs, means.deviations)[1:]
    if not grows and _is_a_rise(means):
        factor = math.exp(means.logs[highest] - means.logs[lowest])
        where = f"from size {means.sizes[lowest]:g} to {means.sizes[highest]:g}"
        raise InputError(
            f"the loss has a minimum and then rises by a factor of {factor:.3g} {where} (double descent?): this is "
            "not one power law",
            where="loss",
            remedy=f"fit the sizes up to {means.sizes[lowest]:g}, or those from {means.sizes[highest]:g} on",
        )
    if grows:
        raise InputError(
            f"the loss grows with the size, like size^{slope:.2g}",
            where="loss",
            remedy="a scaling law falls; are the columns exchanged, or is this an accuracy?",
        )
    if p >= 1 - LEVEL and not _size_matters(fit):
        half = error * student_quantile(_slope_freedom(fit.curve))
        raise InputError(
            f"no trend: the exponent is {-slope:.2g} +- {half:.2g}",
            where="loss",
            remedy="measure at sizes further apart, or with less noise",
        )


def lag_correlation(ordered: Array) -> float:
    """The correlation of neighbours among residuals with mean about zero."""
    norm = float(ordered @ ordered)
    return float(ordered[1:] @ ordered[:-1]) / norm if norm > 0 else 0.0


def _slope(curve: Curve) -> tuple[float, float, float]:
    """The slope of log loss over log size with its standard error and p; shares and generations enter linearly."""
    columns = [np.ones(curve.rows), np.log(curve.sizes)]
    columns += [c for c in (curve.shares**2, curve.generations) if c.any()]
    unit = np.ones(curve.rows) if curve.errors is None else curve.errors / curve.losses
    matrix = np.stack(columns, axis=1) / unit[:, None]
    target = np.log(curve.losses) / unit
    solved, _, rank, _ = np.linalg.lstsq(matrix, target, rcond=None)
    freedom = _slope_freedom(curve)
    if freedom < 1 or rank < len(columns):
        raise InputError(
            "sizes, shares and generations vary together, so that their effects cannot be told apart",
            remedy="vary one while the others stay",
        )
    rest = target - matrix @ solved
    variance = float(rest @ rest) / freedom
    error = math.sqrt(variance * np.linalg.pinv(matrix.T @ matrix)[1, 1])
    error = max(error, RESOLUTION / float(np.ptp(columns[1])))
    return float(solved[1]), error, student_two_sided(abs(solved[1]) / error, freedom)


def _slope_freedom(curve: Curve) -> int:
    return curve.rows - 2 - curve.has_shares - curve.has_generations


def _size_matters(fit: Fit) -> bool:
    """Fisher's test of the fitted law against one without the size: a steep start may end in a long floor."""
    constant = refit(fit, fit.theta, {Parameter.EXPONENT: 0.0, Parameter.FLOOR: 0.0})
    ratio = (constant.cost - fit.cost) / 2 / fit.variance
    return fisher_tail(ratio, 2, fit.freedom) < 1 - LEVEL


def _means(fit: Fit) -> _Means:
    curve = fit.curve
    amplitude, exponent, floor = fit.theta[:3]
    clean = np.log(np.exp(amplitude - exponent * np.log(curve.sizes)) + floor)
    rest = residuals_of(fit)
    noise = np.ones(curve.rows)
    if curve.errors is not None:
        noise = curve.errors / curve.losses
        rest = rest * noise
    sizes, place = np.unique(curve.sizes, return_inverse=True)
    weight = np.bincount(place, noise**-2)
    logs = np.bincount(place, (clean + rest) * noise**-2) / weight
    return _Means(sizes, logs, np.asarray(1 / np.sqrt(weight)), curve.errors is not None and fit.goodness >= BAD_FIT)


def _largest_rise(logs: Array, deviations: Array) -> tuple[float, int, int]:
    """The largest rise from one size to a later one, in standard deviations, and where it begins and ends."""
    best = (0.0, 0, 0)
    for end in range(1, len(logs)):
        rises = (logs[end] - logs[:end]) / np.sqrt(deviations[end] ** 2 + deviations[:end] ** 2)
        begin = int(np.argmax(rises))
        if rises[begin] > best[0]:
            best = (float(rises[begin]), begin, end)
    return best


def _is_a_rise(means: _Means) -> bool:
    """Whether noise about a flat curve, the falling curve that rises most easily, would hardly ever rise as much.

    A Monte Carlo test: the noise is drawn, its scale is estimated from the draw as from the data, and the share of
    draws that rise as much is exact for normal noise.  The scale comes from the distance of each mean to the line
    through its neighbours, so that a smooth curve counts as free of noise.
    """
    seen, begin, end = _largest_rise(means.logs, means.deviations)
    if means.logs[end] - means.logs[begin] < _VISIBLE:
        return False
    count = len(means.logs)
    seen /= 1.0 if means.known else max(float(_noise(means.logs[None, :], means)[0]), 1e-12)
    as_large = 0
    for drawn in _draws(count, means.deviations):
        lowest = np.minimum.accumulate(drawn, axis=1)
        if np.ptp(means.deviations) == 0:
            rises = ((drawn - lowest) / (math.sqrt(2) * means.deviations)).max(axis=1)
        else:
            rises = np.array([_largest_rise(row, means.deviations)[0] for row in drawn])
        as_large += int((rises >= seen * (1.0 if means.known else _noise(drawn, means))).sum())
    return (1 + as_large) / (1 + _DRAWS) <= _CHANCE


def _draws(count: int, deviations: Array) -> Iterator[Array]:
    generator, left = np.random.default_rng(0), _DRAWS
    while left:
        rows = min(left, max(_BLOCK // count, 1))
        yield generator.normal(size=(rows, count)) * deviations
        left -= rows


def _noise(logs: Array, means: _Means) -> Array:
    """The common factor of the deviations, for each row of logs: the median distance from the neighbours' line."""
    x = np.log(means.sizes)
    left = (x[2:] - x[1:-1]) / (x[2:] - x[:-2])
    rest = logs[:, 1:-1] - left * logs[:, :-2] - (1 - left) * logs[:, 2:]
    squares = means.deviations**2
    expected = np.sqrt(squares[1:-1] + left**2 * squares[:-2] + (1 - left) ** 2 * squares[2:])
    return np.asarray(np.median(np.abs(rest) / expected, axis=1) / _NORMAL_MEDIAN)
