"""The usual checks of scaling laws of pipelines: constants of regimes, exact values in balls against asymptotes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import flint
import sympy

from fpt_calc.errors import InputError
from fpt_calc.scalars import evaluate_scalar
from fpt_calc.scaling.entry import Finding
from fpt_calc.scaling.findings import BITS, DIGITS, as_ball, below, equal_expressions
from fpt_calc.scaling.polyhedra import holds
from fpt_calc.scaling.regimes.affine_scalars import scalar_of
from fpt_calc.scaling.regimes.constants import symbol
from fpt_calc.scaling.regimes.curve import exact_values
from fpt_calc.scaling.regimes.explore import Regime
from fpt_calc.scaling.regimes.law import Law

Numbers = Mapping[str, Any]

STEADY = 0.5  # how fast it falls at least, compared with the step before
FALL = 2  # by which the distance of the ratio from 1 has to fall from each size to the next


def regime_at(law: Law, at: Numbers) -> Regime:
    """The regime of a law inside which a point is.

    Parameters
    ----------
    law : the law.
    at : numbers, or texts such as ``"3/2"``, for all exponents and parameters; others are ignored.

    Raises `InputError` where a number is missing, and for a point on a boundary or outside of the domain.

    >>> import fpt_calc as fc
    >>> T, d = fc.dims("T d")
    >>> (sigma,) = fc.scalars("sigma", "positive")
    >>> Sigma, w0 = fc.matrix("Sigma", d, d, "psd"), fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
    >>> student = fc.model("student", fc.min_norm(), [fc.data("real", T, covariance=Sigma, labels=w0, noise=sigma)])
    >>> error = fc.pipeline(student, against=w0, covariance=Sigma).test_error(assume=["T < d"])
    >>> law = error.scaling("T", "variance", Sigma=fc.spectrum(2), w0=fc.source(1)).law
    >>> regime_at(law, {}).constant
    sigma**2
    """
    values = _fractions(at)
    for name in (*law.request.domain.names, *(p.name for p in law.request.bounds)):
        if name not in values:
            raise InputError(f"{name} has no value", where="at", remedy="give numbers for exponents and parameters")
    parameters = {p: values[p.name] for p in law.request.bounds}
    for case in law.cases:
        if all(holds(c, parameters) for c in case.conditions):
            for regime in case.regimes:
                forms = (scalar_of(c) for c in regime.cell.constraints)
                if all(evaluate_scalar(f, lambda g: values[g.name], Fraction) > 0 for f in forms):
                    return regime
    shown = ", ".join(f"{n} = {v}" for n, v in at.items())
    raise InputError(f"no regime at {shown}", where="at", remedy="take a point inside one")


def equal_constant(law: Law, at: Numbers, claim: sympy.Expr) -> Finding:
    """Whether an expression in positive symbols is the constant of the regime at a point; see `equal_expressions`.

    >>> import fpt_calc as fc
    >>> T, d = fc.dims("T d")
    >>> (sigma,) = fc.scalars("sigma", "positive")
    >>> Sigma, w0 = fc.matrix("Sigma", d, d, "psd"), fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
    >>> student = fc.model("student", fc.min_norm(), [fc.data("real", T, covariance=Sigma, labels=w0, noise=sigma)])
    >>> error = fc.pipeline(student, against=w0, covariance=Sigma).test_error(assume=["T < d"])
    >>> law = error.scaling("T", "variance", Sigma=fc.spectrum(2), w0=fc.source(1)).law
    >>> equal_constant(law, {}, sympy.Symbol("sigma", positive=True)**2).verdict
    'PROVED'
    """
    return equal_expressions(regime_at(law, at).constant, claim)


def tends_to_asymptote(
    law: Law, sizes: Sequence[int], at: Numbers, constant: sympy.Expr | None = None, floor: Any = 0
) -> Finding:
    """Whether the exact value over ``constant * size**exponent`` tends to 1 along some sizes, in balls.

    Parameters
    ----------
    law : the law; its exact values share no code with its expansions, see `exact_values`.
    sizes : increasing, far apart.
    at : numbers for exponents, parameters and constants.
    constant : what is claimed instead of the derived constant.
    floor : is taken away from the exact value first, for laws beyond a floor; an expression.

    CERTIFIED: the distance of the ratio from 1 is at least halved from each size to the next, and keeps falling
    half as fast as before; else a constant that is a little wrong would pass as long as corrections are large.

    Raises `InputError` and `ComputationError` as `exact_values` does.

    >>> import fpt_calc as fc
    >>> T, d = fc.dims("T d")
    >>> (sigma,) = fc.scalars("sigma", "positive")
    >>> Sigma, w0 = fc.matrix("Sigma", d, d, "psd"), fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
    >>> student = fc.model("student", fc.min_norm(), [fc.data("real", T, covariance=Sigma, labels=w0, noise=sigma)])
    >>> error = fc.pipeline(student, against=w0, covariance=Sigma).test_error(assume=["T < d"])
    >>> law = error.scaling("T", "variance", Sigma=fc.spectrum(2), w0=fc.source(1)).law
    >>> tends_to_asymptote(law, (10**3, 10**6, 10**9), {"sigma": "1/2"}).verdict
    'CERTIFIED'
    """
    regime = regime_at(law, at)
    symbols = {symbol(n): sympy.Rational(str(v)) for n, v in at.items()}
    power = flint.fmpq(*_ratio(evaluate_scalar(scalar_of(regime.exponent), lambda g: _fractions(at)[g.name], Fraction)))
    values = {n: str(v) for n, v in at.items()}
    with flint.ctx.workprec(BITS):
        factor = as_ball((regime.constant if constant is None else constant).subs(symbols))
        level = as_ball((floor + sympy.Integer(0)).subs(symbols))
        ratios = [
            (exact_values(law.side, law.request.setting, s, values, DIGITS, law.sources).total - level)
            / (factor * flint.arb(s) ** flint.arb(power))
            for s in sizes
        ]
        gaps = [abs(x - 1) for x in ratios]
        found = below(
            gaps[1:] + gaps[2:], [g / FALL for g in gaps[:-1]] + [b * b / (a * STEADY) for a, b in pairwise(gaps[:-1])]
        )
    shown = ", ".join(f"{x.str(8, radius=False)} at {s:.0e}" for x, s in zip(ratios, sizes, strict=True))
    return Finding(found.verdict, f"exact value over {regime.exponent} with its constant: {shown}")


def _fractions(at: Numbers) -> dict[str, Fraction]:
    return {n: Fraction(str(v)) for n, v in at.items()}


def _ratio(value: Fraction) -> tuple[int, int]:
    return value.numerator, value.denominator
