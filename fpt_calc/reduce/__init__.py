"""Reduction of fixed-point systems: closure, merging, linear elimination, relations (floor 8)."""

from fpt_calc.reduce.check import equations_are_correct
from fpt_calc.reduce.equations import (
    Equation,
    Equations,
    SymbolicBlocks,
    equations,
    matrix_entries,
    matrix_form,
    needed_by,
)
from fpt_calc.reduce.names import fresh_names, names_in
from fpt_calc.reduce.polynomial import TargetPolynomial, target_polynomial
from fpt_calc.reduce.quantity import Quantity, quantity
from fpt_calc.reduce.reduction import Reduction, dependencies, reduce_system, reduction_of
from fpt_calc.reduce.relation import Relation, follows, relations

__all__ = [
    "Equation",
    "Equations",
    "Quantity",
    "Reduction",
    "Relation",
    "SymbolicBlocks",
    "TargetPolynomial",
    "dependencies",
    "equations",
    "equations_are_correct",
    "follows",
    "fresh_names",
    "matrix_entries",
    "matrix_form",
    "names_in",
    "needed_by",
    "quantity",
    "reduce_system",
    "reduction_of",
    "relations",
    "target_polynomial",
]
