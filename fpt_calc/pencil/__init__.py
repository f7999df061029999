"""Minimal linear pencils of noncommutative rational expressions, in pure Python (floor 5)."""

from fpt_calc.pencil.absorb import absorb_neighbours
from fpt_calc.pencil.check import realization_is_correct
from fpt_calc.pencil.linearize import Memo, linearize, square_roots
from fpt_calc.pencil.realization import Realization
from fpt_calc.pencil.rewrite import normalize
from fpt_calc.pencil.trace import TracePencil, TracePencils, trace_pencils

__all__ = [
    "Memo",
    "Realization",
    "TracePencil",
    "TracePencils",
    "absorb_neighbours",
    "linearize",
    "normalize",
    "realization_is_correct",
    "square_roots",
    "trace_pencils",
]
