"""Reduction of fixed-point systems: closure, merging, linear elimination, relations (floor 8)."""

from fpt_calc.reduce.check import equations_are_correct
from fpt_calc.reduce.equations import Equation, Equations, equations, matrix_entries, matrix_form, needed_by
from fpt_calc.reduce.reduction import dependencies, reduce_system
from fpt_calc.reduce.relation import Quantity, Relation, follows, quantity, relations

__all__ = [
    "Equation",
    "Equations",
    "Quantity",
    "Relation",
    "dependencies",
    "equations",
    "equations_are_correct",
    "follows",
    "matrix_entries",
    "matrix_form",
    "needed_by",
    "quantity",
    "reduce_system",
    "relations",
]
