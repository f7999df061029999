"""Scaling laws of trained models for tests: the request is read as a user would write it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import fpt_calc as fc
from fpt_calc.learning.scaled import kinds, right_hand_side
from fpt_calc.pipeline import contents
from fpt_calc.scalars import Dimension, Parameter
from fpt_calc.scaling.regimes.law import Law, scaling_law
from fpt_calc.scaling.regimes.request import Names, read_request

T, T0, d = fc.dims("T T0 d")
lam, sigma, sigma0 = fc.scalars("lam sigma sigma0", "positive")
(g,) = fc.scalars("g", "generations")
Sigma = fc.matrix("Sigma", d, d, "psd")
w0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
SPECTRA: Mapping[str, Any] = {"Sigma": {"power_law": "beta"}, "w0": {"source": "r", "scale": "b"}}


def _student(labels: Any) -> Any:
    data = fc.data("real", T, covariance=Sigma, labels=labels, noise=sigma)
    model = fc.model("student", fc.ridge(lam), [data])
    return fc.pipeline(model, against=w0, covariance=Sigma).test_error()


def _after_generations() -> Any:
    data = fc.data("synthetic", T0, covariance=Sigma, labels=fc.previous, noise=sigma0)
    return _student(fc.generations(fc.model("generator", fc.ols(), [data]), g, w0))


def _law(error: Any, assume: tuple[str, ...] = (), **given: Any) -> tuple[Law, Mapping[str, str]]:
    matrices, generators = contents(error.pipeline)
    dims = sorted(x.name for x in generators if isinstance(x, Dimension))
    scalars = sorted(x.name for x in generators if isinstance(x, Parameter))
    square = sorted(m.name for m in matrices.values() if m.rows == m.cols)
    vectors = sorted(m.name for m in matrices.values() if m.rows != m.cols)
    names = Names(tuple(dims), tuple(scalars), tuple(square), tuple(vectors), "d", ("Sigma",))
    side = right_hand_side(error.derived)
    law = scaling_law("error", side, read_request("T", given, names, assume), tuple(side.sources))
    prefix = {"bias": "bias of", "variance": "noise of"}
    return law, {n: f"{prefix[kind]} {n}" for n, kind in kinds(error.derived.program).items()}


def _numbers(beta: str, r: str) -> dict[str, Any]:
    return {"Sigma": {"power_law": beta}, "w0": {"source": r}}


LAWS: Mapping[str, Callable[[], tuple[Law, Mapping[str, str]]]] = {
    "clean": lambda: _law(_student(w0), lam="T**-ell", **SPECTRA),
    "assumed": lambda: _law(_student(w0), ("ell <= beta",), lam="T**-ell", **SPECTRA),
    "noise": lambda: _law(_student(w0), lam="T**-ell", sigma="T**(-s/2)", **SPECTRA),
    "generations": lambda: _law(_after_generations(), lam="T**-ell", T0="T**a", d="T**a/2", **SPECTRA),
    "logarithm": lambda: _law(_student(w0), lam="T**-ell", **_numbers("3/2", "1")),
    "root": lambda: _law(_student(w0), lam="T**(-3/2)", **_numbers("3/2", "1/2")),
}


@cache
def law(name: str) -> tuple[Law, Mapping[str, str]]:
    """A law, with words for its sources."""
    return LAWS[name]()
