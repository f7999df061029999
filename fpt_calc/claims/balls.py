"""Limits at exact points as balls: certified where that is possible, otherwise double precision with its error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import flint

from fpt_calc.certify import certify
from fpt_calc.claims.derived import Derived, SolvedPoint
from fpt_calc.claims.points import ExactPoint
from fpt_calc.errors import FptError
from fpt_calc.expr import Trace

Ball = Any

SAFETY = 10  # times the error estimate of a value in double precision


@dataclass(frozen=True)
class CertifiedPoint:
    """A point with the limits of random traces there.

    ``why_not`` : empty if the balls are certified; otherwise why they are not, and the radius is an estimate.
    """

    exact: ExactPoint
    limits: Mapping[Trace, Ball]
    why_not: str = ""


def certified(derived: Derived, solved: SolvedPoint, digits: int) -> CertifiedPoint:
    """The limits at a point to this many digits, with a certificate if one is reached."""
    system, point, solution = derived.law.system, solved.exact.point, solved.solution
    try:
        result = certify(system, point, solution.values, digits)
    except FptError as error:
        limits = {t: _estimate(solution.outputs[n], solution.output_errors[n]) for t, n in derived.names.items()}
        return CertifiedPoint(solved.exact, limits, error.what)
    return CertifiedPoint(solved.exact, {t: result.outputs[n] for t, n in derived.names.items()})


def _estimate(value: complex | float, error: float) -> Ball:
    margin = flint.arb(0, SAFETY * error)
    if isinstance(value, complex):
        return flint.acb(value) + flint.acb(margin, margin)
    return flint.arb(float(value)) + margin
