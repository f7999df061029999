"""Errors of training pipelines: against simulation, one pencil of all models, and linear algebra; limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

import fpt_calc as fc
from fpt_calc.api import ErrorLaw
from fpt_calc.api.training import point_of
from fpt_calc.errors import CannotDecideError, FptError, InputError
from fpt_calc.learning.evaluate import evaluate
from fpt_calc.learning.one_pencil import agrees_with_one_pencil

MAX_Z = 4.5

T, T0, d, m = fc.dims("T T0 d m")
lam, mu, sigma, sigma0 = fc.scalars("lam mu sigma sigma0", "positive")
(g,) = fc.scalars("g", "generations")
Sigma, Gamma, Delta, Other = (fc.matrix(name, d, d, "psd") for name in ("Sigma", "Gamma", "Delta", "Other"))
w0 = fc.teacher("w0", d, covariance=Gamma)
w1 = fc.teacher("w1", d, covariance=Delta, near=w0)
real = fc.data("real", T, covariance=Sigma, labels=w0, noise=sigma)
step = fc.data("synthetic", T0, covariance=Sigma, labels=fc.previous, noise=sigma0)


def chain(fit: Any, count: Any = g, *more: Any, reused: bool = False, start: Any = w0) -> Any:
    model = fc.model("generation", fit, [step, *more])
    return fc.generations(model, count, start, reused=[step] if reused else [])


def student(source: Any, fit: Any) -> Any:
    return fc.model("student", fit, [fc.data("last", T, covariance=Sigma, labels=source, noise=sigma)])


def error(model: Any, covariance: Any = Sigma) -> ErrorLaw:
    return fc.pipeline(model, against=w0, covariance=covariance).test_error()


@dataclass(frozen=True)
class Case:
    law: ErrorLaw
    values: Mapping[str, Any] = field(default_factory=dict)


SPECTRA = {"Sigma": fc.power_law(1, 2), "Gamma": fc.power_law(0.5, "1/40"), "Delta": 0.01, "Other": fc.power_law(0.5)}
NUMBERS = {"T": 130, "T0": 110, "d": 90, "m": 70, "lam": 0.1, "mu": 0.2, "sigma": 0.4, "sigma0": 0.5, "g": 3}

first = fc.model("first", fc.ridge(lam), [real])
second = fc.data("second", T0, covariance=Other, labels=first, noise=sigma0)
fresh_real = fc.data("fresh", m, covariance=Sigma, labels=w0, noise=sigma)
features = fc.random_features(lam, m, linear="4/5", nonlinear="1/2", name="S")
CASES = {
    "clean": Case(error(first)),
    "least squares, then ridge": Case(error(student(chain(fc.ols()), fc.ridge(lam)))),
    "ridge everywhere": Case(error(student(chain(fc.ridge(mu)), fc.ridge(lam)))),
    "interpolators, then ridge": Case(error(student(chain(fc.min_norm()), fc.ridge(lam))), {"T0": 60}),
    "ridge on one design": Case(error(student(chain(fc.ridge(mu), 2, reused=True), fc.ridge(lam)))),
    "interpolators on one design": Case(error(student(chain(fc.min_norm(), reused=True), fc.ridge(lam))), {"T0": 45}),
    "real data in every generation": Case(error(chain(fc.ridge(mu), g, fresh_real))),
    "projections in every generation": Case(error(chain(fc.projections(mu, m, name="S")))),
    "two groups that do not commute": Case(  # the slowest: second order of two groups
        error(
            fc.model("student", fc.ridge(lam), [real, fc.data("other", T0, covariance=Other, labels=w1, noise=sigma0)])
        )
    ),
    "stale teacher, other inputs": Case(error(fc.model("student", fc.ridge(mu), [second]))),
    "its own data and those of its model": Case(error(fc.model("student", fc.ridge(mu), [real, second]))),
    "self-distillation": Case(
        error(fc.model("student", fc.ridge(mu), [fc.data("again", design=real, labels=first, noise=sigma0)]))
    ),
    "random features": Case(error(fc.model("student", features, [real]))),
}


def point(case: Case) -> dict[str, Any]:
    names = case.law._declared
    known = {**names.dims, **names.scalars, **names.matrices}
    return {k: v for k, v in {**NUMBERS, **SPECTRA, **case.values}.items() if k in known}


@pytest.mark.parametrize("name", CASES)
def test_every_value_is_what_training_gives(name: str) -> None:
    case = CASES[name]
    values, drawn = case.law.at(**point(case)), case.law.simulate(60, 1, progress=False, **point(case))
    assert {"error", "bias", "variance"} <= set(values)
    for key, value in values.items():
        estimate = drawn[key]
        offset = 0.06 * abs(value)  # of order 1/n at these sizes
        assert abs(value - estimate.mean) <= MAX_Z * estimate.standard_error + offset, (key, value, estimate)


@pytest.mark.parametrize("name", CASES)
def test_error_is_bias_plus_variance_and_these_are_sums_of_sources(name: str) -> None:
    case = CASES[name]
    values = case.law.at(**point(case))
    assert values["error"] == pytest.approx(values["bias"] + values["variance"], rel=1e-12)
    program = case.law.program_at(point_of(case.law, point(case)))
    bias = sum(values[f"source.{t}"] for t in program.bias)
    noise = sum(values[f"source.{k}"] for k in program.variance)
    assert values["bias"] == pytest.approx(bias, rel=1e-10)
    assert values["variance"] == pytest.approx(noise, rel=1e-10)


@pytest.mark.parametrize("name", ["least squares, then ridge", "ridge everywhere", "real data in every generation"])
def test_the_tower_is_one_pencil_of_all_models(name: str) -> None:
    assert agrees_with_one_pencil(CASES[name].law.pipeline) is True


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(CASES) - {"interpolators on one design"}))
def test_every_tower_is_one_pencil_of_all_models(name: str) -> None:
    assert agrees_with_one_pencil(CASES[name].law.pipeline) is not False


@pytest.mark.parametrize("name", ["least squares, then ridge", "ridge everywhere", "interpolators, then ridge"])
def test_balls_hold_the_doubles(name: str) -> None:
    case = CASES[name]
    values, balls = case.law.at(**point(case)), case.law.certified(25, **point(case))
    for key, value in values.items():
        assert balls[key].digits >= 20 or abs(value) < 1e-12
        assert float(balls[key].value) == pytest.approx(value, rel=1e-9, abs=1e-13)


def powers(values: Mapping[str, Any], rounds: int) -> tuple[float, float]:
    """The noise of ridge in every generation by its secular equation, and the largest root: NumPy alone."""
    size, n, ridge = values["d"], values["T0"], values["mu"]
    s = 2.0 / np.arange(1, size + 1)
    kappa = ridge
    for _ in range(100_000):
        kappa = ridge + kappa * np.sum(s / (s + kappa)) / n
    p, q = s / (s + kappa), s / (s + kappa) ** 2
    rest = n - np.sum(p**2)
    roots, vectors = np.linalg.eigh(np.diag(p**2) + kappa**2 / rest * np.outer(q, q))
    start = vectors.T @ s
    geometric = (1 - roots**rounds) / (1 - roots)
    return values["sigma0"] ** 2 / rest * float(np.sum((vectors.T @ q) * geometric * start)), float(roots[-1])


@pytest.mark.parametrize("rounds", [0, 1, 2, 7, 40])
def test_the_sum_over_roots_is_the_recursion(rounds: int) -> None:
    law = error(chain(fc.ridge(mu)))
    values = point(Case(law)) | {"g": rounds}
    expected, _ = powers(values, rounds)
    assert law.at(**values)["variance"] == pytest.approx(expected, rel=1e-9, abs=1e-15)


def test_a_ridge_in_every_generation_contracts_by_the_largest_root() -> None:
    law = error(chain(fc.ridge(mu)))
    values = point(Case(law))
    _, root = powers(values, 1)
    (factor,) = law.growth_factors(**values).values()
    assert factor == pytest.approx(root, rel=1e-6)


@pytest.mark.parametrize("fit", [fc.ridge(mu), fc.min_norm()])
def test_the_limit_is_reached(fit: Any) -> None:
    law = error(chain(fit))
    values = point(Case(law)) | {"T0": 45, "Sigma": fc.power_law(0.25), "g": 800}
    known = fc.pipeline(law.pipeline.model, against=w0, covariance=Sigma).test_error(["T0 < d"])
    limit = known.limit(g="oo")
    assert limit.kind == "saturates"
    found = evaluate(limit.derived.program, point_of(known, values))
    for key, value in known.at(**values).items():
        if key in found:
            assert found[key] == pytest.approx(value, rel=1e-6), key


def test_least_squares_grow_linearly() -> None:
    limit = error(student(chain(fc.ols()), fc.ridge(lam))).limit(g="oo")
    assert limit.kind == "grows linearly"


def test_isotropic_interpolators_lose_the_signal() -> None:
    plain = fc.data("synthetic", T0, dim=d, labels=fc.previous, noise=sigma0)
    model = fc.generations(fc.model("generation", fc.min_norm(), [plain]), g, w0)
    limit = fc.pipeline(model, against=w0).test_error(["T0 < d"]).limit(g="oo")
    assert str(limit.form.values["bias"]) == "Tr(Gamma)"
    assert str(limit.form.values["variance"]) == "T0*d*sigma0**2/(T0 - d)**2"


def test_generations_of_projections_can_amplify_errors() -> None:
    """At m = T0 and a small ridge the map of a generation has spectral radius above one, and the error grows."""
    law = error(chain(fc.projections(mu, m, name="S")))
    values = point(Case(law)) | {"T0": 80, "m": 80, "mu": 0.001, "d": 100}
    (factor,) = law.growth_factors(**values).values()
    assert factor > 1.02
    many = [law.at(**{**values, "g": k})["variance"] for k in (200, 210)]
    assert (many[1] / many[0]) ** 0.1 == pytest.approx(factor, rel=0.002)
    with pytest.raises(CannotDecideError, match="growth_factors"):
        law.limit(g="oo")


def test_no_generation_is_clean_training() -> None:
    values = point(CASES["clean"])
    clean = CASES["clean"].law.at(**values)
    for fit in (fc.ols(), fc.ridge(mu)):
        law = error(student(chain(fit), fc.ridge(lam)))
        found = law.at(**{**point(Case(law)), "g": 0})
        assert found["bias"] == pytest.approx(clean["bias"], rel=1e-12)
        assert found["source.last"] == pytest.approx(clean["variance"], rel=1e-12)
        assert found["source.synthetic"] == 0


@pytest.mark.parametrize("name", ["clean", "least squares, then ridge", "two groups that do not commute"])
def test_the_training_error_is_that_of_training(name: str) -> None:
    case = CASES[name]
    value = case.law.train_error.at(**point(case))["error"]
    estimate = case.law.simulate(60, 2, progress=False, **point(case))["train_error"]
    assert abs(value - estimate.mean) <= MAX_Z * estimate.standard_error + 0.03 * value


def test_a_theorem_has_checked_steps_and_no_gaps() -> None:
    theorem = CASES["least squares, then ridge"].law.theorem
    assert not theorem.gaps
    assert [s.rule for s in theorem.derivation.steps] == ["stages", "lam -> 0+", "tower of expectations", "values"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: error(chain(fc.min_norm())).bias, "T0 samples in dimension d"),
        (lambda: error(chain(fc.ols())).limit(lam="0+"), "number of generations"),
        (lambda: error(chain(fc.ols())).limit(h="oo"), "no symbolic number of generations"),
        (lambda: error(first).at(**{**point(CASES["clean"]), "lam": -1}), "contradicts"),
        (lambda: error(first).at(T=3), "no value for"),
        (lambda: error(first).at(nonsense=3), "unknown name"),
        (lambda: error(chain(fc.ridge(mu))).at(**{**point(CASES["ridge everywhere"]), "g": -1}), "unknown|contradicts"),
        (lambda: fc.pipeline(first, against=w0).test_error(["d <= T"]).bias, "inequality"),
        (lambda: fc.pipeline(w0, against=w0), "not a model"),
        (lambda: error(chain(fc.min_norm(), reused=True)).at(g=0, **INTERPOLATED), "no generation"),
    ],
)
def test_wrong_questions_get_one_line(wrong: Any, message: str) -> None:
    with pytest.raises(FptError, match=message) as caught:
        wrong()
    assert isinstance(caught.value, InputError | CannotDecideError)
    assert "\n" not in str(caught.value)


INTERPOLATED = {"T0": 45, "d": 90, "sigma0": 0.5, "Sigma": 1, "Gamma": 0.01}
