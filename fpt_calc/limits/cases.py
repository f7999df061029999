"""Limits of a closed form: branches of its parameter, the regions where they apply, and the values there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from math import ceil, lcm

from fpt_calc.closed_form import ClosedForm, Coordinates
from fpt_calc.closed_form.bases import Style
from fpt_calc.closed_form.form import labels
from fpt_calc.closed_form.polynomials import degree, solved_for
from fpt_calc.errors import CannotDecideError, InputError
from fpt_calc.expr import Expr
from fpt_calc.limits.branches import DEPTHS, Branch, branches
from fpt_calc.limits.expand import Expander
from fpt_calc.limits.regions import Region, Signs, cells, chosen, region, sample, sizes, thresholds
from fpt_calc.limits.result import LimitCase, LimitResult
from fpt_calc.limits.series import PrecisionError, Series
from fpt_calc.limits.setting import Approach, Stratum
from fpt_calc.limits.show import Manner, case_of
from fpt_calc.point import Point
from fpt_calc.scalars import Dimension, Scalar, generator_scalar
from fpt_calc.system import FixedPointSystem


@dataclass(frozen=True)
class Task:
    """A limit to be taken.

    Attributes
    ----------
    system : the reduced system.
    form : its closed form.
    values : the targets in free coordinates.
    approach : what tends to its limit.
    order : the number of correction terms behind the leading one.
    expansions, branches : what has been expanded so far.
    """

    system: FixedPointSystem
    coordinates: Coordinates
    values: Mapping[str, Scalar]
    approach: Approach
    order: int
    expansions: dict[tuple[int, Fraction], Series] = field(default_factory=dict)
    branches: list[Branch] = field(default_factory=list)

    def expansion(self, branch: Branch, depth: Fraction) -> Series:
        """The parameter on a branch, computed once; branches live as long as the task."""
        key = (id(branch), depth)
        if key not in self.expansions:
            self.expansions[key] = branch.expansion(self.approach, depth)
            self.branches.append(branch)
        return self.expansions[key]

    @cached_property
    def points(self) -> tuple[Point, ...]:
        """Random points at which branches are told apart."""
        return sample(self.system, self.coordinates.groups, self.values.values())


@dataclass(frozen=True)
class SeriesCase:
    """A limit in one region of the dimensions, exact and not yet printed.

    Attributes
    ----------
    stratum : dimensions that are expressed by others.
    region : the inequalities between dimensions and scalars; None where there is one case only.
    branch : the branch of the parameter; None without a parameter.
    series : the targets in powers of the small quantity.
    inverted : the matrices that have to be invertible.
    """

    stratum: Stratum
    region: Region | None
    branch: Branch | None
    series: Mapping[str, Series]
    inverted: tuple[Expr, ...]


@dataclass
class _Found:
    """Cases in the order in which they are found; working data."""

    cases: list[SeriesCase] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    strata: set[frozenset[str]] = field(default_factory=set)


def limit_of(system: FixedPointSystem, form: ClosedForm, approach: Approach, order: int = 0) -> LimitResult:
    """The limit of every target of a closed form, by cases.

    Parameters
    ----------
    system, form : the reduced system and its closed form.
    approach : what tends to its limit; see `fpt_calc.limits.read_approach`.
    order : the number of correction terms behind the leading one.

    Raises
    ------
    CannotDecideError
        where there is more than one parameter, or where the branch of the solution is not clear.
    """
    found = form.coordinates
    values = {name: found.canonical(value) for name, value in system.outputs.items()}
    task = Task(system, found, values, approach, order)
    cases, undecided = series_cases(task)
    return LimitResult(approach, tuple(_printed(task, form, c) for c in cases), undecided)


def series_cases(task: Task) -> tuple[tuple[SeriesCase, ...], tuple[str, ...]]:
    """The series of a limit by regions, and the conditions that are left out, with the reason.

    Raises `CannotDecideError` where there is more than one parameter, or where the branch of the solution is not clear.
    """
    found = task.coordinates
    if not found.parameters:
        return (_case(task, Stratum(), None, None),), ()
    if len(found.parameters) > 1:
        names = ", ".join(p.symbol.name for p in found.parameters)
        raise CannotDecideError(
            f"the limit of several parameters {names} at once", remedy="evaluate the law near the limit"
        )
    result = _Found()
    _collect(task, Stratum(), (), result)
    return tuple(result.cases), tuple(result.undecided)


def _collect(task: Task, stratum: Stratum, larger: tuple[Region, ...], result: _Found) -> None:
    """The cases on a stratum that belong to no case of a larger one, then those at the thresholds between them."""
    (parameter,), (relation,) = task.coordinates.parameters, task.coordinates.relations
    relation = stratum.apply(relation)
    if parameter.base is not None:
        parameter = replace(parameter, base=stratum.resized(parameter.base))
    values = [stratum.apply(v) for v in task.values.values()]
    options = branches(parameter, relation, task.approach)
    if not options:
        name = parameter.symbol.name
        raise CannotDecideError(f"no leading term of {name} was found", remedy="evaluate the law near the limit")
    tests = thresholds([relation, *values], options, [task.approach.generator])
    if len(options) == 1 and (options[0].root is None or not thresholds([], options, [])):
        tests = []
    found = cells(task.points, stratum, tests)
    fresh = [c for c in found if not any(r.contains(sizes(c.points[0])) for r in larger)]
    new = [(c, chosen(task.system, options, task.approach, stratum, c)) for c in fresh]
    regions: list[Region] = []
    for branch in options:
        own = {c.signs for c, b in new if b is branch}
        others = {c.signs for c in found} - own
        for one in _regions(own, others, tests):
            regions.append(one)
            result.cases.append(_case(task, stratum, one, branch))
    known: dict[Signs, Branch | None] = {c.signs: None for c in found} | {c.signs: b for c, b in new}
    for test in _boundaries(known, tests):
        _collect_at(task, stratum, test, (*larger, *regions), result)


def _regions(own: set[Signs], others: set[Signs], tests: Sequence[Scalar]) -> list[Region]:
    """The cells of a branch as one region where that is possible."""
    if not own:
        return []
    whole = region(own, others, tests)
    if whole is not None:
        return [whole]
    parts = (region({s}, (own | others) - {s}, tests) for s in sorted(own))
    return [p for p in parts if p is not None]


def _boundaries(by_signs: Mapping[Signs, Branch | None], tests: Sequence[Scalar]) -> list[Scalar]:
    """The thresholds across which the branch changes."""
    result = []
    for k, test in enumerate(tests):
        for signs, branch in by_signs.items():
            mirrored = (*signs[:k], -signs[k], *signs[k + 1 :])
            if mirrored in by_signs and by_signs[mirrored] is not branch:
                result.append(test)
                break
    return result


def _collect_at(task: Task, stratum: Stratum, test: Scalar, larger: tuple[Region, ...], result: _Found) -> None:
    options = [g for g in test.gens if isinstance(g, Dimension) and degree(test, g) == 1]
    options = [g for g in options if g != task.approach.generator]
    if not options:
        return
    chosen_dim = min(options, key=lambda g: g.name)
    smaller = stratum.on(chosen_dim, solved_for(test, chosen_dim))
    key = frozenset(smaller.conditions())
    if key in result.strata:
        return
    result.strata.add(key)
    try:
        _collect(task, smaller, larger, result)
    except (CannotDecideError, InputError) as error:  # a value may have a pole just there
        result.undecided.append(f"{', '.join(smaller.conditions())} ({error.what})")


def _case(task: Task, stratum: Stratum, where: Region | None, branch: Branch | None) -> SeriesCase:
    """The values on one branch."""
    needed: dict[Expr, None] = {}
    series = {n: _expanded(task, stratum.apply(v), branch, needed) for n, v in task.values.items()}
    return SeriesCase(stratum, where, branch, series, tuple(needed))


def _printed(task: Task, form: ClosedForm, case: SeriesCase) -> LimitCase:
    """A case as formulas."""
    where = case.region
    condition = ", ".join([*case.stratum.conditions(), *([] if where is None else where.texts())])
    # degrees of freedom run up to the rank: where it is full, to the dimension
    bases = [str(p.base) for p in task.coordinates.parameters if p.base is not None]
    requires = tuple(dict.fromkeys([*(str(e) for e in case.inverted), *bases]))
    parameter = None if case.branch is None else _parameter_series(task, case.branch)
    positive = () if where is None else tuple(where.positive())
    manner = Manner(task.approach.small, style(form, case.stratum), task.order, positive)
    return replace(case_of(case.series, parameter, case.branch, manner), condition=condition, requires=requires)


def _parameter_series(task: Task, branch: Branch) -> Series:
    for depth in DEPTHS:
        try:
            found = task.expansion(branch, depth)
        except PrecisionError:
            continue
        if (len(found.terms) > task.order and depth >= 1) or found.bound is None:
            break
    return _on_lattice(found, branch)


def _expanded(task: Task, value: Scalar, branch: Branch | None, needed: dict[Expr, None]) -> Series:
    """A value as a series with the terms that are printed, if there are so many within the depths that are tried."""
    best: Series | None = None
    for depth in DEPTHS:
        try:
            found, inverted = _at_depth(task, value, branch, depth)
        except PrecisionError:
            continue
        except CannotDecideError:
            if best is None:
                raise
            break
        if found.terms or found.bound is None:
            best = found
        if found.bound is None or (len(found.terms) > task.order and depth >= 1):
            break
    if best is None:
        raise CannotDecideError("no term of an expansion was found", remedy="evaluate the law near the limit")
    needed.update(inverted)
    return _on_lattice(best, branch)


def _on_lattice(found: Series, branch: Branch | None) -> Series:
    """A simple root is a power series in ``eps**(1/q)``, q from its first terms: the remainder is one of its powers."""
    exponents = () if branch is None else (branch.exponent, *branch.prefix)
    q = lcm(*(e.denominator for e in exponents))
    bound = None if found.bound is None else Fraction(ceil(found.bound * q), q)
    return replace(found, bound=bound)


def _at_depth(task: Task, value: Scalar, branch: Branch | None, depth: Fraction) -> tuple[Series, dict[Expr, None]]:
    images = {task.approach.generator: task.approach.series(depth)}
    if branch is not None:
        images[branch.parameter.symbol] = task.expansion(branch, depth)
    expander = Expander(images, (lambda c: c) if branch is None else branch.free, depth)
    return expander.scalar(value), expander.inverted


def style(form: ClosedForm, stratum: Stratum) -> Style:
    """How traces of a closed form are printed on a stratum."""
    pairs = zip(form.coordinates.parameters, labels(form.coordinates), strict=True)
    named = {(stratum.resized(p.base), generator_scalar(p.symbol)): t for p, t in pairs if p.base is not None}
    return Style(
        frozenset(base for base, _ in named), tuple(named.items()), any("Tr(" in line for line in form.lines())
    )
