"""The best choice of an exponent, such as ell of lam = T^-ell, the law there, and the constant in front of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import sympy

from fpt_calc.errors import CannotDecideError, InputError
from fpt_calc.scalars import Parameter, generator_scalar
from fpt_calc.scaling.polyhedra import Affine, Condition, Interval, Minimum, Polyhedron, minimize_over
from fpt_calc.scaling.regimes.affine_scalars import scalar_of
from fpt_calc.scaling.regimes.cases import Case
from fpt_calc.scaling.regimes.constants import positive_power, symbol
from fpt_calc.scaling.regimes.explore import Regime, regimes
from fpt_calc.scaling.regimes.law import Law, question_of, with_values
from fpt_calc.scaling.regimes.request import Request
from fpt_calc.scaling.regimes.spectral_sum import Monomial

PREFACTOR = "c_"  # the prefactor of a quantity lam is called c_lam


@dataclass(frozen=True)
class Optimum:
    """The smallest exponent of a value over one exponent, on a cell of the others.

    Attributes
    ----------
    name : of the exponent that is chosen.
    conditions : on the parameters.
    cell : of the other exponents.
    best : all best choices, as intervals; a point has equal ends.
    exponent : the exponent of the value there.
    regimes : the law at the best choice (at the lower end of an interval), where several terms are of one order; empty
        where that is not decided, such as for a ridge that does not decay.
    quantity : the quantity with that exponent, such as lam; None where there are several.
    prefactor, constant : the best factor in front of that quantity, and the constant of the value with it; None where
        they have no closed form.
    """

    name: str
    conditions: tuple[Condition, ...]
    cell: Polyhedron
    best: tuple[Interval, ...]
    exponent: Affine
    regimes: tuple[Regime, ...]
    quantity: str | None
    prefactor: sympy.Expr | None
    constant: sympy.Expr | None


def optimal(law: Law, name: str) -> tuple[Optimum, ...]:
    """The best choice of an exponent, with the law there.

    Raises `InputError` where the law does not have it, or the value gets better without bound.
    """
    return tuple(_optimum(law, case, name, m.cell, m.value, m.intervals) for case, m in best_choices(law, name))


def best_choices(law: Law, name: str) -> list[tuple[Case, Minimum]]:
    """The smallest exponent and the choices that attain it, case by case; raises as `optimal` does."""
    names = law.request.domain.names
    if name not in names:
        remedy = f"there are {', '.join(names)}" if names else "let a quantity depend on one, such as T**-ell"
        raise InputError(f"no exponent {name!r}", where="optimal", remedy=remedy)
    return [
        (case, minimum)
        for case in law.cases
        for minimum in minimize_over(case.chamber, tuple((r.cell, r.exponent) for r in case.regimes), name)
    ]


def _optimum(law: Law, case: Case, name: str, cell: Polyhedron, value: Affine, best: tuple[Interval, ...]) -> Optimum:
    choice = best[0].low if best[0].low is not None else best[0].high
    quantity = _quantity(law.request, name)
    if choice is None:
        return Optimum(name, case.conditions, cell, best, value, (), quantity, None, None)
    request = with_values(law.request, {name: scalar_of(choice)})
    free = request if quantity is None else _with_prefactor(request, quantity)
    question = question_of(law, free)
    try:
        table = regimes(replace(question, domain=cell), case.chamber)
    except CannotDecideError:
        table = ()  # the exponent is known from the regimes around it
    prefactor, constant = None, None
    if len(table) == 1 and quantity is not None:
        prefactor, constant = _best_prefactor(table[0].constant, symbol(PREFACTOR + quantity))
    return Optimum(name, case.conditions, cell, best, value, table, quantity, prefactor, constant)


def _quantity(request: Request, name: str) -> str | None:
    """The one quantity whose exponent depends on this one."""
    found = [
        q for q, m in request.setting.quantities.items() if any(g.name == name for _, e in m.powers for g in e.gens)
    ]
    return found[0] if len(found) == 1 else None


def _with_prefactor(request: Request, quantity: str) -> Request:
    """The request with a free factor in front of a quantity."""
    name = PREFACTOR + quantity
    quantities: Mapping[str, Monomial] = request.setting.quantities
    factor = Monomial(generator_scalar(Parameter(name, "positive")))
    setting = replace(request.setting, quantities={**quantities, quantity: quantities[quantity] * factor})
    return replace(request, setting=setting, constants=(*request.constants, name))


def _best_prefactor(constant: sympy.Expr, c: sympy.Symbol) -> tuple[sympy.Expr | None, sympy.Expr | None]:
    """The minimum of ``A c^p + B c^-q`` over c > 0; nothing for other sums."""
    terms = powers_of(constant, c)
    if terms is None or len(terms) != 2 or 0 in terms:
        return None, None
    (p, a), (q, b) = terms.items()
    best = positive_power(-(b * q) / (a * p), 1 / (p - q))
    return best, a * positive_power(best, p) + b * positive_power(best, q)


def powers_of(value: sympy.Expr, c: sympy.Symbol) -> dict[sympy.Expr, sympy.Expr] | None:
    """A sum of powers of c as factors by exponents; None for other functions of c."""
    terms: dict[sympy.Expr, sympy.Expr] = {}
    for term in sympy.Add.make_args(sympy.expand_power_base(value, force=True)):
        factor, power = term.as_independent(c, as_Add=False)
        powers = [f.as_base_exp() for f in sympy.Mul.make_args(power) if f != 1]
        if any(base != c or exponent.has(c) for base, exponent in powers):
            return None
        total = sympy.expand(sympy.Add(*(exponent for _, exponent in powers)))  # c**(2*r + 1)/c stays as it is
        terms[total] = terms.get(total, sympy.Integer(0)) + factor
    return terms
