"""`fpt-calc fit`."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any

from fpt_calc.cli.exponents import NOISELESS, NOISY, ZIPF, derived_exponents
from fpt_calc.cli.fit_text import Reading, Report, law_text, text
from fpt_calc.errors import InputError
from fpt_calc.problem import located
from fpt_calc.scaling.fitting import (
    CURVE_COLUMNS,
    SPECTRUM_COLUMNS,
    Comparison,
    CurveFit,
    Estimate,
    SpectrumFit,
    compare,
    fit_curve,
    fit_spectrum,
    predicted_loss,
    read_back,
    read_table,
    size_near_floor,
)

_SOURCE_LAWS = (NOISELESS, NOISY)  # those that know r
_LARGEST = 64.0  # beta and 2 beta r' are looked for below
_SMALLEST = 1e-6


def predictions(beta: float, r: float) -> Mapping[str, float]:
    """The exponents of theory: kernel ridge regression at its best ridge, and a learner that remembers Zipf's items.

    Eigenvalues or frequencies fall like k^-beta; lambda_k w_k^2 like k^-(1 + 2 beta r).
    """
    return derived_exponents().at(beta, r)


def run(file: Path, as_json: bool, beta: str | None, r: str | None, spectrum: Path | None) -> str:
    """The text or JSON to print; raises the errors of the contract."""
    given = {"beta": _given(beta, "--beta"), "r": _given(r, "--r")}
    with located(file.name):
        columns = read_table(file, CURVE_COLUMNS, ("size", "loss"))
        law = fit_curve(
            columns["size"],
            columns["loss"],
            columns.get("share"),
            columns.get("generation"),
            columns.get("standard_error"),
        )
    measured = None
    if spectrum is not None:
        with located(spectrum.name):
            table = read_table(spectrum, SPECTRUM_COLUMNS, ("index", "eigenvalue"))
            measured = fit_spectrum(table["index"], table["eigenvalue"], table.get("coefficient"))
    known = _known(given, measured)
    report = Report(
        file.name,
        law,
        predicted_loss(law, 10 * float(law.fit.curve.sizes.max())),
        size_near_floor(law),
        measured,
        tuple(_readings(law, known)),
        tuple(_comparisons(law, known, measured)),
        not known,
    )
    return json.dumps(_json(report), indent=2) if as_json else text(report)


def _given(value: str | None, option: str) -> Estimate | None:
    """A number of the command line, exact: an estimate without width."""
    if value is None:
        return None
    try:
        number = float(Fraction(value))
    except (ValueError, ZeroDivisionError, OverflowError):
        number = math.nan
    if not 0 < number <= _LARGEST:
        remedy = f"give a number above 0, {_LARGEST:g} at most, such as 1.5 or 3/2"
        raise InputError(f"'{value[:40]}' is not such a number", where=option, remedy=remedy)
    return Estimate(number, number, number)


def _known(given: Mapping[str, Estimate | None], measured: SpectrumFit | None) -> dict[str, Estimate]:
    """beta and r, from the options or the spectrum; raises `InputError` if both have one."""
    found = {name: value for name, value in given.items() if value is not None}
    if measured is None:
        return found
    for name, value in (("beta", measured.beta), ("r", measured.source)):
        if value is None:
            continue
        if name in found:
            raise InputError(f"the spectrum has {name} already", where=f"--{name}", remedy="leave out one of the two")
        found[name] = value
    return found


def _readings(law: CurveFit, known: Mapping[str, Estimate]) -> Iterator[Reading]:
    """What each law says about beta and r, given the measured exponent."""
    for name in _SOURCE_LAWS:
        yield from _source_readings(law.exponent, known, name)
    yield Reading(ZIPF, "beta", read_back(law.exponent, lambda beta: predictions(beta, 1.0)[ZIPF], 1.0, _LARGEST))


def _source_readings(c: Estimate, known: Mapping[str, Estimate], name: str) -> Iterator[Reading]:
    """2 beta r' by one law, and beta or r' where the other is known."""

    def predicted(beta: float, r: float) -> float:
        return predictions(beta, r)[name]

    # the exponents depend on beta r' alone: r' runs through (0, 1] at one large beta
    yield Reading(name, "2 beta r'", read_back(c, lambda m: predicted(_LARGEST / 2, m / _LARGEST), 0.0, _LARGEST))
    if "beta" in known and "r" not in known:
        yield Reading(name, "r'", _given_other(c, known["beta"], predicted, 1.0))
    if "r" in known and "beta" not in known:
        yield Reading(name, "beta", _given_other(c, known["r"], lambda r, beta: predicted(beta, r), _LARGEST))


def _given_other(c: Estimate, other: Estimate, law: Callable[[float, float], float], largest: float) -> Estimate | None:
    """The parameter of ``law(other, parameter)``, which grows in both; the widest over the interval of ``other``."""
    centre = read_back(c, lambda x: law(other.value, x), _SMALLEST, largest)
    if centre is None:
        return None
    low = read_back(c, lambda x: law(other.high, x), _SMALLEST, largest)
    high = read_back(c, lambda x: law(other.low, x), _SMALLEST, largest)
    return Estimate(centre.value, centre.low if low is None else low.low, math.inf if high is None else high.high)


def _comparisons(law: CurveFit, known: Mapping[str, Estimate], measured: SpectrumFit | None) -> Iterator[Comparison]:
    """The measured exponent against the predicted ones, as far as beta and r are known."""
    if "beta" not in known:
        return
    beta = known["beta"].value
    r = known["r"].value if "r" in known else 1.0
    # the beta of a spectrum is no law of frequencies
    for name in (*(_SOURCE_LAWS if "r" in known else ()), *((ZIPF,) if measured is None else ())):
        predicted = predictions(beta, r)[name]
        if predicted > 0:
            yield compare(law, predicted, name, _prediction_error(name, beta, r, measured))


def _prediction_error(name: str, beta: float, r: float, measured: SpectrumFit | None) -> float:
    """The standard error of a prediction from those of the spectrum, to first order."""
    if measured is None:
        return 0.0
    step, turn = measured.beta_error, measured.source_error
    by_beta = (predictions(beta + step, r)[name] - predictions(beta - step, r)[name]) / 2
    by_r = (predictions(beta, r + turn)[name] - predictions(beta, r - turn)[name]) / 2
    both = 2 * by_beta * by_r * measured.covariance / (step * turn) if turn else 0.0
    return math.sqrt(max(by_beta**2 + by_r**2 + both, 0.0))


def _json(report: Report) -> dict[str, Any]:
    """What the text says, as data; ends of intervals that are open are null."""
    law, curve = report.law, report.law.fit.curve
    share = None if law.share is None else asdict(law.share) | {"square": law.share.is_square}
    generation = None if law.generation is None else asdict(law.generation) | {"growth": law.generation.growth.value}
    found = {
        "file": report.file,
        "rows": curve.rows,
        "sizes": {"smallest": float(curve.sizes.min()), "largest": float(curve.sizes.max()), "span": law.span},
        "law": law_text(law),
        "intervals": "95%, profile likelihood",
        "amplitude": asdict(law.amplitude),
        "exponent": asdict(law.exponent),
        "floor": asdict(law.floor),
        "floor_seen": law.has_floor,
        "exponent_identified": law.is_identified,
        "exponent_without_floor": None if law.exponent_without_floor is None else asdict(law.exponent_without_floor),
        "share": share,
        "generation": generation,
        "scatter": law.scatter,
        "chi_squared": law.fit.cost if curve.errors is not None else None,
        "degrees_of_freedom": law.fit.freedom,
        "goodness": law.fit.goodness if curve.errors is not None else None,
        "ten_times_more": {"size": 10 * float(curve.sizes.max()), "loss": asdict(report.ten_times_more)},
        "size_near_floor": report.size_near_floor,
        "readings": [
            {"law": r.law, "quantity": r.quantity, "estimate": None if r.estimate is None else asdict(r.estimate)}
            for r in report.readings
        ],
        "comparisons": [asdict(c) | {"consistent": c.is_consistent} for c in report.comparisons],
        "spectrum": None if report.spectrum is None else asdict(report.spectrum),
        "notes": list(law.notes),
    }
    return {key: _finite(value) for key, value in found.items()}


def _finite(value: Any) -> Any:
    """The value with null for what is infinite, which JSON does not know."""
    if isinstance(value, dict):
        return {key: _finite(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
