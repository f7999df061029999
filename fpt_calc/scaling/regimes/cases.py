"""Cases of a law: chambers of the parameters with the same regimes, and conditions that say when one is in a case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from fpt_calc.scalars import Generator, Scalar
from fpt_calc.scaling.polyhedra import Chamber, Condition, Domain, holds
from fpt_calc.scaling.regimes.explore import Regime

Point = Mapping[Generator, Fraction]
Found = tuple[Chamber, tuple[Regime, ...], tuple[Regime, ...]]


@dataclass(frozen=True)
class Case:
    """The regimes under conditions on the parameters, such as r < 1.

    ``cells``: the smaller cells on each of which every source has one law of its own.
    """

    conditions: tuple[Condition, ...]
    chamber: Chamber
    regimes: tuple[Regime, ...]
    cells: tuple[Regime, ...]


def cases_of(found: Sequence[Found], domain: Domain, points: Iterable[Point]) -> tuple[Case, ...]:
    """Chambers with the same regimes as one case, where conditions tell it from the others; else one by one.

    Parameters
    ----------
    found : chambers with their regimes and cells.
    domain : of the parameters.
    points : at which conditions are compared with the chambers.
    """
    own = [chamber.conditions(domain) for chamber, _, _ in found]
    inside = [(p, {i for i, known in enumerate(own) if all(holds(c, p) for c in known)}) for p in points]
    factors = list(dict.fromkeys(c.factor for known in own for c in known))
    cases = []
    for members in _groups(found):
        conditions = _telling(members, factors, inside)
        if conditions is not None:
            cases.append(Case(conditions, *found[members[0]]))
        else:
            cases += [Case(_telling([i], factors, inside) or own[i], *found[i]) for i in members]
    return tuple(cases)


def _groups(found: Sequence[Found]) -> list[list[int]]:
    """The chambers with the same regimes."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for i, (_, table, _) in enumerate(found):
        lines = (
            (sorted(map(str, r.cell.constraints)), str(r.cell.equalities), str(r.exponent), r.logs, str(r.constant))
            for r in table
        )
        groups.setdefault(tuple(map(str, sorted(lines))), []).append(i)
    return list(groups.values())


def _telling(
    members: Sequence[int], factors: Sequence[Scalar], inside: Sequence[tuple[Point, set[int]]]
) -> tuple[Condition, ...] | None:
    """Conditions that hold at the points of these chambers and at no others, simple ones first; None if there are none.

    Points outside of all chambers are such others: no law is known there.
    """
    mine = [p for p, where in inside if where & set(members)]
    others = [p for p, where in inside if not where & set(members)]
    signs = [Condition(f, s) for f in sorted(factors, key=lambda f: (len(str(f)), str(f))) for s in (1, -1)]
    usable = [c for c in signs if all(holds(c, p) for p in mine)]
    chosen, left = list[Condition](), others
    while left:
        gain = {c: [p for p in left if not holds(c, p)] for c in usable}
        best = max(gain, key=lambda c: len(gain[c]), default=None)
        if best is None or not gain[best]:
            return None
        chosen.append(best)
        left = [p for p in left if holds(best, p)]
    for c in list(chosen):
        rest = [k for k in chosen if k != c]
        if not any(all(holds(k, p) for k in rest) for p in others):
            chosen = rest  # a later condition excludes what this one does
    return tuple(chosen)
