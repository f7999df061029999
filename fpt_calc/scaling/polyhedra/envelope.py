"""Where one of several affine forms is the largest."""

from __future__ import annotations

from collections.abc import Sequence

from fpt_calc.scaling.polyhedra.affine import Affine, replace_names
from fpt_calc.scaling.polyhedra.chamber import Chamber
from fpt_calc.scaling.polyhedra.description import describe
from fpt_calc.scaling.polyhedra.measure import irredundant, irredundant_if_open
from fpt_calc.scaling.polyhedra.polyhedron import Polyhedron, with_constraints


def upper_envelope(
    chamber: Chamber, cell: Polyhedron, forms: Sequence[Affine]
) -> tuple[tuple[Polyhedron, tuple[int, ...]], ...]:
    """The cells of a polyhedron on which the same forms are the largest, each with the indices of these forms.

    Forms that agree on the polyhedron keep all their indices.  Cells have the dimension of the polyhedron and cover it;
    an empty polyhedron has none.  Raises `DegenerateSample` if the sample is not generic.

    >>> from fpt_calc.scaling.polyhedra.affine import variable
    >>> from fpt_calc.scaling.polyhedra.polyhedron import box
    >>> x = variable("x")
    >>> for part, indices in upper_envelope(Chamber({}), box({"x": (0, 1)}), [x, 1 - x, x - 1]):
    ...     print(part.constraints, indices)
    (1 - x, 2*x - 1) (0,)
    (x, 1 - 2*x) (1,)
    """
    found = describe(chamber, cell)
    if found.is_empty:
        return ()
    solved = dict(found.equalities)
    groups: dict[Affine, list[int]] = {}
    for k, form in enumerate(forms):
        groups.setdefault(replace_names(form, solved), []).append(k)
    whole = irredundant(chamber, cell)
    result = []
    for form, indices in groups.items():
        part = irredundant_if_open(chamber, with_constraints(whole, *(form - other for other in groups)))
        if part is not None:
            result.append((part, tuple(indices)))
    return tuple(result)


def lower_envelope(
    chamber: Chamber, cell: Polyhedron, forms: Sequence[Affine]
) -> tuple[tuple[Polyhedron, tuple[int, ...]], ...]:
    """The same for the smallest forms.

    >>> from fpt_calc.scaling.polyhedra.affine import variable
    >>> from fpt_calc.scaling.polyhedra.polyhedron import box
    >>> x = variable("x")
    >>> [indices for _, indices in lower_envelope(Chamber({}), box({"x": (0, 1)}), [x, 1 - x, x + 1])]
    [(0,), (1,)]
    """
    return upper_envelope(chamber, cell, [-form for form in forms])
