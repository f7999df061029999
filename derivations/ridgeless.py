"""Double descent: isotropic ridge regression at small lam, on both sides of n = d.  The entries of X (n x d) have
variance 1/n, R = (X'X + lam)^-1, w0 has independent entries of variance gamma/d, the noise variance is sigma^2.  With
kappa > 0 the root of lam = kappa (1 - d/(n (1 + kappa))),

    bias = lam^2 (gamma/d) Tr R^2 ~ gamma kappa^2/((1 + kappa)^2 - d/n),
    variance = (sigma^2/n) Tr(R X'X R) ~ sigma^2 (d/n)/((1 + kappa)^2 - d/n).

As lam -> 0+, kappa -> max(d/n - 1, 0): for d < n the bias vanishes and the variance is sigma^2 (d/n)/(1 - d/n), for
d > n they are gamma (1 - n/d) and sigma^2/(d/n - 1).  The variance has its pole at d = n.  The claims are the bias and
the variance of ridge regression (ridge.py) for Sigma = 1, where df_m = d/(1 + kappa)^m.

Source: Hastie et al. (2022), Belkin, Hsu and Xu (2020).
"""

import fpt_calc as fc
from fpt_calc.cli.entries import main
from fpt_calc.collection import Entry
from fpt_calc.point import Point

n, d = fc.dims("n d")
lam, sigma, gamma = fc.scalars("lam sigma gamma", "positive")
X = fc.gaussian("X", n, d, variance=1 / n)
R = fc.inv(X.T @ X + lam)

ENTRY = Entry(
    title="Isotropic ridge regression near lam = 0: double descent",
    targets={
        "bias": lam**2 * gamma / d * fc.Tr(R @ R),
        "variance": sigma**2 / n * fc.Tr(R @ X.T @ X @ R),
    },
    closed={
        "bias": "gamma*kappa**2/((1 + kappa)**2 - d/n)",
        "variance": "sigma**2*(d/n)/((1 + kappa)**2 - d/n)",
    },
    point=Point(dims={"n": 150, "d": 250}, scalars={"lam": 0.001, "sigma": 0.5, "gamma": 1}),
    order=6,
)

if __name__ == "__main__":
    main(ENTRY)
