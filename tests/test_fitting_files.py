"""`fpt-calc fit`: what files it reads, what it says about them, and that nothing bad passes in silence."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fpt_calc.cli.fit import NOISELESS, NOISY, ZIPF, predictions
from fpt_calc.errors import InputError
from fpt_calc.scaling.fitting import fit_curve, fit_spectrum
from fpt_calc.scaling.fitting.distributions import student_two_sided
from tests.commands import in_a_process, run, written
from tests.fitting_cases import Planted, crossed, noisy, sizes_of

SIZES = sizes_of(10)
LOSSES = noisy(Planted().losses(SIZES), 0.02, 3)


def table(header: Sequence[str], *columns: Sequence[float], separator: str = ",") -> str:
    rows = [separator.join(f"{x:.12g}" for x in row) for row in zip(*columns, strict=True)]
    return "\n".join([separator.join(header), *rows]) + "\n"


GOOD = table(("size", "loss"), SIZES, LOSSES)


def fitted(file: Path, *arguments: str | Path) -> dict[str, Any]:
    """The JSON of a run that succeeds; strict, without infinities."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    result = run("fit", file, "--json", *arguments)
    assert (result.exit_code, result.stderr) == (0, ""), result.stderr
    return json.loads(result.stdout, parse_constant=refuse)


def refused(file: Path, *arguments: str | Path) -> str:
    result = run("fit", file, *arguments)
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    assert result.stderr.count("\n") == 1 and "internal" not in result.stderr
    return result.stderr


# files that are read --------------------------------------------------------------------------------------------------

SPELLINGS = {
    "spelling": table(("N", "Test Error"), SIZES, LOSSES),
    "semicolons": table(("Samples", "RISK"), SIZES, LOSSES, separator=";"),
    "tabs": table(("t", "test-loss"), SIZES, LOSSES, separator="\t"),
    "spaces": table(("n", "mse"), SIZES, LOSSES, separator="   "),
    "order of columns": table(("loss", "size"), LOSSES, SIZES),
    "comments and blank lines": "# of a run\n\n" + GOOD.replace("\n", "\n\n# more\n"),
    "header in a comment": "# " + GOOD,
    "quotes": GOOD.replace("size,loss", '"size", "loss"'),
    "byte order mark": "\ufeff" + GOOD,
    "windows": GOOD.replace("\n", "\r\n"),
    "a column of zeros": table(("size", "loss", "share"), SIZES, LOSSES, 0 * SIZES),
}


