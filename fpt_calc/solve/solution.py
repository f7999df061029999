"""What a solver returns: the values, how it ended, and how well."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from fpt_calc.system import Unknown


class Result(Enum):
    """How the solver ended; the value of a member is the message that the user reads."""

    SUCCESS = "converged to the physical solution"
    SINGULAR_START = (
        "the deterministic part is singular, or out of the range of double precision, at these numbers, so the "
        "expansion has no starting point; "
        "add a ridge, or change the numbers"
    )
    NO_CONTINUATION = (
        "the continuation from zero variance broke down on the real path and on two complex ones; "
        "a spectral parameter inside the spectrum, or an inverse of a singular matrix, would explain it"
    )
    UNBOUNDED = (
        "the inverse in the expression is not bounded at these numbers (zero lies in the spectrum of the pencil), "
        "so the limit formula does not hold; move the spectral parameter away or add a ridge"
    )


@dataclass(frozen=True)
class Statistics:
    """What was done: Newton steps, steps of the continuation, the path taken."""

    newton_steps: int
    continuation_steps: int
    path: str


@dataclass(frozen=True)
class Solution:
    """The values of the unknowns of a system at a point.

    Attributes
    ----------
    values : by unknown; empty unless ``result`` is SUCCESS.
    errors : estimated absolute error of each value, from rounding and conditioning.
    outputs, output_errors : the targets.
    result : how it ended.
    residual : largest |F(x) - x| / max(1, |x|) over the equations.
    stability : spectral radius of the covariance map W -> G E[H W H*] G*; below 1 exactly where the pencil has a
        bounded inverse in the limit.
    statistics : what was done.
    """

    values: dict[Unknown, Any]
    errors: dict[Unknown, float]
    outputs: dict[str, Any]
    output_errors: dict[str, float]
    result: Result
    residual: float
    stability: float
    statistics: Statistics
