"""An entry of the collection that is a training pipeline: a theorem about its test error, with every check we have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from fpt_calc.claims import Verdict
from fpt_calc.closed_form import Comparison
from fpt_calc.collection.entry import MAX_Z, ROUNDING
from fpt_calc.collection.report import MEANING, Check, Report
from fpt_calc.errors import CannotDecideError
from fpt_calc.learning.compare import claimed_number, compare_error
from fpt_calc.learning.derived import DerivedError
from fpt_calc.learning.evaluate import certified_errors, evaluate
from fpt_calc.learning.form import ErrorForm
from fpt_calc.learning.growth import generation_limit
from fpt_calc.pipeline import Pipeline
from fpt_calc.point import Estimate, Point
from fpt_calc.training import simulate_pipeline

DIGITS = 15


class DerivedLaw(Protocol):
    """The law of a test error; `fpt_calc.api.ErrorLaw` is one."""

    @property
    def pipeline(self) -> Pipeline: ...

    @property
    def derived(self) -> DerivedError: ...

    @property
    def form(self) -> ErrorForm: ...


@dataclass(frozen=True)
class PipelineEntry:
    """A theorem about the test error of a training pipeline.

    Attributes
    ----------
    title : for people.
    law : the law of the error, such as ``fc.pipeline(...).test_error()``.
    point : where it is certified and simulated.
    claims : for values ("error", "bias", "source.NAME", ...) the claimed formulas, in declared names and those printed.
    limits : for numbers of generations, the claimed formulas of values as the number tends to infinity.
    refuted : formulas that are quoted for values and are wrong.
    exact : formulas for values that hold at every size, dimensions included.
    trials : draws of the simulation, so few that the O(1/n) offset of the limit is below the standard error.
    """

    title: str
    law: DerivedLaw
    point: Point
    claims: Mapping[str, str]
    limits: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    refuted: Mapping[str, str] = field(default_factory=dict)
    exact: Mapping[str, str] = field(default_factory=dict)
    trials: int = 60


def verify_pipeline(entry: PipelineEntry, seed: int = 0) -> Report:
    """Run the checks of an entry, and show its law."""
    form = entry.law.form
    lines = (*(f"{name} = {value}" for name, value in form.values.items()), *form.where())
    return Report(entry.title, lines, pipeline_checks(entry, seed))


def pipeline_checks(entry: PipelineEntry, seed: int = 0) -> tuple[Check, ...]:
    """Claims, limits, refuted variants, certified values, simulation."""
    return (*_claims(entry), *_limits(entry), *_refuted(entry), _certified(entry), *_simulation(entry, seed))


def _claims(entry: PipelineEntry) -> Iterator[Check]:
    law = entry.law
    for name, text in entry.claims.items():
        yield _compared(name, text, lambda k, t: compare_error(law.derived, k, t, lambda: law.form))


def _limits(entry: PipelineEntry) -> Iterator[Check]:
    for count, claims in entry.limits.items():
        limit = generation_limit(entry.law.derived, count)
        for name, text in claims.items():
            yield _compared(name, text, limit.compare, f" as {count} -> oo")


def _refuted(entry: PipelineEntry) -> Iterator[Check]:
    law = entry.law
    for name, text in entry.refuted.items():
        found = compare_error(law.derived, name, text, lambda: law.form)
        yield Check(
            f"a wrong form of {name}", f"{name} = {text}: {found}", MEANING[found.verdict], expected=Verdict.REFUTED
        )


def _compared(name: str, text: str, compare: Callable[[str, str], Comparison], where: str = "") -> Check:
    found = compare(name, text)
    return Check(f"closed form of {name}{where}", f"{name} = {text}: {found}", MEANING[found.verdict])


def _certified(entry: PipelineEntry) -> Check:
    try:
        found = certified_errors(entry.law.derived.program, entry.point, DIGITS)
    except CannotDecideError as error:
        return Check("values in balls", str(error), Verdict.UNDECIDED)
    values = ", ".join(f"{name} = {ball.str(10)}" for name, ball in found.values.items())
    return Check("values in balls", values, Verdict.CERTIFIED)


def _simulation(entry: PipelineEntry, seed: int) -> Iterator[Check]:
    law = entry.law
    values = evaluate(law.derived.program, entry.point)
    estimates = simulate_pipeline(law.pipeline, entry.point, trials=entry.trials, seed=seed, progress=False)
    for name in values:
        if name in estimates:
            yield _near(f"simulation of {name}", name, values[name], estimates[name])
    for name, text in entry.exact.items():
        number = claimed_number(law.derived, entry.point, text)
        yield _near(f"simulation of {name} at finite size", text, number, estimates[name])


def _near(check: str, name: str, value: float, estimate: Estimate) -> Check:
    z = abs(estimate.mean - value) / max(estimate.standard_error, ROUNDING)
    finding = f"{name} = {value:.9g}, simulation {estimate.mean:.6g} +- {estimate.standard_error:.1g} ({z=:.1f})"
    return Check(check, finding, Verdict.CONSISTENT if z <= MAX_Z else Verdict.REFUTED)
