"""The best ridge for an isotropic prior.  The rows of X (n x d) are N(0, Sigma/n), R = (X'X + lam)^-1, w0 has
independent entries of variance gamma/d, the noise has variance sigma^2.  At sigma^2 = lam n gamma/d, that is at
lam* = sigma^2 d/(n gamma), the test error is stationary in lam; with df_1 = Tr Sigma (Sigma + kappa)^-1 and
lam = kappa (1 - df_1/n),

    error(lam) = lam^2 (gamma/d) Tr(R Sigma R) + (sigma^2/n) Tr(R X'X R Sigma),
    d error/d lam = 0 and error ~ gamma kappa df_1/d = sigma^2 (kappa/lam - 1) at lam = lam*.

The derivative is formed exactly, then sigma^2 is replaced.  In the error the numerator becomes
(gamma/d) (kappa (df_1 - df_2) + lam df_2) = (gamma/d) kappa df_1 (1 - df_2/n); 1 - df_2/n cancels.  That lam* is the
minimum is Bayes, given X: R X'y is the posterior mean at lam*.  So the derivative vanishes for each draw, too.

Source: Dobriban and Wager (2018).
"""

import fpt_calc as fc
from fpt_calc.cli.entries import main
from fpt_calc.collection import Entry
from fpt_calc.point import Point
from fpt_calc.scalars import substitute

n, d = fc.dims("n d")
lam, gamma, noise = fc.scalars("lam gamma noise", "positive")
Sigma = fc.matrix("Sigma", d, d, "psd")
X = fc.gaussian("X", n, d, variance=1 / n, covariance=Sigma)
R = fc.inv(X.T @ X + lam)

error = lam**2 * gamma / d * fc.Tr(R @ Sigma @ R) + noise / n * fc.Tr(R @ X.T @ X @ R @ Sigma)
optimal = {noise.gens[0]: lam * n * gamma / d}
ENTRY = Entry(
    title="The best ridge for an isotropic prior",
    targets={"slope": substitute(fc.differentiate(error, lam), optimal), "error": substitute(error, optimal)},
    closed={"slope": "0", "error": "gamma*kappa*df1/d"},
    point=Point(dims={"n": 240, "d": 160}, scalars={"lam": 0.2, "gamma": 1}, matrices={"Sigma": fc.power_law(1)}),
    order=6,
)

if __name__ == "__main__":
    main(ENTRY)
