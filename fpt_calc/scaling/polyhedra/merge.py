"""Joining neighbouring cells of one label, and taking cells apart."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TypeVar

from fpt_calc.scaling.polyhedra.chamber import Chamber
from fpt_calc.scaling.polyhedra.measure import irredundant
from fpt_calc.scaling.polyhedra.polyhedron import Polyhedron, polyhedron, with_constraints
from fpt_calc.scaling.polyhedra.signs import contains, sign_on, split

L = TypeVar("L", bound=Hashable)


def merge(chamber: Chamber, cells: Iterable[tuple[Polyhedron, L]]) -> tuple[tuple[Polyhedron, L], ...]:
    """The same cells, two at a time joined where their labels are equal and their union is convex.

    The interiors of the cells must be disjoint; cells that are empty are not allowed.

    >>> from fpt_calc.scaling.polyhedra.polyhedron import box
    >>> parts = [(box({"x": (0, 1)}), "a"), (box({"x": (2, 3)}), "a"), (box({"x": (1, 2)}), "a")]
    >>> [cell.constraints for cell, _ in merge(Chamber({}), parts)]
    [(3 - x, x)]
    """
    done: list[tuple[Polyhedron, L]] = []
    waiting = list(cells)
    while waiting:
        cell, label = waiting.pop(0)
        for k, (other, other_label) in enumerate(done):
            if other_label == label and (joint := convex_union(chamber, other, cell)) is not None:
                del done[k]
                waiting.insert(0, (joint, label))
                break
        else:
            done.append((cell, label))
    return tuple(done)


def convex_union(chamber: Chamber, first: Polyhedron, second: Polyhedron) -> Polyhedron | None:
    """The union of two cells with disjoint interiors, or None if it is not convex.

    A convex union is given by the constraints of either cell that hold on both.  Conversely the polyhedron of these
    constraints is the union if each cell is its part on one side of a constraint that separates them.

    >>> from fpt_calc.scaling.polyhedra.polyhedron import box
    >>> convex_union(Chamber({}), box({"x": (0, 1)}), box({"x": (1, 2)})).constraints
    (x, 2 - x)
    >>> convex_union(Chamber({}), box({"x": (0, 1)}), box({"x": (2, 3)})) is None
    True
    """
    first, second = irredundant(chamber, first), irredundant(chamber, second)
    if set(first.equalities) != set(second.equalities):
        return None
    wall = next((c for c in first.constraints if sign_on(chamber, second, c) == -1), None)
    if wall is None:
        return None
    hull = [c for c in first.constraints if c != wall and sign_on(chamber, second, c) in (0, 1)]
    hull += [c for c in second.constraints if sign_on(chamber, first, c) in (0, 1)]
    joint = polyhedron(first.names, hull, first.equalities)
    for side, cell in ((wall, first), (-wall, second)):
        if not contains(chamber, cell, with_constraints(joint, side)):
            return None
    return irredundant(chamber, joint)


def difference(chamber: Chamber, cell: Polyhedron, other: Polyhedron) -> list[Polyhedron]:
    """Cells with disjoint interiors that cover a cell without another one, those of lower dimension left out.

    >>> from fpt_calc.scaling.polyhedra.polyhedron import box
    >>> [c.constraints for c in difference(Chamber({}), box({"x": (0, 3)}), box({"x": (1, 2)}))]
    [(x, 1 - x), (3 - x, x - 2)]
    """
    if any(sign_on(chamber, cell, e) != 0 for e in other.equalities):
        return [cell]  # what they share has lower dimension
    rest: Polyhedron | None = cell
    result = []
    for constraint in other.constraints:
        if rest is None:
            break
        rest, outside = split(chamber, rest, constraint)
        result += [] if outside is None else [outside]
    return result
