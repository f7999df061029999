"""Entries that state scaling laws: the collection, and the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from fpt_calc.claims import Verdict
from fpt_calc.cli.main import main
from fpt_calc.collection import ScalingEntry, entry_outcomes, verify
from fpt_calc.scaling.entry import Finding, ScalingCheck, Word

FILE = """from fpt_calc.collection import ScalingEntry
from fpt_calc.scaling.entry import Finding, ScalingCheck

ENTRY = ScalingEntry("a law", (ScalingCheck("1 = 1", lambda: Finding("{found}", "seen"), "PROVED"),))
"""
WORDS: tuple[Word, ...] = ("PROVED", "CERTIFIED", "CONSISTENT", "REFUTED", "UNDECIDED")


@pytest.mark.parametrize("expected", WORDS)
@pytest.mark.parametrize("found", WORDS)
def test_a_check_passes_if_its_verdict_is_the_expected_one(found: Word, expected: Word) -> None:
    entry = ScalingEntry("a law", (ScalingCheck("1 = 1", lambda: Finding(found, "seen"), expected),))
    assert verify(entry).passed == (found == expected)
    (outcome,) = entry_outcomes(entry, "file.py")
    assert outcome.verdict is Verdict[found] and outcome.passed == (found == expected)


def test_the_command_line_runs_an_entry(tmp_path: Path) -> None:
    file = tmp_path / "law.py"
    file.write_text(FILE.format(found="PROVED"), encoding="utf-8")
    text = CliRunner().invoke(main, ["derive", str(file)])
    assert text.exit_code == 0 and "PROVED     1 = 1: seen" in text.output
    found = json.loads(CliRunner().invoke(main, ["derive", str(file), "--json"]).output)
    assert found == {"title": "a law", "checks": [{"name": "1 = 1", "verdict": "PROVED", "evidence": "seen"}]}
    checked = CliRunner().invoke(main, ["check", str(file)])
    assert checked.exit_code == 0 and "as expected" in checked.output


def test_an_entry_that_fails_is_told(tmp_path: Path) -> None:
    file = tmp_path / "law.py"
    file.write_text(FILE.format(found="REFUTED"), encoding="utf-8")
    assert CliRunner().invoke(main, ["check", str(file)]).exit_code == 1
    assert CliRunner().invoke(main, ["derive", str(file)]).exit_code == 1


@pytest.mark.parametrize(
    "arguments",
    [["derive", "--target", "x"], ["derive", "--latex", "x.tex"], ["simulate"]],
    ids=["target", "latex", "simulate"],
)
def test_what_an_entry_cannot_do_is_told_in_one_line(tmp_path: Path, arguments: list[str]) -> None:
    file = tmp_path / "law.py"
    file.write_text(FILE.format(found="PROVED"), encoding="utf-8")
    command, *options = arguments
    told = CliRunner().invoke(main, [command, str(file), *options])
    assert told.exit_code == 2 and "scaling law" in told.stderr and told.stderr.count("\n") == 1
