"""Exact curves over sizes, and every regime of scaling laws against them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

import fpt_calc as fc
from fpt_calc.api import ErrorLaw
from fpt_calc.errors import CannotDecideError, InputError
from fpt_calc.oracles.effective_ridge import effective_ridge
from fpt_calc.scalars import scalar
from fpt_calc.scaling.polyhedra import describe, interior_point
from fpt_calc.scaling.regimes.cases import Case
from fpt_calc.scaling.regimes.curve import CurvePoint, exact_values
from fpt_calc.scaling.regimes.evidence import evidence
from fpt_calc.scaling.regimes.explore import Regime
from fpt_calc.scaling.regimes.law import Law

T, T0, d, m = fc.dims("T T0 d m")
lam, mu, sigma, sigma0 = fc.scalars("lam mu sigma sigma0", "positive")
(p2,) = fc.scalars("p2", "fraction")
Sigma, Test, Delta = (fc.matrix(name, d, d, "psd") for name in ("Sigma", "Test", "Delta"))
w0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
SIZES = (10**20, 10**40, 10**80)
SYMBOLS: Mapping[str, Any] = {"Sigma": fc.spectrum("beta"), "w0": fc.source("r", "b")}


def real(size: Any = T, labels: Any = w0, covariance: Any = Sigma) -> Any:
    return fc.data("real", size, covariance=covariance, labels=labels, noise=sigma)


def chain(fit: Any, count: int) -> Any:
    synthetic = fc.data("synthetic", T0, covariance=Sigma, labels=fc.previous, noise=sigma0)
    return fc.generations(fc.model("generator", fit, [synthetic]), count, w0)


def error_of(*data: Any, fit: Any = None, covariance: Any = Sigma, assume: tuple[str, ...] = ()) -> ErrorLaw:
    student = fc.model("student", fit or fc.ridge(lam), data)
    return fc.pipeline(student, against=w0, covariance=covariance).test_error(assume=list(assume))


def mixed() -> tuple[Any, Any]:
    other = fc.teacher("other", d, covariance=Delta, near=w0)
    return real((1 - p2) * T), fc.data("fake", p2 * T, covariance=Sigma, labels=other, noise=sigma0)


def numbers(beta: str, r: str) -> dict[str, Any]:
    return {"Sigma": fc.spectrum(beta), "w0": fc.source(r)}


Setting = tuple[Callable[[], ErrorLaw], Mapping[str, Any]]
CLEAN: Callable[[], ErrorLaw] = lambda: error_of(real())  # noqa: E731  # the other rows of the table are like it
RIDGES: Callable[[], ErrorLaw] = lambda: error_of(real(labels=chain(fc.ridge(mu), 1)))  # noqa: E731
PROJECTED: Callable[[], ErrorLaw] = lambda: error_of(real(), fit=fc.projections(lam, m, name="S"))  # noqa: E731
DRIFT: Mapping[str, Any] = {**numbers("3/2", "7/10"), "Delta": fc.source("2/5")}
FAST: Mapping[str, Setting] = {
    "clean": (CLEAN, {"lam": "T**-ell", **SYMBOLS}),
    "one logarithm": (CLEAN, {"lam": "T**-ell", **numbers("3/2", "1")}),
    "three terms": (CLEAN, {"lam": "3*T**(-3/2)", **numbers("3/2", "1/2")}),
    "identity": (CLEAN, {"lam": "T**-ell", "d": "T**a", "Sigma": {"identity": 1}, "w0": fc.source("r")}),
    # a spectrum 1/k, whose trace is a logarithm: without a ridge kappa is log(T)/T, the variance decays like 1/log(T)
    "a logarithm in kappa": (CLEAN, {"lam": "T**-ell", "d": "T**3", **numbers("1", "2")}),
    "two ridges of one order": (RIDGES, {"lam": "T**-ell", "mu": "2*T**-ell", "T0": "3*T", **numbers("3/2", "7/10")}),
}
NEAR = {"lam": "1/1000*T**(-3/2)*m/d", "m": "6/5*T", **numbers("3/2", "7/10")}  # two roots of a constant within 2
SLOW: Mapping[str, Setting] = {
    "a ridge of order one": (CLEAN, {"lam": "2", **numbers("2", "3/5")}),
    "integers": (CLEAN, {"lam": "T**-ell", **numbers("2", "1/2")}),
    "no trace": (CLEAN, {"lam": "T**-ell", "d": "T**a", **numbers("1/2", "3/10")}),
    "dimension": (CLEAN, {"lam": "T**-ell", "d": "T**a", **numbers("3/2", "7/10")}),
    "ols": (
        lambda: error_of(real(labels=chain(fc.ols(), 2))),
        {"lam": "T**-ell", "T0": "T**a", "d": "T**a/2", **numbers("3/2", "7/10")},
    ),
    "ridges": (RIDGES, {"lam": "T**-ell", "mu": "T**(-3/5)", "T0": "T**a", **numbers("3/2", "7/10")}),
    "three ridges": (
        lambda: error_of(real(labels=chain(fc.ridge(mu), 2))),
        {"lam": "T**-ell", "mu": "T**-ell", "T0": "T", **numbers("3/2", "7/10")},
    ),
    "drift": (lambda: error_of(*mixed()), {"lam": "T**-ell", **DRIFT}),
    "vanishing drift": (lambda: error_of(*mixed()), {"lam": "T**-ell", "p2": "T**-s", **DRIFT}),
    "projections": (PROJECTED, {"lam": "T**-ell*m/d", "m": "T**a", **numbers("3/2", "7/10")}),
    "two roots": (PROJECTED, NEAR),
    "shift": (
        lambda: error_of(real(), covariance=Test),
        {
            "lam": "T**-ell",
            "Sigma": fc.spectrum("3/2"),
            "Test": fc.spectrum("5/4"),
            "w0": {"source": "7/10", "of": "Sigma"},
        },
    ),
}


@cache
def law_of(name: str) -> Law:
    error, given_ = {**FAST, **SLOW}[name]
    return error().scaling("T", **given_).law


def all_regimes(law: Law) -> Iterator[tuple[Case, Regime]]:
    return ((case, regime) for case in law.cases for regime in case.regimes)


@pytest.mark.parametrize("name", [*FAST, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)])
def test_every_regime_is_what_the_exact_curve_tends_to(name: str) -> None:
    law = law_of(name)
    for case, regime in all_regimes(law):
        found = evidence(law, case, regime, sizes=SIZES)
        assert found.verdict == "CONSISTENT", (regime.exponent, regime.cell.constraints, found)


def wrong(regime: Regime) -> Iterator[Regime]:
    exponent = regime.exponent + scalar(Fraction(1, 50))
    yield replace(regime, exponent=exponent)
    yield replace(regime, constant=regime.constant * Fraction(101, 100))
    yield replace(regime, logs=regime.logs + 1)


@pytest.mark.parametrize("name", ["one logarithm", "three terms"])
def test_wrong_exponents_constants_and_logarithms_are_not_consistent(name: str) -> None:
    law = law_of(name)
    case, regime = next(all_regimes(law))
    for other in wrong(regime):
        assert evidence(law, case, other, sizes=SIZES).verdict != "CONSISTENT", (other.exponent, other.constant)


@pytest.mark.slow
@settings(deadline=None, max_examples=3)
@given(st.data())
def test_regimes_hold_away_from_their_middle(data: st.DataObject) -> None:
    law = law_of(data.draw(st.sampled_from(["clean", "drift", "ridges"])))
    case, regime = data.draw(st.sampled_from(list(all_regimes(law))))
    found, middle = describe(case.chamber, regime.cell), interior_point(case.chamber, regime.cell)
    corners = [[case.chamber.value(x) for x in v] for v in found.vertices]
    rays = [[case.chamber.value(x) for x in v] for v in found.rays]
    weights = [data.draw(st.integers(0, 9)) + Fraction(1, 9) for _ in corners]
    lengths = [Fraction(data.draw(st.integers(0, 9)), 9) for _ in rays]
    point = {}
    for j, name in enumerate(regime.cell.names):
        far = sum(w * c[j] for w, c in zip(weights, corners, strict=True)) / sum(weights)
        far += sum(x * r[j] for x, r in zip(lengths, rays, strict=True))
        point[name] = (far * 3 + case.chamber.value(middle[name])) / 4
    # a quarter of the way from the middle, corrections are smaller than T^-0.001 for all samples of these laws
    assert evidence(law, case, regime, point, (10**50, 10**100, 10**200)).verdict != "REFUTED", point


def values_at(name: str, size: Any, digits: int = 20, **given_: Any) -> CurvePoint:
    law = law_of(name)
    return exact_values(law.side, law.request.setting, size, given_, digits)


@pytest.mark.parametrize("ell", ["0", "1/2", "3/2", "4"])
@pytest.mark.parametrize("root", [7, 10**3, 10**15])
def test_kappa_is_the_effective_ridge(root: int, ell: str) -> None:
    point = values_at("clean", root**2, beta="1.5", r="0.7", b=1, sigma=1, ell=ell)
    exact_ridge = Fraction(1, root ** int(2 * Fraction(ell)))
    assert effective_ridge(exact_ridge, root**2, "1.5", digits=20).overlaps(point.parameters["kappa"])


@pytest.mark.parametrize(("size", "dim"), [(20, 30), (30, 20), (25, 25)])
def test_values_are_those_of_explicit_sums(size: int, dim: int) -> None:
    law = CLEAN().scaling("T", lam="T**-ell", d="dim", Sigma=fc.spectrum("beta"), w0=fc.source("r")).law
    numbers_ = {"ell": 1, "dim": dim, "beta": "1.25", "r": "0.6", "sigma": "0.5"}
    point = exact_values(law.side, law.request.setting, size, numbers_, digits=15)
    kappa = point.parameters["kappa"]
    spectrum = [arb(k) ** arb("-1.25") for k in range(1, dim + 1)]
    df1, df2 = (sum(((s / (s + kappa)) ** k for s in spectrum), start=arb(0)) for k in (1, 2))
    source = [arb(k) ** arb("-2.5") for k in range(1, dim + 1)]  # 1 + 2*1.25*0.6
    bias = kappa**2 * sum((b / (s + kappa) ** 2 for s, b in zip(spectrum, source, strict=True)), start=arb(0))
    assert (kappa * (1 - df1 / size) - arb(1) / size).contains(0)
    assert point.sources["w0"].overlaps(bias / (1 - df2 / size))
    assert point.sources["real"].overlaps(arb("0.25") * df2 / (size - df2))
    assert point.total.overlaps(point.sources["w0"] + point.sources["real"])


def test_digits_are_kept_where_terms_cancel() -> None:
    """With m = T and a tiny ridge two roots of the relation are close, and T - df1 loses half of the digits."""
    law = PROJECTED().scaling("T", lam="T**(-3)*m/d", m="T**2", **numbers("3/2", "7/10")).law
    width = replace(law.request.setting.quantities["m"], powers=law.request.setting.quantities["T"].powers)
    quantities = {**law.request.setting.quantities, "m": width}
    setting = replace(law.request.setting, quantities=quantities)
    coarse, fine = (exact_values(law.side, setting, 10**6, {"sigma": 1}, digits) for digits in (10, 25))
    assert coarse.total.overlaps(fine.total) and fine.total.rad() < fine.total.abs_lower() * arb(10) ** -25


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"ell": None}, "ell has no value"),
        ({"gamma": 1}, "no exponent, parameter or constant 'gamma'"),
        ({"sigma": -1}, "-1 is not positive"),
        ({"sigma": "x"}, "'x' is no exact real number"),
        ({"beta": "0.9"}, "diverges"),
        ({"size": 1}, "the size 1 is too small"),
        ({"size": "nan"}, "no exact real number"),
    ],
)
def test_wrong_numbers_are_told_in_one_line(changed: Mapping[str, Any], message: str) -> None:
    given_ = {"size": 100, "ell": 1, "beta": "1.5", "r": 1, "b": 1, "sigma": 1, **changed}
    with pytest.raises(InputError, match=message) as caught:
        values_at("clean", given_.pop("size"), **{k: v for k, v in given_.items() if v is not None})
    assert "\n" not in str(caught.value) and caught.value.remedy


def test_a_value_that_grows_with_an_infinite_dimension_is_not_decided() -> None:
    law = law_of("identity")
    infinite = law_of("clean").request.setting.cut
    setting = replace(law.request.setting, cut=infinite)
    with pytest.raises((CannotDecideError, InputError)):
        exact_values(law.side, setting, 100, {"ell": 1, "r": 1, "sigma": 1})


@pytest.mark.parametrize(
    ("error", "given_", "message"),
    [
        (CLEAN, {"lam": "T**-ell", "d": "T/2", **numbers("3/2", "7/10")}, "order at which the spectrum ends"),
        (PROJECTED, {"lam": "T**-ell*m/d", "m": "T", **numbers("3/2", "7/10")}, "coincide"),
        (CLEAN, {"lam": "T**-ell", "d": "T**3", **numbers("1", "3/10")}, "no integer"),
    ],
)
def test_what_is_not_decided_is_said(error: Callable[[], ErrorLaw], given_: Mapping[str, Any], message: str) -> None:
    with pytest.raises(CannotDecideError, match=message):
        error().scaling("T", **given_)


def test_evidence_wants_sizes_apart_and_all_exponents() -> None:
    law = law_of("clean")
    case, regime = next(all_regimes(law))
    with pytest.raises(InputError, match="too close"):
        evidence(law, case, regime, sizes=(10, 20, 400))
    with pytest.raises(InputError, match="not the exponents"):
        evidence(law, case, regime, {"s": Fraction(1)})
