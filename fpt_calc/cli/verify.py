"""`fpt-calc verify`."""

from __future__ import annotations

import json
from pathlib import Path

from fpt_calc.problem import located
from fpt_calc.verify import verify


def run(file: Path, as_json: bool) -> tuple[str, int]:
    """What to print, and 1 as exit status if a statement is refused; raises `InputError` for what is no certificate."""
    with located(file.name):
        report = verify(file)
    status = 0 if report.accepted else 1
    if not as_json:
        return str(report), status
    findings = [{"status": f.status, "text": f.text} for f in report.findings]
    return json.dumps({"accepted": report.accepted, "findings": findings}, indent=2), status
