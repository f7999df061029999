"""Strong model collapse at every width, from the pipeline: random projections f(x) = v'S x of real and synthetic data.
The data are those of strong_collapse_pipeline.py; S (m x d) has independent entries N(0, 1/d), v is fitted with the
ridge lam.  With lam = theta (1 - df_1/n) (m - df_1)/d, df_k at theta, G = (Sigma + theta)^-1 and

    a = (df_2 + (df_1 - df_2)^2/(m - df_2))/n,   u = a/(1 - a),   omega' = (1 + u) theta^2 Tr(Sigma G^2)/(m - df_2),

for all psd Sigma, Gamma, Delta, and widths m above or below n and d, the error is B + V + zeta with

    B = (1 + u) theta^2 Tr(Gamma Sigma G^2) + omega' Tr(Gamma Sigma^2 G^2),    V = (p1 sigma1^2 + p2 sigma2^2) u,
    zeta = p2 (p2 + p1 u) Tr(Delta Sigma^3 G^2) + p2 (p2 omega' + 2 p1 u theta) Tr(Delta Sigma^2 G^2)
           + p2 u theta^2 Tr(Delta Sigma G^2).

As m -> infinity with lam proportional to m this is strong_collapse_pipeline.py.  Two coefficients are often quoted
otherwise, omega' in place of p2 omega' in zeta, and theta in place of u theta in V = sigma^2/(n e) (Tr Sigma^2 G^2 +
(omega' - u theta) Tr Sigma G^2), e = 1 - df_1/n: both are refuted.

Source: Dohmatob, Feng, Subramonian and Kempe, Strong model collapse (2024), Theorem 2, with the coefficients derived.
"""

from fractions import Fraction

import fpt_calc as fc
from fpt_calc.cli.entries import main
from fpt_calc.collection import PipelineEntry
from fpt_calc.point import Multiple, Point

UNIT = Fraction(1, 150)  # so that traces of Gamma and Delta are of order one

n, d, m = fc.dims("n d m")
lam, sigma1, sigma2 = fc.scalars("lam sigma1 sigma2", "positive")
(p1,) = fc.scalars("p1", "fraction")
Sigma, Gamma, Delta = (fc.matrix(name, d, d, "psd") for name in ("Sigma", "Gamma", "Delta"))

w1 = fc.teacher("w1", d, covariance=Gamma)
w2 = fc.teacher("w2", d, covariance=Delta, near=w1)
real = fc.data("real", p1 * n, covariance=Sigma, labels=w1, noise=sigma1)
synthetic = fc.data("synthetic", (1 - p1) * n, covariance=Sigma, labels=w2, noise=sigma2)
student = fc.model("student", fc.projections(lam, m, name="S"), [real, synthetic])

G2 = "inv(Sigma + theta)**2"
a = "((df2 + (df1 - df2)**2/(m - df2))/n)"
u = f"({a}/(1 - {a}))"
omega = f"(theta**2*Tr(Sigma@{G2})/((m - df2)*(1 - {a})))"  # 1 + u = 1/(1 - a)
zeta = (
    f"(1 - p1)*(1 - p1 + p1*{u})*Tr(Delta@Sigma**3@{G2})"
    f" + (1 - p1)*((1 - p1)*{omega} + 2*p1*{u}*theta)*Tr(Delta@Sigma**2@{G2})"
    f" + (1 - p1)*{u}*theta**2*Tr(Delta@Sigma@{G2})"
)
spread = f"(Tr(Sigma**2@{G2}) + ({omega} - {u}*theta)*Tr(Sigma@{G2}))/(n*(1 - df1/n))"
ENTRY = PipelineEntry(
    title="Strong model collapse of random projections, from its pipeline",
    law=fc.pipeline(student, against=w1, covariance=Sigma).test_error(),
    point=Point(
        dims={"n": 200, "d": 150, "m": 100},
        scalars={"lam": 0.05, "p1": 0.75, "sigma1": 0.5, "sigma2": 0.8},
        matrices={
            "Sigma": fc.power_law(0.5),
            "Gamma": Multiple(Fraction(1, 150)),
            "Delta": fc.power_law(0.5, Fraction(1, 150)),
        },
    ),
    claims={
        "source.w1": f"theta**2*Tr(Gamma@Sigma@{G2})/(1 - {a}) + {omega}*Tr(Gamma@Sigma**2@{G2})",
        "source.w2": zeta,
        "source.real": f"p1*sigma1**2*{u}",
        "source.synthetic": f"(1 - p1)*sigma2**2*{spread}",
    },
    refuted={
        "source.w2": zeta.replace(f"(1 - p1)*{omega}", omega),
        "source.synthetic": f"(1 - p1)*sigma2**2*{spread}".replace(f"{u}*theta", "theta"),
    },
)

if __name__ == "__main__":
    main(ENTRY)
