"""The collection of derivations: entries and their checks (floor 13)."""

from fpt_calc.collection.checks import AnyEntry, entry_outcomes, verify
from fpt_calc.collection.entry import Entry
from fpt_calc.collection.pipeline_entry import PipelineEntry
from fpt_calc.collection.report import Check, Report
from fpt_calc.scaling.entry import ScalingEntry

__all__ = ["AnyEntry", "Check", "Entry", "PipelineEntry", "Report", "ScalingEntry", "entry_outcomes", "verify"]
