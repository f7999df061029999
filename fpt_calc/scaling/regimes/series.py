"""Finite sums of monomials with what was left out: ``sum of coefficient * powers + O(dropped)``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

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
    """``sum of coefficient * powers``, up to the orders that were dropped."""

    terms: Mapping[Powers, Scalar]
    dropped: frozenset[Powers] = frozenset()

    def __add__(self, other: Series) -> Series:
        total = dict(self.terms)
        for powers, coefficient in other.terms.items():
            accumulate(total, powers, coefficient)
        return Series(total, self.dropped | other.dropped)


NOTHING = Series({})


def series(terms: Iterable[tuple[Powers, Scalar]], dropped: Iterable[Powers] = ()) -> Series:
    """The sum of the terms, equal powers collected."""
    total: dict[Powers, Scalar] = {}
    for powers, coefficient in terms:
        accumulate(total, powers, coefficient)
    return Series(total, frozenset(dropped))


def monomial(value: Monomial) -> Series:
    """One term."""
    return series([(value.powers, value.coefficient)])


def scaled(value: Series, factor: Monomial) -> Series:
    """The series times a monomial."""
    terms = ((times(p, factor.powers), c * factor.coefficient) for p, c in value.terms.items())
    return series(terms, (times(p, factor.powers) for p in value.dropped))


def product(left: Series, right: Series, witness: Witness) -> Series:
    """The product; what was dropped of one side is multiplied by the largest term of the other."""
    pairs = ((times(p, q), c * e) for p, c in left.terms.items() for q, e in right.terms.items())
    dropped: set[Powers] = set()
    for one, other in ((left, right), (right, left)):
        if one.dropped:
            largest = _largest(other, witness)
            dropped |= {times(p, q) for p in one.dropped for q in largest}
    return series(pairs, dropped)


def power(base: Series, exponent: int, witness: Witness) -> Series:
    """A nonnegative integer power."""
    result = series([(UNIT, ONE)])
    for _ in range(exponent):
        result = product(result, base, witness)
    return result


def _largest(value: Series, witness: Witness) -> tuple[Powers, ...]:
    """The largest term, kept or dropped, one of those of its order."""
    every = [*value.terms, *value.dropped]
    if not every:
        return ()
    return (_top(every, witness),)


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
    if not value.terms:
        raise CancelledError
    best = _top(list(value.terms), witness)
    group = {p: c for p, c in value.terms.items() if witness.compare(p, best) == 0}
    if any(witness.compare(p, best) >= 0 for p in value.dropped):
        raise CancelledError
    constant = witness.constant(group)
    if len(group) > 1 and abs(witness.number(constant)) < SMALLEST:
        raise CancelledError
    growth, logs = witness.growth(best)
    return Leading(group, growth, logs, constant)


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
    rest = Series({p: -c for p, c in value.terms.items() if p not in top.terms}, value.dropped)
    small = scaled(rest, back)
    total, current = series([(UNIT, ONE)]), series([(UNIT, ONE)])
    for _ in range(order):
        current = product(current, small, witness)
        total = total + current
    beyond = product(current, small, witness)
    return scaled(Series(total.terms, total.dropped | frozenset(beyond.terms) | beyond.dropped), back)


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
    return Series({raised(lead, exponent): ONE}, frozenset(dropped))
