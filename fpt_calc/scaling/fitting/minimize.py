"""Least squares with bounds: the method of Levenberg and Marquardt with an active set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fpt_calc.scaling.fitting.data import Array

_MAX_STEPS = 100
_SMALL_GAIN = 1e-11  # of the cost: parameters are then within 1e-5 standard errors
_DAMPED = 1e12


@dataclass(frozen=True, eq=False)
class Minimum:
    """Where the sum of squares is least, and what it is there (infinite: no start had a value)."""

    point: Array
    cost: float


def least_squares(
    residuals: Callable[[Array], Array | None],
    jacobian: Callable[[Array], Array],
    start: Array,
    low: Array,
    high: Array,
) -> Minimum:
    """The least sum of squares in the box ``low <= point <= high``, from a start in it.

    ``residuals`` gives None where a point has no value, and such steps are not taken.  The damping is relative to the
    squared columns of the Jacobian, so that the units of the parameters do not matter.
    """
    point = np.clip(start, low, high)
    at = residuals(point)
    if at is None:
        return Minimum(point, np.inf)
    cost, damping = float(at @ at), 1e-3
    for _ in range(_MAX_STEPS):
        matrix = jacobian(point)
        gradient = matrix.T @ at
        moving = ~(((point <= low) & (gradient > 0)) | ((point >= high) & (gradient < 0)))
        with np.errstate(over="ignore"):
            scale = np.einsum("ij,ij->j", matrix, matrix)
        if not np.isfinite(scale).all():
            break
        moving &= scale > 0
        if not moving.any():
            break
        while damping < _DAMPED:
            step = _step(matrix, at, scale, moving, damping)
            there = np.clip(point + step, low, high)
            new = residuals(there)
            new_cost = np.inf if new is None else float(new @ new)
            if new is not None and new_cost <= cost:
                break
            damping = max(4 * damping, 1e-9)
        else:
            break
        gain, point, at, cost = cost - new_cost, there, new, new_cost
        if gain <= _SMALL_GAIN * cost and damping < 1:
            break
        damping /= 9
    return Minimum(point, cost)


def _step(matrix: Array, at: Array, scale: Array, moving: npt.NDArray[np.bool_], damping: float) -> Array:
    """The damped step of Gauss and Newton in the parameters that move, in scaled units (no normal equations)."""
    root = np.sqrt(scale[moving])
    count = len(root)
    damped = np.concatenate([matrix[:, moving] / root, np.sqrt(damping) * np.eye(count)])
    solved = np.linalg.lstsq(damped, np.concatenate([-at, np.zeros(count)]), rcond=None)[0]
    step = np.zeros(len(scale))
    step[moving] = solved / root
    return step
