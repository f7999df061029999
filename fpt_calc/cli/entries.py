"""Running a file of `derivations/` by itself."""

from __future__ import annotations

import sys
from typing import NoReturn

import click

from fpt_calc.collection import AnyEntry, verify


def main(entry: AnyEntry) -> NoReturn:
    """Derive and check an entry, print the report, exit with status 0 if every check passed."""
    report = verify(entry)
    click.echo(str(report))
    sys.exit(0 if report.passed else 1)
