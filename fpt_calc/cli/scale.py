"""`fpt-calc scale FILE`: the scaling laws that a pipeline file asks for in its table [scaling]."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fpt_calc.api import ErrorLaw, ScalingLaw
from fpt_calc.cli.output import write
from fpt_calc.cli.pipelines import laws_of
from fpt_calc.errors import CannotDecideError, InputError
from fpt_calc.pipeline import models_of
from fpt_calc.pipeline.learners import scalars_of
from fpt_calc.pipeline_file import PipelineProblem, load_pipeline
from fpt_calc.problem import located
from fpt_calc.scaling.entry import Finding
from fpt_calc.scaling.polyhedra import Interval, polyhedron_text
from fpt_calc.scaling.regimes.cases import Case
from fpt_calc.scaling.regimes.optimum import Optimum
from fpt_calc.scaling.regimes.text import law_text as regimes_text

WORDS = ("size", "value", "assume", "optimal", "at", "claims")
_SCALING = 'add [scaling] with size = "T", lam = "T**-ell", Sigma = { power_law = "beta" }, w0 = { source = "r" }'


@dataclass(frozen=True)
class Checked:
    """A claim about the exponent, with what was found and what was expected."""

    exponent: str
    finding: Finding
    expected: str

    @property
    def passed(self) -> bool:
        return self.finding.verdict == self.expected


@dataclass(frozen=True)
class Found:
    """A law with the exponents over which it is optimized, and why a floor has no law where there is none."""

    name: str
    law: ScalingLaw
    optima: tuple[Optimum, ...]
    beyond: ScalingLaw | None
    claims: tuple[Checked, ...] = ()


def run(file: Path, value: str | None, as_json: bool, latex: Path | None, plot: Path | None) -> tuple[str, int]:
    """The text or JSON to print, and the exit status: 1 if a claim came out otherwise."""
    problem = load_pipeline(file)
    if not problem.scaling:
        raise InputError("nothing says how things scale", where=f"{file.name}: scaling", remedy=_SCALING)
    with located(f"{file.name}: scaling"):
        found = [_found(name, law, problem, value) for name, law in laws_of(problem).items()]
    if latex is not None:
        write(latex, found[0].law.latex(optimal=dict.fromkeys(o.name for o in found[0].optima), title=problem.title))
    if plot is not None:
        found[0].law.plot(path=plot)
    status = 0 if all(claim.passed for f in found for claim in f.claims) else 1
    if as_json:
        return json.dumps({"scaling": {f.name: law_json(f) for f in found}}, indent=2), status
    return "\n".join([problem.title, "=" * len(problem.title), "", *(law_text(f) for f in found)]), status


def _found(name: str, error: ErrorLaw, problem: PipelineProblem, value: str | None) -> Found:
    table = problem.scaling
    if "size" not in table:
        raise InputError("no size that grows", where="size", remedy='add size = "T"')
    given = {k: v for k, v in table.items() if k not in WORDS}
    asked = value or table.get("value", "error")
    law = error.scaling(table["size"], asked, table.get("assume", ()), **given)
    if "at" in table:
        law = law.at(**table["at"])
    optima = [o for exponent in _free(error, law, table) for o in law.optimal(exponent)]
    claims = tuple(_checked(claim, law) for claim in _tables(table.get("claims", [])))
    return Found(f"{name}.{asked}" if asked != "error" else name, law, tuple(optima), _beyond(law), claims)


def _tables(claims: Any) -> list[Mapping[str, Any]]:
    known = ("proved", "refuted")
    good = isinstance(claims, list) and all(isinstance(c, Mapping) and "exponent" in c for c in claims)
    if not good or any(set(c) - {"exponent", "expect"} or _expected(c).lower() not in known for c in claims):
        remedy = 'write claims = [{ exponent = "max(-2*r*ell, ell/beta - 1)", expect = "proved" }]'
        raise InputError("no list of claims", where="claims", remedy=remedy)
    return list(claims)


def _expected(claim: Mapping[str, Any]) -> str:
    return str(claim.get("expect", "proved"))


def _checked(claim: Mapping[str, Any], law: ScalingLaw) -> Checked:
    finding = law.compare(claim["exponent"])
    return Checked(claim["exponent"], finding, _expected(claim).upper())


def _free(error: ErrorLaw, law: ScalingLaw, table: Mapping[str, Any]) -> list[str]:
    """The exponents to be chosen: those that the file names, or those of ridges and widths."""
    if "optimal" in table:
        return [table["optimal"]] if isinstance(table["optimal"], str) else list(table["optimal"])
    ridges = {g.name for m in models_of(error.pipeline) for s in scalars_of(m.learner) for g in s.gens}
    quantities = law.law.request.setting.quantities
    used = {g.name for q in ridges if q in quantities for _, e in quantities[q].powers for g in e.gens}
    return [n for n in law.law.request.domain.names if n in used]


def _beyond(law: ScalingLaw) -> ScalingLaw | None:
    """How a floor is approached, where there is one in all regimes."""
    if not all(r.exponent.is_zero for r in law.regimes):
        return None
    try:
        return law.beyond_floor()
    except CannotDecideError:
        return None


def law_text(found: Found) -> str:
    """A law, its optima and how its floor is approached, for people."""
    lines = [regimes_text(found.law.law, found.optima, found.law.words)]
    if found.beyond is not None:
        lines += ["", "the floor is approached as", str(found.beyond)]
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
            "constant": str(r.constant),
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
        "quantity": optimum.quantity,
        "prefactor": None if optimum.prefactor is None else str(optimum.prefactor),
        "constant": None if optimum.constant is None else str(optimum.constant),
    }
