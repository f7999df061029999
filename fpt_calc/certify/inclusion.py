"""Enclosures of a zero of ``f(x) = x - h(x)``, h the right-hand sides of a system, by Krawczyk's operator.

For a box X of centre x and radii r, Y any matrix and ``E = |1 - Y f'(X)|`` entry by entry: if ``|Y f(x)| + E r < r`` in
every component, then ``z -> z - Y f(z)`` maps X into its interior and contracts (in the maximum norm weighted by 1/r),
so that f has exactly one zero in X, and it lies in ``x - Y f(x) + [-1, 1] E r``.  h is rational in its unknowns without
conjugates, hence holomorphic: for complex unknowns the same holds with discs of radii r, where f' is taken over the
squares around them, since ``f(z) - f(x)`` is the mean of f' over the segment, times ``z - x``.

All unknowns are taken at once, so that nothing depends on how they were sorted into components.  f(x) needs the full
precision, Y and f'(X) do not.

Source: Krawczyk 1969; Rump, "Verification methods" (Acta Numerica 2010), section 13.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import flint

from fpt_calc.balls import BallBlocks, BallSystem
from fpt_calc.errors import CannotDecideError
from fpt_calc.point import Ball
from fpt_calc.point.ball_arrays import matrix_of
from fpt_calc.system import Unknown

LOW_BITS = 96  # for f' in a box whose relative size is the square root of this precision
MAX_STEPS = 60
INFLATIONS = 20
GAINED_DIGITS = 5  # at least, by the last step: it is the one of the inclusion itself
SLOW = 2.0**-60  # a contraction that makes it worth while to renew the slopes, if much is left


@dataclass(frozen=True)
class Slopes:
    """f' in a box as a dense matrix of balls, and an approximate inverse of its midpoint; with the radii of the box."""

    slopes: Ball
    inverse: Ball
    radii: list[Ball]

    def apply(self, gap: list[Ball]) -> list[Ball]:
        """``Y gap``."""
        return (self.inverse * matrix_of(len(gap), 1, gap)).entries()  # type: ignore[no-any-return]  # flint is untyped


@dataclass(frozen=True)
class _Task:
    """The relative size of a step that is small enough, and the precision of slopes."""

    tolerance: Ball
    bits: int


def enclosed(balls: BallSystem, start: Mapping[Unknown, Ball], digits: int) -> dict[Unknown, Ball]:
    """Balls in which the system has exactly one solution, near the midpoints of ``start``.

    ``digits`` says when a centre is near enough; the precision is that of ``flint.ctx``.  Raises `CannotDecideError`
    if no box around the centre is mapped into itself.
    """
    unknowns, bits, full = balls.system.unknowns, LOW_BITS, flint.ctx.prec
    tolerance = flint.arb(10) ** (GAINED_DIGITS - digits)
    centre = [start[u].mid() for u in unknowns]
    while unknowns:
        with flint.ctx.workprec(min(bits, full)):
            slopes = _slopes(balls, unknowns, centre)
        if slopes is not None:
            task = _Task(tolerance, min(bits, full))
            polished, gap, slopes = _polished(balls, unknowns, centre, slopes, task)
            found = _krawczyk(balls, unknowns, polished, gap, slopes, task.bits)
            if found is not None:
                return dict(zip(unknowns, found, strict=True))
        if bits >= full:
            raise CannotDecideError("no neighbourhood of the approximate solution is mapped into itself")
        bits *= 2
    return {}


def _slopes(
    balls: BallSystem, unknowns: tuple[Unknown, ...], centre: list[Ball], radii: list[Ball] | None = None
) -> Slopes | None:
    """f' in a box (by default at the centre itself), or None if it is not seen to be regular."""
    box = centre if radii is None else [c + _margin(c, r) for c, r in zip(centre, radii, strict=True)]
    index = {u: k for k, u in enumerate(unknowns)}
    size = len(unknowns)
    try:
        blocks = BallBlocks(balls, dict(zip(unknowns, box, strict=True)))
        rows = [blocks.derivatives(u, index) for u in unknowns]
        slopes = matrix_of(size, size, [(i == j) - x for i, row in enumerate(rows) for j, x in enumerate(row)])
        inverse = slopes.mid().inv().mid()
    except ZeroDivisionError:
        return None
    finite = all(x.is_finite() for m in (slopes, inverse) for x in m.entries())
    return Slopes(slopes, inverse, radii or []) if finite else None


