"""Generations of interpolators with any covariance: the error saturates.  Generation m fits T0 < d fresh samples x ~
N(0, Sigma) with labels x'w_m + sigma0 e by the interpolator of least norm; what is tested is w_n itself.  kappa is the
root of df_1(kappa) = T0, P = Sigma (Sigma + kappa)^-1, q = Sigma (Sigma + kappa)^-2.  A generation takes a quadratic
form B to

    P B P + kappa^2 Tr(B q)/(T0 - df_2) q      and adds the noise  sigma0^2 Tr(B q)/(T0 - df_2),

so that n generations are a power of a multiplication plus rank one.  As n -> infinity, with H = Sigma (Sigma +
kappa/2)^-1,

    bias -> w0'Sigma w0,    variance -> sigma0^2 Tr(Sigma H)/(2 kappa (Tr H - T0)).

Nothing of the teacher is left, and the noise of all generations adds up to a finite sum; Tr H > df_1 = T0.  For Sigma
= 1, kappa = d/T0 - 1, this is sigma0^2 T0 d/(d - T0)^2, the sum of model_collapse_interpolators.py.

The sum over the generations is (sigma0^2/(T0 - df_2)) Tr(Sigma q (1 - P^2)^-1)/D with D = 1 - kappa^2 Tr(q^2 (1 -
P^2)^-1)/(T0 - df_2); what makes it short is q (1 - P^2)^-1 = H/(2 kappa).  It converges since the fit without noise is
a projection A and E A < 1.

Source: derived here.
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
generations = fc.generations(fc.model("generation", fc.min_norm(), [synthetic]), n, w0)

H = "Sigma@inv(Sigma + kappa/2)"
ENTRY = PipelineEntry(
    title="Generations of interpolators",
    law=fc.pipeline(generations, against=w0, covariance=Sigma).test_error(assume=["T0 < d"]),
    point=Point(
        dims={"T0": 100, "d": 200},
        scalars={"sigma0": 0.5, "n": 6},
        matrices={"Sigma": fc.power_law(1), "w0": Dense(np.full((200, 1), 200**-0.5))},
    ),
    claims={},
    limits={
        "n": {
            "bias": "w0.T@Sigma@w0",
            "variance": f"sigma0**2*Tr(Sigma@{H})/(2*kappa*(Tr({H}) - T0))",
        }
    },
    trials=30,
)

if __name__ == "__main__":
    main(ENTRY)
