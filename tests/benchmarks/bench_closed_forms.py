"""Seconds from a reduced system to its closed form, and from a closed form to its limits, one process, caches cold.

python tests/benchmarks/bench_closed_forms.py
"""

from __future__ import annotations

import time
from pathlib import Path

import fpt_calc as fc
from fpt_calc.closed_form.present import present

ROOT = Path(__file__).parents[2]
FILES = (
    "tests/problems/ridge.toml",
    "tests/problems/two_groups.toml",
    "tests/problems/commutator.toml",
    "derivations/strong_collapse.py",
    "derivations/random_projections.py",
    "derivations/projected_two_groups.py",
)


def main() -> None:
    print("| problem | engine | closed form | characters of the longest value |\n|---|---|---|---|")
    for name in FILES:
        present.cache_clear()
        start = time.perf_counter()
        law = _law(ROOT / name)
        middle = time.perf_counter()
        closed = law.closed_form
        end = time.perf_counter()
        longest = max(len(str(f)) for f in closed.values.values())
        print(f"| {Path(name).stem} | {middle - start:.2f} s | {end - middle:.2f} s | {longest} |")


def _law(path: Path) -> fc.Law:
    from fpt_calc.cli.sources import load_law

    return load_law(path, lambda targets: targets)[0]


if __name__ == "__main__":
    main()