def _polished(
    balls: BallSystem, unknowns: tuple[Unknown, ...], centre: list[Ball], slopes: Slopes, task: _Task
) -> tuple[list[Ball], list[Ball], Slopes]:
    """The centre after steps that shrink, with slopes renewed where that pays; f there; the slopes."""
    previous = None
    gap = _gap(balls, unknowns, centre)
    for _ in range(MAX_STEPS):
        step = slopes.apply(gap)
        if not all(s.is_finite() for s in step):
            break
        size = max(s.mid().abs_upper() for s in step)
        small = all(abs(s.mid()) <= task.tolerance * abs(c) or s.contains(0) for s, c in zip(step, centre, strict=True))
        if small or (previous is not None and not 2 * size < previous):
            break
        centre = [(c - s).mid() for c, s in zip(centre, step, strict=True)]
        if previous is not None and size > previous * SLOW and size > task.tolerance / SLOW**2:
            with flint.ctx.workprec(task.bits):
                slopes = _slopes(balls, unknowns, centre) or slopes
        previous, gap = size, _gap(balls, unknowns, centre)
    return centre, gap, slopes


def _gap(balls: BallSystem, unknowns: tuple[Unknown, ...], centre: list[Ball]) -> list[Ball]:
    """``f(x) = x - h(x)``; not finite where a matrix is singular."""
    try:
        blocks = BallBlocks(balls, dict(zip(unknowns, centre, strict=True)))
        return [c - blocks.average(u) for u, c in zip(unknowns, centre, strict=True)]
    except ZeroDivisionError:
        return [flint.arb("nan")] * len(unknowns)


def _krawczyk(
    balls: BallSystem, unknowns: tuple[Unknown, ...], centre: list[Ball], gap: list[Ball], near: Slopes, bits: int
) -> list[Ball] | None:
    """The zero enclosed, or None if no box of suitable size is mapped into itself with slopes of this precision."""
    if not all(g.is_finite() for g in gap):
        return None
    if any(isinstance(x, flint.acb) for x in (*centre, *gap, near.slopes[0, 0])):
        centre = [flint.acb(c) for c in centre]  # a real box would not be mapped into itself
    with flint.ctx.workprec(bits):
        small = flint.arb(2) ** (-bits // 2)
        sizes = [s.abs_upper() for s in near.apply(gap)]
        outer = [(64 * s + small * c.abs_upper() + small**2).mid() for s, c in zip(sizes, centre, strict=True)]
        box = _slopes(balls, unknowns, centre, outer)
        if box is None:
            return None
    step, full = box.apply(gap), flint.ctx.prec
    with flint.ctx.workprec(bits):
        radii = _contracted(box, [s.abs_upper() for s in step], flint.arb(2) ** (-4 * full))
    if radii is None:
        return None
    return [c - s + _margin(c - s, r) for c, s, r in zip(centre, step, radii, strict=True)]


def _contracted(box: Slopes, sizes: list[Ball], tiny: Ball) -> list[Ball] | None:
    """``E r`` for radii r in the box, at least this part of it, with ``sizes + E r < r``; None if none are found."""
    count = len(sizes)
    identity = matrix_of(count, count, [flint.arb(int(i == j)) for i in range(count) for j in range(count)])
    defect = matrix_of(count, count, (x.abs_upper() for x in (identity - box.inverse * box.slopes).entries()))
    floor = [r * tiny for r in box.radii]
    radii = [(2 * s + f).mid() for s, f in zip(sizes, floor, strict=True)]
    for _ in range(INFLATIONS):
        spread = (defect * matrix_of(count, 1, radii)).entries()
        needed = [s + e for s, e in zip(sizes, spread, strict=True)]
        if all(a < r <= b for a, r, b in zip(needed, radii, box.radii, strict=True)):
            return [e.abs_upper() for e in spread]
        radii = [(2 * a.abs_upper() + f).mid() for a, f in zip(needed, floor, strict=True)]
    return None


def _margin(centre: Ball, radius: Ball) -> Ball:
    """A ball around zero: an interval, or a square in the complex plane."""
    margin = flint.arb(0, radius)
    return flint.acb(margin, margin) if isinstance(centre, flint.acb) else margin
