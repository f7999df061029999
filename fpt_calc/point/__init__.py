"""Where laws are evaluated: points, numeric matrices, and the check of numbers against declarations (floor 3)."""

from fpt_calc.point import arrays
from fpt_calc.point.balls import Ball, BallModel, Diagonal, ball_digits, is_spectral
from fpt_calc.point.data import Dense, Eigenvalues, MatrixData, Multiple, Number, Point, PowerLaw
from fpt_calc.point.numeric import NumericModel, check_kind

__all__ = [
    "Ball",
    "BallModel",
    "Dense",
    "Diagonal",
    "Eigenvalues",
    "MatrixData",
    "Multiple",
    "Number",
    "NumericModel",
    "Point",
    "PowerLaw",
    "arrays",
    "ball_digits",
    "check_kind",
    "is_spectral",
]
