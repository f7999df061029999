"""Strong model collapse on a power law: n samples, a share p2 of them synthetic, a ridge lam = n^-ell.  Eigenvalues
k^-beta; the truth w1 ~ N(0, Gamma) with lambda_k Gamma_k = k^-(1 + 2 beta r), the synthetic labels come from w1 +
delta, delta ~ N(0, Delta) with lambda_k Delta_k = k^-(1 + 2 beta rho); noises sigma1, sigma2; r' = min(r, 1). For a
fixed p2 and 0 < ell < beta

    E -> p2^2 Tr(Delta Sigma) = p2^2 zeta(1 + 2 beta rho),

and E less this floor has the exponent max(-2 r ell, -min(2 rho, 1) ell, ell/beta - 1). The term of the displacement
is negative: the ridge also shrinks what is wrong, so that the floor may be approached from below.  For rho > 1/2 it
is -2 p2^2 zeta(1 + 2 beta rho - beta) lam.  For p2 = n^-q

    E ~ n^max(-2 r' ell, -2 q, min(ell/beta - 1, 0)).

The collapse is avoided for q >= beta r'/(2 beta r' + 1): the best ridge and its exponent are those of clean data.
Below that every ell from q/r' to beta (1 - 2 q) is as good as any, and the exponent is -2 q.  A small p2 is felt from
n ~ p2^(-(2 beta r' + 1)/(beta r')) on.

Wrong variants: a floor linear in p2; a floor that is approached as fast for every displacement; a threshold of q
without the factor 1/2 of the square.

Source: Dohmatob, Feng, Subramonian and Kempe, Strong model collapse (2024), for the floor; the rates are derived
here.
"""

from functools import cache

import sympy

import fpt_calc as fc
from fpt_calc.cli.entries import main
from fpt_calc.collection import ScalingEntry
from fpt_calc.scaling.entry import ScalingCheck, claim_checks
from fpt_calc.scaling.findings import near_estimate
from fpt_calc.scaling.law_findings import equal_constant, tends_to_asymptote
from fpt_calc.scaling.regimes.claimed import compare_exponent, compare_optimum

n, d = fc.dims("n d")
lam, sigma1, sigma2 = fc.scalars("lam sigma1 sigma2", "positive")
(p2,) = fc.scalars("p2", "fraction")
Sigma, Gamma, Delta = (fc.matrix(name, d, d, "psd") for name in ("Sigma", "Gamma", "Delta"))
w1 = fc.teacher("w1", d, covariance=Gamma)
w2 = fc.teacher("w2", d, covariance=Delta, near=w1)
real = fc.data("real", (1 - p2) * n, covariance=Sigma, labels=w1, noise=sigma1)
synthetic = fc.data("synthetic", p2 * n, covariance=Sigma, labels=w2, noise=sigma2)
error = fc.pipeline(fc.model("student", fc.ridge(lam), [real, synthetic]), against=w1, covariance=Sigma).test_error()

beta, r, rho, p, s1, s2 = sympy.symbols("beta r rho p2 sigma1 sigma2", positive=True)
numbers = {"beta": "3/2", "sigma1": "1/2", "sigma2": "1/2"}
fixed = numbers | {"p2": "1/4"}
SIZES = (10**6, 10**15, 10**24)
noise = sympy.gamma(2 - 1 / beta) * sympy.gamma(1 / beta) / beta
floor = p**2 * sympy.zeta(1 + 2 * beta * rho)
BEYOND = {
    "a rough displacement": (
        fixed | {"r": "3/4", "rho": "1/4", "ell": "1/2"},
        p**2 * sympy.gamma(-2 * rho) * sympy.gamma(2 + 2 * rho) / beta,
    ),
    "a smooth displacement": (
        fixed | {"r": "3/4", "rho": "1", "ell": "1/2"},
        -2 * p**2 * sympy.zeta(1 + 2 * beta * rho - beta),
    ),
    "a rough truth": (
        fixed | {"r": "1/4", "rho": "1", "ell": "1/2"},
        sympy.gamma(2 * r) * sympy.gamma(2 - 2 * r) / beta,
    ),
    "noise": (
        fixed | {"r": "3/4", "rho": "1", "ell": "1"},
        ((1 - p) * s1**2 + p * s2**2 + p * (1 - p) * sympy.zeta(1 + 2 * beta * rho)) * noise,
    ),
}
FEW = numbers | {"r": "3/4", "rho": "1/2", "q": "1/8", "ell": "3/4"}


