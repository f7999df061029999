"""Model collapse on a power law: g generations of least squares, then a ridge.  Each generation has T0 = T^a samples of
d = phi0 T0 dimensions, phi0 < 1, labelled by the one before with noise sigma0^2; the student has T samples labelled
by the last one with noise sigma^2, and lam = T^-ell, ell < beta.  With eigenvalues k^-beta, the source condition
lambda_k w_k^2 = k^-(1 + 2 beta r), r' = min(r, 1) and C = Gamma(2 - 1/beta) Gamma(1/beta)/beta,

    E ~ bias + sigma^2 C T^(ell/beta - 1) + g sigma0^2 C/(1 - phi0) max(T/T0, phi0) T^(ell/beta - 1),

the exponent of which is max(-2 r' ell, ell/beta - min(a, 1)), as long as ell < a beta.  For a < 1 and ell > a beta
the ridge is not felt in any of the d dimensions; the fake noise is then what the generators left, g sigma0^2 phi0/(1
- phi0), of order one, while the formula goes on to grow.  The best ridge and its error are

    ell_crit = min(a, 1) beta/(2 beta r' + 1),    E* ~ T^(-2 beta r' min(a, 1)/(2 beta r' + 1)).

Without noise, real data have ell* = beta and the exponent 2 beta r'; with fake data this choice does not decay at
all.  For g = T^h generations the last term has the exponent h + ell/beta - min(a, 1), and min(a, 1) - h stands for
min(a, 1) in the optimum.

Wrong variants: the last term with ell > a beta; an optimum that does not depend on a; T/T0 without phi0, so that the
fake noise is negligible for a > 1.

Source: Dohmatob, Feng and Kempe, Model collapse demystified: the case of regression (2024).
"""

from functools import cache

import numpy as np
import sympy

import fpt_calc as fc
from fpt_calc.cli.entries import main
from fpt_calc.collection import ScalingEntry
from fpt_calc.scaling.entry import ScalingCheck, claim_checks
from fpt_calc.scaling.findings import near_estimate
from fpt_calc.scaling.law_findings import equal_constant, tends_to_asymptote
from fpt_calc.scaling.regimes.claimed import compare_exponent, compare_optimum

T, T0, d = fc.dims("T T0 d")
lam, sigma, sigma0 = fc.scalars("lam sigma sigma0", "positive")
(g,) = fc.scalars("g", "generations")
Sigma = fc.matrix("Sigma", d, d, "psd")
w0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
synthetic = fc.data("synthetic", T0, covariance=Sigma, labels=fc.previous, noise=sigma0)
generations = fc.generations(fc.model("generation", fc.ols(), [synthetic]), g, w0)
real = fc.data("real", T, covariance=Sigma, labels=generations, noise=sigma)
error = fc.pipeline(fc.model("student", fc.ridge(lam), [real]), against=w0, covariance=Sigma).test_error()

beta, r, phi0, s, s0, count = sympy.symbols("beta r phi0 sigma sigma0 g", positive=True)
noise = sympy.gamma(2 - 1 / beta) * sympy.gamma(1 / beta) / beta
numbers = {"beta": "3/2", "r": "3/4", "phi0": "1/2", "sigma": "1/2", "sigma0": "1/2", "g": "3"}
SIZES = (10**6, 10**15, 10**24)
POINTS = {
    "more fake data than real": numbers | {"a": "5/4", "ell": "1"},
    "less fake data than real": numbers | {"a": "3/4", "ell": "3/4"},
    "the bias": numbers | {"a": "3/4", "ell": "1/4"},
    "a ridge that is not felt": numbers | {"a": "1/2", "ell": "5/4"},
}
CONSTANTS = {
    "more fake data than real": (s**2 + count * s0**2 * phi0 / (1 - phi0)) * noise,
    "less fake data than real": count * s0**2 / (1 - phi0) * noise,
    "the bias": sympy.gamma(2 * r) * sympy.gamma(2 - 2 * r) / beta,
    "a ridge that is not felt": count * s0**2 * phi0 / (1 - phi0),
}


