"""`fpt-calc check`."""

from __future__ import annotations

import json
import os
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from fpt_calc.claims import Outcome, Verdict, check_claims, is_claim_file
from fpt_calc.cli.sources import read_entry
from fpt_calc.collection import entry_outcomes
from fpt_calc.errors import InputError
from fpt_calc.problem import read_toml

WIDTH = 118
_NOTE = (
    "Verdicts are about the derived large-dimension limit; that the limit is that of the random matrices is a cited "
    "theorem (Helton, Rashidi Far, Speicher 2007; Haagerup, Thorbjornsen 2005)."
)


def run(path: Path, as_json: bool) -> tuple[str, int]:
    """The text or JSON to print, and the exit status: 1 if a verdict is not the expected one."""
    files = _files(path)
    found: list[Outcome] = []
    parts: list[str] = []
    for file, (title, own) in zip(files, _checked(files), strict=True):
        if sys.stderr.isatty():
            print(f"checked {file}", file=sys.stderr)
        found += own
        parts += [f"{file}: {title}", *(line for o in own for line in _lines(o)), ""]
    status = 0 if all(o.passed for o in found) else 1
    if as_json:
        return json.dumps({"claims": [o.to_json() for o in found]}, indent=2), status
    return "\n".join([*parts, *_summary(found)]), status


def _checked(files: Sequence[Path]) -> Iterator[tuple[str, list[Outcome]]]:
    """The title and the outcomes of each file; several files are shared among the cores."""
    if len(files) == 1:
        yield _outcomes(files[0])
        return
    with ProcessPoolExecutor(min(len(files), os.cpu_count() or 1)) as pool:
        yield from pool.map(_outcomes, files)


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise InputError("no such file", where=str(path), remedy="check the path")
    if not path.is_dir():
        return [path]
    found = [f for f in sorted(path.rglob("*")) if _has_claims(f)]
    if not found:
        raise InputError("no claims in this folder", where=str(path), remedy="give a file with [[claim]]")
    return found


def _has_claims(file: Path) -> bool:
    """Claim files, and the programs of a collection, which define ENTRY."""
    if file.suffix == ".toml":
        return is_claim_file(read_toml(file))
    return file.suffix == ".py" and "\nENTRY = " in file.read_text(encoding="utf-8", errors="replace")


def _outcomes(file: Path) -> tuple[str, list[Outcome]]:
    if file.suffix != ".py":
        title, outcomes = check_claims(file)
        return title, list(outcomes)
    entry = read_entry(file)
    return entry.title, list(entry_outcomes(entry, str(file)))


def _lines(outcome: Outcome) -> Iterator[str]:
    expected = outcome.expected
    told = "" if expected is None else "as expected" if outcome.passed else f"EXPECTED {expected.name}"
    yield f"  {outcome.index:>2}  {outcome.verdict.name:<10} {outcome.target}   {told}".rstrip()
    for text in filter(None, (outcome.statement, outcome.evidence)):
        yield from textwrap.wrap(text, WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 8, break_long_words=False)


def _summary(found: Sequence[Outcome]) -> list[str]:
    counts = Counter(o.verdict for o in found)
    told = ", ".join(f"{counts[v]} {v.name}" for v in Verdict if counts[v])
    wrong = sum(not o.passed for o in found)
    end = "none against expectation" if not wrong else f"{wrong} AGAINST EXPECTATION"
    legend = [f"  {v.name:<10} {v.value}" for v in Verdict if counts[v]]
    return [f"{len(found)} claims: {told}; {end}", *legend, *textwrap.wrap(_NOTE, WIDTH)]