@cache
def scaled(**given):
    spectra = {"Sigma": fc.spectrum("beta"), "Gamma": fc.source("r"), "Delta": fc.source("rho")}
    return error.scaling("n", lam="n**-ell", **spectra, **given)


def many():
    """A fixed share of synthetic data."""
    return scaled(assume=("ell < beta",)).law


@cache
def beyond():
    return scaled(assume=("ell < beta",)).beyond_floor().law


def few():
    return scaled(p2="n**-q").law


CLAIMS = {
    "a fixed share: the exponent": ("0", lambda text: compare_exponent(many(), text)),
    "beyond the floor: the exponent": (
        "max(-2*r*ell, -min(2*rho, 1)*ell, ell/beta - 1)",
        lambda text: compare_exponent(beyond(), text),
    ),
    "p2 = n**-q: the exponent": (
        "max(-2*min(r, 1)*ell, -2*q, min(ell/beta - 1, 0))",
        lambda text: compare_exponent(few(), text),
    ),
    "p2 = n**-q: the smallest best ell": (
        "min(q/min(r, 1), beta/(2*beta*min(r, 1) + 1))",
        lambda text: compare_optimum(few(), "ell", text, "low"),
    ),
    "p2 = n**-q: the largest best ell": (
        "max(beta*(1 - 2*q), beta/(2*beta*min(r, 1) + 1))",
        lambda text: compare_optimum(few(), "ell", text, "high"),
    ),
    "p2 = n**-q: its exponent": (
        "-2*min(q, beta*min(r, 1)/(2*beta*min(r, 1) + 1))",
        lambda text: compare_optimum(few(), "ell", text, "exponent"),
    ),
}
WRONG = {
    "an error linear in p2": (
        "max(-2*min(r, 1)*ell, -q, min(ell/beta - 1, 0))",
        lambda text: compare_exponent(few(), text),
    ),
    "a threshold without the square": (
        "-min(q, 2*beta*min(r, 1)/(2*beta*min(r, 1) + 1))",
        lambda text: compare_optimum(few(), "ell", text, "exponent"),
    ),
    "a floor approached as fast for every displacement": (
        "max(-2*r*ell, -2*min(rho, 1)*ell, ell/beta - 1)",
        lambda text: compare_exponent(beyond(), text),
    ),
}


def simulated():
    at = {"n": 300, "d": 200, "lam": 0.01, "p2": 0.2, "sigma1": 0.2, "sigma2": 0.2}
    at |= {"Sigma": fc.power_law(1.5), "Gamma": fc.power_law(1.75), "Delta": fc.power_law(1)}
    return near_estimate(error.at(**at)["error"], error.simulate(trials=60, **at)["error"])


ENTRY = ScalingEntry(
    "Strong model collapse on a power law",
    (
        *claim_checks(CLAIMS, "PROVED"),
        ScalingCheck("the floor", lambda: equal_constant(many(), BEYOND["noise"][0], floor), "PROVED"),
        *(
            ScalingCheck(
                f"constant beyond the floor, {name}", lambda a=at, c=c: equal_constant(beyond(), a, c), "PROVED"
            )
            for name, (at, c) in BEYOND.items()
        ),
        *(
            ScalingCheck(
                f"exact values less the floor, {name}",
                lambda at=at: tends_to_asymptote(beyond(), SIZES, at, floor=floor),
                "CERTIFIED",
            )
            for name, (at, _) in BEYOND.items()
        ),
        ScalingCheck("exact values, p2 = n**-q", lambda: tends_to_asymptote(few(), SIZES, FEW), "CERTIFIED"),
        ScalingCheck("the error is simulated", simulated, "CONSISTENT"),
        *claim_checks(WRONG, "REFUTED"),
        ScalingCheck("a floor linear in p2", lambda: equal_constant(many(), BEYOND["noise"][0], floor / p), "REFUTED"),
    ),
)

if __name__ == "__main__":
    main(ENTRY)
