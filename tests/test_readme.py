"""The README shows true output, and its commands name things that exist."""

from __future__ import annotations

import re
from pathlib import Path

from click.testing import CliRunner

from fpt_calc.cli.main import main

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", README, flags=re.DOTALL)


def test_the_output_of_the_main_job_is_what_the_readme_shows() -> None:
    done = CliRunner().invoke(main, ["derive", str(ROOT / "tests/problems/ridge.toml")])
    assert done.exit_code == 0
    shown = blocks("text")[0].splitlines()
    # the residual is rounding, and differs between machines
    keep = [line for line in done.output.splitlines() if "residual" not in line]
    assert [line for line in shown if "residual" not in line] == keep


def test_the_problem_file_is_the_one_that_runs() -> None:
    assert blocks("toml")[0].strip() == (ROOT / "tests/problems/ridge.toml").read_text(encoding="utf-8").strip()


def test_the_two_commands_are_single_lines_that_install_what_they_need() -> None:
    run, test = (block.strip() for block in blocks("bash"))
    assert "\n" not in run and "pip install" in run and "fpt-calc derive tests/problems/ridge.toml" in run
    assert "\n" not in test and "pip install" in test and test.endswith("-m pytest -n auto")
