"""The bias of ridge regression.  The rows of X (n x d) are N(0, Sigma/n), R = (X'X + lam)^-1, Theta is deterministic
and symmetric and need not commute with Sigma.  With e = 1/(1 + Tr(Sigma (lam + e Sigma)^-1)/n), kappa = lam/e,

    lam^2 tau(R Theta R Sigma) ~ kappa^2 tau(Theta Sigma (Sigma + kappa)^-2) / (1 - df_2(kappa)/n).

Source: Dobriban and Wager (2018), Hastie et al. (2022), for commuting Theta.
"""

import numpy as np

import fpt_calc as fc
from fpt_calc.claims import Statement, parameter
from fpt_calc.cli.entries import main
from fpt_calc.collection import Entry
from fpt_calc.point import Dense, Point

n, d = fc.dims("n d")
(lam,) = fc.scalars("lam", "positive")
Sigma, Theta = fc.matrix("Sigma", d, d, "psd"), fc.matrix("Theta", d, d, "symmetric")
X = fc.gaussian("X", n, d, variance=1 / n, covariance=Sigma)
R = fc.inv(X.T @ X + lam)

e = parameter("e")
kappa = lam / e
G = fc.inv(Sigma + kappa)
df2 = fc.Tr((Sigma @ G) ** 2)

noise = np.random.default_rng(3).standard_normal((160, 160))
ENTRY = Entry(
    title="Bias of ridge regression",
    targets={"bias": lam**2 * fc.tau(R @ Theta @ R @ Sigma)},
    statement=Statement(
        parameters={"e": 1 / (1 + fc.Tr(Sigma @ fc.inv(lam + e * Sigma)) / n)},
        values={"bias": kappa**2 * fc.tau(Theta @ G @ Sigma @ G) / (1 - df2 / n)},
    ),
    closed={"bias": "kappa**2*tau(Theta@Sigma@inv(Sigma + kappa)**2)/(1 - df2/n)"},
    point=Point(
        dims={"n": 240, "d": 160},
        scalars={"lam": 0.1},
        matrices={"Sigma": fc.power_law(1.5), "Theta": Dense(noise + noise.T)},
    ),
    order=8,
)

if __name__ == "__main__":
    main(ENTRY)
