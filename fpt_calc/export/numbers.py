"""Numbers as decimal strings that show only the digits believed correct."""

from __future__ import annotations

import math
from decimal import MAX_EMAX, MIN_EMIN, ROUND_UP, Context, Decimal
from typing import Any

import flint

from fpt_calc.point import Ball, ball_digits

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


def ball_json(value: Ball, digits: int) -> str | dict[str, str]:
    """Like `number_json` for a ball in any precision; no part shows more digits than its own radius leaves.

    >>> ball_json(flint.arb("0.25", "1e-9"), 12), ball_json(flint.acb(flint.arb(2, 1e-3), 1), 4)
    ('0.25000000', {'re': '2.0', 'im': '1.000'})
    """
    if isinstance(value, flint.acb):
        return {part: _ball_text(x, digits) for part, x in (("re", value.real), ("im", value.imag))}
    return _ball_text(value, digits)


def ball_radius(value: Ball, digits: int) -> str:
    """An upper bound of the distance between `ball_json` and the numbers in the ball: radius and rounding.

    >>> ball_json(flint.arb(1) / 3, 5), ball_radius(flint.arb(1) / 3, 5)
    ('0.33333', '0.0000034')
    """
    text = ball_json(value, digits)
    parts = [text, "0"] if isinstance(text, str) else [text["re"], text["im"]]
    real, imaginary = (flint.fmpq(*Decimal(part).as_integer_ratio()) for part in parts)
    with flint.ctx.workprec(5 * digits + 500):
        bound = (value - flint.acb(real, imaginary)).abs_upper().fmpq()
    context = Context(prec=2, rounding=ROUND_UP, Emax=MAX_EMAX, Emin=MIN_EMIN)
    return str(context.divide(Decimal(int(bound.p)), Decimal(int(bound.q))))


def _ball_text(value: Ball, digits: int) -> str:
    """The midpoint rounded to the digits that the ball leaves, with as many figures."""
    shown = ball_digits(value, digits)
    if shown < 1 or value == 0:
        return "0"
    middle = value.mid().fmpq()
    context = Context(prec=shown, Emax=MAX_EMAX, Emin=MIN_EMIN)
    number = context.divide(Decimal(int(middle.p)), Decimal(int(middle.q)))
    return str(number.quantize(Decimal(1).scaleb(number.adjusted() - shown + 1, context), context=context))


def joined(value: str | dict[str, str]) -> str:
    """The JSON of a number as one text in Python syntax.

    >>> joined("0.5"), joined({"re": "0.5", "im": "-0.1"})
    ('0.5', '0.5-0.1j')
    """
    if isinstance(value, str):
        return value
    imaginary = value["im"] if value["im"].startswith("-") else f"+{value['im']}"
    return f"{value['re']}{imaginary}j"


def _parts(value: complex) -> tuple[tuple[str, float], tuple[str, float]]:
    return ("re", value.real), ("im", value.imag)


def _digits_of_part(part: float, size: float, digits: int) -> int:
    """A part much smaller than the modulus has correspondingly fewer correct digits."""
    if part == 0:
        return 0
    return max(0, digits + math.floor(math.log10(abs(part))) - math.floor(math.log10(size)))
