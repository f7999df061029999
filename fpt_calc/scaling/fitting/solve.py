"""The likelihood of a law and its maximum.

With standard errors the losses are normal about the law.  Without them their logarithms are, with one unknown scatter:
measured losses have relative rather than absolute errors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from fpt_calc.errors import InputError
from fpt_calc.scaling.fitting.data import Array, Curve
from fpt_calc.scaling.fitting.distributions import chi_square_tail
from fpt_calc.scaling.fitting.minimize import least_squares
from fpt_calc.scaling.fitting.model import (
    HIGHEST,
    LOWEST,
    Model,
    Parameter,
    derivatives,
    generation_sum,
    log_sizes,
    resting_values,
    values,
)

RESOLUTION = 1e-9  # losses count as known to nine digits at best, so that perfect data have a scatter
BAD_FIT = 0.01  # standard errors with a chi squared less likely than this are scaled to the scatter
_EXPONENTS = np.geomspace(0.02, 16.0, 14)  # where fits start
_STARTS = 2


@dataclass(frozen=True)
class Pin:
    """A loss that a law has to take at a size (no share, generation 0): the amplitude follows from the others."""

    size: float
    loss: float

    def complete(self, theta: Array) -> None:
        """Set the amplitude: A = (loss - floor) size^exponent."""
        theta[Parameter.LOG_AMPLITUDE] = np.log(self.loss - theta[Parameter.FLOOR])
        theta[Parameter.LOG_AMPLITUDE] += theta[Parameter.EXPONENT] * np.log(self.size)

    def slopes(self, theta: Array) -> Array:
        """The derivatives of the logarithm of the amplitude by all parameters."""
        found = np.zeros(len(theta))
        found[Parameter.FLOOR] = -1 / (self.loss - theta[Parameter.FLOOR])
        found[Parameter.EXPONENT] = np.log(self.size)
        return found


@dataclass(frozen=True, eq=False)
class Fit:
    """A model with the parameters that fit best; ``cost`` is the sum of squared residuals."""

    curve: Curve
    model: Model
    theta: Array
    cost: float

    @property
    def freedom(self) -> int:
        return self.curve.rows - len(self.model.free)

    @property
    def scale_is_known(self) -> bool:
        """Whether the standard errors explain the scatter."""
        return self.curve.errors is not None and self.goodness >= BAD_FIT

    @property
    def goodness(self) -> float:
        """The probability of a chi squared as large as this, from the standard errors."""
        return chi_square_tail(self.cost, self.freedom)

    @property
    def variance(self) -> float:
        """The variance of a residual: 1 where the standard errors explain the scatter, estimated otherwise."""
        if self.scale_is_known:
            return 1.0
        least = 0.0 if self.curve.errors is not None else self.curve.rows * RESOLUTION**2
        return (self.cost + least) / self.freedom

    @property
    def aicc(self) -> float:
        """Akaike's criterion, with the correction for few rows where the scatter is estimated."""
        free, rows = len(self.model.free), self.curve.rows
        if self.curve.errors is not None:
            return self.cost + 2 * free
        free += 1
        if rows <= free + 1:
            return np.inf
        likelihood = rows * np.log(self.cost / rows + RESOLUTION**2)
        return float(likelihood + 2 * free + 2 * free * (free + 1) / (rows - free - 1))


def fit_model(curve: Curve, model: Model, starts: Iterable[Array] = ()) -> Fit:
    """The best fit, from starts on a grid of exponents and the given ones; raises `InputError` if rows are too few."""
    needed = len(model.free) + 1
    if curve.rows < needed:
        raise InputError(
            f"{curve.rows} rows for a law of {len(model.free)} parameters",
            remedy=f"give {needed} rows at least, or fewer columns",
        )
    residuals = _residuals(curve, model)
    grid = [_flat(curve), *(theta for c in _EXPONENTS for theta in _start(curve, model, float(c)))]
    costs = [np.inf if (r := residuals(theta)) is None else float(r @ r) for theta in grid]
    best = [grid[i] for i in np.argsort(costs)[:_STARTS]]
    fits = [_descend(curve, model, theta) for theta in (*best, *starts)]
    return min(fits, key=lambda f: f.cost)


def refit(fit: Fit, start: Array, fixed: Mapping[Parameter, float]) -> Fit:
    """The best fit from one start, where some parameters are given."""
    theta = start.copy()
    for parameter, value in fixed.items():
        theta[parameter] = value
    return _descend(fit.curve, fit.model.without(*fixed), theta)


