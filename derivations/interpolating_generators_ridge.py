"""Interpolators teach a ridge regression.  The n generations are those of model_collapse_interpolators.py (isotropic,
T0 < d fresh samples each, noise sigma0); the student fits a ridge lam on T fresh samples with labels x'w_n + sigma e,
T above or below d.  With lam = kappa (1 - df_1/T), df_m = d/(1 + kappa)^m, eta = T0/d, and for the ridge on clean data

    b = kappa^2/(1 + kappa)^2/(1 - df_2/T)  (its bias for |w0| = 1),   a = b + 1 - 2 kappa/(1 + kappa),

    bias ~ |w0|^2 (1 - eta^n + eta^n b),
    variance ~ sigma^2 df_2/(T - df_2) + a sigma0^2 T0/(d - T0) (1 - eta^n)/(1 - eta).

Of the signal a share eta^n arrives, and of that the student sees as much as it would of clean data.  a is the share of
the square norm of its teacher that the student keeps, E |A v|^2 = a |v|^2 for A = (M + lam)^-1 M: it is how much of
the noise of the generations is passed on.  No penalty brings back what the generations have lost: bias >= |w0|^2 (1 -
eta^n).

Source: the two ingredients are as in Dohmatob, Feng and Kempe, Model collapse demystified: the case of regression
(2024); the combination is derived here.
"""

import numpy as np

import fpt_calc as fc
from fpt_calc.cli.entries import main
from fpt_calc.collection import PipelineEntry
from fpt_calc.point import Dense, Point

T, T0, d = fc.dims("T T0 d")
lam, sigma, sigma0 = fc.scalars("lam sigma sigma0", "positive")
(n,) = fc.scalars("n", "generations")

w0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
synthetic = fc.data("synthetic", T0, d, labels=fc.previous, noise=sigma0)
generations = fc.generations(fc.model("generation", fc.min_norm(), [synthetic]), n, w0)
real = fc.data("real", T, labels=generations, noise=sigma)
student = fc.model("student", fc.ridge(lam), [real])

df2 = "(d/(1 + kappa)**2)"
b = f"(kappa**2/(1 + kappa)**2/(1 - {df2}/T))"
a = f"({b} + 1 - 2*kappa/(1 + kappa))"
each = "sigma0**2*T0/(d - T0)"
ENTRY = PipelineEntry(
    title="Interpolators teach a ridge regression",
    law=fc.pipeline(student, against=w0).test_error(assume=["T0 < d"]),
    point=Point(
        dims={"T": 120, "T0": 150, "d": 200},
        scalars={"lam": 0.2, "sigma": 0.3, "sigma0": 0.5, "n": 3},
        matrices={"w0": Dense(np.full((200, 1), 200**-0.5))},
    ),
    claims={
        "bias": f"(w0.T@w0)*(1 - (T0/d)**n + (T0/d)**n*{b})",
        "source.real": f"sigma**2*{df2}/(T - {df2})",
        "source.synthetic": f"{a}*{each}*(1 - (T0/d)**n)/(1 - T0/d)",
    },
    limits={"n": {"bias": "w0.T@w0", "source.synthetic": f"{a}*{each}/(1 - T0/d)"}},
    refuted={"bias": f"(w0.T@w0)*{b}", "source.synthetic": f"{each}*(1 - (T0/d)**n)/(1 - T0/d)"},
)

if __name__ == "__main__":
    main(ENTRY)
