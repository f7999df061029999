"""The scaling laws that a file asks for in its table [scaling], with best choices and claims."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fpt_calc.api import ScalingLaw, derive
from fpt_calc.cli.pipelines import laws_of
from fpt_calc.cli.sources import is_pipeline_file
from fpt_calc.errors import CannotDecideError, InputError
from fpt_calc.pipeline import Pipeline, models_of
from fpt_calc.pipeline.learners import scalars_of
from fpt_calc.pipeline_file import load_pipeline
from fpt_calc.problem import load_problem, located
from fpt_calc.scaling.entry import Finding
from fpt_calc.scaling.regimes.optimum import Optimum

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
    """A law with best choices of its exponents, how its floor is approached if it has one, claims, and true labels."""

    name: str
    law: ScalingLaw
    optima: tuple[Optimum, ...]
    beyond: ScalingLaw | None
    claims: tuple[Checked, ...] = ()
    change: str | None = None


@dataclass(frozen=True)
class Asked:
    """What has a scaling law: its name, the laws of its values, the scalars that are free to be chosen, a value."""

    name: str
    scaling: Callable[..., ScalingLaw]
    free: frozenset[str]
    value: str


def laws_in(file: Path, value: str | None) -> tuple[str, list[Found]]:
    """The title of a file and its scaling laws.

    Raises `InputError` in one line for a file without [scaling] or with a bad one.
    """
    title, table, asked = _read(file, value)
    if not table:
        raise InputError("nothing says how things scale", where=f"{file.name}: scaling", remedy=_SCALING)
    with located(f"{file.name}: scaling"):
        return title, [_found(item, table, value) for item in asked]


def _read(file: Path, value: str | None) -> tuple[str, Mapping[str, Any], Iterator[Asked]]:
    if is_pipeline_file(file):
        pipelines = load_pipeline(file)
        laws = laws_of(pipelines).items()
        asked = (Asked(name, e.scaling, _ridges(e.pipeline), "error") for name, e in laws)
        return pipelines.title, pipelines.scaling, asked
    problem = load_problem(file)
    law, targets = derive(problem), list(problem.targets) if value is None else [value]
    return problem.title, problem.scaling, (Asked("", law.scaling, frozenset({"lam"}), t) for t in targets)


def _ridges(pipeline: Pipeline) -> frozenset[str]:
    return frozenset(g.name for m in models_of(pipeline) for s in scalars_of(m.learner) for g in s.gens)


def _found(asked: Asked, table: Mapping[str, Any], value: str | None) -> Found:
    if not isinstance(table.get("size"), str):
        raise InputError("no size that grows", where="size", remedy='add size = "T"')
    given = {k: v for k, v in table.items() if k not in WORDS}
    target = value or table.get("value", asked.value)
    law = asked.scaling(table["size"], target, table.get("assume", ()), **given)
    if not isinstance(numbers := table.get("at", {}), Mapping):
        raise InputError("no table of numbers", where="at", remedy='write at = { beta = "3/2" }')
    law = law.at(**numbers) if numbers else law
    optima = tuple(o for exponent in _chosen(asked, law, table) for o in law.optimal(exponent))
    stated = _claims(table.get("claims", [])) if value is None else []  # they are about what the file asks for
    claims = tuple(_checked(claim, law) for claim in stated)
    name = ".".join(part for part in (asked.name, target if target != "error" else "") if part)
    exponents = dict.fromkeys(o.name for o in optima)
    change = "\n\n".join(law.change(e) for e in exponents) if law.with_true_labels is not None and exponents else None
    return Found(name or target, law, optima, _beyond(law), claims, change)


def _chosen(asked: Asked, law: ScalingLaw, table: Mapping[str, Any]) -> list[str]:
    """The exponents to be chosen: those that the file names, or those of ridges."""
    if "optimal" in table:
        return list(chosen) if isinstance(chosen := table["optimal"], list) else [chosen]  # laws refuse other exponents
    quantities = law.law.request.setting.quantities
    used = {g.name for q in asked.free if q in quantities for _, e in quantities[q].powers for g in e.gens}
    return [n for n in law.law.request.domain.names if n in used]


def _claims(claims: Any) -> list[Mapping[str, Any]]:
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


def _beyond(law: ScalingLaw) -> ScalingLaw | None:
    """How a floor is approached, where there is one in all regimes."""
    if not all(r.exponent.is_zero for r in law.regimes):
        return None
    try:
        return law.beyond_floor()
    except CannotDecideError:
        return None
