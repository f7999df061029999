"""Affine forms on polyhedra: their signs, where they change, and their maxima."""

from __future__ import annotations

from dataclasses import dataclass

from fpt_calc.errors import InputError
from fpt_calc.scalars import Scalar
from fpt_calc.scaling.polyhedra.affine import Affine, value_at
from fpt_calc.scaling.polyhedra.chamber import Chamber
from fpt_calc.scaling.polyhedra.description import describe
from fpt_calc.scaling.polyhedra.measure import irredundant
from fpt_calc.scaling.polyhedra.polyhedron import Polyhedron, as_point, polyhedron, with_constraints


@dataclass(frozen=True)
class Maximum:
    """The largest value of a form.

    Attributes
    ----------
    value : the maximum; None if the form is unbounded.
    point : a vertex where it is attained; empty if the form is unbounded.
    """

    value: Scalar | None
    point: tuple[tuple[str, Scalar], ...] = ()


def sign_on(chamber: Chamber, cell: Polyhedron, form: Affine) -> int | None:
    """The sign of a form inside a polyhedron: 1, -1, 0 if it vanishes there, None if it takes both signs.

    On the boundary a form of sign 1 may vanish.  On an empty polyhedron the sign is 0.

    >>> from fractions import Fraction
    >>> from fpt_calc.scaling.polyhedra.affine import variable
    >>> x = 1 + variable("x")
    >>> unit = Polyhedron(("x",), (variable("x"), 1 - variable("x")))
    >>> [sign_on(Chamber({}), unit, x + c) for c in (0, -1, -2, Fraction(-3, 2))]
    [1, 1, -1, None]
    """
    values = _values(chamber, cell, form)
    numbers = [chamber.value(v) for v in values]
    both = [[v for v, x in zip(values, numbers, strict=True) if x * side > 0] for side in (1, -1)]
    if all(both):  # two witnesses suffice
        for witnesses in both:
            chamber.sign(min(witnesses, key=lambda v: len(v.gens)))
        return None
    return max((chamber.sign(v) for v in values), key=abs, default=0)


def _values(chamber: Chamber, cell: Polyhedron, form: Affine) -> list[Scalar]:
    """The values at the vertices, and the slopes along the rays and, both ways, the lines."""
    found = describe(chamber, cell)
    slope = form - form.constant
    slopes = [value_at(slope, as_point(cell, v)) for v in found.lines]
    values = [value_at(form, as_point(cell, v)) for v in found.vertices]
    return [*values, *(value_at(slope, as_point(cell, v)) for v in found.rays), *slopes, *(-s for s in slopes)]


def split(chamber: Chamber, cell: Polyhedron, form: Affine) -> tuple[Polyhedron | None, Polyhedron | None]:
    """The parts where a form is >= 0 and where it is <= 0, None for a part of lower dimension than the polyhedron.

    Where the form vanishes on all of it, the first part is everything.

    >>> from fpt_calc.scaling.polyhedra.affine import variable
    >>> from fpt_calc.scaling.polyhedra.polyhedron import box
    >>> x = variable("x")
    >>> above, below = split(Chamber({}), box({"x": (0, 2)}), x - 1)
    >>> above.constraints, below.constraints
    ((2 - x, x - 1), (x, 1 - x))
    >>> split(Chamber({}), box({"x": (0, 2)}), x)[1] is None
    True
    """
    sign = sign_on(chamber, cell, form)
    if sign is not None:
        return (None, cell) if sign < 0 else (cell, None)
    above, below = (irredundant(chamber, with_constraints(cell, f)) for f in (form, -form))
    return above, below


def intersection(chamber: Chamber, first: Polyhedron, *others: Polyhedron) -> Polyhedron:
    """The common points, irredundant; maybe none, or of lower dimension.

    Raises `InputError` if the ambient variables differ.

    >>> from fpt_calc.scaling.polyhedra.polyhedron import box
    >>> intersection(Chamber({}), box({"x": (0, 2)}), box({"x": (1, 3)})).constraints
    (2 - x, x - 1)
    """
    return irredundant(chamber, common(first, *others))


def common(first: Polyhedron, *others: Polyhedron) -> Polyhedron:
    """The constraints of all polyhedra together; raises `InputError` if the ambient variables differ."""
    for other in others:
        if other.names != first.names:
            raise InputError(
                "polyhedra in different variables",
                where=f"({', '.join(first.names)}) and ({', '.join(other.names)})",
                remedy="give both the same names in the same order",
            )
    every = (first, *others)
    return polyhedron(first.names, (c for p in every for c in p.constraints), (e for p in every for e in p.equalities))


def contains(chamber: Chamber, outer: Polyhedron, inner: Polyhedron) -> bool:
    """Whether every point of the inner polyhedron is one of the outer.

    >>> from fpt_calc.scaling.polyhedra.polyhedron import box
    >>> contains(Chamber({}), box({"x": (0, None)}), box({"x": (0, 1)}))
    True
    """
    if describe(chamber, inner).is_empty:
        return True
    return all(sign_on(chamber, inner, e) == 0 for e in outer.equalities) and all(
        sign_on(chamber, inner, c) in (0, 1) for c in outer.constraints
    )


def maximum(chamber: Chamber, cell: Polyhedron, form: Affine) -> Maximum:
    """The largest value of a form on a polyhedron, as a function of the parameters.

    Raises `InputError` if the polyhedron is empty.

    >>> from fpt_calc.scaling.polyhedra.affine import variable
    >>> maximum(Chamber({}), Polyhedron(("x",), (variable("x"), 3 - variable("x"))), 2 * variable("x"))
    Maximum(value=6, point=(('x', 3),))
    """
    found = describe(chamber, cell)
    if found.is_empty:
        raise InputError("a maximum over an empty polyhedron", where=str(form), remedy="ask is_empty first")
    slope = form - form.constant
    for direction in (*found.rays, *found.lines, *(tuple(-x for x in line) for line in found.lines)):
        growth = value_at(slope, as_point(cell, direction))
        if chamber.sign(growth) > 0:
            return Maximum(None)
    points = [as_point(cell, v) for v in found.vertices]
    values = [value_at(form, p) for p in points]
    best = max(range(len(values)), key=lambda k: chamber.value(values[k]))
    for v in values:
        chamber.sign(values[best] - v)
    return Maximum(values[best], tuple(points[best].items()))
