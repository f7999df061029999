"""The physical solution to any number of digits, for points whose matrices are all spectra.

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

from fpt_calc.errors import ComputationError
from fpt_calc.point import Ball, Point, ball_digits
from fpt_calc.solve.ball_blocks import BallBlocks, BallSystem, square_matrix
from fpt_calc.solve.solution import Result, Solution
from fpt_calc.system import Component, FixedPointSystem, Unknown

GUARD_DIGITS = 20
ATTEMPTS = 3  # at raising the precision until every output has its digits; one that vanishes never has
DOUBLE_BITS = 53
MAX_STEPS = 40
NEAR = 1e-6  # relative distance to the double-precision value at which a root still is the same one


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

    Raises `ComputationError` if the point has dense matrices, if ``solution`` failed, or if Newton's method does not
    contract to a root near it.
    """
    if solution.result is not Result.SUCCESS:
        raise ComputationError(solution.result.value)
    start = {u: _number(v) for u, v in solution.values.items()}
    bits, guard = DOUBLE_BITS, GUARD_DIGITS
    for attempt in range(ATTEMPTS):
        goal = digits + guard // 2
        enough = math.ceil((digits + guard) * math.log2(10))
        with flint.ctx.workprec(enough):
            try:
                values = _solved(BallSystem(system, point), start, bits, goal)
            except ZeroDivisionError:
                raise _failure("a matrix in it is singular to working precision") from None
        ...
    return PreciseSolution(values, outputs, shown, enough)
