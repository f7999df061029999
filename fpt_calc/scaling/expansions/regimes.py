"""Which regime a spectrum that ends at ``d = D T^size`` is in when ``kappa = K T^-ridge``, and what leads."""

from __future__ import annotations

from dataclasses import dataclass

import sympy
from sympy import Expr

from fpt_calc.errors import CannotDecideError, InputError
from fpt_calc.scaling.expansions.crossover import Y, crossover
from fpt_calc.scaling.expansions.functional import Functional
from fpt_calc.scaling.expansions.truncated import Regime, expand_truncated
from fpt_calc.scaling.spectra.data import PowerLaw, Truncated, WithTail, law_of
from fpt_calc.scaling.spectra.parameters import Parameter, positive

INDISTINCT = sympy.Rational(1, 10**25)  # coefficients that 30 digits do not tell from zero
Leading = dict[tuple[Expr, int], Expr]


@dataclass(frozen=True)
class TruncationRegime:
    """``coefficient * T**exponent * log(T)**log`` as T -> oo.

    Attributes
    ----------
    regime : how kappa compares with the smallest eigenvalue.
    coefficient, exponent, log : of the leading term.
    """

    regime: Regime
    coefficient: Expr
    exponent: Expr
    log: int


def truncation_regime(
    functional: Functional,
    spectrum: PowerLaw | WithTail,
    ridge: Parameter,
    size: Parameter,
    ridge_scale: Parameter = 1,
    size_scale: Parameter = 1,
) -> TruncationRegime:
    """The leading term of ``sum_{k <= d}`` with ``kappa = ridge_scale*T**-ridge``, ``d = size_scale*T**size``.

    Parameters
    ----------
    functional, spectrum : as in `expand_truncated`, with the spectrum not yet truncated; exponents are numbers.
    ridge, size : positive rational numbers; ``size*beta`` above, at or below ``ridge`` decides the regime.
    ridge_scale, size_scale : positive, numbers or symbols.

    Raises `InputError` for exponents that are no numbers, `CannotDecideError` where all leading terms cancel.

    >>> from fpt_calc.scaling.expansions.functional import df
    >>> for size in ("1/2", "1/3", "1/4"):
    ...     law = truncation_regime(df(1), PowerLaw(3), 1, size)
    ...     print(law.regime.name, law.exponent, sympy.N(law.coefficient, 6))
    RESOLVED 1/3 1.20920
    CROSSOVER 1/3 0.835649
    CUT 1/4 1.00000
    """
    ridge, size = positive(ridge, "ridge"), positive(size, "size")
    law = law_of(spectrum)
    if not isinstance(law, PowerLaw):
        raise InputError("only power laws are truncated", where="spectrum", remedy="take a PowerLaw")
    gap = size * law.beta - ridge
    if not gap.is_Rational:
        raise InputError("the regime depends on symbols", where="ridge", remedy="give ridge, size and beta as numbers")
    truncated = Truncated(spectrum, sympy.Symbol("d", positive=True))
    factor_kappa, factor_size = positive(ridge_scale, "ridge_scale"), positive(size_scale, "size_scale")
    if gap == 0:
        regime = Regime.CROSSOVER
        leading = _crossover(functional, truncated, size, factor_kappa, factor_size)
    else:
        regime = Regime.RESOLVED if gap > 0 else Regime.CUT
        leading = _powers(functional, truncated, regime, (ridge, factor_kappa), (size, factor_size))
    nonzero = [key for key, c in leading.items() if c.is_zero is not True]
    if not nonzero:
        raise CannotDecideError("the leading terms cancel", where="truncation_regime", remedy="take expand_truncated")
    exponent, log = max(nonzero)
    if leading[exponent, log].is_number and abs(sympy.N(leading[exponent, log], 30)) < INDISTINCT:
        what = f"whether the coefficient of T**{exponent} is zero"
        raise CannotDecideError(what, where="truncation_regime", remedy="change ridge or size a little")
    return TruncationRegime(regime, leading[exponent, log], exponent, log)


def _powers(
    functional: Functional, truncated: Truncated, regime: Regime, ridge: tuple[Expr, Expr], size: tuple[Expr, Expr]
) -> Leading:
    found: Leading = {}
    for t in expand_truncated(functional, truncated, regime, 1, 1).terms:
        exponent = sympy.expand(size[0] * t.size - ridge[0] * t.power)
        front = t.coefficient * ridge[1] ** t.power * size[1] ** t.size
        # log(kappa) = log(K) - ridge log(T) and log(d) = log(D) + size log(T): only one of them occurs, to first power
        slope, constant = sympy.S.Zero, sympy.S.One
        if t.log:
            slope, constant = -ridge[0], sympy.log(ridge[1])
        elif t.size_log:
            slope, constant = size[0], sympy.log(size[1])
        _add(found, exponent, 0, front * constant)
        _add(found, exponent, 1, front * slope)
    return found


def _crossover(
    functional: Functional, truncated: Truncated, size: Expr, ridge_scale: Expr, size_scale: Expr
) -> Leading:
    expansion = crossover(functional, truncated, 1, 1)
    y = ridge_scale * size_scale**expansion.beta / expansion.scale
    found: Leading = {}
    for t in expansion.terms:
        exponent = sympy.expand(size * t.size)
        front = t.coefficient.subs(Y, y) * size_scale**t.size
        _add(found, exponent, 0, front * (sympy.log(size_scale) if t.size_log else 1))
        _add(found, exponent, 1, front * size if t.size_log else sympy.S.Zero)
    return found


def _add(found: Leading, exponent: Expr, log: int, coefficient: Expr) -> None:
    if coefficient != 0:
        found[exponent, log] = found.get((exponent, log), sympy.S.Zero) + coefficient
