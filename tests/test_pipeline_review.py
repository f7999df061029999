"""What a review of training pipelines found: names that collide, sizes beyond thresholds, shared noise of features."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import fpt_calc as fc

d, T, n, p = fc.dims("d T n p")
sigma, lam, c = fc.scalars("sigma lam c", "positive")
SIGMA = fc.matrix("Sigma", d, d, "psd")
W0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
VALUES: dict[str, Any] = {"d": 60, "T": 120, "n": 90, "p": 48, "sigma": 0.5, "lam": 0.1, "w0": [[60**-0.5]] * 60}


def student(fit: Any, size: Any = T, noise: Any = sigma, covariance: Any = None) -> fc.ErrorLaw:
    data = fc.data("data", size, d, covariance, labels=W0, noise=noise)
    return fc.pipeline(fc.model("student", fit, [data]), against=W0).test_error()


def test_least_squares_beyond_its_threshold_is_refused_at_every_point() -> None:
    error = student(fc.ols())
    assert error.at(T=200, d=100, sigma=1)["error"] == pytest.approx(1)
    for size in (50, 100):
        with pytest.raises(fc.InputError, match="d < T is assumed"):
            error.at(T=size, d=100, sigma=1)


@pytest.mark.parametrize("fit", [fc.ols(), fc.min_norm(), fc.ridge("1/10")], ids=str)
@pytest.mark.parametrize("name", ["ridge", "ridge_student", "previous"])
def test_names_of_users_mean_nothing_else(fit: Any, name: str) -> None:
    (noise,) = fc.scalars(name, "positive")
    expected = student(fit, covariance=SIGMA).at(T=120, d=60, sigma=0.5, Sigma=2, w0=VALUES["w0"])
    found = student(fit, noise=noise, covariance=SIGMA).at(T=120, d=60, Sigma=2, w0=VALUES["w0"], **{name: 0.5})
    assert found == pytest.approx(expected, rel=1e-12)


def test_a_teacher_called_previous() -> None:
    """Its name is not that of the model before."""

    def values(name: str) -> dict[str, float]:
        other = fc.teacher(name, d, covariance=fc.matrix("G", d, d, "psd"))
        sets = [fc.data("a", T, d, labels=fc.previous), fc.data("b", n, d, labels=other)]
        chain = fc.generations(fc.model("step", fc.ridge(lam), sets), 2, W0)
        found = fc.pipeline(chain, against=W0).test_error().at(**_known(VALUES, "sigma", "p"), G=0.1)
        return {key.replace(name, "other"): value for key, value in found.items()}

    assert values("previous") == pytest.approx(values("w1"), rel=1e-12)


def _known(values: dict[str, Any], *without: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in without}


@pytest.mark.parametrize("fit", [fc.ols(), fc.min_norm()], ids=str)
@pytest.mark.parametrize("size", [90, 30])
def test_a_size_may_be_a_share(fit: Any, size: int) -> None:
    """Fits without ridge on c*n samples, which are as many as T."""
    if size < 60 and fit == fc.ols():
        return
    plain = student(fit, T, covariance=SIGMA).at(T=size, d=60, sigma=0.5, Sigma=fc.power_law(1), w0=VALUES["w0"])
    share = student(fit, c * n, covariance=SIGMA)
    found = share.at(n=2 * size, c=0.5, d=60, sigma=0.5, Sigma=fc.power_law(1), w0=VALUES["w0"])
    assert found == pytest.approx(plain, rel=1e-10)
    if size > 60:
        assert found["variance"] > 0


def features(name: str = "features") -> fc.Model:
    fit = fc.random_features(lam, p, linear=1, nonlinear=1, name=f"S_{name}")
    return fc.model(name, fit, [fc.data(f"data_{name}", T, d, labels=W0, noise=sigma)])


def test_inputs_twice_have_the_same_nonlinear_labels() -> None:
    """A data set and a copy of it, inputs and labels, are one data set for a fit."""
    one = fc.data("one", n, d, labels=features())
    two = fc.data("two", design=one, labels=features())
    values = [
        fc.pipeline(fc.model("pupil", fc.ridge(lam), sets), against=W0).test_error().at(**VALUES)
        for sets in ([one], [one, two])
    ]
    assert values[1] == pytest.approx(values[0], rel=1e-10)


def test_generations_from_random_features() -> None:
    """The first generation sees the nonlinear part of its labels."""
    step = fc.model("step", fc.ridge(lam), [fc.data("data", n, d, labels=fc.previous)])
    chain = fc.generations(step, 2, features())
    first = fc.model("first", fc.ridge(lam), [fc.data("data_1", n, d, labels=features())])
    second = fc.model("second", fc.ridge(lam), [fc.data("data_2", n, d, labels=first)])
    values = [fc.pipeline(model, against=W0).test_error().at(**VALUES) for model in (chain, second)]
    assert values[0] == pytest.approx(values[1], rel=1e-10)


def test_two_models_with_one_projection_label_one_design() -> None:
    """Their nonlinear parts are correlated, which no form of one model holds; one pencil of all does."""
    fit = fc.random_features(lam, p, linear=1, nonlinear=1, name="S")
    a, b = (fc.model(name, fit, [fc.data(f"data_{name}", T, d, labels=W0)]) for name in "ab")
    one = fc.data("one", n, d, labels=a)
    two = fc.data("two", design=one, labels=b)
    law = fc.pipeline(fc.model("pupil", fc.ridge(lam), [one, two]), against=W0).test_error()
    values = {"T": 120, "n": 100, "d": 80, "p": 90, "lam": 0.1, **_known(VALUES, "sigma")}
    values = {
        k: v for k, v in values.items() if k in {*law._declared.dims, *law._declared.scalars, *law._declared.matrices}
    }
    value, drawn = law.at(**values)["error"], law.simulate(60, progress=False, **values)["error"]
    assert abs(value - drawn.mean) <= 4.5 * drawn.standard_error


def test_training_error_of_least_squares_on_one_design() -> None:
    """Only the noise of the last generation is not fitted: sigma^2 (1 - d/T), whatever their number."""
    step = fc.model("step", fc.ols(), [fc.data("data", T, d, labels=fc.previous, noise=sigma)])
    for count in (1, 3):
        chain = fc.generations(step, count, W0, reused=step.on)
        error = fc.pipeline(chain, against=W0).test_error().train_error
        assert error.at(T=120, d=60, sigma=0.5, w0=VALUES["w0"])["error"] == pytest.approx(0.125, rel=1e-12)


def test_names_of_values_and_contradictions_are_refused() -> None:
    error = student(fc.ridge(lam), covariance=SIGMA)
    with pytest.raises(fc.InputError, match="no value 'eror'"):
        error.plot("lam", [0.1, 0.2], names=["eror"], T=120, d=60, sigma=0.5, Sigma=1, w0=VALUES["w0"], simulate=False)
    with pytest.raises(fc.InputError, match="rank 30"):
        student(fc.ols(), covariance=SIGMA).at(T=120, d=60, sigma=0.5, Sigma=[0] * 30 + [1] * 30)
    pipeline = fc.pipeline(fc.model("m", fc.min_norm(), [fc.data("D", T, labels=W0)]), against=W0)
    with pytest.raises(fc.InputError, match="leave one of them out"):
        print(pipeline.test_error(assume=["T < d", "d < T"]).bias)


def test_a_sweep_over_generations_has_all_their_sources() -> None:
    (g,) = fc.scalars("g", "generations")
    step = fc.model("step", fc.ridge(lam), [fc.data("data", T, covariance=SIGMA, labels=fc.previous, noise=sigma)])
    error = fc.pipeline(fc.generations(step, g, W0), against=W0).test_error()
    values = error.at(g=[2, 1], T=120, d=60, lam=0.1, sigma=0.5, Sigma=1, w0=VALUES["w0"])
    assert np.isnan(values["source.data_2"]).tolist() == [False, True]  # there is no second generation
