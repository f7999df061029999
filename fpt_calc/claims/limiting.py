"""Claims about limits and expansions: ``target -> value`` as ``lam -> 0+``, or ``target = value + O(rate)``.

Exactly: the difference of the two sides is expanded in the derived parameter, in each region of the dimensions where
the claim is meant.  Numerically: the difference is followed along exact points that approach the limit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any

from fpt_calc.claims.comparisons import comparisons, scalars_of
from fpt_calc.claims.conditions import Condition
from fpt_calc.claims.derived import Derivations, Derived
from fpt_calc.claims.file import Claim, Roots
from fpt_calc.claims.proof import PoleError, recognized
from fpt_calc.claims.roots import needed_roots
from fpt_calc.claims.symbols import RootSymbol, root_symbols
from fpt_calc.claims.trends import MARGIN, Trend, trends
from fpt_calc.claims.verdict import Decision, Verdict
from fpt_calc.claims.witness import witness_of
from fpt_calc.errors import CannotDecideError, InputError, ZeroDenominatorError
from fpt_calc.expr import inside_traces, substitute_everywhere
from fpt_calc.limits import Approach, SeriesCase, Task, read_approach, series_cases
from fpt_calc.limits.expand import Expander
from fpt_calc.scalars import Generator, Scalar, evaluate_scalar, generator_scalar
from fpt_calc.spectral import normal_scalar

REGION_POINTS = 60
_DEPTH = Fraction(8)

Names = tuple[tuple[RootSymbol, ...], tuple[Scalar, ...]]  # symbols, and equations that vanish


def decide_limit(claim: Claim, roots: Sequence[Roots], derivations: Derivations) -> Decision:
    """The verdict on a claim with a limit; raises `InputError` for a limit that does not exist."""
    assert claim.limit is not None
    problem = derivations.problem
    derived = derivations.of(claim.left, claim.right)
    approach = read_approach(*claim.limit, {**problem.dims, **problem.scalars}, problem.ratios)
    definitions = needed_roots(roots, scalars_of(claim))
    order = Fraction(0) if claim.rate is None else _order(claim.rate, approach)
    found = trends(claim, derived, definitions, approach, _needed(float(order)))
    try:
        exact: bool | None = _holds(claim, derived, definitions, approach, order)
        why = "a term of the exact expansion of the difference stays"
    except PoleError as error:
        return Decision(Verdict.REFUTED, str(error))
    except CannotDecideError as error:
        exact, why = None, error.what
    return _verdict(exact, why, found, float(order))


def _order(rate: Scalar, approach: Approach) -> Fraction:
    """The power of the small quantity that a rate is."""
    images = {approach.generator: approach.series(_DEPTH)}
    found = Expander(images, lambda c: c, _DEPTH).scalar(rate)
    if found.valuation is None or found.valuation <= 0:
        raise InputError(f"{rate} does not tend to zero as {approach}", where="rate", remedy="write a power of it")
    return found.valuation


def _needed(order: float) -> float:
    """The exponent below which the fall of a difference contradicts a claim of this order."""
    return max(order, MARGIN) - MARGIN / 2


def _verdict(exact: bool | None, why: str, found: Sequence[Trend], order: float) -> Decision:
    """The verdict from the exact expansion (None: undecided) and the numbers."""
    against = [t for t in found if t.exponent < _needed(order)]
    numbers = f"at {len(found)} random points the difference {', '.join(sorted({str(t) for t in found}))}"
    if exact and not against:
        text = "the exact expansion of the difference has no term that stays"
        return Decision(Verdict.PROVED, f"{text}; {numbers}" if found else f"{text}; not compared with numbers")
    if against and exact is not True:
        witness = witness_of(against[0].last)
        expected = "tend to zero" if order == 0 else f"fall like a power {order:g}"
        text = f"the difference does not {expected} (power {against[0].exponent:.2f}); near the limit: {witness}"
        return Decision(Verdict.REFUTED, text, witness)
    if found and exact is None and not against:
        return Decision(Verdict.CONSISTENT, f"{numbers}, in numbers only; no proof: {why}")
    if not found:
        why += "; no random point where the claim is meant and its names have one meaning"
    return Decision(Verdict.UNDECIDED, why)


def _holds(claim: Claim, derived: Derived, definitions: Sequence[Roots], approach: Approach, order: Fraction) -> bool:
    """Whether the difference tends to zero as fast as claimed, in each region where the claim is meant."""
    moving, fixed = _split(definitions, approach.generator)
    compared = comparisons(replace(claim, right=claim.left, conditions=()), derived, moving) if moving else []
    images = recognized(derived, moving, compared)
    aside = {s: generator_scalar(RootSymbol(f"{s.name}'", s.is_real)) for d in fixed for s in d.symbols}
    everything: dict[Generator, Scalar] = images | {s: v for s, v in aside.items()}
    left, right = (derived.limit(substitute_everywhere(s, everything)) for s in (claim.left, claim.right))
    value = derived.coordinates.canonical(left - right)
    # names that stay are recognized after the expansion, which has to go on as far as the claim does
    terms = math.ceil(order) if fixed else 0
    task = Task(derived.law.system, derived.coordinates, {"difference": value}, approach, terms)
    cases = [c for c in series_cases(task)[0] if _is_meant(c, claim.conditions, derived)]
    if not cases:
        raise CannotDecideError("no region of the limit is one where the claim is meant", remedy="add a condition")
    renamed = [_renamed(d, aside) for d in fixed]
    return all(_vanishes(c, order, renamed) for c in cases)


def _renamed(definition: Roots, names: Mapping[RootSymbol, Scalar]) -> Names:
    """The symbols and equations of a definition under names that the derived law does not have."""
    symbols = [g for s in definition.symbols for g in names[s].gens if isinstance(g, RootSymbol)]
    images: dict[Generator, Scalar] = {s: v for s, v in names.items()}
    return tuple(symbols), tuple(substitute_everywhere(e, images) for e in definition.equations)


def _split(definitions: Sequence[Roots], generator: Generator) -> tuple[list[Roots], list[Roots]]:
    """The definitions that depend on what tends to its limit, and the others."""
    moving: list[Roots] = []
    for d in definitions:
        known = {s for m in moving for s in m.symbols}
        depends = any(generator in _generators(e) or known & root_symbols(e) for e in d.equations)
        if depends:
            moving.append(d)
    return moving, [d for d in definitions if d not in moving]


def _generators(value: Scalar) -> set[Generator]:
    return {*value.gens, *inside_traces(value)}


def _is_meant(case: SeriesCase, conditions: Sequence[Condition], derived: Derived) -> bool:
    """Whether the region of a case meets the conditions of a claim, tried at random points."""
    if case.stratum.images:
        return False
    positive = () if case.region is None else case.region.positive()
    for seed in range(REGION_POINTS):
        start = derived.drawn(seed)
        if start is None:
            continue
        numbers: Mapping[str, Any] = {**start.point.dims, **start.point.scalars}
        number = partial(_number, numbers)
        try:
            if all(number(p) > 0 for p in positive) and all(c.holds(number) for c in conditions):
                return True
        except KeyError:  # a condition on something else than dimensions and scalars is left to the numbers
            return True
    return False


def _number(numbers: Mapping[str, Any], value: Scalar) -> Fraction:
    return evaluate_scalar(value, lambda g: Fraction(numbers[g.name]), Fraction)


def _vanishes(case: SeriesCase, order: Fraction, fixed: Sequence[Names]) -> bool:
    """Whether every term of the difference that may not be there is zero."""
    found = case.series["difference"]
    stays = [c for e, c in found.terms.items() if (e < order if order else e <= 0)]
    images = _limits_of_names(case, fixed)
    try:
        vanish = all(_free(case, substitute_everywhere(c, images)).is_zero for c in stays)
    except ZeroDenominatorError:
        raise PoleError("the claimed side divides by what vanishes by its own definitions") from None
    if vanish and found.bound is not None and (found.bound < order or found.bound <= 0):
        raise CannotDecideError("the expansion does not reach the claimed order", remedy="claim a lower order")
    return vanish


def _limits_of_names(case: SeriesCase, fixed: Sequence[Names]) -> dict[Generator, Scalar]:
    """What the names that do not move are: the leading coefficient of the derived parameter, or its inverse."""
    images: dict[Generator, Scalar] = {}
    for symbols, equations in fixed:
        leading = [] if case.branch is None or len(symbols) > 1 else [case.branch.coefficient]
        trials = [{**images, symbols[0]: c} for value in leading for c in (value, 1 / value)]
        solved = (t for t in trials if all(_free(case, substitute_everywhere(e, t)).is_zero for e in equations))
        found = next(solved, None)
        if found is None:
            name = symbols[0].name.rstrip("'")
            raise CannotDecideError(f"{name} was not recognized in the limit", remedy="use its own parameters")
        images = found
    return images


def _free(case: SeriesCase, value: Scalar) -> Scalar:
    """A coefficient in the free coordinates of a case."""
    normal = normal_scalar(value)
    return normal if case.branch is None else case.branch.free(normal)
