"""Exact numbers and symbols from what a user gives."""

from __future__ import annotations

import math
import numbers
from fractions import Fraction
from typing import Any

import sympy

from fpt_calc.errors import InputError

MAX_DIGITS = 300  # of a number: no text costs more than it looks
MAX_COUNT = 10**18  # of items and samples: asymptotics hold beyond, and double precision cannot count
_REMEDY = 'give an int, a Fraction, a float, a text such as "3/2", or a sympy symbol'


def exact(value: Any, where: str) -> Any:
    """A sympy expression that is exact: a rational number, or an expression in positive symbols.

    Parameters
    ----------
    value : an int, a Fraction, a float (read as the decimal that it prints), a text such as "3/2" or "1.5", or a sympy
        expression.  Its symbols are taken to be positive: they are replaced by positive symbols of the same name.
    where : the name of the quantity, for messages.

    Raises `InputError` for anything else, and for numbers that are not finite or not rational.

    >>> exact("3/2", "beta"), exact(0.1, "beta"), exact(sympy.Symbol("b") + 1, "beta")
    (3/2, 1/10, b + 1)
    """
    match value:
        case bool():
            pass
        case sympy.Basic():
            return _from_sympy(value, where)
        case str():
            return _rational(_from_text(value, where), where)
        case numbers.Rational():
            return _rational(Fraction(int(value.numerator), int(value.denominator)), where)
        case numbers.Real() if math.isfinite(value):
            return _rational(Fraction(repr(float(value))), where)
    raise InputError(f"{value!r} is not an exact number", where=where, remedy=_REMEDY)


def _from_text(text: str, where: str) -> Fraction:
    if len(text) <= MAX_DIGITS:
        _, _, power = text.lower().partition("e")
        try:
            if abs(int(power or 0)) <= MAX_DIGITS:
                return Fraction(text)
        except (ValueError, ZeroDivisionError):
            raise InputError(f"{text!r} is not a number", where=where, remedy=_REMEDY) from None
    raise InputError(f"a number of more than {MAX_DIGITS} digits", where=where, remedy="round it")


def _rational(value: Fraction, where: str) -> Any:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > 4 * MAX_DIGITS:
        raise InputError(f"a number of more than {MAX_DIGITS} digits", where=where, remedy="round it")
    return sympy.Rational(value.numerator, value.denominator)


def _from_sympy(value: Any, where: str) -> Any:
    if isinstance(value, sympy.Float):
        return _rational(Fraction(str(value)), where) if value.is_finite else _refuse(value, where)
    if value.is_Rational:
        return value
    if not isinstance(value, sympy.Expr) or not value.free_symbols or value.has(sympy.nan, sympy.oo, sympy.zoo):
        _refuse(value, where)
    return value.xreplace({s: symbol(s.name) for s in value.free_symbols})


def _refuse(value: Any, where: str) -> Any:
    raise InputError(f"{value} is neither a rational number nor an expression in symbols", where=where, remedy=_REMEDY)


def symbol(name: str) -> Any:
    """The positive symbol of a name."""
    return sympy.Symbol(name, positive=True)


def count(value: Any, where: str, least: int = 0) -> int:
    """A whole number from ``least`` to 10^18.

    >>> count(10, "items")
    10
    >>> count(0, "cut", 1)
    Traceback (most recent call last):
    ...
    fpt_calc.errors.InputError: cut: 0 is below 1; give a whole number from 1 on
    """
    remedy = f"give a whole number from {least} on"
    if isinstance(value, bool) or not isinstance(value, numbers.Integral | sympy.Integer):
        raise InputError(f"{value!r} is not a whole number", where=where, remedy=remedy)
    if int(value) < least:
        raise InputError(f"{value} is below {least}", where=where, remedy=remedy)
    if int(value) > MAX_COUNT:
        remedy = "leave the number of items out, or ask for asymptotics"
        raise InputError("a number above 10^18", where=where, remedy=remedy)
    return int(value)


def count_or_symbol(value: Any, where: str, least: int = 1) -> Any:
    """A whole number as an int, or the positive symbol of a sympy symbol."""
    return symbol(value.name) if isinstance(value, sympy.Symbol) else count(value, where, least)


def share(value: Any, where: str) -> Any:
    """An exact number from 0 to 1, or an expression in symbols.

    >>> share("1/10", "share")
    1/10
    >>> share(1.5, "share")
    Traceback (most recent call last):
    ...
    fpt_calc.errors.InputError: share: 3/2 is not between 0 and 1; give a share from 0 to 1
    """
    found = exact(value, where)
    if found.is_Rational and not 0 <= found <= 1:
        raise InputError(f"{found} is not between 0 and 1", where=where, remedy="give a share from 0 to 1")
    return found


def fraction(value: Any, where: str) -> Fraction:
    """The rational number that a sympy expression is.

    Raises `InputError` where it holds symbols.
    """
    if not value.is_Rational:
        raise InputError(f"{value} is not a number", where=where, remedy="numbers need numbers in place of symbols")
    return Fraction(int(value.p), int(value.q))


def whole(value: Any) -> int:
    """The number that a cut is.

    Raises `InputError` for a symbol.
    """
    if not isinstance(value, int):
        raise InputError(f"{value} is not a number", where="cut", remedy="numbers need numbers in place of symbols")
    return value
