"""The Marchenko-Pastur law.  X is n x d with independent entries of variance 1/n, phi = d/n, m = tau (X'X + lam)^-1:

    phi lam m^2 + (1 - phi + lam) m - 1 = 0.

Source: Marchenko and Pastur (1967).
"""

import fpt_calc as fc
from fpt_calc.cli.entries import main
from fpt_calc.collection import Entry
from fpt_calc.point import Point
from fpt_calc.reduce import quantity

n, d = fc.dims("n d")
(lam,) = fc.scalars("lam", "positive")
X = fc.gaussian("X", n, d, variance=1 / n)

m, phi = quantity("m"), d / n
ENTRY = Entry(
    title="Marchenko-Pastur law",
    targets={"m": fc.tau(fc.inv(X.T @ X + lam))},
    relations=(phi * lam * m**2 + (1 - phi + lam) * m - 1,),
    closed={"m": "1/(lam + 1 - d/n + lam*m*d/n)"},
    point=Point(dims={"n": 300, "d": 200}, scalars={"lam": 0.3}),
    order=8,
)

if __name__ == "__main__":
    main(ENTRY)
