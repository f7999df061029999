"""An entry of the collection in `derivations/`: a theorem stated, derived and checked in every way we have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from fpt_calc.claims import Statement, Verdict, compare_claim, moments_agree, renaming
from fpt_calc.collection.report import MEANING, Check, Report
from fpt_calc.derivation import LimitLaw, derive_law
from fpt_calc.oracles import simulate
from fpt_calc.point import Point
from fpt_calc.reduce import Relation, follows, relations
from fpt_calc.scalars import Scalar
from fpt_calc.solve import Result, solve

ROUNDING = 1e-12  # of a target that is zero for each draw
MAX_Z = 4.5  # a two-sided normal tail of 7e-6; a handful of comparisons each


@dataclass(frozen=True)
class Entry:
    """A theorem of the collection.

    Attributes
    ----------
    title : for people.
    targets : what is derived.
    point : where it is evaluated and simulated.
    statement : the claimed law in fixed-point parameters, or None.
    relations : claimed polynomial relations between the targets (as `fpt_calc.reduce.Quantity`).
    closed : for targets their claimed limits as text, in declared names and those of the closed form (kappa, df2, ...).
    order : of the series in the variance that is compared with noncrossing moments.
    """

    title: str
    targets: Mapping[str, Scalar]
    point: Point
    statement: Statement | None = None
    relations: tuple[Scalar, ...] = field(default=())
    closed: Mapping[str, str] = field(default_factory=dict)
    order: int = 6


def verify_entry(entry: Entry, trials: int = 60, seed: int = 0) -> Report:
    """Derive an entry and run its checks: claim, relations, noncrossing moments, simulation."""
    law = derive_law(entry.targets)
    checks: list[Check] = []
    if entry.statement is not None:
        checks.append(_claim(law, entry.statement))
    if entry.relations:
        checks += _relations(law, entry.relations)
    checks += _closed(law, entry.closed)
    checks += [_moments(law, entry.order), *_simulation(law, entry, trials, seed)]
    return Report(entry.title, tuple(_law_lines(law, entry)), tuple(checks))


def _law_lines(law: LimitLaw, entry: Entry) -> Iterator[str]:
    if law.equations is not None:
        yield from law.equations.lines()
    yield from (f"{name} = {value}" for name, value in law.system.outputs.items())
    if entry.closed and law.closed_form is not None:
        yield from str(law.closed_form).splitlines()


def _shown(passed: bool) -> Verdict:
    return Verdict.PROVED if passed else Verdict.REFUTED


def _claim(law: LimitLaw, statement: Statement) -> Check:
    found = renaming(law, statement)
    if found is None:
        return Check("claim", "no renaming makes it the derived law", Verdict.UNDECIDED)
    names = ", ".join(f"{name} is {unknown.name}" for name, unknown in found.items())
    return Check("claim", f"exactly the derived law, where {names}", Verdict.PROVED)


def _closed(law: LimitLaw, claimed: Mapping[str, str]) -> list[Check]:
    if not claimed:
        return []
    form = law.closed_form or law.find_closed_form()
    found = {name: compare_claim(law, form, name, text) for name, text in claimed.items()}
    return [
        Check(f"closed form of {name}", f"{name} = {claimed[name]}: {c}", MEANING[c.verdict])
        for name, c in found.items()
    ]


def _relations(law: LimitLaw, claimed: tuple[Scalar, ...]) -> list[Check]:
    known: tuple[Relation, ...] = relations(law.system, tuple(law.targets))
    return [
        Check("relation", f"{p} = 0 follows from the eliminated system", _shown(follows(p, known))) for p in claimed
    ]


def _moments(law: LimitLaw, order: int) -> Check:
    equal = moments_agree(law, order)
    if equal is None:
        return Check("moments", "no random model without a pole was found", Verdict.UNDECIDED)
    text = f"the series in the variance equals that of noncrossing pairings exactly to order {order}"
    return Check("moments", text if equal else f"not so: {text}", Verdict.CONSISTENT if equal else Verdict.REFUTED)


def _simulation(law: LimitLaw, entry: Entry, trials: int, seed: int) -> list[Check]:
    solution = solve(law.system, entry.point)
    if solution.result is not Result.SUCCESS:
        return [Check("value", solution.result.value, Verdict.UNDECIDED)]
    estimates = simulate(entry.targets, entry.point, trials=trials, seed=seed, ensemble="limit")
    checks = []
    for name, estimate in estimates.items():
        value = solution.outputs[name]
        z = abs(estimate.mean - value) / max(estimate.standard_error, ROUNDING)
        finding = f"{name} = {value:.9g}, simulation {estimate.mean:.6g} +- {estimate.standard_error:.1g} ({z=:.1f})"
        checks.append(Check(f"simulation of {name}", finding, Verdict.CONSISTENT if z <= MAX_Z else Verdict.REFUTED))
    return checks
