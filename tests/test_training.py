"""Laws of simulated training: exact errors at finite size, what sharing data changes, additivity, reproducibility.

Exact values follow from E (X'X)^-1 = Sigma^-1/(T - d - 1) for T > d rows N(0, Sigma), and from X^+ X being the
projection on a uniformly random subspace for isotropic rows.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from fpt_calc.expr import Atom
from fpt_calc.pipeline import (
    OLS,
    Dataset,
    MinNorm,
    Model,
    Pipeline,
    ProjectedRidge,
    Projection,
    RandomFeatures,
    Ridge,
    Teacher,
)
from fpt_calc.point import Dense, Multiple
from fpt_calc.scalars import ONE, scalar
from fpt_calc.training import simulate_pipeline
from fpt_calc.training.fit import fitted
from fpt_calc.training.plan import FitPlan
from fpt_calc.training.prepare import make_plan
from fpt_calc.training.trial import ERRORS, run_trials
from tests.training_cases import (
    COVARIANCE,
    FIXED,
    LAM,
    SIGMA,
    TEST,
    W0,
    agrees,
    at,
    chain,
    chi_square_mean,
    data,
    design,
    pipeline,
    rich_pipeline,
    rich_point,
    spd,
    symbol,
)

NOISE = float(SIGMA) ** 2


# exact errors of one model ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("samples", "dim"), [(30, 12), (60, 5), (20, 14)])
def test_least_squares(samples: int, dim: int) -> None:
    """Noise costs sigma^2 Tr(SigmaTest Sigma^-1)/(T - d - 1) and nothing else; training errors lose d/T."""
    asked = pipeline(OLS(), data("D", design("X", samples, COVARIANCE)), test=TEST)
    train, test = spd(dim, 1), spd(dim, 2)
    result = simulate_pipeline(asked, at(dim, Sigma=train, SigmaTest=test), trials=400)
    exact = NOISE * np.trace(test.array @ np.linalg.inv(train.array)) / (samples - dim - 1)
    assert agrees(result["variance"], exact)
    assert agrees(result["error"], exact)
    assert agrees(result["train_error"], NOISE * (1 - dim / samples))
    assert result["bias"].mean < 1e-24 * dim  # rounding: all weights are recovered
    assert result["source.D"] == result["variance"]


@pytest.mark.parametrize(("samples", "dim"), [(30, 12), (12, 30), (8, 40), (41, 20)])
def test_interpolation_of_least_norm(samples: int, dim: int) -> None:
    asked = pipeline(MinNorm(), data("D", design("X", samples)))
    result = simulate_pipeline(asked, at(dim), trials=400)
    assert agrees(result["variance"], NOISE * min(samples, dim) / (abs(samples - dim) - 1))
    if samples < dim:
        assert agrees(result["bias"], 1 - samples / dim)
        assert result["train_error"].mean < 1e-20
    else:
        assert result["bias"].mean < 1e-24


def test_ridge_in_one_dimension() -> None:
    """The mean over q = |X|^2/n, with the samples of two data sets counted together."""
    lam = float(LAM.constant or 0)
    asked = pipeline(Ridge(LAM), data("D", design("X", 3)), data("E", design("Y", 5)))
    result = simulate_pipeline(asked, at(1), trials=4000)
    assert agrees(result["bias"], chi_square_mean((8,), lambda x: (lam / (x / 8 + lam)) ** 2))
    assert agrees(result["variance"], NOISE * chi_square_mean((8,), lambda x: x / 64 / (x / 8 + lam) ** 2))
    assert agrees(result["source.D"], 3 / 8 * (result["variance"].mean), power=0.3)


def test_ridge_on_one_sample() -> None:
    lam, dim = float(LAM.constant or 0), 6
    result = simulate_pipeline(pipeline(Ridge(LAM), data("D", design("X", 1))), at(dim), trials=4000)
    shrunk = chi_square_mean((dim,), lambda q: (lam / (q + lam)) ** 2)
    assert agrees(result["bias"], 1 - (1 - shrunk) / dim)
    assert agrees(result["variance"], NOISE * chi_square_mean((dim,), lambda q: q / (q + lam) ** 2))


def test_ridge_on_one_projected_feature() -> None:
    """With one feature s'x, r = |s|^2 and q the mean of (s'x)^2/r, w = s/|s| a (...), a = r q/(r q + lam)."""
    lam, dim, n = float(LAM.constant or 0), 4, 7
    learner = ProjectedRidge(LAM, Projection("S", ONE))
    result = simulate_pipeline(pipeline(learner, data("D", design("X", n))), at(dim), trials=4000)

    def mean(f: Any) -> float:
        return chi_square_mean((dim, n), lambda r, q: f(r * q / dim / n / (r * q / dim / n + lam), q / n))

    across = mean(lambda a, q: a**2 / (n * q))
    assert agrees(result["bias"], (1 - 1 / dim) * (1 + across) + mean(lambda a, q: (1 - a) ** 2) / dim)
    assert agrees(result["variance"], NOISE * across)


# generations, shared data, several teachers -------------------------------------------------------------------------


@pytest.mark.parametrize("reused", [frozenset(), frozenset({"X"})], ids=["fresh", "reused"])
@pytest.mark.parametrize("given", ["number", "point", "counts"])
def test_least_squares_generations_add_their_noises(given: str, reused: frozenset[str]) -> None:
    samples, dim, number = 30, 10, 4
    count = scalar(number) if given == "number" else symbol("k")
    asked = Pipeline(chain(OLS(), count, design("X", samples, COVARIANCE), reused=reused), W0, COVARIANCE)
    point = at(dim, {"k": {"point": number, "counts": 1, "number": 2}[given]}, Sigma=spd(dim, 3))
    counts = {"chain": number} if given == "counts" else None
    result = simulate_pipeline(asked, point, trials=300, counts=counts)
    once = NOISE * dim / (samples - dim - 1)
    assert agrees(result["error"], number * once)
    assert agrees(result["source.synthetic"], number * once)
    single = [result[f"source.synthetic_{k}"] for k in range(1, number + 1)]
    assert all(agrees(estimate, once) for estimate in single)
    assert result["source.synthetic"].mean == pytest.approx(sum(e.mean for e in single), rel=1e-12)
    assert agrees(result["train_error"], NOISE * (1 - dim / samples))
    assert f"source.synthetic_{number + 1}" not in result


def test_generations_of_interpolators() -> None:
    """A fresh projection P_2 keeps T/d of what passed P_1; the same projection keeps all of it."""
    samples, dim = 12, 30
    share, once = samples / dim, NOISE * samples / (dim - samples - 1)
    results = {}
    for reused in (frozenset[str](), frozenset({"X"})):
        asked = Pipeline(chain(MinNorm(), scalar(2), design("X", samples), reused=reused), W0)
        results[bool(reused)] = simulate_pipeline(asked, at(dim), trials=400)
    assert agrees(results[True]["bias"], 1 - share)
    assert agrees(results[False]["bias"], 1 - share**2)
    assert agrees(results[True]["source.synthetic_1"], once)
    assert agrees(results[False]["source.synthetic_1"], share * once)
    for result in results.values():
        assert agrees(result["source.synthetic_2"], once)
        assert agrees(result["source.w0"], result["bias"].mean)


@pytest.mark.parametrize(
    ("name", "weight", "fresh"),
    [
        ("data", {"D": 1, "E": 1 / 4}, False),
        ("design", {"D": 1 / 4, "D2": 1 / 4, "E": 1 / 4}, False),
        ("none", {"D": 1, "E": 1}, True),
    ],
)
def test_what_is_reused(name: str, weight: dict[str, float], fresh: bool) -> None:
    """A student of model 1 on one design: with the data set of model 1 itself, its design only, or nothing of it.

    On one design least squares is linear in the mean of the labels, (y_1 + y_2)/2.
    """
    samples, dim = 40, 10
    shared = design("X", samples)
    first = data("D", shared)
    teacher = Model("first", OLS(), (first,))
    synthetic = data("E", design("Y", samples) if fresh else shared, teacher)
    real = {"data": (first,), "design": (data("D2", shared),), "none": ()}[name]
    result = simulate_pipeline(pipeline(OLS(), *real, synthetic), at(dim), trials=300)
    once = NOISE * dim / (samples - dim - 1)
    for source, share in weight.items():
        assert agrees(result[f"source.{source}"], share * once)
    assert agrees(result["variance"], sum(weight.values()) * once)
    assert {n for n in result if n.startswith("source")} == {"source.w0"} | {f"source.{s}" for s in weight}


def test_accumulated_labels_of_one_design() -> None:
    """Model i learns from i label vectors on one design, so that w_i = w_{i-1} + X^+ e_i/i."""
    samples, dim, models = 35, 12, 5
    shared, on, source = design("X", samples), list[Dataset](), W0
    for i in range(1, models + 1):
        on.append(data(f"D{i}", shared, source))
        source = Model(f"M{i}", OLS(), tuple(on))  # type: ignore[assignment]  # a teacher at first, then models
    asked = Pipeline(source, W0)  # type: ignore[arg-type]  # a model by now
    result = simulate_pipeline(asked, at(dim), trials=300)
    once = NOISE * dim / (samples - dim - 1)
    assert agrees(result["error"], once * sum(1 / i**2 for i in range(1, models + 1)))
    assert agrees(result[f"source.D{models}"], once / models**2)


def test_displaced_teachers() -> None:
    """Half of the labels of one design come from w0, half from w0 + delta: the fit is w0 + delta/2."""
    samples, dim = 25, 8
    delta = Teacher("shifted", W0.dim, covariance=Atom("Delta", W0.dim, W0.dim), near=W0)
    shared = design("X", samples)
    on = data("D", shared, W0), data("E", shared, delta)
    point = at(dim, Delta=spd(dim, 4), SigmaTest=spd(dim, 4))
    size = float(np.trace(spd(dim, 4).array @ spd(dim, 4).array))
    for against in (W0, delta):
        result = simulate_pipeline(pipeline(OLS(), *on, against=against, test=TEST), point, trials=1000)
        assert agrees(result["source.shifted"], size / 4)
        assert agrees(result["bias"], size / 4)
        assert result["source.w0"].mean < 1e-24
    alone = simulate_pipeline(pipeline(OLS(), on[1], against=W0, test=TEST), point, trials=1000)
    assert agrees(alone["source.shifted"], size)
    itself = simulate_pipeline(pipeline(OLS(), on[1], against=delta, test=TEST), point, trials=2)
    assert itself["bias"].mean < 1e-24


def test_a_fixed_teacher() -> None:
    """Interpolation loses 1 - T/d of a fixed vector, whatever its direction; the parts of two teachers differ."""
    samples, dim = 10, 25
    vector = np.arange(dim) / 10
    point = at(dim, v=Dense(vector[:, None]))
    asked = pipeline(MinNorm(), data("D", design("X", samples), FIXED), against=FIXED)
    result = simulate_pipeline(asked, point, trials=400)
    assert agrees(result["bias"], vector @ vector * (1 - samples / dim))
    both = simulate_pipeline(pipeline(OLS(), data("D", design("X", 60), FIXED), against=W0), point)
    assert both["source.w"].mean == pytest.approx(vector @ vector, rel=1e-9)
    assert agrees(both["source.w0"], 1.0)  # w0 is N(0, 1/d) and nobody's label


# additivity, in every trial one by one ------------------------------------------------------------------------------


def test_errors_are_sums_of_their_parts() -> None:
    plan = make_plan(rich_pipeline(), rich_point(), {})
    values = run_trials(plan, 5, range(600))
    error, bias, variance = values[:, [ERRORS.index(name) for name in ("error", "bias", "variance")]].T
    sources = values[:, len(ERRORS) :]
    teachers = len(plan.teachers)
    assert sources.shape[1] == 2 + 3 + 3 + 2  # teachers; synthetic and real in each generation; first and last
    for whole, parts in [
        (error, bias + variance),
        (bias, sources[:, :teachers].sum(axis=1)),
        (variance, sources[:, teachers:].sum(axis=1)),
    ]:
        gap = whole - parts
        assert gap.std() > 1e-6  # cross terms, of mean zero
        assert abs(gap.mean()) < 4.5 * gap.std(ddof=1) / len(gap) ** 0.5
        assert gap.std() / len(gap) ** 0.5 < 0.1 * whole.mean()


def test_every_kind_of_source_is_reported() -> None:
    result = simulate_pipeline(rich_pipeline(), rich_point(), trials=4)
    generations = [f"{name}{k}" for name in ("synthetic", "real") for k in ("", "_1", "_2", "_3")]
    names = {"w0", "delta", "first", "last", *generations}
    assert set(result) == {*ERRORS, *(f"source.{name}" for name in names)}


def test_without_noise_there_is_no_variance() -> None:
    quiet = data("D", design("X", 20), noise=Fraction(0))
    result = simulate_pipeline(pipeline(Ridge(LAM), quiet), at(8), trials=3)
    assert result["variance"].mean == 0
    assert result["error"] == result["bias"]
    assert "source.D" not in result


# random features, against a script that trains on one vector of labels and tests on drawn points ---------------------


def brute_force(same_design: bool, same_projection: bool, trials: int) -> np.ndarray[Any, Any]:
    """Training and test error of features trained on labels of features, one row for each trial."""
    rng = np.random.default_rng(123)
    dim, width, n, m, lam, linear, nonlinear, sigma = 5, 8, 10, 14, 0.3, 2.0, 1.5, float(SIGMA)
    rows = []
    for _ in range(trials):
        w0 = rng.normal(size=dim)
        s = rng.normal(size=(width, dim)) / np.sqrt(dim)
        x, xi = rng.normal(size=(n, dim)), rng.normal(size=(n, width))
        phi = linear * x @ s.T + nonlinear * xi
        y = x @ w0 + sigma * rng.normal(size=n)
        v = np.linalg.inv(phi.T @ phi / n + lam * np.eye(width)) @ phi.T @ y / n
        if not same_design:
            x, xi = rng.normal(size=(m, dim)), rng.normal(size=(m, width))
        z = (linear * x @ s.T + nonlinear * xi) @ v + sigma * rng.normal(size=len(x))
        if not same_projection:
            s, xi = rng.normal(size=(width, dim)) / np.sqrt(dim), rng.normal(size=(len(x), width))
        psi = linear * x @ s.T + nonlinear * xi
        u = np.linalg.inv(psi.T @ psi / len(x) + lam * np.eye(width)) @ psi.T @ z / len(x)
        t = rng.normal(size=(40, dim))
        answers = (linear * t @ s.T + nonlinear * rng.normal(size=(40, width))) @ u
        rows.append((np.mean((z - psi @ u) ** 2), np.mean((answers - t @ w0) ** 2)))
    return np.array(rows)


@pytest.mark.parametrize("same_projection", [False, True])
@pytest.mark.parametrize("same_design", [False, True])
def test_random_features(same_design: bool, same_projection: bool) -> None:
    trials = 2000
    features = [
        RandomFeatures(LAM, Projection(name, scalar(8)), scalar(2), scalar(Fraction(3, 2)))
        for name in ("S", "S" if same_projection else "T")
    ]
    inputs = design("X", 10)
    labeller = Model("labeller", features[0], (data("D", inputs),))
    asked = pipeline(features[1], data("E", inputs if same_design else design("Y", 14), labeller))
    result = simulate_pipeline(asked, at(5, C0=Multiple(1)), trials=trials)
    expected = brute_force(same_design, same_projection, trials)
    errors = expected.std(axis=0, ddof=1) / trials**0.5
    for name, mean, error in zip(("train_error", "error"), expected.mean(axis=0), errors, strict=True):
        gap = abs(result[name].mean - mean)
        spread = (result[name].standard_error ** 2 + error**2) ** 0.5
        assert gap < 4.5 * spread < 0.2 * mean


def test_features_without_own_noise_are_projected_ridge() -> None:
    on = data("D", design("X", 12, COVARIANCE))
    point = at(9, Sigma=spd(9, 7))
    projection = Projection("S", scalar(5))
    plain = simulate_pipeline(pipeline(ProjectedRidge(LAM, projection), on), point, trials=5)
    features = RandomFeatures(LAM, projection, scalar(1), scalar(0))
    assert simulate_pipeline(pipeline(features, on), point, trials=5) == plain


# fits ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rows", "cols", "rank"), [(9, 5, 5), (5, 9, 5), (9, 5, 3), (5, 9, 3), (6, 6, 6), (6, 6, 2)])
def test_fits_solve_their_normal_equations(rows: int, cols: int, rank: int) -> None:
    rng = np.random.default_rng(rows + 10 * rank)
    features = rng.normal(size=(rows, rank)) @ rng.normal(size=(rank, cols))
    labels = rng.normal(size=(rows, 3))
    least = fitted(FitPlan(None, False, None), features, labels, "fit")
    assert np.abs(least - np.linalg.pinv(features) @ labels).max() < 1e-9
    w = fitted(FitPlan(0.3, False, None), features, labels, "fit")
    assert np.abs(features.T @ (features @ w - labels) / rows + 0.3 * w).max() < 1e-12


@pytest.mark.parametrize(("rows", "cols"), [(9, 6), (6, 9)])
def test_ill_conditioned_least_squares_loses_the_condition_number_not_its_square(rows: int, cols: int) -> None:
    rng = np.random.default_rng(rows)
    left, right = (np.linalg.qr(rng.normal(size=(size, 6)))[0] for size in (rows, cols))
    features = left * np.geomspace(1, 1e-7, 6) @ right.T
    w = right @ rng.normal(size=(6, 1))  # in the row space: the solution of least norm
    found = fitted(FitPlan(None, False, None), features, features @ w, "fit")
    assert np.abs(found - w).max() < 100 * 1e7 * np.finfo(float).eps


def test_least_norm_of_repeated_inputs() -> None:
    """The rows of one design twice have half of the rank; the fit is that of the mean labels."""
    shared = design("X", 10)
    result = simulate_pipeline(pipeline(MinNorm(), data("D", shared), data("E", shared)), at(30), trials=300)
    assert agrees(result["variance"], NOISE / 2 * 10 / (30 - 10 - 1))
    assert agrees(result["bias"], 1 - 10 / 30)
