"""The LaTeX documents: pdflatex accepts them, nothing sticks out, and they say what they said before.

The files in tests/golden/ are what `fpt-calc derive` printed when it was last looked at.  After an intended change:

    UPDATE_GOLDEN=1 python -m pytest tests/test_latex.py

writes them anew; look at the difference before it is committed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.commands import PROBLEMS, RIDGE, run, written

GOLDEN = Path(__file__).parent / "golden"
OVERFULL = 20.0  # points by which a line may stick out

needs_pdflatex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not on the PATH")

ODD = (
    RIDGE.replace("Ridge regression", r"100% {λ_1} \\ ~ ^ # $ & <|> naïve — Łódź ≥ Ω 中")
    .replace("Theta", "A_long_name_2")
    .replace("sigma", "sigma_epsilon")
    .replace("bias", "bias_under_shift")
)
TEXTS = {file.stem: file.read_text(encoding="utf-8") for file in sorted(PROBLEMS.glob("*.toml"))} | {"odd names": ODD}


def latex(problem: Path, folder: Path) -> Path:
    output = folder / "law.tex"
    result = run("derive", problem, "--latex", output, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    return output


@needs_pdflatex
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_pdflatex_accepts_the_document_and_its_lines_fit(text: str, tmp_path: Path) -> None:
    document = latex(written(tmp_path, text), tmp_path)
    assert document.read_text(encoding="utf-8").startswith("\\documentclass")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", document.name]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    log = (tmp_path / "law.log").read_text(encoding="utf-8", errors="replace")
    excess = [float(points) for points in re.findall(r"Overfull \\hbox \(([\d.]+)pt too wide\)", log)]
    assert max(excess, default=0.0) <= OVERFULL
    assert "LaTeX Warning: Reference" not in log


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
