"""`fpt-calc derive` and `simulate` for pipeline files: targets NAME, NAME.bias, NAME.variance, NAME.source.X."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from fpt_calc.api import ErrorLaw
from fpt_calc.api.shown import Shown
from fpt_calc.api.shown_errors import Found, shown_errors
from fpt_calc.cli.output import Outputs, draw_into, write
from fpt_calc.cli.selection import selected
from fpt_calc.cli.sources import read_entry
from fpt_calc.collection import PipelineEntry
from fpt_calc.errors import CannotDecideError, InputError
from fpt_calc.export import pipeline_text
from fpt_calc.learning.derived import DerivedError
from fpt_calc.oracles import Estimate
from fpt_calc.pipeline_file import PipelineProblem, load_pipeline
from fpt_calc.problem import located

TRAIN_ERROR = "train_error"
STAGES = ("linearize", "self_energy", "reduce", "solve")


def laws_of(problem: PipelineProblem) -> dict[str, ErrorLaw]:
    """The test error of each pipeline of a file."""
    return {name: ErrorLaw(p, problem.point, problem.assume) for name, p in problem.pipelines.items()}


def run_derive(file: Path, target: str | None, digits: int, as_json: bool, outputs: Outputs) -> str:
    """The text or JSON to print; raises the errors of the contract."""
    title, stated = _asked(file)
    laws = _with_train_error(stated, target)
    parts: list[str] = []
    targets: dict[str, Any] = {}
    for name, law in laws.items():
        with located(file.name):
            law.derived  # noqa: B018  # derived here, so that errors name the file
        start = time.perf_counter()
        found = None if law.point is None else _values(law, digits, file)
        targets |= _targets(name, law, found, time.perf_counter() - start)
        if target is None or f"{target}.".startswith(f"{name}."):
            parts.append(_text(name, law, found, target, len(laws) > 1))
    chosen = selected(targets, target, file)
    first = next(law for name, law in laws.items() if target is None or target.split(".")[0] == name.split(".")[0])
    if outputs.latex is not None:
        write(outputs.latex, first.latex(outputs.part))
    if outputs.plot is not None:
        with located(file.name):
            draw_into(first, outputs.plot)
    for given, option in ((outputs.code, "--code"), (outputs.certificate, "--certificate")):
        if given is not None:
            raise InputError("not for pipelines", where=option, remedy="use it with the problem files of expressions")
    if as_json:
        return json.dumps({"targets": chosen}, indent=2)
    return "\n".join([title, "=" * len(title), "", "\n\n".join(parts)])


def _asked(file: Path) -> tuple[str, dict[str, ErrorLaw]]:
    """The title of a file, and the test errors that it asks for: of a pipeline file, or of a file of derivations/."""
    if file.suffix == ".toml":
        problem = load_pipeline(file)
        return problem.title, laws_of(problem)
    entry = read_entry(file)
    law = entry.law if isinstance(entry, PipelineEntry) else None
    if not isinstance(law, ErrorLaw) or not isinstance(entry, PipelineEntry):
        raise InputError("no law of a test error", where=f"{file.name}: ENTRY", remedy="use pipeline(...).test_error()")
    return entry.title, {"error": replace(law, point=entry.point)}


def _with_train_error(laws: dict[str, ErrorLaw], target: str | None) -> dict[str, ErrorLaw]:
    """The laws, and the training error of one of them if it is asked for: it takes a derivation of its own."""
    name, _, rest = (target or "").partition(".")
    if name not in laws or not rest.startswith(TRAIN_ERROR):
        return laws
    return {f"{name}.{TRAIN_ERROR}": laws[name].train_error}


def run_simulate(file: Path, trials: int, seed: int, ensemble: str, as_json: bool) -> str:
    """Estimates of all values by training the models."""
    if ensemble != "model":
        remedy = "leave it out: training is simulated as declared"
        raise InputError("no complex twin of a pipeline", where="--ensemble", remedy=remedy)
    title, laws = _asked(file)
    if any(law.point is None for law in laws.values()):
        raise InputError("nothing to simulate", where=f"{file.name}: at", remedy="add an [at] table with values")
    found: dict[str, Estimate] = {}
    for name, law in laws.items():
        with located(file.name):
            estimates = law.simulate(trials=trials, seed=seed)
        found |= {_full(name, value): e for value, e in estimates.items()}
    if as_json:
        shown = {
            name: {
                "mean": e.mean,
                "standard_error": e.standard_error,
                "trials": e.trials,
                "seed": e.seed,
                "ensemble": e.ensemble,
            }
            for name, e in found.items()
        }
        return json.dumps({"targets": shown}, indent=2)
    lines = [title, "=" * len(title), ""]
    lines += [f"  {name} = {e.mean} +- {e.standard_error:.2g}" for name, e in found.items()]
    return "\n".join([*lines, f"  ({trials} draws, seed {seed})"])


def _full(name: str, value: str) -> str:
    """``bias`` of the test ``error`` is the target ``error.bias``."""
    return name if value == "error" else f"{name}.{value}"


def _values(law: ErrorLaw, digits: int, file: Path) -> Found:
    assert law.point is not None
    with located(f"{file.name}: at"):
        return shown_errors(law.program_at(law.point), law.point, digits)


def _targets(name: str, law: ErrorLaw, found: Found | None, solving: float) -> dict[str, Any]:
    """The JSON of every value; one that is known at a point only (of one generation) has no closed form."""
    shown = {} if found is None else found[0]
    seconds = _seconds(law.derived) | {"solve": round(solving, 6)}
    values = dict.fromkeys([*law.form.values, *shown])
    return {_full(name, value): _target(law, _full(name, value), value, shown, seconds) for value in values}


def _target(
    law: ErrorLaw, name: str, value: str, shown: Mapping[str, Shown], seconds: Mapping[str, float]
) -> dict[str, Any]:
    at = shown.get(value)
    closed = law.form.values.get(value)
    return {
        "pencil_states": max((_states(law.derived)), default=0),
        "unknowns": len(law.derived.program.parameters),
        "equations": [*law.form.where(), *([] if closed is None else [f"{name} = {closed}"])],
        "closed_form": None if closed is None else str(closed),
        "value": None if at is None else at.json,
        "digits": None if at is None else at.digits,
        "radius": None if at is None else at.radius,
        "seconds": dict(seconds),
    }


def _states(derived: DerivedError) -> list[int]:
    return [law.pencil_states(t) for law in derived.laws for t in law.targets]


def _seconds(derived: DerivedError) -> dict[str, float]:
    laws = derived.laws
    return {stage: round(sum(law.seconds.get(stage, 0.0) for law in laws), 6) for stage in STAGES}


def _text(name: str, law: ErrorLaw, found: Found | None, target: str | None, several: bool) -> str:
    """The derived error; of its values those that are asked for."""
    lines = [f"{name}:"] if several else []
    lines.append(pipeline_text(law.derived, law.form))
    for count in law.generation_counts:
        lines += ["", *_limit_lines(law, count)]
    if found is not None:
        shown, proof = found
        shown = {v: at for v, at in shown.items() if target in (None, name, _full(name, v))}
        lines += ["", "values"]
        lines += [f"  {_full(name, value)} = {at}   ({at.digits} digits)" for value, at in shown.items()]
        if isinstance(proof, CannotDecideError):
            lines.append(f"  not certified: {proof}")
        else:
            lines.append(f"  certified: {', '.join(f'{_full(name, v)} within {at.radius}' for v, at in shown.items())}")
            lines += [f"    {line}" for line in proof.evidence]
    return "\n".join(lines)


def _limit_lines(law: ErrorLaw, count: str) -> list[str]:
    """What happens after many generations, or why that is not decided."""
    try:
        lines = str(limit := law.limit(**{count: "oo"})).splitlines()
        return lines if limit.rates else [lines[0], lines[-1]]
    except CannotDecideError as error:
        return [f"{count} -> oo", f"  not decided: {error}"]
