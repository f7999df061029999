"""Numbers as decimal strings that show only the digits believed correct."""

from __future__ import annotations

import math
from decimal import Context
from typing import Any

MAX_DIGITS = 15  # of double precision


def correct_digits(value: Any, error: float, wanted: int = MAX_DIGITS) -> int:
    """How many significant digits of ``value`` an absolute error leaves, at most ``wanted`` and at most 15.

    >>> correct_digits(0.5, 1e-9), correct_digits(0.0, 1e-9), correct_digits(2.0, 0.0, 8)
    (8, 0, 8)
    """
    size = abs(value)
    if error == 0:
        return min(wanted, MAX_DIGITS)
    if not math.isfinite(error) or size <= error:
        return 0
    return max(0, min(wanted, MAX_DIGITS, math.floor(-math.log10(2 * error / size))))


def decimal_text(value: float, digits: int) -> str:
    """The decimal string of a float rounded to ``digits`` significant digits.

    >>> decimal_text(0.30940017409886694, 6), decimal_text(0.0, 15)
    ('0.309400', '0')
    """
    if value == 0 or digits < 1:
        return "0"
    return str(Context(prec=digits).create_decimal(value))


def number_json(value: Any, digits: int) -> str | dict[str, str]:
    """A real number as a string, a complex one as ``{"re": ..., "im": ...}``."""
    if isinstance(value, complex):
        return {part: decimal_text(x, _digits_of_part(x, abs(value), digits)) for part, x in _parts(value)}
    return decimal_text(float(value), digits)


def _parts(value: complex) -> tuple[tuple[str, float], tuple[str, float]]:
    return ("re", value.real), ("im", value.imag)


def _digits_of_part(part: float, size: float, digits: int) -> int:
    """A part much smaller than the modulus has correspondingly fewer correct digits."""
    if part == 0:
        return 0
    return max(0, digits + math.floor(math.log10(abs(part))) - math.floor(math.log10(size)))
