"""The benchmark scripts run, and their pencils and systems stay as small as they claim to be."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "benchmarks"


def total(listed: str) -> int:
    return sum(map(int, listed.split(" + ")))


@pytest.mark.slow
def test_the_comparison_with_the_peer() -> None:
    command = [sys.executable, str(FOLDER / "bench_peer.py"), "--json", "--runs", "1"]
    report = json.loads(subprocess.check_output(command, text=True))
    assert len(report["cases"]) == 10
    for case in report["cases"]:
        listed = case["listed"]
        assert all(int(states) <= total(listed["states"]) for states in case["states"].split(" + "))
        assert case["unknowns"] + case["linear_unknowns"] <= total(listed["equations"])
        assert case["unknowns"] <= 4


@pytest.mark.slow
def test_certified_numbers_have_their_digits() -> None:
    table = subprocess.check_output([sys.executable, str(FOLDER / "bench_certify.py"), "--runs", "1"], text=True)
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:]]
    assert len(rows) == 8
    assert all(row[3] == row[4] and float(row[-1]) < 1 for row in rows)


@pytest.mark.slow
def test_large_problems_are_solved() -> None:
    table = subprocess.check_output([sys.executable, str(FOLDER / "bench_solver.py"), "--runs", "1"], text=True)
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:]]
    assert len(rows) == 3
    assert all(row[-1] == "SUCCESS" and float(row[-2]) > 10 and float(row[-3]) < 1e-12 for row in rows)
