"""How a law changes against that of clean data: with the choice that is best there, and with its own best choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fpt_calc.errors import CannotDecideError
from fpt_calc.scalars import Scalar
from fpt_calc.scaling.polyhedra import (
    Affine,
    Interval,
    Polyhedron,
    holds,
    intersection,
    is_full_dimensional,
    polyhedron,
)
from fpt_calc.scaling.regimes.affine_scalars import scalar_of
from fpt_calc.scaling.regimes.cases import Case
from fpt_calc.scaling.regimes.explore import regimes
from fpt_calc.scaling.regimes.law import Law, question_of, with_values
from fpt_calc.scaling.regimes.optimum import best_choices


@dataclass(frozen=True)
class Change:
    """The comparison in one case, where clean data have one best choice.

    Attributes
    ----------
    case : of the law.
    choice, clean : the best exponent of clean data, such as ell, and the exponent of the value with it.
    where : the cell of the other exponents where this is so.
    kept : the exponent of the value with that choice, by cells of the other exponents.
    best : its exponent at its own best choice, with that choice, by cells.
    """

    case: Case
    choice: Affine
    clean: Affine
    where: Polyhedron
    kept: tuple[tuple[Polyhedron, Affine], ...]
    best: tuple[tuple[Polyhedron, Affine, tuple[Interval, ...]], ...]


def changes(law: Law, clean: Law, name: str) -> tuple[Change, ...]:
    """The comparison over one exponent, case by case of the law, and by best choices of clean data.

    Raises `InputError` where the law does not have that exponent, or no choice of it is best.
    """
    own, theirs = best_choices(law, name), best_choices(clean, name)
    others = tuple(n for n in law.request.domain.names if n != name)
    found = []
    for case in law.cases:
        for their_case, minimum in theirs:
            choice = minimum.intervals[0].low
            if choice is None or not all(holds(k, case.chamber.sample) for k in their_case.conditions):
                continue
            where = polyhedron(others, minimum.cell.constraints, minimum.cell.equalities)
            kept = _kept(law, case, where, {name: scalar_of(choice)})
            mine = ((_common(case, where, m.cell), m) for c, m in own if c is case)
            best = tuple((cell, m.value, m.intervals) for cell, m in mine if cell is not None)
            found.append(Change(case, choice, minimum.value, where, kept, best))
    return tuple(found)


def _kept(
    law: Law, case: Case, where: Polyhedron, values: Mapping[str, Scalar]
) -> tuple[tuple[Polyhedron, Affine], ...]:
    """The law at a choice; nothing where its regimes meet in a way that has no expansion."""
    request = with_values(law.request, values)
    domain = polyhedron(where.names, (*request.domain.constraints, *where.constraints), where.equalities)
    try:
        table = regimes(replace(question_of(law, request), domain=domain), case.chamber)
    except CannotDecideError:
        return ()
    return tuple((r.cell, r.exponent) for r in table)


def _common(case: Case, one: Polyhedron, other: Polyhedron) -> Polyhedron | None:
    """What two cells have in common, if it is no boundary only."""
    both = intersection(case.chamber, one, other)
    return both if is_full_dimensional(case.chamber, both) else None
