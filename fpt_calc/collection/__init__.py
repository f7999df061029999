"""The collection of derivations: entries and their checks (floor 13)."""

from fpt_calc.collection.checks import entry_outcomes, verify
from fpt_calc.collection.entry import Entry
from fpt_calc.collection.pipeline_entry import PipelineEntry
from fpt_calc.collection.report import Check, Report

__all__ = ["Check", "Entry", "PipelineEntry", "Report", "entry_outcomes", "verify"]
