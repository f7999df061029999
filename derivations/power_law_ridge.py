"""Ridge regression on a power law.  Inputs have a covariance with eigenvalues k^-beta, the truth has the source
condition lambda_k w_k^2 = k^-(1 + 2 beta r), T samples with label noise sigma^2 = T^-s, ridge lam = T^-ell,
infinitely many dimensions.  With r' = min(r, 1), as T -> oo,

    E ~ T^max(-2 r' min(ell, beta), min(ell/beta - 1, 0) - s),

the four regimes: the bias or the noise leads, and the ridge is felt (ell < beta) or not.  For ell < beta the constant
of the bias is Gamma(2r) Gamma(2 - 2r)/beta for r < 1 and zeta(1 + 2 beta (r - 1)) for r > 1, which no longer depends
on how much smoother the truth is (saturation); that of the noise is Gamma(2 - 1/beta) Gamma(1/beta)/beta.  For ell >
beta the ridge is lost beside kappa = (pi/(beta sin(pi/beta)))^beta T^-beta, the interpolator's own; the bias is
multiplied by beta = 1/(1 - df_2/T), and the noise has the constant beta - 1. The best ridge is

    ell* = min(beta (1 + s)/(2 beta r' + 1), beta),    E* ~ T^-min(2 beta r' (1 + s)/(2 beta r' + 1), 2 beta r'):

2 beta r' without noise, 2 beta r'/(2 beta r' + 1) with noise (s = 0), and the noise is felt until s = 2 beta r'. Any
ell >= beta is as good above it.

Wrong variants: without saturation, r for r'; a bias that goes on to decay as lam^(2r) for ell > beta; the
interpolator's bias without the factor beta; df_1 for df_2 in the constant of the noise.

Source: Cui, Loureiro, Krzakala and Zdeborova, Generalization error rates in kernel regression: the crossover from the
noiseless to noisy regime (2021), for the exponents.
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
Sigma = fc.matrix("Sigma", d, d, "psd")
w0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
real = fc.data("real", T, covariance=Sigma, labels=w0, noise=sigma)
error = fc.pipeline(fc.model("student", fc.ridge(lam), [real]), against=w0, covariance=Sigma).test_error()

beta, r = sympy.symbols("beta r", positive=True)
rough, smooth = {"beta": "3/2", "r": "3/4"}, {"beta": "3/2", "r": "5/4"}
SIZES = (10**6, 10**15, 10**24)
POINTS = {
    "the bias, the ridge is felt": rough | {"ell": "1/2", "s": "1/3"},
    "the noise, the ridge is felt": rough | {"ell": "1", "s": "1/3"},
    "the bias, the ridge is not felt": rough | {"ell": "2", "s": "5"},
    "the noise, the ridge is not felt": rough | {"ell": "2", "s": "1/3"},
    "the bias of a smooth truth": smooth | {"ell": "1/2", "s": "5"},
    "the bias of a smooth truth, the ridge is not felt": smooth | {"ell": "2", "s": "5"},
}
root = sympy.pi / (beta * sympy.sin(sympy.pi / beta))  # kappa = (root/T)^beta
bias = sympy.gamma(2 * r) * sympy.gamma(2 - 2 * r) / beta
saturated = sympy.zeta(1 + 2 * beta * (r - 1))
CONSTANTS = {
    "the bias, the ridge is felt": bias,
    "the noise, the ridge is felt": sympy.gamma(2 - 1 / beta) * sympy.gamma(1 / beta) / beta,
    "the bias, the ridge is not felt": beta * root ** (2 * beta * r) * bias,
    "the noise, the ridge is not felt": beta - 1,
    "the bias of a smooth truth": saturated,
    "the bias of a smooth truth, the ridge is not felt": beta * root ** (2 * beta) * saturated,
}
WRONG_CONSTANTS = {
    "the bias, the ridge is not felt": root ** (2 * beta * r) * bias,
    "the noise, the ridge is felt": sympy.gamma(1 - 1 / beta) * sympy.gamma(1 / beta) / beta,
}
EXPONENT = "max(-2*min(r, 1)*min(ell, beta), min(ell/beta - 1, 0) - s)"
WRONG_EXPONENTS = (
    "max(-2*r*min(ell, beta), min(ell/beta - 1, 0) - s)",
    "max(-2*min(r, 1)*ell, min(ell/beta - 1, 0) - s)",
)


@cache
def law():
    found = error.scaling("T", lam="T**-ell", sigma="T**-(s/2)", Sigma=fc.spectrum("beta"), w0=fc.source("r"))
    return found.law


CLAIMS = {
    "the exponent": (EXPONENT, lambda text: compare_exponent(law(), text)),
    "the best ell": (
        "min(beta*(1 + s)/(2*beta*min(r, 1) + 1), beta)",
        lambda text: compare_optimum(law(), "ell", text, "low"),
    ),
    "its exponent": (
        "-min(2*beta*min(r, 1)*(1 + s)/(2*beta*min(r, 1) + 1), 2*beta*min(r, 1))",
        lambda text: compare_optimum(law(), "ell", text, "exponent"),
    ),
}


def simulated():
    weights = np.arange(1, 201) ** (-(1 + 2 * 1.5 * 0.75 - 1.5) / 2)
    at = {"T": 300, "d": 200, "lam": 0.01, "sigma": 0.2, "Sigma": fc.power_law(1.5), "w0": weights[:, None]}
    return near_estimate(error.at(**at)["error"], error.simulate(trials=40, **at)["error"])


ENTRY = ScalingEntry(
    "Ridge regression on a power law",
    (
        *claim_checks(CLAIMS, "PROVED"),
        *(
            ScalingCheck(f"constant of {name}", lambda n=name, c=c: equal_constant(law(), POINTS[n], c), "PROVED")
            for name, c in CONSTANTS.items()
        ),
        *(
            ScalingCheck(f"exact values, {name}", lambda at=at: tends_to_asymptote(law(), SIZES, at), "CERTIFIED")
            for name, at in POINTS.items()
        ),
        ScalingCheck("the error is simulated", simulated, "CONSISTENT"),
        *(ScalingCheck(text, lambda t=text: compare_exponent(law(), t), "REFUTED") for text in WRONG_EXPONENTS),
        *(
            ScalingCheck(f"constant of {name}: {c}", lambda n=name, c=c: equal_constant(law(), POINTS[n], c), "REFUTED")
            for name, c in WRONG_CONSTANTS.items()
        ),
    ),
)

if __name__ == "__main__":
    main(ENTRY)
