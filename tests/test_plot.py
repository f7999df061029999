"""Pictures show the limits and the simulations, and wrong requests are refused in one line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fpt_calc as fc
from fpt_calc.errors import InputError
from fpt_calc.plot import Curve, Picture, draw
from tests.commands import NO_AT, PROBLEMS, run, written

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
pyplot = pytest.importorskip("matplotlib.pyplot")

n, d = fc.dims("n d")
(lam,) = fc.scalars("lam", "positive")
(z,) = fc.scalars("z", "upper")
(p,) = fc.scalars("p", "fraction")
Sigma = fc.matrix("Sigma", d, d, "psd")
X = fc.gaussian("X", n, d, variance=1 / n, covariance=Sigma)
R = fc.inv(X.T @ X + lam)
AT = {"n": 60, "d": 40, "Sigma": fc.power_law(1)}


@pytest.fixture(scope="module")
def law() -> fc.Law:
    return fc.derive({"first": fc.tau(R), "second": p * fc.tau(Sigma @ R @ Sigma @ R)})


@pytest.fixture(autouse=True)
def closed_figures() -> Any:
    yield
    pyplot.close("all")


def test_lines_are_limits_and_points_are_simulations(law: fc.Law) -> None:
    ridges = np.array([0.01, 0.1, 1.0, 10.0])
    axes = law.plot("lam", ridges, trials=5, seed=3, p=0.5, **AT)
    expected = law.at(lam=ridges, p=0.5, **AT)
    lines = [line for line in axes.get_lines() if line.get_label() in ("$\\mathrm{first}$", "$\\mathrm{second}$")]
    for line, name in zip(lines, expected, strict=True):
        np.testing.assert_allclose(line.get_xdata(), ridges)
        np.testing.assert_allclose(line.get_ydata(), expected[name])
    estimates = [law.simulate(5, 3, lam=x, p=0.5, **AT) for x in ridges]
    for bars, line, name in zip(axes.containers, lines, expected, strict=False):
        points, _, (segments,) = bars
        means = np.array([e[name].mean for e in estimates])
        errors = np.array([e[name].standard_error for e in estimates])
        np.testing.assert_allclose(points.get_ydata(), means)
        assert points.get_color() == line.get_color()
        ends = np.array([s[:, 1] for s in segments.get_segments()])
        np.testing.assert_allclose(ends, np.stack([means - errors, means + errors], axis=1))
    assert axes.get_xlabel() == "$\\lambda$"
    assert axes.get_xscale() == "log"
    texts = [t.get_text() for t in axes.get_legend().get_texts()]
    assert texts == [
        "$\\mathrm{first}$",
        "$\\mathrm{second}$",
        "simulation (5 draws, $\\pm$ standard error)",
    ]


def test_without_simulation_there_are_lines_only(law: fc.Law) -> None:
    axes = law.plot("lam", (0.5, 2.0), simulate=False, p=0.5, **AT)
    assert not axes.containers
    assert axes.get_xscale() == "linear"
    assert len(axes.get_lines()) == 2


def test_a_dimension_takes_integers(law: fc.Law) -> None:
    axes = law.plot("n", (10, 30), simulate=False, lam=0.1, p=0.5, d=40, Sigma=fc.power_law(1))
    np.testing.assert_array_equal(axes.get_lines()[0].get_xdata(), np.arange(10, 31))


def test_default_ranges_start_from_the_value(law: fc.Law) -> None:
    values = {"lam": 0.1, "p": 0.5, **AT}
    ends = {"lam": (0.001, 10), "p": (0.05, 0.95), "n": (8, 240)}
    for name, expected in ends.items():
        x = law.plot(name, simulate=False, **values).get_lines()[0].get_xdata()
        np.testing.assert_allclose((x[0], x[-1]), expected)


def test_given_axes_are_used_and_files_written(law: fc.Law, tmp_path: Path) -> None:
    _, axes = pyplot.subplots()
    assert law.plot("lam", (0.5, 2.0), simulate=False, ax=axes, p=0.5, **AT) is axes
    law.plot("lam", (0.5, 2.0), simulate=False, path=tmp_path / "law.pdf", p=0.5, **AT)
    assert (tmp_path / "law.pdf").read_bytes().startswith(b"%PDF")


def test_a_complex_target_is_drawn_in_two_parts() -> None:
    (s,) = fc.scalars("s", "positive")
    complex_law = fc.derive({"m": fc.tau(fc.inv(fc.wigner("W", d, variance=s / d) - z))})
    axes = complex_law.plot("s", np.array([0.5, 1.0]), trials=3, d=20, z=0.3 + 1j)
    expected = complex_law.at(s=np.array([0.5, 1.0]), d=20, z=0.3 + 1j)
    first, second = (line for line in axes.get_lines() if str(line.get_label()).startswith("$"))
    np.testing.assert_allclose(first.get_ydata() + 1j * second.get_ydata(), expected)


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "unknown name": ({"over": "lamm"}, "unknown name 'lamm'; did you mean 'lam'?"),
    "far name": ({"over": "xyz"}, "unknown name 'xyz'; use one of d, lam, n, p"),
    "a matrix": ({"over": "Sigma"}, "Sigma is a matrix; use one of"),
    "a random matrix": ({"over": "X"}, "X is a matrix; use one of"),
    "empty": ({"values": []}, "plot.lam: an empty range; give"),
    "reversed": ({"values": (2, 1)}, "plot.lam: an empty range; give"),
    "text": ({"values": ["a"]}, "plot.lam: values that are no numbers"),
    "a number": ({"values": 3}, "plot.lam: not a list of values"),
    "not positive": ({"values": (-1, 1)}, "contradicts lam = 'positive'"),
    "log from zero": ({"values": (0, 1), "x_scale": "log"}, "0.0 on a log scale"),
    "scale": ({"x_scale": "cubic"}, "unknown scale 'cubic'"),
    "no value to start from": ({}, "no value of lam to start from; give values=(low, high)"),
    "half a sample": ({"over": "n", "values": [10.5]}, "dimension 10.5 is not a positive integer"),
    "type of file": ({"values": (1, 2), "path": "law.xyz"}, "cannot draw a file of type '.xyz'; use one of"),
    "no folder": ({"values": (1, 2), "path": "/no/such/law.png"}, "cannot write law.png"),
    "missing values": ({"values": (1, 2), "Sigma": None}, "at."),
}


@pytest.mark.parametrize(("request_", "message"), WRONG.values(), ids=WRONG.keys())
def test_wrong_requests(law: fc.Law, request_: dict[str, Any], message: str) -> None:
    given = {"over": "lam", "simulate": False, "p": 0.5, **AT, **request_}
    with pytest.raises(InputError) as caught:
        law.plot(**given)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_complex_scalar_is_no_axis() -> None:
    complex_law = fc.derive({"m": fc.tau(fc.inv(fc.wigner("W", d, variance=1 / d) - z))})
    with pytest.raises(InputError, match="z is complex: no axis; use one of d"):
        complex_law.plot("z", (1, 2), d=20)


def test_without_matplotlib_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("matplotlib", "matplotlib.pyplot", "matplotlib.figure"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(InputError, match=r"matplotlib is not installed; pip install fpt-calc\[plot\]"):
        draw(Picture((Curve("y", np.ones(2), np.ones(2)),), "x"))


def test_command_line(tmp_path: Path) -> None:
    file, out = PROBLEMS / "ridge.toml", tmp_path / "ridge.png"
    assert run("derive", file, "--plot", out, "--over", "n").exit_code == 0
    assert out.read_bytes().startswith(b"\x89PNG")
    wrong = {
        ("--plot", out, "--over", "Sigma"): "ridge.toml: plot.over: Sigma is a matrix; use one of",
        ("--over", "n"): "--over and --simulate need --plot",
        ("--plot", out, "--simulate", "1"): "--simulate",
        ("--plot", tmp_path / "no" / "law.png"): "cannot write law.png",
    }
    for options, message in wrong.items():
        result = run("derive", file, *options)
        assert result.exit_code == 2, options
        assert message in result.stderr
        assert result.stderr.count("\n") == 1
    result = run("derive", written(tmp_path, NO_AT), "--plot", out)
    assert result.exit_code == 2
    assert "no value of lam to start from" in result.stderr


def test_command_line_simulates(tmp_path: Path) -> None:
    out = tmp_path / "m.svg"
    assert run("derive", PROBLEMS / "commutator.toml", "--plot", out, "--over", "t", "--simulate", "2").exit_code == 0
    assert "<svg" in out.read_text(encoding="utf-8")
