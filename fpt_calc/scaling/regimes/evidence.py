"""Numerical evidence for a regime: exact values over sizes whose logarithms double, divided by what the law predicts.

The quotient tends to 1.  Corrections that are powers of the size are squared from one size to the next, those that are
inverse logarithms are halved; a wrong constant leaves the deviation as it is, and a wrong exponent lets it tend to 1 or
to infinity.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import mpmath
import sympy

from fpt_calc.errors import InputError
from fpt_calc.scalars import evaluate_scalar
from fpt_calc.scaling.entry import Word
from fpt_calc.scaling.polyhedra import interior_point
from fpt_calc.scaling.regimes.affine_scalars import scalar_of
from fpt_calc.scaling.regimes.cases import Case
from fpt_calc.scaling.regimes.constants import symbol
from fpt_calc.scaling.regimes.curve import exact_values
from fpt_calc.scaling.regimes.explore import Regime
from fpt_calc.scaling.regimes.law import Law, sample_of

SIZES = tuple(10 ** (6 * 2**k) for k in range(6))
DIGITS = 15
RESOLVED = 1e-9  # deviations that are rounding errors of constants and quotients
SHRINKS, STAYS = 0.7, 0.85  # factors between deviations; 1/2 for inverse logarithms, less for powers


@dataclass(frozen=True)
class Evidence:
    """How exact values approach a law.

    Attributes
    ----------
    verdict : CONSISTENT: the deviations of the quotients from 1 shrink; REFUTED: they do not; else UNDECIDED.
    at : the numbers of exponents, parameters and constants.
    sizes : at which values were computed.
    ratios : exact value over predicted value.
    slopes : of the exact curve between one size and the next, on logarithmic scales.
    exponent : the predicted one, which the slopes tend to.
    """

    verdict: Word
    at: Mapping[str, Fraction]
    sizes: tuple[int, ...]
    ratios: tuple[float, ...]
    slopes: tuple[float, ...]
    exponent: float


def evidence(
    law: Law, case: Case, regime: Regime, point: Mapping[str, Fraction] | None = None, sizes: Sequence[int] = SIZES
) -> Evidence:
    """Compare a regime with the exact curve.

    Parameters
    ----------
    law, case, regime : a regime of a case of the law.  Parameters and constants are those of the case's sample.
    point : the exponents; a point inside the regime by default.
    sizes : increasing, the logarithm of each at least twice the one before.

    Raises
    ------
    InputError
        for a law beyond its floor, whose floor is not known as a number; for sizes that are too close.
    CannotDecideError, ComputationError
        where `exact_values` does.

    >>> import fpt_calc as fc
    >>> T, d = fc.dims("T d")
    >>> (lam,) = fc.scalars("lam", "positive")
    >>> Sigma, w0 = fc.matrix("Sigma", d, d, "psd"), fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
    >>> student = fc.model("student", fc.ridge(lam), [fc.data("real", T, covariance=Sigma, labels=w0)])
    >>> error = fc.pipeline(student, against=w0, covariance=Sigma).test_error()
    >>> law = error.scaling("T", lam="T**(-1/2)", Sigma=fc.spectrum(2), w0=fc.source("3/4")).law
    >>> found = evidence(law, law.cases[0], law.cases[0].regimes[0])
    >>> found.verdict, found.exponent, round(found.slopes[-1], 6)
    ('CONSISTENT', -0.75, -0.75)
    """
    if law.beyond_floor:
        raise InputError(
            "the floor is not known as a number", where="evidence", remedy="compare the law with its floor"
        )
    if len(sizes) < 3 or any(b < a * a for a, b in pairwise(sizes)):
        raise InputError("sizes are too close", where="sizes", remedy="give three or more, each the square of the last")
    at = _numbers(law, case, regime, point)
    constant = _constant(regime, at)
    exponent = evaluate_scalar(scalar_of(regime.exponent), lambda g: at[g.name], Fraction)
    ratios, logarithms = [], []
    for size in sizes:
        exact = exact_values(law.side, law.request.setting, size, at, DIGITS, law.sources).total
        value, log = mpmath.mpf(exact.mid().str(DIGITS + 5, radius=False)), mpmath.log(size)
        predicted = constant * mpmath.exp(log * exponent.numerator / exponent.denominator) * log**regime.logs
        ratios.append(value / predicted)
        logarithms.append((log, mpmath.log(value)))
    slopes = [(v - u) / (b - a) for (a, u), (b, v) in pairwise(logarithms)]
    return Evidence(
        _verdict(ratios), at, tuple(sizes), tuple(map(float, ratios)), tuple(map(float, slopes)), float(exponent)
    )


def _numbers(law: Law, case: Case, regime: Regime, point: Mapping[str, Fraction] | None) -> dict[str, Fraction]:
    at = {g.name: x for g, x in case.chamber.sample.items()} | sample_of(law.request.constants)
    if point is None:
        return at | {n: case.chamber.value(x) for n, x in interior_point(case.chamber, regime.cell).items()}
    if point.keys() != set(regime.cell.names):
        names = ", ".join(regime.cell.names) or "none"
        raise InputError("not the exponents of the law", where="point", remedy=f"give numbers for: {names}")
    return at | {n: Fraction(x) for n, x in point.items()}


def _constant(regime: Regime, at: Mapping[str, Fraction]) -> mpmath.mpf:
    with mpmath.workdps(2 * DIGITS):
        numbers = {symbol(n): mpmath.mpf(x.numerator) / x.denominator for n, x in at.items()} | dict(regime.roots)
        images = {s: sympy.Float(numbers[s], 2 * DIGITS) for s in regime.constant.free_symbols}
        return mpmath.mpf(sympy.N(regime.constant.subs(images), 2 * DIGITS))


def _verdict(ratios: Sequence[mpmath.mpf]) -> Word:
    """By the last two deviations from 1."""
    before, last = (abs(x - 1) for x in ratios[-2:])
    if last < RESOLVED or last < SHRINKS * before:
        return "CONSISTENT"
    return "REFUTED" if last > STAYS * before else "UNDECIDED"
