"""Solve a system at a point: follow the nonlinear components, then the linear ones, then judge the result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fpt_calc.point import NumericModel, Point
from fpt_calc.scalars import Scalar
from fpt_calc.solve.blocks import Blocks, NumericSystem
from fpt_calc.solve.continuation import PATHS, Followed, follow
from fpt_calc.solve.newton import EPS, solve_component
from fpt_calc.solve.solution import Result, Solution, Statistics
from fpt_calc.solve.stability import stability_radius
from fpt_calc.system import FixedPointSystem, Unknown

Number = Any
# A radius of 1 up to the square root of rounding is an edge of a spectrum, where values have half the digits at best.
STABLE_BELOW = 1.0 - EPS**0.5


@np.errstate(over="ignore", divide="ignore", invalid="ignore")  # what is not finite does not converge, and is told so
def solve(system: FixedPointSystem, point: Point) -> Solution:
    """The physical solution of a system at a point, in double precision.

    Raises `fpt_calc.errors.InputError` if the point does not give all values or contradicts a declaration; a failed
    computation does not raise but is told by ``result``.
    """
    model = NumericModel(point)
    numeric = NumericSystem(system, model)
    is_real = not (
        any(np.iscomplexobj(entry) for _, _, entry in numeric.terms)
        or any(np.iscomplexobj(x) for _, c, m in numeric.couplings for x in (c, m) if x is not None)
    )
    failure = Result.NO_CONTINUATION
    followed: Followed | None = None
    for name, path in PATHS.items():
        try:
            followed = follow(numeric, path)
        except np.linalg.LinAlgError:
            return _failed(Result.SINGULAR_START, followed, name)
        if followed.values is None:
            continue
        solution = _finish(numeric, followed, name, is_real)
        if solution.result is Result.SUCCESS:
            return _judged(system, point, solution)
        failure = solution.result
    return _failed(failure, followed, ", ".join(PATHS))


def _judged(system: FixedPointSystem, point: Point, solution: Solution) -> Solution:
    """The solution, unless an inverse that the targets do not depend on is unbounded."""
    if system.vanishing is None:
        return solution
    other = solve(system.vanishing, point)
    return solution if other.result is Result.SUCCESS else other


def _finish(numeric: NumericSystem, followed: Followed, path: str, is_real: bool) -> Solution:
    values, errors = dict(followed.values or {}), dict(followed.errors)
    residual, newton = followed.residual, followed.newton_steps
    if is_real:
        if any(abs(np.imag(v)) > 1e3 * errors[u] + EPS * abs(v) for u, v in values.items()):
            return _failed(Result.UNBOUNDED, followed, path)  # a real problem with a complex limit is inside a spectrum
        values = {u: float(np.real(v)) for u, v in values.items()}
    radius = stability_radius(numeric, Blocks(numeric, values, 1.0))
    if not radius < STABLE_BELOW:
        return _failed(Result.UNBOUNDED, followed, path)
    for component in numeric.system.components:
        if component.linear:
            outcome = solve_component(numeric, component, values, 1.0)
            if not outcome.converged:
                return _failed(Result.NO_CONTINUATION, followed, path)
            values.update(outcome.values)
            errors.update(_propagated(numeric, component.unknowns, values, errors, outcome.errors))
            residual, newton = max(residual, outcome.residual), newton + outcome.steps
    outputs, output_errors = _outputs(numeric, values, errors)
    statistics = Statistics(newton, followed.continuation_steps, path)
    return Solution(values, errors, outputs, output_errors, Result.SUCCESS, residual, radius, statistics)


def _propagated(
    numeric: NumericSystem,
    own: tuple[Unknown, ...],
    values: Mapping[Unknown, Number],
    errors: Mapping[Unknown, float],
    rounding: Mapping[Unknown, float],
) -> dict[Unknown, float]:
    """Errors of a linear component: its own rounding and what it inherits from the unknowns before it."""
    earlier = [u for u in errors if u not in own]
    index = {u: k for k, u in enumerate((*own, *earlier))}
    blocks = Blocks(numeric, values, 1.0)
    slopes = np.array([blocks.derivatives(u, index) for u in own])
    inverse = np.abs(np.linalg.inv(np.eye(len(own)) - slopes[:, : len(own)]))
    inherited = np.abs(slopes[:, len(own) :]) @ np.array([errors[u] for u in earlier]) if earlier else 0.0
    total = inverse @ np.broadcast_to(inherited, (len(own),))
    return {u: float(total[k]) + rounding[u] for k, u in enumerate(own)}


def _outputs(
    numeric: NumericSystem, values: Mapping[Unknown, Number], errors: Mapping[Unknown, float]
) -> tuple[dict[str, Number], dict[str, float]]:
    """The targets and their errors: moved by the error of each unknown in turn, plus rounding of the largest term."""

    def evaluate(target: Scalar, at: Mapping[Unknown, Number]) -> Number:
        return NumericModel(numeric.model.point, at).scalar(target)

    outputs, output_errors = {}, {}
    for name, target in numeric.system.outputs.items():
        value = evaluate(target, values)
        spread = EPS * abs(value)
        for g in target.gens:
            if isinstance(g, Unknown):
                moved = evaluate(target, {**values, g: values[g] + max(errors[g], EPS * abs(values[g]))})
                spread += abs(moved - value)
        outputs[name], output_errors[name] = value, float(spread)
    return outputs, output_errors


def _failed(result: Result, followed: Followed | None, path: str) -> Solution:
    newton, moves = (followed.newton_steps, followed.continuation_steps) if followed else (0, 0)
    return Solution({}, {}, {}, {}, result, float("inf"), float("nan"), Statistics(newton, moves, path))
