"""Pieces of Python text: names, statements, and what binds more strongly."""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Iterable
from dataclasses import dataclass

from fpt_calc.expr import Expr

RESERVED = frozenset(
    [
        "np",
        "Tr",
        "tau",
        "sqrtm",
        "increasing_root",
        "quadratic_root",
        "jacobian",
        "fixed_point",
        "follow",
        "equation",
        "equations",
    ]
)
LONG = 100  # characters; longer sums are broken into lines
SUM, PRODUCT, POWER, NAME = range(4)  # how strongly a text binds


@dataclass(frozen=True)
class Piece:
    """The text of a matrix and how strongly it binds."""

    text: str
    strength: int

    def within(self, needed: int) -> str:
        """The text, in parentheses where it binds less."""
        return self.text if self.strength >= needed else f"({self.text})"


class Names:
    """Python identifiers for names of the user and for new variables."""

    def __init__(self, wanted: Iterable[str]) -> None:
        self._taken = set(RESERVED)
        self._known: dict[str, str] = {}
        self._matrices: dict[Expr, str] = {}
        for name in wanted:
            self[name]

    def __getitem__(self, name: str) -> str:
        if name not in self._known:
            self._known[name] = self.fresh(name)
        return self._known[name]

    def variable(self, expr: Expr, wanted: str) -> str:
        """The variable that holds a matrix, the same in all blocks."""
        if expr not in self._matrices:
            self._matrices[expr] = self.fresh(wanted)
        return self._matrices[expr]

    def fresh(self, wanted: str) -> str:
        """A new variable."""
        name, number = wanted, 0
        while name in self._taken or keyword.iskeyword(name) or hasattr(builtins, name):
            number += 1
            name = f"{wanted}_{number}"
        self._taken.add(name)
        return name


def broken(head: str, text: str) -> list[str]:
    """A statement; a long sum in parentheses, one term per line."""
    terms = terms_of(text)
    if len(head) + len(text) <= LONG or len(terms) == 1:
        return [head + text]
    return [f"{head}(", *(f"    {t}" for t in terms), ")"]


def entry(head: str, text: str) -> list[str]:
    """An entry of a list or a dict."""
    *lines, last = broken(head, text)
    return [*lines, f"{last},"]


def terms_of(text: str) -> list[str]:
    """A sum cut before its outer signs."""
    depth, start, found = 0, 0, []
    for k, c in enumerate(text):
        depth += (c in "([{") - (c in ")]}")
        if depth == 0 and text[k : k + 3] in (" + ", " - "):
            found.append(text[start:k])
            start = k + 1
    return [*found, text[start:]]


def added(text: str) -> str:
    """A further term of a sum."""
    return f" - {text[1:]}" if text.startswith("-") else f" + {text}"
