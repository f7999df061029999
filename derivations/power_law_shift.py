"""Covariate shift on a power law: ridge regression trained on eigenvalues k^-beta and tested on k^-gamma in the same
basis, gamma > 1. T samples, label noise sigma^2 = T^-s, ridge lam = T^-ell with ell < beta, and lambda_k w_k^2 =
k^-(1 + 2 beta r) for the training eigenvalues.  The test error is finite for b0 = 2 r + gamma/beta - 1 > 0. With b =
min(2, b0), r' = min(r, 1) and a = max(1 + (1 - gamma)/beta, 0)

    E ~ T^max(-b ell, a ell - 1 - min(s, 2 r' ell)).

The bias saturates where b0 passes 2, not r = 1: a test spectrum with a lighter tail saturates earlier.  The noise is
of order 1/T whatever the ridge is if gamma > beta + 1. The training error in the last term, 2 r' ell, is that part of
the bias which a random design turns into noise.  With noise of order one the best ridge and its exponent are

    ell* = min(1/(a + b), beta),    E* ~ T^-(b ell*).

Where nothing saturates, ell* = beta/(2 beta r + 1) does not depend on gamma: one ridge is the best for all such
tests, with the exponent (2 beta r + gamma - beta)/(2 beta r + 1).

Wrong variants: saturation at r = 1; noise as without a shift; an error that does not depend on the test.
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

T, d = fc.dims("T d")
lam, sigma = fc.scalars("lam sigma", "positive")
Sigma, Theta = (fc.matrix(name, d, d, "psd") for name in ("Sigma", "Theta"))
w0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
real = fc.data("real", T, covariance=Sigma, labels=w0, noise=sigma)
error = fc.pipeline(fc.model("student", fc.ridge(lam), [real]), against=w0, covariance=Theta).test_error()

beta, gamma, r, s = sympy.symbols("beta gamma r sigma", positive=True)
SIZES = (10**6, 10**15, 10**24)
numbers = {"beta": "3/2", "r": "3/4", "sigma": "1/2"}
u, v = 2 * r + gamma / beta - 1, 1 + (1 - gamma) / beta
CONSTANTS = {
    "the bias": (numbers | {"gamma": "5/4", "ell": "1/4"}, sympy.gamma(u) * sympy.gamma(2 - u) / beta),
    "the noise": (
        numbers | {"gamma": "5/4", "ell": "1"},
        s**2 * sympy.gamma(v) * sympy.gamma(2 - v) / beta,
    ),
    "the bias, saturated": (
        numbers | {"gamma": "9/4", "r": "1", "ell": "1/4"},
        sympy.zeta(1 + 2 * beta * r + gamma - 3 * beta),
    ),
    "the noise of a test with a light tail": (
        numbers | {"gamma": "11/4", "ell": "1"},
        s**2 * sympy.zeta(gamma - beta),
    ),
}


@cache
def law(**given):
    spectra = {"Sigma": fc.spectrum("beta"), "Theta": fc.spectrum("gamma"), "w0": {"source": "r", "of": "Sigma"}}
    finite = ["ell < beta", "beta < 2*beta*r + gamma"]
    return error.scaling("T", lam="T**-ell", assume=finite, **spectra, **given).law


B, A = "min(2, 2*r + gamma/beta - 1)", "max(1 + (1 - gamma)/beta, 0)"
CLAIMS = {
    "the exponent": (
        f"max(-{B}*ell, {A}*ell - 1)",
        lambda text: compare_exponent(law(), text),
    ),
    "the exponent with small noise": (
        f"max(-{B}*ell, {A}*ell - 1 - min(s, 2*min(r, 1)*ell))",
        lambda text: compare_exponent(law(sigma="T**(-s/2)"), text),
    ),
    "the smallest best ell": (
        f"min(1/({A} + {B}), beta)",
        lambda text: compare_optimum(law(), "ell", text, "low"),
    ),
    "its exponent": (
        f"-{B}*min(1/({A} + {B}), beta)",
        lambda text: compare_optimum(law(), "ell", text, "exponent"),
    ),
}
WRONG = {
    "saturation at r = 1": (
        f"max(-(2*min(r, 1) + gamma/beta - 1)*ell, {A}*ell - 1)",
        lambda text: compare_exponent(law(), text),
    ),
    "noise as without a shift": (
        f"max(-{B}*ell, ell/beta - 1)",
        lambda text: compare_exponent(law(), text),
    ),
    "an error as without a shift": (
        "max(-2*min(r, 1)*ell, ell/beta - 1)",
        lambda text: compare_exponent(law(), text),
    ),
}


def simulated():
    weights = np.arange(1, 201) ** (-(1 + 2 * 1.5 * 0.75 - 1.5) / 2)
    at = {"T": 300, "d": 200, "lam": 0.01, "sigma": 0.2, "w0": weights[:, None]}
    at |= {"Sigma": fc.power_law(1.5), "Theta": fc.power_law(1.2)}
    return near_estimate(error.at(**at)["error"], error.simulate(trials=40, **at)["error"])


ENTRY = ScalingEntry(
    "Covariate shift on a power law",
    (
        *claim_checks(CLAIMS, "PROVED"),
        *(
            ScalingCheck(f"constant of {name}", lambda at=at, c=c: equal_constant(law(), at, c), "PROVED")
            for name, (at, c) in CONSTANTS.items()
        ),
        *(
            ScalingCheck(f"exact values, {name}", lambda at=at: tends_to_asymptote(law(), SIZES, at), "CERTIFIED")
            for name, (at, _) in CONSTANTS.items()
        ),
        ScalingCheck("the error is simulated", simulated, "CONSISTENT"),
        *claim_checks(WRONG, "REFUTED"),
    ),
)

if __name__ == "__main__":
    main(ENTRY)
