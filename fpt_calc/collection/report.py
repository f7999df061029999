"""Checks of an entry of the collection, and their report."""

from __future__ import annotations

from dataclasses import dataclass

from fpt_calc import closed_form
from fpt_calc.claims import Verdict

PASSED = (Verdict.PROVED, Verdict.CERTIFIED, Verdict.CONSISTENT)
MEANING = {
    closed_form.Verdict.EQUAL: Verdict.PROVED,
    closed_form.Verdict.DIFFERENT: Verdict.REFUTED,
    closed_form.Verdict.UNDECIDED: Verdict.UNDECIDED,
}


@dataclass(frozen=True)
class Check:
    """One check of an entry: what was compared, what was found, and what that shows.

    ``expected`` : the verdict that passes; None if any does that speaks for the entry.
    """

    name: str
    finding: str
    verdict: Verdict
    expected: Verdict | None = None

    @property
    def passed(self) -> bool:
        return self.verdict in PASSED if self.expected is None else self.verdict is self.expected


@dataclass(frozen=True)
class Report:
    """All checks of an entry, below the lines of its law."""

    title: str
    law: tuple[str, ...]
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        return all(c.passed for c in self.checks)

    def __str__(self) -> str:
        lines = [self.title, "=" * len(self.title), *(f"  {line}" for line in self.law)]
        return "\n".join([*lines, *(f"{c.verdict.name:<10} {c.name}: {c.finding}" for c in self.checks)])
