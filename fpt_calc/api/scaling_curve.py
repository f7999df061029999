"""A scaling law at numbers: exact values, its asymptote, and the learners themselves, over sizes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import sympy

from fpt_calc.errors import InputError
from fpt_calc.plot import Asymptote, Curve, Points, log_log
from fpt_calc.point import Estimate, PowerLaw
from fpt_calc.scalars import Generator, Scalar, evaluate_scalar
from fpt_calc.scaling.regimes.constants import symbol
from fpt_calc.scaling.regimes.curve import exact_values
from fpt_calc.scaling.regimes.law import Law, substituted
from fpt_calc.scaling.regimes.monomial_text import read_exponent
from fpt_calc.scaling.regimes.request import Request
from fpt_calc.scaling.regimes.spectral_sum import CUT, Monomial

DOUBLE = 15  # digits of a double
Simulator = Callable[..., Mapping[str, Estimate]]


def exact_at(law: Law, size: Any, values: Mapping[str, Any], digits: int = 15) -> dict[str, float]:
    """The exact value of a law and of its sources at a size; see `exact_values`."""
    if digits > DOUBLE:
        remedy = "take balls from fpt_calc.scaling.regimes.curve.exact_values"
        raise InputError(f"{digits} digits in double precision", where="exact.digits", remedy=remedy)
    point = exact_values(law.side, law.request.setting, size, values, digits, law.sources)
    return {law.name: float(point.total.mid())} | {name: float(v.mid()) for name, v in point.sources.items()}


def drawn_curve(
    law: Law,
    sizes: Sequence[float],
    values: Mapping[str, Any],
    simulator: Simulator | None,
    trials: int,
    dim: int,
    path: Path | None,
) -> Any:
    """Exact values, the asymptote, and simulations where trials are asked for; returns the axes.

    Raises `InputError` for missing numbers, or a simulation of a law that has no learners.
    """
    if len(sizes) < 2:
        raise InputError("no two sizes", where="curve.sizes", remedy="give several, such as [100, 200, 400]")
    given = {name: Fraction(str(value)) for name, value in values.items()}
    y = [exact_at(law, int(size), given)[law.name] for size in sizes]
    points = None
    if trials:
        if simulator is None:
            raise InputError("a law without learners", where="curve.trials", remedy="scale the error of a pipeline")
        drawn = [
            simulator(trials=trials, progress=False, **numbers_at(law.request, size, given, dim)) for size in sizes
        ]
        key = law.name if law.name in drawn[0] else "error"
        points = Points(
            np.asarray(sizes, float),
            np.array([d[key].mean for d in drawn]),
            np.array([d[key].standard_error for d in drawn]),
        )
    curve = Curve(law.name, np.asarray(sizes, float), np.asarray(y), points)
    note = f"simulation ({trials} draws, d = {dim})" if trials else ""
    return log_log([curve], [asymptote(law, given)], f"${law.request.setting.size}$", note=note, path=path)


def asymptote(law: Law, values: Mapping[str, Fraction]) -> Asymptote:
    """The leading term at numbers for all exponents and parameters."""
    known = {*law.request.domain.names, *(p.name for p in law.request.bounds)}
    exact = {n: read_exponent(v, n) for n, v in values.items() if n in known}
    (case,) = substituted(law, exact).cases
    (regime,) = case.regimes
    exponent = regime.exponent.constant.constant
    assert exponent is not None, "all exponents have numbers"
    numbers = {symbol(n): sympy.Float(v.numerator) / v.denominator for n, v in values.items()} | dict(regime.roots)
    return Asymptote(float(exponent), float(regime.constant.subs(numbers)), regime.logs)


def numbers_at(request: Request, size: float, values: Mapping[str, Fraction], dim: int) -> dict[str, Any]:
    """Numbers and spectra at a size, in a dimension that stands for an infinite one."""
    setting = request.setting

    def generator(g: Generator) -> Fraction:
        if g.name not in values:
            raise InputError(f"no number for {g.name}", where="curve", remedy=f"give {g.name}=...")
        return values[g.name]

    def number(value: Scalar) -> float:
        return float(evaluate_scalar(value, generator, Fraction))

    def quantity(value: Monomial) -> float:
        bases = {setting.size: size, CUT: dim, **{n: float(v) for n, v in values.items()}}
        result = number(value.coefficient)
        for name, exponent in value.powers:
            result *= (bases[name] if name in bases else float(Fraction(name))) ** number(exponent)
        return result

    found: dict[str, Any] = {}
    for name, value in setting.quantities.items():
        amount = quantity(value)
        found[name] = round(amount) if name in request.dims else amount
    for name, sequence in setting.sequences.items():
        decay = evaluate_scalar(sequence.decay, generator, Fraction)
        scale = quantity(sequence.scale)
        if name in request.vectors:
            found[name] = scale * np.arange(1, dim + 1, dtype=float)[:, None] ** -float(decay)
        else:
            found[name] = PowerLaw(decay, Fraction(scale))
    return found


@dataclass(frozen=True)
class Slopes:
    """Values at growing sizes, and the slopes between neighbours on logarithmic axes."""

    sizes: tuple[float, ...]
    values: tuple[float, ...]
    slopes: tuple[float, ...]


def measured_slopes(
    at: Callable[..., Mapping[str, Any]], request: Request, sizes: Iterable[float], dim: int, value: str
) -> Slopes:
    """The exponent of a value in numbers, for what has no closed form.

    Raises `InputError` for fewer than two sizes, and for exponents or parameters that have no number.
    """
    chosen = tuple(sizes)
    if len(chosen) < 2 or any(s <= r for r, s in pairwise(chosen)):
        raise InputError(f"the sizes {list(chosen)}", where="sizes", remedy="give two growing sizes or more")
    found = [at(**numbers_at(request, size, {}, dim)) for size in chosen]
    if value not in found[0]:
        raise InputError(f"no value {value!r}", where="slopes", remedy=f"there are {', '.join(found[0])}")
    values = tuple(float(f[value]) for f in found)
    pairs = zip(pairwise(chosen), pairwise(values), strict=True)
    return Slopes(chosen, values, tuple(math.log(w / v) / math.log(s / r) for (r, s), (v, w) in pairs))
