"""Solving fixed-point systems numerically, and their formal series in the variance (floor 7)."""

from fpt_calc.solve.precise import PreciseSolution, refine
from fpt_calc.solve.series import formal_series, formal_value, same_series
from fpt_calc.solve.solution import Result, Solution, Statistics
from fpt_calc.solve.solver import solve

__all__ = [
    "PreciseSolution",
    "Result",
    "Solution",
    "Statistics",
    "formal_series",
    "formal_value",
    "refine",
    "same_series",
    "solve",
]
