"""What can be said about a claim, with its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Verdict(Enum):
    """The answer to a claim; the value of a member is what it means."""

    PROVED = "equal to the derived limit exactly, modulo the defining equations"
    CERTIFIED = "equal as certified numbers at random points; no proof"
    CONSISTENT = "not contradicted by numbers that are not certified"
    REFUTED = "false: a witness is given"
    UNDECIDED = "neither shown nor refuted"


@dataclass(frozen=True)
class Witness:
    """A point at which the two sides of a claim differ.

    Attributes
    ----------
    at : numbers and matrices by name, as text that is exact.
    derived, claimed : the two sides there, each with a bound of its error.
    """

    at: Mapping[str, Any]
    derived: str
    claimed: str

    def __str__(self) -> str:
        small = ", ".join(f"{name} = {_short(value)}" for name, value in self.at.items())
        return f"derived {self.derived}, claimed {self.claimed} at {small}"


@dataclass(frozen=True)
class Decision:
    """A verdict, what speaks for it in one line, and a witness where there is one."""

    verdict: Verdict
    evidence: str
    witness: Witness | None = None


def _short(value: Any) -> str:
    if isinstance(value, list) and len(value) == 1 and len(value[0]) == 1:
        return str(value[0][0])
    if isinstance(value, list):
        return "[" + ", ".join("[" + ", ".join(map(str, row)) + "]" for row in value) + "]"
    return str(value)
