"""The largest positive root of a relation between a parameter and sums over eigenvalues, proved in balls.

From above, intervals of kappa are excluded one after the other: a ball that holds the relation on the whole interval
does not touch zero.  The steps shrink towards the root.  Once the derivative has one sign on an interval and the
relation has two at its ends, the interval holds exactly one root, and Newton's method finds it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from flint import arb, ctx, fmpq

from fpt_calc.errors import ComputationError
from fpt_calc.limits.branches import partial
from fpt_calc.oracles.exact_numbers import bits_of
from fpt_calc.scalars import Generator, Scalar, generator_scalar
from fpt_calc.scaling.regimes.spectral_sum import Pole, SpectralSum

LONGEST = fmpq(8)  # step of log kappa; a ball of one exponent holds no more than 2^-30 of its upper end
NEAR = fmpq(1, 2)  # steps below which the derivative may have one sign
LOWEST = 40  # times the largest logarithm: below all roots
STEPS = 4000
POLISHING = 60
COARSE = 10  # digits of the search for the root
ATTEMPTS = 3  # with more digits of the sums each time: near a double root they cancel


class Evaluator(Protocol):
    """Gives values of scalars where one generator is a number.

    ``top``: a logarithm that is larger than those of all roots.
    """

    def at(self, value: Scalar, symbol: Generator, point: arb, digits: int) -> arb: ...

    def top(self) -> arb: ...


@dataclass(frozen=True)
class _Relation:
    """A relation and its derivative at balls of the parameter, computed with some digits."""

    relation: Scalar
    derived: Scalar
    symbol: Generator
    evaluator: Evaluator
    digits: int

    def value(self, point: arb) -> arb:
        return self.evaluator.at(self.relation, self.symbol, point, self.digits)

    def slope(self, point: arb) -> arb:
        return self.evaluator.at(self.derived, self.symbol, point, self.digits)


def largest_root(relation: Scalar, symbol: Generator, evaluator: Evaluator, digits: int) -> arb:
    """A ball of relative radius at most 10^-digits around the largest root.

    Raises `ComputationError` if there is none, or the signs are not decided.
    """
    f = _Relation(relation, slope_of(relation, symbol), symbol, evaluator, COARSE)
    top = evaluator.top()
    found = None
    for inner in (COARSE, 4 * COARSE, 16 * COARSE):
        with ctx.workprec(bits_of(inner) + 64):
            found = _bracket(replace(f, digits=inner), top, arb(10) ** -inner)
        if found is not None:
            break
    if found is None:
        what = f"no positive root {symbol.name} is found"
        raise ComputationError(what, where="exact values", remedy="check the sizes and the ridge")
    for attempt in range(ATTEMPTS):
        inner = digits + COARSE * 4**attempt
        with ctx.workprec(bits_of(inner) + 64):
            root = _polished(replace(f, digits=inner), *found, digits)
        if root is not None:
            return root
    what = f"the signs around the root {symbol.name} are not decided"
    raise ComputationError(what, where="exact values", remedy="ask for fewer digits")


def slope_of(value: Scalar, symbol: Generator) -> Scalar:
    """The derivative by a parameter, in the shifts of sums too."""
    total = partial(value, symbol)
    for g in value.gens:
        if isinstance(g, SpectralSum):
            for pole in g.poles:
                shift = partial(pole.shift, symbol)
                if not shift.is_zero:
                    steeper = tuple(Pole(p.matrix, p.shift, p.order + (p == pole)) for p in g.poles)
                    inner = generator_scalar(SpectralSum(g.powers, steeper))
                    total = total - partial(value, g) * shift * pole.order * inner
    return total


def _bracket(f: _Relation, top: arb, smallest: arb) -> tuple[arb, arb] | None:
    """Two points with the largest root, and no other one, between them."""
    lowest = -LOWEST * top
    sign, step = _sign(f.value(top.exp().mid())), LONGEST
    for _ in range(STEPS):
        low = (top - arb(step)).mid()
        if not sign or low < lowest or arb(step) < smallest:
            break
        between = low.exp().union(top.exp())
        end = _sign(f.value(low.exp().mid()))
        monotone = step <= NEAR and _sign(f.slope(between))
        if monotone and end == -sign:
            return low.exp().mid(), top.exp().mid()
        if end == sign and (monotone or _sign(f.value(between)) == sign):
            top, step = low, min(2 * step, LONGEST)
        else:
            step /= 2
    return None


def _polished(f: _Relation, low: arb, high: arb, digits: int) -> arb | None:
    """Newton's method between two points, by bisection where it leaves them, until the signs prove the digits."""
    upper = _sign(f.value(high))
    margin = arb(10) ** -(digits + 1)
    point = ((low + high) / 2).mid()
    for _ in range(POLISHING):
        value = f.value(point)
        step = (value / f.slope(point)).mid()
        low, high = (low, point) if _sign(value) == upper else (point, high) if _sign(value) else (low, high)
        point = (point - step).mid()
        if abs(step) < point * margin / 4:
            left, right = (point * (1 - margin)).mid(), (point * (1 + margin)).mid()
            if _sign(f.value(left)) == -upper and _sign(f.value(right)) == upper:
                return left.union(right)
        if not low <= point <= high:
            point = ((low + high) / 2).mid()
    return None


def _sign(value: arb) -> int:
    return 1 if value > 0 else -1 if value < 0 else 0
