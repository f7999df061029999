"""Generations of interpolators on one design: the signal is projected once, and the noise adds up.  All n >= 1
generations fit the same T0 < d inputs x ~ N(0, Sigma), drawn once, with fresh label noise sigma0; labels are x'w_m +
sigma0 e.  What is tested is w_n.  With df_1(kappa) = T0 and G = (Sigma + kappa)^-1,

    bias ~ kappa^2 w0'Sigma G^2 w0/(1 - df_2/T0)  for every n >= 1,      variance ~ n sigma0^2 df_2/(T0 - df_2).

A = X^+ X is a projection and A X^+ = X^+: the second generation finds in the range of X' all that it is taught, so
that nothing more is lost, and each generation adds the same noise.  With fresh designs (interpolating_generations.py)
it is the other way round: the signal is lost and the noise saturates.  Least squares (T0 > d) on one design has no
bias and variance n sigma0^2 d/(T0 - d), as with fresh designs.

Source: derived here; for n = 1 these are bias and variance of ridgeless regression (Hastie et al. 2022).
"""

import numpy as np

import fpt_calc as fc
from fpt_calc.cli.entries import main
from fpt_calc.collection import PipelineEntry
from fpt_calc.point import Dense, Point

T0, d = fc.dims("T0 d")
(sigma0,) = fc.scalars("sigma0", "positive")
(n,) = fc.scalars("n", "generations")
Sigma = fc.matrix("Sigma", d, d, "psd")

w0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
synthetic = fc.data("synthetic", T0, covariance=Sigma, labels=fc.previous, noise=sigma0)
generations = fc.generations(fc.model("generation", fc.min_norm(), [synthetic]), n, w0, reused=[synthetic])

bias = "kappa**2*(w0.T@Sigma@inv(Sigma + kappa)**2@w0)/(1 - df2/T0)"
variance = "n*sigma0**2*df2/(T0 - df2)"
ENTRY = PipelineEntry(
    title="Generations of interpolators on one design",
    law=fc.pipeline(generations, against=w0, covariance=Sigma).test_error(assume=["T0 < d"]),
    point=Point(
        dims={"T0": 100, "d": 200},
        scalars={"sigma0": 0.5, "n": 4},
        matrices={"Sigma": fc.power_law(1), "w0": Dense(np.full((200, 1), 200**-0.5))},
    ),
    claims={"bias": bias, "variance": variance},
    limits={"n": {"bias": bias, "variance": variance}},
    refuted={"bias": "w0.T@Sigma@w0"},
)

if __name__ == "__main__":
    main(ENTRY)
