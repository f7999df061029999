"""A witness: the point at which two sides differ, written exactly."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import flint
import numpy as np

from fpt_calc.claims.comparisons import Comparison, Reading
from fpt_calc.claims.points import ExactPoint
from fpt_calc.claims.verdict import Witness
from fpt_calc.point import Dense, Number

SHOWN = 20  # digits
MOST = 60  # where fewer do not tell two sides apart


def witness_of(comparison: Comparison) -> Witness:
    """The witness of a comparison in which the sides differ."""
    reading = comparison.readings[0]
    at = _point(comparison.point.exact) | _names(reading)
    left, right = reading.left, reading.right
    digits = SHOWN
    while digits < MOST and ball_text(left, digits).split()[0] == ball_text(right, digits).split()[0]:
        digits += SHOWN
    return Witness(at, ball_text(left, digits), ball_text(right, digits))


def ball_text(value: Any, digits: int = SHOWN) -> str:
    """A ball in decimals with its radius, as in ``0.25 +/- 1e-30``.

    >>> ball_text(flint.arb(1) / 4)
    '0.25000000000000000000'
    """
    if isinstance(value, flint.acb):
        if value.imag == 0:
            return ball_text(value.real, digits)
        return f"({ball_text(value.real, digits)}) + ({ball_text(value.imag, digits)})*1j"
    text: str = value.str(digits)
    return text.strip("[]")


def _point(exact: ExactPoint) -> dict[str, Any]:
    point = exact.point
    numbers: dict[str, Any] = {name: str(size) for name, size in point.dims.items()}
    numbers |= {name: _exact(value) for name, value in point.scalars.items()}
    for name, data in point.matrices.items():
        assert isinstance(data, Dense)
        numbers[name] = [[_exact(x) for x in row] for row in np.asarray(data.array)]
    return numbers


def _names(reading: Reading) -> dict[str, Any]:
    return {g.name: ball_text(value) for g, value in reading.names.items()}


def _exact(value: Number) -> str:
    if isinstance(value, complex | np.complexfloating):
        return f"{Fraction(value.real)} + {Fraction(value.imag)}*1j" if value.imag else str(Fraction(value.real))
    return str(Fraction(value))
