"""A training law as sums of powers on ranges of items, in balls of python-flint at the precision of ``flint.ctx``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import flint

from fpt_calc.errors import InputError
from fpt_calc.scaling.zipf.laws import Cut, Mixed, Reweighted, Selected, TrainingLaw, ZipfLaw, unknown
from fpt_calc.scaling.zipf.numbers import fraction, whole

SHORT = 16  # terms that are added one by one


@dataclass(frozen=True)
class Segment:
    """``q_i = sum of weight * i**-exponent over terms`` for ``first <= i <= last``.

    ``last`` is None where the range has no end.  All weights and exponents are nonnegative, so that q decreases.
    """

    first: int
    last: int | None
    terms: tuple[tuple[Any, Fraction], ...]


def ball(value: Fraction) -> Any:
    """A rational number as a ball."""
    return flint.arb(flint.fmpq(value.numerator, value.denominator))


def power_sum(exponent: Fraction, first: int, last: int | None) -> Any:
    """The sum of ``i**-exponent`` for ``first <= i <= last``, as a ball.

    Without an end it is Hurwitz's zeta function; with one, a difference of two values of its continuation, which
    satisfies zeta(s, a) - zeta(s, a + 1) = a^-s for every s but 1, where digamma takes its place.

    >>> power_sum(Fraction(2), 1, 3).str(8), power_sum(Fraction(1), 1, 100).str(8)
    ('[1.3611111 +/- 1.12e-8]', '[5.1873775 +/- 1.77e-8]')
    """
    power = ball(exponent)
    if last is None:
        if exponent <= 1:
            raise InputError("the weights have no finite sum", where="exponent", remedy="give an exponent above 1")
        return power.zeta(flint.arb(first))
    if last - first < SHORT:
        return sum((flint.arb(i) ** -power for i in range(first, last + 1)), flint.arb(0))
    if exponent == 1:
        return flint.arb(last + 1).digamma() - flint.arb(first).digamma()
    return power.zeta(flint.arb(first)) - power.zeta(flint.arb(last + 1))


def probability(segment: Segment, item: int) -> Any:
    """q of an item of the segment."""
    return sum((weight * flint.arb(item) ** -ball(exponent) for weight, exponent in segment.terms), flint.arb(0))


def segments(law: TrainingLaw) -> tuple[Segment, ...]:
    """The law on its ranges, in order; items in none of them are never drawn.

    Raises `InputError` where the law holds symbols.

    >>> (found,) = segments(ZipfLaw(2, items=3))
    >>> found.first, found.last, [float(probability(found, i)) for i in (1, 2, 3)]
    (1, 3, [0.734..., 0.183..., 0.081...])
    """
    match law:
        case ZipfLaw(beta=beta, items=items):
            return _normalized([Segment(1, items, ((flint.arb(1), fraction(beta, "beta")),))])
        case Cut(law=inner, last=last):
            return _normalized(_up_to(segments(inner), whole(last)))
        case Reweighted(law=inner, gamma=gamma):
            power = fraction(gamma, "gamma")
            return _normalized(
                replace(s, terms=tuple((w, exponent + power) for w, exponent in s.terms)) for s in segments(inner)
            )
        case Selected(law=inner, last=last, head=head, tail=tail):
            base, border = segments(inner), whole(last)
            kept = [_scaled(s, ball(fraction(head, "head"))) for s in _up_to(base, border)]
            if tail != 0:
                kept += [_scaled(s, ball(fraction(tail, "tail"))) for s in _beyond(base, border)]
            return _normalized(kept)
        case Mixed(share=share, law=first, other=second):
            part = fraction(share, "share")
            shares = ((ball(part), first), (ball(1 - part), second))
            return _merged([_scaled(s, weight) for weight, inner in shares if weight > 0 for s in segments(inner)])
    raise unknown(law)


def tested(test: ZipfLaw, training: TrainingLaw) -> tuple[Segment, ...]:
    """The segments of a training law up to the last item of the test, with ranges that are never drawn."""
    if not isinstance(test, ZipfLaw):
        raise unknown(test)
    found: list[Segment] = []
    expected = 1
    for s in segments(training):
        if s.first > expected:
            found.append(Segment(expected, s.first - 1, ()))
        found.append(s)
        expected = 0 if s.last is None else s.last + 1
    if expected:
        found.append(Segment(expected, None, ()))
    return tuple(found if test.items is None else _up_to(found, test.items))


def _up_to(parts: Any, last: int) -> Iterator[Segment]:
    for s in parts:
        if s.first <= last:
            yield s if s.last is not None and s.last <= last else replace(s, last=last)


def _beyond(parts: Any, last: int) -> Iterator[Segment]:
    for s in parts:
        if s.last is None or s.last > last:
            yield s if s.first > last else replace(s, first=last + 1)


def _scaled(segment: Segment, factor: Any) -> Segment:
    return replace(segment, terms=tuple((factor * weight, exponent) for weight, exponent in segment.terms))


def _normalized(parts: Any) -> tuple[Segment, ...]:
    kept = tuple(parts)
    total = sum((w * power_sum(e, s.first, s.last) for s in kept for w, e in s.terms), flint.arb(0))
    return tuple(_scaled(s, 1 / total) for s in kept)


def _merged(parts: list[Segment]) -> tuple[Segment, ...]:
    """The sum of segments that may overlap, on the common refinement of their ranges."""
    borders = sorted({s.first for s in parts} | {s.last + 1 for s in parts if s.last is not None})
    ends: list[int | None] = [b - 1 for b in borders[1:]]
    if any(s.last is None for s in parts):
        ends.append(None)
    found = []
    for first, last in zip(borders, ends, strict=False):  # the last border may only be an end
        inside = [s for s in parts if s.first <= first and (s.last is None or (last is not None and last <= s.last))]
        weights: dict[Fraction, Any] = {}
        for weight, exponent in (term for s in inside for term in s.terms):
            weights[exponent] = weights.get(exponent, flint.arb(0)) + weight
        found.append(Segment(first, last, tuple((w, e) for e, w in weights.items())))
    return tuple(found)
