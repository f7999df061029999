"""`fpt-calc derive` for files of derivations/ that state a scaling law: the checks with their verdicts."""

from __future__ import annotations

import json
from pathlib import Path

from fpt_calc.cli.output import Outputs
from fpt_calc.cli.sources import read_entry
from fpt_calc.collection import verify
from fpt_calc.errors import ComputationError, InputError


def run_derive(file: Path, target: str | None, as_json: bool, outputs: Outputs) -> str:
    """The text or JSON to print; raises `ComputationError` where a check comes out otherwise than expected."""
    if target is not None or outputs != Outputs():
        what = "a scaling law has no targets to choose and no files to write"
        raise InputError(what, where=file.name, remedy="give the file alone, or with --json")
    report = verify(read_entry(file))
    if not report.passed:
        raise ComputationError(f"a check came out otherwise than expected: {report}", where=file.name)
    if as_json:
        checks = [{"name": c.name, "verdict": c.verdict.name, "evidence": c.finding} for c in report.checks]
        return json.dumps({"title": report.title, "checks": checks}, indent=2)
    return str(report)
