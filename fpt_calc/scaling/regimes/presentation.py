"""Exponents and constants of a law as expressions of sympy; where regimes meet; claims about exponents."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import sympy

from fpt_calc.scaling.polyhedra import Affine, Chamber, Condition, Crossover, Polyhedron, crossovers, sign_on
from fpt_calc.scaling.regimes.affine_scalars import scalar_of
from fpt_calc.scaling.regimes.constants import to_sympy
from fpt_calc.scaling.regimes.explore import Regime
from fpt_calc.scaling.regimes.law import Case, Law


def affine_expression(form: Affine) -> sympy.Expr:
    """An exponent as an expression, all symbols positive."""
    return to_sympy(scalar_of(form))


def exponent(law: Law) -> sympy.Expr:
    """The exponent of the size: a maximum of affine forms where it is one, else by regimes."""
    return _by_cases(law, lambda case: maximum_of(case) or _by_regimes(case, lambda r: affine_expression(r.exponent)))


def constant(law: Law) -> sympy.Expr:
    """The factor in front of the power of the size, by regimes."""
    return _by_cases(law, lambda case: _by_regimes(case, lambda r: r.constant))


def maximum_of(case: Case) -> sympy.Expr | None:
    """The exponents of a case as the maximum over its sources; None where a source is neither convex nor concave."""
    names = dict.fromkeys(n for cell in case.cells for n in cell.parts)
    found = []
    for name in names:
        pieces = [(c.cell, c.parts[name].exponent) for c in case.cells if name in c.parts]
        value = _envelope(case.chamber, pieces)
        if value is None:
            return None
        found.append(value)
    distinct = list(dict.fromkeys(found))
    return distinct[0] if len(distinct) == 1 else sympy.Max(*distinct, evaluate=False)


def _envelope(chamber: Chamber, pieces: list[tuple[Polyhedron, Affine]]) -> sympy.Expr | None:
    """A piecewise affine function as a maximum or a minimum of its forms."""
    forms = list(dict.fromkeys(f for _, f in pieces))
    shown = [affine_expression(f) for f in forms]
    if len(forms) == 1:
        return shown[0]
    for sign, function in ((1, sympy.Max), (-1, sympy.Min)):
        if all(sign_on(chamber, cell, form - f) in (0, sign) for cell, form in pieces for f in forms):
            return function(*shown, evaluate=False)
    return None


def meeting_points(law: Law) -> list[tuple[Case, Crossover]]:
    """Where two regimes with different exponents meet, case by case."""
    return [
        (case, found)
        for case in law.cases
        for found in crossovers(case.chamber, tuple((r.cell, r.exponent) for r in case.regimes))
    ]


def _by_cases(law: Law, value: Callable[[Case], sympy.Expr]) -> sympy.Expr:
    if len(law.cases) == 1:
        return value(law.cases[0])
    return sympy.Piecewise(*((value(c), conditions_expression(c.conditions)) for c in law.cases))


def _by_regimes(case: Case, value: Callable[[Regime], sympy.Expr]) -> sympy.Expr:
    if len(case.regimes) == 1:
        return value(case.regimes[0])
    return sympy.Piecewise(*((value(r), cell_expression(case.chamber, r.cell)) for r in case.regimes))


def conditions_expression(conditions: Iterable[Condition]) -> sympy.Basic:
    """Conditions on the parameters as a logical expression."""
    return sympy.And(*(to_sympy(c.factor * c.sign) > 0 for c in conditions))


def cell_expression(chamber: Chamber, cell: Polyhedron) -> sympy.Basic:
    """A polyhedron as a logical expression; what holds for all positive exponents is left out."""
    inequalities = [affine_expression(c) >= 0 for c in cell.constraints]
    return sympy.And(*inequalities, *(sympy.Eq(affine_expression(e), 0) for e in cell.equalities))
