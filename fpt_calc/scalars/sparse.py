"""Sparse linear combinations: dictionaries of coefficients in which no zero is kept."""

from __future__ import annotations

from typing import TypeVar

from fpt_calc.scalars.field import Scalar

K = TypeVar("K")


def accumulate(target: dict[K, Scalar], key: K, value: Scalar) -> None:
    """``target[key] += value``, an entry that becomes zero removed.

    >>> from fpt_calc.scalars.field import ONE
    >>> combination = {"a": ONE}
    >>> accumulate(combination, "b", 2 * ONE)
    >>> accumulate(combination, "a", -ONE)
    >>> combination
    {'b': 2}
    """
    new = target[key] + value if key in target else value
    if new.is_zero:
        target.pop(key, None)
    else:
        target[key] = new
