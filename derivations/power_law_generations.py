"""Ridge in every generation on a power law: k models one after the other, each trained on T fresh samples labelled by
the one before with noise sigma^2, with the same ridge lam = T^-ell, ell < beta.  Eigenvalues k^-beta, the truth has
lambda_k w_k^2 = k^-(1 + 2 beta r), r' = min(r, 1). For each fixed k the exponent is that of one model,

    E ~ T^max(-2 r' ell, ell/beta - 1),

and only constants change.  In the bias the filter x/(1 + x) becomes 1 - (1 + x)^-k, x = lam k^beta, and the noise of
a model passes the filters of those after it, so that for k = 1, 2, 3

    bias:  Gamma(-2r) (Gamma(2k + 2r)/Gamma(2k) - 2 Gamma(k + 2r)/Gamma(k))/beta for r < 1,
           k^2 zeta(1 + 2 beta (r - 1)) for r > 1,
    noise: sum over m = 1 .. k of sigma^2 Gamma(2m - 1/beta) Gamma(1/beta)/(beta Gamma(2m)).

Over one model's, two have the bias (r + 3)(2 r + 1)/3 and the noise 1 + (2 beta - 1)(3 beta - 1)/(6 beta^2). As these
formulas grow like k^(2 r') and k^(1 - 1/beta), noise accumulates more slowly than with least squares, where it is
linear in k: later ridges filter it.

For k -> oo at fixed T nothing is left of the truth: the error tends to the truth's own energy zeta(1 + 2 beta r) for
ell < 1 and grows as sigma^2 zeta(beta)/2 T^(ell - 1) for 1 < ell < beta, and as T^(beta - 1) for ell > beta.  No
ridge that decays learns anything in this limit.

Wrong variants: noise that adds up as with least squares; the bias of one model; a limit that decays.
"""

from functools import cache

import numpy as np
import sympy

import fpt_calc as fc
from fpt_calc.cli.entries import main
from fpt_calc.collection import ScalingEntry
from fpt_calc.scaling.entry import ScalingCheck, claim_checks
from fpt_calc.scaling.findings import equal_expressions, near_estimate
from fpt_calc.scaling.law_findings import equal_constant, regime_at, tends_to_asymptote
from fpt_calc.scaling.regimes.claimed import compare_exponent

T, d = fc.dims("T d")
lam, sigma = fc.scalars("lam sigma", "positive")
(g,) = fc.scalars("g", "generations")
Sigma = fc.matrix("Sigma", d, d, "psd")
w0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))

beta, r, s = sympy.symbols("beta r sigma", positive=True)
SIZES = (10**6, 10**15, 10**24)
numbers = {"beta": "3/2", "sigma": "1/2"}
ROUGH = numbers | {"r": "3/4", "ell": "1/4"}
SMOOTH = numbers | {"r": "5/4", "ell": "1/4"}
NOISE = numbers | {"r": "3/4", "ell": "1"}
KEPT, LOST = numbers | {"r": "3/4", "ell": "5/4"}, numbers | {"r": "3/4", "ell": "3/4"}
ONE_NOISE = sympy.gamma(2 - 1 / beta) * sympy.gamma(1 / beta) / beta


@cache
def error(count):
    def model(k):
        labels = w0 if k == 1 else model(k - 1)
        return fc.model(
            f"model{k}", fc.ridge(lam), [fc.data(f"data{k}", T, covariance=Sigma, labels=labels, noise=sigma)]
        )

    if count == "oo":
        own = fc.data("data", T, covariance=Sigma, labels=fc.previous, noise=sigma)
        last = fc.generations(fc.model("model", fc.ridge(lam), [own]), g, w0)
    else:
        last = model(count)
    return fc.pipeline(last, against=w0, covariance=Sigma).test_error()


@cache
def law(count):
    given = {"lam": "T**-ell", "Sigma": fc.spectrum("beta"), "w0": fc.source("r")}
    more = {"g": "oo"} if count == "oo" else {"assume": ("ell < beta",)}
    return error(count).scaling("T", **given, **more).law


def bias(k):
    terms = sympy.gamma(2 * k + 2 * r) / sympy.gamma(2 * k) - 2 * sympy.gamma(k + 2 * r) / sympy.gamma(k)
    return sympy.gamma(-2 * r) * terms / beta


