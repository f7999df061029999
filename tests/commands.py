"""The command line called from tests: in this process, or as a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner, Result

from fpt_calc.cli.main import main
from fpt_calc.cli.sources import is_pipeline_file, is_scaling_file

PROBLEMS = Path(__file__).parent / "problems"
RIDGE = (PROBLEMS / "ridge.toml").read_text(encoding="utf-8")
NO_AT = RIDGE[: RIDGE.index("[at]")]


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


def is_law_file(file: Path) -> bool:
    """Whether a file of derivations/ has the law of an expression, which has LaTeX, code and a certificate."""
    return not is_pipeline_file(file) and not is_scaling_file(file)


def in_a_process(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from fpt_calc.cli.main import main; main()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def written(folder: Path, text: str, name: str = "problem.toml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file
