"""Values of targets as decimal strings that show only digits believed correct."""

from __future__ import annotations

from dataclasses import dataclass

from fpt_calc.export import MAX_DIGITS, ball_json, correct_digits, joined, number_json
from fpt_calc.point import Point, is_spectral
from fpt_calc.solve import Solution, refine
from fpt_calc.system import FixedPointSystem


@dataclass(frozen=True)
class Shown:
    """A value as the JSON contract has it (a string, or ``{"re": ..., "im": ...}``), with its significant digits."""

    json: str | dict[str, str]
    digits: int

    def __str__(self) -> str:
        return joined(self.json)


def shown_values(system: FixedPointSystem, point: Point, solution: Solution, digits: int) -> dict[str, Shown]:
    """The targets to this many digits: in multiprecision if it takes that and all matrices of the point are spectra.

    Raises `ComputationError` if the solution cannot be refined.
    """
    if digits > MAX_DIGITS and is_spectral(point):
        precise = refine(system, point, solution, digits)
        return {name: Shown(ball_json(ball, digits), precise.digits[name]) for name, ball in precise.outputs.items()}
    shown = {
        name: correct_digits(value, solution.output_errors[name], digits) for name, value in solution.outputs.items()
    }
    return {name: Shown(number_json(value, shown[name]), shown[name]) for name, value in solution.outputs.items()}
