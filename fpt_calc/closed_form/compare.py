"""Is a claimed value the derived one: decided exactly in free coordinates, refuted by a witness."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from fpt_calc.closed_form.coordinates import Coordinates
from fpt_calc.closed_form.evidence import AGREEMENT, SolvedPoints, solved_points
from fpt_calc.closed_form.form import ClosedForm
from fpt_calc.closed_form.polynomials import degree, solved_for
from fpt_calc.expr import Trace
from fpt_calc.point import Dense, NumericModel, Point
from fpt_calc.scalars import Generator, Scalar, generator_scalar, numerator, substitute
from fpt_calc.spectral import without_last_letters
from fpt_calc.system import FixedPointSystem


class Verdict(Enum):
    """The answer to "are these equal"; the value of a member is what the user reads."""

    EQUAL = "equal"
    DIFFERENT = "different"
    UNDECIDED = "cannot decide"


@dataclass(frozen=True)
class Witness:
    """A point at which two values differ, both values there, and how far they are believed."""

    point: Point
    derived: Any
    claimed: Any

    def __str__(self) -> str:
        numbers = {**self.point.dims, **self.point.scalars}
        given = ", ".join(f"{name} = {value}" for name, value in numbers.items())
        dense = [name for name, data in self.point.matrices.items() if isinstance(data, Dense)]
        matrices = f" and dense {', '.join(dense)} (the witness holds them)" if dense else ""
        return f"at {given}{matrices}: derived {self.derived:.12g}, claimed {self.claimed:.12g}"


@dataclass(frozen=True)
class Comparison:
    """The verdict on a claimed value, its evidence, and a witness where they differ."""

    verdict: Verdict
    evidence: str
    witness: Witness | None = None

    def __str__(self) -> str:
        return f"{self.verdict.value}: {self.evidence}"


def compare(system: FixedPointSystem, form: ClosedForm, name: str, claimed: Scalar) -> Comparison:
    """Compare the limit of a target with a claimed value.

    Parameters
    ----------
    system, form : the reduced system and its closed form.
    name : of the target.
    claimed : a scalar in the declared names and the names of the closed form.

    The difference is brought to free coordinates, where it is zero as data if the claim holds for all matrices; if it
    is not, random admissible points decide.
    """
    derived = form.coordinates.canonical(system.outputs[name])
    if vanishes_canonically(form.coordinates, form.canonical(claimed) - derived):
        return Comparison(Verdict.EQUAL, "the difference vanishes in free coordinates, for all admissible values")
    return _numerically(solved_points(system, form.coordinates.groups), form, name, claimed)


def vanishes(coordinates: Coordinates, value: Scalar) -> bool:
    """Whether a scalar in parameters, unknowns and traces is shown to be zero wherever the relations hold."""
    return vanishes_canonically(coordinates, coordinates.canonical(value))


def vanishes_canonically(coordinates: Coordinates, difference: Scalar) -> bool:
    """The same for a canonical scalar, also by the relations between words in the inverse of one sum."""
    if difference.is_zero:
        return True
    reduced = coordinates.free(without_last_letters(difference))
    for image in _consequences(coordinates):
        reduced = substitute(reduced, image)
    return reduced.is_zero


def _consequences(coordinates: Coordinates) -> list[dict[Generator, Scalar]]:
    """What the relations say about other traces: a dependent trace can be written in two ways."""
    found: list[dict[Generator, Scalar]] = []
    for g, value in coordinates.dependent.items():
        gap = numerator(coordinates.free(without_last_letters(generator_scalar(g))) - value)
        for image in found:
            gap = numerator(substitute(gap, image))
        linear = [h for h in gap.gens if isinstance(h, Trace) and degree(gap, h) == 1]
        if linear:
            found.append({linear[0]: solved_for(gap, linear[0])})
    return found


def _numerically(solved: SolvedPoints, form: ClosedForm, name: str, claimed: Scalar) -> Comparison:
    meanings = {p.symbol: p.meaning for p in form.coordinates.parameters}
    for k, (point, solution) in enumerate(solved.points):
        model: NumericModel = solved.model(k, meanings)
        value, expected = model.scalar(form.unabbreviated(claimed)), solution.outputs[name]
        if not abs(value - expected) <= AGREEMENT * max(abs(value), abs(expected)) + 10 * solution.output_errors[name]:
            witness = Witness(point, expected, value)
            return Comparison(Verdict.DIFFERENT, str(witness), witness)
    count = len(solved.points)
    return Comparison(
        Verdict.UNDECIDED, f"no proof was found, but the values agree at {count} random points to {AGREEMENT:.0e}"
    )
