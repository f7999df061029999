"""Claims as strangers write them: other parameters than the derived ones, complex spectra, explicit roots, regions."""

from __future__ import annotations

from pathlib import Path

import pytest

from fpt_calc.claims import Outcome, Verdict, check_claims
from tests.commands import run

PROVED, CERTIFIED, CONSISTENT, REFUTED, UNDECIDED = Verdict

RIDGE = """
dims = ["n", "d"]
[ratios]
phi = "d/n"
[scalars]
lam = "positive"
[matrices]
X     = { shape = ["n", "d"], law = "gaussian", covariance = "Sigma", variance = "1/n" }
Sigma = { shape = ["d", "d"], psd = true }
Test  = { shape = ["d", "d"], psd = true }
w     = { shape = ["d", 1] }
[let]
R = "inv(X.T @ X + lam)"
[targets]
bias = "lam**2 * w.T @ R @ Test @ R @ w"
m    = "tau(R)"
v    = "tau(inv(X @ X.T + lam))"
[where]
kappa = { root = "kappa - lam - kappa*Tr(Sigma@inv(Sigma+kappa))/n", condition = "kappa > 0" }
b     = { root = "lam/(1-b) - lam - lam/(1-b)*Tr(Sigma@inv(Sigma+lam/(1-b)))/n", condition = "0 < b < 1" }
"p, q, c" = { roots = ["p - kappa*q", "q - 2*c", "c - lam"], condition = ["p > 0", "q > 0", "c > 0"] }
G     = "inv(Sigma + kappa)"
df2   = "Tr((Sigma@G)**2)"
"""

TWO_GROUPS = """
dims = ["n", "d"]
[scalars]
lam = "positive"
p = "fraction"
[matrices]
X1 = { shape = ["p*n", "d"], law = "gaussian", covariance = "S1", variance = "1/n" }
X2 = { shape = ["(1-p)*n", "d"], law = "gaussian", covariance = "S2", variance = "1/n" }
S1 = { shape = ["d", "d"], psd = true }
S2 = { shape = ["d", "d"], psd = true }
[targets]
m = "tau(inv(X1.T @ X1 + X2.T @ X2 + lam))"
[where.'a, b']
roots = ["a - Tr(S1@inv(lam + p*S1/(1+a) + (1-p)*S2/(1+b)))/n", "b - Tr(S2@inv(lam + p*S1/(1+a) + (1-p)*S2/(1+b)))/n"]
condition = ["a > 0", "b > 0"]
"""

TINY = TWO_GROUPS.partition("[where")[0].replace("1/n", "s**8/n").replace('p = "f', 's = "positive"\np = "f')

WIGNER = """
dims = ["d"]
[scalars]
z = "upper"
[matrices]
U = { shape = ["d", "d"], law = "wigner", variance = "1/d", field = "complex" }
D = { shape = ["d", "d"], symmetric = true }
A = { shape = ["d", "d"] }
[targets]
g = "tau(inv(z - U))"
h = "tau(A @ inv(z - U - D))"
[where]
S = { root = "S**2 - z*S + 1", condition = "Im(S) < 0" }
H = { root = "H - tau(inv(z - H - D))", condition = "Im(H) < 0" }
w = { root = "w - z + tau(inv(w - D))", condition = ["Im(w) > 0", "Im(2*w - z) > 0"] }
"""

ISOTROPIC = """
dims = ["n", "d"]
[ratios]
phi = "d/n"
[scalars]
lam = "positive"
[matrices]
X = { shape = ["n", "d"], law = "gaussian", variance = "1/n" }
[targets]
m = "tau(inv(X.T @ X + lam))"
"""

FEATURES = """
dims = ["n", "d", "m"]
[ratios]
phi = "d/n"
psi = "d/m"
[scalars]
lam = "positive"
zeta = "positive"
[matrices]
X = { shape = ["d", "n"], law = "gaussian", variance = "1/d" }
W = { shape = ["m", "d"], law = "gaussian", variance = "zeta/m" }
[let]
K = "X.T @ W.T @ W @ X + lam"
[targets]
t1 = "tau(inv(K))"
t2 = "tau(X.T @ X @ inv(K))"
[where.'a, b']
roots = ["phi*(zeta*a*b + phi*(b - a)) + zeta*a*b*psi*(lam*a - 1)", "(b - a)*phi*b - a*b*(lam*a - 1)"]
condition = ["0 < a < 1/lam", "0 < b < a"]
"""

BIAS = "kappa**2*(w.T@G@Test@G@w + w.T@G@Sigma@G@w*Tr(Test@G@Sigma@G)/(n-df2))"
EXPLICIT = "(sqrt((1-phi+lam)**2 + 4*phi*lam) - (1-phi+lam))/(2*phi*lam)"

