"""Claims about limits and expansions: ``target -> value`` as ``lam -> 0+``, or ``target = value + O(rate)``.

Exactly: the difference of the two sides is expanded in the derived parameter, in each region of the dimensions where
the claim is meant.  Numerically: the difference is followed along exact points that approach the limit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from fpt_calc.claims.comparisons import scalars_of
from fpt_calc.claims.conditions import Condition, read_conditions
from fpt_calc.claims.decide import Derivations
from fpt_calc.claims.derived import Derived
from fpt_calc.claims.file import Claim, Roots
from fpt_calc.claims.proof import recognized
from fpt_calc.claims.comparisons import comparisons
from fpt_calc.claims.roots import needed_roots
from fpt_calc.claims.symbols import RootSymbol, root_symbols
from fpt_calc.claims.trends import MARGIN, Trend, trends
from fpt_calc.claims.verdict import Decision, Verdict
from fpt_calc.claims.witness import witness_of
from fpt_calc.closed_form import ClosedForm
from fpt_calc.errors import CannotDecideError, FptError, InputError
from fpt_calc.expr import substitute_everywhere, traces_of
from fpt_calc.limits import Approach, LimitCase, limit_of, read_approach
from fpt_calc.limits.expand import Expander
from fpt_calc.problem import names_of
from fpt_calc.scalars import Dimension, Generator, Scalar, evaluate_scalar, generator_scalar
from fpt_calc.spectral import inside_traces, normal_scalar

EXTRA_TERMS = 2
_DEPTH = Fraction(8)


def decide_limit(claim: Claim, derivations: Derivations) -> Decision:
    """The verdict on a claim with a limit; raises `InputError` for a limit that does not exist."""
    assert claim.limit is not None
    problem = derivations.file.problem
    derived = derivations.of(claim.left, claim.right)
    approach = read_approach(*claim.limit, {**problem.dims, **problem.scalars}, problem.ratios)
    definitions = needed_roots(derivations.file.roots, scalars_of(claim))
    order = Fraction(0) if claim.rate is None else _order(claim.rate, approach)
    found = trends(claim, derived, definitions, approach)
    try:
        exact: bool | None = _holds(claim, derived, definitions, approach, order)
        why = "a term of the exact expansion of the difference stays"
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


def _verdict(exact: bool | None, why: str, found: Sequence[Trend], order: float) -> Decision:
    """The verdict from the exact expansion (None: undecided) and the numbers."""
    needed = max(order, MARGIN) - MARGIN / 2
    against = [t for t in found if t.exponent < needed]
    numbers = f"at {len(found)} random points the difference {', '.join(sorted({str(t) for t in found}))}"
    if exact and not against:
        return Decision(Verdict.PROVED, "the exact expansion of the difference has no term that stays; " + numbers)
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


def _holds(
    claim: Claim, derived: Derived, definitions: Sequence[Roots], approach: Approach, order: Fraction
) -> bool:
    """Whether the difference tends to zero as fast as claimed, in each region where the claim is meant."""
    moving, fixed = _split(definitions, approach.generator)
    compared = comparisons(replace(claim, right=claim.left, conditions=()), derived, moving) if moving else []
    images = recognized(derived, moving, compared)
    aside = {s: generator_scalar(RootSymbol(f"{s.name}'", s.is_real)) for d in fixed for s in d.symbols}
    everything: dict[Generator, Scalar] = {**images, **aside}
    left, right = (derived.limit(substitute_everywhere(s, everything)) for s in (claim.left, claim.right))
    system = replace(derived.law.system, outputs={"difference": left - right})
    bare = ClosedForm({}, (), (), (), derived.coordinates)
    result = limit_of(system, bare, approach, math.ceil(order) + EXTRA_TERMS)
    cases = [c for c in result.cases if _is_meant(c, claim.conditions, derived)]
    if not cases:
        raise CannotDecideError("no region of the limit is one where the claim is meant", remedy="add a condition")
    renamed = [(replace_symbols(d, aside), d) for d in fixed]
    return all(_vanishes(c, order, [e for e, _ in renamed], derived) for c in cases)


def replace_symbols(definition: Roots, images: Mapping[RootSymbol, Scalar]) -> tuple[tuple[RootSymbol, ...], tuple[Scalar, ...]]:
    """The symbols and equations of a definition under new names."""
    plain: dict[Generator, Scalar] = dict(images)
    symbols = tuple(s for s in definition.symbols)
    renamed = tuple(next(g for g in images[s].gens if isinstance(g, RootSymbol)) for s in symbols)
    return renamed, tuple(substitute_everywhere(e, plain) for e in definition.equations)


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


def _is_meant(case: LimitCase, conditions: Sequence[Condition], derived: Derived) -> bool:
    """Whether the region of a case meets the conditions of a claim, tried at random dimensions."""
    parts = [p for p in case.condition.split(", ") if p]
    if any(" = " in p for p in parts):
        return False
    region = read_conditions(parts, names_of(derived.problem), "limit") if parts else ()
    for seed in range(60):
        start = derived.drawn(seed)
        if start is None:
            continue
        numbers = {**start.point.dims, **start.point.scalars}

        def number(value: Scalar, numbers: Mapping[str, object] = numbers) -> object:
            return evaluate_scalar(value, lambda g: numbers[g.name], lambda k: k)

        try:
            if all(c.holds(number) for c in (*region, *conditions)):
                return True
        except KeyError:  # a condition on something else than dimensions and scalars: left to the numbers
            return True
    return False


def _vanishes(
    case: LimitCase, order: Fraction, fixed: Sequence[tuple[tuple[RootSymbol, ...], tuple[Scalar, ...]]], derived: Derived
) -> bool:
    found = case.series["difference"]
    if found.bound is not None and found.bound <= order and not (order and found.bound == order):
        raise CannotDecideError("the expansion does not reach the claimed order", remedy="claim a lower order")
    stays = [c for e, c in found.terms.items() if e < order or (order == 0 and e <= 0)]
    images = _fixed_images(case, fixed)
    return all(_free(case, substitute_everywhere(c, images)).is_zero for c in stays)


def _fixed_images(
    case: LimitCase, fixed: Sequence[tuple[tuple[RootSymbol, ...], tuple[Scalar, ...]]]
) -> dict[Generator, Scalar]:
    """What the names that do not move are in the limit: the leading coefficient of the derived parameter."""
    images: dict[Generator, Scalar] = {}
    for symbols, equations in fixed:
        if case.branch is None or len(symbols) != 1:
            raise CannotDecideError("the limit has no parameter", remedy="write the claim in its own parameters")
        for candidate in (case.branch.coefficient, 1 / case.branch.coefficient):
            trial = images | {symbols[0]: candidate}
            if all(_free(case, substitute_everywhere(e, trial)).is_zero for e in equations):
                images = trial
                break
        else:
            name = symbols[0].name.rstrip("'")
            raise CannotDecideError(f"{name} was not recognized in the limit", remedy="use its own parameters")
    return images


def _free(case: LimitCase, value: Scalar) -> Scalar:
    """A coefficient in the free coordinates of a case."""
    normal = normal_scalar(value)
    return normal if case.branch is None else case.branch.free(normal)
