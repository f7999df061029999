"""Steps, derivations and their status (floor 3).

A stage of the engine returns its result with a `Step`; a step exists only with the evidence of its checker.  The status
of a derivation is the worst of its steps and is recomputed, never asserted.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from fpt_calc.errors import ComputationError


class Status(IntEnum):
    """How much is known, from best to worst."""

    EXACT = 0
    ASYMPTOTIC = 1
    NUMERICAL = 2
    GAP = 3

    def __str__(self) -> str:
        return {
            Status.EXACT: "exact",
            Status.ASYMPTOTIC: "asymptotic (cited)",
            Status.NUMERICAL: "numerical",
            Status.GAP: "gap",
        }[self]


@dataclass(frozen=True)
class Evidence:
    """What a checker found: the check in words, and whether it passed."""

    check: str
    passed: bool


@dataclass(frozen=True)
class Step:
    """One step of a derivation: the rule, what it turned into what, why it is allowed, and the evidence."""

    rule: str
    before: str
    after: str
    why: str
    status: Status
    evidence: Evidence


@dataclass(frozen=True)
class Derivation:
    """The steps from an expression to its limiting law.

    >>> Derivation(()).status
    <Status.EXACT: 0>
    """

    steps: tuple[Step, ...]

    @property
    def status(self) -> Status:
        return max((s.status for s in self.steps), default=Status.EXACT)


def checked_step(rule: str, before: str, after: str, why: str, status: Status, evidence: Evidence) -> Step:
    """The only maker of steps: raises `ComputationError` if the checker did not pass."""
    if not evidence.passed:
        raise ComputationError(
            f"the check of the step {rule!r} failed ({evidence.check})",
            remedy="this is a defect of the program: please report the expression",
        )
    return Step(rule, before, after, why, status, evidence)
