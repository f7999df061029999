"""Certified numbers: a ball around each target, with the evidence that it holds the physical value.

Existence and uniqueness in a ball come from Krawczyk's operator (`fpt_calc.certify.inclusion`), the branch from the
covariance map (`fpt_calc.certify.stability`).  The approximate solution that is handed in is not trusted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import flint

from fpt_calc.balls import BallSystem
from fpt_calc.certify.inclusion import enclosed
from fpt_calc.certify.stability import stability_bound
from fpt_calc.errors import CannotDecideError, ComputationError, InputError
from fpt_calc.point import Ball, Point, ball_digits
from fpt_calc.system import FixedPointSystem, Unknown

GUARD_DIGITS = 20
ATTEMPTS = 3  # at raising the precision until every output has its digits; one that vanishes never has


@dataclass(frozen=True)
class Certified:
    """Balls that hold the exact values.

    Attributes
    ----------
    values, outputs : balls (flint.arb or flint.acb) by unknown and by target.
    digits : for each target the significant digits that its ball leaves, at most as many as were asked for.
    bits : the working precision.
    evidence : what was shown, and what it rests on.
    stability : an upper bound, below 1, of the spectral radius of the covariance map.
    """

    values: dict[Unknown, Ball]
    outputs: dict[str, Ball]
    digits: dict[str, int]
    bits: int
    evidence: tuple[str, ...]
    stability: Ball


def certify(system: FixedPointSystem, point: Point, approximation: Mapping[Unknown, Any], digits: int) -> Certified:
    """Balls around the physical solution near an approximate one.

    The branch is judged for the inverses that the reduced system contains.  One whose contribution vanishes in the
    limit is in ``system.vanishing``, which is judged by `fpt_calc.solve.solve` in double precision, and not here.

    Parameters
    ----------
    system : a reduced system.
    point : its numbers, checked by a `fpt_calc.point.NumericModel` before.
    approximation : for each unknown a number or a ball (its midpoint is taken); a few correct digits are enough.
    digits : significant digits wanted of each target.

    Raises
    ------
    InputError
        if the approximation leaves out an unknown.
    CannotDecideError
        with the reason, if no solution near the approximation is shown to exist, if it is not shown to be the physical
        one, or if the point has matrices that multiprecision refuses.

    >>> from fpt_calc import derive, dims, inv, tau, wigner
    >>> (d,) = dims("d")
    >>> W = wigner("W", d, variance=1/d)
    >>> system = derive({"m": tau(inv(W - 3))}).derived.system
    >>> (m,) = system.unknowns
    >>> found = certify(system, Point({"d": 10}), {m: -0.38}, 30)
    >>> found.outputs["m"].str(30, radius=False), found.stability < 0.15
    ('-0.381966011250105151795413165634', True)
    >>> certify(system, Point({"d": 10}), {m: -2.6}, 30)  # the other root of m = -1/(3 + m)
    Traceback (most recent call last):
    ...
    fpt_calc.errors.CannotDecideError: the covariance map G E[H W H*] G* of W is not shown to ...
    """
    missing_names = [u.name for u in system.unknowns if u not in approximation]
    if missing_names:
        raise InputError(f"no approximation of {', '.join(missing_names)}", where="certify", remedy="give all unknowns")
    guard, start = GUARD_DIGITS, {u: _number(approximation[u]) for u in system.unknowns}
    for _ in range(ATTEMPTS):
        result = _certified(system, point, start, digits, guard)
        missing = digits - min(result.digits.values(), default=digits)
        if missing <= 0:
            break
        start, guard = result.values, guard + missing + GUARD_DIGITS // 2
    return result


def _certified(
    system: FixedPointSystem, point: Point, start: Mapping[Unknown, Ball], digits: int, guard: int
) -> Certified:
    bits = math.ceil((digits + guard) * math.log2(10))
    with flint.ctx.workprec(bits):
        try:
            balls = BallSystem(system, point)
            values = enclosed(balls, start, digits + guard - GUARD_DIGITS)
            stability = stability_bound(balls, values)
            outputs = {name: balls.model.scalar(target, values) for name, target in system.outputs.items()}
        except ComputationError as error:
            raise CannotDecideError(error.what, remedy=error.remedy) from None
        except ZeroDivisionError:
            raise CannotDecideError("a matrix is singular to working precision") from None
        wrong = [name for name, value in outputs.items() if not value.is_finite()]
        if wrong:
            raise CannotDecideError("the target is not shown to be finite", where=wrong[0])
    counted = {name: ball_digits(value, digits) for name, value in outputs.items()}
    return Certified(values, outputs, counted, bits, _evidence(values, stability), stability)


def _evidence(values: Mapping[Unknown, Ball], stability: Ball) -> tuple[str, ...]:
    largest = max((v.rad() for v in values.values()), default=flint.arb(0))
    bound = math.ceil(float(stability.upper()) * 1e3) / 1e3
    shown = f"{bound:.3f}" if bound < 1 else f"1 - {float(1 - stability):.1e}"
    return (
        f"{len(values)} unknowns enclosed by Krawczyk's operator, radii up to {largest.str(2, radius=False)}",
        f"physical branch: the covariance map has spectral radius at most {shown}",
        "unknowns merged, and those dropped because they vanish: the check of the reduction modulo a 61-bit prime",
        "facts of the matrices, such as psd: as declared",
    )


def _number(value: Any) -> Ball:
    """The midpoint of a ball, or a number as one."""
    if isinstance(value, flint.arb | flint.acb):
        return value.mid()
    return flint.acb(value) if isinstance(value, complex) else flint.arb(float(value))
