"""Polyhedra as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fpt_calc.errors import InputError
from fpt_calc.scalars import Scalar
from fpt_calc.scaling.polyhedra.affine import Affine, affine, variable

Vector = tuple[Scalar, ...]


@dataclass(frozen=True)
class Polyhedron:
    """The points where all constraints are >= 0 and all equalities are = 0; a cell stands for its interior.

    Attributes
    ----------
    names : the ambient variables, in the order of the coordinates of points.
    constraints : forms that are >= 0.
    equalities : forms that are = 0.

    Raises
    ------
    InputError
        if a name occurs twice, a form has a variable that is not ambient, or a variable is named like a parameter.

    >>> x, y = variable("x"), variable("y")
    >>> Polyhedron(("x", "y"), (x, y, 1 - x - y)).constraints
    (x, y, 1 - x - y)
    """

    names: tuple[str, ...]
    constraints: tuple[Affine, ...] = ()
    equalities: tuple[Affine, ...] = ()

    def __post_init__(self) -> None:
        if len(set(self.names)) != len(self.names):
            raise InputError("a variable is named twice", where=", ".join(self.names), remedy="give each its own name")
        known = set(self.names)
        for form in (*self.constraints, *self.equalities):
            if extra := [n for n in form.names if n not in known]:
                raise InputError(f"no ambient variable {extra[0]!r}", where=str(form), remedy="add it to the names")
            for c in (form.constant, *(c for _, c in form.terms)):
                if clash := [g.name for g in c.gens if g.name in known]:
                    raise InputError(
                        "a variable is named like a parameter", where=clash[0], remedy="rename one of the two"
                    )


def polyhedron(names: Iterable[str], constraints: Iterable[Affine], equalities: Iterable[Affine] = ()) -> Polyhedron:
    """The polyhedron without repeated constraints and without zeros among them."""
    tidy = tuple(dict.fromkeys(c for c in constraints if not c.is_zero))
    return Polyhedron(tuple(names), tidy, tuple(dict.fromkeys(e for e in equalities if not e.is_zero)))


def box(bounds: Mapping[str, tuple[Any, Any]]) -> Polyhedron:
    """``lower <= name <= upper`` for each name; a bound is a number, a scalar, a form, or None for none.

    >>> box({"ell": (0, 2), "a": (0, None)}).constraints
    (ell, 2 - ell, a)
    """
    constraints = []
    for name, (lower, upper) in bounds.items():
        x = variable(name)
        constraints += [] if lower is None else [x - affine(lower)]
        constraints += [] if upper is None else [affine(upper) - x]
    return polyhedron(bounds, constraints)


def empty(names: Iterable[str]) -> Polyhedron:
    """The empty polyhedron, as ``-1 >= 0``.

    >>> empty(["x"]).constraints
    (-1,)
    """
    return Polyhedron(tuple(names), (affine(-1),))


def with_constraints(cell: Polyhedron, *more: Affine) -> Polyhedron:
    """The part of a polyhedron where further forms are >= 0.

    >>> with_constraints(box({"x": (0, 2)}), 1 - variable("x")).constraints
    (x, 2 - x, 1 - x)
    """
    return polyhedron(cell.names, (*cell.constraints, *more), cell.equalities)


def as_point(cell: Polyhedron, vector: Vector) -> dict[str, Scalar]:
    """Coordinates by name."""
    return dict(zip(cell.names, vector, strict=True))
