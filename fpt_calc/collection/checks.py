"""What every entry of the collection can be asked: its report, and its checks as verdicts."""

from __future__ import annotations

from collections.abc import Iterator

from fpt_calc.claims import Outcome, Verdict
from fpt_calc.collection.entry import Entry, verify_entry
from fpt_calc.collection.pipeline_entry import PipelineEntry, pipeline_checks, verify_pipeline
from fpt_calc.collection.report import Check, Report
from fpt_calc.collection.scaling_entry import scaling_checks, verify_scaling
from fpt_calc.scaling.entry import ScalingEntry

TRIALS = 60


AnyEntry = Entry | PipelineEntry | ScalingEntry


def verify(entry: AnyEntry, trials: int = TRIALS, seed: int = 0) -> Report:
    """Derive an entry and run its checks; pipelines and scaling laws have their own numbers of trials."""
    match entry:
        case Entry():
            return verify_entry(entry, trials, seed)
        case PipelineEntry():
            return verify_pipeline(entry, seed)
        case ScalingEntry():
            return verify_scaling(entry)


def entry_outcomes(entry: AnyEntry, file: str) -> Iterator[Outcome]:
    """The checks of an entry as verdicts, for the table of all claims; each is expected to pass."""
    for index, check in enumerate(_checks(entry), 1):
        expected = check.expected or (check.verdict if check.passed else Verdict.PROVED)
        yield Outcome(file, index, check.name, "", check.verdict, check.finding, None, expected)


def _checks(entry: AnyEntry) -> tuple[Check, ...]:
    match entry:
        case Entry():
            return verify_entry(entry, TRIALS).checks
        case PipelineEntry():
            return pipeline_checks(entry)
        case ScalingEntry():
            return scaling_checks(entry)