def refit_through(fit: Fit, start: Array, pin: Pin) -> Fit:
    """The best fit from one start among the laws that take a given loss at a size."""
    free = list(fit.model.without(Parameter.LOG_AMPLITUDE).free)
    top = HIGHEST.copy()
    top[Parameter.FLOOR] = pin.loss * (1 - RESOLUTION)
    residuals, jacobian = _residuals(fit.curve, fit.model), _jacobian(fit.curve, fit.model)

    def full(point: Array) -> Array:
        theta = start.copy()
        theta[free] = point
        pin.complete(theta)
        return theta

    def slopes(point: Array) -> Array:
        theta = full(point)
        every = jacobian(theta)
        return np.asarray(every[:, 1:] + np.outer(every[:, 0], pin.slopes(theta)[free]))

    found = least_squares(lambda p: residuals(full(p)), slopes, start[free], LOWEST[free], top[free])
    return Fit(fit.curve, fit.model, full(found.point), found.cost)


def sensitivities(fit: Fit) -> Array:
    """The derivatives of the residuals by the free parameters, one column each."""
    return _jacobian(fit.curve, fit.model)(fit.theta)


def residuals_of(fit: Fit) -> Array:
    """The residuals: of the logarithms, or in standard errors."""
    found = _residuals(fit.curve, fit.model)(fit.theta)
    assert found is not None  # a fit has values
    return found


def _descend(curve: Curve, model: Model, start: Array) -> Fit:
    free = list(model.free)

    def full(point: Array) -> Array:
        theta = start.copy()
        theta[free] = point
        return theta

    residuals, jacobian = _residuals(curve, model), _jacobian(curve, model)
    found = least_squares(
        lambda p: residuals(full(p)), lambda p: jacobian(full(p)), start[free], LOWEST[free], HIGHEST[free]
    )
    return Fit(curve, model, full(found.point), found.cost)


def _residuals(curve: Curve, model: Model) -> Callable[[Array], Array | None]:
    """The residuals at all parameters, None where the law is not positive or overflows."""
    logs = np.log(curve.losses)

    def at(theta: Array) -> Array | None:
        with np.errstate(over="ignore", invalid="ignore"):
            predicted = values(model, curve, theta)
        if curve.errors is not None:
            found = (curve.losses - predicted) / curve.errors
        elif not (predicted > 0).all():
            return None
        else:
            found = logs - np.log(predicted)
        return found if np.isfinite(found).all() else None

    return at


def _jacobian(curve: Curve, model: Model) -> Callable[[Array], Array]:
    """The derivatives of the residuals by the free parameters."""

    def at(theta: Array) -> Array:
        with np.errstate(over="ignore", invalid="ignore"):
            unit = values(model, curve, theta) if curve.errors is None else curve.errors
            return np.asarray(-derivatives(model, curve, theta) / unit[:, None])

    return at


def _flat(curve: Curve) -> Array:
    """The constant loss, which every model can have."""
    theta = resting_values()
    theta[Parameter.LOG_AMPLITUDE] = np.log(curve.losses).mean()
    return theta


def _start(curve: Curve, model: Model, exponent: float) -> list[Array]:
    """The linear parameters by weighted least squares, given the exponent; none where the amplitude is not positive."""
    sizes = log_sizes(model, curve)
    centre = sizes.mean()
    power = np.exp(np.clip(-exponent * (sizes - centre), -600, 600))
    theta = resting_values()
    theta[Parameter.EXPONENT] = exponent
    columns = {Parameter.LOG_AMPLITUDE: power}
    if Parameter.FLOOR in model.free:
        columns[Parameter.FLOOR] = np.ones(curve.rows)
    if Parameter.SHARE in model.free:
        columns[Parameter.SHARE] = curve.shares**2
    if Parameter.GENERATION in model.free:
        steps = generation_sum(curve.generations, 1.0)
        columns[Parameter.GENERATION] = steps * (power if model.compounding else 1.0)
    unit = curve.losses if curve.errors is None else curve.errors
    found = _linear(columns, unit, curve.losses)
    if found.get(Parameter.FLOOR, 0.0) < 0:
        del columns[Parameter.FLOOR]
        found = _linear(columns, unit, curve.losses)
    amplitude = found.pop(Parameter.LOG_AMPLITUDE)
    if not amplitude > 0:
        return []
    theta[Parameter.LOG_AMPLITUDE] = np.log(amplitude) + exponent * centre
    for parameter, value in found.items():
        compounds = model.compounding and parameter is Parameter.GENERATION
        theta[parameter] = value / amplitude if compounds else value
    return [theta]


def _linear(columns: Mapping[Parameter, Array], unit: Array, losses: Array) -> dict[Parameter, float]:
    """Weighted least squares; numbers so far apart that it cannot be done are no start: all zero."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        matrix = np.stack(list(columns.values()), axis=1) / unit[:, None]
        scale = np.abs(matrix).max(axis=0)
        matrix, target = matrix / scale, losses / unit
        if not (np.isfinite(matrix).all() and np.isfinite(target).all()):
            return dict.fromkeys(columns, 0.0)
        solved = np.linalg.lstsq(matrix, target, rcond=None)[0] / scale
    return dict(zip(columns, map(float, solved), strict=True))
