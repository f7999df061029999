"""Model collapse of a ridge regression whose labels come from the last of n least-squares fits.  The generations are
those of model_collapse_ols.py (T0 > d fresh samples each, noise sigma0); the student fits a ridge lam on T fresh
samples with labels x'w_n + sigma e.  With lam = kappa (1 - df_1/T), G = (Sigma + kappa)^-1, u = df_2/(T - df_2), phi0
= d/T0,

    E |w - w0|^2_Sigma ~ kappa^2 w0'Sigma G^2 w0/(1 - df_2/T) + sigma^2 u + n sigma0^2 rho,
    rho = phi0/(1 - phi0) (1/d) (df_2 + kappa^2 Tr(G^2) df_2/(T - df_2)).

The first two terms are bias and variance of the ridge on clean data.  The third is what the student keeps of the noise
that the generations piled up, n sigma0^2 Sigma^-1/(T0 - d) in covariance: it grows linearly in n, for every lam, and
does not vanish as T -> infinity.  With u in place of the bracket over d, as if that noise were label noise of the
student's own data, the formula is wrong: that variant is refuted.

Source: Dohmatob, Feng and Kempe, Model collapse demystified: the case of regression (2024).
"""

import numpy as np

import fpt_calc as fc
from fpt_calc.cli.entries import main
from fpt_calc.collection import PipelineEntry
from fpt_calc.point import Dense, Point

T, T0, d = fc.dims("T T0 d")
lam, sigma, sigma0 = fc.scalars("lam sigma sigma0", "positive")
(n,) = fc.scalars("n", "generations")
Sigma = fc.matrix("Sigma", d, d, "psd")

w0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
synthetic = fc.data("synthetic", T0, covariance=Sigma, labels=fc.previous, noise=sigma0)
generations = fc.generations(fc.model("generation", fc.ols(), [synthetic]), n, w0)
real = fc.data("real", T, covariance=Sigma, labels=generations, noise=sigma)
student = fc.model("student", fc.ridge(lam), [real])

G2, u, phi0 = "inv(Sigma + kappa)**2", "df2/(T - df2)", "(d/T0)"
bias = f"kappa**2*(w0.T@Sigma@{G2}@w0)/(1 - df2/T)"
rho = f"{phi0}/(1 - {phi0})*(1/d)*(df2 + kappa**2*Tr({G2})*df2/(T - df2))"
ENTRY = PipelineEntry(
    title="Model collapse of ridge regression",
    law=fc.pipeline(student, against=w0, covariance=Sigma).test_error(),
    point=Point(
        dims={"T": 150, "T0": 300, "d": 100},
        scalars={"lam": 0.05, "sigma": 0.5, "sigma0": 0.5, "n": 3},
        matrices={"Sigma": fc.power_law(1), "w0": Dense(np.full((100, 1), 0.1))},
    ),
    claims={
        "bias": bias,
        "source.real": f"sigma**2*{u}",
        "source.synthetic": f"n*sigma0**2*{rho}",
        "error": f"{bias} + sigma**2*{u} + n*sigma0**2*{rho}",
    },
    refuted={"source.synthetic": f"n*sigma0**2*{phi0}/(1 - {phi0})*{u}"},
)

if __name__ == "__main__":
    main(ENTRY)
