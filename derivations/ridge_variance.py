"""The variance of ridge regression.  The rows of X (n x d) are N(0, Sigma/n), R = (X'X + lam)^-1.  With
e = 1/(1 + Tr(Sigma (lam + e Sigma)^-1)/n), kappa = lam/e,

    sigma^2/n Tr(R X'X R Sigma) ~ sigma^2 u,      u = (df_2/n) / (1 - df_2/n).

Source: Dobriban and Wager (2018), Hastie et al. (2022).
"""

import fpt_calc as fc
from fpt_calc.claims import Statement, parameter
from fpt_calc.cli.entries import main
from fpt_calc.collection import Entry
from fpt_calc.point import Point

n, d = fc.dims("n d")
lam, sigma = fc.scalars("lam sigma", "positive")
Sigma = fc.matrix("Sigma", d, d, "psd")
X = fc.gaussian("X", n, d, variance=1 / n, covariance=Sigma)
R = fc.inv(X.T @ X + lam)

e = parameter("e")
G = fc.inv(Sigma + lam / e)
df2 = fc.Tr((Sigma @ G) ** 2)
ENTRY = Entry(
    title="Variance of ridge regression",
    targets={"variance": sigma**2 / n * fc.Tr(R @ X.T @ X @ R @ Sigma)},
    statement=Statement(
        parameters={"e": 1 / (1 + fc.Tr(Sigma @ fc.inv(lam + e * Sigma)) / n)},
        values={"variance": sigma**2 * (df2 / n) / (1 - df2 / n)},
    ),
    closed={"variance": "sigma**2*(df2/n)/(1 - df2/n)"},
    point=Point(dims={"n": 300, "d": 200}, scalars={"lam": 0.1, "sigma": 0.5}, matrices={"Sigma": fc.power_law(1.5)}),
    order=8,
)

if __name__ == "__main__":
    main(ENTRY)
