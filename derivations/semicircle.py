"""The semicircle law.  W is a GOE matrix with off-diagonal variance 1/d, m(z) = tau (W - z)^-1, Im z > 0:

    m^2 + z m + 1 = 0.

Source: Wigner, "Characteristic vectors of bordered matrices" (1955).
"""

import fpt_calc as fc
from fpt_calc.cli.entries import main
from fpt_calc.collection import Entry
from fpt_calc.point import Point
from fpt_calc.reduce import quantity

(d,) = fc.dims("d")
(z,) = fc.scalars("z", "upper")
W = fc.wigner("W", d, variance=1 / d)

m = quantity("m")
ENTRY = Entry(
    title="Semicircle law",
    targets={"m": fc.tau(fc.inv(W - z))},
    relations=(m**2 + z * m + 1,),
    closed={"m": "-1/(m + z)"},
    point=Point(dims={"d": 200}, scalars={"z": 0.5 + 0.8j}),
    order=8,
)

if __name__ == "__main__":
    main(ENTRY)