@pytest.mark.parametrize("text", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_spellings(text: str, tmp_path: Path) -> None:
    """All say the same; a comment in front of the header is no header."""
    file = tmp_path / "curve.csv"
    file.write_bytes(text.removeprefix("# of a run\n").encode())
    assert fitted(file) == fitted(written(tmp_path, GOOD, "curve.csv"))


def test_the_command_says_what_the_function_finds(tmp_path: Path) -> None:
    law = fit_curve([float(f"{x:.12g}") for x in SIZES], [float(f"{y:.12g}") for y in LOSSES])
    report = fitted(written(tmp_path, GOOD, "curve.csv"))
    for name, estimate in (("exponent", law.exponent), ("floor", law.floor), ("amplitude", law.amplitude)):
        assert report[name] == {"value": estimate.value, "low": estimate.low, "high": estimate.high}
    assert report["degrees_of_freedom"] == len(SIZES) - 3
    assert report["chi_squared"] is report["share"] is report["generation"] is report["spectrum"] is None
    text = run("fit", written(tmp_path, GOOD, "curve.csv")).stdout
    assert report["law"] in text
    assert f"{law.exponent.value:.4g}" in text and f"[{law.floor.low:.4g}, {law.floor.high:.4g}]" in text
    assert "profile likelihood" in text and "Ten times more data" in text and "within 10% of the floor" in text


def test_a_process_of_its_own(tmp_path: Path) -> None:
    result = in_a_process("fit", written(tmp_path, GOOD, "curve.csv"))
    assert (result.returncode, result.stderr) == (0, "")
    assert "loss = " in result.stdout
    bad = in_a_process("fit", tmp_path / "none.csv")
    assert (bad.returncode, bad.stdout) == (2, "")
    assert bad.stderr == "fpt-calc: none.csv: no such file; check the path\n"


@pytest.mark.parametrize(
    ("planted", "column", "words"),
    [
        (Planted(share=0.5), "share", ["share^2", "strong collapse", "not rejected", "all data (AICc better by"]),
        (Planted(share=0.5, power=1.0), "share", ["is rejected"]),
        (Planted(share=0.5, real_size=True), "p2", ["size (1 - share)", "the real data"]),
        (Planted(generation=0.05), "gen", ["linear", "least squares in every generation", "same at every size"]),
        (
            Planted(generation=0.05, ratio=0.5),
            "generation",
            ["saturating", "ridge in every generation", "^generation)/(1 - "],
        ),
    ],
)
def test_effects_are_told(planted: Planted, column: str, words: Sequence[str], tmp_path: Path) -> None:
    share = column in ("share", "p2")
    sizes, other = crossed(sizes_of(6, 5e4), [0.0, 0.1, 0.3, 0.5] if share else [0, 1, 2, 4, 7])
    exact = planted.losses(sizes, other) if share else planted.losses(sizes, 0.0, other)
    file = written(tmp_path, table(("size", "loss", column), sizes, noisy(exact, 0.01, 1), other), "curve.csv")
    text = " ".join(run("fit", file).stdout.split())
    assert all(word in text for word in words), text


def test_errors_give_chi_squared(tmp_path: Path) -> None:
    file = written(tmp_path, table(("size", "loss", "se"), SIZES, LOSSES, 0.02 * LOSSES), "curve.csv")
    report = fitted(file)
    assert 0 < report["goodness"] < 1 and report["chi_squared"] > 0
    assert "chi^2" in run("fit", file).stdout


def test_a_short_range_is_said_to_be_one(tmp_path: Path) -> None:
    file = written(tmp_path, "n,loss\n100,1\n200,.71\n300,.58\n400,.5\n", "curve.csv")
    text = " ".join(run("fit", file).stdout.split())
    assert "The floor and the exponent cannot be told apart in this range: the sizes span a factor of 4," in text
    report = fitted(file)
    assert not report["exponent_identified"] and report["exponent_without_floor"]["low"] > 0.4


# theory ---------------------------------------------------------------------------------------------------------------


def readings(report: dict[str, Any]) -> dict[tuple[str, str], dict[str, float] | None]:
    return {(r["law"], r["quantity"]): r["estimate"] for r in report["readings"]}


def test_readings_invert_the_predictions(tmp_path: Path) -> None:
    """Each reading, put into the prediction, gives the measured exponent back."""
    file = written(tmp_path, GOOD, "curve.csv")
    plain, by_beta, by_r = fitted(file), fitted(file, "--beta", "3/2"), fitted(file, "--r", "0.4")
    for end in ("value", "low", "high"):
        c = plain["exponent"][end]
        for name in (NOISELESS, NOISY):
            m, r, beta = (
                readings(report)[name, quantity]
                for report, quantity in ((plain, "2 beta r'"), (by_beta, "r'"), (by_r, "beta"))
            )
            assert m is not None and r is not None and beta is not None
            for at in ((m[end] / 2, 1.0), (1.5, r[end]), (beta[end], 0.4)):
                assert predictions(*at)[name] == pytest.approx(c, rel=1e-9)
        zipf = readings(plain)[ZIPF, "beta"]
        assert zipf is not None and predictions(zipf[end], 1.0)[ZIPF] == pytest.approx(c, rel=1e-9)


@pytest.mark.parametrize(
    ("beta", "r", "consistent"), [("3/2", "1/3", NOISY), ("1.5", "1/6", NOISELESS), ("2", "3", ZIPF)]
)
def test_comparisons(beta: str, r: str, consistent: str, tmp_path: Path) -> None:
    """Exponent 1/2, planted: 2 beta r'/(2 beta r' + 1) at 2 beta r' = 1, 2 beta r' at 1/2, and 1 - 1/beta at 2."""
    report = fitted(written(tmp_path, GOOD, "curve.csv"), "--beta", beta, "--r", r)
    assert {c["name"] for c in report["comparisons"] if c["consistent"]} == {consistent}
    assert all(c["consistent"] == (c["p"] >= 0.05) for c in report["comparisons"])
    assert readings(report).keys() == {(NOISELESS, "2 beta r'"), (NOISY, "2 beta r'"), (ZIPF, "beta")}


def test_steep_curves_are_not_noisy(tmp_path: Path) -> None:
    """An exponent above one is beyond 2 beta r'/(2 beta r' + 1) and 1 - 1/beta."""
    losses = noisy(Planted(100.0, 1.5, 0.0).losses(SIZES), 0.02, 1)
    file = written(tmp_path, table(("n", "loss"), SIZES, losses), "curve.csv")
    found = readings(fitted(file))
    assert found[NOISY, "2 beta r'"] is None and found[ZIPF, "beta"] is None and found[NOISELESS, "2 beta r'"]
    assert "impossible" in run("fit", file).stdout


def spectrum(tmp_path: Path, with_coefficients: bool = True) -> Path:
    k = np.arange(1, 81)
    generator = np.random.default_rng(3)
    eigenvalues = 2 * k**-1.5 * np.exp(0.02 * generator.normal(size=80))
    coefficients = np.sqrt(k**-2.0 / eigenvalues) * np.exp(0.02 * generator.normal(size=80))
    if with_coefficients:
        return written(tmp_path, table(("k", "Eigenvalue", "w"), k, eigenvalues, coefficients), "spectrum.csv")
    return written(tmp_path, table(("rank", "lambda"), k, eigenvalues), "spectrum.csv")


def test_a_spectrum_gives_beta_and_r(tmp_path: Path) -> None:
    """beta = 3/2 and lambda_k w_k^2 ~ k^-2 mean r = 1/3: the noisy law predicts 1/2."""
    file = written(tmp_path, GOOD, "curve.csv")
    report = fitted(file, "--spectrum", spectrum(tmp_path))
    found = report["spectrum"]
    assert (
        found["beta"]["low"] < 1.5 < found["beta"]["high"] and found["source"]["low"] < 1 / 3 < found["source"]["high"]
    )
    verdicts = {c["name"]: c["consistent"] for c in report["comparisons"]}
    assert verdicts == {NOISELESS: False, NOISY: True}
    assert "beta = 1.5" in run("fit", file, "--spectrum", spectrum(tmp_path)).stdout
    only_beta = fitted(file, "--spectrum", spectrum(tmp_path, with_coefficients=False))
    r = readings(only_beta)[NOISY, "r'"]
    exact = readings(fitted(file, "--beta", "3/2"))[NOISY, "r'"]
    assert r is not None and exact is not None
    assert r["low"] < 1 / 3 < r["high"] and r["high"] - r["low"] > exact["high"] - exact["low"]


def test_the_error_of_a_prediction_is_that_of_the_slope(tmp_path: Path) -> None:
    """2 beta r is a slope minus one, so that its error is the slope's, whatever beta and r have in common."""
    k = np.arange(1, 61)
    generator = np.random.default_rng(4)
    eigenvalues = k**-1.5 * np.exp(0.1 * generator.normal(size=60))
    coefficients = np.exp(0.1 * generator.normal(size=60)) * k**-0.25
    x = np.log(k) - np.log(k).mean()
    y = np.log(eigenvalues * coefficients**2)
    rest = y - y.mean() - x * (x @ y) / (x @ x)
    neighbours = max(float(rest[1:] @ rest[:-1]) / float(rest @ rest), 0.0)
    error = math.sqrt(float(rest @ rest) / 58 / float(x @ x) * (1 + neighbours) / (1 - neighbours))
    file = written(tmp_path, table(("k", "lam", "w"), k, eigenvalues, coefficients), "spectrum.csv")
    report = fitted(written(tmp_path, GOOD, "curve.csv"), "--spectrum", file)
    told = {c["name"]: c["standard_error"] for c in report["comparisons"]}
    assert told[NOISELESS] == pytest.approx(error, rel=0.02)  # to first order in errors of one per cent


# files that are refused -----------------------------------------------------------------------------------------------


def changed(row: int, cell: str, column: int = 1, text: str = GOOD) -> str:
    """The table with another cell in a row."""
    lines = text.splitlines()
    cells = lines[row].split(",")
    cells[column] = cell
    lines[row] = ",".join(cells)
    return "\n".join(lines)


def with_column(name: str, *values: float) -> str:
    return table(("size", "loss", name), SIZES, LOSSES, np.resize(values, len(SIZES)))


def losses(values: Callable[[Any], Any], rows: int = 12, noise: float = 0.02) -> str:
    sizes = sizes_of(rows)
    return table(("size", "loss"), sizes, noisy(values(sizes), noise, 1))


BAD: dict[str, tuple[str, Sequence[str]]] = {
    "empty": ("", ("empty", "header")),
    "blank": ("\n  \n", ("empty",)),
    "no header": (GOOD.partition("\n")[2], ("no header", "size,loss")),
    "header only": ("size,loss\n", ("without rows",)),
    "one column": (table(("size",), SIZES), ("no column loss", "test_error")),
    "no size": (table(("generation", "loss"), SIZES, LOSSES), ("no column size", "samples")),
    "unknown column": (with_column("epochs", 1), ("unknown column 'epochs'", "size (or", "standard_error")),
    "duplicate column": (with_column("size", 1), ("duplicate columns: 'size' twice",)),
    "duplicate meaning": (with_column("error", 1), ("'loss' and 'error' both mean loss", "rename")),
    "negative loss": (changed(3, "-0.5"), ("loss, row 3", "-0.5 is not positive")),
    "zero loss": (changed(3, "0"), ("loss, row 3", "0 is not positive")),
    "a loss beyond all units": (changed(3, "1e300"), ("loss, row 3", "is too large or too small")),
    "a size below all units": (changed(2, "1e-300", 0), ("size, row 2", "is too large or too small")),
    "negative size": (changed(2, "-3", 0), ("size, row 2", "-3 is not positive")),
    "nan": (changed(4, "NaN"), ("loss, row 4", "'NaN' is not a finite number")),
    "infinite": (changed(4, "-inf"), ("loss, row 4", "not a finite number")),
    "too large": (changed(4, "1e999"), ("loss, row 4", "not a finite number")),
    "text": (changed(5, "about 3"), ("loss, row 5", "'about 3' is not a number", "1e-3")),
    "underscore": (changed(5, "1_000", 0), ("size, row 5", "not a number")),
    "other digits": (changed(5, "٣"), ("loss, row 5", "not a number")),
    "empty cell": (changed(5, ""), ("loss, row 5", "empty cell")),
    "percentage": (with_column("share", 0).replace(",0\n", ",5%\n", 1), ("share, row 1", "percentage", "100")),
    "decimal commas": (GOOD.replace(",", ";").replace(".", ","), ("loss, row 1", "has a comma", "with a point: 0.")),
    "decimal comma in quotes": (changed(2, '"0,5"'), ("loss, row 2", "'0,5' has a comma", "0.5")),
    "too many cells": (changed(2, "0,5"), ("row 2", "3 cells for 2 columns", "with a point")),
    "too few cells": (GOOD + "77\n", ("row 11", "1 cells for 2 columns")),
    "share above one": (with_column("share", 0, 30), ("share, row 2", "30 is not between 0 and 1", "percentages")),
    "negative share": (with_column("share", 0, -0.1), ("share, row 2", "-0.1 is not between")),
    "half a generation": (with_column("generation", 0, 0.5), ("generation, row 2", "0.5 is not a generation")),
    "generation too large": (with_column("generation", 0, 1e9), ("generation, row 2", "1000 at most")),
    "no error": (with_column("se", 0.1, 0), ("standard_error, row 2", "0 is not positive")),
    "three sizes": (table(("n", "loss"), [1, 2, 3, 3], [3, 2, 1, 1]), ("3 distinct sizes", "more sizes")),
    "one size": (table(("n", "loss"), [1, 1, 1], [3, 2, 1]), ("1 distinct size,", "more sizes")),
    "too few rows": (
        table(("n", "loss", "share"), [1, 2, 3, 4], [4, 2, 1.5, 1], [0, 0.5, 0, 0.5]),
        ("4 rows for a law of 4 parameters", "5 rows"),
    ),
    "confounded": (
        table(("n", "loss", "share"), SIZES, LOSSES, np.sqrt(np.log(SIZES) / 20)),
        ("vary together", "vary one"),
    ),
    "no trend": (losses(lambda n: 0 * n + 0.5), ("no trend: the exponent is", "+-")),
    "constant": (losses(lambda n: 0 * n + 0.5, noise=0), ("no trend",)),
    "growth": (losses(lambda n: n**0.3), ("grows with the size", "size^0.3", "accuracy")),
    "a minimum": (losses(lambda n: n**-0.5 + n / 3e4), ("has a minimum", "not one power law", "double descent")),
    "double descent": (
        losses(lambda n: n**-0.5 + 0.5 * np.exp(-(np.log(n / 800) ** 2)) + 0.05),
        ("has a minimum", "rises by a factor", "not one power law"),
    ),
    "faster than powers": (losses(lambda n: n**-25.0), ("falls faster than size^-20", "exponential")),
}


@pytest.mark.parametrize(("text", "words"), BAD.values(), ids=BAD.keys())
def test_bad_files(text: str, words: Sequence[str], tmp_path: Path) -> None:
    message = refused(written(tmp_path, text, "curve.csv"))
    assert message.startswith("fpt-calc: curve.csv: ")
    assert "; " in message  # what to do about it
    assert all(word in message for word in words), message


@pytest.mark.parametrize(
    ("data", "words"),
    [("\ufeffn,loss".encode("utf-16-le"), "UTF-8"), (b"\x89PNG\r\n\x1a\n\0\0", "UTF-8"), (b"n\0", "no text")],
)  # fmt: skip
def test_what_is_no_text_is_refused(data: bytes, words: str, tmp_path: Path) -> None:
    file = tmp_path / "curve.csv"
    file.write_bytes(data)
    assert words in refused(file)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert "this is a folder" in refused(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--beta", "0"), ("--beta", "'0'", "3/2")),
        (("--beta", "-1"), ("--beta",)),
        (("--beta", "1/0"), ("--beta", "1/0")),
        (("--beta", "nan"), ("--beta", "nan")),
        (("--r", "a lot"), ("--r", "'a lot'")),
        (("--r", "1e400"), ("--r",)),
        (("--spectrum", "none.csv"), ("none.csv", "no such file")),
    ],
)
def test_bad_options(arguments: Sequence[str], words: Sequence[str], tmp_path: Path) -> None:
    message = refused(written(tmp_path, GOOD, "curve.csv"), *arguments)
    assert all(word in message for word in words), message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("k,eigenvalue\n1,2\n2,1\n3,.5\n", "3 distinct indices"),
        ("k,eigenvalue\n1,1\n2,2\n3,3\n4,4\n", "do not fall"),
        ("k,eigenvalue\n1,4\n2,0\n3,1\n4,.5\n", "eigenvalue, row 2: 0 is not positive"),
        ("k,eigenvalue,w\n1,4,1\n2,3,1\n3,1,0\n4,.5,1\n", "coefficient, row 3: 0 has no logarithm"),
        ("k,loss\n1,4\n", "unknown column 'loss'"),
        ("eigenvalue\n1\n", "no column index"),
    ],
)
def test_bad_spectra(text: str, words: str, tmp_path: Path) -> None:
    file = written(tmp_path, text, "spectrum.csv")
    message = refused(written(tmp_path, GOOD, "curve.csv"), "--spectrum", file)
    assert message.startswith("fpt-calc: spectrum.csv: ") and words in message


