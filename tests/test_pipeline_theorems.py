"""Theorems about test errors beside the entries of derivations/: figures, special cases, limits, other oracles."""

from __future__ import annotations

import re
import runpy
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fpt_calc as fc
from fpt_calc.api import ErrorLaw
from fpt_calc.collection import PipelineEntry
from fpt_calc.errors import InputError
from fpt_calc.learning.compare import claimed_number
from fpt_calc.pipeline import contents
from fpt_calc.point import Dense, Eigenvalues, Multiple, Point
from fpt_calc.training import simulate_pipeline

FOLDER = Path(__file__).parents[1] / "derivations"
MAX_Z = 4.5
ROUNDING = 1e-9  # relative, of values that two programs compute in double precision

T, T0, d = fc.dims("T T0 d")
lam, lam0, sigma, sigma0 = fc.scalars("lam lam0 sigma sigma0", "positive")
(n,) = fc.scalars("n", "generations")
Sigma, Test = fc.matrix("Sigma", d, d, "psd"), fc.matrix("Test", d, d, "psd")
FITS = {"ols": fc.ols(), "min-norm": fc.min_norm(), "ridge": fc.ridge(lam0)}


@cache
def entry(name: str) -> PipelineEntry:
    found = runpy.run_path(str(FOLDER / f"{name}.py"))["ENTRY"]
    assert isinstance(found, PipelineEntry)
    return found


def vector(square_norm: float, size: int) -> Dense:
    return Dense(np.full((size, 1), (square_norm / size) ** 0.5))


@cache
def chain(fit: str, student: str | None = None, count: Any = n, assume: tuple[str, ...] = ()) -> ErrorLaw:
    """Generations of one fit, tested themselves or through a student that fits one more data set."""
    w0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
    synthetic = fc.data("synthetic", T0, covariance=Sigma, labels=fc.previous, noise=sigma0)
    model: Any = fc.generations(fc.model("generation", FITS[fit], [synthetic]), count, w0)
    if student is not None:
        learner = fc.ridge(lam) if student == "ridge" else FITS[student]
        model = fc.model("student", learner, [fc.data("real", T, covariance=Sigma, labels=model, noise=sigma)])
    return fc.pipeline(model, against=w0, covariance=Sigma).test_error(assume=list(assume))


