"""Numbers as the user writes them: exact rational numbers and balls, checked."""

from __future__ import annotations

import math
from fractions import Fraction

from flint import arb, fmpq

from fpt_calc.errors import InputError

Exact = int | str | float | Fraction | fmpq


def exact(value: object, where: str) -> fmpq:
    """The rational number that the user wrote.

    >>> exact("1e-3", "kappa"), exact(0.1, "kappa"), exact(Fraction(2, 3), "kappa")
    (1/1000, 1/10, 2/3)
    """
    if isinstance(value, fmpq):
        return value
    if isinstance(value, int | float | str | Fraction) and not isinstance(value, bool):
        try:
            number = Fraction(repr(value)) if isinstance(value, float) else Fraction(value)
        except (ValueError, ZeroDivisionError):
            pass
        else:
            return fmpq(number.numerator, number.denominator)
    remedy = "give an integer, a fraction, a decimal string or a finite float"
    raise InputError(f"{value!r} is no exact real number", where=where, remedy=remedy)


def ball(value: object, where: str) -> arb:
    """The number that the user wrote as a ball at the current precision; balls stay as they are."""
    if not isinstance(value, arb):
        return arb(exact(value, where))
    if not value.is_finite():
        raise InputError(f"the ball {value} is not finite", where=where, remedy="give a finite number")
    return value


def positive(value: object, where: str) -> arb:
    """A positive number as a ball.

    Raises `InputError` for what is not positive, and for balls that touch zero.
    """
    result = ball(value, where)
    if not result > 0:
        raise InputError(f"{value} is not positive", where=where, remedy="give a number > 0")
    return result


def nonnegative(value: object, where: str) -> arb:
    """A nonnegative number as a ball: exactly zero, or a ball above it."""
    result = ball(value, where)
    if not (result > 0 or result.is_zero()):
        what = f"{value} is not nonnegative" if result <= 0 else f"the sign of {value} is not decided"
        raise InputError(what, where=where, remedy="give 0 or a number > 0")
    return result


def positive_exact(value: object, where: str) -> fmpq:
    """A positive rational number."""
    result = exact(value, where)
    if result <= 0:
        raise InputError(f"{value} is not positive", where=where, remedy="give a number > 0")
    return result


def checked_digits(digits: object) -> int:
    """A number of significant digits, at least one."""
    return checked_count(digits, "digits", 1)


def checked_count(value: object, where: str, least: int) -> int:
    """An integer that is at least ``least``."""
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise InputError(f"{value!r} is no integer >= {least}", where=where, remedy=f"give an integer >= {least}")
    return value


def bits_of(digits: int) -> int:
    """The bits that hold a number of decimal digits."""
    return math.ceil(digits * math.log2(10)) + 1
