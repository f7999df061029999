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
        numbers = ", ".join(f"{name} = {value}" for name, value in self.at.items() if isinstance(value, str))
        matrices = ", ".join(name for name, value in self.at.items() if not isinstance(value, str))
        text = f"derived {self.derived}, claimed {self.claimed} at {numbers}"
        return f"{text} and rational matrices {matrices} (the witness holds them)" if matrices else text


@dataclass(frozen=True)
class Decision:
    """A verdict, what speaks for it in one line, and a witness where there is one."""

    verdict: Verdict
    evidence: str
    witness: Witness | None = None
