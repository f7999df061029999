"""Values of test errors as decimal strings, certified where that is reached."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from fpt_calc.api.shown import CertifiedValue, Shown
from fpt_calc.errors import CannotDecideError, ComputationError, FptError
from fpt_calc.export import MAX_DIGITS, PipelineEvidence, ball_json, ball_radius, correct_digits, joined, number_json
from fpt_calc.learning.evaluate import CertifiedErrors, certified_errors, evaluate
from fpt_calc.learning.program import Program
from fpt_calc.point import Estimate, Point, allows_precision, is_quick

SHIFT = 1e-9  # of the parameters, to see how much the values depend on them
PARAMETER_ERROR = 1e-13  # relative, of a parameter in double precision
ROUNDING = 1e-14
TABLE_DIGITS = 15  # of certified values in a table; it shows fewer
DRAWN_SIZE = 400  # the largest dimension at which a table is simulated without being asked


Found = tuple[dict[str, Shown], CertifiedErrors | CannotDecideError]


def shown_errors(program: Program, point: Point, digits: int) -> Found:
    """The values with certified radii, or in double precision with the reason why there are none.

    Raises `ComputationError` if more than double precision is asked for and not reached.
    """
    try:
        if not allows_precision(point) or (digits <= MAX_DIGITS and not is_quick(point)):
            raise CannotDecideError("not tried for matrices of this size", remedy="ask for more than 15 digits")
        found = certified_errors(program, point, digits)
    except CannotDecideError as reason:
        if digits > MAX_DIGITS:
            raise ComputationError(f"{digits} digits are not reached: {reason}") from None
        return _in_double_precision(program, point, digits), reason
    return {
        name: Shown(ball_json(ball, digits), found.digits[name], ball_radius(ball, digits))
        for name, ball in found.values.items()
    }, found


def _in_double_precision(program: Program, point: Point, digits: int) -> dict[str, Shown]:
    """The digits that do not change with an error of the parameters."""
    values, shifted = evaluate(program, point), evaluate(program, point, SHIFT)
    shown = {}
    for name, value in values.items():
        error = abs(shifted[name] - value) * (PARAMETER_ERROR / SHIFT) + ROUNDING * abs(value)
        correct = correct_digits(value, error, digits)
        shown[name] = Shown(number_json(value, correct), correct)
    return shown


def certified_values_of(program: Program, point: Point, digits: int) -> dict[str, CertifiedValue]:
    """The values with their certificates; raises `CannotDecideError` with the reason if these are not reached."""
    found = certified_errors(program, point, digits)
    return {
        name: CertifiedValue(
            joined(ball_json(ball, digits)), ball_radius(ball, digits), ball, found.digits[name], found.evidence
        )
        for name, ball in found.values.items()
    }


def errors_evidence(program: Program, point: Point, draws: Callable[[], dict[str, Estimate]]) -> PipelineEvidence:
    """The values at a point for a table: certified where that is quick, and means over draws.

    There are no means where draws are expensive, or need more numbers than the limit does.
    """
    proof = shown_errors(program, point, TABLE_DIGITS)[1]
    estimates: dict[str, Estimate] = {}
    if max(point.dims.values(), default=0) <= DRAWN_SIZE:
        with suppress(FptError):
            estimates = draws()
    certified = None if isinstance(proof, CannotDecideError) else proof
    return PipelineEvidence(point, evaluate(program, point), estimates, certified)
