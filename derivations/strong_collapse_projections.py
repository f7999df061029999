"""Random projections of real and synthetic data: strong model collapse at every width.  The two groups of
strong_collapse.py, M = M_1 + M_2, and f(x) = v'S x with S (m x d) of variance 1/d, Q = S'(S M S' + lam)^-1 S.  With
theta, a, u, omega' and G = (Sigma + theta)^-1 of random_projections.py, the error from the wrong labels is

    zeta = Tr(Delta M_2 Q Sigma Q M_2) ~ p_2 (p_2 + p_1 u) Tr(Delta Sigma^3 G^2)
           + p_2 (p_2 omega' + 2 p_1 u theta) Tr(Delta Sigma^2 G^2) + p_2 u theta^2 Tr(Delta Sigma G^2).

Q Sigma Q has the equivalent of second order with two terms of rank one, from X and from S; rows of group 2 are taken
out of Q on both sides as for strong_collapse.py.  The term omega' comes from S with a row of group 2 on either side,
hence with p_2^2; it is often quoted with p_2: REFUTED has that variant.

Source: Dohmatob, Feng, Subramonian and Kempe, Strong model collapse (2024), Theorem 2, with the coefficients derived.
"""

import numpy as np

import fpt_calc as fc
from fpt_calc.cli.entries import main
from fpt_calc.collection import Entry
from fpt_calc.point import Dense, Point

n, d, m = fc.dims("n d m")
(lam,) = fc.scalars("lam", "positive")
(p1,) = fc.scalars("p1", "fraction")
Sigma, Delta = fc.matrix("Sigma", d, d, "psd"), fc.matrix("Delta", d, d, "psd")
X1 = fc.gaussian("X1", p1 * n, d, variance=1 / n, covariance=Sigma)
X2 = fc.gaussian("X2", (1 - p1) * n, d, variance=1 / n, covariance=Sigma)
S = fc.gaussian("S", m, d, variance=1 / d)
M1, M2 = X1.T @ X1, X2.T @ X2
Q = S.T @ fc.inv(S @ (M1 + M2) @ S.T + lam) @ S

G2 = "inv(Sigma + theta)**2"
a = "((df2 + (df1 - df2)**2/(m - df2))/n)"
u = f"({a}/(1 - {a}))"
omega = f"(theta**2*Tr(Sigma@{G2})/((m - df2)*(1 - {a})))"
zeta = (
    f"(1 - p1)*(1 - p1 + p1*{u})*tau(Delta@Sigma**3@{G2})"
    f" + (1 - p1)*((1 - p1)*{omega} + 2*p1*{u}*theta)*tau(Delta@Sigma**2@{G2})"
    f" + (1 - p1)*{u}*theta**2*tau(Delta@Sigma@{G2})"
)
REFUTED = {"zeta": zeta.replace(f"(1 - p1)*{omega}", omega)}

noise = np.random.default_rng(12).standard_normal((100, 200)) / 200**0.5
ENTRY = Entry(
    title="Strong model collapse of random projections",
    targets={"zeta": fc.tau(Delta @ M2 @ Q @ Sigma @ Q @ M2)},
    closed={"zeta": zeta},
    point=Point(
        dims={"n": 150, "d": 100, "m": 80},
        scalars={"lam": 0.05, "p1": 0.8},
        matrices={"Sigma": fc.power_law(1), "Delta": Dense(noise @ noise.T)},
    ),
    order=4,
)

if __name__ == "__main__":
    main(ENTRY)
