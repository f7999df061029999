"""The numbers of a pipeline at a point beside those of a simulation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fpt_calc.export.escape import escaped
from fpt_calc.export.evidence import Row, certified_latex, point_latex, table
from fpt_calc.learning.evaluate import CertifiedErrors
from fpt_calc.point import Estimate, Point

DIGITS = 6
CERTIFIED_DIGITS = 12
_NAMES = {"error": "$E$", "bias": r"$\mathrm{Bias}$", "variance": r"$\mathrm{Var}$"}


@dataclass(frozen=True)
class PipelineEvidence:
    """What was found at a point.

    Attributes
    ----------
    point : the numbers that were put in.
    values : the limit at these numbers, by name.
    estimates : what simulations of the training at these numbers returned, by name; they may be missing.
    certified : balls that are proved to hold the limits; None where they were not reached.
    """

    point: Point
    values: Mapping[str, float]
    estimates: Mapping[str, Estimate] = field(default_factory=dict)
    certified: CertifiedErrors | None = None


def pipeline_evidence(found: PipelineEvidence, names: Iterable[str]) -> str:
    """The table of the values with these names: the limit, and the mean over draws with its distance to it.

    The distance is in standard errors; it includes what finite dimensions differ from the limit by.
    """
    shown = [name for name in names if name in found.values and not _is_alone(found, name)]
    how = [] if found.certified is None else ["limits certified by interval arithmetic"]
    draws = {e.trials for e in found.estimates.values()}
    how += [f"means over {n} draws with standard errors" for n in draws]
    note = f" ({'; '.join(how)})" if how else ""
    title = rf"\paragraph{{Evidence}} at {point_latex(found.point)}{note}."
    return table(title, [_row(found, name) for name in shown])


def _is_alone(found: PipelineEvidence, name: str) -> bool:
    """Whether a source is all of the bias, or of the variance, or nothing."""
    value = found.values[name]
    return name.startswith("source.") and value in (found.values.get("bias"), found.values.get("variance"), 0.0)


def _row(found: PipelineEvidence, name: str) -> Row:
    title = _NAMES.get(name) or rf"source \emph{{{escaped(name.removeprefix('source.'))}}}"
    value, estimate = found.values[name], found.estimates.get(name)
    if found.certified is None:
        shown = f"${value:.{DIGITS}g}$"
    else:
        shown = certified_latex(found.certified.values[name], CERTIFIED_DIGITS)
    if estimate is None or not estimate.standard_error:
        return title, shown, ""
    error, mean = estimate.standard_error, estimate.mean.real
    decimals = max(0, 1 - int(f"{error:.0e}".split("e")[1]))
    finding = rf"{shown}; simulation ${mean:.{decimals}f}\pm{error:.{decimals}f}$"
    return title, finding, f"$z={(mean - value) / error:.1f}$"
