"""Claims about scaling laws: exponents over polyhedra, best choices, constants, exact values against asymptotes."""

from __future__ import annotations

from functools import cache

import pytest
import sympy

import fpt_calc as fc
from fpt_calc.errors import InputError
from fpt_calc.scaling.law_findings import equal_constant, regime_at, tends_to_asymptote
from fpt_calc.scaling.regimes.claimed import compare_exponent, compare_optimum
from fpt_calc.scaling.regimes.law import Law

T, d = fc.dims("T d")
lam, sigma = fc.scalars("lam sigma", "positive")
Sigma = fc.matrix("Sigma", d, d, "psd")
TRUE = "max(-2*min(r, 1)*min(ell, beta), min(ell/beta - 1, 0))"
AT = {"beta": "3/2", "r": "3/4", "ell": "1/2", "sigma": "1/2"}
SIZES = (10**6, 10**15, 10**24)


@cache
def ridge() -> Law:
    w0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
    student = fc.model("student", fc.ridge(lam), [fc.data("real", T, covariance=Sigma, labels=w0, noise=sigma)])
    error = fc.pipeline(student, against=w0, covariance=Sigma).test_error()
    return error.scaling("T", lam="T**-ell", Sigma=fc.spectrum("beta"), w0=fc.source("r")).law


@pytest.mark.parametrize(
    "claim",
    [
        TRUE,
        "max(min(ell/beta, 1) - 1, -2*min(ell, beta)*min(1, r))",
        "-min(2*min(r, 1)*min(ell, beta), 1 - min(ell/beta, 1))",
        "min(max(-2*r*ell, -2*ell, ell/beta - 1), 0)",
        f"{TRUE} + min(ell, 1) + max(ell, 1) - ell - 1",  # the parts meet where one of each is another formula
        "-(beta + min(-ell, (1 - 1)*r - beta))*0 + max(-min(2*r, 2)*ell, min(ell/beta, 1) - 1)",
    ],
)
def test_equal_formulas_are_proved(claim: str) -> None:
    assert compare_exponent(ridge(), claim).verdict == "PROVED"


@pytest.mark.parametrize(
    "claim",
    [
        "max(-2*r*ell, min(ell/beta - 1, 0))",  # wrong for r > 1 only
        "max(-2*ell, min(ell/beta - 1, 0))",  # wrong for r < 1 only
        "max(-2*min(r, 1)*ell, ell/beta - 1)",  # wrong for ell > beta only
        "max(-2*min(r, 1)*ell, min(ell/beta - 1, 0), -3*ell/2 - 1/10)",  # wrong on a small polyhedron only
        "ell/beta - 1",
        "0",
    ],
)
def test_a_claim_that_fails_somewhere_is_refuted_there(claim: str) -> None:
    finding = compare_exponent(ridge(), claim)
    assert finding.verdict == "REFUTED" and "derived" in finding.evidence and "ell = " in finding.evidence


def test_the_witness_is_one() -> None:
    """The exponents that the evidence gives are those of both formulas at its point."""
    evidence = compare_exponent(ridge(), "max(-2*r*ell, min(ell/beta - 1, 0))").evidence
    at = {k: float(v) for k, v in (pair.split(" = ") for pair in evidence.split(" at ")[1].split(", "))}
    derived, claimed = map(float, evidence.split(" at ")[0].rsplit(": ", 1)[1].split(", "))
    noise = min(at["ell"] / at["beta"] - 1, 0)
    assert derived == pytest.approx(max(-2 * min(at["r"], 1) * min(at["ell"], at["beta"]), noise), rel=2e-3)
    assert claimed == pytest.approx(max(-2 * at["r"] * at["ell"], noise), rel=2e-3)  # the point has four digits


@pytest.mark.parametrize("what", ["low", "high"])
def test_the_best_choice_is_compared(what: str) -> None:
    best = "beta/(2*beta*min(r, 1) + 1)"
    assert compare_optimum(ridge(), "ell", best, what).verdict == "PROVED"  # type: ignore[arg-type]  # a parameter
    assert compare_optimum(ridge(), "ell", "beta/(2*beta*r + 1)", what).verdict == "REFUTED"  # type: ignore[arg-type]
    assert compare_optimum(ridge(), "ell", "oo", what).verdict == "REFUTED"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        ("max(-2*q*ell, 0)", "no exponent or parameter 'q'; there are beta, ell, r"),
        ("ell*ell", "not affine"),
        ("sin(ell)", "no exponent or parameter 'sin'"),
        ("max()", "is no exponent"),
        ("max(ell, key=r)", "is no exponent"),
        ("ell/0", "is no exponent"),
        ("max(ell, 0)/0", "no formula of an exponent"),
        ("max(ell, 0)**2", "no formula of an exponent"),
        ("max", "no exponent or parameter 'max'"),
        ("ell <= beta", "is no exponent"),
        ("", "is no formula"),
    ],
)
def test_what_is_no_formula_is_refused(claim: str, message: str) -> None:
    with pytest.raises(Exception, match=message) as caught:
        compare_exponent(ridge(), claim)
    assert isinstance(caught.value, fc.errors.FptError)


def test_an_exponent_that_the_law_does_not_have() -> None:
    with pytest.raises(InputError, match="no exponent 's'; there are ell"):
        compare_optimum(ridge(), "s", "0", "low")


def test_a_constant_is_compared_in_the_regime_of_a_point() -> None:
    beta, r = sympy.symbols("beta r", positive=True)
    bias = sympy.gamma(2 * r) * sympy.gamma(2 - 2 * r) / beta
    assert equal_constant(ridge(), AT | {"ell": "1/4"}, bias).verdict == "PROVED"
    assert equal_constant(ridge(), AT | {"ell": "1/4"}, 2 * bias).verdict == "REFUTED"
    assert equal_constant(ridge(), AT | {"ell": "1"}, bias).verdict == "REFUTED"  # the noise leads


@pytest.mark.parametrize(
    ("at", "message"),
    [
        ({"beta": "3/2", "r": "3/4"}, "ell has no value"),
        (AT | {"ell": "3/2"}, "no regime at"),  # on the boundary ell = beta
        (AT | {"ell": "-1"}, "no regime at"),
    ],
)
def test_a_point_in_no_regime_is_refused(at: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        regime_at(ridge(), at)


@pytest.mark.parametrize(("ell", "percent"), [("1/4", 1), ("1/4", "1/5"), ("1", 1), ("2", 1)])
def test_a_constant_that_is_a_little_wrong_is_refuted(ell: str, percent: object) -> None:
    at = AT | {"ell": ell}
    assert tends_to_asymptote(ridge(), SIZES, at).verdict == "CERTIFIED"
    wrong = regime_at(ridge(), at).constant * (1 + sympy.Rational(percent) / 100)
    assert tends_to_asymptote(ridge(), SIZES, at, wrong).verdict == "REFUTED"
