"""CPU seconds of certified numbers, beside those of the solver in double precision.

    python tests/benchmarks/bench_certify.py [--runs 3]

Set OPENBLAS_NUM_THREADS=1 for figures that compare between machines.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
import tomllib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

import fpt_calc as fc
from fpt_calc.certify import certify
from fpt_calc.point import Dense, Eigenvalues, Point, PowerLaw
from fpt_calc.problem import problem_from_dict
from fpt_calc.solve import solve

sys.path.insert(0, str(Path(__file__).parent))
from peer_cases import CASES

Case = tuple[fc.Law, Point]


def ridge(bias: bool, count: int, random: bool = False) -> Case:
    """kappa (through the mean of a resolvent), or the bias of ridge regression."""
    n, d = fc.dims("n d")
    (lam,) = fc.scalars("lam", "positive")
    Sigma = fc.matrix("Sigma", d, d, "psd")
    X = fc.gaussian("X", n, d, variance=1 / n, covariance=Sigma)
    R = fc.inv(X.T @ X + lam)
    law = fc.derive(lam**2 * fc.Tr(R @ Sigma @ R) if bias else fc.tau(R))
    values = np.random.default_rng(0).uniform(0.1, 2, count).tolist()
    spectrum = Eigenvalues(tuple(values)) if random else PowerLaw(Fraction(3, 2))
    return law, Point({"n": 3 * count // 2, "d": count}, {"lam": Fraction(1, 10)}, {"Sigma": spectrum})


def projected(size: int, dense: bool) -> Case:
    """Tr M2 Q S Q M2 T with 19 states."""
    case = CASES[-1]
    law = fc.derive(problem_from_dict(tomllib.loads(case.text), None, case.name))
    generator = np.random.default_rng(3)

    def data(psd: bool) -> Any:
        if not dense:
            low = 0.1 if psd else -1.0
            return Eigenvalues(tuple(generator.uniform(low, 2, size).tolist()))
        a = generator.standard_normal((size, size)) / size**0.5
        return Dense(a @ a.T if psd else (a + a.T) / 2)

    matrices = {name: data(name == "Sigma") for name in ("Sigma", "S", "T")}
    scalars = {"lam": Fraction(1, 10), "p1": Fraction(3, 4), "p2": Fraction(1, 4)}
    return law, Point({"n": 4 * size, "d": size, "m": size // 2}, scalars, matrices)


PROBLEMS: dict[str, tuple[Callable[[], Case], tuple[int, ...]]] = {
    "kappa, power law, d = 2000": (lambda: ridge(False, 2000), (15, 40, 200)),
    "kappa, 2000 given eigenvalues": (lambda: ridge(False, 2000, random=True), (40,)),
    "ridge bias, power law, d = 2000": (lambda: ridge(True, 2000), (40,)),
    "Tr M2 Q S Q M2 T, d = 20": (lambda: projected(20, dense=False), (50, 200)),
    "Tr M2 Q S Q M2 T, d = 200": (lambda: projected(200, dense=False), (50,)),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    print("| problem | states | unknowns | digits | certified | solve s | certify s | radius | bound |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, (make, wanted) in PROBLEMS.items():
        law, point = make()
        system = law.derived.system
        for digits in wanted:
            seconds: list[tuple[float, float]] = []
            for _ in range(runs):
                start = time.process_time()
                solution = solve(system, point)
                middle = time.process_time()
                found = certify(system, point, solution.values, digits)
                seconds.append((middle - start, time.process_time() - middle))
            solved, proved = (statistics.median(column) for column in zip(*seconds, strict=True))
            radius = max(ball.rad() for ball in found.outputs.values()).str(2, radius=False)
            print(
                f"| {name} | {len(system.dims)} | {len(system.unknowns)} | {digits} | {min(found.digits.values())} "
                f"| {solved:.3f} | {proved:.3f} | {radius} | {float(found.stability):.3f} |"
            )


if __name__ == "__main__":
    main()
