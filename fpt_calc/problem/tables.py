"""The tables and keys of a problem file, before any of them has a meaning."""

from __future__ import annotations

import keyword
import math
from collections.abc import Iterable, Mapping
from typing import Any

from fpt_calc.errors import InputError
from fpt_calc.problem.located import hint, located, shorten
from fpt_calc.problem.syntax import FUNCTIONS, Formula, read_formula

Table = Mapping[str, Any]


def table(data: Table, key: str) -> Table:
    """The table under ``key``, empty if there is none; raises `InputError` if it is something else."""
    value = data.get(key, {})
    if not isinstance(value, Mapping):
        raise InputError(f"{key} is not a table", where=key, remedy=f"write [{key}] and one entry a line")
    return value


def check_keys(data: Table, allowed: Iterable[str], where: str = "") -> None:
    """Raise `InputError` for the first key that is not allowed."""
    allowed = tuple(allowed)
    for key in data:
        if key not in allowed:
            name = shorten(str(key), 60)
            remedy = hint(name, allowed, f"allowed here: {', '.join(allowed)}")
            raise InputError("unknown key", where=f"{where}.{name}" if where else name, remedy=remedy)


def check_name(name: object, where: str) -> str:
    """``name`` if it can be used in formulas; raises `InputError` with the remedy otherwise."""
    if not isinstance(name, str) or not (name.isascii() and name.isidentifier() and len(name) <= 100):
        raise InputError(
            f"{shorten(repr(name), 60)} is not a name",
            where=where,
            remedy="use letters, digits and _ (Greek letters spelled out, such as sigma)",
        )
    if keyword.iskeyword(name):
        remedy = "use lam" if name == "lambda" else "use another name"
        raise InputError(f"the name {name!r} is a word of Python's own", where=where, remedy=remedy)
    if name in FUNCTIONS:
        raise InputError(f"the name {name!r} is a function of formulas", where=where, remedy="use another name")
    return name


def formula_of(value: object, where: str) -> Formula:
    """A formula from a string or a number; raises `InputError` at ``where`` for anything else."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**300:
        value = str(value)
    if isinstance(value, float) and math.isfinite(value):
        value = repr(value)
    with located(where):
        if not isinstance(value, str):
            text = shorten(repr(value), 60)
            raise InputError(f"{text} is not a formula", remedy="write a formula in quotes, or a number")
        return read_formula(value)


def names_list(value: object, where: str) -> tuple[str, ...]:
    """A tuple of strings from a list of strings; raises `InputError` for anything else."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InputError(f"{shorten(repr(value), 60)} is not a list of names", where=where, remedy='write ["n", "d"]')
    return tuple(value)
