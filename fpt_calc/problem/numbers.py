"""Exact numbers from text and from TOML values; sizes are capped, so that no text can cost more than it looks."""

from __future__ import annotations

import cmath
import math
import re
from fractions import Fraction
from typing import TYPE_CHECKING

from fpt_calc.errors import InputError
from fpt_calc.problem.located import shorten

if TYPE_CHECKING:
    from fpt_calc.point import Number

MAX_DIGITS = 300
_DECIMAL = re.compile(r"[+-]?([0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)([eE](?P<exponent>[+-]?[0-9]{1,4}))?")
_EXACT = 'give an exact number such as "1/10", "0.1", "1e-3" or "0.5+0.1j"'


def exact_decimal(text: str) -> Fraction:
    """The exact value of a decimal: 0.1 means 1/10.

    Raises `InputError` for anything else, and for more than 300 digits before or after the point.

    >>> exact_decimal("0.1"), exact_decimal("-2e3")
    (Fraction(1, 10), Fraction(-2000, 1))
    """
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise InputError(f"{shorten(text, 60)!r} is not a number", remedy=_EXACT)
    if len(text) > MAX_DIGITS or abs(int(match["exponent"] or 0)) > MAX_DIGITS:
        raise InputError(f"the number {shorten(text, 40)} has more than {MAX_DIGITS} digits", remedy="round it")
    try:
        return Fraction(text)
    except ValueError:  # misplaced underscores
        raise InputError(f"{text!r} is not a number", remedy=_EXACT) from None


def read_number(value: object) -> Number:
    """A number of a problem file: an integer, a float (the decimal it prints), an exact string, or {re, im}.

    Raises `InputError` for booleans, lists, other text, and numbers that are not finite in double precision.

    >>> read_number("1/10"), read_number(0.25), read_number("0.5+0.1j"), read_number({"re": 1, "im": "1/2"})
    (Fraction(1, 10), Fraction(1, 4), (0.5+0.1j), (1+0.5j))
    """
    match value:
        case bool():
            raise InputError(f"{str(value).lower()} is not a number", remedy=_EXACT)
        case int():
            return _finite(value)
        case float():
            if not math.isfinite(value):
                raise InputError(f"{value} is not a finite number", remedy="give a finite value")
            return Fraction(repr(value))
        case str():
            return _finite(_from_text(value.strip()))
        case {"re": real, "im": imaginary, **rest} if not rest:
            return _complex(read_number(real), read_number(imaginary))
    raise InputError(f"{shorten(repr(value), 60)} is not a number", remedy=_EXACT)


def read_real(value: object) -> Fraction:
    """An exact real number; raises `InputError` for a complex one."""
    number = read_number(value)
    if not isinstance(number, int | Fraction):
        raise InputError(f"the number {number} is not real", remedy="give a real number")
    return Fraction(number)


def _from_text(text: str) -> Number:
    if text.count("/") == 1 and "j" not in text:
        numerator, denominator = (exact_decimal(part.strip()) for part in text.split("/"))
        if not denominator:
            raise InputError(f"division by zero in {text!r}", remedy="change the denominator")
        return numerator / denominator
    if not text.endswith(("j", "J")):
        return exact_decimal(text)
    try:
        number = complex(text.replace(" ", "")) if len(text) <= MAX_DIGITS else cmath.nan
    except ValueError:
        number = complex(cmath.nan)
    if not cmath.isfinite(number):
        raise InputError(f"{shorten(text, 60)!r} is not a number", remedy=_EXACT)
    return number if number.imag else Fraction(repr(number.real))


def _complex(real: Number, imaginary: Number) -> Number:
    if isinstance(real, complex) or isinstance(imaginary, complex):
        raise InputError("re and im of a number have to be real", remedy=_EXACT)
    return complex(float(real), float(imaginary)) if imaginary else real


def _finite(number: Number) -> Number:
    try:
        complex(number)
    except OverflowError:
        raise InputError("a number beyond the range of double precision", remedy="rescale the problem") from None
    return number
