"""Ridge regression: test error, training error, generalized cross-validation.  y = Z w0 + noise of variance sigma^2,
the rows of Z (n x d) are N(0, Sigma); with X = Z/sqrt(n) and E = noise/sqrt(n) the estimator is w = R X'(X w0 + E),
R = (X'X + lam)^-1.  With lam = kappa (1 - df_1/n), df_m = Tr (Sigma G)^m, G = (Sigma + kappa)^-1,

    test = (w - w0)'Sigma(w - w0) ~ (kappa^2 w0'Sigma G^2 w0 + sigma^2 df_2/n) / (1 - df_2/n),
    train = |Z w - y|^2/n ~ (lam/kappa)^2 (test + sigma^2),
    gcv = train / (1 - Tr(X R X')/n)^2 ~ test + sigma^2.

w - w0 = -lam R w0 + R X'E: the second-order equivalent of lam^2 R Sigma R gives the bias, and Tr(R X'X R Sigma) =
Tr(R Sigma) - lam Tr(R^2 Sigma) the variance.  The residual is lam (X X' + lam)^-1 (X w0 + E); its square follows from
the same equivalents.  As lam tau((X X' + lam)^-1) ~ lam/kappa, generalized cross-validation estimates the test error.
That gcv - test - sigma^2 vanishes is derived as a target of its own.

Source: Dobriban and Wager (2018), Hastie et al. (2022); cross-validation: Golub, Heath and Wahba (1979), Patil et al.
(2021).
"""

import numpy as np

import fpt_calc as fc
from fpt_calc.cli.entries import main
from fpt_calc.collection import Entry
from fpt_calc.point import Dense, Point

n, d = fc.dims("n d")
lam, sigma = fc.scalars("lam sigma", "positive")
Sigma, w0 = fc.matrix("Sigma", d, d, "psd"), fc.matrix("w0", d, 1)
X = fc.gaussian("X", n, d, variance=1 / n, covariance=Sigma)
E = fc.gaussian("E", n, 1, variance=sigma**2 / n)
R = fc.inv(X.T @ X + lam)
w = R @ X.T @ (X @ w0 + E)

error, residual = w - w0, X @ (w - w0) - E
test, train = fc.tau(error.T @ Sigma @ error), fc.tau(residual.T @ residual)
gcv = train / (lam * fc.tau(fc.inv(X @ X.T + lam))) ** 2

signal = "kappa**2*tau(w0.T@Sigma@inv(Sigma + kappa)**2@w0)"
claimed = f"({signal} + sigma**2*df2/n)/(1 - df2/n)"
ENTRY = Entry(
    title="Ridge regression: test error, training error, generalized cross-validation",
    targets={"test": test, "train": train, "gcv": gcv, "gap": gcv - test - sigma**2},
    closed={
        "test": claimed,
        "train": f"(lam/kappa)**2*({claimed} + sigma**2)",
        "gcv": f"{claimed} + sigma**2",
        "gap": "0",
    },
    point=Point(
        dims={"n": 240, "d": 160},
        scalars={"lam": 0.1, "sigma": 0.5},
        matrices={"Sigma": fc.power_law(1), "w0": Dense(np.ones((160, 1)) / 160**0.5)},
    ),
    order=4,
)

if __name__ == "__main__":
    main(ENTRY)
