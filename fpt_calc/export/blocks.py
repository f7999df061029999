"""Where the states of a reduced system come from: which blocks of which pencils its averages are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fpt_calc.derivation import LimitLaw
from fpt_calc.expr import Expr
from fpt_calc.graphs import reachable
from fpt_calc.pencil import Realization, TracePencil
from fpt_calc.scalars import Scalar
from fpt_calc.system import Average, FixedPointSystem, RandomEntry, Term, Unknown, successors

MAX_STATES = 60  # of a joint system whose states are traced back
Key = tuple[int, int]


@dataclass(frozen=True)
class Place:
    """A state of the reduced system: the number of its pencil among different ones, from 1, and its state there."""

    pencil: int
    state: int


@dataclass(frozen=True)
class Blocks:
    """The different pencils of a law and the states of its system in them.

    Attributes
    ----------
    pencils : the different pencils, each with the parts of traces that are blocks of its inverse.
    places : for each state of the reduced system, where it comes from; None if that is not known.
    classes : the averages of the raw system that each unknown stands for, in the numbering of the pencils.
    """

    pencils: tuple[tuple[Realization, tuple[TracePencil, ...]], ...]
    places: tuple[Place, ...] | None
    classes: Mapping[Unknown, tuple[tuple[Place, Place, Expr | None], ...]]

    def states(self, pencil: int) -> list[int]:
        """The states of the reduced system that lie in a pencil, by their place in it; the first copy of each."""
        seen: dict[int, int] = {}
        for k, place in enumerate(self.places or ()):
            if place.pencil == pencil:
                seen.setdefault(place.state, k)
        return [seen[s] for s in sorted(seen)]


def blocks(law: LimitLaw) -> Blocks:
    """The pencils of a law, equal ones once, and where the states of its system come from."""
    parts = [p for ps in law.pencils.values() for p in ps.terms]
    different: list[Realization] = []
    raw: list[Place] = []
    for part in parts:
        if not any(_same(part.pencil, known) for known in different):
            different.append(part.pencil)
        number = next(k for k, known in enumerate(different) if _same(part.pencil, known))
        raw += [Place(number + 1, s) for s in range(part.pencil.states)]
    kept = _embedding(law.raw, law.system)
    pencils = tuple((known, tuple(p for p in parts if _same(p.pencil, known))) for known in different)
    if kept is None:
        return Blocks(pencils, None, {})
    return Blocks(pencils, tuple(raw[k] for k in kept), _classes(law, kept, raw))


def _same(a: Realization, b: Realization) -> bool:
    return (a.dims, a.constant, a.letters) == (b.dims, b.constant, b.letters)


def _classes(
    law: LimitLaw, kept: tuple[int, ...], raw: list[Place]
) -> dict[Unknown, tuple[tuple[Place, Place, Expr | None], ...]]:
    """An unknown, and the unknowns of the raw system that stand where it stands in eta."""
    found: dict[Unknown, dict[tuple[Place, Place, Expr | None], None]] = {}
    for unknown, a in law.system.averages.items():
        found[unknown] = {(raw[kept[a.row]], raw[kept[a.col]], a.weight): None}
    before: dict[tuple[int, int, Expr | None], list[tuple[Scalar, Average]]] = {}
    for c in law.raw.couplings:
        before.setdefault((c.row, c.col, c.matrix), []).append((c.coefficient, law.raw.averages[c.unknown]))
    for c in law.system.couplings:
        sources = before.get((kept[c.row], kept[c.col], c.matrix), [])
        if len(sources) == 1 and sources[0][0] == c.coefficient:
            average = sources[0][1]
            found[c.unknown][(raw[average.row], raw[average.col], average.weight)] = None
    return {u: tuple(places) for u, places in found.items()}


def _embedding(raw: FixedPointSystem, system: FixedPointSystem) -> tuple[int, ...] | None:
    """The states of the raw system that were kept: in order, with the same pencil, and closed under paths."""
    if len(raw.dims) == len(system.dims):
        return tuple(range(len(raw.dims)))
    if len(raw.dims) > MAX_STATES:
        return None
    large, small = _entries((*raw.terms, *raw.random)), _entries((*system.terms, *system.random))
    forward = successors((*raw.terms, *raw.random))
    averages = set(raw.averages.values())

    def closed(chosen: list[int]) -> bool:
        for a in system.averages.values():
            row, col = chosen[a.row], chosen[a.col]
            between = {s for s in reachable([row], forward) if col in reachable([s], forward)}
            if not between <= set(chosen) or Average(row, col, a.weight) not in averages:
                return False
        return True

    def extend(chosen: list[int]) -> list[int] | None:
        new = len(chosen)
        if new == len(system.dims):
            return chosen if closed(chosen) else None
        for candidate in range(chosen[-1] + 1 if chosen else 0, len(raw.dims)):
            trial = [*chosen, candidate]
            if raw.dims[candidate] == system.dims[new] and all(
                large.get((trial[i], trial[j])) == small.get((i, j))
                for k in range(new + 1)
                for i, j in ((k, new), (new, k))
            ):
                found = extend(trial)
                if found is not None:
                    return found
        return None

    found = extend([])
    return None if found is None else tuple(found)


def _entries(entries: Iterable[Term | RandomEntry]) -> dict[Key, frozenset[object]]:
    table: dict[Key, set[object]] = {}
    for e in entries:
        table.setdefault((e.row, e.col), set()).add((e.coefficient, e.matrix if isinstance(e, Term) else e.letter))
    return {key: frozenset(values) for key, values in table.items()}
