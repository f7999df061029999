"""`fpt-calc scale` on files and on the question of somebody with a curve."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from tests.commands import PROBLEMS, in_a_process, run, written

COLLAPSE = (PROBLEMS / "scaling" / "collapse.toml").read_text(encoding="utf-8")


def test_a_file_with_claims() -> None:
    result = run("scale", PROBLEMS / "scaling" / "collapse.toml", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.output)["scaling"]["error"]
    assert [c["verdict"] for c in found["claims"]] == ["PROVED", "REFUTED"]
    (case,) = found["cases"]
    assert {r["exponent"] for r in case["regimes"]} == {"0", "ell/beta - a", "ell/beta - 1", "-2*r*ell"}
    assert {o["exponent"] for o in case["optimal"]} == {"-2*beta*r/(2*beta*r + 1)", "-2*beta*r*a/(2*beta*r + 1)"}
    assert all(o["prefactor"] is not None and o["constant"] is not None for o in case["optimal"])


def test_a_claim_that_comes_out_otherwise_gives_exit_status_1(tmp_path: Path) -> None:
    file = written(tmp_path, COLLAPSE.replace('expect = "refuted"', 'expect = "proved"'))
    result = run("scale", file)
    assert result.exit_code == 1
    assert "REFUTED, where PROVED was expected" in result.output


def test_text_latex_and_picture(tmp_path: Path) -> None:
    document, picture = tmp_path / "law.tex", tmp_path / "law.png"
    result = run("scale", PROBLEMS / "scaling" / "collapse.toml", "--latex", document, "--plot", picture)
    assert result.exit_code == 0, result.output
    assert "choose lam = c_lam*T**(-beta/(2*beta*r + 1))" in result.output
    assert r"\begin{document}" in document.read_text(encoding="utf-8")
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_a_problem_file_of_traces() -> None:
    result = run("scale", PROBLEMS / "scaling" / "ridge.toml", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.output)["scaling"]
    assert {name: law["exponent"] for name, law in found.items()} == {"bias": "-2*ell*r", "variance": "-1 + ell/beta"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('size  = "T"', "", "no size that grows"),
        ('size  = "T"', 'size = "N"', "no size 'N'"),
        ('lam   = "T**-ell"', 'lam = "T**-ell + T"', "the sum"),
        ('lam   = "T**-ell"', 'lamb = "T**-ell"', "no quantity 'lamb'"),
        ('lam   = "T**-ell"', "lam = \"__import__('os')\"", "no product of powers"),
        ('Sigma = { power_law = "beta" } ', 'Sigma = { power = "beta" } ', "no spectrum that scales"),
        ('assume = ["r < 1"]', 'assume = ["r << 1"]', "is no formula"),
        ('assume = ["r < 1"]', 'assume = ["r < 1", "r > 2"]', "no parameters satisfy"),
        ('assume = ["r < 1"]', 'optimal = "q"', "no exponent 'q'"),
        ('assume = ["r < 1"]', "optimal = 3", "no exponent 3"),
        ('assume = ["r < 1"]', "assume = 3", "no list of inequalities"),
        ('assume = ["r < 1"]', 'at = { beta = "x" }', "no exponent or parameter 'x'"),
        ('assume = ["r < 1"]', "at = 3", "no table of numbers"),
        ('assume = ["r < 1"]', 'at = { beta = "1/2" }', "beta = 1/2"),
        ('expect = "refuted"', 'expect = "false"', "no list of claims"),
        ("[scaling]", "[scalin]", "unknown key"),
    ],
)
def test_bad_files_give_one_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in COLLAPSE
    result = run("scale", written(tmp_path, COLLAPSE.replace(old, new)))
    assert result.exit_code == 2, result.output
    assert message in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give a pipeline file, or --beta"),
        (("file.toml", "--beta", "2"), "give a pipeline file, or --beta"),
        (("--beta", "two"), "'two' is no number"),
        (("--beta", "1"), "between 1 and 64"),
        (("--beta", "1e400"), "between 1 and 64"),
        (("--beta", "1.4", "--synthetic", "1.5"), "between 0 and 1"),
        (("--beta", "1.4", "--r", "0"), "between 0 and 64"),
        (("--beta", "1.4", "--value", "bias"), "need a file"),
        (("none.toml",), "cannot be read"),
    ],
)
def test_bad_questions_give_one_line(arguments: tuple[str, ...], message: str) -> None:
    result = run("scale", *arguments)
    assert result.exit_code == 2, result.output
    assert message in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_question_is_answered_with_sizes_and_ridges() -> None:
    """beta = 1.4, r = 1/2, 10% synthetic: the clean law until T = share**-(2 + 1/(beta r)), then the floor share**2."""
    result = in_a_process("scale", "--beta", "1.4", "--r", "0.5", "--synthetic", "0.1", "--json")
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout)
    (clean,) = answer["clean"]
    assert clean["error"] == clean["lam"] == "T**(-7/12)"  # 2 beta r/(2 beta r + 1), beta/(2 beta r + 1)
    first, second = sorted(answer["mixed"], key=lambda regime: regime["sizes"])
    assert first["error"] == "T**(-7/12)"
    assert second["error"] == "share**2"
    size = float(second["sizes"][0].removeprefix("T > "))
    assert math.isclose(size, 0.1 ** -(2 + 1 / 0.7), rel_tol=5e-3)  # three digits are shown
    assert second["lam"] == ["share**2", "1/(T**(7/5)*share**(14/5))"]  # share**(1/r) ... T**-beta share**(-2 beta)
