"""Pipelines whose theorems are printed, by name: one of each kind of training."""

from __future__ import annotations

from collections.abc import Callable

import fpt_calc as fc
from fpt_calc.api.training import ErrorLaw
from fpt_calc.expr import Atom
from fpt_calc.pipeline import LabelSource, Learner

d, n, T, T0, width = fc.dims("d n T T0 p")
sigma, sigma0, lam = fc.scalars("sigma sigma0 lam", "positive")
sigma1, sigma2, lam0 = fc.scalars("sigma1 sigma2 lam0", "positive")
(p2,) = fc.scalars("p2", "fraction")
(g,) = fc.scalars("g", "generations")
Sigma, Omega, Gamma, Delta = (fc.matrix(name, d, d, "psd") for name in ("Sigma", "Omega", "Gamma", "Delta"))
W0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))


def generations(
    inner: Learner, outer: Learner, covariance: Atom | None = None, assume: tuple[str, ...] = ()
) -> ErrorLaw:
    """A chain of g generations on T0 samples each, then a student on T samples."""
    synthetic = fc.data("synthetic", T0, d, covariance, labels=fc.previous, noise=sigma0)
    chain = fc.generations(fc.model("generation", inner, [synthetic]), g, W0)
    last = fc.data("real", T, d, covariance, labels=chain, noise=sigma)
    title = "Test error after generations of retraining"
    return fc.pipeline(fc.model("student", outer, [last]), against=W0, covariance=covariance, title=title).test_error(
        assume
    )


def strong_collapse(fit: Learner) -> ErrorLaw:
    """A share of the data is labelled by a displaced teacher."""
    w1 = fc.teacher("w1", d, covariance=Gamma)
    w2 = fc.teacher("w2", d, covariance=Delta, near=w1)
    real = fc.data("real", (1 - p2) * n, covariance=Sigma, labels=w1, noise=sigma1)
    synthetic = fc.data("synthetic", p2 * n, covariance=Sigma, labels=w2, noise=sigma2)
    student = fc.model("student", fit, [real, synthetic])
    return fc.pipeline(student, against=w1, covariance=Sigma, title="Strong model collapse").test_error()


def weak_to_strong() -> ErrorLaw:
    """A student learns from a weaker one, on inputs of another covariance."""
    first = fc.data("labelled", T0, covariance=Omega, labels=W0, noise=sigma0)
    weak = fc.model("weak", fc.ridge(lam0), [first])
    second = fc.data("unlabelled", T, covariance=Sigma, labels=weak)
    strong = fc.model("strong", fc.ridge(lam), [second])
    return fc.pipeline(strong, against=W0, covariance=Sigma, title="Weak-to-strong generalization").test_error()


def three_generations() -> ErrorLaw:
    """Three models of different sample sizes, each labelled by the one before."""
    sizes = fc.dims("T1 T2 T3")
    source: LabelSource = W0
    for k, size in enumerate(sizes, 1):
        source = fc.model(f"w{k}", fc.ols(), [fc.data(f"data{k}", size, d, Sigma, labels=source, noise=sigma)])
    return fc.pipeline(source, against=W0, covariance=Sigma, title="Three generations").test_error()


def shared_data() -> ErrorLaw:
    """A student on the inputs that its teacher model was trained on, labelled by it: self-distillation."""
    real = fc.data("real", n, covariance=Sigma, labels=W0, noise=sigma)
    first = fc.model("first", fc.ridge(lam0), [real])
    again = fc.data("again", design=real, labels=first)
    second = fc.model("second", fc.ridge(lam), [again])
    return fc.pipeline(second, against=W0, covariance=Sigma, title="Self-distillation").test_error()


def random_features() -> ErrorLaw:
    """Ridge on random features."""
    fit = fc.random_features("1/10", width, linear="3/5", nonlinear="4/5", name="S")
    student = fc.model("student", fit, [fc.data("real", T, d, labels=W0, noise=sigma)])
    return fc.pipeline(student, against=W0, title="Random features").test_error()


def one_design() -> ErrorLaw:
    """Generations of least norm on the same inputs."""
    synthetic = fc.data("synthetic", T0, d, Sigma, labels=fc.previous, noise=sigma0)
    chain = fc.generations(fc.model("generation", fc.min_norm(), [synthetic]), g, W0, [synthetic], name="chain")
    last = fc.data("real", T, d, Sigma, labels=chain, noise=sigma)
    student = fc.model("student", fc.ridge(lam), [last])
    return fc.pipeline(student, against=W0, covariance=Sigma, title="Generations on one design").test_error(["T0 < d"])


def accumulated() -> ErrorLaw:
    """Generations that learn from the one before and from fresh real data."""
    synthetic = fc.data("synthetic", T0, covariance=Sigma, labels=fc.previous, noise=sigma0)
    real = fc.data("real", T, covariance=Sigma, labels=W0, noise=sigma)
    chain = fc.generations(fc.model("generation", fc.ridge(lam), [synthetic, real]), g + 1, W0, name="chain")
    return fc.pipeline(chain, against=W0, covariance=Sigma, title="Real data in every generation").test_error()


def four_ridges() -> ErrorLaw:
    """Four ridge regressions, each labelled by the one before."""
    source: LabelSource = W0
    for k, size in enumerate(fc.dims("T1 T2 T3 T4"), 1):
        inputs = fc.data(f"data{k}", size, d, Sigma, labels=source, noise=sigma)
        source = fc.model(f"w{k}", fc.ridge(lam), [inputs])
    return fc.pipeline(source, against=W0, covariance=Sigma, title="Four ridge regressions").test_error()


CASES: dict[str, Callable[[], ErrorLaw]] = {
    "ols_then_ols": lambda: generations(fc.ols(), fc.ols()),
    "ols_then_ridge": lambda: generations(fc.ols(), fc.ridge(lam), Sigma),
    "min_norm": lambda: generations(fc.min_norm(), fc.min_norm(), assume=("T0 < d", "T < d")),
    "ridge_in_every_generation": lambda: generations(fc.ridge(lam0), fc.ridge(lam), Sigma),
    "isotropic_ridge": lambda: generations(fc.ridge(lam0), fc.ridge(lam)),
    "min_norm_then_ridge": lambda: generations(fc.min_norm(), fc.ridge(lam), Sigma, ("T0 < d",)),
    "strong_collapse": lambda: strong_collapse(fc.ridge(lam)),
    "strong_collapse_projected": lambda: strong_collapse(fc.projections(lam, width, name="S")),
    "weak_to_strong": weak_to_strong,
    "three_generations": three_generations,
    "shared_data": shared_data,
    "random_features": random_features,
    "one_design": one_design,
    "accumulated": accumulated,
    "training_error": lambda: strong_collapse(fc.ridge(lam)).train_error,
    "four_ridges": four_ridges,
    "least_norm": lambda: generations(fc.ridge(lam), fc.min_norm(), Sigma, ("T < d",)),
}
