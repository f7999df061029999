"""Ridge regression under covariate shift: trained on rows N(0, Sigma), tested on N(0, Sigma_test); the two need not
commute.  The rows of X (n x d) are N(0, Sigma/n), R = (X'X + lam)^-1, the truth has w0 ~ N(0, Theta), the noise
variance sigma^2.  With lam = kappa (1 - df_1/n), df_m = Tr (Sigma G)^m, G = (Sigma + kappa)^-1,

    bias = lam^2 Tr(Theta R Sigma_test R) ~ kappa^2 Tr(Theta G Sigma_test G)
                                            + kappa^2 Tr(Theta Sigma G^2) Tr(Sigma_test Sigma G^2)/(n - df_2),
    variance = (sigma^2/n) Tr(R X'X R Sigma_test) ~ sigma^2 Tr(Sigma_test Sigma G^2)/(n - df_2).

Both are the second-order equivalent of R with Sigma_test inside; in the variance R X'X R = R - lam R^2, and the terms
of first order cancel: kappa Tr(Sigma_test G)/lam - (d kappa/d lam) Tr(Sigma_test G^2) leaves Sigma G^2.  For
Sigma_test = Sigma the bias is one fraction.

Source: Canatar et al. (2021), Patil, Du and Tibshirani (2024).
"""

import numpy as np

import fpt_calc as fc
from fpt_calc.cli.entries import main
from fpt_calc.collection import Entry
from fpt_calc.point import Dense, Point

n, d = fc.dims("n d")
lam, sigma = fc.scalars("lam sigma", "positive")
Sigma, Sigma_test, Theta = (fc.matrix(name, d, d, "psd") for name in ("Sigma", "Sigma_test", "Theta"))
X = fc.gaussian("X", n, d, variance=1 / n, covariance=Sigma)
R = fc.inv(X.T @ X + lam)


def covariance(seed: int, size: int = 120) -> Dense:
    """A dense covariance that commutes with no other."""
    a = np.random.default_rng(seed).standard_normal((size, 2 * size))
    return Dense(a @ a.T / (2 * size))


G = "inv(Sigma + kappa)"
ENTRY = Entry(
    title="Ridge regression under covariate shift",
    targets={
        "bias": lam**2 * fc.tau(Theta @ R @ Sigma_test @ R),
        "variance": sigma**2 / n * fc.Tr(R @ X.T @ X @ R @ Sigma_test),
    },
    closed={
        "bias": f"kappa**2*tau(Theta@{G}@Sigma_test@{G})"
        f" + kappa**2*tau(Theta@Sigma@{G}**2)*Tr(Sigma_test@Sigma@{G}**2)/(n - df2)",
        "variance": f"sigma**2*Tr(Sigma_test@Sigma@{G}**2)/(n - df2)",
    },
    point=Point(
        dims={"n": 180, "d": 120},
        scalars={"lam": 0.1, "sigma": 0.5},
        matrices={"Sigma": covariance(1), "Sigma_test": covariance(2), "Theta": covariance(3)},
    ),
    order=6,
)

if __name__ == "__main__":
    main(ENTRY)
