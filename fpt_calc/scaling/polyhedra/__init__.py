"""Polyhedra over the ordered field QQ(parameters): the exact geometry under the regimes of scaling laws.

Order is decided at a sample of the parameters (`Chamber`), and every polynomial whose sign was used is recorded: the
results hold wherever these signs are the same.
"""

from fpt_calc.scaling.polyhedra.affine import (
    Affine,
    AffineLike,
    affine,
    affine_form,
    replace_names,
    solved_for,
    value_at,
    variable,
)
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
from fpt_calc.scaling.polyhedra.merge import convex_union, difference, merge
from fpt_calc.scaling.polyhedra.minimize import Interval, Minimum, minimize_over
from fpt_calc.scaling.polyhedra.pieces import (
    Crossover,
    Pieces,
    crossovers,
    maximum_of,
    minimum_of,
    pieces_of_maximum,
    pieces_of_minimum,
)
from fpt_calc.scaling.polyhedra.polyhedron import Polyhedron, Vector, box, empty, polyhedron, with_constraints
from fpt_calc.scaling.polyhedra.projection import projection
from fpt_calc.scaling.polyhedra.signs import Maximum, contains, intersection, maximum, sign_on, split
from fpt_calc.scaling.polyhedra.text import affine_text, bounds_of, equation_text, polyhedron_text
from fpt_calc.scaling.polyhedra.to_sympy import to_sympy

__all__ = [
    "Affine",
    "AffineLike",
    "Bounds",
    "Chamber",
    "Condition",
    "Crossover",
    "DegenerateSample",
    "Description",
    "Domain",
    "Interval",
    "Maximum",
    "Minimum",
    "Pieces",
    "Polyhedron",
    "Vector",
    "affine",
    "affine_form",
    "affine_text",
    "bounds_of",
    "box",
    "constant_sign",
    "contains",
    "convex_union",
    "crossovers",
    "describe",
    "difference",
    "dimension",
    "empty",
    "equation_text",
    "holds",
    "interior_point",
    "intersection",
    "irredundant",
    "is_empty",
    "is_full_dimensional",
    "lines",
    "lower_envelope",
    "maximum",
    "maximum_of",
    "merge",
    "minimize_over",
    "minimum_of",
    "pieces_of_maximum",
    "pieces_of_minimum",
    "polyhedron",
    "polyhedron_text",
    "projection",
    "rays",
    "replace_names",
    "sign_on",
    "solved_for",
    "split",
    "to_sympy",
    "upper_envelope",
    "value_at",
    "variable",
    "vertices",
    "with_constraints",
]