def point(**changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {"T": 90, "T0": 120, "d": 60, "lam": 0.1, "lam0": 0.2, "sigma": 0.5, "sigma0": 0.4, "n": 3}
    values |= {"Sigma": fc.power_law(1), "w0": vector(1, 60)} | changes
    return values


def at(law: ErrorLaw, **changes: Any) -> dict[str, Any]:
    """The values of a law at a point, of which it gets what it has a use for."""
    matrices, generators = contents(law.pipeline)
    known = {*matrices, *(g.name for g in generators)}
    return law.at(**{name: value for name, value in point(**changes).items() if name in known})


# Known figures.  Least squares and interpolators are exact with T - d - 1 and T0 - d - 1, which is what was printed;
# the teacher was one draw of N(0, 1/d), of square norm 1.11625 (it explains both figures that depend on it).
NORM = 1.11625


def test_least_squares_at_finite_size() -> None:
    stated = entry("model_collapse_ols")
    given = Point(
        {"T": 400, "T0": 150, "d": 100},
        {"n": 10, "sigma": 0.7, "sigma0": 0.5},
        {"Sigma": Multiple(1), "w0": vector(NORM, 100)},
    )
    exact = sum(claimed_number(stated.law.derived, given, text) for text in stated.exact.values())
    assert round(exact, 4) == 5.2659


def test_interpolators_at_finite_size() -> None:
    stated = entry("model_collapse_interpolators")
    given = Point({"T": 120, "T0": 150, "d": 200}, {"n": 4, "sigma": 0.3, "sigma0": 0.5}, {"w0": vector(NORM, 200)})
    exact = sum(claimed_number(stated.law.derived, given, text) for text in stated.exact.values())
    assert exact == pytest.approx(2.29663, abs=0.5e-5 + 0.5e-5 * 0.81)  # of the figure, and of the norm


def test_ridgeless_student_of_least_squares() -> None:
    law = entry("model_collapse_ridge").law
    assert isinstance(law, ErrorLaw)
    size = {"T": 120, "T0": 400, "d": 200}
    values = law.at(**size, n=4, lam=1e-10, sigma=0.5, sigma0=0.5, Sigma=Multiple(1), w0=vector(NORM, 200))
    exact = values["bias"] + values["source.real"] + values["source.synthetic"] * 200 / 199
    assert exact == pytest.approx(1.42452, abs=0.5e-5 + 0.5e-5 * 0.4)


STRONG = [
    (
        "strong_collapse_pipeline",
        {"n": 600, "d": 300, "lam": 0.05},
        {"source.w1": 0.012272, "variance": 0.23668, "source.w2": 0.074594},
    ),
    (
        "strong_collapse_projections_pipeline",
        {"n": 500, "d": 300, "m": 150, "lam": 0.02},
        {"source.w1": 0.68912, "variance": 0.12197, "source.w2": 0.042521},
    ),
]


@pytest.mark.parametrize(("name", "given", "printed"), STRONG, ids=[name for name, _, _ in STRONG])
def test_strong_collapse_figures(name: str, given: dict[str, Any], printed: dict[str, float]) -> None:
    """Isotropic, E |w1|^2 = 1 and E |delta|^2 = 1/2."""
    law = entry(name).law
    assert isinstance(law, ErrorLaw)
    weights = {"Sigma": Multiple(1), "Gamma": Multiple(Fraction(1, 300)), "Delta": Multiple(Fraction(1, 600))}
    values = law.at(**given, **weights, p1=0.8, sigma1=0.5, sigma2=0.8)
    for value, figure in printed.items():
        assert float(f"{values[value]:.5g}") == figure


# Special cases.
@pytest.mark.parametrize("fit", ["ols", "min-norm", "ridge"])
@pytest.mark.parametrize("student", ["ols", "ridge"])
def test_no_generation_is_clean_training(fit: str, student: str) -> None:
    w0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
    learner = fc.ridge(lam) if student == "ridge" else fc.ols()
    model = fc.model("student", learner, [fc.data("real", T, covariance=Sigma, labels=w0, noise=sigma)])
    clean = fc.pipeline(model, against=w0, covariance=Sigma).test_error()
    sizes = {"T0": 40} if fit == "min-norm" else {}
    law = chain(fit, student, assume=("T0 < d",) if fit == "min-norm" else ())
    found, expected = at(law, n=0, **sizes), at(clean)
    for name in ("error", "bias", "variance"):
        assert found[name] == pytest.approx(expected[name], rel=ROUNDING, abs=ROUNDING)


@pytest.mark.parametrize(
    ("fit", "T_", "assume"),
    [("ridge", 120, ()), ("ridge", 40, ()), ("ols", 120, ()), ("min-norm", 40, ("T0 < d", "T < d"))],
)
def test_a_student_like_the_generations_is_one_more(fit: str, T_: int, assume: tuple[str, ...]) -> None:
    """Equal sizes, ridges and noises: no difference of poles is divided by."""
    own = chain(fit, "ridge" if fit == "ridge" else fit, assume=assume)
    one_more = chain(fit, None, assume=assume[:1])
    equal = {"T": T_, "T0": T_, "lam": 0.2, "lam0": 0.2, "sigma": 0.4, "sigma0": 0.4}
    found, expected = at(own, n=3, **equal), at(one_more, n=4, **equal)
    for name in ("error", "bias", "variance"):
        assert found[name] == pytest.approx(expected[name], rel=ROUNDING, abs=ROUNDING)


@pytest.mark.parametrize(
    ("fit", "student", "T0_", "assume"),
    [
        ("ols", "ridge", 120, ()),
        ("ridge", "ridge", 120, ()),
        ("ridge", None, 40, ()),
        ("min-norm", "ridge", 40, ("T0 < d",)),
        ("min-norm", None, 40, ("T0 < d",)),
    ],
)
def test_every_generation_makes_it_worse(fit: str, student: str | None, T0_: int, assume: tuple[str, ...]) -> None:
    """The variance grows, and so does the bias of what is tested itself, E A being positive and below one."""
    law = chain(fit, student, assume=assume)
    found = [at(law, n=k, T0=T0_) for k in range(1, 8)]
    names = ("error", "variance") if student else ("error", "variance", "bias")
    for name in names:
        values = [f[name] for f in found]
        assert all(a < b for a, b in pairwise(values)), name


@pytest.mark.parametrize("T0_", [40, 120])
@pytest.mark.parametrize("T_", [30, 90])
def test_a_vanishing_ridge_is_the_interpolator(T0_: int, T_: int) -> None:
    """The difference is linear in the ridges: half of it at half of them."""
    side = (f"T0 {'<' if T0_ < 60 else '>'} d", f"T {'<' if T_ < 60 else '>'} d")
    expected = at(chain("min-norm", "min-norm", assume=side), T0=T0_, T=T_)
    gaps = []
    for small in (2e-7, 1e-7):
        found = at(chain("ridge", "ridge"), T0=T0_, T=T_, lam=small, lam0=small)
        gaps.append({k: abs(found[k] - expected[k]) for k in ("bias", "variance")})
    for name in ("bias", "variance"):
        assert gaps[1][name] < 1e-4 * expected["error"]
        assert gaps[1][name] <= 0.55 * gaps[0][name] + 1e-9 * expected["error"]


# The limit of many generations.
def spectrum(values: Any, samples: int, ridge: float) -> tuple[Any, Any, float, float]:
    """p and q of a generation by their eigenvalues, alpha = kappa^2/(T0 - df2), and kappa, by bisection."""
    low, high = 1e-12, 1e6
    for _ in range(400):
        kappa = (low * high) ** 0.5
        high, low = (
            (kappa, low) if kappa - ridge > kappa * (values / (values + kappa)).sum() / samples else (high, kappa)
        )
    p, q = values / (values + kappa), values / (values + kappa) ** 2
    return p, q, kappa**2 / (samples - (p**2).sum()), kappa


@pytest.mark.parametrize(("fit", "samples", "ridge"), [("ridge", 120, 0.2), ("ridge", 40, 0.05), ("min-norm", 40, 0.0)])
def test_the_secular_equation(fit: str, samples: int, ridge: float) -> None:
    """The powers of diag(p^2) + alpha q q' by its eigenvalues, without the program, are the loop and its limit."""
    values = 1 / np.arange(1.0, 61)
    p, q, alpha, kappa = spectrum(values, samples, ridge)
    roots, basis = np.linalg.eigh(np.diag(p**2) + alpha * np.outer(q, q))
    assert roots[-1] < 1, "it contracts"
    assert np.all(roots[:-1] <= np.sort(p**2)[1:] + 1e-12) and np.all(roots >= np.sort(p**2) - 1e-12), "they interlace"
    start, functional = basis.T @ values, basis.T @ q
    noise = 0.16 * alpha / kappa**2

    def variance(count: int) -> float:
        return noise * float((start * functional * (1 - roots**count) / (1 - roots)).sum())

    law = chain(fit, None, assume=("T0 < d",) if fit == "min-norm" else ())
    size = {"T0": samples, "lam0": ridge}
    for count in (1, 2, 5, 20):
        assert at(law, n=count, **size)["variance"] == pytest.approx(variance(count), rel=1e-7)
    enough = int(np.log(1e-9) / np.log(max(roots[-1], p.max()))) + 1  # the mean decays as p^n
    many = at(law, n=enough, **size)
    H = values / (values + kappa / 2)
    excess = samples + H.sum() - 2 * p.sum()
    limit = 0.16 * float((values * H).sum()) / (2 * kappa * excess)
    assert many["variance"] == pytest.approx(limit, rel=1e-6)
    assert many["bias"] == pytest.approx(float(values.sum()) / 60, rel=1e-6)
    # what is missing after n generations is bounded by the n-th power of the largest root
    missing = [limit - variance(count) for count in (40, 41)]
    assert 0 < missing[1] <= missing[0] * roots[-1] * (1 + 1e-9)


# A generation acts on any form: E[A'BA] with B dense, not commuting with Sigma.
@pytest.mark.parametrize("samples", [40, 120])
def test_the_map_of_a_generation(samples: int) -> None:
    random = np.random.default_rng(5)
    values, a = 1 / np.arange(1.0, 61), random.standard_normal((60, 60))
    B, w = a @ a.T / 60, random.standard_normal(60) / 60**0.5
    p, q, alpha, _ = spectrum(values, samples, 0.2)
    image = np.outer(p, p) * B + alpha * (np.diag(B) * q).sum() * np.diag(q)
    expected = w @ image @ w - 2 * (w * p) @ B @ w + w @ B @ w
    w0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
    data = fc.data("real", T, covariance=Sigma, labels=w0, noise=sigma)
    pipeline = fc.pipeline(fc.model("student", fc.ridge(lam), [data]), against=w0, covariance=Test)
    given = {"T": samples, "d": 60, "lam": 0.2, "sigma": 0.5}
    law = pipeline.test_error()
    found = law.at(**given, Sigma=fc.power_law(1), Test=Dense(B), w0=Dense(w.reshape(60, 1)))
    assert found["bias"] == pytest.approx(expected, rel=1e-7)
    draws = []
    for _ in range(300):
        X = random.standard_normal((samples, 60)) * values**0.5
        M = X.T @ X / samples
        error = np.linalg.solve(M + 0.2 * np.eye(60), M @ w) - w
        draws.append(error @ B @ error)
    z = (np.mean(draws) - expected) / (np.std(draws) / 300**0.5)
    assert abs(z) <= MAX_Z


# One design.
@pytest.mark.parametrize("samples", [30, 120])
@pytest.mark.parametrize("count", [1, 3])
def test_ridge_on_one_design(samples: int, count: int) -> None:
    """Isotropic: powers of x/(x + lam) in the Marchenko-Pastur law, by the spectrum of a large matrix."""
    w0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
    synthetic = fc.data("synthetic", T0, d, labels=fc.previous, noise=sigma0)
    model = fc.generations(fc.model("generation", fc.ridge(lam0), [synthetic]), count, w0, reused=[synthetic])
    found = fc.pipeline(model, against=w0).test_error().at(T0=samples, d=60, lam0=0.2, sigma0=0.4, w0=vector(1, 60))
    X = np.random.default_rng(1).standard_normal((20 * samples, 1200))
    x = np.clip(np.linalg.eigvalsh(X.T @ X / (20 * samples)), 0, None)
    shrunk = x / (x + 0.2)
    noise = sum(float((x / (x + 0.2) ** 2 * shrunk ** (2 * k)).mean()) for k in range(count)) * 0.16 * 60 / samples
    accuracy = 10 / 1200  # linear statistics of a matrix of this size fluctuate by a few times 1/size
    assert found["bias"] == pytest.approx(float(((1 - shrunk**count) ** 2).mean()), rel=accuracy)
    assert found["variance"] == pytest.approx(noise, rel=accuracy)


def test_least_squares_on_one_design_is_as_on_fresh_ones() -> None:
    w0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
    synthetic = fc.data("synthetic", T0, covariance=Sigma, labels=fc.previous, noise=sigma0)
    model = fc.generations(fc.model("generation", fc.ols(), [synthetic]), n, w0, reused=[synthetic])
    law = fc.pipeline(model, against=w0, covariance=Sigma).test_error()
    assert law.compare("bias", "0").verdict.value == "equal"
    assert law.compare("variance", "n*sigma0**2*d/(T0 - d)").verdict.value == "equal"
    assert law.limit(n="oo").compare("variance", "n*sigma0**2*d/(T0 - d)").verdict.value == "equal"


# Strong collapse: corollaries, by comparison of derived laws.
def renamed(text: str, **names: str) -> str:
    return re.sub(r"\b[A-Za-z]\w*\b", lambda found: names.get(found.group(), found.group()), text)


def test_synthetic_data_alone_are_those_of_generations() -> None:
    """p2 = 1 and Delta = n0 sigma0^2 inv(Sigma)/(T0 - d) in the one law is the other law: exactly."""
    strong, collapse = entry("strong_collapse_pipeline").law, entry("model_collapse_ridge").law
    assert isinstance(strong, ErrorLaw) and isinstance(collapse, ErrorLaw)
    assert collapse.form.text("source.real").endswith("*u"), "u is that of the other law: T is its n"
    derived = renamed(str(strong.by_source["w2"]), p1="0", Delta="inv(Sigma)", n="T")
    claim = f"n*sigma0**2/(T0 - d)*({derived})"
    assert collapse.compare("source.synthetic", claim).verdict.value == "equal"
    wrong = f"n*sigma0**2/T0*({derived})"
    assert collapse.compare("source.synthetic", wrong).verdict.value == "different"


def strong_values(**changes: Any) -> dict[str, Any]:
    law = entry("strong_collapse_pipeline").law
    assert isinstance(law, ErrorLaw)
    given = {"n": 300, "d": 150, "lam": 0.05, "p1": 0.8, "sigma1": 0.5, "sigma2": 0.8}
    weights = {"Sigma": fc.power_law(0.5), "Gamma": Multiple(Fraction(1, 150)), "Delta": Multiple(Fraction(1, 150))}
    return law.at(**{**given, **weights, **changes})


def test_more_data_does_not_help() -> None:
    eigenvalues = np.arange(1.0, 151) ** -0.5
    limit = 0.2**2 * float((eigenvalues**3 / (eigenvalues + 0.05) ** 2).sum()) / 150
    gaps = [strong_values(n=150 * k)["source.w2"] - limit for k in (10**4, 2 * 10**4)]
    assert 0 < gaps[1] < gaps[0] < 1e-3 * limit
    assert gaps[1] == pytest.approx(gaps[0] / 2, rel=1e-2), "the rest is of order d/n"


def test_a_small_share_of_synthetic_data() -> None:
    """zeta vanishes with the share, linearly at fixed d/n."""
    shares = (1e-5, 2e-5)
    small, twice = (strong_values(p1=1 - share)["source.w2"] for share in shares)
    assert twice == pytest.approx(2 * small, rel=1e-3) and small < 1e-4


@pytest.mark.parametrize(("T_", "side"), [(300, "n > d"), (100, "n < d")])
def test_strong_collapse_without_ridge(T_: int, side: str) -> None:
    (N,) = fc.dims("n")
    (p1,) = fc.scalars("p1", "fraction")
    w1 = fc.teacher("w1", d, covariance=fc.matrix("Gamma", d, d, "psd"))
    w2 = fc.teacher("w2", d, covariance=fc.matrix("Delta", d, d, "psd"), near=w1)
    real = fc.data("real", p1 * N, covariance=Sigma, labels=w1)
    synthetic = fc.data("synthetic", (1 - p1) * N, covariance=Sigma, labels=w2)
    model = fc.model("student", fc.min_norm(), [real, synthetic])
    law = fc.pipeline(model, against=w1, covariance=Sigma).test_error(assume=[side])
    if T_ > 150:
        claim = "(1 - p1)**2*(1 + p1*d/(n - d))*Tr(Delta@Sigma) + (1 - p1)*p1**2*d/(n - d)*Tr(Delta@Sigma)"
        assert law.compare("source.w1", "0").verdict.value == "equal"
    else:
        u, G2 = "df2/(n - df2)", "inv(Sigma + kappa)**2"
        claim = (
            f"(1 - p1)**2*(1 + p1*{u})*Tr(Delta@Sigma**3@{G2})"
            f" + (1 - p1)*{u}*Tr(Delta@Sigma@(p1*Sigma + kappa)**2@{G2})"
        )
    assert law.compare("source.w2", claim).verdict.value == "equal"
    weights = {"Sigma": fc.power_law(0.5), "Gamma": Multiple(Fraction(1, 150)), "Delta": Multiple(Fraction(1, 150))}
    found = law.at(n=T_, d=150, p1=0.8, **weights)["source.w2"]
    assert strong_values(n=T_, lam=1e-9)["source.w2"] == pytest.approx(found, rel=1e-5)


# What is exact is told from a limit, given enough draws.
def test_finite_size_is_seen() -> None:
    stated = entry("model_collapse_ols")
    sizes = {"T": 40, "T0": 40, "d": 20}
    given = Point(sizes, {"n": 2, "sigma": 1, "sigma0": 1}, {"Sigma": Eigenvalues((1,) * 20), "w0": vector(1, 20)})
    estimates = simulate_pipeline(stated.law.pipeline, given, trials=3000, seed=3, progress=False)
    for name, text in stated.exact.items():
        error = estimates[name].standard_error
        exact = claimed_number(stated.law.derived, given, text)
        limit = claimed_number(stated.law.derived, given, stated.claims[name])
        assert abs(estimates[name].mean - exact) <= MAX_Z * error < abs(estimates[name].mean - limit)


# Claims that are no formulas.
@pytest.mark.parametrize(
    ("value", "claim", "message"),
    [
        ("bais", "0", "no value 'bais'"),
        ("bias", "gamma", "unknown name 'gamma'"),
        ("bias", "Sigma", "the claim is a matrix"),
        ("bias", "(T0/d)**d", "not a number of generations"),
        ("bias", "Sigma**n", "a power of a matrix"),
        ("bias", "(T0/d)**", "not a formula"),
    ],
)
def test_a_claim_that_is_no_formula(value: str, claim: str, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        chain("ols").compare(value, claim)


@pytest.mark.parametrize(
    "claim",
    ["(1 - (T/d)**n)*(w0.T@w0)", "w0.T@w0 - T**n/d**n*(w0.T@w0)", "(1 - (T/d)**(n + 1)*d/T)*(w0.T@w0)"],
)
def test_powers_are_equal_however_they_are_written(claim: str) -> None:
    w0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
    synthetic = fc.data("synthetic", T, d, labels=fc.previous, noise=sigma)
    model = fc.generations(fc.model("generation", fc.min_norm(), [synthetic]), n, w0)
    law = fc.pipeline(model, against=w0).test_error(assume=["T < d"])
    assert law.compare("bias", claim).verdict.value == "equal"
    assert law.compare("bias", claim.replace("n", "(2*n)", 1)).verdict.value == "different"
