"""The physical solution to any number of digits, for points whose matrices are spectra or small.

The branch is chosen in double precision (`fpt_calc.solve.solve`); here Newton's method in ball arithmetic polishes the
values.  What is known before enters as balls, so that the last step of a component has a radius that contains rounding
and all inherited errors; a nonlinear component adds the size of its last step, which quadratic convergence makes
generous.  The digits of an output follow from its ball.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import flint

from fpt_calc.balls import BallBlocks, BallSystem, solve_linear
from fpt_calc.errors import ComputationError
from fpt_calc.point import Ball, Point, ball_digits
from fpt_calc.solve.solution import Result, Solution
from fpt_calc.system import Component, FixedPointSystem, Unknown

GUARD_DIGITS = 20
ATTEMPTS = 3  # at raising the precision until every output has its digits; one that vanishes never has
DOUBLE_BITS = 53
MAX_STEPS = 40
NEAR = 1e-6  # relative distance to the double-precision value at which a root still is the same one
CANCELLED = 1e-12  # values below this, or this part of the largest one, may be zeros up to rounding in double precision


@dataclass(frozen=True)
class PreciseSolution:
    """Values with the error bounds that they carry as balls.

    Attributes
    ----------
    values, outputs : balls (flint.arb or flint.acb) by unknown and by target.
    digits : for each target the significant digits believed correct, at most as many as were asked for.
    bits : the working precision.
    """

    values: dict[Unknown, Ball]
    outputs: dict[str, Ball]
    digits: dict[str, int]
    bits: int


def refine(system: FixedPointSystem, point: Point, solution: Solution, digits: int) -> PreciseSolution:
    """The solution that ``solution`` has in double precision, to this many significant digits of each target.

    A target that vanishes has no significant digits, and its ball says how small it is.

    Raises `ComputationError` if the point has dense matrices that `fpt_calc.point.BallModel` refuses, if ``solution``
    failed, or if Newton's method does not contract to a root near it.
    """
    if solution.result is not Result.SUCCESS:
        raise ComputationError(solution.result.value)
    start = {u: _number(v) for u, v in solution.values.items()}
    floor = CANCELLED * max((1.0, *map(abs, solution.values.values())))
    near = {u: floor + 1e3 * solution.errors[u] for u in solution.values}
    bits, guard = DOUBLE_BITS, GUARD_DIGITS
    for _ in range(ATTEMPTS):
        result = _refined(_Task(system, point, start, near, bits, digits, guard))
        missing = digits - min(result.digits.values(), default=digits)
        if missing <= 0:
            break
        start = {u: v.mid() for u, v in result.values.items()}
        bits, guard = result.bits, guard + missing + GUARD_DIGITS // 2
    return result


@dataclass(frozen=True)
class _Task:
    """One attempt: exact starting values that are right to ``bits``, and how far from them a root may be."""

    system: FixedPointSystem
    point: Point
    start: Mapping[Unknown, Ball]
    near: Mapping[Unknown, float]
    bits: int
    digits: int
    guard: int


def _refined(task: _Task) -> PreciseSolution:
    bits = math.ceil((task.digits + task.guard) * math.log2(10))
    with flint.ctx.workprec(bits):
        try:
            balls = BallSystem(task.system, task.point)
            values: dict[Unknown, Ball] = {}
            for component in task.system.components:
                values.update(_solved(balls, component, values, task))
            outputs = {name: balls.model.scalar(target, values) for name, target in task.system.outputs.items()}
        except ZeroDivisionError:
            raise _failure("a matrix is singular to working precision") from None
    digits = {name: ball_digits(value, task.digits) for name, value in outputs.items()}
    return PreciseSolution(values, outputs, digits, bits)


def _solved(balls: BallSystem, component: Component, known: Mapping[Unknown, Ball], task: _Task) -> dict[Unknown, Ball]:
    """The unknowns of one component, the earlier ones being given; the precision doubles with each step."""
    own, full = component.unknowns, flint.ctx.prec
    tolerance = flint.arb(10) ** -(task.digits + task.guard // 2)
    x, bits, previous = [task.start[u] for u in own], full if component.linear else task.bits, None
    for _ in range(MAX_STEPS):
        bits = min(2 * bits, full)
        with flint.ctx.workprec(bits):
            step = _newton_step(balls, component, known, x)
            moved = [a + s for a, s in zip(x, step, strict=True)]
        if not all(s.is_finite() for s in step):
            raise _failure("a step is not finite")
        size, radius = max(s.mid().abs_upper() for s in step), max(s.rad() for s in step)
        scale = max(v.abs_upper() for v in moved)
        if component.linear or (bits == full and size <= max(tolerance * scale, radius)):
            break
        if previous is not None and size >= previous and size > radius:
            raise _failure("Newton's method does not contract")
        x, previous = [v.mid() for v in moved], size
    else:
        raise _failure("Newton's method does not converge")
    _check_near(own, moved, task)
    return dict(zip(own, moved if component.linear else map(_widened, moved, step), strict=True))


def _newton_step(balls: BallSystem, component: Component, known: Mapping[Unknown, Ball], x: list[Ball]) -> list[Ball]:
    """``(1 - J)^-1 (f(x) - x)`` as balls, at midpoints x."""
    own = component.unknowns
    index = {u: k for k, u in enumerate(own)}
    blocks = BallBlocks(balls, {**known, **dict(zip(own, x, strict=True))})
    gap = [blocks.average(u) - value for u, value in zip(own, x, strict=True)]
    matrix = [(i == j) - slope for i, u in enumerate(own) for j, slope in enumerate(blocks.derivatives(u, index))]
    return solve_linear(matrix, gap)


def _check_near(own: tuple[Unknown, ...], values: list[Ball], task: _Task) -> None:
    """The refined values have to be those that the continuation found, not another root."""
    scale = max(abs(complex(task.start[u])) for u in own)
    for u, value in zip(own, values, strict=True):
        if not abs(value - task.start[u]) <= task.near[u] + NEAR * scale:
            raise _failure("Newton's method left the physical solution")


def _widened(value: Ball, step: Ball) -> Ball:
    """The ball enlarged by the size of the last step."""
    margin = flint.arb(0, step.abs_upper())
    return value + (flint.acb(margin, margin) if isinstance(value, flint.acb) else margin)


def _number(value: Any) -> Ball:
    return flint.acb(value) if isinstance(value, complex) else flint.arb(float(value))


def _failure(what: str) -> ComputationError:
    remedy = "ask for at most 15 digits, or move away from the edge of the spectrum"
    return ComputationError(f"more digits than double precision could not be reached: {what}", remedy=remedy)
