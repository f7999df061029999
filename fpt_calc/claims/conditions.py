"""Conditions that single out a root or a region: comparisons such as ``kappa > 0``, ``Im(m) > 0``, ``d < n``."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import flint

from fpt_calc.claims.symbols import random_traces
from fpt_calc.errors import InputError
from fpt_calc.problem import Value, located, parse_formula
from fpt_calc.scalars import Scalar

Ball = Any

_COMPARISON = re.compile(r"(<=|>=|<|>)")
_PART = re.compile(r"(Im|Re)\((.*)\)", re.DOTALL)
_HOLDS: Mapping[str, Callable[[Ball, Ball], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_OPPOSITE = {"<": ">=", ">": "<=", "<=": ">", ">=": "<"}
_REMEDY = 'write comparisons such as "kappa > 0", "0 < q < 1" or "Im(m) > 0", several of them in a list'


@dataclass(frozen=True)
class Side:
    """One side of a comparison: a scalar, or its imaginary or real part."""

    value: Scalar
    part: str = ""

    def of(self, ball: Ball) -> Ball | None:
        """The real number that is compared; None where the scalar is not real."""
        if self.part == "Im":
            return ball.imag if isinstance(ball, flint.acb) else flint.arb(0)
        if not isinstance(ball, flint.acb):
            return ball
        return ball.real if self.part == "Re" or ball.imag == 0 else None


@dataclass(frozen=True)
class Condition:
    """``sides[0] signs[0] sides[1] signs[1] ...``"""

    text: str
    sides: tuple[Side, ...]
    signs: tuple[str, ...]

    def holds(self, number: Callable[[Scalar], Ball]) -> bool | None:
        """Whether it holds, given the values of scalars; None if the balls are too large to tell."""
        values = [side.of(number(side.value)) for side in self.sides]
        answers: list[bool | None] = []
        for a, sign, b in zip(values, self.signs, values[1:], strict=False):
            if a is None or b is None:
                return False
            answers.append(True if _HOLDS[sign](a, b) else False if _HOLDS[_OPPOSITE[sign]](a, b) else None)
        return False if False in answers else None if None in answers else True

    @property
    def scalars(self) -> tuple[Scalar, ...]:
        """What is compared."""
        return tuple(side.value for side in self.sides)


def read_conditions(value: object, names: Mapping[str, Value], where: str) -> tuple[Condition, ...]:
    """The conditions in a text or a list of texts; raises `InputError` with the remedy."""
    texts = value if isinstance(value, list) else [value]
    with located(where):
        return tuple(_condition(text, names) for text in texts)


def compared_names(value: object) -> set[str]:
    """The names that a condition compares as real numbers (not only their real or imaginary parts)."""
    texts = value if isinstance(value, list) else [value]
    sides = [side.strip() for text in texts if isinstance(text, str) for side in _COMPARISON.split(text)[::2]]
    return {name for side in sides if not _PART.fullmatch(side) for name in re.findall(r"[A-Za-z_]\w*", side)}


def _condition(text: object, names: Mapping[str, Value]) -> Condition:
    if not isinstance(text, str):
        raise InputError(f"{text!r} is not a condition", remedy=_REMEDY)
    pieces = _COMPARISON.split(text)
    if len(pieces) < 3 or not all(p.strip() for p in pieces[::2]):
        raise InputError(f"{text!r} is not a condition", remedy=_REMEDY)
    return Condition(text.strip(), tuple(_side(p.strip(), names, text) for p in pieces[::2]), tuple(pieces[1::2]))


def _side(text: str, names: Mapping[str, Value], where: str) -> Side:
    match = _PART.fullmatch(text)
    if not match and re.search(r"\b(Im|Re)\(", text):
        remedy = "take the part of everything on its side, as in Im(2*w - z) > 0"
        raise InputError(f"{text} mixes Im or Re with other terms", where=where, remedy=remedy)
    value = parse_formula(match[2] if match else text, names, where)
    if not isinstance(value, Scalar):
        raise InputError(f"{text} is a matrix", where=where, remedy="compare scalars")
    if random_traces(value):
        remedy = "write the condition in deterministic quantities"
        raise InputError(f"{text} contains random matrices", where=where, remedy=remedy)
    return Side(value, match[1] if match else "")
