"""Ridge regression on random projections, f(x) = v'S x with S (m x d) of variance 1/d.  The rows of X (n x d) are
N(0, Sigma/n), M = X'X, Q = S'(S M S' + lam)^-1 S; the estimator is w = Q (M w0 + X'E), w0 ~ N(0, Gamma).  Let

    lam = theta (1 - df_1/n) (m - df_1)/d,      df_k = Tr (Sigma G)^k,      G = (Sigma + theta)^-1,
    a = (df_2 + (df_1 - df_2)^2/(m - df_2))/n,  u = a/(1 - a),  omega' = (1 + u) theta^2 Tr(Sigma G^2)/(m - df_2).  Then

    bias = Tr(Gamma (M Q - 1) Sigma (Q M - 1)) ~ (1 + u) theta^2 Tr(Gamma Sigma G^2) + omega' Tr(Gamma Sigma^2 G^2),
    variance = (sigma^2/n) Tr(Q M Q Sigma) ~ sigma^2 u.

Conditionally on S this is ridge regression with covariance S Sigma S': the variance is sigma^2 df_2'/(n - df_2') with
the df_2' of S Sigma S' at its own kappa.  S Sigma^(1/2) is again a sample covariance with m samples; its first-order
equivalent has theta in place of kappa, and n a = df_2' is its second-order equivalent.  The same in the bias gives the
term of rank one, omega'.  As m -> infinity with lam = (m/d) lam_1, omega' -> 0 and a -> df_2/n: ridge regression.

In the form variance = sigma^2/(n e) (Tr Sigma^2 G^2 + (omega' - u theta) Tr Sigma G^2), e = 1 - df_1/n, the term
u theta is often quoted as theta; REFUTED has that variant.

Source: Dohmatob et al., Strong model collapse (2024), with all data real; Bach (2024).
"""

import numpy as np

import fpt_calc as fc
from fpt_calc.cli.entries import main
from fpt_calc.collection import Entry
from fpt_calc.point import Dense, Point

n, d, m = fc.dims("n d m")
lam, sigma = fc.scalars("lam sigma", "positive")
Sigma, Gamma = fc.matrix("Sigma", d, d, "psd"), fc.matrix("Gamma", d, d, "psd")
X = fc.gaussian("X", n, d, variance=1 / n, covariance=Sigma)
S = fc.gaussian("S", m, d, variance=1 / d)
M = X.T @ X
Q = S.T @ fc.inv(S @ M @ S.T + lam) @ S

G2 = "inv(Sigma + theta)**2"
a = "((df2 + (df1 - df2)**2/(m - df2))/n)"
u = f"({a}/(1 - {a}))"
omega = f"(theta**2*Tr(Sigma@{G2})/((m - df2)*(1 - {a})))"  # 1 + u = 1/(1 - a)
front = "sigma**2/(n*(1 - df1/n))"
variance = f"{front}*(Tr(Sigma**2@{G2}) + ({omega} - {u}*theta)*Tr(Sigma@{G2}))"
REFUTED = {"variance": variance.replace(f"{u}*theta", "theta")}

noise = np.random.default_rng(7).standard_normal((100, 200)) / 200**0.5
ENTRY = Entry(
    title="Ridge regression on random projections",
    targets={
        "bias": fc.tau(Gamma @ (M @ Q - 1) @ Sigma @ (Q @ M - 1)),
        "variance": sigma**2 / n * fc.Tr(Q @ M @ Q @ Sigma),
    },
    closed={
        "bias": f"theta**2*tau(Gamma@Sigma@{G2})/(1 - {a}) + {omega}*tau(Gamma@Sigma**2@{G2})",
        "variance": f"sigma**2*{u}",
    },
    point=Point(
        dims={"n": 150, "d": 100, "m": 80},
        scalars={"lam": 0.1, "sigma": 0.5},
        matrices={"Sigma": fc.power_law(1), "Gamma": Dense(noise @ noise.T)},
    ),
    order=4,
)

if __name__ == "__main__":
    main(ENTRY)
