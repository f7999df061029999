"""Numbers beside a scaling law: exact values, what the law says, simulations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fpt_calc.export.escape import escaped
from fpt_calc.export.scaling_statement import tabular
from fpt_calc.export.scaling_symbols import symbol_latex


@dataclass(frozen=True)
class ScalingRow:
    """The value at a size.

    Attributes
    ----------
    size : the size.
    exact : the value of the formula there.
    law : what the scaling law says.
    simulated : mean and standard error; None without simulation.
    """

    size: float
    exact: float
    law: float
    simulated: tuple[float, float] | None = None


@dataclass(frozen=True)
class ScalingEvidence:
    """Rows at growing sizes; ``where`` says in words at which exponents and parameters."""

    where: str
    rows: Sequence[ScalingRow]


def scaling_evidence(size: str, found: ScalingEvidence) -> str:
    """The table."""
    head = [f"${symbol_latex(size)}$", "exact", "law", "exact/law"]
    simulated = any(r.simulated for r in found.rows)
    rows = [[*head, "simulation"] if simulated else head]
    for row in found.rows:
        cells = [_number(row.size), _number(row.exact), _number(row.law), f"${row.exact / row.law:.4f}$"]
        if simulated:
            cells.append("" if row.simulated is None else _measured(*row.simulated))
        rows.append(cells)
    where = f" {escaped(found.where)}." if found.where else ""
    return rf"\paragraph{{Evidence.}}{where}" + "\n" + tabular(rows)


def _number(value: float) -> str:
    """Five digits, with a power of ten where it is needed."""
    mantissa, _, exponent = f"{value:.5g}".partition("e")
    return rf"${mantissa}\cdot10^{{{int(exponent)}}}$" if exponent else f"${mantissa}$"


def _measured(mean: float, error: float) -> str:
    decimals = max(0, 1 - int(f"{error:.0e}".split("e")[1])) if error else 4
    return rf"${mean:.{decimals}f}\pm{error:.{decimals}f}$"
