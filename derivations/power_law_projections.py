"""Random projections on a power law: f(x) = v'Sx, S of m x d iid N(0, 1/d), v by ridge regression on T samples with
ridge T^-ell m/d and noise of order one; m = T^g, infinitely many dimensions.  Eigenvalues k^-beta, the truth has
lambda_k w_k^2 = k^-(1 + 2 beta r), r' = min(r, 1). With nu = min(ell/beta, g), so that T^nu directions are learned,
for ell < beta

    E ~ T^max(-2 r' beta nu, -(beta - 1) nu - g, nu - 1).

The middle term is what a finite width costs.  Where the width alone limits the error, ell > beta g, the bias is
m^-(beta min(2r, 1)): it saturates at r = 1/2 already, not at r = 1 as that of a ridge does.  With kappa_m = (pi/(beta
sin(pi/beta)))^beta m^-beta its constants are Gamma(2r) Gamma(1 - 2r)/beta kappa_m^(2r) for r < 1/2 and zeta(1 + beta
(2r - 1)) kappa_m for r > 1/2. The best ridge for a width and its exponent are

    ell* = min(beta g, max(1 - g, beta/(2 beta r' + 1))),
    max(-beta min(2r, 1) g, (1 - g)/beta - 1, -2 beta r'/(2 beta r' + 1)),

and the last one, that of infinite width, needs for r < 1 the width

    m = T^(max(1, 2 beta r - beta + 1)/(2 beta r + 1)):

the number T^(1/(2 beta r + 1)) of directions that are learned for r <= 1/2, more for a smoother truth.  If T m = C is
fixed, the best exponent in C is -beta r/(beta r + 1) for r <= 1/2; for 1/2 < r < 1 it is -2 beta r/(4 beta r - beta +
2) at that width if beta <= 2, and -beta/(beta + 2) at m = T^(1/(beta + 1)), a narrower model, if beta >= 2.

Wrong variants: a width-limited error m^-(2 beta r'); one that only adds to that of the ridge; the number of
directions learned as the width for every r.

Source: Rudi and Rosasco, Generalization properties of learning with random features (2017), for the width;
Defilippis, Loureiro and Misiakiewicz, Dimension-free deterministic equivalents and scaling laws for random feature
regression (2024), for the exponents.
"""

from fractions import Fraction
from functools import cache

import numpy as np
import sympy

import fpt_calc as fc
from fpt_calc.cli.entries import main
from fpt_calc.collection import ScalingEntry
from fpt_calc.scaling.entry import Finding, ScalingCheck, claim_checks
from fpt_calc.scaling.findings import near_estimate
from fpt_calc.scaling.law_findings import equal_constant, tends_to_asymptote
from fpt_calc.scaling.polyhedra import holds
from fpt_calc.scaling.regimes.claimed import compare_exponent, compare_optimum
from fpt_calc.scaling.regimes.optimum import best_choices
from fpt_calc.scaling.shown.presentation import affine_expression

T, d, m = fc.dims("T d m")
lam, sigma = fc.scalars("lam sigma", "positive")
Sigma = fc.matrix("Sigma", d, d, "psd")
w0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
real = fc.data("real", T, covariance=Sigma, labels=w0, noise=sigma)
student = fc.model("student", fc.projections(lam, m, name="S"), [real])
error = fc.pipeline(student, against=w0, covariance=Sigma).test_error()

beta, r, s, g = sympy.symbols("beta r sigma g", positive=True)
WIDE = {"m": "T**g", "Sigma": fc.spectrum("beta"), "w0": fc.source("r")}
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
        numbers | {"r": "3/4", "g": "5/12", "ell": "1/2"},
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
    return error.scaling("T", lam="T**-ell*m/d", assume=["ell < beta"], **WIDE)


@cache
def at_ridge(ell):
    return error.scaling("T", lam=f"T**-({ell})*m/d", assume=["r < 1"], **WIDE).law


