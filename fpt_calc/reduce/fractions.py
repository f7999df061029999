"""The equations that a target needs as fractions of integer polynomials, and their values at a point modulo a prime."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import flint

from fpt_calc.reduce.equations import equations, needed_by
from fpt_calc.reduce.quantity import RAMP, Quantity
from fpt_calc.scalars import Generator, Scalar
from fpt_calc.system import FixedPointSystem, Unknown

Exponents = tuple[int, ...]
Terms = dict[Exponents, int]  # exponents of the ramp and of the unknowns -> residue


@dataclass(frozen=True)
class FractionsAtPoint:
    """``unknown == numerator/denominator`` in the ramp and the unknowns, with residues as coefficients."""

    prime: int
    equations: tuple[tuple[Terms, Terms], ...]
    target: tuple[Terms, Terms]


@dataclass(frozen=True)
class Fractions:
    """``unknown == value`` for each unknown that the target depends on; all values are fractions of polynomials.

    ``nonlinear``: how many of the unknowns are nonlinear; they come first, and at zero variance each unknown depends
    on earlier ones only.
    """

    unknowns: tuple[Unknown, ...]
    nonlinear: int
    values: tuple[Scalar, ...]
    target: Quantity
    output: Scalar

    @cached_property
    def parameters(self) -> tuple[Generator, ...]:
        """All other generators but the ramp: dimensions first."""
        found = {g for v in (*self.values, self.output) for g in v.gens if not isinstance(g, Unknown) and g != RAMP}
        return tuple(sorted(found, key=lambda g: (type(g).__name__ != "Dimension", g.name)))

    def at(self, point: Mapping[Generator, int], prime: int) -> FractionsAtPoint:
        """The fractions where the parameters are these residues."""
        places: dict[Generator, int] = {RAMP: 0, **{u: k + 1 for k, u in enumerate(self.unknowns)}}

        def part(gens: tuple[Generator, ...], polynomial: Any) -> Terms:
            result: Terms = {}
            for exponents, integer in terms_of(gens, polynomial):
                key, coefficient = [0] * len(places), integer
                for g, e in zip(gens, exponents, strict=True):
                    if g in places:
                        key[places[g]] = e
                    elif e:
                        coefficient = coefficient * pow(point[g], e, prime) % prime
                result[tuple(key)] = (result.get(tuple(key), 0) + coefficient) % prime
            return {key: c for key, c in result.items() if c}

        def fraction(value: Scalar) -> tuple[Terms, Terms]:
            return part(value.gens, value.num), part(value.gens, value.den)

        return FractionsAtPoint(prime, tuple(fraction(v) for v in self.values), fraction(self.output))


def fractions_of(system: FixedPointSystem, name: str) -> Fractions:
    """The fractions that the named target of a system with the ramp in its couplings needs."""
    output = system.outputs[name]
    found = {e.unknown: e.value for e in needed_by(equations(system), [output]).equations}
    first = [u for u in system.nonlinear if u in found]
    order = (*first, *(u for u in system.unknowns if u in found and u not in first))
    needed = _reached(found, output)
    order = tuple(u for u in order if u in needed)
    return Fractions(
        order, len([u for u in first if u in needed]), tuple(found[u] for u in order), Quantity(name), output
    )


def _reached(found: Mapping[Unknown, Scalar], output: Scalar) -> set[Unknown]:
    """The unknowns on which a scalar depends through the equations."""
    reached: set[Unknown] = set()
    pending = [output]
    while pending:
        new = {g for g in pending.pop().gens if isinstance(g, Unknown)} - reached
        reached |= new
        pending += [found[u] for u in new]
    return reached


def terms_of(gens: Sequence[Generator], polynomial: Any) -> Iterator[tuple[Exponents, int]]:
    """The terms of the numerator or denominator of a scalar."""
    if not gens:
        yield (), int(polynomial)
        return
    for exponents, coefficient in polynomial.to_dict().items():
        yield tuple(int(e) for e in exponents), int(coefficient)


@dataclass(frozen=True)
class Scaling:
    """A change of scale under which the solution is covariant: one parameter can be set to 1 and put back later."""

    parameter: Generator
    weights: Mapping[Generator, int]


def scalings(fractions: Fractions) -> tuple[Scaling, ...]:
    """Independent changes of scale, each with a parameter of weight one that the other scalings leave alone.

    A weight is a solution of linear equations: all terms of a numerator weigh the same, and a fraction weighs as much
    as the unknown that it equals.
    """
    rows: list[dict[Generator, int]] = []
    known: list[tuple[Generator, Scalar]] = [*zip(fractions.unknowns, fractions.values, strict=True)]
    for unknown, value in [*known, (fractions.target, fractions.output)]:
        first: list[dict[Generator, int]] = []
        for part in (value.num, value.den):
            weights = [dict(zip(value.gens, e, strict=True)) for e, _ in terms_of(value.gens, part)]
            rows += [_difference(w, weights[0]) for w in weights[1:]]
            first.append(weights[0])
        rows.append(_difference(_difference(first[0], first[1]), {unknown: 1}))
    columns: list[Generator] = [*fractions.unknowns, fractions.target, RAMP, *fractions.parameters]
    matrix = flint.fmpq_mat(len(rows), len(columns), [row.get(g, 0) for row in rows for g in columns])
    reduced, rank = matrix.rref()
    pivots = [next(j for j in range(len(columns)) if reduced[i, j] != 0) for i in range(rank)]
    result = []
    for free in (j for j in range(len(columns)) if j not in pivots):
        entries = {columns[p]: -reduced[i, free] for i, p in enumerate(pivots)}
        if columns[free] in fractions.parameters and all(w.q == 1 for w in entries.values()):
            result.append(Scaling(columns[free], {g: int(w.p) for g, w in entries.items() if w != 0}))
    return tuple(result)


def _difference(a: Mapping[Generator, int], b: Mapping[Generator, int]) -> dict[Generator, int]:
    return {g: a.get(g, 0) - b.get(g, 0) for g in {*a, *b}}
