"""What is claimed to be psd is psd in every sample, and the covariances that people write are recognized."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fpt_calc.ensembles import Gaussian, is_psd
from fpt_calc.errors import InputError
from fpt_calc.expr import Adjoint, Atom, EntrywiseConjugate, Expr, Inverse, Power, SquareRoot, Sum, identity
from fpt_calc.point import Dense, NumericModel, Point
from fpt_calc.scalars import IMAGINARY_UNIT, ONE, square_root
from tests.expressions import A, B, C, H, L, M, N, P, Q, S, T, U, W, X, d, expressions, known, lam, n, p, r, w, z
from tests.running_errors import RunningErrors

law = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
POOL = (S, H, A, B, P, Q, L, M)
SIZE = 4


def _sample(atom: Atom, rng: Any) -> Dense:
    a = rng.standard_normal((SIZE, SIZE))
    if atom.entries == "complex":
        a = a + 1j * rng.standard_normal((SIZE, SIZE))
    if "projection" in atom.facts or "orthogonal" in atom.facts:
        a = np.linalg.qr(a)[0]
        return Dense(a if "orthogonal" in atom.facts else a[:, :2] @ a[:, :2].conj().T)
    if "psd" in atom.facts:
        return Dense(a @ a.conj().T / SIZE + np.eye(SIZE) / 4)
    if "hermitian" in atom.facts:
        return Dense(a + a.conj().T)
    return Dense(a)


@st.composite
def symmetrized(draw: st.DrawFn) -> Expr:
    """Expressions that have a fair chance of being psd."""
    a, b = (draw(expressions(POOL, rows=d, cols=d, size=4, traces=False)) for _ in range(2))
    match draw(st.integers(0, 6)):
        case 0:
            return a.H @ a
        case 1:
            return a.H @ b @ a
        case 2:
            return a + a.H
        case 3:
            return Inverse(a.H @ b @ a + lam)
        case 4:
            return a @ b @ EntrywiseConjugate(a).T
        case 5:
            return Power(a + a.H, 2)
    return a


@law
@given(symmetrized(), st.integers(0, 99))
def test_no_false_claims(expr: Expr, seed: int) -> None:
    if not is_psd(expr):
        return
    for draw in range(2):
        rng = np.random.default_rng(2 * seed + draw)
        scalars = {"lam": 0.7, "p": 0.3, "r": float(rng.normal()), "z": complex(*rng.normal(size=2))}
        model = NumericModel(Point({"d": SIZE, "n": 7}, scalars, {a.name: _sample(a, rng) for a in POOL}))
        expected = RunningErrors(model).value(expr)
        assume(expected.error < 1e-6 * expected.norm)  # else an ill-conditioned inverse hides everything
        value, adjoint = expected.value, expected.value.conj().T
        assert np.linalg.norm(value - adjoint) <= 2 * expected.error
        assert np.linalg.eigvalsh((value + adjoint) / 2).min() >= -2 * expected.error


G = known("G", n, d, entries="complex")
PSD: list[Expr] = [
    S,
    H,
    P,
    T,
    SquareRoot(S),
    identity(d),
    0 * identity(d),
    2 * S,
    lam * S @ S @ S,
    S @ (2 * S) @ S,
    (1 - p) * S + p * H + lam,
    S @ S,
    S**3 @ S,
    S @ Inverse(S) ** 2 @ S @ S,
    SquareRoot(S) @ S,
    SquareRoot(S) @ A @ A.T @ SquareRoot(S),
    S @ SquareRoot(S) @ H @ SquareRoot(S) @ S,
    Inverse(S + lam) @ S @ Inverse(S + lam),
    Inverse(S),
    Inverse(A.T @ A + lam),
    A.T @ A,
    A @ A.T,
    A.H @ A,
    A.T @ (2 * S) @ A,
    (2 * A).T @ S @ A,
    (A @ M).T @ S @ A @ M,
    (A @ M).T @ S @ (A @ M),
    (C.H @ C) ** 3,
    C @ H @ C.H,
    Adjoint(IMAGINARY_UNIT * B) @ S @ (IMAGINARY_UNIT * B),
    B.T @ H.T @ EntrywiseConjugate(B),
    H.T,
    EntrywiseConjugate(H),
    H.T @ H.T,
    L @ L,
    L**4,
    L @ H @ L,
    M @ S @ M,
    Power(M + A @ A.T, 2),
    Inverse(M) @ Inverse(M),
    (M - lam) @ (M - lam),
    (L + H) @ S @ (L + H),
    Q.T @ S @ Q,
    U @ S @ U.H,
    w @ w.T,
    w.T @ S @ w,
    C.H @ (C @ H @ C.H + 1) @ C,
    r**2 * S,
    (lam / (1 - p)) * S,
    Power(A, 0),
    Sum((S, S)) @ Sum((S, S)),
    Inverse(A) @ S @ Inverse(A).T,
    (A @ A) @ (A @ A).T,
    A**3 @ A.T**3,
    G.H @ G,
]
NOT_KNOWN: list[Expr] = [
    A,
    M,
    L,
    Q,
    -S,
    S - lam,
    r * S,
    IMAGINARY_UNIT * S,
    z * S,
    square_root(r) * S,
    S @ H,
    A @ S,
    A.T @ S,
    A @ A,
    A @ S @ A,
    B.T @ B,
    B.T @ S @ B,
    H @ H.T,
    A.T @ M @ A,
    L**3,
    M + S,
    N @ N,
    U @ S @ U.T,
    Inverse(M),
    -(A.T @ A),
    Adjoint(IMAGINARY_UNIT * B) @ S @ B,
    EntrywiseConjugate(B) @ B,
    A.T @ A @ S,
    X,
    W,
    -Power(A, 0),
    (S @ H) ** 2,
    A**2 @ A.T**3,
]


@pytest.mark.parametrize("expr", PSD, ids=str)
def test_psd_by_construction(expr: Expr) -> None:
    assert is_psd(expr)


@pytest.mark.parametrize("expr", NOT_KNOWN, ids=str)
def test_not_known_to_be_psd(expr: Expr) -> None:
    assert not is_psd(expr)


def test_deep_shared_expressions_are_cheap() -> None:
    power, mixed, total = S, A @ S, S
    for _ in range(60):
        power, mixed = power @ power, mixed @ mixed
    for _ in range(3000):
        total = total + S
    assert is_psd(power)
    assert not is_psd(mixed)
    assert is_psd(mixed.H @ mixed)
    assert is_psd(total)


def test_covariances_are_checked() -> None:
    for covariance in (S, A.T @ (2 * S) @ A, lam * S @ S + 1):
        assert Atom("Y", n, d, law=Gaussian(ONE / n, covariance=covariance)).is_random
    for covariance, message in (
        (A, "Y.covariance: covariance A is not known to be psd; declare it with psd = true, or write it as A.T @ A"),
        (X.T @ X, "Y.covariance: covariance X.T@X is random; use a deterministic psd matrix"),
        (T, "Y.covariance: covariance T of shape n x n where d x d is needed; covariance acts on the columns"),
        (H, 'Y.covariance: a real matrix with the complex covariance H; give it field = "complex"'),
    ):
        with pytest.raises(InputError) as caught:
            Atom("Y", n, d, law=Gaussian(ONE / n, covariance=covariance))
        assert str(caught.value).startswith(message)
