"""Rectangular noncommutative rational expressions: frozen data, one file per operation (floor 2)."""

from fpt_calc.expr.contents import constituents, generators_within, inner_scalars, inside_traces, reached
from fpt_calc.expr.differentiate import differentiate
from fpt_calc.expr.equality import same_expression
from fpt_calc.expr.evaluate import MatrixAlgebra, evaluate
from fpt_calc.expr.exact import ExactAlgebra, ExactMatrix
from fpt_calc.expr.facts import FACTS
from fpt_calc.expr.flatten import factors_of, flat_product, flat_sum, flatten, scaled
from fpt_calc.expr.from_sympy import from_sympy
from fpt_calc.expr.law import EntryMoment, Law, Operation, Sandwich
from fpt_calc.expr.letters import Letter, compose, conjugate_letter, letter
from fpt_calc.expr.modular import PRIME, ModularMatrix, PrimeModel, UnluckyModelError, try_models
from fpt_calc.expr.nodes import (
    Adjoint,
    Atom,
    EntrywiseConjugate,
    Expr,
    Inverse,
    Power,
    Product,
    ScalarMatrix,
    Scaled,
    SquareRoot,
    Sum,
    Transpose,
    as_expr,
    identity,
)
from fpt_calc.expr.substitute import (
    map_scalars,
    map_traces,
    rebuild,
    replace_atoms,
    replace_nodes,
    substitute_everywhere,
    traces_of,
)
from fpt_calc.expr.text import expression_text
from fpt_calc.expr.to_sympy import to_sympy
from fpt_calc.expr.trace import Tr, Trace, tau
from fpt_calc.expr.walk import atoms, fold, is_deterministic, is_real, postorder

__all__ = [
    "FACTS",
    "PRIME",
    "Adjoint",
    "Atom",
    "EntryMoment",
    "EntrywiseConjugate",
    "ExactAlgebra",
    "ExactMatrix",
    "Expr",
    "Inverse",
    "Law",
    "Letter",
    "MatrixAlgebra",
    "ModularMatrix",
    "Operation",
    "Power",
    "PrimeModel",
    "Product",
    "Sandwich",
    "ScalarMatrix",
    "Scaled",
    "SquareRoot",
    "Sum",
    "Tr",
    "Trace",
    "Transpose",
    "UnluckyModelError",
    "as_expr",
    "atoms",
    "compose",
    "conjugate_letter",
    "constituents",
    "differentiate",
    "evaluate",
    "expression_text",
    "factors_of",
    "flat_product",
    "flat_sum",
    "flatten",
    "fold",
    "from_sympy",
    "generators_within",
    "identity",
    "inner_scalars",
    "inside_traces",
    "is_deterministic",
    "is_real",
    "letter",
    "map_scalars",
    "map_traces",
    "postorder",
    "reached",
    "rebuild",
    "replace_atoms",
    "replace_nodes",
    "same_expression",
    "scaled",
    "substitute_everywhere",
    "tau",
    "to_sympy",
    "traces_of",
    "try_models",
]
