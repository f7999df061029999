"""`fpt-calc scale FILE`: the scaling laws that a pipeline file asks for in its table [scaling]."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fpt_calc.cli.output import write
from fpt_calc.cli.scale_file import Found, laws_in
from fpt_calc.scaling.polyhedra import Interval, polyhedron_text
from fpt_calc.scaling.regimes.cases import Case
from fpt_calc.scaling.regimes.optimum import Optimum
from fpt_calc.scaling.shown.constants_text import constant_text
from fpt_calc.scaling.shown.text import law_text as regimes_text


def run(file: Path, value: str | None, as_json: bool, latex: Path | None, plot: Path | None) -> tuple[str, int]:
    """The text or JSON to print, and the exit status: 1 if a claim came out otherwise."""
    title, found = laws_in(file, value)
    if latex is not None:
        write(latex, found[0].law.latex(optimal=dict.fromkeys(o.name for o in found[0].optima), title=title))
    if plot is not None:
        found[0].law.plot(path=plot)
    status = 0 if all(claim.passed for f in found for claim in f.claims) else 1
    if as_json:
        return json.dumps({"scaling": {f.name: law_json(f) for f in found}}, indent=2), status
    return "\n".join([title, "=" * len(title), "", "\n\n".join(map(law_text, found))]), status


def law_text(found: Found) -> str:
    """A law, its optima and how its floor is approached, for people."""
    lines = [regimes_text(found.law.law, found.optima, found.law.words)]
    if found.beyond is not None:
        lines += ["", "the floor is approached as", str(found.beyond)]
    lines += [] if found.change is None else ["", found.change]
    for claim in found.claims:
        note = "" if claim.passed else f", where {claim.expected} was expected"
        lines += ["", f"{claim.finding.verdict}{note}: exponent = {claim.exponent}", f"  {claim.finding.evidence}"]
    return "\n".join(lines)


def law_json(found: Found) -> dict[str, Any]:
    """A law as JSON: texts in Python syntax."""
    law = found.law.law
    optima = {id(case): [o for o in found.optima if o.conditions == case.conditions] for case in law.cases}
    result: dict[str, Any] = {
        "size": law.request.setting.size,
        "exponent": str(found.law.exponent),
        "crossovers": [str(e.lhs) for e in found.law.crossover()],
        "cases": [_case_json(case, optima[id(case)]) for case in law.cases],
    }
    if found.beyond is not None:
        result["beyond_floor"] = {"exponent": str(found.beyond.exponent), "constant": str(found.beyond.constant)}
    if found.claims:
        result["claims"] = [
            {
                "exponent": c.exponent,
                "verdict": c.finding.verdict,
                "evidence": c.finding.evidence,
                "expected": c.expected,
            }
            for c in found.claims
        ]
    return result


def _case_json(case: Case, optima: list[Optimum]) -> dict[str, Any]:
    regimes = [
        {
            "where": polyhedron_text(case.chamber, r.cell),
            "exponent": str(r.exponent),
            "log_power": r.logs,
            "constant": constant_text(r.constant),
            "dominant": list(r.dominant),
            "equations": [f"{e} = 0" for e in r.where.values()],
        }
        for r in case.regimes
    ]
    return {
        "conditions": [str(c) for c in case.conditions],
        "regimes": regimes,
        "optimal": [_optimum_json(o, case) for o in optima],
    }


def _optimum_json(optimum: Optimum, case: Case) -> dict[str, Any]:
    def interval(i: Interval) -> list[str | None]:
        return [None if end is None else str(end) for end in (i.low, i.high)]

    return {
        "name": optimum.name,
        "where": polyhedron_text(case.chamber, optimum.cell),
        "best": [interval(i) for i in optimum.best],
        "exponent": str(optimum.exponent),
        "log_power": max((r.logs for r in optimum.regimes), default=0),
        "quantity": optimum.quantity,
        "prefactor": None if optimum.prefactor is None else constant_text(optimum.prefactor),
        "constant": None if optimum.constant is None else constant_text(optimum.constant),
    }
