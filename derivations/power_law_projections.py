"""Random projections on a power law: f(x) = v'Sx, S of m x d iid N(0, 1/d), v by ridge regression on T samples with
ridge T^-ell m/d and label noise sigma^2; m = T^g, infinitely many dimensions.  Eigenvalues k^-beta, the truth has
lambda_k w_k^2 = k^-(1 + 2 beta r), r' = min(r, 1).  With nu = min(ell/beta, g, 1), so that T^nu directions are learned,

    E ~ T^max(-2 r' beta nu, -(beta - 1) nu - g, nu - 1),

derived here for ell < beta.  The middle term is what a finite width costs.  Without noise the error that is limited by
the width, ell > beta g, g < 1, is m^-(beta min(2r, 1)): it saturates at r = 1/2 already, not at r = 1 as that of a ridge
does.  Its constants, with kappa_m = (pi/(beta sin(pi/beta)))^beta m^-beta, are Gamma(2r) Gamma(1 - 2r)/beta kappa_m^2r m^0
for r < 1/2 and zeta(1 + beta (2r - 1)) kappa_m for r > 1/2.

At the best ridge of infinite width, ell = beta/(2 beta r' + 1), the exponent -2 beta r'/(2 beta r' + 1) is kept down to
the width

    m = T^(max(1, 2 beta r' - beta + 1)/(2 beta r' + 1)),

which is T^(1/(2 beta r + 1)), the number of directions learned, for r <= 1/2, and more for a smoother truth.

Wrong variants: a width-limited error m^-(2 beta r'); the same width for every r; noise that does not know of the width.

Source: Rudi and Rosasco, Generalization properties of learning with random features (2017), for the width; Defilippis,
Loureiro and Misiakiewicz, Dimension-free deterministic equivalents and scaling laws for random feature regression (2024).
"""

from functools import cache

import numpy as np
import sympy

import fpt_calc as fc
from fpt_calc.cli.entries import main
from fpt_calc.collection import ScalingEntry
from fpt_calc.scaling.entry import ScalingCheck
from fpt_calc.scaling.findings import near_estimate
from fpt_calc.scaling.law_findings import equal_constant, tends_to_asymptote
from fpt_calc.scaling.regimes.claimed import compare_exponent, compare_optimum

T, d, m = fc.dims("T d m")
lam, sigma = fc.scalars("lam sigma", "positive")
Sigma = fc.matrix("Sigma", d, d, "psd")
w0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
real = fc.data("real", T, covariance=Sigma, labels=w0, noise=sigma)
student = fc.model("student", fc.projections(lam, m, name="S"), [real])
error = fc.pipeline(student, against=w0, covariance=Sigma).test_error()

beta, r, s = sympy.symbols("beta r sigma", positive=True)
SIZES = (10**6, 10**15, 10**24)
root = sympy.pi / (beta * sympy.sin(sympy.pi / beta))  # kappa_m = (root/m)^beta
numbers = {"beta": "3/2", "sigma": "1/2"}
CONSTANTS = {
    "the width, a rough truth": (
        numbers | {"r": "1/4", "g": "1/4", "ell": "1"},
        root ** (2 * beta * r) * sympy.gamma(2 * r) * sympy.gamma(1 - 2 * r) / beta,
    ),
    "the width, a smooth truth": (
        numbers | {"r": "3/4", "g": "1/4", "ell": "1"},
        root**beta * sympy.zeta(1 + beta * (2 * r - 1)),
    ),
    "the width, the ridge is felt": (
        numbers | {"r": "3/4", "g": "1/2", "ell": "2/5"},
        root * sympy.zeta(1 + beta * (2 * r - 1)) / beta,
    ),
    "the ridge": (
        numbers | {"r": "3/4", "g": "5/4", "ell": "1/4"},
        sympy.gamma(2 * r) * sympy.gamma(2 - 2 * r) / beta,
    ),
    "the noise in m directions": (numbers | {"r": "3/4", "g": "1/2", "ell": "5/4"}, s**2),
}


@cache
def law():
    given = {"lam": "T**-ell*m/d", "m": "T**g", "Sigma": fc.spectrum("beta"), "w0": fc.source("r")}
    return error.scaling("T", assume=["ell < beta"], **given)


@cache
def at_the_best_ridge(ell):
    return law().at(ell=ell).law


NU = "min(ell/beta, g)"
CLAIMS = {
    "the exponent, nu = min(ell/beta, g)": (
        f"max(-2*min(r, 1)*beta*{NU}, -(beta - 1)*{NU} - g, {NU} - 1)",
        lambda text: compare_exponent(law().law, text),
    ),
    "the least width at the best ridge of r < 1": (
        "max(1, 2*beta*r - beta + 1)/(2*beta*r + 1)",
        lambda text: compare_optimum(at_the_best_ridge("beta/(2*beta*r + 1)"), "g", text, "low"),
    ),
    "its exponent": (
        "-2*beta*r/(2*beta*r + 1)",
        lambda text: compare_optimum(at_the_best_ridge("beta/(2*beta*r + 1)"), "g", text, "exponent"),
    ),
}
