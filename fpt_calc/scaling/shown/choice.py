"""What an optimum says to choose, and the law with the best prefactor in its shortest form."""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from fpt_calc.scaling.polyhedra import sign_on
from fpt_calc.scaling.regimes.affine_scalars import scalar_of
from fpt_calc.scaling.regimes.cases import Case
from fpt_calc.scaling.regimes.constants import symbol, to_sympy
from fpt_calc.scaling.regimes.law import Law, with_values
from fpt_calc.scaling.regimes.optimum import PREFACTOR, Optimum, powers_of
from fpt_calc.scaling.shown.described import growths


@dataclass(frozen=True)
class Choice:
    """An optimum ready to be shown.

    Attributes
    ----------
    left, value : the quantity to choose, such as lam, and its value ``c_lam*T**(-...)``; an exponent and its value
        where no single quantity has it; no value where there are many best choices.
    sign : of the exponent of the law: -1 where the value falls.
    logs : the power of the logarithm there.
    prefactor, best : the free factor and its best value; None where that has no closed form.
    constant : of the law with that factor, in terms of it.
    """

    left: str
    value: sympy.Expr | None
    sign: int | None
    logs: int
    prefactor: str
    best: sympy.Expr | None
    constant: sympy.Expr | None


def choice_of(law: Law, case: Case, optimum: Optimum) -> Choice:
    """An optimum of a case ready to be shown."""
    sign = sign_on(case.chamber, optimum.cell, optimum.exponent)
    (only, *others) = optimum.best
    left = optimum.quantity or optimum.name
    name = PREFACTOR + left
    logs = max((r.logs for r in optimum.regimes), default=0)
    if others or only.low is None or only.low != only.high:
        return Choice(left, None, sign, 0, name, None, None)
    at = scalar_of(only.low)
    if optimum.quantity is None:
        return Choice(left, to_sympy(at), sign, logs, name, None, None)
    chosen = with_values(law.request, {optimum.name: at})
    value = dict(growths(chosen)).get(left) or to_sympy(chosen.setting.quantities[left].coefficient)
    if optimum.prefactor is None:
        return Choice(left, value, sign, logs, name, None, None)
    factor = symbol(name)
    return Choice(
        left, factor * value, sign, logs, name, optimum.prefactor, stationary(optimum.regimes[0].constant, factor)
    )


def stationary(value: sympy.Expr, c: sympy.Symbol) -> sympy.Expr | None:
    """``A c^p + B c^q`` where its derivative vanishes, which is ``(1 - p/q) A c^p``: then ``p A c^p = -q B c^q``.

    The term with the shorter factor is taken; None for other functions.

    >>> c, a = sympy.symbols("c a", positive=True)
    >>> stationary(a * c**2 + (a + 1) / c, c)
    3*a*c**2
    """
    terms = powers_of(value, c)
    if terms is None or len(terms) != 2:
        return None
    p, q = sorted(terms, key=lambda e: len(str(terms[e])))
    return sympy.cancel(1 - p / q) * terms[p] * c**p
