"""Exponents and constants of a law as expressions of sympy; where regimes meet; claims about exponents."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import product

import sympy

from fpt_calc.scaling.polyhedra import Affine, Chamber, Condition, Crossover, Polyhedron, crossovers, sign_on
from fpt_calc.scaling.regimes.cases import Case
from fpt_calc.scaling.regimes.constants import symbol, to_sympy
from fpt_calc.scaling.regimes.explore import Regime
from fpt_calc.scaling.regimes.law import Law


def affine_expression(form: Affine) -> sympy.Expr:
    """An exponent as an expression, all symbols positive."""
    return sympy.Add(to_sympy(form.constant), *(to_sympy(c) * symbol(name) for name, c in form.terms))


def exponent(law: Law) -> sympy.Expr:
    """The exponent of the size: a maximum of affine forms where it is one, else by regimes."""
    return _by_cases(law, lambda case: maximum_of(case) or _by_regimes(case, lambda r: affine_expression(r.exponent)))


def constant(law: Law) -> sympy.Expr:
    """The factor in front of the power of the size, by regimes."""
    return _by_cases(law, lambda case: _by_regimes(case, lambda r: r.constant))


def maximum_of(case: Case) -> sympy.Expr | None:
    """The exponents of a case as a maximum over the sources, of a maximum or minimum of affine forms for each.

    Only forms that lead somewhere are used, and the result is compared with every regime; None where it is no such
    maximum.
    """
    pieces = [(r.cell, r.exponent) for r in case.regimes]
    if len({form for _, form in pieces}) == 1:
        return affine_expression(pieces[0][1])
    families: dict[str, list[Affine]] = {}
    for r in case.regimes:
        families.setdefault(r.dominant[0], []).append(r.exponent)
    groups = [list(dict.fromkeys(forms)) for forms in families.values()]
    for kinds in product((1, -1), repeat=len(groups)):
        if all(_agrees(case.chamber, cell, form, groups, kinds) for cell, form in pieces):
            shown = [_envelope(forms, kind) for forms, kind in zip(groups, kinds, strict=True)]
            distinct = list(dict.fromkeys(shown))
            return distinct[0] if len(distinct) == 1 else sympy.Max(*distinct, evaluate=False)
    return None


def _envelope(forms: list[Affine], kind: int) -> sympy.Expr:
    shown = [affine_expression(f) for f in forms]
    if len(shown) == 1:
        return shown[0]
    return (sympy.Max if kind > 0 else sympy.Min)(*shown, evaluate=False)


def _agrees(chamber: Chamber, cell: Polyhedron, form: Affine, groups: list[list[Affine]], kinds: Iterable[int]) -> bool:
    """Whether the maximum of the envelopes (1 a maximum, -1 a minimum) is a form on a cell."""

    def below(left: Affine, right: Affine) -> bool:
        return sign_on(chamber, cell, right - left) in (0, 1)

    attained = False
    for forms, kind in zip(groups, kinds, strict=True):
        small = [below(f, form) for f in forms]
        if not (all(small) if kind > 0 else any(small)):
            return False
        attained |= form in forms and (kind > 0 or all(below(form, f) for f in forms))
    return attained


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
