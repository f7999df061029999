"""Expansions with symbolic exponents: all terms, and which of them leads."""

from __future__ import annotations

from dataclasses import dataclass

import sympy
from sympy import Expr

from fpt_calc.errors import InputError
from fpt_calc.scaling.expansions.functional import Functional, PowerTail, spectral_sum, weight_exponents
from fpt_calc.scaling.expansions.poles import singular_terms, taylor_terms
from fpt_calc.scaling.expansions.residues import log_coefficients
from fpt_calc.scaling.expansions.result import Term
from fpt_calc.scaling.spectra.data import PowerLaw, Spectrum, law_of
from fpt_calc.scaling.spectra.parameters import whole


@dataclass(frozen=True)
class Case:
    """The leading term where a condition on the exponents holds."""

    condition: sympy.Basic
    leading: Term


@dataclass(frozen=True)
class CaseExpansion:
    """The terms for symbolic exponents.

    Attributes
    ----------
    terms : the power term, then the Taylor terms; their order depends on the exponents.  They hold where no two
        exponents coincide.
    cases : which term leads; where two of them coincide, the one with the logarithm.
    requires : the condition for convergence.
    """

    terms: tuple[Term, ...]
    cases: tuple[Case, ...]
    requires: sympy.Basic

    def leading(self, kappa: Expr) -> Expr:
        """The leading term as a sympy Piecewise; a plain expression where there is one case.

        >>> from fpt_calc.scaling.expansions.functional import bias
        >>> from fpt_calc.scaling.spectra import PowerSource
        >>> r, kappa = sympy.symbols("r kappa", positive=True)
        >>> for pair in expand_cases(bias(PowerSource(r)), PowerLaw(2)).leading(kappa).args:
        ...     print(pair)
        (kappa**(2*r)*gamma(2*r)*gamma(2 - 2*r)/2, r < 1)
        (-kappa**2*log(kappa)/2, Eq(r, 1))
        (kappa**2*zeta(4*r - 3), True)
        """
        pairs = [(case.leading.expression(kappa), case.condition) for case in self.cases]
        pairs[-1] = (pairs[-1][0], sympy.true)
        return sympy.Piecewise(*pairs)


def expand_cases(functional: Functional, spectrum: Spectrum, terms: int = 3) -> CaseExpansion:
    """The terms of a functional of a power law with symbolic exponents.

    The power term leads where its exponent is below that of the first Taylor term: for a source, where
    ``2 r < order - power + 1``; without one, where ``beta (power - order) < 1``.

    Parameters
    ----------
    functional, spectrum : as in `expand`; a power law, also with a head.  beta, r and the scales may be symbols.
    terms : the number of Taylor terms.

    Raises `InputError` for spectra that are no power laws.

    >>> from fpt_calc.scaling.expansions.functional import df
    >>> beta, a, kappa = sympy.symbols("beta a kappa", positive=True)
    >>> expand_cases(df(1), PowerLaw(beta, a)).leading(kappa)
    pi*a**(1/beta)/(beta*kappa**(1/beta)*sin(pi/beta))
    """
    whole(terms, "terms", 1)
    law = law_of(spectrum)
    if not isinstance(law, PowerLaw):
        raise InputError(f"{spectrum!r} is no power law", where="spectrum", remedy="take expand or leading_log_power")
    total = spectral_sum(functional, spectrum)
    assert isinstance(total.tail, PowerTail)
    tail, m, shift = total.tail, total.order, total.kappa_power

    def shifted(term: Term) -> Term:
        return Term(term.coefficient, sympy.expand(term.power + shift), term.log)

    conditions = _conditions(functional, law)
    cases: list[Case] = []
    for sign, condition in zip((1, 0, -1), conditions, strict=True):
        if condition == sympy.false:
            continue
        match sign:
            case 1:
                term = singular_terms(total, 0)[0][1][0]
            case 0:
                term = Term(tail.front * log_coefficients(0, tail.beta, m, tail.start)[1], sympy.S.Zero, 1)
            case _:
                term = taylor_terms(total, 0)[-1]
        cases.append(Case(condition, shifted(term)))
    generic = [term for _, found in singular_terms(total, 0) for term in found]
    generic += [term for i in range(terms) for term in taylor_terms(total, i)]
    return CaseExpansion(tuple(map(shifted, generic)), tuple(cases), _convergence(functional, law))


def _conditions(functional: Functional, law: PowerLaw) -> tuple[sympy.Basic, sympy.Basic, sympy.Basic]:
    """``s* > 0``, ``s* = 0`` and ``s* < 0``, solved for r, or for beta where there is no source.

    With the exponents of `weight_exponents`, ``s* = order - power - (rho - 1)/beta``.
    """
    _, _, power = weight_exponents(functional, law.beta)
    gap = functional.order - power
    if functional.source is not None:
        r, bound = functional.source.r, gap / 2
        return sympy.Lt(r, bound), sympy.Eq(r, bound), sympy.Gt(r, bound)
    if gap >= 0:
        return sympy.true, sympy.false, sympy.false
    beta, bound = law.beta, -1 / gap
    return sympy.Lt(beta, bound), sympy.Eq(beta, bound), sympy.Gt(beta, bound)


def _convergence(functional: Functional, law: PowerLaw) -> sympy.Basic:
    """``sigma > 1``, solved for r or beta."""
    _, _, power = weight_exponents(functional, law.beta)
    if functional.source is not None:
        return sympy.Gt(functional.source.r, -power / 2)
    return sympy.Gt(law.beta, 1 / power) if power > 0 else sympy.false
