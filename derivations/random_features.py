"""Linearized random features.  X is d x n with variance 1/d, F = W X + Theta with W (m x d) of variance zeta/m and
Theta (m x n) of variance (eta - zeta)/m, K = F'F + lam, phi = d/n, psi = d/m, tau1 = tau(K^-1), tau2 = tau(X'X K^-1).
Eliminating all other unknowns gives

    phi (zeta tau1 tau2 + phi (tau2 - tau1)) + zeta tau1 tau2 psi (lam tau1 - 1) = 0,                        (S67)
    (tau2 - tau1) phi (zeta (tau2 - tau1) + eta tau1) - zeta tau1 tau2 (lam tau1 - 1) = 0.                   (S68)

Source: Adlam and Pennington (2020), S67 and S68.
"""

import fpt_calc as fc
from fpt_calc.cli.entries import main
from fpt_calc.collection import Entry
from fpt_calc.point import Point
from fpt_calc.reduce import quantity

n, d, m = fc.dims("n d m")
lam, zeta, eta = fc.scalars("lam zeta eta", "positive")
X = fc.gaussian("X", d, n, variance=1 / d)
W = fc.gaussian("W", m, d, variance=zeta / m)
Theta = fc.gaussian("Theta", m, n, variance=(eta - zeta) / m)
F = W @ X + Theta
K = F.T @ F + lam

tau1, tau2, phi, psi = quantity("tau1"), quantity("tau2"), d / n, d / m
S67 = phi * (zeta * tau1 * tau2 + phi * (tau2 - tau1)) + zeta * tau1 * tau2 * psi * (lam * tau1 - 1)
S68 = (tau2 - tau1) * phi * (zeta * (tau2 - tau1) + eta * tau1) - zeta * tau1 * tau2 * (lam * tau1 - 1)
ENTRY = Entry(
    title="Linearized random features",
    targets={"tau1": fc.tau(fc.inv(K)), "tau2": fc.tau(X.T @ X @ fc.inv(K))},
    relations=(S67, S68),
    point=Point(dims={"n": 200, "d": 150, "m": 180}, scalars={"lam": 0.1, "zeta": 0.25, "eta": 0.34}),
    order=6,
)

if __name__ == "__main__":
    main(ENTRY)
