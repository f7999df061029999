"""Evaluation at a point agrees with dense numpy, up to an error bound that is carried along."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fpt_calc.expr import (
    Atom,
    Expr,
    Tr,
    tau,
)
from fpt_calc.point import Dense, Eigenvalues, MatrixData, Multiple, NumericModel, Point, PowerLaw, arrays
from fpt_calc.scalars import ONE
from tests.expressions import DETERMINISTIC, P, d, expressions, n
from tests.running_errors import RunningErrors

law = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
SIZES = {"n": 4, "d": 3}
SCALARS = {"lam": 0.7, "p": 0.3, "r": -1.2, "z": 0.4 - 0.9j}


def _numbers(atom: Atom, rng: Any) -> MatrixData:
    rows, cols = ({n: 4, d: 3, ONE: 1}[dim] for dim in atom.shape)
    a = rng.standard_normal((rows, cols))
    if atom.entries == "complex":
        a = a + 1j * rng.standard_normal((rows, cols))
    if "orthogonal" in atom.facts:
        return Multiple(-1) if rng.random() < 0.3 else Dense(np.linalg.qr(a)[0])
    if "psd" in atom.facts:
        values = tuple(rng.uniform(0.5, 2, rows).tolist())
        dense = Dense(a @ a.conj().T / 3 + np.eye(rows))
        choices: tuple[MatrixData, ...] = (
            dense,
            Eigenvalues(values),
            Multiple(0.5),
            PowerLaw(Fraction(3, 2), Fraction(2)),
        )
        return choices[rng.integers(4)]
    if "hermitian" in atom.facts:
        return Dense(a + a.conj().T)
    if rows == cols and rng.random() < 0.3:
        return Eigenvalues(tuple(np.diag(a).tolist()))
    return Dense(a + a.T if "symmetric" in atom.facts else a)


FREE = tuple(x for x in DETERMINISTIC if x != P)  # the root of a projection is ill-conditioned


@settings(law, max_examples=120)
@given(expressions(FREE, size=6), st.integers(0, 99))
def test_evaluation_agrees_with_dense_numpy(expr: Expr, seed: int) -> None:
    rng = np.random.default_rng(seed)
    model = NumericModel(Point(SIZES, SCALARS, {a.name: _numbers(a, rng) for a in FREE}))
    expected = RunningErrors(model).value(expr)
    found = arrays.dense(model.matrix(expr), len(expected.value))
    assert np.linalg.norm(found - expected.value) <= 2 * expected.error
    if expr.rows == expr.cols:
        trace = np.trace(expected.value)
        assert abs(model.scalar(tau(expr)) - trace / len(found)) <= 2 * expected.error
        assert abs(model.scalar(Tr(expr)) - trace) <= 2 * expected.error * len(found)
