"""Two groups of rows seen through random projections, to second order; S, T and Sigma do not commute.

X_j has n_j rows N(0, Sigma/n), M_j = X_j'X_j, P is m x d with variance 1/d, Q = P'(P (M_1 + M_2) P' + lam)^-1 P.  With
nu = (n_1 + n_2)/n, nu_2 = n_2/n, t = (m/d) r and K = 1 + nu e t Sigma, the parameters solve

    e = 1/(1 + (d/n) t tau(Sigma K^-1)),        r = 1/(lam + nu e tau(Sigma K^-1)),

so that Q ~ t K^-1.  Moving M by -eps S moves e and t; as Q S Q is the derivative of Q in eps,

    Q S Q ~ t^2 K^-1 H K^-1,    H = S + omega + nu e^2 s Sigma,    s = Tr(Sigma Q S Q)/n,    omega = (d/dt)(-1/t):
    s = (d/n) t^2 tau(Sigma K^-1 H K^-1),       omega = (d/m) (nu^2 e^2 t^2 tau((Sigma K^-1)^2) omega
                                                              + tau(K^-1 (S + nu e^2 s Sigma) K^-1)),

and taking two rows of the second group out of Q (x'Q = e x'Q_-, and so on) gives

    tau(M_2 Q S Q M_2 T) ~ e^2 nu_2^2 (t^2 tau(T Sigma K^-1 H K^-1 Sigma) - 2 e s t tau(T Sigma K^-1 Sigma))
                           + nu_2 e^2 s tau(Sigma T).

Source: derived here by hand, as a claim that shares nothing with the engine; the last case of the benchmark.
"""

import numpy as np

import fpt_calc as fc
from fpt_calc.claims import Statement, parameter
from fpt_calc.cli.entries import main
from fpt_calc.collection import Entry
from fpt_calc.point import Dense, Point

n, d, m, n1, n2 = fc.dims("n d m n1 n2")
(lam,) = fc.scalars("lam", "positive")
Sigma, S, T = (fc.matrix(name, d, d, "psd") for name in ("Sigma", "S", "T"))
X1 = fc.gaussian("X1", n1, d, variance=1 / n, covariance=Sigma)
X2 = fc.gaussian("X2", n2, d, variance=1 / n, covariance=Sigma)
P = fc.gaussian("P", m, d, variance=1 / d)
M1, M2 = X1.T @ X1, X2.T @ X2
Q = P.T @ fc.inv(P @ (M1 + M2) @ P.T + lam) @ P

e, r = parameter("e"), parameter("r")
nu, nu2, t = (n1 + n2) / n, n2 / n, m / d * r
K1 = fc.inv(1 + nu * e * t * Sigma)

# the linear equations for s and omega, solved by Cramer's rule
s_S, s_1, s_Sigma = (d / n * t**2 * fc.tau(Sigma @ K1 @ A @ K1) for A in (S, fc.identity(d), nu * e**2 * Sigma))
w_S, w_Sigma = (d / m * fc.tau(K1 @ A @ K1) for A in (S, nu * e**2 * Sigma))
w_1 = d / m * (nu * e * t) ** 2 * fc.tau((Sigma @ K1) ** 2)
determinant = (1 - s_Sigma) * (1 - w_1) - s_1 * w_Sigma
s = (s_S * (1 - w_1) + s_1 * w_S) / determinant
omega = (w_S * (1 - s_Sigma) + w_Sigma * s_S) / determinant
second_order = (
    fc.tau(T @ Sigma @ K1 @ S @ K1 @ Sigma)
    + omega * fc.tau(T @ Sigma @ K1 @ K1 @ Sigma)
    + nu * e**2 * s * fc.tau(T @ Sigma @ K1 @ Sigma @ K1 @ Sigma)
)


def covariance(seed: int, size: int = 80) -> Dense:
    """A dense psd matrix that commutes with no other."""
    a = np.random.default_rng(seed).standard_normal((size, 2 * size))
    return Dense(a @ a.T / (2 * size))


ENTRY = Entry(
    title="Two groups through random projections, second order",
    targets={"value": fc.tau(M2 @ Q @ S @ Q @ M2 @ T)},
    statement=Statement(
        parameters={
            "e": 1 / (1 + d / n * t * fc.tau(Sigma @ K1)),
            "r": 1 / (lam + nu * e * fc.tau(Sigma @ K1)),
        },
        values={
            "value": e**2 * nu2**2 * (t**2 * second_order - 2 * e * s * t * fc.tau(T @ Sigma @ K1 @ Sigma))
            + nu2 * e**2 * s * fc.tau(Sigma @ T)
        },
    ),
    point=Point(
        dims={"n": 150, "d": 80, "m": 60, "n1": 60, "n2": 90},
        scalars={"lam": 0.1},
        matrices={"Sigma": covariance(1), "S": covariance(2), "T": covariance(3)},
    ),
    order=6,
)

if __name__ == "__main__":
    main(ENTRY)
