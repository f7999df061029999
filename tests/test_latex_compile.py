"""Every derivation and every problem as a LaTeX document: pdflatex accepts it and no line sticks out of the page."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from fpt_calc.cli.sources import is_scaling_file
from tests.commands import PROBLEMS, RIDGE, run, written

DERIVATIONS = Path(__file__).parent.parent / "derivations"
FILES = sorted([*(f for f in DERIVATIONS.glob("[a-z]*.py") if not is_scaling_file(f)), *PROBLEMS.glob("*.toml")])
OVERFULL = 20.0  # points by which a line may stick out
ONE_PAGE = {"ridge_bias.py", "semicircle.py", "marchenko_pastur.py"}

ODD_NAMES = (
    RIDGE.replace("Ridge regression", r"100% {λ_1} \\ ~ ^ # $ & <|> naïve — Łódź ≥ Ω 中")
    .replace("Theta", "A_long_name_2")
    .replace("sigma", "sigma_epsilon")
    .replace("bias", "bias_under_shift")
    .replace("Test", "omega_test")
)
FIXED_AND_COMPLEX = """
title = "Complex data, fixed dimensions, shares of a dimension"
dims = ["n", "d"]

[scalars]
z = "upper"
gamma_2 = "nonnegative"
p1 = "fraction"

[matrices]
X_1 = { shape = ["p1*n", "d"], law = "gaussian", covariance = "Sigma_x", variance = "1/n", field = "complex" }
W = { shape = ["d", "d"], law = "wigner", variance = "1/d", field = "complex" }
Sigma_x = { shape = ["d", "d"], psd = true, field = "complex" }
w0 = { shape = ["d", 1] }
U = { shape = ["d", 3] }

[let]
Q = "inv(X_1.H @ X_1 + gamma_2*W - z)"

[targets]
form = "w0.T @ Q @ w0"
overlaps = "Tr(U.T @ Q @ Sigma_x @ U)"
density = "tau(Q)"
"""

needs_pdflatex = pytest.mark.skipif(
    shutil.which("pdflatex") is None and "CI" not in os.environ, reason="pdflatex is not on the PATH"
)


def compiled(source: Path, folder: Path) -> str:
    """The log of pdflatex for the document of a file."""
    document = folder / "law.tex"
    result = run("derive", source, "--latex", document, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    assert document.read_text(encoding="utf-8").startswith("\\documentclass")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", document.name]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    return (folder / "law.log").read_text(encoding="utf-8", errors="replace").replace("\n", " ")


def assert_clean(log: str) -> None:
    excess = [float(points) for points in re.findall(r"Overfull \\hbox \(([\d.]+)pt too wide\)", log)]
    assert max(excess, default=0.0) <= OVERFULL
    assert "Undefined control sequence" not in log
    assert not re.search(r"LaTeX Warning: (Reference|Citation|Label|There were undefined)", log)


@needs_pdflatex
@pytest.mark.parametrize("file", FILES, ids=[f.name for f in FILES])
def test_the_document_compiles_and_its_lines_fit(file: Path, tmp_path: Path) -> None:
    log = compiled(file, tmp_path)
    assert_clean(log)
    if file.name in ONE_PAGE:
        assert "(1 page," in log


@needs_pdflatex
@pytest.mark.parametrize("text", [ODD_NAMES, FIXED_AND_COMPLEX], ids=["odd names", "fixed and complex"])
def test_documents_of_unusual_problems_compile(text: str, tmp_path: Path) -> None:
    assert_clean(compiled(written(tmp_path, text), tmp_path))


@needs_pdflatex
def test_the_parts_make_a_document(tmp_path: Path) -> None:
    """Macros, statement and proof, pasted into an article of one's own."""
    parts = {}
    for part in ("macros", "statement", "proof"):
        output = tmp_path / f"{part}.tex"
        assert run("derive", PROBLEMS / "ridge.toml", "--latex", output, "--latex-part", part).exit_code == 0
        parts[part] = output.read_text(encoding="utf-8")
    text = "\n".join(
        [
            r"\documentclass{amsart}",
            r"\newtheorem{theorem}{Theorem}",
            parts["macros"],
            r"\begin{document}",
            parts["statement"],
            parts["proof"],
            r"\end{document}",
        ]
    )
    (tmp_path / "paper.tex").write_text(text, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stdout[-2000:]
