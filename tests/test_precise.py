"""Many digits: against mpmath solutions of textbook formulas, which share no code with the engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import flint
import mpmath
import numpy as np
import pytest
from click.testing import CliRunner
from mpmath import mp, mpc, mpf

import fpt_calc as fc
from fpt_calc.cli.main import main
from fpt_calc.derivation import derive_law
from fpt_calc.errors import ComputationError, InputError
from fpt_calc.export import ball_json
from fpt_calc.expr import Expr
from fpt_calc.graphs import strong_components
from fpt_calc.point import Dense, Eigenvalues, Multiple, Point, PowerLaw, ball_digits
from fpt_calc.scalars import Scalar
from fpt_calc.solve import Result, Solution, Statistics, refine, solve
from fpt_calc.system import successors

n, d, k = fc.dims("n d k")
lam, c = fc.scalars("lam c", "positive")
(z,) = fc.scalars("z", "upper")
Sigma, Theta = fc.matrix("Sigma", d, d, "psd"), fc.matrix("Theta", d, d, "symmetric")
Z = fc.gaussian("Z", n, d, variance=1 / n)
X = fc.gaussian("X", n, d, variance=1 / n, covariance=Sigma)
R: Expr = fc.inv(X.T @ X + lam)


@pytest.fixture(autouse=True)
def _many_digits() -> Any:
    with mp.workdps(130):
        yield


def same(text: str, expected: Any, digits: int) -> bool:
    """Whether a decimal string has this many digits, and they are those of the expected number, rounded."""
    figures = text.lstrip("-").split("E")[0].replace(".", "").lstrip("0")
    return len(figures) == digits and abs(mpf(text) / expected - 1) < mpf(10) ** (1 - digits) * mpf("0.501")


def kappa_of(eigenvalues: list[Any], weights: list[Any], rows: Any, ridge: Any) -> Any:
    """The effective ridge: kappa - lam = kappa df1(kappa)/rows; the weights sum to the dimension."""

    def gap(kappa: Any) -> Any:
        return kappa - ridge - kappa * spectral_sum(lambda s: s / (s + kappa), eigenvalues, weights) / rows

    return mpmath.findroot(gap, (ridge, ridge + mpmath.fsum(eigenvalues) / rows), solver="anderson", maxsteps=200)


def spectral_sum(function: Callable[[Any], Any], eigenvalues: list[Any], weights: list[Any]) -> Any:
    return mpmath.fsum(w * function(s) for s, w in zip(eigenvalues, weights, strict=True))


def ridge_bias(eigenvalues: list[Any], weights: list[Any], rows: Any, ridge: Any) -> Any:
    """``lam^2 Tr(R R Sigma)``: kappa^2 sum s/(s + kappa)^2 / (1 - df2/n)."""
    kappa = kappa_of(eigenvalues, weights, rows, ridge)
    df2 = spectral_sum(lambda s: (s / (s + kappa)) ** 2, eigenvalues, weights)
    return kappa**2 * spectral_sum(lambda s: s / (s + kappa) ** 2, eigenvalues, weights) / (1 - df2 / rows)


def powers(count: int) -> list[Any]:
    return [mpf(k) ** (-mpf(3) / 2) for k in range(1, count + 1)]


ONES = [1] * 30
AT = {"n": 45, "d": 30, "lam": "1/10", "Sigma": PowerLaw(Fraction(3, 2))}


@pytest.mark.parametrize("number", [16, 30, 100])
def test_marchenko_pastur_is_the_root_of_its_quadratic(number: int) -> None:
    law = fc.derive(fc.tau(fc.inv(Z.T @ Z + lam)))
    shape, ridge = mpf(2) / 3, mpf(1) / 7  # d/n
    b = 1 - shape + ridge
    expected = (mpmath.sqrt(b**2 + 4 * shape * ridge) - b) / (2 * shape * ridge)
    assert same(law.digits(number, n=3000, d=2000, lam="1/7"), expected, number)


def test_semicircle_in_the_complex_plane() -> None:
    law = fc.derive(fc.tau(fc.inv(fc.wigner("W", d, variance=1 / d) - z)))
    at = mpc("0.5", "0.25")
    expected = (-at + mpmath.sqrt(at - 2) * mpmath.sqrt(at + 2)) / 2
    point = Point({"d": 10}, {"z": 0.5 + 0.25j})
    precise = refine(law.derived.system, point, solve(law.derived.system, point), 100)
    (ball,) = precise.outputs.values()
    shown = ball_json(ball, 100)
    assert isinstance(shown, dict)
    assert same(shown["re"], expected.real, 100)
    assert same(shown["im"], expected.imag, 100)
    assert law.digits(100, d=10, z=0.5 + 0.25j) == f"{shown['re']}+{shown['im']}j"


def test_the_bias_of_ridge_regression_with_a_power_law() -> None:
    law = fc.derive(lam**2 * fc.Tr(R @ R @ Sigma))
    assert same(law.digits(60, **AT), ridge_bias(powers(30), ONES, 45, mpf(1) / 10), 60)


def test_square_roots_of_the_covariance_give_the_same_digits() -> None:
    data = Z @ fc.sqrt(Sigma)
    resolvent = fc.inv(data.T @ data + lam)
    law = fc.derive(lam**2 * fc.Tr(resolvent @ resolvent @ Sigma))
    assert same(law.digits(60, **AT), ridge_bias(powers(30), ONES, 45, mpf(1) / 10), 60)


def test_weights_of_a_limiting_spectrum() -> None:
    law = fc.derive(lam**2 * fc.Tr(R @ R @ Sigma))
    values, weights = ["2", "1/3", "0"], [Fraction(1, 5), Fraction(1, 2), Fraction(3, 10)]
    spectrum = Eigenvalues(tuple(Fraction(v) for v in values), tuple(weights))
    exact = [mpf(2), mpf(1) / 3, mpf(0)]
    counts = [30 * mpf(w.numerator) / w.denominator for w in weights]
    text = law.digits(50, n=45, d=30, lam="0.1", Sigma=spectrum)
    assert same(text, ridge_bias(exact, counts, 45, mpf(1) / 10), 50)


def test_several_targets_with_traces_and_functions_of_deterministic_matrices() -> None:
    root, shape = fc.sqrt(Sigma), fc.tau(Sigma) * fc.sqrt(c)
    targets: dict[str, Scalar] = {
        "kappa_like": fc.tau(R) / fc.tau(fc.inv(Sigma + 2 * shape)),
        "root": fc.tau(root @ R @ root @ Sigma**2 @ Theta.T),
        "deterministic": fc.tau(fc.inv(Sigma**2 + Theta)) + shape,
    }
    texts = fc.derive(targets).digits(50, **AT, Theta=Multiple(Fraction(1, 3)), c="2")
    ridge = mpf(1) / 10
    kappa = kappa_of(powers(30), ONES, 45, ridge)

    def mean(function: Callable[[Any], Any]) -> Any:
        return spectral_sum(function, powers(30), ONES) / 30

    scale = mean(lambda s: s) * mpmath.sqrt(2)
    expected = {
        "kappa_like": mean(lambda s: kappa / ridge / (s + kappa)) / mean(lambda s: 1 / (s + 2 * scale)),
        "root": mean(lambda s: s**3 / 3 * kappa / ridge / (s + kappa)),
        "deterministic": mean(lambda s: 1 / (s**2 + mpf(1) / 3)) + scale,
    }
    assert isinstance(texts, dict)
    assert texts.keys() == expected.keys()
    assert all(same(texts[name], expected[name], 50) for name in expected)


def test_larger_parts_are_inverted_for_each_eigenvalue() -> None:
    """Five states that are connected: no closed form, but the double-precision engine shares only the equations."""
    W, U = fc.wigner("W", d, variance=1 / d), fc.matrix("U", d, d, field="complex")
    law = fc.derive(fc.tau(fc.inv(W @ Theta @ W @ U @ W + 3)))
    system = law.derived.system
    edges = successors((*system.terms, *system.couplings))
    assert max(map(len, strong_components(range(len(system.dims)), edges))) > 2
    thirds = Eigenvalues((Fraction(1), Fraction(1, 2), Fraction(1, 3)))
    point = Point({"d": 3}, {}, {"Theta": thirds, "U": Eigenvalues((1, 0.5j, 0.25 - 0.5j))})
    solution = solve(system, point)
    (low,), (high,) = (refine(system, point, solution, digits).outputs.values() for digits in (20, 60))
    assert [ball_digits(low, 20), ball_digits(high, 60)] == [20, 60]
    assert abs(low - high) < 1e-20
    assert abs(complex(high) - next(iter(solution.outputs.values()))) < 1e-14


def test_fewer_digits_are_the_rounding_of_more() -> None:
    law = fc.derive({"bias": lam**2 * fc.Tr(R @ Theta @ R @ Sigma), "square": fc.tau(R @ R @ Theta)})
    at = AT | {"lam": "1e-9", "Theta": Eigenvalues(tuple(Fraction((-1) ** k, k) for k in range(1, 31)))}
    few, many = law.digits(30, **at), law.digits(60, **at)
    assert isinstance(few, dict)
    assert all(same(few[name], mpf(many[name]), 30) and same(many[name], mpf(many[name]), 60) for name in few)
    assert all(len(few[name]) < len(many[name]) for name in few)


def test_near_the_edge_of_a_spectrum() -> None:
    """There the equation is nearly degenerate: half of the digits are lost in double precision, none here."""
    law = fc.derive(fc.tau(fc.inv(Z.T @ Z + c)))
    at = {"n": 50, "d": 50, "c": "1e-12"}
    ridge = mpf(10) ** -12
    expected = (mpmath.sqrt(ridge**2 + 4 * ridge) - ridge) / (2 * ridge)
    assert same(law.digits(80, **at), expected, 80)


def test_a_target_that_vanishes_has_no_digits() -> None:
    W = fc.wigner("W", d, variance=1 / d)
    law = fc.derive({"t": fc.tau(fc.inv(W @ W + Sigma)) - fc.tau(fc.inv(W @ W + Theta))})
    third = Multiple(Fraction(1, 3))
    point = Point({"d": 4}, {}, {"Sigma": third, "Theta": third})
    precise = refine(law.derived.system, point, solve(law.derived.system, point), 20)
    assert precise.digits == {"t": 0}
    assert precise.outputs["t"].contains(0)
    assert abs(precise.outputs["t"]) < 1e-20
    assert law.digits(20, d=4, Sigma=third, Theta=third) == "0"


def test_solutions_that_are_exact_or_zero_in_double_precision() -> None:
    """There the first steps vanish, which is not a failure to contract, nor is a rounded zero far from zero."""
    law = fc.derive(fc.tau(fc.inv(Z.T @ Z + lam)))
    assert law.digits(400, n=1, d=1, lam="1/2") == "1." + "0" * 399
    W = fc.wigner("W", d, variance=1 / d)
    imaginary = fc.derive(fc.tau(fc.inv(W - z))).digits(40, d=2, z=1j)
    assert isinstance(imaginary, str)
    assert imaginary.startswith("0+0.")
    assert same(imaginary[2:-1], (mpmath.sqrt(5) - 1) / 2, 40)
    odd = fc.derive({"odd": fc.tau(fc.inv(W @ Theta @ W + 3j) @ Theta), "even": fc.tau(fc.inv(W @ Theta @ W + 3j))})
    texts = odd.digits(40, d=4, Theta=Eigenvalues((Fraction(1, 3), Fraction(-1, 3), Fraction(1, 7), Fraction(-1, 7))))
    assert isinstance(texts, dict)
    assert texts["odd"] == "0+0j"
    assert texts["even"].startswith("0-0.3309")


def test_the_radius_of_an_output_holds_the_true_value() -> None:
    law = fc.derive(lam**2 * fc.Tr(R @ R @ Sigma))
    point = Point({"n": 45, "d": 30}, {"lam": Fraction(1, 10)}, {"Sigma": PowerLaw(Fraction(3, 2))})
    solution = solve(law.derived.system, point)
    (low,) = refine(law.derived.system, point, solution, 20).outputs.values()
    (high,) = refine(law.derived.system, point, solution, 120).outputs.values()
    with flint.ctx.workprec(600):
        assert low.contains(high)


def test_small_dense_matrices_are_the_binary_numbers_that_they_hold() -> None:
    spectrum = np.arange(1.0, 31.0) ** -1.5
    text = fc.derive(lam**2 * fc.Tr(R @ R @ Sigma)).digits(50, **(AT | {"Sigma": np.diag(spectrum)}))
    assert isinstance(text, str)
    assert same(text, ridge_bias([mpf(x) for x in spectrum.tolist()], ONES, 45, mpf(1) / 10), 50)


def test_large_dense_matrices_keep_double_precision() -> None:
    dense = np.diag(np.arange(1.0, 101.0) ** -1.5)
    law = fc.derive(lam**2 * fc.Tr(R @ R @ Sigma))
    point = Point({"n": 45, "d": 100}, {"lam": Fraction(1, 10)}, {"Sigma": Dense(dense)})
    with pytest.raises(ComputationError, match="dense"):
        refine(law.derived.system, point, solve(law.derived.system, point), 50)
    text = law.digits(50, **(AT | {"d": 100, "Sigma": dense}))
    assert isinstance(text, str)
    assert len(text.replace(".", "").lstrip("0")) <= 15
    assert float(text) == pytest.approx(float(ridge_bias(powers(100), [1] * 100, 45, mpf(1) / 10)), rel=1e-12)


def test_a_solution_that_is_not_near_a_root_is_refused() -> None:
    system = derive_law({"t": fc.tau(fc.inv(Z.T @ Z + lam))}).system
    point = Point({"n": 3, "d": 2}, {"lam": Fraction(1)})
    good = solve(system, point)
    wrong = {u: 1.1 * v for u, v in good.values.items()}
    done = Statistics(0, 0, "real")
    bad = Solution(wrong, good.errors, good.outputs, good.output_errors, Result.SUCCESS, 0.0, 0.5, done)
    with pytest.raises(ComputationError, match="left the physical solution"):
        refine(system, point, bad, 30)
    failed = Solution({}, {}, {}, {}, Result.UNBOUNDED, float("inf"), float("nan"), done)
    with pytest.raises(ComputationError, match="not bounded"):
        refine(system, point, failed, 30)


def test_the_global_precision_is_left_alone() -> None:
    before = flint.ctx.prec
    fc.derive(fc.tau(fc.inv(Z.T @ Z + lam))).digits(50, n=3, d=2, lam=1)
    assert flint.ctx.prec == before


def test_two_thousand_eigenvalues_to_fifty_digits() -> None:
    law = fc.derive(lam**2 * fc.Tr(R @ R @ Sigma))
    text = law.digits(50, **(AT | {"n": 3000, "d": 2000}))
    with mp.workdps(55):
        assert same(text, ridge_bias(powers(2000), [1] * 2000, 3000, mpf(1) / 10), 50)


def test_digits_of_balls() -> None:
    assert ball_digits(flint.arb(2), 70) == 70
    assert ball_digits(flint.arb("nan"), 70) == 0
    with flint.ctx.workprec(4000):
        assert ball_digits(1 / flint.arb(3), 1000) == 1000
    assert ball_json(flint.arb("-1e-30", "1e-50"), 12) == "-1.00000000000E-30"
    assert ball_json(flint.acb(flint.arb(0, 1e-30), 2), 5) == {"re": "0", "im": "2.0000"}


def test_at_least_one_digit_is_asked_for() -> None:
    with pytest.raises(InputError, match="at least one"):
        fc.derive(fc.tau(fc.inv(Z.T @ Z + lam))).digits(0, n=3, d=2, lam=1)


# the command line ------------------------------------------------------------------------------------------------

PROBLEM = """
dims = ["n", "d"]
[scalars]
lam = "positive"
[matrices]
X     = { shape = ["n", "d"], law = "gaussian", covariance = "Sigma", variance = "1/n" }
Sigma = { shape = ["d", "d"], psd = true }
[targets]
bias = "lam**2 * Tr(inv(X.T @ X + lam)**2 @ Sigma)"
mean = "tau(inv(X.T @ X + lam))"
[at]
n = 45
d = 30
lam = "1/10"
Sigma = { power_law = 1.5 }
"""


def run(tmp_path: Path, *options: str) -> str:
    file = tmp_path / "ridge.toml"
    file.write_text(PROBLEM, encoding="utf-8")
    result = CliRunner().invoke(main, ["derive", str(file), *options])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_command_line_prints_fifty_digits(tmp_path: Path) -> None:
    targets = json.loads(run(tmp_path, "--digits", "50", "--json"))["targets"]
    assert [t["digits"] for t in targets.values()] == [50, 50]
    assert same(targets["bias"]["value"], ridge_bias(powers(30), ONES, 45, mpf(1) / 10), 50)
    text = run(tmp_path, "--digits", "50")
    assert f"bias = {targets['bias']['value']}   (50 digits)" in text


def test_up_to_fifteen_digits_are_those_of_double_precision(tmp_path: Path) -> None:
    few = json.loads(run(tmp_path, "--digits", "15", "--json"))["targets"]["bias"]
    many = json.loads(run(tmp_path, "--digits", "40", "--json"))["targets"]["bias"]
    assert 10 <= few["digits"] <= 15
    assert same(few["value"], mpf(many["value"]), few["digits"])
