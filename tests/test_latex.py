"""The LaTeX documents say what they said before; `tests/test_latex_compile.py` compiles them.

The files in tests/golden/ are what `fpt-calc derive` printed when it was last looked at.  After an intended change:

    UPDATE_GOLDEN=1 python -m pytest tests/test_latex.py

writes them anew; look at the difference before it is committed.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.commands import PROBLEMS, run

GOLDEN = Path(__file__).parent / "golden"


def latex(problem: Path, folder: Path) -> Path:
    output = folder / "law.tex"
    result = run("derive", problem, "--latex", output, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    return output


@pytest.mark.parametrize("name", ["ridge", "two_groups"])
def test_documents_and_json_are_as_they_were(name: str, tmp_path: Path) -> None:
    problem = PROBLEMS / f"{name}.toml"
    report = json.loads(run("derive", problem, "--json", "--digits", "10").stdout)
    for target in report["targets"].values():
        del target["seconds"]
    printed = {
        GOLDEN / f"{name}.json": json.dumps(report, indent=2) + "\n",
        GOLDEN / f"{name}.tex": latex(problem, tmp_path).read_text(encoding="utf-8"),
    }
    for file, text in printed.items():
        if "UPDATE_GOLDEN" in os.environ:
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        assert text == file.read_text(encoding="utf-8"), f"{file.name} differs; see the docstring of this file"
