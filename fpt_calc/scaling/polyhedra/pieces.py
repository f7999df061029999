"""Piecewise affine functions: cells with disjoint interiors, each with the form that the function is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from fpt_calc.errors import InputError
from fpt_calc.scaling.polyhedra.affine import Affine, replace_names
from fpt_calc.scaling.polyhedra.chamber import Chamber
from fpt_calc.scaling.polyhedra.description import describe
from fpt_calc.scaling.polyhedra.envelope import lower_envelope, upper_envelope
from fpt_calc.scaling.polyhedra.linear import primitive
from fpt_calc.scaling.polyhedra.measure import irredundant
from fpt_calc.scaling.polyhedra.merge import merge
from fpt_calc.scaling.polyhedra.polyhedron import Polyhedron
from fpt_calc.scaling.polyhedra.signs import common, sign_on

Pieces = tuple[tuple[Polyhedron, Affine], ...]
Envelope = Callable[[Chamber, Polyhedron, Sequence[Affine]], tuple[tuple[Polyhedron, tuple[int, ...]], ...]]


@dataclass(frozen=True)
class Crossover:
    """Where a piecewise affine function changes its form.

    Attributes
    ----------
    equation : a form with coprime polynomial coefficients that vanishes there.
    facet : the common facet of the two cells.
    between : the indices of the two pieces.
    """

    equation: Affine
    facet: Polyhedron
    between: tuple[int, int]


def pieces_of_maximum(chamber: Chamber, cell: Polyhedron, forms: Sequence[Affine]) -> Pieces:
    """The largest of several forms on a polyhedron as a piecewise affine function.

    >>> from fpt_calc.scaling.polyhedra.affine import variable
    >>> from fpt_calc.scaling.polyhedra.polyhedron import box
    >>> x = variable("x")
    >>> [form for _, form in pieces_of_maximum(Chamber({}), box({"x": (0, 1)}), [x, 1 - x])]
    [x, 1 - x]
    """
    return tuple((part, forms[indices[0]]) for part, indices in upper_envelope(chamber, cell, forms))


def pieces_of_minimum(chamber: Chamber, cell: Polyhedron, forms: Sequence[Affine]) -> Pieces:
    """The smallest of several forms on a polyhedron, in the same way."""
    return tuple((part, forms[indices[0]]) for part, indices in lower_envelope(chamber, cell, forms))


def minimum_of(chamber: Chamber, *functions: Pieces) -> Pieces:
    """The smallest of several functions, where all are defined; cells with the same form are joined where possible.

    Raises `InputError` if there is no function, or the ambient variables differ.

    >>> from fpt_calc.scaling.polyhedra.affine import affine, variable
    >>> from fpt_calc.scaling.polyhedra.polyhedron import box
    >>> x, unit, chamber = variable("x"), box({"x": (0, 1)}), Chamber({})
    >>> tent = minimum_of(chamber, ((unit, x),), ((unit, 1 - x),))
    >>> [(str(form), part.constraints) for part, form in tent]
    [('x', (x, 1 - 2*x)), ('1 - x', (1 - x, 2*x - 1))]
    """
    return _combined(chamber, functions, lower_envelope)


def maximum_of(chamber: Chamber, *functions: Pieces) -> Pieces:
    """The largest of several functions, in the same way."""
    return _combined(chamber, functions, upper_envelope)


def _combined(chamber: Chamber, functions: Sequence[Pieces], envelope: Envelope) -> Pieces:
    if not functions:
        raise InputError("no function to compare", remedy="give at least one")
    result = []
    for chosen in product(*functions):
        cell = irredundant(chamber, common(*(part for part, _ in chosen)))
        thinnest = min(describe(chamber, part).dimension for part, _ in chosen)
        if describe(chamber, cell).dimension == thinnest >= 0:
            forms = [form for _, form in chosen]
            result += [(part, forms[indices[0]]) for part, indices in envelope(chamber, cell, forms)]
    return merge(chamber, result)


def crossovers(chamber: Chamber, pieces: Pieces) -> tuple[Crossover, ...]:
    """The facets between two cells with different forms.

    >>> from fpt_calc.scaling.polyhedra.affine import variable
    >>> from fpt_calc.scaling.polyhedra.polyhedron import box
    >>> x, chamber = variable("x"), Chamber({})
    >>> [str(c.equation) for c in crossovers(chamber, pieces_of_maximum(chamber, box({"x": (0, 1)}), [x, 1 - x]))]
    ['2*x - 1']
    """
    result = []
    for (i, (first, form)), (k, (second, other)) in combinations(enumerate(pieces), 2):
        found = describe(chamber, first)
        if replace_names(form - other, dict(found.equalities)).is_zero:
            continue
        facet = common(first, second)
        wall = next((c for c in found.facets if sign_on(chamber, second, c) == -1), None)
        if wall is not None and describe(chamber, facet).dimension == found.dimension - 1:
            result.append(Crossover(normalized(wall), irredundant(chamber, facet), (i, k)))
    return tuple(result)


def normalized(equation: Affine) -> Affine:
    """The multiple of a form, not zero, with coprime polynomial coefficients and a positive lead."""
    constant, *slopes = primitive((equation.constant, *(c for _, c in equation.terms)))
    lead = next((c for c in slopes if c), constant)
    top = lead.num.leading_coefficient() if lead.gens else lead.num
    form = Affine(constant, tuple(zip(equation.names, slopes, strict=True)))
    return form if top > 0 else -form
