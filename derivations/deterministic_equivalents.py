"""Deterministic equivalents of a resolvent and of a pair.  The rows of X (n x d) are N(0, Sigma/n), R = (X'X + lam)^-1;
A and B are deterministic and commute with nothing.  With lam = kappa (1 - df_1/n), df_m = Tr (Sigma G)^m and
G = (Sigma + kappa)^-1,

    lam Tr(A R) ~ kappa Tr(A G),
    lam^2 Tr(A R B R) ~ kappa^2 Tr(A G B G) + kappa^2 Tr(A G Sigma G) Tr(B G Sigma G)/(n - df_2).

The first is the anisotropic Marchenko-Pastur law: R ~ K^-1, K = lam + e Sigma, 1/e = 1 + Tr(Sigma K^-1)/n and
kappa = lam/e.  For the second add t B to X'X: R(t) ~ K^-1, K = lam + t B + e(t) Sigma, 1/e = 1 + Tr(Sigma K^-1)/n, and
R B R = -R'(0) ~ K^-1 (B + e' Sigma) K^-1.  From the equation of e, e' = (e^2/n) Tr(Sigma K^-1 (B + e' Sigma) K^-1); as
e K^-1 = G at t = 0, this is e' (1 - df_2/n) = Tr(Sigma G B G)/n.  Now multiply by lam^2 = kappa^2 e^2.

Source: Dobriban and Sheng (2020), Bach (2024); B not commuting with Sigma as in Couillet and Liao (2022).
"""

import numpy as np

import fpt_calc as fc
from fpt_calc.cli.entries import main
from fpt_calc.collection import Entry
from fpt_calc.point import Dense, Point

n, d = fc.dims("n d")
(lam,) = fc.scalars("lam", "positive")
Sigma, A, B = fc.matrix("Sigma", d, d, "psd"), fc.matrix("A", d, d), fc.matrix("B", d, d)
X = fc.gaussian("X", n, d, variance=1 / n, covariance=Sigma)
R = fc.inv(X.T @ X + lam)

G = "inv(Sigma + kappa)"
noise = np.random.default_rng(5).standard_normal((2, 120, 120)) / 120**0.5
ENTRY = Entry(
    title="Deterministic equivalents to first and second order",
    targets={"first": lam * fc.tau(A @ R), "second": lam**2 * fc.Tr(A @ R @ B @ R)},
    closed={
        "first": f"kappa*tau(A@{G})",
        "second": f"kappa**2*Tr(A@{G}@B@{G}) + kappa**2*Tr(A@{G}@Sigma@{G})*Tr(B@{G}@Sigma@{G})/(n - df2)",
    },
    point=Point(
        dims={"n": 180, "d": 120},
        scalars={"lam": 0.2},
        matrices={
            "Sigma": fc.power_law(1),
            "A": Dense(noise[0] + np.eye(120)),
            "B": Dense(noise[1] @ noise[1].T),
        },
    ),
    order=6,
)

if __name__ == "__main__":
    main(ENTRY)
