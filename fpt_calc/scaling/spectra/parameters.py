"""Parameters as the user writes them, read exactly."""

from __future__ import annotations

import math
import numbers
from fractions import Fraction
from typing import TypeAlias

import sympy
from sympy import Expr

from fpt_calc.errors import InputError

Parameter: TypeAlias = int | float | str | Fraction | Expr


def exact(value: Parameter, where: str) -> Expr:
    """A parameter as an exact real sympy expression; a float means the decimal it prints.

    Parameters
    ----------
    value : an int, Fraction, float, a string such as ``"3/2"`` or ``"0.1"``, or a sympy expression.
    where : the name of the parameter, for messages.

    Raises `InputError` for what is not finite, not real or not a number.

    >>> exact(0.1, "r"), exact("3/2", "beta"), exact(sympy.Symbol("beta", positive=True), "beta")
    (1/10, 3/2, beta)
    """
    remedy = 'write an int, a Fraction, a string such as "3/2", or a real sympy symbol'
    if isinstance(value, bool):
        raise InputError("a truth value is no number", where=where, remedy=remedy)
    if isinstance(value, Expr):
        return _expression(value, where, remedy)
    try:
        if isinstance(value, numbers.Rational):
            number = Fraction(int(value.numerator), int(value.denominator))
        elif isinstance(value, numbers.Real) and math.isfinite(value):
            number = Fraction(repr(float(value)))
        elif isinstance(value, str):
            number = Fraction(value)
        else:
            raise InputError(f"{value!r} is no finite real number", where=where, remedy=remedy)
    except (ValueError, ZeroDivisionError):
        raise InputError(f"{value!r} is no number", where=where, remedy=remedy) from None
    return sympy.Rational(number.numerator, number.denominator)


def _expression(value: Expr, where: str, remedy: str) -> Expr:
    if value.has(sympy.Float):
        value = value.replace(lambda e: isinstance(e, sympy.Float), lambda e: exact(float(e), where))
    if value.is_real is not True or value.is_finite is False:
        what = f"{value} is not known to be real"
        raise InputError(what, where=where, remedy=f'declare it, as in Symbol("{where}", positive=True)')
    return value


def positive(value: Parameter, where: str) -> Expr:
    """`exact`, and known to be positive.

    >>> positive("1/2", "scale")
    1/2
    """
    number = exact(value, where)
    if number.is_positive is not True:
        remedy = "give a positive number" if number.is_number else f'declare it, as in Symbol("{where}", positive=True)'
        raise InputError(f"{number} is not known to be positive", where=where, remedy=remedy)
    return number


def whole(value: int, where: str, least: int) -> int:
    """An integer that is at least ``least``.

    >>> whole(2, "m", 1)
    2
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Integral | sympy.Integer) or int(value) < least:
        raise InputError(f"{value!r} is no integer >= {least}", where=where, remedy=f"give an integer, {least} or more")
    return int(value)