@cache
def law(**given):
    growing = {"lam": "T**-ell", "T0": "T**a", "d": "phi0*T0", "assume": ("ell < beta",)} | given
    return error.scaling("T", Sigma=fc.spectrum("beta"), w0=fc.source("r"), **growing).law


def many():
    return law(g="T**h", assume=("ell < beta", "ell < a*beta", "h < 1", "h < a"))


def clean(**given):
    """The same without generations."""
    data = fc.data("real", T, covariance=Sigma, labels=w0, noise=sigma)
    student = fc.model("student", fc.ridge(lam), [data])
    found = fc.pipeline(student, against=w0, covariance=Sigma).test_error()
    return found.scaling("T", lam="T**-ell", Sigma=fc.spectrum("beta"), w0=fc.source("r"), **given).law


CLAIMS = {
    "the exponent": (
        "max(-2*min(r, 1)*ell, min(ell/beta - min(a, 1), 0))",
        lambda text: compare_exponent(law(), text),
    ),
    "the critical ell": (
        "min(a, 1)*beta/(2*beta*min(r, 1) + 1)",
        lambda text: compare_optimum(law(), "ell", text, "low"),
    ),
    "its exponent": (
        "-2*beta*min(r, 1)*min(a, 1)/(2*beta*min(r, 1) + 1)",
        lambda text: compare_optimum(law(), "ell", text, "exponent"),
    ),
    "the exponent of T**h generations": (
        "max(-2*min(r, 1)*ell, h + ell/beta - min(a, 1))",
        lambda text: compare_exponent(many(), text),
    ),
    "the critical ell of T**h generations": (
        "(min(a, 1) - h)*beta/(2*beta*min(r, 1) + 1)",
        lambda text: compare_optimum(many(), "ell", text, "low"),
    ),
    "clean data without noise: the best ell": (
        "beta",
        lambda text: compare_optimum(clean(value="bias"), "ell", text, "low"),
    ),
    "clean data without noise: its exponent": (
        "-2*beta*min(r, 1)",
        lambda text: compare_optimum(clean(value="bias"), "ell", text, "exponent"),
    ),
    "fake data at ell = beta": (
        "0",
        lambda text: compare_exponent(law(lam="T**-beta", assume=("a > 1",)), text),
    ),
}
WRONG = {
    "the published exponent where the ridge is not felt": (
        "max(-2*min(r, 1)*ell, ell/beta - min(a, 1))",
        lambda text: compare_exponent(law(), text),
    ),
    "a best ell that does not depend on the fake data": (
        "beta/(2*beta*min(r, 1) + 1)",
        lambda text: compare_optimum(law(), "ell", text, "low"),
    ),
}
LOST = s**2 * noise  # of more fake data than real


def simulated():
    weights = np.arange(1, 101) ** (-(1 + 2 * 1.5 * 0.75 - 1.5) / 2)
    at = {"T": 300, "T0": 250, "d": 100, "lam": 0.01, "sigma": 0.2, "sigma0": 0.3, "g": 3}
    at |= {"Sigma": fc.power_law(1.5), "w0": weights[:, None]}
    return near_estimate(error.at(**at)["error"], error.simulate(trials=40, **at)["error"])


ENTRY = ScalingEntry(
    "Model collapse on a power law",
    (
        *claim_checks(CLAIMS, "PROVED"),
        *(
            ScalingCheck(f"constant, {name}", lambda n=name, c=c: equal_constant(law(), POINTS[n], c), "PROVED")
            for name, c in CONSTANTS.items()
        ),
        *(
            ScalingCheck(f"exact values, {name}", lambda at=at: tends_to_asymptote(law(), SIZES, at), "CERTIFIED")
            for name, at in POINTS.items()
        ),
        ScalingCheck("the error is simulated", simulated, "CONSISTENT"),
        *claim_checks(WRONG, "REFUTED"),
        ScalingCheck(
            "fake data that do not count for a > 1",
            lambda: equal_constant(law(), POINTS["more fake data than real"], LOST),
            "REFUTED",
        ),
    ),
)

if __name__ == "__main__":
    main(ENTRY)
