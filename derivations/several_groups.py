"""Two groups of rows with covariances that do not commute, to second order.  X_j has p_j n rows N(0, Sigma_j/n),
M_j = X_j'X_j, R = (M_1 + M_2 + lam)^-1.  With K = lam + p_1 e_1 Sigma_1 + p_2 e_2 Sigma_2 and
1/e_j = 1 + Tr(Sigma_j K^-1)/n,

    R B R ~ K^-1 H K^-1,   H = B + p_1 e_1^2 s_1 Sigma_1 + p_2 e_2^2 s_2 Sigma_2,
    M_1 R B R M_2 ~ p_1 p_2 e_1 e_2 (Sigma_1 K^-1 H K^-1 Sigma_2 - (e_1 s_1 + e_2 s_2) Sigma_1 K^-1 Sigma_2),
    M_1 R B R M_1 ~ p_1^2 e_1^2 (Sigma_1 K^-1 H K^-1 Sigma_1 - 2 e_1 s_1 Sigma_1 K^-1 Sigma_1) + p_1 e_1^2 s_1 Sigma_1,

where s_j = Tr(Sigma_j K^-1 H K^-1)/n, two linear equations.  R B R is the derivative of -R in t when t B is added to
M_1 + M_2: then K' = H and e_j' = e_j^2 s_j.  Taking a row x of the first group and y of the second out of R,
x'R y = e_1 e_2 x'R_- y and x'R x = 1 - e_1, so that M_1 R M_2 ~ p_1 p_2 e_1 e_2 Sigma_1 K^-1 Sigma_2 and
M_1 R M_1 ~ p_1^2 e_1^2 Sigma_1 K^-1 Sigma_1 + p_1 (1 - e_1) Sigma_1; these are differentiated.

Source: Couillet, Debbah and Silverstein (2011) to first order; the second order is derived here by hand, as a claim
that shares nothing with the engine.
"""

import numpy as np

import fpt_calc as fc
from fpt_calc.claims import Statement, parameter
from fpt_calc.cli.entries import main
from fpt_calc.collection import Entry
from fpt_calc.expr import Expr
from fpt_calc.point import Dense, Point
from fpt_calc.scalars import ZERO, Scalar

n, d = fc.dims("n d")
(lam,) = fc.scalars("lam", "positive")
(p1,) = fc.scalars("p1", "fraction")
p2 = 1 - p1
Sigma1, Sigma2, A, B = (fc.matrix(name, d, d, "psd") for name in ("Sigma1", "Sigma2", "A", "B"))
X1 = fc.gaussian("X1", p1 * n, d, variance=1 / n, covariance=Sigma1)
X2 = fc.gaussian("X2", p2 * n, d, variance=1 / n, covariance=Sigma2)
M1, M2 = X1.T @ X1, X2.T @ X2
R = fc.inv(M1 + M2 + lam)

e1, e2 = parameter("e1"), parameter("e2")
K = lam + p1 * e1 * Sigma1 + p2 * e2 * Sigma2
inner = fc.inv(K)


def response(left: Expr, right: Expr) -> Scalar:
    """Tr(left K^-1 right K^-1)/n."""
    return fc.Tr(left @ inner @ right @ inner) / n


# the linear equations for s_1 and s_2, solved by Cramer's rule
c1, c2 = p1 * e1**2, p2 * e2**2
s11, s12, s22 = response(Sigma1, Sigma1), response(Sigma1, Sigma2), response(Sigma2, Sigma2)
determinant = (1 - c1 * s11) * (1 - c2 * s22) - c1 * c2 * s12**2
s1 = (response(Sigma1, B) * (1 - c2 * s22) + c2 * s12 * response(Sigma2, B)) / determinant
s2 = (response(Sigma2, B) * (1 - c1 * s11) + c1 * s12 * response(Sigma1, B)) / determinant


def second_order(left: Expr) -> Scalar:
    """tau(left K^-1 H K^-1)."""
    terms = ((1, B), (c1 * s1, Sigma1), (c2 * s2, Sigma2))
    return sum((c * fc.tau(left @ inner @ matrix @ inner) for c, matrix in terms), ZERO)


cross = second_order(Sigma2 @ A @ Sigma1) - (e1 * s1 + e2 * s2) * fc.tau(A @ Sigma1 @ inner @ Sigma2)
own = second_order(Sigma1 @ A @ Sigma1) - 2 * e1 * s1 * fc.tau(A @ Sigma1 @ inner @ Sigma1)
tau_own = fc.tau(A @ Sigma1)


def covariance(seed: int, size: int = 80) -> Dense:
    """A dense psd matrix that commutes with no other."""
    a = np.random.default_rng(seed).standard_normal((size, 2 * size))
    return Dense(a @ a.T / (2 * size))


ENTRY = Entry(
    title="Two groups of rows, second order",
    targets={
        "resolvents": fc.tau(A @ R @ B @ R),
        "cross": fc.tau(A @ M1 @ R @ B @ R @ M2),
        "own": fc.tau(A @ M1 @ R @ B @ R @ M1),
    },
    statement=Statement(
        parameters={"e1": 1 / (1 + fc.Tr(Sigma1 @ inner) / n), "e2": 1 / (1 + fc.Tr(Sigma2 @ inner) / n)},
        values={
            "resolvents": second_order(A),
            "cross": p1 * p2 * e1 * e2 * cross,
            "own": c1 * (p1 * own + s1 * tau_own),
        },
    ),
    point=Point(
        dims={"n": 120, "d": 80},
        scalars={"lam": 0.2, "p1": 0.3},
        matrices={"Sigma1": covariance(1), "Sigma2": covariance(2), "A": covariance(3), "B": covariance(4)},
    ),
    order=4,
)

if __name__ == "__main__":
    main(ENTRY)
