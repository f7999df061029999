"""Two groups of rows with different covariances that do not commute.  X_j has n_j = p_j n rows N(0, Sigma_j/n).

    1/e_j = 1 + phi tau(Sigma_j K^-1),   K = lam + p_1 e_1 Sigma_1 + p_2 e_2 Sigma_2,   tau(R) ~ tau(K^-1),

with R = (X_1'X_1 + X_2'X_2 + lam)^-1 and phi = d/n.  Source: Couillet, Debbah and Silverstein (2011).
"""

import numpy as np

import fpt_calc as fc
from fpt_calc.claims import Statement, parameter
from fpt_calc.cli.entries import main
from fpt_calc.collection import Entry
from fpt_calc.point import Dense, Point

n, d = fc.dims("n d")
(lam,) = fc.scalars("lam", "positive")
(p1,) = fc.scalars("p1", "fraction")
p2 = 1 - p1
S1, S2 = fc.matrix("Sigma1", d, d, "psd"), fc.matrix("Sigma2", d, d, "psd")
X1 = fc.gaussian("X1", p1 * n, d, variance=1 / n, covariance=S1)
X2 = fc.gaussian("X2", p2 * n, d, variance=1 / n, covariance=S2)

e1, e2, phi = parameter("e1"), parameter("e2"), d / n
K = lam + p1 * e1 * S1 + p2 * e2 * S2


def wishart_like(seed: int, size: int = 120) -> Dense:
    """A dense covariance that commutes with no other."""
    a = np.random.default_rng(seed).standard_normal((size, 2 * size))
    return Dense(a @ a.T / (2 * size))


ENTRY = Entry(
    title="Two groups of rows, covariances not commuting",
    targets={"resolvent": fc.tau(fc.inv(X1.T @ X1 + X2.T @ X2 + lam))},
    statement=Statement(
        parameters={"e1": 1 / (1 + phi * fc.tau(S1 @ fc.inv(K))), "e2": 1 / (1 + phi * fc.tau(S2 @ fc.inv(K)))},
        values={"resolvent": fc.tau(fc.inv(K))},
    ),
    closed={"resolvent": "tau(inv(lam + p1*e1*Sigma1 + (1 - p1)*e2*Sigma2))"},
    point=Point(
        dims={"n": 200, "d": 120},
        scalars={"lam": 0.2, "p1": 0.3},
        matrices={"Sigma1": wishart_like(1), "Sigma2": wishart_like(2)},
    ),
    order=6,
)

if __name__ == "__main__":
    main(ENTRY)
