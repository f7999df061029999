"""Bad input and failures on the command line: one line on standard error, and the exit status of the contract."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.commands import NO_AT, PROBLEMS, RIDGE, in_a_process, run, written

INSIDE_A_SPECTRUM = """
dims = ["d"]
[scalars]
x = "real"
[matrices]
W = { shape = ["d", "d"], law = "wigner", variance = "1/d", field = "complex" }
[targets]
m = "tau(inv(W - x))"
[at]
d = 100
x = "1/2"
"""


# Bad input: one line, exit status 2


def edit(old: str, new: str, text: str = RIDGE) -> Callable[[Path], list[Any]]:
    assert old in text
    return lambda folder: ["derive", written(folder, text.replace(old, new))]


def options(*arguments: str, text: str = RIDGE, command: str = "derive") -> Callable[[Path], list[Any]]:
    return lambda folder: [command, written(folder, text), *arguments]


def python(text: str) -> Callable[[Path], list[Any]]:
    return lambda folder: ["derive", written(folder, text, "entry.py")]


BAD: dict[str, tuple[Callable[[Path], list[Any]], Sequence[str]]] = {
    "incomplete [at]": (edit('lam = "1/10"', ""), ("problem.toml: at", "no value for lam", "add lam = ")),
    "wrong value": (edit('lam = "1/10"', "lam = -1"), ("problem.toml: at.lam", "-1 contradicts", "change the value")),
    "unknown matrix": (edit("Theta @ R", "Tehta @ R"), ("targets.bias", "'Tehta'", "did you mean 'Theta'?")),
    "shapes": (edit("X.T @ X", "X @ X"), ("problem.toml: let.R", "n x d and n x d do not multiply", "transpose")),
    "no ridge": (
        edit("inv(X.T @ X + lam)", "inv(X.T @ X)"),
        ("problem.toml: targets.bias: inv(X.T@X)", "no constant", "add a ridge"),
    ),
    "no array": (
        edit("{ power_law = 0.5 }", '{ matrix = "theta.npy" }'),
        ("problem.toml: at.Theta", "no file 'theta.npy'", "paths start at"),
    ),
    "unknown table": (edit("[let]", "[lets]"), ("problem.toml: lets", "unknown key", "did you mean 'let'?")),
    "reserved table": (edit("[at]", "[[sweep]]\nlam = 1\n[at]"), ("problem.toml: sweep", "reserved", "remove it")),
    "no such limit": (
        edit("[at]", '[limits]\nlam = "0-"\n[at]'),
        ("problem.toml: limits.lam", "positive, cannot tend to '0-'", "0+"),
    ),
    "limit of a matrix": (
        edit("[at]", '[limits]\nSigma = "0+"\n[at]'),
        ("problem.toml: limits.Sigma", "no scalar, dimension or ratio", "sigma"),
    ),
    "limit of a number": (edit("[at]", "[limits]\nlam = 0\n[at]"), ("problem.toml: limits.lam", "in quotes")),
    "malformed": (edit("[let]", "[let"), ("problem.toml", "malformed TOML", "line 14", "mend")),
    "empty": (lambda folder: ["derive", written(folder, "")], ("problem.toml: targets", "nothing is asked for", "add")),
    "no file": (lambda folder: ["derive", folder / "ridge.toml"], ("ridge.toml", "no such file", "check the path")),
    "a folder": (lambda folder: ["derive", folder], ("this is a folder", "give a problem file")),
    "target": (options("--target", "bais"), ("problem.toml: --target", "no target 'bais'", "did you mean 'bias'?")),
    "far target": (options("--target", "x"), ("problem.toml: --target", "no target 'x'", "bias, variance")),
    "digits": (options("--digits", "0"), ("--digits", "not in the range", "derive --help")),
    "unknown option": (options("--jsn"), ("--jsn", "derive --help")),
    "no FILE": (lambda _: ["derive"], ("Missing argument 'FILE'", "derive --help")),
    "unknown command": (lambda _: ["drive"], ("'drive'", "--help")),
    "no command": (lambda _: [], ("Missing command", "--help")),
    "LaTeX nowhere": (
        lambda folder: ["derive", written(folder, NO_AT), "--latex", folder / "no" / "law.tex"],
        ("--latex", "cannot write law.tex", "a folder that exists"),
    ),
    "nothing to simulate": (options(text=NO_AT, command="simulate"), ("problem.toml: at", "nothing to", "add an [at]")),
    "one trial": (options("--trials", "1", command="simulate"), ("--trials", "x>=2", "simulate --help")),
    "negative seed": (options("--seed", "-1", command="simulate"), ("--seed", "x>=0", "simulate --help")),
    "ensemble": (options("--ensemble", "GOE", command="simulate"), ("'GOE'", "'model', 'limit'", "--help")),
    "Python without an entry": (python("x = 1"), ("entry.py", "no ENTRY", "give a problem file")),
    "another ENTRY": (python("ENTRY = {}"), ("entry.py", "no ENTRY", "give a problem file")),
    "Python that fails": (python("1 / 0"), ("entry.py", "ZeroDivisionError", "run it with python")),
    "no Python": (python("def ("), ("entry.py", "SyntaxError", "run it with python")),
    "Python that leaves": (python("raise SystemExit(0)"), ("entry.py", "SystemExit", "run it with python")),
    "Python with a bad matrix": (
        python("import fpt_calc as fc\nn, d = fc.dims('n d')\nfc.matrix('A', n, d, 'psd')"),
        ("entry.py", "psd", "n x d"),
    ),
}


@pytest.mark.parametrize(("command", "words"), BAD.values(), ids=BAD.keys())
def test_bad_input_is_one_line_with_status_2(
    command: Callable[[Path], list[Any]], words: Sequence[str], tmp_path: Path
) -> None:
    result = run(*command(tmp_path))
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    assert re.fullmatch(r"fpt-calc: [^\n]+\n", result.stderr), result.stderr
    for word in words:
        assert word in result.stderr


def test_a_computation_that_fails_is_one_line_with_status_1(tmp_path: Path) -> None:
    result = run("derive", written(tmp_path, INSIDE_A_SPECTRUM), "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert re.fullmatch(r"fpt-calc: problem.toml: at: .*zero lies in the spectrum.*; .*add a ridge\n", result.stderr)


def test_a_defect_of_the_program_is_one_line_with_status_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fpt_calc.cli.derive.run", lambda *_: 1 / 0)
    result = run("derive", PROBLEMS / "ridge.toml")
    assert result.exit_code == 1
    assert re.fullmatch(r"fpt-calc: internal error \(ZeroDivisionError: .*\); please report .*\n", result.stderr)


# Whole processes


@pytest.mark.parametrize(
    ("text", "status", "line"),
    [
        (RIDGE, 0, ""),
        (RIDGE.replace("[at]", "[att]"), 2, "fpt-calc: problem.toml: att: unknown key; did you mean 'at'?\n"),
        (INSIDE_A_SPECTRUM, 1, None),
    ],
    ids=["success", "bad input", "failure"],
)
def test_exit_status_and_standard_error_of_a_process(text: str, status: int, line: str | None, tmp_path: Path) -> None:
    done = in_a_process("derive", written(tmp_path, text), "--json")
    assert done.returncode == status
    assert bool(done.stdout) == (status == 0)
    assert done.stderr == line if line is not None else done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
