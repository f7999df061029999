"""Times of training pipelines: derivation, formulas, values, certified values, simulation.

    python tests/benchmarks/bench_pipelines.py

Prints a table of processor seconds; caches are cold for each pipeline's first derivation only in a fresh process.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fpt_calc.api import ErrorLaw
from fpt_calc.errors import CannotDecideError
from fpt_calc.pipeline_file import load_pipeline

FOLDER = Path(__file__).parents[1] / "problems" / "pipelines"
TRIALS = 100


def main() -> None:
    """Time every pipeline file of the tests."""
    print("| pipeline | derive | formulas | values | certified | simulate 100 | theorem |")
    print("|---|---|---|---|---|---|---|")
    for file in sorted(FOLDER.glob("*.toml")):
        problem = load_pipeline(file)
        for name, pipeline in problem.pipelines.items():
            law = ErrorLaw(pipeline, problem.point, problem.assume)
            jobs: list[Callable[[], Any]] = [
                lambda law=law: law.derived,
                lambda law=law: law.form,
                lambda law=law: law.at(),
                lambda law=law: _certified(law),
                lambda law=law: law.simulate(TRIALS, progress=False),
                lambda law=law: law.theorem,
            ]
            times = " | ".join(f"{_time(job):.2f} s" for job in jobs)
            print(f"| {file.stem}, {name} | {times} |", flush=True)


def _certified(law: ErrorLaw) -> Any:
    try:
        return law.certified(20)
    except CannotDecideError as reason:
        return reason


def _time(job: Callable[[], Any]) -> float:
    start = time.process_time()
    job()
    return time.process_time() - start


if __name__ == "__main__":
    main()
