"""One generation: what a ridge on fresh data makes of the weights that labelled it.  X (n x d) has rows N(0, Sigma/n),
M = X'X, R = (M + lam)^-1; trained on labels X w + e the weights are A w + N e with A = R M, N = R X'.  For all
deterministic B and C, which commute with nothing, with lam = kappa (1 - df_1/n), P = Sigma (Sigma + kappa)^-1 and
Q = Sigma (Sigma + kappa)^-2,

    mean of the weights    tau(C A)      ~ tau(C P),
    quadratic form         tau(C A'B A)  ~ tau(C P B P) + d kappa^2 tau(B Q) tau(C Q)/(n - df_2),
    label noise            Tr(B N N')/n  ~ Tr(B Q)/(n - df_2).

So a quadratic form B in the weights of a model becomes P B P + kappa^2 Tr(B Q)/(n - df_2) Q in those of the model that
labelled its data, plus sigma^2 Tr(B Q)/(n - df_2).  Without ridge, kappa = 0 for n > d, P = 1 and nothing is lost; for
n < d, df_1(kappa) = n and A is a projection.

Source: for B = Sigma, Dohmatob, Feng and Kempe, Model collapse demystified (2024); with B and C free, derived here.
"""

import numpy as np

import fpt_calc as fc
from fpt_calc.cli.entries import main
from fpt_calc.collection import Entry
from fpt_calc.point import Dense, Point

n, d = fc.dims("n d")
(lam,) = fc.scalars("lam", "positive")
Sigma = fc.matrix("Sigma", d, d, "psd")
B, C = fc.matrix("B", d, d), fc.matrix("C", d, d)
X = fc.gaussian("X", n, d, variance=1 / n, covariance=Sigma)
M = X.T @ X
A = fc.inv(M + lam) @ M
N = fc.inv(M + lam) @ X.T

P, Q = "Sigma@inv(Sigma + kappa)", "Sigma@inv(Sigma + kappa)**2"
noise = np.random.default_rng(5).standard_normal((2, 80, 80)) / 80**0.5
ENTRY = Entry(
    title="One generation of ridge regression",
    targets={"mean": fc.tau(C @ A), "form": fc.tau(C @ A.T @ B @ A), "noise": fc.Tr(B @ N @ N.T) / n},
    closed={
        "mean": f"tau(C@{P})",
        "form": f"tau(C@{P}@B@{P}) + d*kappa**2*tau(B@{Q})*tau(C@{Q})/(n - df2)",
        "noise": f"Tr(B@{Q})/(n - df2)",
    },
    point=Point(
        dims={"n": 120, "d": 80},
        scalars={"lam": 0.1},
        matrices={"Sigma": fc.power_law(1), "B": Dense(np.eye(80) + noise[0]), "C": Dense(np.eye(80) + noise[1])},
    ),
    order=4,
)

if __name__ == "__main__":
    main(ENTRY)
