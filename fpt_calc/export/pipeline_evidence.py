"""The numbers of a pipeline at a point beside those of a simulation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fpt_calc.export.escape import escaped
from fpt_calc.export.evidence import Row, point_latex, table
from fpt_calc.point import Estimate, Point

DIGITS = 6
_NAMES = {"error": "$E$", "bias": r"$\mathrm{Bias}$", "variance": r"$\mathrm{Var}$"}


@dataclass(frozen=True)
class PipelineEvidence:
    """What was found at a point.

    Attributes
    ----------
    point : the numbers that were put in.
    values : the limit at these numbers, by name.
    estimates : what simulations of the training at these numbers returned, by name; they may be missing.
    """

    point: Point
    values: Mapping[str, float]
    estimates: Mapping[str, Estimate] = field(default_factory=dict)


def pipeline_evidence(found: PipelineEvidence) -> str:
    """The table: each value, and where there is one the mean over draws with its distance in standard errors."""
    rows = [_row(name, value, found.estimates.get(name)) for name, value in found.values.items()]
    return table(rf"\paragraph{{Evidence}} at {point_latex(found.point)}.", rows)


def _row(name: str, value: float, estimate: Estimate | None) -> Row:
    title = _NAMES.get(name, escaped(name.removeprefix("source.")))
    shown = f"${value:.{DIGITS}g}$"
    if estimate is None or not estimate.standard_error:
        return title, shown, ""
    error = estimate.standard_error
    decimals = max(0, 1 - int(f"{error:.0e}".split("e")[1]))
    mean = estimate.mean.real
    finding = rf"{shown}; simulation ${mean:.{decimals}f}\pm{error:.{decimals}f}$ ({estimate.trials} draws)"
    return title, finding, f"$z={(mean - value) / error:.1f}$"