TABLE = [
    # a 1 x 1 matrix whose coefficients contain traces
    (RIDGE, "bias", BIAS, "", PROVED),
    (RIDGE, "bias", BIAS.replace("df2", "d"), "", REFUTED),
    # shifted, inverse and scaled parameters; names in which a derived parameter is only part of a system
    (RIDGE, "v", "(1-b)/lam", "", PROVED),
    (RIDGE, "v", "(1+b)/lam", "", REFUTED),
    (RIDGE, "b", "1 - lam/kappa", "", PROVED),
    (RIDGE, "p", "2*lam*kappa", "", PROVED),
    (TWO_GROUPS, "m", "tau(inv(lam + p*S1/(1+a) + (1-p)*S2/(1+b)))", "", PROVED),
    (TWO_GROUPS, "m", "tau(inv(lam + p*S1/(1+b) + (1-p)*S2/(1+a)))", "", REFUTED),
    # roots of equations with complex coefficients: all digits, and no roots of a conjugate denominator
    (WIGNER, "g*conj(g)", "S*conj(S)", "", CERTIFIED),
    (WIGNER, "g*conj(g)", "S**2", "", REFUTED),
    (WIGNER, "h", "tau(A@inv(z - H - D))", "", PROVED),
    (WIGNER, "h", "tau(A@inv(z + H - D))", "", REFUTED),
    (WIGNER, "h", "tau(A@inv(w - D))", "", PROVED),
    # an absolute value in free coordinates is no pole; its sign decides the branch
    (ISOTROPIC, "m", EXPLICIT, "", CERTIFIED),
    (ISOTROPIC, "m", EXPLICIT.replace(" - (", " + ("), "", REFUTED),
    # the other target is needed to recognize the names of this one
    (FEATURES, "t1", "a", "", PROVED),
    (FEATURES, "t1", "b", "", REFUTED),
    # a limit that holds in one region of the dimensions only
    (RIDGE, "m", "tau(inv(Sigma))/(1-phi)", 'limit = "lam -> 0+"', REFUTED),
    (RIDGE, "m", "tau(inv(Sigma))/(1-phi)", 'limit = "lam -> 0+"\ncondition = "d < n"', PROVED),
    # with s**8 for the scale of a spectrum, lam is small only much nearer to zero
    (TINY, "lam*m", "0", 'limit = "lam -> 0+"\ncondition = "d < n"', CONSISTENT),
    (TINY, "lam*m", "1", 'limit = "lam -> 0+"\ncondition = "d < n"', REFUTED),
    # what cannot be meant is said, and no internal error
    (RIDGE, "Tr(G@R)", "kappa/lam*Tr(G@G)", "", UNDECIDED),
    (RIDGE, "lam*m", "kappa*tau(G)", 'condition = "lam < 0"', UNDECIDED),
]


def outcome(tmp_path: Path, problem: str, left: str, right: str, extra: str = "") -> Outcome:
    file = tmp_path / "claims.toml"
    file.write_text(f'{problem}[[claim]]\nleft = "{left}"\nequals = "{right}"\n{extra}\n')
    (found,) = check_claims(file)[1]
    return found


@pytest.mark.parametrize(("problem", "left", "right", "extra", "verdict"), TABLE)
def test_verdicts(problem: str, left: str, right: str, extra: str, verdict: Verdict, tmp_path: Path) -> None:
    found = outcome(tmp_path, problem, left, right, extra)
    assert found.verdict is verdict, found.evidence


def test_a_difference_beyond_the_digits_shown_is_shown(tmp_path: Path) -> None:
    found = outcome(tmp_path, WIGNER, "g", "S + 10**-30")
    assert found.verdict is REFUTED and found.witness is not None
    assert found.witness.derived.split()[0] != found.witness.claimed.split()[0]


def test_zero_is_certified_to_decimal_places(tmp_path: Path) -> None:
    found = outcome(tmp_path, WIGNER, "g*conj(g) - S*conj(S)", "0")
    assert found.verdict is CERTIFIED and "30 digits" in found.evidence


def test_reasons_name_what_is_wrong(tmp_path: Path) -> None:
    inside = outcome(tmp_path, RIDGE, "Tr(G@R)", "kappa/lam*Tr(G@G)")
    assert inside.evidence.startswith("kappa stands in a trace of random matrices")
    nowhere = outcome(tmp_path, RIDGE, "lam*m", "kappa*tau(G)", 'condition = "lam < 0"')
    assert "no random admissible point" in nowhere.evidence


@pytest.mark.parametrize(
    ("problem", "condition", "said"),
    [
        (RIDGE, "m > 0", "random matrices"),
        (RIDGE, "Im(m) >= 0", "random matrices"),
        (WIGNER, "Im(S) > Im(z)/2", "mixes Im or Re"),
    ],
)
def test_conditions_that_cannot_be_tested_are_refused_in_one_line(
    problem: str, condition: str, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "claims.toml"
    file.write_text(f'{problem}[[claim]]\nleft = "1"\nequals = "1"\ncondition = "{condition}"\n')
    result = run("check", str(file))
    assert result.exit_code == 2 and said in result.stderr and result.stderr.count("\n") == 1
