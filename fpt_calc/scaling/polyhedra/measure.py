"""What a polyhedron is: its dimension, its points, its irredundant form."""

from __future__ import annotations

from fpt_calc.errors import InputError
from fpt_calc.scalars import Scalar
from fpt_calc.scaling.polyhedra.affine import variable
from fpt_calc.scaling.polyhedra.chamber import Chamber
from fpt_calc.scaling.polyhedra.description import Description, describe, describe_if_open
from fpt_calc.scaling.polyhedra.polyhedron import Polyhedron, as_point, empty, polyhedron


def is_empty(chamber: Chamber, cell: Polyhedron) -> bool:
    """Whether a polyhedron has no point.

    >>> is_empty(Chamber({}), Polyhedron(("x",), (variable("x") - 1, -variable("x"))))
    True
    """
    return describe(chamber, cell).is_empty


def dimension(chamber: Chamber, cell: Polyhedron) -> int:
    """The dimension of a polyhedron; -1 if it is empty.

    >>> x, y = variable("x"), variable("y")
    >>> dimension(Chamber({}), Polyhedron(("x", "y"), (x - y, y - x, x)))
    1
    """
    return describe(chamber, cell).dimension


def is_full_dimensional(chamber: Chamber, cell: Polyhedron) -> bool:
    """Whether a polyhedron has interior points in its ambient space.

    >>> is_full_dimensional(Chamber({}), Polyhedron(("x",), (), (variable("x"),)))
    False
    """
    return dimension(chamber, cell) == len(cell.names)


def irredundant(chamber: Chamber, cell: Polyhedron) -> Polyhedron:
    """The same polyhedron with one constraint for each facet, and its affine hull as equalities solved for variables.

    >>> x, y = variable("x"), variable("y")
    >>> irredundant(Chamber({}), Polyhedron(("x", "y"), (x, y - x, x - y, 2 - x, 3 - x)))
    Polyhedron(names=('x', 'y'), constraints=(y, 2 - y), equalities=(x - y,))
    """
    return _tidied(chamber, cell, describe(chamber, cell))


def irredundant_if_open(chamber: Chamber, cell: Polyhedron) -> Polyhedron | None:
    """The irredundant form, or None if a polyhedron has no interior in the affine space of its equalities."""
    found = describe_if_open(chamber, cell)
    return None if found is None else _tidied(chamber, cell, found)


def _tidied(chamber: Chamber, cell: Polyhedron, found: Description) -> Polyhedron:
    if found.is_empty:
        return empty(cell.names)
    result = polyhedron(cell.names, found.facets, (variable(n) - image for n, image in found.equalities))
    chamber.memo.setdefault(result, found)
    return result


def vertices(chamber: Chamber, cell: Polyhedron) -> tuple[dict[str, Scalar], ...]:
    """The vertices, by name of the variable; with lines those of a part that contains none.

    >>> x, y = variable("x"), variable("y")
    >>> vertices(Chamber({}), Polyhedron(("x", "y"), (x, y, 1 - x - 2 * y)))
    ({'x': 0, 'y': 0}, {'x': 1, 'y': 0}, {'x': 0, 'y': 1/2})
    """
    return tuple(as_point(cell, v) for v in describe(chamber, cell).vertices)


def rays(chamber: Chamber, cell: Polyhedron) -> tuple[dict[str, Scalar], ...]:
    """The directions of the unbounded edges, each up to a positive factor.

    >>> rays(Chamber({}), Polyhedron(("x",), (variable("x"),)))
    ({'x': 1},)
    """
    return tuple(as_point(cell, v) for v in describe(chamber, cell).rays)


def lines(chamber: Chamber, cell: Polyhedron) -> tuple[dict[str, Scalar], ...]:
    """A basis of the directions in which the polyhedron is unbounded both ways.

    >>> lines(Chamber({}), Polyhedron(("x", "y"), (variable("x") - 2 * variable("y"),)))
    ({'x': 2, 'y': 1},)
    """
    return tuple(as_point(cell, v) for v in describe(chamber, cell).lines)


def interior_point(chamber: Chamber, cell: Polyhedron) -> dict[str, Scalar]:
    """A point of the relative interior: the mean of the vertices, moved along all rays.

    Raises `InputError` if the polyhedron is empty.

    >>> interior_point(Chamber({}), Polyhedron(("x", "y"), (variable("x"), variable("y"))))
    {'x': 1, 'y': 1}
    """
    found = describe(chamber, cell)
    if found.is_empty:
        raise InputError("an empty polyhedron has no interior point", remedy="ask is_empty first")
    count = len(found.vertices)
    middle = [sum(column[1:], column[0]) / count for column in zip(*found.vertices, strict=True)]
    return as_point(cell, tuple(sum((ray[k] for ray in found.rays), x) for k, x in enumerate(middle)))
