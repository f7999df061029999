"""Finite sums of monomials with what was left out: ``sum of coefficient * powers + O(dropped)``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import sympy

from fpt_calc.errors import CannotDecideError
from fpt_calc.scalars import ONE, Scalar, accumulate
from fpt_calc.scaling.regimes.powers import UNIT, Powers, raised, times
from fpt_calc.scaling.regimes.spectral_sum import Monomial
from fpt_calc.scaling.regimes.witness import SMALLEST, Meaning, Witness


class CancelledError(Exception):
    """What leads is not known, since the terms that are kept cancel: more of them are needed."""


@dataclass(frozen=True)
class Series:
    """``sum of coefficient * powers``, up to the orders that were dropped.

    ``bounds``: every term, kept or dropped, is no larger than one of them, by comparisons that were recorded.  Terms of
    their orders may have cancelled.
    """

    terms: Mapping[Powers, Scalar]
    dropped: frozenset[Powers]
    bounds: frozenset[Powers]


EMPTY = Series({}, frozenset(), frozenset())


def series(
    terms: Iterable[tuple[Powers, Scalar]], dropped: Iterable[Powers] = (), bounds: Iterable[Powers] | None = None
) -> Series:
    """The sum of the terms, equal powers collected."""
    total: dict[Powers, Scalar] = {}
    for powers, coefficient in terms:
        accumulate(total, powers, coefficient)
    left_out = frozenset(dropped)
    return Series(total, left_out, left_out | total.keys() if bounds is None else frozenset(bounds))


def monomial(value: Monomial) -> Series:
    """One term."""
    return series([(value.powers, value.coefficient)])


def constant(value: Scalar) -> Series:
    """A term that does not grow."""
    return monomial(Monomial(value))


def scaled(value: Series, factor: Monomial) -> Series:
    """The series times a monomial."""
    terms = ((times(p, factor.powers), c * factor.coefficient) for p, c in value.terms.items())
    dropped, bounds = ((times(p, factor.powers) for p in every) for every in (value.dropped, value.bounds))
    return series(terms, dropped, bounds)


def compared(value: Series, witness: Witness) -> Series:
    """The series with one bound, the order of its largest terms, if it has any.

    Only where the terms of a bound have cancelled are all others compared.
    """
    every = [*value.terms, *value.dropped]
    if not every:
        return EMPTY
    best = _top(list(value.bounds), witness)
    if not any(witness.same_order(p, best) for p in every):
        best = _top(every, witness)
    return replace(value, bounds=frozenset((best,)))


def leading_only(value: Series, witness: Witness) -> Series:
    """The terms of the largest order; the others are dropped."""
    known = compared(value, witness)
    kept = {p: c for p, c in known.terms.items() if all(witness.same_order(p, best) for best in known.bounds)}
    return replace(known, terms=kept, dropped=known.dropped | (known.terms.keys() - kept.keys()))


def total(items: Iterable[Series]) -> Series:
    """The sum."""
    every = list(items)
    dropped = frozenset[Powers]().union(*(x.dropped for x in every))
    bounds = frozenset[Powers]().union(*(x.bounds for x in every))
    return series((t for x in every for t in x.terms.items()), dropped, bounds)


def product(left: Series, right: Series, witness: Witness) -> Series:
    """The product; what was dropped of one side is multiplied by the largest term of the other."""
    one = compared(left, witness) if right.dropped else left
    other = compared(right, witness) if left.dropped else right
    pairs = ((times(p, q), c * e) for p, c in one.terms.items() for q, e in other.terms.items())
    dropped = {times(p, q) for p in one.dropped for q in other.bounds}
    dropped |= {times(p, q) for p in one.bounds for q in other.dropped}
    return series(pairs, dropped, {times(p, q) for p in one.bounds for q in other.bounds})


def power(base: Series, exponent: int, witness: Witness) -> Series:
    """A nonnegative integer power."""
    result = constant(ONE)
    for _ in range(exponent):
        result = product(result, base, witness)
    return result


def _top(candidates: list[Powers], witness: Witness) -> Powers:
    """One of the largest; that it is no smaller than the others is recorded."""
    best = max(candidates, key=lambda p: _key(p, witness))
    for other in candidates:
        witness.compare(best, other)
    return best


def _key(powers: Powers, witness: Witness) -> tuple[object, int]:
    growth, logs = witness.growth(powers)
    return witness.approximate(growth), logs


@dataclass(frozen=True)
class Leading:
    """The terms of the largest order.

    Attributes
    ----------
    terms : the terms.
    growth, logs : the exponents of the size and of its logarithm.
    constant : the sum of their constants.
    """

    terms: Mapping[Powers, Scalar]
    growth: Scalar
    logs: int
    constant: sympy.Expr


def leading(value: Series, witness: Witness) -> Leading:
    """The largest terms, with the comparisons that show it.

    Raises `CancelledError` where they cancel or something larger was dropped.
    """
    known = compared(value, witness)
    if known is EMPTY:
        raise CancelledError
    (best,) = known.bounds
    if any(witness.same_order(p, best) for p in value.dropped):
        raise CancelledError
    group = {p: c for p, c in value.terms.items() if witness.same_order(p, best)}
    total_constant = witness.constant(group)
    if len(group) > 1 and abs(witness.number(total_constant)) < SMALLEST:
        raise CancelledError
    growth, logs = witness.growth(best)
    return Leading(group, growth, logs, total_constant)


def inverse(value: Series, witness: Witness, order: int) -> Series:
    """``1/value`` by the geometric series about its largest terms; if they are several, they become one base.

    ``order`` : how many powers of the rest are kept.
    """
    top = leading(value, witness)
    if len(top.terms) == 1:
        ((powers, coefficient),) = top.terms.items()
        lead = Monomial(coefficient, powers)
    else:
        lead = Monomial(ONE, ((_named(top, witness), ONE),))
    back = Monomial(lead.coefficient.inverse(), raised(lead.powers, -1))
    rest = series(((p, -c) for p, c in value.terms.items() if p not in top.terms), value.dropped)
    small = scaled(rest, back)
    found = [constant(ONE)]
    for _ in range(order):
        found.append(product(found[-1], small, witness))
    beyond = product(found[-1], small, witness)
    kept = total(found)
    dropped = kept.dropped | beyond.dropped | beyond.terms.keys()
    # what is left is smaller than the largest terms, as was recorded
    return scaled(series(kept.terms.items(), dropped, [UNIT]), back)


def _named(top: Leading, witness: Witness) -> str:
    """A base for a sum of terms of one order."""
    name = " + ".join(sorted(f"{c}*{p}" for p, c in top.terms.items()))
    total = witness.sum_of(top.terms)
    if len(total) == 1:
        ((atoms, coefficient),) = total.items()
    else:
        atoms, coefficient = ((name, ONE),), ONE
        witness.atoms[name] = top.constant
    witness.define(name, Meaning(top.growth, coefficient, atoms, top.logs))
    return name


def fractional_power(value: Series, exponent: Scalar, witness: Witness) -> Series:
    """A power with any exponent of the largest terms; what is smaller is dropped.

    Raises `CannotDecideError` for a sum of several orders of growth with an exponent that may be large.
    """
    top = leading(value, witness)
    name = _named(top, witness)
    rest = [p for p in (*value.terms, *value.dropped) if p not in top.terms]
    lead = ((name, ONE),)
    dropped = [times(raised(lead, exponent - 1), p) for p in rest]
    if any(g.name in witness.at for g in exponent.gens):
        raise CannotDecideError("a power whose exponent grows", remedy="use a fixed number of generations")
    return series([(raised(lead, exponent), ONE)], dropped, [raised(lead, exponent)])
