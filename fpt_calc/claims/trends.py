"""Limits in numbers: how the difference of the sides of a claim falls along exact points that approach the limit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import flint
import numpy as np

from fpt_calc.claims.comparisons import BITS, Comparison, comparison_at
from fpt_calc.claims.derived import Derived
from fpt_calc.claims.file import Claim, Roots
from fpt_calc.claims.points import ExactPoint
from fpt_calc.errors import FptError
from fpt_calc.limits import Approach
from fpt_calc.limits.regions import moved

STEPS = (10, 13, 16)  # the small quantity is 2**-k
DEEP = (24, 30, 36)  # where a fall that is too slow may not have begun yet
POINTS = 3
MARGIN = 0.2  # exponents of Puiseux series in practice differ by more


@dataclass(frozen=True)
class Trend:
    """The difference of the sides along a sequence of points; ``exponent`` : the power of the small quantity."""

    exponent: float
    last: Comparison

    def __str__(self) -> str:
        return "vanishes" if math.isinf(self.exponent) else f"falls like a power {self.exponent:.2f}"


def trends(
    claim: Claim, derived: Derived, definitions: Sequence[Roots], approach: Approach, needed: float
) -> list[Trend]:
    """The trends at the first random points where the claim is meant and its names have one meaning.

    needed : an exponent below which a trend speaks against the claim; it is then followed nearer to the limit.

    Limits differ between regions of the dimensions, so that each order of the dimensions is tried.
    """
    seeds, orders = derived.seeds()
    found: list[Trend] = []
    for tried, seed in enumerate(seeds):
        if len(found) >= POINTS and tried >= orders:
            break
        start = derived.drawn(seed)
        trend = None if start is None else _trend(claim, derived, definitions, approach, start, STEPS)
        if trend is not None and start is not None and trend.exponent < needed:
            deep = _trend(claim, derived, definitions, approach, start, DEEP)
            trend = trend if deep is None or math.isinf(deep.exponent) else deep
        if trend is not None:
            found.append(trend)
    return found


def _trend(
    claim: Claim,
    derived: Derived,
    definitions: Sequence[Roots],
    approach: Approach,
    start: ExactPoint,
    exponents: Sequence[int],
) -> Trend | None:
    followed: list[Comparison] = []
    for k in exponents:
        try:
            point = moved(approach, start.point, Fraction(1, 2**k))
            if point is None:
                return None
            solved = derived.solved_at(replace(start, point=point))
            compared = comparison_at(claim, derived, definitions, solved)
        except (FptError, ZeroDivisionError):
            return None
        if compared is None or len(compared.readings) != 1:
            return None
        followed.append(compared)
    gaps = [_gap(c) for c in followed]
    if any(gap is None for gap in gaps):
        return Trend(math.inf, followed[-1])
    steps = [math.log(2) * k for k in exponents]
    slope = -np.polyfit(steps, [float(g) for g in gaps if g is not None], 1)[0]
    return Trend(float(slope), followed[-1])


def _gap(compared: Comparison) -> float | None:
    """The logarithm of the difference of the sides; None where it cannot be told from zero."""
    (reading,) = compared.readings
    with flint.ctx.workprec(BITS):
        size = abs(reading.left - reading.right)
    return None if size.contains(0) else float(size.mid().log())
