"""Limits and expansions of closed forms, exact, by cases; minima over a scalar (floor 10)."""

from fpt_calc.limits.cases import SeriesCase, Task, limit_of, series_cases
from fpt_calc.limits.minimize import Minimum, minimum_of
from fpt_calc.limits.request import read_approach
from fpt_calc.limits.result import Expansion, LimitCase, LimitResult
from fpt_calc.limits.setting import Approach

__all__ = [
    "Approach",
    "Expansion",
    "LimitCase",
    "LimitResult",
    "Minimum",
    "SeriesCase",
    "Task",
    "limit_of",
    "minimum_of",
    "read_approach",
    "series_cases",
]
