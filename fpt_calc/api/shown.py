"""Values of targets as decimal strings that show only digits believed correct, with certificates where reached."""

from __future__ import annotations

from dataclasses import dataclass

from fpt_calc.certify import Certified, certify
from fpt_calc.errors import CannotDecideError, ComputationError
from fpt_calc.export import MAX_DIGITS, ball_json, ball_radius, correct_digits, joined, number_json
from fpt_calc.point import Ball, Point, allows_precision, is_quick
from fpt_calc.solve import Solution, refine
from fpt_calc.system import FixedPointSystem

QUICK_SIZE = 20_000  # eigenvalues that multiprecision handles in a second or two


@dataclass(frozen=True)
class Shown:
    """A value as the JSON contract has it (a string, or ``{"re": ..., "im": ...}``), with its significant digits.

    ``radius`` is a certified bound of its distance to the true value; None where there is none.
    """

    json: str | dict[str, str]
    digits: int
    radius: str | None = None

    def __str__(self) -> str:
        return joined(self.json)


@dataclass(frozen=True)
class CertifiedValue:
    """A number with a proof.

    Attributes
    ----------
    value : its decimals, in Python syntax.
    radius : an upper bound of the distance between ``value`` and the exact number, a decimal string.
    ball : a flint.arb or flint.acb that holds the exact number.
    digits : the significant digits of ``value``.
    evidence : what was shown, and what it rests on.
    """

    value: str
    radius: str
    ball: Ball
    digits: int
    evidence: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.value} +/- {self.radius}"


def shown_values(system: FixedPointSystem, point: Point, solution: Solution, digits: int) -> dict[str, Shown]:
    """The targets to this many digits: in multiprecision if it takes that and the point allows it.

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


def certified_or_shown(
    system: FixedPointSystem, point: Point, solution: Solution, digits: int
) -> tuple[dict[str, Shown], Certified | CannotDecideError]:
    """The targets with certified radii if these are reached, at double precision only where they are cheap.

    Also the certificate, or the reason why there is none.  Raises like `shown_values`.
    """
    try:
        if digits <= MAX_DIGITS and not is_quick(point):
            raise CannotDecideError("not tried for matrices of this size", remedy="ask for more than 15 digits")
        certified = certify(system, point, solution.values, digits)
    except CannotDecideError as reason:
        return shown_values(system, point, solution, digits), reason
    shown = {
        name: Shown(ball_json(ball, digits), certified.digits[name], ball_radius(ball, digits))
        for name, ball in certified.outputs.items()
    }
    return shown, certified


def certified_values(
    system: FixedPointSystem, point: Point, solution: Solution, digits: int
) -> dict[str, CertifiedValue]:
    """The targets with their certificates; raises `CannotDecideError` with the reason if these are not reached."""
    found = certify(system, point, solution.values, digits)
    return {
        name: CertifiedValue(
            joined(ball_json(ball, digits)), ball_radius(ball, digits), ball, found.digits[name], found.evidence
        )
        for name, ball in found.outputs.items()
    }