def test_what_a_spectrum_says_is_not_said_twice(tmp_path: Path) -> None:
    message = refused(written(tmp_path, GOOD, "curve.csv"), "--spectrum", spectrum(tmp_path), "--beta", "2")
    assert "--beta: the spectrum has beta already" in message


def test_a_bent_spectrum_is_told(tmp_path: Path) -> None:
    k = np.arange(1, 101)
    found = fit_spectrum(k, 1 / (1 + (k / 20) ** 2))
    assert any("bends: beta goes from" in note for note in found.notes)
    assert not fit_spectrum(k, 3 * k**-1.2).notes


def test_the_interval_of_r_is_what_student_does_not_reject() -> None:
    """At its ends the slope of log(lambda w^2) - 2 r log(lambda), which should be -1, is off by exactly t."""
    k = np.arange(1, 31)
    generator = np.random.default_rng(6)
    signs = np.where(k % 2, 1.0, -1.0)  # neighbours are not alike, so that nothing is widened
    eigenvalues = k**-1.5 * np.exp(0.3 * signs * np.abs(generator.normal(size=30)))
    coefficients = k**-0.5 * np.exp(0.3 * signs * np.abs(generator.normal(size=30)))
    found = fit_spectrum(k, eigenvalues, coefficients)
    assert found.source is not None
    x = np.log(k) - np.log(k).mean()
    for r in (found.source.low, found.source.high):
        y = np.log(eigenvalues * coefficients**2) - 2 * r * np.log(eigenvalues)
        slope = (x @ y) / (x @ x)
        rest = y - y.mean() - slope * x
        t = abs(slope + 1) / np.sqrt(rest @ rest / 28 / (x @ x))
        assert student_two_sided(t, 28) == pytest.approx(0.05, rel=1e-6)