SHOWN = ("the width, a rough truth", "the width, a smooth truth", "the width, the ridge is felt")
BUDGET = sympy.Piecewise(
    (-beta * r / (beta * r + 1), r <= sympy.Rational(1, 2)),
    (-2 * beta * r / (4 * beta * r - beta + 2), beta <= 2),
    (-beta / (beta + 2), True),
)  # for r < 1
NU = "min(ell/beta, g)"
CLEAN = "beta/(2*beta*r + 1)"
CLAIMS = {
    "the exponent, nu = min(ell/beta, g)": (
        f"max(-2*min(r, 1)*beta*{NU}, -(beta - 1)*{NU} - g, {NU} - 1)",
        lambda text: compare_exponent(law().law, text),
    ),
    "the best ell at a width": (
        "min(beta*g, max(1 - g, beta/(2*beta*min(r, 1) + 1)))",
        lambda text: compare_optimum(law().law, "ell", text, "low"),
    ),
    "its exponent": (
        "max(-beta*min(2*r, 1)*g, (1 - g)/beta - 1, -2*beta*min(r, 1)/(2*beta*min(r, 1) + 1))",
        lambda text: compare_optimum(law().law, "ell", text, "exponent"),
    ),
    "the least width at the best ridge of r < 1": (
        "max(1, 2*beta*r - beta + 1)/(2*beta*r + 1)",
        lambda text: compare_optimum(at_ridge(CLEAN), "g", text, "low"),
    ),
}
WRONG = {
    "a width-limited error m**(-2*beta*r)": (
        "max(-2*beta*min(r, 1)*g, (1 - g)/beta - 1, -2*beta*min(r, 1)/(2*beta*min(r, 1) + 1))",
        lambda text: compare_optimum(law().law, "ell", text, "exponent"),
    ),
    "a width-limited error that only adds to that of the ridge": (
        f"max(-2*min(r, 1)*beta*{NU}, -beta*g, {NU} - 1)",
        lambda text: compare_exponent(law().law, text),
    ),
    "a width of as many directions as are learned": (
        "1/(2*beta*r + 1)",
        lambda text: compare_optimum(at_ridge(CLEAN), "g", text, "low"),
    ),
}
BUDGETS = ((Fraction(3, 2), Fraction(1, 4)), (Fraction(3, 2), Fraction(3, 4)), (Fraction(3), Fraction(3, 4)))


def best_of_a_budget(b, smoothness):
    """The best exponent in C = T m over all widths T^g.

    E(g)/(1 + g) is monotonous where E is affine, so that the best g is at an end of a piece.
    """
    values, known = [], {"beta": b, "r": smoothness}
    parameters = {p: known[p.name] for p in law().law.request.bounds}
    for case, best in best_choices(law().law, "ell"):
        if all(holds(c, parameters) for c in case.conditions):
            forms = [affine_expression(c).subs({beta: b, r: smoothness}) for c in (*best.cell.constraints, best.value)]
            ends = [-c.subs(g, 0) / c.diff(g) for c in forms[:-1] if c.has(g)]
            values += [forms[-1].subs(g, x) / (1 + x) for x in ends if all(c.subs(g, x) >= 0 for c in forms[:-1])]
    return min(values)


def budget(claim):
    """A claim about that exponent, at numbers on all sides of its cases."""
    pairs = [(best_of_a_budget(b, x), claim.subs({beta: b, r: x})) for b, x in BUDGETS]
    text = ", ".join(f"{derived} and {claimed}" for derived, claimed in pairs)
    return Finding("CONSISTENT" if all(x == y for x, y in pairs) else "REFUTED", text)


def simulated():
    weights = np.arange(1, 201) ** (-(1 + 2 * 1.5 * 0.75 - 1.5) / 2)
    at = {"T": 300, "d": 200, "m": 100, "lam": 0.005, "sigma": 0.2}
    at |= {"Sigma": fc.power_law(1.5), "w0": weights[:, None]}
    return near_estimate(error.at(**at)["error"], error.simulate(trials=40, **at)["error"])


ENTRY = ScalingEntry(
    "Random projections on a power law",
    (
        *claim_checks(CLAIMS, "PROVED"),
        *(
            ScalingCheck(f"constant, {name}", lambda at=at, c=c: equal_constant(law().law, at, c), "PROVED")
            for name, (at, c) in CONSTANTS.items()
        ),
        *(
            ScalingCheck(f"exact values, {name}", lambda at=at: tends_to_asymptote(law().law, SIZES, at), "CERTIFIED")
            for name, (at, _) in CONSTANTS.items()
            if name in SHOWN
        ),
        ScalingCheck(f"the best exponent in C = T*m: {BUDGET}", lambda: budget(BUDGET), "CONSISTENT"),
        ScalingCheck("the error is simulated", simulated, "CONSISTENT"),
        *claim_checks(WRONG, "REFUTED"),
    ),
)

if __name__ == "__main__":
    main(ENTRY)
