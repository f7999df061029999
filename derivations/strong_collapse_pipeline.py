"""Strong model collapse, from the pipeline: a ridge on real and synthetic data.  A share p1 of n samples is real
(teacher w1 ~ N(0, Gamma), noise sigma1), the share p2 = 1 - p1 synthetic (teacher w2 = w1 + delta, delta ~ N(0,
Delta), noise sigma2), all inputs x ~ N(0, Sigma), and the test is on real data.  With lam = kappa (1 - df_1/n), G =
(Sigma + kappa)^-1 and u = df_2/(n - df_2), for all psd Sigma, Gamma, Delta, commuting or not, the error is B + V +
zeta with

    B = kappa^2 Tr(Gamma Sigma G^2)/(1 - df_2/n),    V = (p1 sigma1^2 + p2 sigma2^2) u,
    zeta = p2^2 (1 + p1 u) Tr(Delta Sigma^3 G^2) + p2 u Tr(Delta Sigma (p1 Sigma + kappa)^2 G^2).

zeta is what the wrong labels cost; it is also p2^2 (Tr Delta Sigma^3 G^2 + kappa^2 u Tr Delta Sigma G^2) + p1 p2 u Tr
Delta Sigma.  As n -> infinity at fixed d it tends to p2^2 Tr(Delta Sigma^3 (Sigma + lam)^-2) > 0: however small the
share of synthetic data, more data does not help.  If all data are synthetic (p2 = 1) and Delta = n0 sigma0^2
Sigma^-1/(T0 - d), which is what n0 generations of least squares leave, then zeta = n0 sigma0^2 rho of
model_collapse_ridge.py (tests compare the two derived laws).

Without u, as for n far above d, zeta comes out too small, and the noise of both groups counts in the variance: the
variants with u = 0 in zeta and with sigma1 for all samples are refuted.

Source: Dohmatob, Feng, Subramonian and Kempe, Strong model collapse (2024), Theorem 1.
"""

from fractions import Fraction

import fpt_calc as fc
from fpt_calc.cli.entries import main
from fpt_calc.collection import PipelineEntry
from fpt_calc.point import Multiple, Point

UNIT = Fraction(1, 150)  # so that traces of Gamma and Delta are of order one

n, d = fc.dims("n d")
lam, sigma1, sigma2 = fc.scalars("lam sigma1 sigma2", "positive")
(p1,) = fc.scalars("p1", "fraction")
Sigma, Gamma, Delta = (fc.matrix(name, d, d, "psd") for name in ("Sigma", "Gamma", "Delta"))

w1 = fc.teacher("w1", d, covariance=Gamma)
w2 = fc.teacher("w2", d, covariance=Delta, near=w1)
real = fc.data("real", p1 * n, covariance=Sigma, labels=w1, noise=sigma1)
synthetic = fc.data("synthetic", (1 - p1) * n, covariance=Sigma, labels=w2, noise=sigma2)
student = fc.model("student", fc.ridge(lam), [real, synthetic])

G2, u = "inv(Sigma + kappa)**2", "(df2/(n - df2))"
first, second = f"Tr(Delta@Sigma**3@{G2})", f"Tr(Delta@Sigma@(p1*Sigma + kappa)**2@{G2})"
ENTRY = PipelineEntry(
    title="Strong model collapse of ridge regression, from its pipeline",
    law=fc.pipeline(student, against=w1, covariance=Sigma).test_error(),
    point=Point(
        dims={"n": 300, "d": 150},
        scalars={"lam": 0.05, "p1": 0.8, "sigma1": 0.5, "sigma2": 0.8},
        matrices={
            "Sigma": fc.power_law(0.5),
            "Gamma": Multiple(Fraction(1, 150)),
            "Delta": fc.power_law(0.5, Fraction(1, 150)),
        },
    ),
    claims={
        "source.w1": f"kappa**2*Tr(Gamma@Sigma@{G2})/(1 - df2/n)",
        "source.w2": f"(1 - p1)**2*(1 + p1*{u})*{first} + (1 - p1)*{u}*{second}",
        "source.real": f"p1*sigma1**2*{u}",
        "source.synthetic": f"(1 - p1)*sigma2**2*{u}",
    },
    refuted={"source.w2": f"(1 - p1)**2*{first}", "variance": f"sigma1**2*{u}"},
)

if __name__ == "__main__":
    main(ENTRY)
