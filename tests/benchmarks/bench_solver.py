"""Seconds of `Law.solve` on large problems, with residuals.

    python tests/benchmarks/bench_solver.py [--runs 3]

Set OPENBLAS_NUM_THREADS=1 for figures that compare between machines.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import numpy as np

import fpt_calc as fc
from fpt_calc.problem import problem_from_dict

sys.path.insert(0, str(Path(__file__).parent))
from peer_cases import CASES


def covariance(d: int, seed: int, exponent: float = 1.0) -> np.ndarray:
    """A dense covariance of power-law spectrum in a random basis: no two of different seeds commute."""
    generator = np.random.default_rng(seed)
    basis, _ = np.linalg.qr(generator.standard_normal((d, d)))
    return (basis * np.arange(1, d + 1) ** -exponent) @ basis.T


def two_groups() -> tuple[fc.Law, dict[str, Any]]:
    """Bias of ridge on two groups whose dense covariances do not commute."""
    n, d = fc.dims("n d")
    (lam,) = fc.scalars("lam", "positive")
    (share,) = fc.scalars("share", "fraction")
    S1, S2 = (fc.matrix(name, d, d, "psd") for name in ("S1", "S2"))
    X1 = fc.gaussian("X1", share * n, d, variance=1 / n, covariance=S1)
    X2 = fc.gaussian("X2", n - share * n, d, variance=1 / n, covariance=S2)
    R = fc.inv(X1.T @ X1 + X2.T @ X2 + lam)
    law = fc.derive(lam**2 * fc.tau(R @ S1 @ R @ S2))
    return law, {"n": 800, "d": 500, "lam": "1/20", "share": 0.25, "S1": covariance(500, 1), "S2": covariance(500, 2)}


def long_spectrum() -> tuple[fc.Law, dict[str, Any]]:
    """Bias and variance of ridge regression on a long spectrum."""
    n, d = fc.dims("n d")
    (lam,) = fc.scalars("lam", "positive")
    Sigma = fc.matrix("Sigma", d, d, "psd")
    X = fc.gaussian("X", n, d, variance=1 / n, covariance=Sigma)
    R = fc.inv(X.T @ X + lam)
    targets = {"bias": lam**2 * fc.Tr(R @ Sigma @ R), "variance": fc.Tr(R @ X.T @ X @ R @ Sigma) / n}
    return fc.derive(targets), {"n": 1000, "d": 10**5, "lam": "1/1000", "Sigma": fc.power_law(1.5)}


def projected() -> tuple[fc.Law, dict[str, Any]]:
    """The largest case of `bench_peer` with dense matrices that do not commute."""
    case = CASES[-1]
    law = fc.derive(problem_from_dict(tomllib.loads(case.text), None, case.name))
    size = 300
    matrices = {name: covariance(size, seed) for seed, name in enumerate(("Sigma", "S", "T"))}
    return law, {"n": 400, "d": size, "m": 200, "lam": "1/10", "p1": "3/4", "p2": "1/4", **matrices}


PROBLEMS = {
    "two groups, dense, d = 500": two_groups,
    "ridge, 100000 eigenvalues": long_spectrum,
    "Tr M2 Q S Q M2 T, dense, d = 300": projected,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    print("| problem | states | unknowns | first s | median s | residual | digits | result |")
    print("|---|---|---|---|---|---|---|---|")
    for name, make in PROBLEMS.items():
        law, values = make()
        seconds = []
        for _ in range(runs + 1):
            start = time.perf_counter()
            solution = law.solve(**values)
            seconds.append(time.perf_counter() - start)
        system = law.derived.system
        unknowns = f"{len(system.nonlinear)} + {len(system.unknowns) - len(system.nonlinear)} linear"
        error = max((solution.output_errors[k] / abs(v) for k, v in solution.outputs.items()), default=np.inf)
        print(
            f"| {name} | {law.pencil_states()} | {unknowns} | {seconds[0]:.2f} | {statistics.median(seconds[1:]):.2f} "
            f"| {solution.residual:.1e} | {-np.log10(2 * error):.1f} | {solution.result.name} |"
        )


if __name__ == "__main__":
    main()
