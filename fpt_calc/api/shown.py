"""Values of targets as decimal strings that show only digits believed correct."""

from __future__ import annotations

from dataclasses import dataclass

from fpt_calc.errors import ComputationError
from fpt_calc.export import MAX_DIGITS, ball_json, correct_digits, joined, number_json
from fpt_calc.point import Point, allows_precision
from fpt_calc.solve import Solution, refine
from fpt_calc.system import FixedPointSystem

QUICK_SIZE = 20_000  # eigenvalues that multiprecision handles in a second or two


@dataclass(frozen=True)
class Shown:
    """A value as the JSON contract has it (a string, or ``{"re": ..., "im": ...}``), with its significant digits."""

    json: str | dict[str, str]
    digits: int

    def __str__(self) -> str:
        return joined(self.json)


def shown_values(system: FixedPointSystem, point: Point, solution: Solution, digits: int) -> dict[str, Shown]:
    """The targets to this many digits: in multiprecision if it takes that and all matrices of the point are spectra.

    Raises `ComputationError` if more than double precision is asked for and the solution cannot be refined.
    """
    shown = {
        name: correct_digits(value, solution.output_errors[name], digits) for name, value in solution.outputs.items()
    }
    lacking = any(0 < shown[name] < digits for name in shown)
    quick = max(point.dims.values(), default=0) <= QUICK_SIZE
    if allows_precision(point) and (digits > MAX_DIGITS or (lacking and quick)):
        try:
            precise = refine(system, point, solution, digits)
        except ComputationError:
            if digits > MAX_DIGITS:
                raise
        else:
            return {name: Shown(ball_json(b, digits), precise.digits[name]) for name, b in precise.outputs.items()}
    return {name: Shown(number_json(value, shown[name]), shown[name]) for name, value in solution.outputs.items()}
