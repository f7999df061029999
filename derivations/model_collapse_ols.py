"""Model collapse of least squares: n generations, each fitted to labels by the one before.  Generation m draws T0
fresh inputs x ~ N(0, Sigma) with labels x'w_m + sigma0 e and fits w_{m+1} by least squares, m = 0, ..., n - 1; the
student fits T fresh samples with labels x'w_n + sigma e.  With more samples than dimensions (d < T0 and d < T), for
every Sigma,

    E |w - w0|^2_Sigma ~ sigma^2 d/(T - d) + n sigma0^2 d/(T0 - d).

There is no bias, since least squares passes on all that it was taught; every generation adds the same noise, so that
the error grows linearly, without end.  Means of inverse Wishart matrices are explicit: at finite size the formula is
exact with T - d - 1 and T0 - d - 1 in place of T - d and T0 - d.

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
Sigma = fc.matrix("Sigma", d, d, "psd")

w0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
synthetic = fc.data("synthetic", T0, covariance=Sigma, labels=fc.previous, noise=sigma0)
generations = fc.generations(fc.model("generation", fc.ols(), [synthetic]), n, w0)
real = fc.data("real", T, covariance=Sigma, labels=generations, noise=sigma)
student = fc.model("student", fc.ols(), [real])

ENTRY = PipelineEntry(
    title="Model collapse of least squares",
    law=fc.pipeline(student, against=w0, covariance=Sigma).test_error(),
    point=Point(
        dims={"T": 120, "T0": 60, "d": 20},
        scalars={"sigma": 0.5, "sigma0": 0.5, "n": 5},
        matrices={"Sigma": fc.power_law(1), "w0": Dense(np.full((20, 1), 0.2))},
    ),
    claims={
        "bias": "0",
        "source.real": "sigma**2*d/(T - d)",
        "source.synthetic": "n*sigma0**2*d/(T0 - d)",
        "error": "sigma**2*d/(T - d) + n*sigma0**2*d/(T0 - d)",
    },
    limits={"n": {"variance": "sigma**2*d/(T - d) + n*sigma0**2*d/(T0 - d)"}},
    refuted={"error": "sigma**2*d/(T - d) + n*sigma0**2*d/T0"},
    exact={
        "source.real": "sigma**2*d/(T - d - 1)",
        "source.synthetic": "n*sigma0**2*d/(T0 - d - 1)",
    },
)

if __name__ == "__main__":
    main(ENTRY)
