"""Limits and expansions: every case against the solver, known limits as exact scalars, minima, and the command line."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fpt_calc as fc
from fpt_calc.errors import CannotDecideError, InputError
from fpt_calc.expr import substitute_everywhere
from fpt_calc.limits import LimitCase, LimitResult
from fpt_calc.limits.regions import moved
from fpt_calc.limits.request import read_approach
from fpt_calc.point import (
    Dense,
    NumericModel,
    Point,
)
from fpt_calc.scalars import (
    Dimension,
    Parameter,
    Scalar,
    generator_scalar,
    substitute,
)
from fpt_calc.system import Unknown
from tests.commands import NO_AT, RIDGE, run, written

n, d, m = fc.dims("n d m")
lam, sigma, alpha = fc.scalars("lam sigma alpha", "positive")
Sigma, Theta, Gamma = (fc.matrix(name, d, d, "psd") for name in ("Sigma", "Theta", "Gamma"))
w = fc.matrix("w", d, 1)
X = fc.gaussian("X", n, d, variance=1 / n, covariance=Sigma)
Z = fc.gaussian("Z", n, d, variance=1 / n)
F = fc.gaussian("F", d, m, variance=1 / m)
R, Q = fc.inv(X.T @ X + lam), fc.inv(Z.T @ Z + lam)
P = F @ fc.inv(F.T @ X.T @ X @ F + lam) @ F.T

TARGETS: Mapping[str, dict[str, Any]] = {
    "ridge": {
        "bias": lam**2 * fc.tau(Theta @ R @ Sigma @ R),
        "variance": sigma**2 / n * fc.Tr(R @ X.T @ X @ R @ Sigma),
    },
    "isotropic": {"bias": lam**2 * w.T @ Q @ Q @ w, "variance": sigma**2 / n * fc.Tr(Q @ Z.T @ Z @ Q)},
    "projected": {"variance": sigma**2 / n * fc.Tr(P @ X.T @ X @ P @ Sigma)},
    "general ridge": {"g": fc.tau(Sigma @ fc.inv(X.T @ X + lam * Gamma))},
    "projected noise": {"g": fc.tau(fc.inv(F.T @ Z.T @ Z @ F + lam))},
}

BELOW, ABOVE, AT = {"n": 36, "d": 12}, {"n": 12, "d": 24}, {"n": 12, "d": 12}


@cache
def law(name: str) -> fc.Law:
    return fc.derive(TARGETS[name])


@cache
def limits(name: str, what: str, to: str, order: int = 0) -> LimitResult:
    return law(name).limit(order, **{what: to})


def data(sizes: Mapping[str, int]) -> dict[str, Any]:
    """Values for everything but what tends to its limit."""
    draw = np.random.default_rng(7)
    values: dict[str, Any] = {"sigma": Fraction(3, 4), "lam": Fraction(1, 3)}
    for name in ("Sigma", "Theta", "Gamma"):
        a = draw.standard_normal((sizes["d"], sizes["d"]))
        values[name] = a @ a.T / sizes["d"] + np.eye(sizes["d"]) / 2
    values["w"] = draw.standard_normal((sizes["d"], 1))
    return values | dict(sizes)


def solved(name: str, values: Mapping[str, Any]) -> dict[str, float]:
    used = {k: v for k, v in values.items() if f"'{k}'" in str(known_names(name))}
    solution = law(name).solve(**used)
    return {t: float(v.real) for t, v in solution.outputs.items()}


@cache
def known_names(name: str) -> tuple[str, ...]:
    from fpt_calc.api.values import declared

    matrices, generators, _ = declared(law(name).derived)
    return tuple(sorted([*matrices, *(g.name for g in generators)]))


def model(case: LimitCase, values: Mapping[str, Any], eps: Fraction, approach: Any) -> NumericModel:
    """Numbers for the coefficients of a case; a coefficient known by its equation is found by bisection."""
    dims = {k: v for k, v in values.items() if isinstance(v, int)} | {"m": values.get("m", 1)}
    scalars = {k: v for k, v in values.items() if isinstance(v, Fraction)}
    matrices = {k: Dense(v) for k, v in values.items() if isinstance(v, np.ndarray)}
    point = Point(dims, scalars, matrices)
    implicit = None if case.branch is None else case.branch.implicit
    if implicit is None:
        return NumericModel(point)

    def at(x: float) -> float:
        return float(NumericModel(point, {implicit.symbol: x}).scalar(implicit.equation))

    low, high = 1e-6, 1e6
    assert at(low) * at(high) < 0
    for _ in range(100):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if at(middle) * at(low) > 0 else (low, middle)
    return NumericModel(point, {implicit.symbol: math.sqrt(low * high)})


CASES = [
    ("ridge", "lam", "0+", BELOW, "d < n"),
    ("ridge", "lam", "0+", ABOVE, "n < d"),
    ("ridge", "lam", "0+", AT, "d = n"),
    ("ridge", "lam", "oo", ABOVE, ""),
    ("ridge", "n", "oo", {"d": 12, "n": 0}, ""),
    ("isotropic", "lam", "0+", BELOW, "d < n"),
    ("isotropic", "lam", "0+", ABOVE, "n < d"),
    ("isotropic", "lam", "0+", AT, "d = n"),
    ("isotropic", "lam", "oo", BELOW, ""),
    ("projected", "lam", "0+", {"n": 12, "d": 36, "m": 24}, "n < d, n < m"),
    ("projected", "lam", "0+", {"n": 36, "d": 36, "m": 12}, "m < d, m < n"),
    ("projected", "lam", "0+", {"n": 24, "d": 12, "m": 36}, "d < m, d < n"),
    ("projected", "lam", "0+", {"n": 24, "d": 12, "m": 12}, "d = m, m < n"),
    ("projected", "lam", "0+", {"n": 12, "d": 12, "m": 24}, "d = n, n < m"),
    ("projected", "lam", "0+", {"n": 12, "d": 24, "m": 12}, "m = n, n < d"),
    ("projected", "m", "oo", {"n": 24, "d": 12, "m": 0}, ""),
    ("general ridge", "lam", "0+", BELOW, "d < n"),
    ("general ridge", "lam", "0+", ABOVE, "n < d"),
    ("general ridge", "lam", "0+", AT, "d = n"),
    ("projected noise", "lam", "0+", {"n": 12, "d": 12, "m": 12}, "d = n, m = n"),
    ("projected noise", "lam", "0+", {"n": 24, "d": 36, "m": 12}, "m < d, m < n"),
    ("projected noise", "lam", "oo", {"n": 24, "d": 36, "m": 12}, ""),
]


@pytest.mark.parametrize(("name", "what", "to", "sizes", "condition"), CASES)
def test_errors_are_of_the_stated_order(name: str, what: str, to: str, sizes: dict[str, int], condition: str) -> None:
    result = limits(name, what, to)
    case = result[condition]
    eps = [Fraction(1, 10**4), Fraction(1, 10**5)]
    errors: list[dict[str, float]] = []
    for small in eps:
        number = result.approach.value(small).constant
        assert number is not None
        values = data(sizes) | {what: int(number) if what in ("n", "m") else number}
        numbers = model(case, values, small, result.approach)
        exact = solved(name, values)
        errors.append({})
        for target, expansion in case.values.items():
            series = case.series[target]
            shown = sum(float(numbers.scalar(series.terms[e])) * float(small) ** float(e) for e in expansion.exponents)
            errors[-1][target] = abs(exact[target] - shown) / abs(exact[target])
    for target, expansion in case.values.items():
        first, second = errors[0][target], errors[1][target]
        assert expansion.remainder is not None and expansion.remainder > expansion.exponents[0]
        expected = float(expansion.remainder - expansion.exponents[0])
        assert second < 1e-9 or math.log10(first / second) > 0.8 * expected, (target, first, second, str(expansion))
        assert second < 0.2


def leading(case: LimitCase, target: str) -> Scalar:
    return case.series[target].leading


def test_ridgeless_isotropic_limits() -> None:
    result, phi = limits("isotropic", "lam", "0+"), d / n
    assert leading(result["d < n"], "variance") == sigma**2 * phi / (1 - phi)
    assert leading(result["n < d"], "variance") == sigma**2 / (phi - 1)
    assert leading(result["n < d"], "bias") == (1 - 1 / phi) * fc.tau(w.T @ w)
    assert str(result["d < n"]["bias"].limit) == "0"
    assert result["d = n"]["variance"].limit is None


def test_the_threshold_is_the_square_root() -> None:
    case = limits("ridge", "lam", "0+")["d = n"]
    assert case.branch is not None and case.branch.exponent == Fraction(1, 2)
    inverse = fc.tau(fc.inv(Sigma))
    assert [str(e) for e in case.requires] == ["Sigma"]
    assert str(case.branch.coefficient**2) == str(1 / inverse)


def test_large_ridge_and_large_samples() -> None:
    assert leading(limits("ridge", "lam", "oo")[""], "bias") == fc.tau(Sigma @ Theta)
    case = limits("ridge", "n", "oo")[""]
    assert case.branch is not None and case.branch.coefficient == lam
    assert str(limits("isotropic", "lam", "0+", 1)["d = n"]["variance"]) == (
        "sigma**2/(2*sqrt(lam)) - sigma**2/2 + O(sqrt(lam))"
    )


def test_infinitely_many_projections_are_ridge() -> None:
    case, closed = limits("projected", "m", "oo")[""], law("ridge").closed_form
    kappa = generator_scalar(closed.coordinates.parameters[0].symbol)
    value = substitute_everywhere(leading(case, "variance"), {Unknown("theta"): kappa})
    expected = closed.coordinates.canonical(law("ridge").derived.system.outputs["variance"])
    assert closed.coordinates.canonical(value) == expected
    assert "lam = theta*(1 - df1/n), theta > 0" in case.lines()


def test_finite_cases_are_printed_with_their_equation() -> None:
    lines = limits("ridge", "lam", "0+")["n < d"].lines()
    assert "variance = sigma**2*df2/(n - df2) + O(lam)" in lines
    assert "df1 = n, kappa > 0" in lines


def test_ratios_of_dimensions() -> None:
    zero, infinite = limits("isotropic", "d/n", "0+"), limits("isotropic", "d/n", "oo")
    assert leading(zero[""], "bias") == lam**2 / (1 + lam) ** 2 * fc.tau(w.T @ w)
    assert leading(infinite[""], "bias") == fc.tau(w.T @ w)
    assert leading(infinite[""], "variance") == sigma**2


BAD = [
    ({"lma": "0+"}, "did you mean 'lam'?"),
    ({"lam": "0-"}, "positive, cannot tend to '0-'"),
    ({"n": "0+"}, 'tends to "oo"'),
    ({"Sigma": "0+"}, "no scalar, dimension or ratio"),
    ({"d/lam": "0+"}, "no scalar, dimension or ratio"),
    ({"lam": "0+", "n": "oo"}, "2 limits at once"),
    ({}, "0 limits at once"),
]


@pytest.mark.parametrize(("to", "message"), BAD)
def test_what_has_no_limit_is_refused(to: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message.replace("?", r"\?")) as caught:
        law("ridge").limit(0, **to)
    assert "\n" not in str(caught.value)


def test_optimal_ridge_of_an_isotropic_prior() -> None:
    error = alpha * lam**2 / d * fc.Tr(R @ Sigma @ R) + sigma**2 / n * fc.Tr(R @ X.T @ X @ R @ Sigma)
    best = fc.derive({"error": error}).minimize("error", over="lam")
    assert best.value == sigma**2 * d / (n * alpha)
    isotropic = alpha * lam**2 / d * fc.Tr(Q @ Q) + sigma**2 / n * fc.Tr(Q @ Z.T @ Z @ Q)
    assert fc.derive({"error": isotropic}).minimize(over="lam").value == best.value


def test_minima_that_are_no_formulas() -> None:
    with pytest.raises(CannotDecideError, match="no minimum of bias over lam"):
        law("ridge").minimize("bias", over="lam")
    with pytest.raises(InputError, match="no positive scalar"):
        law("ridge").minimize("bias", over="n")
    with pytest.raises(InputError, match="no target 'x'"):
        law("ridge").minimize("x", over="lam")


def test_limits_in_problem_files(tmp_path: Path) -> None:
    file = written(tmp_path, NO_AT + '[ratios]\nphi = "d/n"\n[limits]\nlam = "0+"\nphi = "0+"\n')
    result = run("derive", file, "--target", "variance")
    assert result.exit_code == 0, result.output
    text = result.output
    assert (
        text.index("converges to")
        < text.index("limits (exact; which branch applies where is numerical evidence)\n  lam -> 0+\n    if n < d")
        < text.index("  phi -> 0+")
    )
    assert (
        "    if d < n, with Sigma invertible\n      variance = sigma**2*Tr(Test@inv(Sigma))/(n - d) + O(lam)\n" in text
    )
    plain = run("derive", written(tmp_path, NO_AT, "plain.toml"), "--json")
    limited = run("derive", file, "--json")
    first, second = (json.loads(r.output)["targets"]["bias"] for r in (plain, limited))
    assert first.keys() == second.keys() and first["closed_form"] == second["closed_form"]


def test_a_limit_that_does_not_exist_in_a_file(tmp_path: Path) -> None:
    result = run("derive", written(tmp_path, RIDGE + '[limits]\nn = "0+"\n'))
    assert result.exit_code == 2 and result.output.count("\n") == 1
    assert "problem.toml: limits.n: the dimension n cannot tend to '0+'" in result.output


def test_substitution_stays_exact() -> None:
    value = leading(limits("isotropic", "lam", "0+")["d < n"], "variance")
    assert substitute(value, {d.gens[0]: n / 2}) == sigma**2


def test_the_best_step_of_gradient_descent() -> None:
    (eta,) = fc.scalars("eta", "positive")
    X = fc.gaussian("X", n, d, variance=1 / n, covariance=fc.matrix("Sigma", d, d, "psd"))
    step = 1 - eta * (X.T @ X)
    found = fc.derive({"error": fc.tau(step @ step)}).minimize(over="eta")
    assert str(found) == "eta = n*tau(Sigma)/(d*tau(Sigma)**2 + n*tau(Sigma**2))"


def test_a_limit_keeps_its_name_in_the_expansion_of_its_parameter() -> None:
    text = str(limits("ridge", "lam", "0+", order=1)["n < d"].parameters)
    assert "kappa(lam) = kappa + lam/(1 - df2/n)" in text


def test_a_dimension_moves_to_integers_only_and_a_scalar_to_any_number() -> None:
    n, lam = Dimension("n"), Parameter("lam", "positive")
    start = Point({"n": 10, "d": 5}, {"lam": Fraction(1)})
    known = {"n": n, "lam": lam}
    far = read_approach("n", "oo", known, {})
    found = [moved(far, start, eps) for eps in (Fraction(1, 1000), Fraction(2, 1001), Fraction(2), Fraction(1))]
    assert [None if point is None else point.dims["n"] for point in found] == [1000, None, None, 1]
    near = moved(read_approach("lam", "0+", known, {}), start, Fraction(2, 1001))
    assert near is not None
    assert (near.scalars["lam"], near.dims) == (Fraction(2, 1001), start.dims)
