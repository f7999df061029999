"""Times of scaling laws: regimes, optima, exact values, in units of the derivation of the error.

    python tests/benchmarks/bench_scaling.py

Prints a table of processor seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import fpt_calc as fc
from fpt_calc.api import ErrorLaw

T, T0, d, m = fc.dims("T T0 d m")
lam, sigma, sigma0 = fc.scalars("lam sigma sigma0", "positive")
(g,) = fc.scalars("g", "generations")
(p2,) = fc.scalars("p2", "fraction")
Sigma, Delta = fc.matrix("Sigma", d, d, "psd"), fc.matrix("Delta", d, d, "psd")
w0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
SPECTRA = {"Sigma": fc.spectrum("beta"), "w0": fc.source("r", "b")}
POINT = {"beta": "3/2", "r": "2/3", "ell": "1/2", "b": 1}


def cases() -> Iterator[tuple[str, ErrorLaw, dict[str, Any], dict[str, Any]]]:
    """Names, errors, how they scale, and numbers for an exact value."""

    def error(fit: Any, *data: Any) -> ErrorLaw:
        return fc.pipeline(fc.model("student", fit, data), against=w0, covariance=Sigma).test_error()

    def real(size: Any = T, labels: Any = w0) -> Any:
        return fc.data("real", size, covariance=Sigma, labels=labels, noise=sigma)

    synthetic = fc.data("synthetic", T0, covariance=Sigma, labels=fc.previous, noise=sigma0)
    ols = fc.generations(fc.model("step", fc.ols(), [synthetic]), g, w0)
    other = fc.teacher("other", d, covariance=Delta, near=w0)
    fake = fc.data("fake", p2 * T, covariance=Sigma, labels=other, noise=sigma)
    four = {"lam": "T**-ell", "sigma": "T**(-s/2)"}
    yield "ridge, lam and noise powers of T", error(fc.ridge(lam), real()), four, {**POINT, "s": "1/3"}
    growing = {"lam": "T**-ell", "T0": "T**a", "d": "T**a/2"}
    numbers = {**POINT, "a": "4/3", "g": 3, "sigma": 1, "sigma0": 1}
    yield "least squares in all generations, then a ridge", error(fc.ridge(lam), real(labels=ols)), growing, numbers
    share = {"lam": "T**-ell", "p2": "T**-q", "Delta": fc.source("r", "delta")}
    numbers = {**POINT, "q": "1/4", "delta": 1, "sigma": 1}
    yield "a share of displaced labels", error(fc.ridge(lam), real((1 - p2) * T), fake), share, numbers
    wide = {"lam": "T**-ell*m/d", "m": "T**q"}
    projected = error(fc.projections(lam, m, name="S"), real())
    yield "random projections", projected, wide, {**POINT, "q": "1/2", "sigma": 1}


def main() -> None:
    """Time every case."""
    print("| law | derive | regimes | regimes / derive | optimum | exact value, T = 10^12, 15 digits |")
    print("|---|---|---|---|---|---|")
    for name, error, given, numbers in cases():
        derive = timed(lambda error=error: error.derived)
        law, regimes = measured(lambda error=error, given=given: error.scaling("T", **SPECTRA, **given))
        optimum = timed(lambda law=law: law.optimal("ell"))
        exact = timed(lambda law=law, numbers=numbers: law.exact(10**12, **numbers))
        row = f"{derive:.2f} s | {regimes:.2f} s | {regimes / derive:.1f} | {optimum:.2f} s | {exact:.3f} s"
        print(f"| {name} | {row} |", flush=True)


def timed(job: Callable[[], Any]) -> float:
    return measured(job)[1]


def measured(job: Callable[[], Any]) -> tuple[Any, float]:
    """What a job returns, and its processor seconds."""
    start = time.process_time()
    result = job()
    return result, time.process_time() - start


if __name__ == "__main__":
    main()
