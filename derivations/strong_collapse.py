"""Ridge regression on real and synthetic data: strong model collapse.  Group 1 has p_1 n rows and labels x'w1, group 2
has p_2 n rows and labels x'(w1 + delta), both with the same covariance; X_j = rows/sqrt(n), M_j = X_j'X_j,
R = (M_1 + M_2 + lam)^-1.  The estimator w = R (M_1 w1 + M_2 (w1 + delta)) has w - w1 = -lam R w1 + R M_2 delta.  With
w1 ~ N(0, Gamma), delta ~ N(0, Delta), lam = kappa (1 - df_1/n), G = (Sigma + kappa)^-1, u = df_2/(n - df_2),

    bias = lam^2 Tr(Gamma R Sigma R) ~ kappa^2 Tr(Gamma Sigma G^2)/(1 - df_2/n),
    zeta = Tr(Delta M_2 R Sigma R M_2) ~ p_2^2 (1 + p_1 u) Tr(Delta Sigma^3 G^2)
                                          + p_2 u Tr(Delta Sigma (p_1 Sigma + kappa)^2 G^2).

Taking a row of group 2 out of R on either side gives M_2 R ~ p_2 Sigma G in zeta, to first order; u is the response of
the rest, and its part that is linear in p_2 comes from the row that stands on both sides.  As n -> infinity at fixed d,
u -> 0 and zeta -> p_2^2 Tr(Delta Sigma^3 (Sigma + lam)^-2) > 0: more data does not help.

Source: Dohmatob, Feng, Subramonian and Kempe, Strong model collapse (2024), Theorem 1.
"""

import numpy as np

import fpt_calc as fc
from fpt_calc.cli.entries import main
from fpt_calc.collection import Entry
from fpt_calc.point import Dense, Point

n, d = fc.dims("n d")
(lam,) = fc.scalars("lam", "positive")
(p1,) = fc.scalars("p1", "fraction")
Sigma, Gamma, Delta = (fc.matrix(name, d, d, "psd") for name in ("Sigma", "Gamma", "Delta"))
X1 = fc.gaussian("X1", p1 * n, d, variance=1 / n, covariance=Sigma)
X2 = fc.gaussian("X2", (1 - p1) * n, d, variance=1 / n, covariance=Sigma)
M1, M2 = X1.T @ X1, X2.T @ X2
R = fc.inv(M1 + M2 + lam)

u, G2 = "(df2/(n - df2))", "inv(Sigma + kappa)**2"
noise = np.random.default_rng(11).standard_normal((2, 100, 200)) / 200**0.5
ENTRY = Entry(
    title="Strong model collapse of ridge regression",
    targets={"bias": lam**2 * fc.tau(Gamma @ R @ Sigma @ R), "zeta": fc.tau(Delta @ M2 @ R @ Sigma @ R @ M2)},
    closed={
        "bias": f"kappa**2*tau(Gamma@Sigma@{G2})/(1 - df2/n)",
        "zeta": f"(1 - p1)**2*(1 + p1*{u})*tau(Delta@Sigma**3@{G2})"
        f" + (1 - p1)*{u}*tau(Delta@Sigma@(p1*Sigma + kappa)**2@{G2})",
    },
    point=Point(
        dims={"n": 200, "d": 100},
        scalars={"lam": 0.05, "p1": 0.8},
        matrices={
            "Sigma": fc.power_law(1),
            "Gamma": Dense(noise[0] @ noise[0].T),
            "Delta": Dense(noise[1] @ noise[1].T),
        },
    ),
    order=5,
)

if __name__ == "__main__":
    main(ENTRY)
