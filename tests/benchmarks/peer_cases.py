"""The ten cases of the comparison with auto-fpt, as problem files: M_j = sqrt(Sigma_j) Z_j' Z_j sqrt(Sigma_j)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Listed:
    """What is listed for auto-fpt: its pencil (given to it ready-made), its equations, seconds on two cores.

    ``script`` is its example for the case, run as ``python -m examples.SCRIPT``; the last five have none.
    """

    states: str
    equations: str
    seconds: float
    script: str | None = None


@dataclass(frozen=True)
class Case:
    """A problem file as text; ``eliminate`` asks for the polynomial relations between its targets too."""

    name: str
    text: str
    listed: Listed
    eliminate: bool = False


_MARCHENKO_PASTUR = """
dims = ["n", "d"]
[scalars]
lam = "positive"
[matrices]
Z = { shape = ["n", "d"], law = "gaussian", variance = "1/n" }
[targets]
trace = "tau(inv(Z.T @ Z + lam))"
"""

_ONE_GROUP = """
dims = ["n", "d"]
[scalars]
lam = "positive"
sigma = "positive"
[matrices]
Z = { shape = ["n", "d"], law = "gaussian", variance = "1/n" }
Sigma = { shape = ["d", "d"], psd = true }
S = { shape = ["d", "d"], symmetric = true }
T = { shape = ["d", "d"], symmetric = true }
[let]
M = "sqrt(Sigma) @ Z.T @ Z @ sqrt(Sigma)"
R = "inv(M + lam)"
[targets]
"""

_TWO_COVARIANCES = """
dims = ["n", "d"]
[scalars]
lam = "positive"
p1 = "fraction"
p2 = "fraction"
[matrices]
Z1 = { shape = ["p1*n", "d"], law = "gaussian", variance = "1/n" }
Z2 = { shape = ["p2*n", "d"], law = "gaussian", variance = "1/n" }
S1 = { shape = ["d", "d"], psd = true }
S2 = { shape = ["d", "d"], psd = true }
[let]
M = "sqrt(S1) @ Z1.T @ Z1 @ sqrt(S1) + sqrt(S2) @ Z2.T @ Z2 @ sqrt(S2)"
[targets]
trace = "tau(inv(M + lam))"
"""

_RANDOM_FEATURES = """
dims = ["n", "d", "m"]
[scalars]
lam = "positive"
zeta = "positive"
beta = "positive"
[matrices]
X = { shape = ["d", "n"], law = "gaussian", variance = "1/d" }
W = { shape = ["m", "d"], law = "gaussian", variance = "zeta/m" }
Theta = { shape = ["m", "n"], law = "gaussian", variance = "beta/m" }
[let]
F = "W @ X + Theta"
K = "F.T @ F + lam"
[targets]
tau1 = "tau(inv(K))"
tau2 = "tau(X.T @ X @ inv(K))"
"""

_TWO_GROUPS = """
dims = ["n", "d", "m"]
[scalars]
lam = "positive"
p1 = "fraction"
p2 = "fraction"
[matrices]
Z1 = { shape = ["p1*n", "d"], law = "gaussian", variance = "1/n" }
Z2 = { shape = ["p2*n", "d"], law = "gaussian", variance = "1/n" }
P = { shape = ["m", "d"], law = "gaussian", variance = "1/d" }
Sigma = { shape = ["d", "d"], psd = true }
S = { shape = ["d", "d"], symmetric = true }
T = { shape = ["d", "d"], symmetric = true }
[let]
M1 = "sqrt(Sigma) @ Z1.T @ Z1 @ sqrt(Sigma)"
M2 = "sqrt(Sigma) @ Z2.T @ Z2 @ sqrt(Sigma)"
R = "inv(M1 + M2 + lam)"
K = "inv(P @ (M1 + M2) @ P.T + lam)"
Q = "P.T @ K @ P"
[targets]
"""

_RIDGE = """
bias = "lam**2 * tau(R @ T @ R @ Sigma)"
variance = "sigma**2 * tau(R @ M @ R @ Sigma)"
"""

CASES = (
    Case("Marchenko-Pastur", _MARCHENKO_PASTUR, Listed("2", "2", 0.8, "MP")),
    Case(
        "anisotropic Marchenko-Pastur",
        _ONE_GROUP + 'trace = "tau(R)"',
        Listed("4", "3", 1.0, "anisotropic-MP"),
    ),
    Case("two groups, two covariances", _TWO_COVARIANCES, Listed("7", "5", 4.7, "subordination")),
    Case("ridge, bias and variance", _ONE_GROUP + _RIDGE, Listed("9 + 9", "7 + 7", 9.4, "ridge-regression-error")),
    Case("random features, eliminated", _RANDOM_FEATURES, Listed("5", "6", 5.2, "random-features"), eliminate=True),
    Case("resolvent of P(M1+M2)P'", _TWO_GROUPS + 'trace = "tau(K)"', Listed("7", "5", 4.3)),
    Case("Tr R T R S, two groups", _TWO_GROUPS + 'trace = "tau(R @ T @ R @ S)"', Listed("13", "10", 10.8)),
    Case("Tr R T R S R T, one group", _ONE_GROUP + 'trace = "tau(R @ T @ R @ S @ R @ T)"', Listed("13", "13", 14)),
    Case(
        "Tr M2 R S R M2 T, two groups",
        _TWO_GROUPS + 'trace = "tau(M2 @ R @ S @ R @ M2 @ T)"',
        Listed("15", "11", 23),
    ),
    Case("Tr M2 Q S Q M2 T", _TWO_GROUPS + 'trace = "tau(M2 @ Q @ S @ Q @ M2 @ T)"', Listed("19", "19", 61)),
)

RIDGE_COMMAND = """
title = "Ridge regression"
dims = ["n", "d"]
[scalars]
lam = "positive"
sigma = "positive"
[matrices]
X = { shape = ["n", "d"], law = "gaussian", covariance = "Sigma", variance = "1/n" }
Sigma = { shape = ["d", "d"], psd = true }
T = { shape = ["d", "d"], psd = true }
[let]
R = "inv(X.T @ X + lam)"
[targets]
bias = "lam**2 * tau(R @ T @ R @ Sigma)"
variance = "sigma**2/n * Tr(R @ X.T @ X @ R @ Sigma)"
[at]
n = 300
d = 200
lam = "1/10"
sigma = "1/2"
Sigma = { power_law = 1.5 }
T = { identity = 1 }
"""
