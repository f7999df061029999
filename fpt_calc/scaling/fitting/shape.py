"""What keeps a curve from being one falling power law: no trend, growth, or a minimum with a rise behind it."""

from __future__ import annotations

import math

import numpy as np

from fpt_calc.errors import InputError
from fpt_calc.scaling.fitting.data import Curve
from fpt_calc.scaling.fitting.distributions import LEVEL, fisher_tail, student_quantile, student_two_sided
from fpt_calc.scaling.fitting.model import Parameter
from fpt_calc.scaling.fitting.rises import Rise
from fpt_calc.scaling.fitting.solve import RESOLUTION, Fit, refit

_ALIKE = 1e-6  # columns that differ by less are not told apart
_FALL = 0.25  # of the rise in logarithms: a smaller fall before it is no descent


def refuse_other_shapes(fit: Fit, rise: Rise | None) -> None:
    """Raises `InputError` where the curve has a minimum, grows, or shows no trend."""
    slope, error, p = _slope(fit.curve)
    if rise is not None and rise.fall_before > _FALL * rise.height:
        raise InputError(
            f"the loss has a minimum near size {rise.begin:.4g} and then rises by a factor of "
            f"{math.exp(rise.height):.3g} (double descent, or an outlier): this is not one power law",
            where="loss",
            remedy=f"fit the sizes below {rise.begin:.4g}, or those above {rise.end:.4g}",
        )
    if rise is not None or (slope > 0 and p < 1 - LEVEL):
        raise InputError(
            f"the loss grows with the size, about like size^{slope:.2g}",
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


def _slope(curve: Curve) -> tuple[float, float, float]:
    """The slope of log loss over log size with its standard error and p; shares and generations enter linearly."""
    columns = [np.ones(curve.rows), np.log(curve.sizes)]
    columns += [c for c in (curve.shares**2, curve.generations) if c.any()]
    unit = np.ones(curve.rows) if curve.errors is None else curve.errors / curve.losses
    matrix = np.stack(columns, axis=1) / unit[:, None]
    target = np.log(curve.losses) / unit
    solved, _, rank, _ = np.linalg.lstsq(matrix, target, rcond=_ALIKE)
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
