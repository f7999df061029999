"""`fpt-calc derive`."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fpt_calc.api import Law
from fpt_calc.api.shown import Shown, certified_or_shown
from fpt_calc.certify import Certified
from fpt_calc.cli.output import Outputs, draw_into, write
from fpt_calc.cli.selection import selected
from fpt_calc.cli.sources import load_law
from fpt_calc.derivation import LimitLaw
from fpt_calc.errors import CannotDecideError, ComputationError
from fpt_calc.export import document, law_text, status_lines
from fpt_calc.point import Dense
from fpt_calc.problem import located
from fpt_calc.reduce import Equations, needed_by
from fpt_calc.solve import Result, Solution
from fpt_calc.system import Unknown

STAGES = ("linearize", "self_energy", "reduce", "solve")


def run(file: Path, target: str | None, digits: int, as_json: bool, outputs: Outputs) -> str:
    """The text or JSON to print; raises the errors of the contract."""
    law, source = load_law(file, lambda targets: selected(targets, target, file))
    limits = _limits(law, source.limits, file)
    title = source.title
    seconds = dict(law.derived.seconds)
    solution, shown, proof = None, None, None
    if law.point is not None:
        start = time.perf_counter()
        with located(f"{file.name}: at"):
            solution = law.solve()
            if solution.result is not Result.SUCCESS:
                raise ComputationError(solution.result.value)
            shown, proof = certified_or_shown(law.derived.system, law.point, solution, digits)
        seconds["solve"] = time.perf_counter() - start
    if outputs.latex is not None:
        write(outputs.latex, document(law.derived, title, law.point, outputs.part))
    if outputs.code is not None:
        write(outputs.code, law.code(spectra=not _has_dense(law)), "--code")
    if outputs.plot is not None:
        with located(file.name):
            draw_into(law, outputs.plot)
    if outputs.certificate is not None:
        write(outputs.certificate, law.certificate(max(digits, 15)), "--certificate")
    if as_json:
        targets = {name: _target_json(law, name, shown, seconds) for name in law.derived.targets}
        return json.dumps({"targets": targets}, indent=2)
    values = [] if solution is None or shown is None or proof is None else _values(solution, shown, proof)
    return _text(law, title, limits, values)


def _target_json(law: Law, name: str, shown: dict[str, Shown] | None, seconds: dict[str, float]) -> dict[str, Any]:
    used, closed = law.derived.unknowns_of(name), law.derived.closed_form
    return {
        "pencil_states": law.derived.pencil_states(name),
        "unknowns": len(set(used) & set(law.derived.system.nonlinear)),
        "equations": _equations(law.derived, name, used),
        "closed_form": None if closed is None else closed.text(name),
        "value": None if shown is None else shown[name].json,
        "digits": None if shown is None else shown[name].digits,
        "radius": None if shown is None else shown[name].radius,
        "seconds": {stage: round(seconds.get(stage, 0.0), 6) for stage in STAGES},
    }


def _equations(law: LimitLaw, name: str, used: tuple[Unknown, ...]) -> list[str]:
    output = f"{name} = {law.system.outputs[name]}"
    if law.equations is None:
        return [*law.lines(), output]
    own = tuple(e for e in law.equations.equations if e.unknown in used)
    lines = needed_by(Equations(law.equations.definitions, own), [law.system.outputs[name]]).lines()
    return [*lines, *_names_of_closed_form(law, name), output]


def _names_of_closed_form(law: LimitLaw, name: str) -> list[str]:
    """What the names in a closed form are in terms of the unknowns of the equations."""
    closed = law.closed_form
    return [] if closed is None else closed.definitions(name)


def _accuracy(name: str, value: Shown, solution: Solution) -> str:
    """How many digits are right, or for a value lost in rounding how large it can be."""
    return f"{value.digits} digits" if value.digits else f"zero within {solution.output_errors[name]:.0e}"


def _limits(law: Law, wanted: Mapping[str, str], file: Path) -> list[str]:
    """The text of the limits that a file asks for; one that cannot be decided says so in its place."""
    lines: list[str] = []
    for name, to in wanted.items():
        with located(f"{file.name}: limits.{name}", "limits"):
            try:
                lines += str(law.limit(0, **{name: to})).splitlines()
            except CannotDecideError as error:
                lines += [f"{name} -> {to}", f"  not decided: {error}"]
    return lines


def _text(law: Law, title: str, limits: list[str], values: list[str]) -> str:
    parts = [title, "=" * len(title), "", law_text(law.derived), *(f"  {line}" for line in status_lines(law.theorem))]
    if limits:
        parts += ["", "limits (exact; which branch applies where is numerical evidence)", *(f"  {x}" for x in limits)]
    if values:
        parts += ["", "values", *(f"  {line}" for line in values)]
    return "\n".join(parts)


def _values(solution: Solution, shown: dict[str, Shown], proof: Certified | CannotDecideError) -> list[str]:
    lines = [f"{name} = {value}   ({_accuracy(name, value, solution)})" for name, value in shown.items()]
    lines.append(f"residual {solution.residual:.1e}, stability {solution.stability:.3f} < 1")
    if isinstance(proof, CannotDecideError):
        return [*lines, f"not certified: {proof}"]
    radii = ", ".join(f"{name} within {value.radius}" for name, value in shown.items())
    return [*lines, f"certified: {radii}", *(f"  {line}" for line in proof.evidence)]


def _has_dense(law: Law) -> bool:
    return law.point is not None and any(isinstance(m, Dense) for m in law.point.matrices.values())
