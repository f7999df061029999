"""The two sides of a claim as balls at random admissible points.

What the names of a claim are at a point is decided by their equations and conditions alone: all roots that meet them
are readings of the claim, and a definition that admits several is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import flint

from fpt_calc.claims.balls import CertifiedPoint, certified
from fpt_calc.claims.derived import Derived, SolvedPoint
from fpt_calc.claims.exact import ExactModel, ball
from fpt_calc.claims.file import Claim, Roots
from fpt_calc.claims.points import ExactPoint
from fpt_calc.claims.roots import solve_roots
from fpt_calc.claims.symbols import root_symbols
from fpt_calc.errors import CannotDecideError, FptError
from fpt_calc.point import ball_digits
from fpt_calc.scalars import Generator, Scalar

Ball = Any

DIGITS = 30  # in which certified values are compared
POINTS = 5  # random admissible points
GUARD_BITS = 50
BITS = int(DIGITS * 3.33) + GUARD_BITS  # of the claimed side


@dataclass(frozen=True)
class Reading:
    """What a claim says at a point for one choice of roots."""

    names: Mapping[Generator, Ball]
    left: Ball
    right: Ball

    @property
    def differs(self) -> bool:
        return not self.left.overlaps(self.right)

    @property
    def digits(self) -> int:
        """The digits in which the two sides agree, if they do not differ; decimal places where both can be zero."""
        sides = (self.left, self.right)
        if all(side.contains(0) for side in sides):
            with flint.ctx.workprec(BITS):
                sides = (self.left + 1, self.right + 1)
        return min(ball_digits(side, DIGITS) for side in sides)


@dataclass(frozen=True)
class Comparison:
    """The readings of a claim at a point.

    ``complete`` : no other roots meet the conditions.
    """

    point: CertifiedPoint
    solved: SolvedPoint
    readings: tuple[Reading, ...]
    complete: bool

    @property
    def differs(self) -> bool:
        """Whether the sides differ however the names are read."""
        return bool(self.readings) and all(r.differs for r in self.readings)

    @property
    def reading(self) -> Reading | None:
        """The only reading, or the only one that makes the sides equal; None if there is no such reading."""
        candidates = self.readings if len(self.readings) == 1 else [r for r in self.readings if not r.differs]
        return candidates[0] if len(candidates) == 1 else None

    def trouble(self, definitions: Sequence[Roots]) -> str:
        """Why the definitions do not say what is meant here; empty if they do."""
        if len(self.readings) == 1:
            return ""
        names = ", ".join(s.name for d in definitions for s in d.symbols)
        conditions = " and ".join(c.text for d in definitions for c in d.conditions)
        count = f"{len(self.readings)} roots" if self.readings else "no root"
        return f"the definition of {names} is not unique: {count} with {conditions} at a random point"


def comparisons(claim: Claim, derived: Derived, definitions: Sequence[Roots]) -> list[Comparison]:
    """The first random points at which the claim is meant to hold, with its readings there.

    Raises `CannotDecideError` where roots cannot be told apart at any of them.
    """
    found: list[Comparison] = []
    last: FptError | None = None
    seeds, orders = derived.seeds()
    for tried, seed in enumerate(seeds):
        if len(found) >= POINTS and tried >= orders:
            break
        start = derived.drawn(seed)
        solved = None if start is None or _excluded(claim, start) else derived.solved(seed)
        if solved is None:
            continue
        try:
            compared = comparison_at(claim, derived, definitions, solved)
        except ZeroDivisionError:  # a pole at this point
            continue
        except FptError as error:
            last = error
            continue
        if compared is not None:
            found.append(compared)
    if not found and last is not None:
        raise CannotDecideError(last.what, remedy=last.remedy)
    return found


def comparison_at(
    claim: Claim, derived: Derived, definitions: Sequence[Roots], solved: SolvedPoint
) -> Comparison | None:
    """The readings at a point; None where the claim is not meant to hold.

    Raises ZeroDivisionError at a pole, `CannotDecideError` where roots cannot be told apart.
    """
    model = ExactModel(solved.exact)
    with flint.ctx.workprec(BITS):
        roots = solve_roots(tuple(definitions), model, derived.roots)
        sides = [model.scalar(claim.left), model.scalar(claim.right)]
        here = [r for r in roots.solutions if _meant(claim, model, r)]
        if not here and roots.solutions:
            return None
        if not definitions and not _meant(claim, model, {}):
            return None
        point = certified(derived, solved, DIGITS + 5)
        readings = [Reading(names, *(ball(s, {**point.limits, **names}) for s in sides)) for names in here]
    if not all(r.left.is_finite() and r.right.is_finite() for r in readings):
        raise ZeroDivisionError
    return Comparison(point, solved, tuple(readings), roots.complete)


def _excluded(claim: Claim, exact: ExactPoint) -> bool:
    """Whether the conditions on declared quantities alone say that the claim is not meant at a point."""
    model = ExactModel(exact)
    declared = [c for c in claim.conditions if not any(root_symbols(s) for s in c.scalars)]
    with flint.ctx.workprec(BITS):
        return any(c.holds(lambda s: ball(model.scalar(s), {})) is False for c in declared)


def _meant(claim: Claim, model: ExactModel, names: Mapping[Generator, Ball]) -> bool:
    return all(c.holds(lambda s: ball(model.scalar(s), names)) for c in claim.conditions)


def scalars_of(claim: Claim) -> list[Scalar]:
    """All scalars in which a claim is stated."""
    return [claim.left, claim.right, *(s for c in claim.conditions for s in c.scalars)]
