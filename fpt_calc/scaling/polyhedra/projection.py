"""Eliminating variables: bounds of a variable, and Fourier-Motzkin elimination."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fpt_calc.errors import InputError
from fpt_calc.scaling.polyhedra.affine import Affine, replace_names, solved_for
from fpt_calc.scaling.polyhedra.chamber import Chamber
from fpt_calc.scaling.polyhedra.description import describe
from fpt_calc.scaling.polyhedra.measure import irredundant
from fpt_calc.scaling.polyhedra.polyhedron import Polyhedron, empty, polyhedron


@dataclass(frozen=True)
class Fibre:
    """A polyhedron seen from one variable: ``lowers <= name <= uppers`` over points of the other variables.

    Attributes
    ----------
    name : the variable.
    names : the other variables.
    value : the variable as a form in the others, where an equality says so; there are no bounds then.
    lowers, uppers : forms in the other variables.
    constraints, equalities : what does not involve the variable.
    """

    name: str
    names: tuple[str, ...]
    value: Affine | None
    lowers: tuple[Affine, ...]
    uppers: tuple[Affine, ...]
    constraints: tuple[Affine, ...]
    equalities: tuple[Affine, ...]


def fibre(chamber: Chamber, cell: Polyhedron, name: str) -> Fibre:
    """The bounds of a variable in a polyhedron that is not empty; the signs of its coefficients are recorded.

    Raises `InputError` if it is no ambient variable.
    """
    if name not in cell.names:
        raise InputError(f"no ambient variable {name!r}", remedy=f"use one of {', '.join(cell.names)}")
    names = tuple(n for n in cell.names if n != name)
    tidy = irredundant(chamber, cell)
    defining = next((e for e in tidy.equalities if chamber.sign(e.coefficient(name))), None)
    if defining is not None:
        image = solved_for(defining, name)
        constraints = tuple(replace_names(c, {name: image}) for c in tidy.constraints)
        equalities = tuple(replace_names(e, {name: image}) for e in tidy.equalities if e is not defining)
        return Fibre(name, names, image, (), (), constraints, equalities)
    signs = [(chamber.sign(c.coefficient(name)), c) for c in tidy.constraints]
    lowers = tuple(solved_for(c, name) for sign, c in signs if sign > 0)
    uppers = tuple(solved_for(c, name) for sign, c in signs if sign < 0)
    return Fibre(name, names, None, lowers, uppers, tuple(c for sign, c in signs if sign == 0), tidy.equalities)


def projection(chamber: Chamber, cell: Polyhedron, names: Sequence[str]) -> Polyhedron:
    """The shadow of a polyhedron in some of its variables, irredundant.

    Raises `InputError` for a name that is no ambient variable.

    >>> from fpt_calc.scaling.polyhedra.affine import variable
    >>> x, y = variable("x"), variable("y")
    >>> projection(Chamber({}), Polyhedron(("x", "y"), (x - y, y, 2 - x - y)), ["x"]).constraints
    (x, 2 - x)
    """
    if extra := [n for n in names if n not in cell.names]:
        raise InputError(f"no ambient variable {extra[0]!r}", remedy=f"use some of {', '.join(cell.names)}")
    if describe(chamber, cell).is_empty:
        return empty(names)
    shadow = irredundant(chamber, cell)
    for name in cell.names:
        if name not in names:
            shadow = _without(chamber, shadow, name)
    return Polyhedron(tuple(names), shadow.constraints, shadow.equalities)


def _without(chamber: Chamber, cell: Polyhedron, name: str) -> Polyhedron:
    """Fourier-Motzkin: every lower bound is below every upper bound."""
    found = fibre(chamber, cell, name)
    between = (high - low for low in found.lowers for high in found.uppers)
    return irredundant(chamber, polyhedron(found.names, (*found.constraints, *between), found.equalities))
