"""`fpt-calc simulate`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fpt_calc.cli.sources import load_source
from fpt_calc.errors import InputError
from fpt_calc.oracles import Estimate
from fpt_calc.oracles import simulate as monte_carlo
from fpt_calc.problem import located


def run(file: Path, trials: int, seed: int, ensemble: str, as_json: bool) -> str:
    """The text or JSON to print; raises the errors of the contract."""
    source = load_source(file)
    targets, point, title = source.targets, source.point, source.title
    if point is None:
        raise InputError("nothing to simulate", where=f"{file.name}: at", remedy="add an [at] table with values")
    with located(file.name):
        estimates = monte_carlo(targets, point, trials=trials, seed=seed, ensemble=ensemble)
    if as_json:
        return json.dumps({"targets": {name: _json(e) for name, e in estimates.items()}}, indent=2)
    lines = [title, "=" * len(title), ""]
    lines += [f"  {name} = {e.mean} +- {e.standard_error:.2g}" for name, e in estimates.items()]
    return "\n".join([*lines, f"  ({trials} draws, seed {seed}, ensemble {ensemble})"])


def _json(estimate: Estimate) -> dict[str, Any]:
    mean = estimate.mean
    return {
        "mean": {"re": mean.real, "im": mean.imag} if isinstance(mean, complex) else mean,
        "standard_error": estimate.standard_error,
        "trials": estimate.trials,
        "seed": estimate.seed,
        "ensemble": estimate.ensemble,
    }
