"""The checks of an entry that states a scaling law, in the words of all entries."""

from __future__ import annotations

from fpt_calc.claims import Verdict
from fpt_calc.collection.report import Check, Report
from fpt_calc.scaling.entry import ScalingEntry


def verify_scaling(entry: ScalingEntry) -> Report:
    """Run the checks of an entry."""
    return Report(entry.title, (), scaling_checks(entry))


def scaling_checks(entry: ScalingEntry) -> tuple[Check, ...]:
    """Each check with what it found."""
    found = ((check, check.run()) for check in entry.checks)
    return tuple(
        Check(check.name, finding.evidence, Verdict[finding.verdict], Verdict[check.expected])
        for check, finding in found
    )