def noise(k):
    each = (sympy.gamma(2 * m - 1 / beta) * sympy.gamma(1 / beta) / sympy.gamma(2 * m) for m in range(1, k + 1))
    return s**2 * sympy.Add(*each) / beta


def ratio(k, at, claim):
    """The constant of k models over that of one."""
    return equal_expressions(regime_at(law(k), at).constant / regime_at(law(1), at).constant, claim)


CLAIMS = {
    f"the exponent of {k} models": (
        "max(-2*min(r, 1)*ell, ell/beta - 1)",
        lambda text, k=k: compare_exponent(law(k), text),
    )
    for k in (1, 2, 3)
} | {
    "the limit of many models: the exponent": (
        "max(0, min(ell, beta) - 1)",
        lambda text: compare_exponent(law("oo"), text),
    )
}
RATIOS = {
    "bias of 2 models": (2, ROUGH, (r + 3) * (2 * r + 1) / 3),
    "bias of 3 models": (3, ROUGH, (r + 1) * (2 * r + 1) * (2 * r**2 + 13 * r + 30) / 30),
    "noise of 2 models": (2, NOISE, 1 + (2 * beta - 1) * (3 * beta - 1) / (6 * beta**2)),
}
WRONG_RATIOS = {
    "noise of 2 models, as with least squares": (2, NOISE, sympy.Integer(2)),
    "bias of 2 models, as of one": (2, ROUGH, sympy.Integer(1)),
}


def simulated(k):
    weights = np.arange(1, 201) ** (-(1 + 2 * 1.5 * 0.75 - 1.5) / 2)
    at = {"T": 300, "d": 200, "lam": 0.01, "sigma": 0.2, "Sigma": fc.power_law(1.5), "w0": weights[:, None]}
    return near_estimate(error(k).at(**at)["error"], error(k).simulate(trials=40, **at)["error"])


def exact(k, at):
    return ScalingCheck(
        f"exact values of {k} models at ell = {at['ell']}, r = {at['r']}",
        lambda: tends_to_asymptote(law(k), SIZES, at),
        "CERTIFIED",
    )


ENTRY = ScalingEntry(
    "Ridge in every generation on a power law",
    (
        *claim_checks(CLAIMS, "PROVED"),
        *(
            ScalingCheck(f"bias of {k}", lambda k=k: equal_constant(law(k), ROUGH, bias(k)), "PROVED")
            for k in (1, 2, 3)
        ),
        *(
            ScalingCheck(
                f"bias of {k}, saturated",
                lambda k=k: equal_constant(law(k), SMOOTH, k**2 * sympy.zeta(1 + 2 * beta * (r - 1))),
                "PROVED",
            )
            for k in (1, 2, 3)
        ),
        *(
            ScalingCheck(f"noise of {k}", lambda k=k: equal_constant(law(k), NOISE, noise(k)), "PROVED")
            for k in (1, 2, 3)
        ),
        *(ScalingCheck(f"{n}: {c}", lambda k=k, a=a, c=c: ratio(k, a, c), "PROVED") for n, (k, a, c) in RATIOS.items()),
        ScalingCheck(
            "the limit, ell > 1", lambda: equal_constant(law("oo"), KEPT, s**2 * sympy.zeta(beta) / 2), "PROVED"
        ),
        ScalingCheck(
            "the limit, ell < 1", lambda: equal_constant(law("oo"), LOST, sympy.zeta(1 + 2 * beta * r)), "PROVED"
        ),
        exact(2, ROUGH),
        exact(3, NOISE),
        *(exact("oo", at) for at in (KEPT, LOST)),
        *(ScalingCheck(f"{k} models are simulated", lambda k=k: simulated(k), "CONSISTENT") for k in (2, 3)),
        *(
            ScalingCheck(f"{n}: {c}", lambda k=k, a=a, c=c: ratio(k, a, c), "REFUTED")
            for n, (k, a, c) in WRONG_RATIOS.items()
        ),
        ScalingCheck(
            "the limit of many models decays",
            lambda: compare_exponent(law("oo"), "max(-2*min(r, 1)*ell, ell - 1)"),
            "REFUTED",
        ),
    ),
)

if __name__ == "__main__":
    main(ENTRY)
