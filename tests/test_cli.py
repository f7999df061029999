"""The command line as a contract: what it prints, where, and with which exit status."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest

from tests.commands import NO_AT, PROBLEMS, RIDGE, run, written
from tests.printed import Matrix, names_used, solve_printed

FILES = sorted(PROBLEMS.glob("*.toml"))
SMALL_RIDGE = RIDGE.replace("n = 300", "n = 30").replace("d = 200", "d = 20")


def derived(*arguments: str | Path) -> dict[str, Any]:
    result = run("derive", *arguments, "--json")
    assert (result.exit_code, result.stderr) == (0, ""), result.stderr
    report = json.loads(result.stdout)
    assert set(report) == {"targets"}
    return report["targets"]


# What `derive --json` prints


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_the_keys_and_types_of_derive(file: Path) -> None:
    for name, target in derived(file).items():
        assert name.isidentifier()
        assert list(target) == [
            *("pencil_states", "unknowns", "equations", "closed_form", "value", "digits", "radius", "seconds")
        ]
        assert type(target["pencil_states"]) is type(target["unknowns"]) is type(target["digits"]) is int
        assert Decimal(target["radius"]) > 0
        assert target["closed_form"] is None or type(target["closed_form"]) is str
        assert list(target["seconds"]) == ["linearize", "self_energy", "reduce", "solve"]
        assert all(type(s) is float and s >= 0 for s in target["seconds"].values())
        assert target["equations"][-1].startswith(f"{name} = ")
        if isinstance(target["value"], dict):
            assert list(target["value"]) == ["re", "im"]
            assert all(Decimal(part).is_finite() for part in target["value"].values())
        else:
            assert significant_digits(target["value"]) == target["digits"] > 10


def significant_digits(text: str) -> int:
    return len(Decimal(text).as_tuple().digits)


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_the_equations_are_python_and_define_every_name_that_they_use(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    for target in derived(file).values():
        left = [line.split(" = ", 1)[0] for line in target["equations"]]
        assert len(set(left)) == len(left)
        used = set().union(*(names_used(line.split(" = ", 1)[1]) for line in target["equations"]))
        declared = {name for name in used if re.search(rf"^{name}\s*=|\"{name}\"", text, re.MULTILINE)}
        assert used <= {"tau", "inv", "sqrt", "conj"} | set(left) | declared


# Values


def agrees(text: str, exact: Any) -> bool:
    """Whether a decimal string is right to one unit of its last digit."""
    shown = Decimal(text)
    unit = mpmath.mpf(10) ** int(shown.as_tuple().exponent)
    return bool(abs(mpmath.mpf(text) - exact) <= unit)


def ridge_reference() -> dict[str, Any]:
    """The ridge problem file in many digits, from the textbook formulas: kappa, then df2, then bias and variance."""
    n, d, lam, sigma = 300, 200, mpmath.mpf("0.1"), mpmath.mpf("0.5")
    spectrum = [mpmath.mpf(k) ** mpmath.mpf("-1.5") for k in range(1, d + 1)]
    theta = [mpmath.mpf(k) ** mpmath.mpf("-0.5") for k in range(1, d + 1)]
    kappa = lam
    for _ in range(300):
        kappa = lam + kappa * mpmath.fsum(s / (s + kappa) for s in spectrum) / n
    df2 = mpmath.fsum((s / (s + kappa)) ** 2 for s in spectrum)
    inner = mpmath.fsum(s / (s + kappa) ** 2 for s in spectrum)
    teacher = mpmath.fsum(t / (s + kappa) ** 2 for s, t in zip(spectrum, theta, strict=True))
    mixed = mpmath.fsum(t * s / (s + kappa) ** 2 for s, t in zip(spectrum, theta, strict=True))
    return {
        "bias": kappa**2 * (teacher + mixed * inner / (n - df2)),
        "variance": sigma**2 * inner / (n - df2),
    }


def test_the_values_of_ridge_are_right_to_the_last_digit_shown() -> None:
    with mpmath.workdps(40):
        exact = ridge_reference()
        for arguments in ([], ["--digits", "5"], ["--digits", "1"], ["--digits", "35"]):
            for name, target in derived(PROBLEMS / "ridge.toml", *arguments).items():
                assert agrees(target["value"], exact[name])


def test_a_complex_value_at_a_limiting_spectrum_is_right_to_the_last_digit_shown() -> None:
    value, many = (derived(PROBLEMS / "wishart.toml", "--digits", k)["cauchy"]["value"] for k in ("15", "35"))
    with mpmath.workdps(40):
        z = mpmath.mpc("0.5", "0.1")
        m, ratio = mpmath.mpc(0, -1), mpmath.mpf(2) / 3
        spectrum = [(mpmath.mpf("0.75"), 1, 1), (mpmath.mpf("0.25"), 3, 0)]  # weight, Sigma, Q
        for _ in range(2000):
            m = (m + mpmath.fsum(w * s / (z - q - s / (1 - ratio * m)) for w, s, q in spectrum)) / 2
        exact = mpmath.fsum(w / (z - q - s / (1 - ratio * m)) for w, s, q in spectrum)
        for shown in (value, many):
            assert agrees(shown["re"], exact.real)
            assert agrees(shown["im"], exact.imag)


def diagonal(values: Any) -> Matrix:
    return Matrix(np.diag(np.asarray(values, dtype=float)))


K = np.arange(1, 21.0)
PRINTED: dict[str, tuple[str, dict[str, Any], np.ndarray | None]] = {
    "ridge": (
        SMALL_RIDGE,
        {
            **{"n": 30, "d": 20, "lam": 0.1, "sigma": 0.5},
            **{"Sigma": diagonal(K**-1.5), "Test": diagonal(K**0), "Theta": diagonal(K**-0.5)},
        },
        None,
    ),
    "two_groups": (
        (PROBLEMS / "two_groups.toml").read_text(encoding="utf-8"),
        {
            **{"n": 5, "d": 2, "lam": 0.1, "p2": 0.2},
            **{"S1": diagonal([2, 0.5]), "S2": Matrix(np.array([[1, 0.5], [0.5, 1]]))},
        },
        None,
    ),
    "random_features": (
        (PROBLEMS / "random_features.toml").read_text(encoding="utf-8"),
        {
            **{"n": 6, "d": 3, "m": 4, "lam": 0.1, "Sigma": diagonal(2 * K[:3] ** -1.5)},
            **{
                "Test": diagonal(K[:3] ** 0),
                "Row": diagonal(K[:6] ** 0),
                "w0": Matrix(np.array([[1], [-1 / 3], [0.5]])),
            },
        },
        None,
    ),
    "commutator": ((PROBLEMS / "commutator.toml").read_text(encoding="utf-8"), {"d": 100, "t": 0.1}, None),
    "wishart": (
        (PROBLEMS / "wishart.toml").read_text(encoding="utf-8"),
        {"n": 300, "d": 200, "z": 0.5 + 0.1j, "Sigma": diagonal([1, 3]), "Q": diagonal([1, 0])},
        np.array([0.75, 0.25]),
    ),
}


@pytest.mark.parametrize(("text", "given", "weights"), PRINTED.values(), ids=PRINTED.keys())
def test_the_printed_equations_alone_give_the_value(
    text: str, given: dict[str, Any], weights: np.ndarray | None, tmp_path: Path
) -> None:
    for name, target in derived(written(tmp_path, text)).items():
        value = target["value"]
        number = complex(float(value["re"]), float(value["im"])) if isinstance(value, dict) else float(value)
        solved = solve_printed(target["equations"], given, weights=weights)
        assert solved[name] == pytest.approx(number, rel=1e-10)  # 400 halved steps; conditioning loses four digits


# Options


def test_digits_are_at_most_those_asked_for() -> None:
    target = derived(PROBLEMS / "ridge.toml", "--digits", "5")["bias"]
    assert (target["value"], target["digits"]) == ("21.574", 5)
    assert derived(PROBLEMS / "ridge.toml", "--digits", "60")["bias"]["digits"] == 60
    dense = derived(PROBLEMS / "two_groups.toml", "--digits", "60")["bias1"]
    assert dense["digits"] == significant_digits(dense["value"]) == 60  # small dense matrices too


def test_one_target_gives_the_same_law() -> None:
    everything = derived(PROBLEMS / "ridge.toml")
    (name, target), *rest = derived(PROBLEMS / "ridge.toml", "--target", "variance").items()
    assert (name, rest) == ("variance", [])
    assert target["value"] == everything["variance"]["value"]
    assert target["pencil_states"] == everything["variance"]["pencil_states"]


def test_without_values_there_is_a_law_and_no_number(tmp_path: Path) -> None:
    target = derived(written(tmp_path, NO_AT))["bias"]
    assert target["value"] is target["digits"] is None
    assert target["seconds"]["solve"] == 0
    assert len(target["equations"]) > 3


def test_a_target_without_randomness(tmp_path: Path) -> None:
    text = RIDGE.replace('"lam**2 * Tr(Theta @ R @ Test @ R)"', '"tau(Sigma)"')
    target = derived(written(tmp_path, text), "--target", "bias")["bias"]
    assert (target["pencil_states"], target["unknowns"], target["equations"]) == (0, 0, ["bias = tau(Sigma)"])
    assert "where" not in run("derive", written(tmp_path, text), "--target", "bias").stdout


def test_names_of_the_problem_are_not_used_for_unknowns(tmp_path: Path) -> None:
    text = SMALL_RIDGE.replace("sigma", "g2").replace("Sigma", "K1").replace("bias", "g1")
    problem = written(tmp_path, text)
    given = {"n": 30, "d": 20, "lam": 0.1, "g2": 0.5, "K1": diagonal(K**-1.5), "Test": diagonal(K**0)}
    given["Theta"] = diagonal(K**-0.5)
    for name, target in derived(problem).items():
        assert solve_printed(target["equations"], given)[name] == pytest.approx(float(target["value"]), rel=1e-10)


# Text


def test_the_text_for_people() -> None:
    text = run("derive", PROBLEMS / "ridge.toml").stdout
    lines = text.splitlines()
    assert lines[0] == "Ridge regression: bias, variance, test error under covariate shift"
    assert "  variance = sigma**2*Tr(Test@Sigma@inv(Sigma + kappa)**2)/(n - df2)" in lines
    assert "  lam = kappa*(1 - df1/n), kappa > 0" in lines
    assert "status: asymptotic (cited)" in lines
    assert any(re.fullmatch(r"  bias = 21\.57375612101\d+   \(1[345] digits\)", line) for line in lines)
    complex_text = run("derive", PROBLEMS / "wishart.toml").stdout
    assert re.search(r"  cauchy = -0\.9579852395\d+-0\.1592937958\d+j ", complex_text)


def test_a_file_of_derivations() -> None:
    file = PROBLEMS.parent.parent / "derivations" / "ridge_bias.py"
    assert all(target["value"] for target in derived(file).values())
    assert json.loads(run("simulate", file, "--trials", "2", "--json").stdout)["targets"].keys() == derived(file).keys()


def test_simulate_prints_estimates(tmp_path: Path) -> None:
    problem = written(tmp_path, SMALL_RIDGE)
    first, again = (run("simulate", problem, "--trials", "20", "--seed", "3", "--json") for _ in range(2))
    assert first.exit_code == 0
    assert first.stdout == again.stdout
    for target in json.loads(first.stdout)["targets"].values():
        assert list(target) == ["mean", "standard_error", "trials", "seed", "ensemble"]
        assert (target["trials"], target["seed"], target["ensemble"]) == (20, 3, "model")
        assert type(target["mean"]) is type(target["standard_error"]) is float
    limit = run("simulate", problem, "--trials", "2", "--ensemble", "limit")
    assert "bias = " in limit.stdout
    assert "(2 draws, seed 0, ensemble limit)" in limit.stdout
    values = json.loads(run("simulate", PROBLEMS / "wishart.toml", "--trials", "2", "--json").stdout)
    assert list(values["targets"]["cauchy"]["mean"]) == ["re", "im"]


# Whole processes


def test_a_reader_that_closes_the_pipe_is_no_error() -> None:
    command = f"{sys.executable} -c 'from fpt_calc.cli.main import main; main()' derive {PROBLEMS / 'ridge.toml'}"
    shell = f"{{ {command}; echo status $? >&2; }} | true"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=False)
    assert done.stderr == "status 0\n"


def test_the_command_line_starts_without_heavy_libraries() -> None:
    code = "import sys, fpt_calc.cli.main; print({'numpy', 'sympy', 'mpmath', 'flint'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"


def test_deriving_a_law_does_not_load_sympy() -> None:
    code = (
        "import atexit, sys; from fpt_calc.cli.main import main\n"
        "atexit.register(lambda: print({'sympy', 'mpmath', 'scipy', 'matplotlib'} & set(sys.modules)))\n"
        f"main(['derive', {str(PROBLEMS / 'ridge.toml')!r}])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).splitlines()[-1] == "set()"
