"""Problem files: what is declared, what is asked for, where to evaluate it (floor 4).

    TOML ──tables, declarations──▶ names and formulas ──resolve──▶ expressions ──values──▶ Problem

Formulas are read from Python's `ast` against a whitelist (`syntax`) and given a meaning (`formula`); no text of a
user is ever run.
"""

from fpt_calc.problem.data import Problem, names_of
from fpt_calc.problem.formula import Value, parse_formula
from fpt_calc.problem.loader import load_problem, problem_from_dict, read_toml
from fpt_calc.problem.located import located
from fpt_calc.problem.numbers import exact_decimal, read_number

__all__ = [
    "Problem",
    "Value",
    "exact_decimal",
    "load_problem",
    "located",
    "names_of",
    "parse_formula",
    "problem_from_dict",
    "read_number",
    "read_toml",
]
