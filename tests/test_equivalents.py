"""Deterministic equivalents: as they are printed, against the solver for other test matrices, and against draws."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import fpt_calc as fc
from fpt_calc.claims import declared
from fpt_calc.derivation import derive_law
from fpt_calc.errors import InputError
from fpt_calc.expr import Expr
from fpt_calc.oracles.sampling import SampledModel
from fpt_calc.point import Dense, Point

n, d, m = fc.dims("n d m")
(lam,) = fc.scalars("lam", "positive")
(z,) = fc.scalars("z", "upper")
(p1,) = fc.scalars("p1", "fraction")
Sigma, Sigma2 = fc.matrix("Sigma", d, d, "psd"), fc.matrix("Sigma2", d, d, "psd")
A, B, C, S = fc.matrix("A", d), fc.matrix("B", d), fc.matrix("C", n), fc.matrix("S", d, d, "symmetric")
w = fc.matrix("w", d, 1)
X = fc.gaussian("X", n, d, variance=1 / n, covariance=Sigma)
P = fc.gaussian("P", m, d, variance=1 / d)
W = fc.wigner("W", d, variance=1 / d)
M = X.T @ X
R = fc.inv(M + lam)
Q = P.T @ fc.inv(P @ M @ P.T + lam) @ P
X1 = fc.gaussian("X1", p1 * n, d, variance=1 / n, covariance=Sigma)
X2 = fc.gaussian("X2", (1 - p1) * n, d, variance=1 / n, covariance=Sigma2)
R2 = fc.inv(X1.T @ X1 + X2.T @ X2 + lam)

PRINTED = {
    "resolvent": (R, "kappa/lam*inv(Sigma + kappa)"),
    "two resolvents": (lam**2 * R @ A @ R, "kappa**2*G@A@G + kappa**2*Tr(A@Sigma@G**2)/(n - df2)*Sigma@G**2"),
    "hat matrix of features": (M @ R, "Sigma@inv(Sigma + kappa)"),
    "hat matrix of samples": (X @ R @ X.T, "df1/n*eye(n)"),
    "resolvent of samples": (fc.inv(X @ X.T + lam), "1/kappa*eye(n)"),
    "one random side": (X @ R, "0"),
    "both sides": (
        R @ M @ A @ M @ R,
        "Sigma@G@A@Sigma@G + kappa**2*Tr(A@Sigma@G**2)/(n - df2)*Sigma@G**2",
    ),
    "between samples": (R @ X.T @ C @ X @ R, "Tr(C)/(n - df2)*Sigma@G**2"),
    "projected": (Q, "1/(1 - df1/n)*inv(Sigma + theta)"),
    "vector": (R @ w, "kappa/lam*inv(Sigma + kappa)@w"),
    "two groups": (R2, "inv(K)"),
    "one of two groups": (R2 @ X1.T @ X1, "p1*e1*inv(K)@Sigma"),
    "two moments": (M @ A @ M, "Sigma@A@Sigma + Tr(A@Sigma)/n*Sigma"),
    "wigner": (fc.inv(W - z), "m*eye(d)"),
    "deformed wigner": (fc.inv(W + S - z), "inv(S + kappa)"),
    "deterministic": (lam * A @ B, "lam*A@B"),
}


@pytest.mark.parametrize(("expr", "right"), PRINTED.values(), ids=PRINTED.keys())
def test_it_reads_like_the_literature(expr: Expr, right: str) -> None:
    assert fc.deterministic_equivalent(expr).limit.right() == right


def dense(seed: int, size: int, kind: str = "") -> np.ndarray:
    a = np.random.default_rng(seed).standard_normal((size, size)) / size**0.5
    return a @ a.T + np.eye(size) / 4 if kind == "psd" else (a + a.T) / 2 if kind == "symmetric" else a


SIZE = 12
VALUES: dict[str, Any] = {
    "n": 30,
    "d": SIZE,
    "m": 18,
    "lam": 0.3,
    "p1": "0.4",
    "z": 0.3 + 0.7j,
    "Sigma": dense(1, SIZE, "psd"),
    "Sigma2": dense(2, SIZE, "psd"),
    "S": dense(3, SIZE, "symmetric"),
    "A": dense(4, SIZE),
    "C": dense(6, 30),
    "w": np.ones((SIZE, 1)),
}

SQUARE = {
    "resolvent": R,
    "two resolvents": R @ A @ R,
    "one side": R @ A @ M,
    "both sides, transposed": (R @ M @ A @ R).T,
    "projected twice": Q @ S @ Q,
    "powers": P.T @ fc.inv(P @ M @ P.T + lam) ** 2 @ P,
    "two groups": R2 @ A @ R2,
    "two groups, one inside": R2 @ X1.T @ X1 @ A @ R2,
    "outer product": R @ w @ w.T @ R,
    "wigner": fc.inv(W + S - z) @ A @ fc.inv(W + S - z),
}


SLOW = {"three resolvents": R @ R @ A @ R}


@pytest.mark.parametrize(
    "expr",
    [*(pytest.param(e, id=k) for k, e in SQUARE.items())]
    + [pytest.param(e, id=k, marks=pytest.mark.slow) for k, e in SLOW.items()],
)
def test_its_trace_against_any_matrix_is_what_the_solver_finds(expr: Expr) -> None:
    found = fc.deterministic_equivalent(expr)
    values = _values(expr)
    test = dense(9, SIZE)
    expected = fc.derive(fc.tau(B @ expr)).at(**values, B=test)
    assert np.trace(test @ found.at(**values)) / SIZE == pytest.approx(expected, rel=1e-7)


def _values(expr: Expr) -> dict[str, Any]:
    """The values of the names that occur."""
    matrices, generators, _ = declared(derive_law({"value": fc.tau(expr)}))
    names = {*matrices, *(g.name for g in generators)}
    return {name: value for name, value in VALUES.items() if name in names}


def test_spectra_give_the_diagonal() -> None:
    found = fc.deterministic_equivalent(R)
    spectrum = np.arange(1, 9) / 8
    diagonal = found.at(n=16, d=8, lam=0.5, Sigma=list(spectrum))
    full = found.at(n=16, d=8, lam=0.5, Sigma=np.diag(spectrum))
    assert diagonal.shape == (8,) and full.shape == (8, 8)
    assert np.allclose(np.diag(diagonal), full)
    assert fc.deterministic_equivalent(X @ R).at(n=16, d=8, lam=0.5, Sigma=list(spectrum)).shape == (16, 8)


def test_draws_of_a_complex_model_scatter_around_it() -> None:
    """Entry by entry, for matrices A of several kinds; the corrections of a complex model are of order 1/n^2."""
    size, rows, trials = 24, 60, 400
    Z = fc.gaussian("Z", n, d, variance=1 / n, covariance=Sigma, field="complex")
    resolvent = fc.inv(Z.H @ Z + lam)
    expr = resolvent @ A @ resolvent
    for seed in (1, 2, 3):
        numbers = {"Sigma": dense(seed, size, "psd"), "A": dense(seed + 10, size)}
        point = Point({"n": rows, "d": size}, {"lam": 0.4}, {k: Dense(v) for k, v in numbers.items()})
        model = SampledModel(point, (Z, Sigma, A), seed)
        draws = []
        for trial in range(trials):
            model.draw(trial)
            draws.append(model.matrix(expr))
        mean, error = np.mean(draws, axis=0), np.std(draws, axis=0) / trials**0.5
        found = fc.deterministic_equivalent(expr).at(n=rows, d=size, lam=0.4, **numbers)
        assert np.abs((mean - found) / error).max() < 6
        assert np.linalg.norm(mean - found) < 1.5 * np.linalg.norm(error)
        without = found - numbers["Sigma"] * 0.05
        assert np.abs((mean - without) / error).max() > 6  # the test can tell


def test_conditioning_makes_a_matrix_deterministic() -> None:
    Y = fc.gaussian("Y", n, d, variance=1 / n)
    found = fc.deterministic_equivalent(fc.inv(M + Y.T @ Y + lam), given=Y)
    assert "Y.T@Y" in str(found)


def test_a_scalar_is_refused() -> None:
    with pytest.raises(InputError, match="not a matrix"):
        fc.deterministic_equivalent(fc.tau(R))  # type: ignore[arg-type]  # the mistake is the point


def test_its_status_is_that_of_the_derivation() -> None:
    found = fc.deterministic_equivalent(R)
    assert str(found.status) == "asymptotic (cited)"
    assert [p.symbol.name for p in found.parameters] == ["kappa"]
    assert [g.name for g, _ in found.abbreviations] == ["df1"]
