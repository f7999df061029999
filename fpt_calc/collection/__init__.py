"""The collection of derivations: entries and their checks (floor 13)."""

from fpt_calc.collection.entry import Check, Entry, Report, entry_outcomes, verify

__all__ = ["Check", "Entry", "Report", "entry_outcomes", "verify"]
