"""Ridge in every generation: the error saturates at a finite value.  Generation m fits a ridge lam0 on T0 fresh
samples x ~ N(0, Sigma) with labels x'w_m + sigma0 e, T0 above or below d; what is tested is w_n itself.  With lam0 =
kappa (1 - df_1/T0), P = Sigma (Sigma + kappa)^-1 and q = Sigma (Sigma + kappa)^-2 a generation takes a quadratic form
B to

    P B P + kappa^2 Tr(B q)/(T0 - df_2) q      and adds the noise  sigma0^2 Tr(B q)/(T0 - df_2),

for every B, whether or not it commutes with Sigma.  As n -> infinity, with H = Sigma (Sigma + kappa/2)^-1,

    E_oo = w0'Sigma w0 + sigma0^2 Tr(Sigma H)/(2 kappa (T0 + Tr H - 2 df_1)).

Unlike least squares, which passes on everything and whose error grows linearly, a ridge forgets: the teacher is lost
exponentially fast, and with it the noise of the early generations.  As lam0 -> 0 the second term diverges like 1/kappa
if T0 > d and tends to that of interpolating_generations.py if T0 < d.  The powers vanish since A = (M + lam0)^-1 M has
0 <= A <= 1, E A^2 <= E A ~ P < 1.

Source: derived here.
"""

import numpy as np

import fpt_calc as fc
from fpt_calc.cli.entries import main
from fpt_calc.collection import PipelineEntry
from fpt_calc.point import Dense, Point

T0, d = fc.dims("T0 d")
lam0, sigma0 = fc.scalars("lam0 sigma0", "positive")
(n,) = fc.scalars("n", "generations")
Sigma = fc.matrix("Sigma", d, d, "psd")

w0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
synthetic = fc.data("synthetic", T0, covariance=Sigma, labels=fc.previous, noise=sigma0)
generations = fc.generations(fc.model("generation", fc.ridge(lam0), [synthetic]), n, w0)

H = "Sigma@inv(Sigma + kappa/2)"
noise = f"sigma0**2*Tr(Sigma@{H})/(2*kappa*(T0 + Tr({H}) - 2*df1))"
ENTRY = PipelineEntry(
    title="Ridge in every generation",
    law=fc.pipeline(generations, against=w0, covariance=Sigma).test_error(),
    point=Point(
        dims={"T0": 150, "d": 200},
        scalars={"lam0": 0.05, "sigma0": 0.3, "n": 8},
        matrices={"Sigma": fc.power_law(1, 3), "w0": Dense(np.full((200, 1), 200**-0.5))},
    ),
    claims={},
    limits={"n": {"bias": "w0.T@Sigma@w0", "variance": noise, "error": f"w0.T@Sigma@w0 + {noise}"}},
)

if __name__ == "__main__":
    main(ENTRY)
