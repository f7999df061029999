"""The anisotropic Marchenko-Pastur law.  The rows of X (n x d) are N(0, Sigma/n), R = (X'X + lam)^-1.
With kappa = lam/e,

    e = 1/(1 + Tr(Sigma (lam + e Sigma)^-1)/n),      lam tau(R) ~ kappa tau((Sigma + kappa)^-1),

and the equation for e is kappa - lam = kappa df_1(kappa)/n.  Source: Silverstein (1995).
"""

import fpt_calc as fc
from fpt_calc.claims import Statement, parameter
from fpt_calc.cli.entries import main
from fpt_calc.collection import Entry
from fpt_calc.point import Point

n, d = fc.dims("n d")
(lam,) = fc.scalars("lam", "positive")
Sigma = fc.matrix("Sigma", d, d, "psd")
X = fc.gaussian("X", n, d, variance=1 / n, covariance=Sigma)

e = parameter("e")
kappa = lam / e
df1 = fc.Tr(Sigma @ fc.inv(Sigma + kappa))
ENTRY = Entry(
    title="Anisotropic Marchenko-Pastur law",
    targets={"resolvent": lam * fc.tau(fc.inv(X.T @ X + lam))},
    statement=Statement(
        parameters={"e": 1 / (1 + fc.Tr(Sigma @ fc.inv(lam + e * Sigma)) / n)},
        values={"resolvent": kappa * fc.tau(fc.inv(Sigma + kappa))},
        identities=((kappa - lam, kappa * df1 / n),),
    ),
    closed={"resolvent": "kappa*tau(inv(Sigma + kappa))"},
    point=Point(dims={"n": 300, "d": 200}, scalars={"lam": 0.1}, matrices={"Sigma": fc.power_law(1)}),
    order=8,
)

if __name__ == "__main__":
    main(ENTRY)
