"""The physical solution, followed from zero variance.

All variances are multiplied by t; at t = 0 the solution is explicit and the physical solution is its continuation to
t = 1.  The path is the real segment; where that meets a singularity (a spectrum sweeping over a real spectral
parameter) the two arcs around it in the complex plane are tried, where the solution of a well-posed problem stays
analytic.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from fpt_calc.solve.blocks import Blocks, NumericSystem
from fpt_calc.solve.newton import EPS, NewtonOutcome, solve_component
from fpt_calc.system import Unknown

Number = Any


@dataclass(frozen=True)
class Path:
    """A path of t, and how far a corrector may leave its predictor, relative to the solution."""

    curve: Callable[[float], Number]
    leap: float = 0.35


PATHS = {
    "real": Path(lambda s: s),
    # unknowns of very different sizes hide a jump to another branch, which the stability radius then shows
    "real, in small steps": Path(lambda s: s, leap=0.05),
    "real, in smaller steps": Path(lambda s: s, leap=0.01),
    "upper arc": Path(lambda s: complex(s, 2 * s * (1 - s))),
    "lower arc": Path(lambda s: complex(s, -2 * s * (1 - s))),
}
MAX_ATTEMPTS = 400
SMALLEST = 1e-12  # relative steps in t below this are lost in rounding
EASY_STEPS = 4
ON_THE_WAY = 1e-6  # relative accuracy that suffices to stay on the branch before t = 1


@dataclass(frozen=True)
class Followed:
    """The end of a path: values and errors of the nonlinear unknowns, or None where it broke down."""

    values: dict[Unknown, Number] | None
    errors: dict[Unknown, float]
    residual: float
    newton_steps: int
    continuation_steps: int


def follow(numeric: NumericSystem, path: Path) -> Followed:
    """Continue the nonlinear components along a path in t from 0 to 1, with adaptive steps.

    Raises `numpy.linalg.LinAlgError` if the deterministic part is singular.
    """
    components = [c for c in numeric.system.components if not c.linear]
    start = Blocks(numeric, {}, 0.0)
    values = {u: start.average(u) for c in components for u in c.unknowns}
    position, step, newton, moves = 0.0, _first_step(numeric, values), 0, 0
    trail = [(0.0, values)]
    errors: dict[Unknown, float] = {}
    residual = 0.0
    for _ in range(MAX_ATTEMPTS):
        if position >= 1.0 or not components:
            return Followed(values, errors, residual, newton, moves)
        target = min(1.0, position + step)
        tolerance = ON_THE_WAY if target < 1.0 else 0.0
        found = _advance(numeric, path.curve(target), _predict(trail, target), values, tolerance, path.leap)
        newton += found[1]
        if found[0] is None:
            step /= 4
            if step < SMALLEST * max(position, SMALLEST):
                break
            continue
        values = {u: v for outcome in found[0] for u, v in outcome.values.items()}
        errors = {u: e for outcome in found[0] for u, e in outcome.errors.items()}
        residual = max(outcome.residual for outcome in found[0])
        trail = [trail[-1], (target, values)]
        position, moves = target, moves + 1
        easy = max(outcome.steps for outcome in found[0]) <= EASY_STEPS
        step *= 4 if easy else 2
    return Followed(None, {}, np.inf, newton, moves)


def _first_step(numeric: NumericSystem, values: dict[Unknown, Number]) -> float:
    """A step on which the equations contract: they are affine in t at first, with slope J at t = 1."""
    slope = 0.0
    blocks = Blocks(numeric, values, 1.0, expanded_at_zero=True)
    for component in numeric.system.components:
        if not component.linear:
            index = {u: k for k, u in enumerate(component.unknowns)}
            matrix = np.array([blocks.derivatives(u, index) for u in component.unknowns])
            slope = max(slope, float(np.abs(np.linalg.eigvals(matrix)).max()))
    return min(1.0, 0.5 / slope) if slope > 0 else 1.0


def _predict(trail: list[tuple[float, dict[Unknown, Number]]], target: float) -> dict[Unknown, Number]:
    """A power law in t through the last two points (small ridges make these), or a secant where that makes no sense."""
    s1, x1 = trail[-1]
    if len(trail) < 2:
        return x1
    s0, x0 = trail[-2]
    if s0 > 0 and all(abs(x0[u]) > EPS and abs(x1[u] / x0[u] - 1) < 1 for u in x1):
        power = np.log(target / s1) / np.log(s1 / s0)
        return {u: x1[u] * (x1[u] / x0[u]) ** power for u in x1}
    return {u: x1[u] + (x1[u] - x0[u]) * ((target - s1) / (s1 - s0)) for u in x1}


def _advance(
    numeric: NumericSystem,
    ramp: Number,
    guess: dict[Unknown, Number],
    last: dict[Unknown, Number],
    tolerance: float,
    leap: float,
) -> tuple[list[NewtonOutcome] | None, int]:
    """Solve all nonlinear components at a new t; None unless each converged near its predictor."""
    known = dict(guess)
    outcomes: list[NewtonOutcome] = []
    steps = 0
    for component in numeric.system.components:
        if component.linear:
            continue
        outcome = solve_component(numeric, component, known, ramp, tolerance)
        steps += outcome.steps
        if not outcome.converged or not _is_near(outcome, guess, last, leap):
            return None, steps
        known.update(outcome.values)
        outcomes.append(outcome)
    return outcomes, steps


def _is_near(outcome: NewtonOutcome, guess: dict[Unknown, Number], last: dict[Unknown, Number], leap: float) -> bool:
    """Whether the corrector stayed near the predictor: a jump to another branch is as large as the solution."""
    scale = max(max(abs(outcome.values[u]), abs(last[u])) for u in outcome.values)
    gap = max(abs(outcome.values[u] - guess[u]) for u in outcome.values)
    return bool(gap <= leap * scale + EPS)
