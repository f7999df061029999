"""What every entry of the collection can be asked: its report, and its checks as verdicts."""

from __future__ import annotations

from collections.abc import Iterator

from fpt_calc.claims import Outcome, Verdict
from fpt_calc.collection.entry import Entry, verify_entry
from fpt_calc.collection.pipeline_entry import PipelineEntry, pipeline_checks, verify_pipeline
from fpt_calc.collection.report import Report

TRIALS = 60


def verify(entry: Entry | PipelineEntry, trials: int = TRIALS, seed: int = 0) -> Report:
    """Derive an entry and run its checks; an entry that is a pipeline has its own number of trials."""
    return verify_entry(entry, trials, seed) if isinstance(entry, Entry) else verify_pipeline(entry, seed)


def entry_outcomes(entry: Entry | PipelineEntry, file: str) -> Iterator[Outcome]:
    """The checks of an entry as verdicts, for the table of all claims; each is expected to pass."""
    checks = verify_entry(entry, TRIALS).checks if isinstance(entry, Entry) else pipeline_checks(entry)
    for index, check in enumerate(checks, 1):
        expected = check.expected or (check.verdict if check.passed else Verdict.PROVED)
        yield Outcome(file, index, check.name, "", check.verdict, check.finding, None, expected)
