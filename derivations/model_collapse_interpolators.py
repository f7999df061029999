"""Model collapse of interpolators: with fewer samples than dimensions the signal itself is lost.  Generation m fits T0
fresh isotropic samples with labels x'w_m + sigma0 e by the interpolator of least norm, m = 0, ..., n - 1; the student
interpolates T samples with labels x'w_n + sigma e in the same way.  If T0 < d and T < d,

    bias ~ |w0|^2 (1 - (T0/d)^n T/d),
    variance ~ sigma^2 T/(d - T) + sigma0^2 T0/(d - T0) (T/d) (1 - (T0/d)^n)/(1 - T0/d).

An interpolator of T0 < d samples projects what it is taught on a random subspace, which keeps a share T0/d of the
square norm: with no label noise at all the signal is lost exponentially fast in the number of generations, and so is
the noise of the early ones, so that the error tends to |w0|^2 + variance instead of growing.  At finite size this is
exact with d - T - 1 and d - T0 - 1 for d - T and d - T0 where these are the means of inverse Wishart matrices.

Source: Dohmatob, Feng and Kempe, Model collapse demystified: the case of regression (2024).
"""

import numpy as np

import fpt_calc as fc
from fpt_calc.cli.entries import main
from fpt_calc.collection import PipelineEntry
from fpt_calc.point import Dense, Point

T, T0, d = fc.dims("T T0 d")
sigma, sigma0 = fc.scalars("sigma sigma0", "positive")
(n,) = fc.scalars("n", "generations")

w0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
synthetic = fc.data("synthetic", T0, d, labels=fc.previous, noise=sigma0)
generations = fc.generations(fc.model("generation", fc.min_norm(), [synthetic]), n, w0)
real = fc.data("real", T, labels=generations, noise=sigma)
student = fc.model("student", fc.min_norm(), [real])

clean = "sigma**2*T/(d - T)"
each = "sigma0**2*T0/(d - T0)*(T/d)"
ENTRY = PipelineEntry(
    title="Model collapse of interpolators",
    law=fc.pipeline(student, against=w0).test_error(assume=["T0 < d", "T < d"]),
    point=Point(
        dims={"T": 120, "T0": 150, "d": 200},
        scalars={"sigma": 0.3, "sigma0": 0.5, "n": 4},
        matrices={"w0": Dense(np.full((200, 1), 200**-0.5))},
    ),
    claims={
        "bias": "(w0.T@w0)*(1 - (T0/d)**n*T/d)",
        "source.real": clean,
        "source.synthetic": f"{each}*(1 - (T0/d)**n)/(1 - T0/d)",
    },
    limits={"n": {"bias": "w0.T@w0", "variance": f"{clean} + {each}/(1 - T0/d)"}},
    exact={
        "bias": "(w0.T@w0)*(1 - (T0/d)**n*T/d)",
        "source.real": "sigma**2*T/(d - T - 1)",
        "source.synthetic": "sigma0**2*T0/(d - T0 - 1)*(T/d)*(1 - (T0/d)**n)/(1 - T0/d)",
    },
    refuted={"bias": "(w0.T@w0)*(1 - (T0/d)**n)", "source.synthetic": f"n*{each}"},
)

if __name__ == "__main__":
    main(ENTRY)
