"""Polyhedra over the ordered field QQ(parameters): the exact geometry under the regimes of scaling laws.

Order is decided at a sample of the parameters (`Chamber`), and every polynomial whose sign was used is recorded: the
results hold wherever these signs are the same.
"""

from fpt_calc.scaling.polyhedra.affine import Affine, AffineLike, affine, affine_form, replace_names, value_at, variable
from fpt_calc.scaling.polyhedra.chamber import Chamber, DegenerateSample, holds
from fpt_calc.scaling.polyhedra.conditions import Bounds, Condition, Domain, constant_sign
from fpt_calc.scaling.polyhedra.description import Description, describe
from fpt_calc.scaling.polyhedra.envelope import lower_envelope, upper_envelope
from fpt_calc.scaling.polyhedra.measure import (
    dimension,
    interior_point,
    irredundant,
    is_empty,
    is_full_dimensional,
    lines,
    rays,
    vertices,
)
from fpt_calc.scaling.polyhedra.polyhedron import Polyhedron, Vector, box, empty, polyhedron, with_constraints
from fpt_calc.scaling.polyhedra.signs import Maximum, contains, intersection, maximum, sign_on, split

__all__ = [
    "Affine",
    "AffineLike",
    "Bounds",
    "Chamber",
    "Condition",
    "DegenerateSample",
    "Description",
    "Domain",
    "Maximum",
    "Polyhedron",
    "Vector",
    "affine",
    "affine_form",
    "box",
    "constant_sign",
    "contains",
    "describe",
    "dimension",
    "empty",
    "holds",
    "interior_point",
    "intersection",
    "irredundant",
    "is_empty",
    "is_full_dimensional",
    "lines",
    "lower_envelope",
    "maximum",
    "polyhedron",
    "rays",
    "replace_names",
    "sign_on",
    "split",
    "upper_envelope",
    "value_at",
    "variable",
    "vertices",
    "with_constraints",
]
