"""Where laws are evaluated: points, numeric matrices, and the check of numbers against declarations (floor 3)."""

from fpt_calc.point import arrays, ball_arrays
from fpt_calc.point.ball_arrays import Ball, BallArray
from fpt_calc.point.balls import BallModel, allows_precision, ball_digits, is_quick
from fpt_calc.point.data import Dense, Eigenvalues, MatrixData, Multiple, Number, Point, PowerLaw
from fpt_calc.point.estimate import Estimate, check_draws, check_entries
from fpt_calc.point.numeric import NumericModel, check_kind

__all__ = [
    "Ball",
    "BallArray",
    "BallModel",
    "Dense",
    "Eigenvalues",
    "Estimate",
    "MatrixData",
    "Multiple",
    "Number",
    "NumericModel",
    "Point",
    "PowerLaw",
    "allows_precision",
    "arrays",
    "ball_arrays",
    "ball_digits",
    "check_draws",
    "check_entries",
    "check_kind",
    "is_quick",
]