@pytest.mark.parametrize("arguments", [([1, 2], [1]), ([], []), ([[1]], [[1]]), (["a"], [1]), ([1], None)])
def test_bad_lists(arguments: tuple[Any, Any]) -> None:
    with pytest.raises(InputError):
        fit_curve(*arguments)
    with pytest.raises(InputError):
        fit_spectrum(*arguments)


CELL = st.sampled_from(
    ["1", "2", "30", "4e2", "0.5", "1e-300", "1e300", "", "x", "-1", "0", "0,5", '"', "#", "\t", ";"]
)
LINES = st.lists(st.lists(CELL, min_size=1, max_size=3).map(",".join), max_size=8)


@given(text=st.one_of(LINES.map(lambda rows: "\n".join(["n,loss", *rows])), st.text(max_size=60)))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_gives_a_fit_or_one_line(text: str, tmp_path: Path) -> None:
    file = tmp_path / "any.csv"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    result = run("fit", file)
    assert result.exit_code in (0, 2), result.stderr
    assert result.exit_code == 0 or (result.stderr.count("\n") == 1 and result.stdout == "")


def rows_within(decades: int) -> st.SearchStrategy[list[tuple[float, float, float, int]]]:
    positive = st.floats(-decades, decades).map(lambda x: 10.0**x)
    row = st.tuples(positive, positive, st.sampled_from([0, 0.2, 0.5, 1]), st.integers(0, 4))
    return st.lists(row, min_size=4, max_size=10)


def check_any(rows: list[tuple[float, float, float, int]]) -> None:
    """A fit whose intervals hold its values, or an `InputError`; nothing else."""
    sizes, values, shares, generations = zip(*rows, strict=True)
    for columns in ((None, None), (shares, None), (shares, generations)):
        try:
            law = fit_curve(sizes, values, *columns)
        except InputError:
            continue
        assert law.exponent.low <= law.exponent.value <= law.exponent.high
        assert 0 <= law.floor.low <= law.floor.value <= law.floor.high
        assert law.fit.cost >= 0


NO_SHRINKING = [Phase.explicit, Phase.reuse, Phase.generate]  # a case may take a second


@given(rows_within(2))
@settings(max_examples=5, deadline=None, phases=NO_SHRINKING)
def test_any_numbers_give_a_fit_or_a_reason(rows: list[tuple[float, float, float, int]]) -> None:
    check_any(rows)


@pytest.mark.slow
@given(rows_within(30))
@settings(max_examples=5, deadline=None, phases=NO_SHRINKING)
def test_numbers_far_apart_give_a_fit_or_a_reason(rows: list[tuple[float, float, float, int]]) -> None:
    check_any(rows)
