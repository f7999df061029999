"""Ten problems from their text to the reduced system, timed, beside the peer that is named in `peer_cases`.

    python tests/benchmarks/bench_peer.py [--json] [--runs 5]
    python tests/benchmarks/bench_peer.py --peer FOLDER --peer-python PYTHON   # time the peer on this machine as well

Each case has a process of its own.  `first`: reading the text, pencils, system, reduction and all their checks, the
first time in that process; `median`: of the runs after one warm-up; `process`: the whole process with the start of
the interpreter and all imports, once.  The peer reads its pencils ready-made from files, and is timed as whole process.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from peer_cases import CASES, RIDGE_COMMAND, Case

COLUMNS = ("case", "states", "unknowns", "first s", "median s", "process s", "listed s", "listed / median")
PEER_COLUMNS = ("peer here s", "peer here / process")


def main() -> None:
    options = _options()
    if options.case is not None:
        print(json.dumps(measure(CASES[options.case], options.runs)))
        return
    if options.peer_python is not None and options.peer is None:
        sys.exit("bench_peer: --peer-python needs --peer FOLDER, a checkout of the peer")
    results = [_in_own_process(index, options) for index in range(len(CASES))]
    report = {"ridge_command_seconds": round(_ridge_command(), 3), "cases": results}
    print(json.dumps(report, indent=2) if options.json else _table(report))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=5, help="runs after the warm-up")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--peer", type=Path, help="folder of a checkout of the peer; its examples are run and timed")
    parser.add_argument("--peer-python", help="interpreter with the peer's requirements; default: this one")
    parser.add_argument("--case", type=int, help=argparse.SUPPRESS)  # what a case's own process is told
    return parser.parse_args()


def measure(case: Case, runs: int) -> dict[str, Any]:
    """Seconds of the first run and the median of later ones, with what came out."""
    first, law = _timed(case)
    later = [_timed(case)[0] for _ in range(runs)] if runs else []
    system = law.derived.system
    return {
        "case": case.name,
        "states": " + ".join(str(law.pencil_states(name)) for name in law.derived.targets),
        "unknowns": len(system.nonlinear),
        "linear_unknowns": len(system.unknowns) - len(system.nonlinear),
        "first_seconds": first,
        "median_seconds": statistics.median(later) if later else None,
    }


def _timed(case: Case) -> tuple[float, Any]:
    import tomllib

    from fpt_calc import derive
    from fpt_calc.problem import problem_from_dict

    start = time.perf_counter()
    law = derive(problem_from_dict(tomllib.loads(case.text), None, case.name))
    if case.eliminate:
        law.relations()
    return time.perf_counter() - start, law


def _in_own_process(index: int, options: argparse.Namespace) -> dict[str, Any]:
    """The measurements of a case in a fresh process, those of another whole process, and of the peer."""
    command = [sys.executable, __file__, "--case", str(index), "--runs"]
    measured: dict[str, Any] = json.loads(_run([*command, str(options.runs)])[1])
    measured["process_seconds"] = _run([*command, "0"])[0]
    listed = CASES[index].listed
    measured["listed"] = {"states": listed.states, "equations": listed.equations, "seconds": listed.seconds}
    measured["listed_over_median"] = listed.seconds / measured["median_seconds"]
    if options.peer is not None and listed.script is not None:
        peer = [options.peer_python or sys.executable, "-m", f"examples.{listed.script}"]
        measured["peer_seconds"] = _run(peer, options.peer)[0]
        measured["peer_over_process"] = measured["peer_seconds"] / measured["process_seconds"]
    return measured


def _ridge_command() -> float:
    """Seconds of ``fpt-calc derive`` on a small ridge problem with values, median of five whole processes."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ridge.toml"
        file.write_text(RIDGE_COMMAND, encoding="utf-8")
        command = [sys.executable, "-c", "from fpt_calc.cli.main import main; main()", "derive", str(file), "--json"]
        runs = [_run(command) for _ in range(5)]
    assert all(json.loads(output)["targets"]["bias"]["value"] for _, output in runs)
    return statistics.median(seconds for seconds, _ in runs)


def _run(command: list[str], folder: Path | None = None) -> tuple[float, str]:
    """Seconds and output of a whole process on one thread of linear algebra."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "Agg"}
    start = time.perf_counter()
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if run.returncode:
        sys.exit(f"bench_peer: {' '.join(command)} failed:\n{run.stderr[-2000:]}")
    return seconds, run.stdout


def _table(report: dict[str, Any]) -> str:
    with_peer = any("peer_seconds" in row for row in report["cases"])
    columns = (*COLUMNS, *PEER_COLUMNS) if with_peer else COLUMNS
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    for row in report["cases"]:
        listed = row["listed"]
        cells = [
            row["case"],
            f"{row['states']} (peer {listed['states']})",
            f"{row['unknowns']} + {row['linear_unknowns']} linear (peer {listed['equations']})",
            f"{row['first_seconds']:.3f}",
            f"{row['median_seconds']:.3f}",
            f"{row['process_seconds']:.2f}",
            f"{listed['seconds']:g}",
            f"{row['listed_over_median']:.0f}",
        ]
        if with_peer:
            peer = row.get("peer_seconds")
            cells += ["", ""] if peer is None else [f"{peer:.1f}", f"{row['peer_over_process']:.0f}"]
        lines.append("| " + " | ".join(cells) + " |")
    lines += ["", f"`fpt-calc derive` on a small ridge problem, whole process: {report['ridge_command_seconds']} s"]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
