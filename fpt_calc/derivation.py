"""From targets to their limiting law: the stages of the engine in order, each with its checked step (floor 10)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from fpt_calc.assumptions import conditions
from fpt_calc.closed_form import (
    ClosedForm,
    closed_form,
    closed_form_evidence,
    closed_statement,
    flat_targets,
    matrix_form_is_correct,
    system_statement,
)
from fpt_calc.errors import CannotDecideError, ComputationError, InputError
from fpt_calc.expr import (
    Atom,
    Expr,
    Trace,
    constituents,
    is_deterministic,
    map_traces,
    reached,
    replace_atoms,
    traces_of,
)
from fpt_calc.logic import (
    Citation,
    Condition,
    Derivation,
    Evidence,
    Statement,
    Status,
    Step,
    Theorem,
    checked_step,
    theorem,
)
from fpt_calc.pencil import (
    Memo,
    TracePencils,
    absorb_neighbours,
    normalize,
    realization_is_correct,
    square_roots,
    trace_pencils,
)
from fpt_calc.reduce import Equations, equations, equations_are_correct, matrix_form, needed_by, reduce_system
from fpt_calc.scalars import Dimension, Parameter, Scalar, denominator, generator_scalar, is_fixed
from fpt_calc.self_energy import dyson_system
from fpt_calc.solve import same_series
from fpt_calc.system import BRANCH, FixedPointSystem, Unknown

T = TypeVar("T")

DYSON = Citation(
    "Dyson equation of Gaussian pencils", "Helton, Rashidi Far, Speicher 2007; Haagerup, Thorbjornsen 2005"
)


@dataclass(frozen=True)
class LimitLaw:
    """The limiting law of some targets.

    Attributes
    ----------
    targets : the targets as stated, scalars in traces.
    pencils : for each random trace (after `absorb_neighbours`), the pencils that represent it.
    raw : the Dyson system as it comes from the pencils.
    system : the reduced system.
    equations : the reduced system in symbols; None where it would be too long to read.
    derivation : the checked steps.
    seconds : time spent in each stage.
    commute : groups of names of deterministic matrices that commute; closed forms use it.
    """

    targets: Mapping[str, Scalar]
    pencils: Mapping[Trace, TracePencils]
    raw: FixedPointSystem
    system: FixedPointSystem
    equations: Equations | None
    derivation: Derivation
    seconds: Mapping[str, float]
    commute: tuple[tuple[str, ...], ...] = ()

    def pencil_states(self, target: str) -> int:
        """The number of states of the largest pencil of a target."""
        rewritten = _absorbed({target: self.targets[target]}, self.targets)[target]
        sizes = [p.pencil.states for t in traces_of(rewritten) if t in self.pencils for p in self.pencils[t].terms]
        return max(sizes, default=0)

    @cached_property
    def closed_form(self) -> ClosedForm | None:
        """The limits as formulas in the parameters of the field; None where `find_closed_form` refuses.

        A form that fails its own check is a defect, but not a reason to withhold the equations and the numbers.
        """
        try:
            return self.find_closed_form()
        except (CannotDecideError, ComputationError):
            return None

    def find_closed_form(self) -> ClosedForm:
        """The limits as formulas; raises `CannotDecideError` where there are none, or none that can be read."""
        return closed_form(self.system, any(_is_unnormalized(t) for t in self.targets.values()), self.commute)

    @cached_property
    def theorem(self) -> Theorem:
        """The law as a theorem, stated in closed form where there is one."""
        statement = system_statement(self.targets, self.system, self.equations)
        steps = self.derivation.steps
        if self.equations is None:
            steps += (_matrix_form_step(self.system, statement),)
        closed = self.closed_form if self.system.unknowns else None
        if closed is None:
            return theorem(statement, conditions(self.targets), Derivation(steps))
        final = closed_statement(self.targets, closed)
        steps += (_closed_form_step(self.system, closed, statement, final),)
        own = [_parameter_condition(p.symbol.name, p.condition) for p in closed.parameters]
        return theorem(final, (*conditions(self.targets), *own), Derivation(steps))

    def lines(self) -> list[str]:
        """The system as Python text: definitions and equations, or its matrix form where these are too long to read."""
        return matrix_form(self.system) if self.equations is None else self.equations.lines()

    def unknowns_of(self, target: str) -> tuple[Unknown, ...]:
        """The unknowns on which a target depends, in the order of solution."""
        needed = {g for g in self.system.outputs[target].gens if isinstance(g, Unknown)}
        for component in reversed(self.system.components):
            if needed & set(component.unknowns):
                needed |= component.depends_on | set(component.unknowns)
        return tuple(u for u in self.system.unknowns if u in needed)


def derive_law(
    targets: Mapping[str, Scalar], given: Iterable[Atom] = (), commute: tuple[tuple[str, ...], ...] = ()
) -> LimitLaw:
    """Derive the limit of every target.

    Parameters
    ----------
    targets : scalars in traces ``tau(expr)``, by name.
    given : random atoms to condition on: they are treated as deterministic.
    commute : groups of names of deterministic matrices that commute with each other.

    Raises
    ------
    InputError
        if two atoms share a name, a random scalar stands inside a matrix expression or under a square root, or an
        inverse has no constant or positive definite part.

    >>> from fpt_calc.ensembles import Wigner
    >>> from fpt_calc.expr import Inverse, tau
    >>> from fpt_calc.scalars import ONE, Parameter, dimension, generator_scalar
    >>> d, z = dimension("d"), generator_scalar(Parameter("z", "upper"))
    >>> W = Atom("W", d, d, law=Wigner(ONE / d))
    >>> law = derive_law({"m": tau(Inverse(W - z))})
    >>> law.equations.lines(), law.system.outputs
    (['g1 = -1/(g1 + z)'], {'m': g1})
    """
    targets = {name: _conditioned(target, given) for name, target in targets.items()}
    _check_names(targets)
    _check_random_scalars(targets)
    clock = _Clock()
    pencils, rewritten = clock.time("linearize", lambda: _linearize(targets))
    steps = [_pencil_step(targets, pencils)]
    raw = clock.time("self_energy", lambda: dyson_system(rewritten, pencils))
    steps.append(_dyson_step(steps[-1].after, raw))
    system = clock.time("reduce", lambda: reduce_system(raw))
    steps.append(_reduction_step(raw, system))
    symbols = clock.time("equations", lambda: _equations(system))
    if symbols is not None:
        shown = needed_by(symbols, system.outputs.values())
        steps.append(_equations_step(system, symbols, system_statement(targets, system, shown)))
        symbols = shown
    symbolic = clock.seconds.pop("equations")
    seconds = {**clock.seconds, "reduce": clock.seconds["reduce"] + symbolic}
    return LimitLaw(targets, pencils, raw, system, symbols, Derivation(tuple(steps)), seconds, commute)


def _parameter_condition(name: str, condition: str) -> Condition:
    text = f"{name} is the solution by {condition}" if condition == BRANCH else condition
    return Condition("parameter", name, text)


def _is_unnormalized(target: Scalar) -> bool:
    """Whether a target is written with Tr: a trace is multiplied by its dimension."""
    dims = {t.argument.rows for t in traces_of(target) if not is_fixed(t.argument.rows)}
    return any(denominator(target / dim) == denominator(target) for dim in dims)


class _Clock:
    """Seconds by stage; working data of one derivation."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def time(self, stage: str, work: Callable[[], T]) -> T:
        start = time.perf_counter()
        result = work()
        self.seconds[stage] = time.perf_counter() - start
        return result


def _linearize(targets: Mapping[str, Scalar]) -> tuple[dict[Trace, TracePencils], dict[str, Scalar]]:
    rewritten = _absorbed(targets, targets)
    traces = dict.fromkeys(t for s in rewritten.values() for t in traces_of(s) if not is_deterministic(t.argument))
    roots = frozenset(a for t in traces for a in square_roots(t.argument))
    memo: Memo = {}
    return {t: trace_pencils(t.argument, roots, memo) for t in traces}, rewritten


def _absorbed(wanted: Mapping[str, Scalar], targets: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """The wanted targets with deterministic neighbours of Gaussian matrices absorbed, jointly for all targets."""
    arguments = list(dict.fromkeys(t.argument for s in targets.values() for t in traces_of(s)))
    images = dict(zip(arguments, absorb_neighbours([normalize(a) for a in arguments]), strict=True))
    return {name: map_traces(s, lambda a: images[a]) for name, s in wanted.items()}


def _conditioned(target: Scalar, given: Iterable[Atom]) -> Scalar:
    images: dict[Atom, Expr] = {}
    for atom in given:
        law = atom.law
        if law is None:
            raise InputError(f"{atom.name} is not random", where="given", remedy="condition on random matrices only")
        images[atom] = Atom(atom.name, atom.rows, atom.cols, facts=law.facts, entries=law.field)
    return map_traces(target, lambda a: replace_atoms(a, images)) if images else target


def _check_names(targets: Mapping[str, Scalar]) -> None:
    """Two different matrices of one name are an error, covariances included."""
    known: dict[str, Atom] = {}
    declared: set[str] = set()
    for part in constituents(targets.values()):
        if isinstance(part, Atom) and known.setdefault(part.name, part) != part:
            raise InputError(
                f"two different matrices are named {part.name!r}", where=part.name, remedy="rename one of them"
            )
        if isinstance(part, Parameter | Dimension):
            declared.add(part.name)
    for name in targets:
        if name in known or name in declared:
            raise InputError(f"a target has the name of the declared {name!r}", where=name, remedy="rename the target")


def _check_random_scalars(targets: Mapping[str, Scalar]) -> None:
    """Random traces stand in the targets themselves: not in coefficients or variances, not under square roots."""
    for name, target in targets.items():
        for root in (g for g in target.gens if g.square is not None):
            _refuse_random(generator_scalar(root), f"targets.{name}", "make its radicand the target")
        for trace in traces_of(target):
            for inner in reached([trace.argument]):
                if isinstance(inner, Scalar):
                    _refuse_random(inner, f"targets.{name}", "take it out of the trace")


def _refuse_random(value: Scalar, where: str, remedy: str) -> None:
    if any(not is_deterministic(t.argument) for t in traces_of(value)):
        raise InputError(f"the random scalar {value} at a place where a number is needed", where=where, remedy=remedy)


def _equations(system: FixedPointSystem) -> Equations | None:
    try:
        return equations(system)
    except CannotDecideError:
        return None


def _pencil_step(targets: Mapping[str, Scalar], pencils: Mapping[Trace, TracePencils]) -> Step:
    parts = [p for ps in pencils.values() for p in ps.terms]
    passed = all(realization_is_correct(p.pencil, p.opened) for p in parts)
    sizes = ", ".join(str(p.pencil.states) for p in parts)
    return checked_step(
        "linearize",
        Statement(flat_targets(targets), {}).claim,
        f"minimal pencils with {sizes} states" if parts else "no random pencils",
        "a rational expression is a block of the inverse of a linear pencil; minimal over the field of parameters",
        Status.EXACT,
        Evidence("3 random substitutions modulo a 61-bit prime, with random dimensions", passed),
    )


def _dyson_step(before: str, raw: FixedPointSystem) -> Step:
    return checked_step(
        "self-energy",
        before,
        f"Dyson equation with {len(raw.unknowns)} unknowns",
        "Dyson equation of Gaussian pencils, G = (F - eta(G))^-1, with the branch from zero variance",
        Status.ASYMPTOTIC,
        Evidence(f"cited: {DYSON.source}", True),
        (DYSON,),
    )


def _reduction_step(raw: FixedPointSystem, system: FixedPointSystem) -> Step:
    return checked_step(
        "reduce",
        f"Dyson equation with {len(raw.unknowns)} unknowns",
        _size(system),
        "the fixed-point map leaves the subspace of equal unknowns invariant, and the solution starts in it",
        Status.EXACT,
        Evidence(
            "formal solutions of both systems agree to order 4 modulo a 61-bit prime", same_series(raw, system, 4)
        ),
    )


def _size(system: FixedPointSystem) -> str:
    linear = len(system.unknowns) - len(system.nonlinear)
    return (
        f"block matrix with {len(system.dims)} states, {len(system.nonlinear)} nonlinear and {linear} linear unknowns"
    )


def _equations_step(system: FixedPointSystem, symbols: Equations, statement: Statement) -> Step:
    return checked_step(
        "equations",
        _size(system),
        statement.conclusion,
        "block elimination; linear components by Gaussian elimination over the field of traces",
        Status.EXACT,
        Evidence("both sides agree at random values modulo a 61-bit prime", equations_are_correct(system, symbols)),
    )


def _matrix_form_step(system: FixedPointSystem, statement: Statement) -> Step:
    return checked_step(
        "matrix form",
        _size(system),
        statement.conclusion,
        "the block matrix, entry by entry: the expanded equations are too long to read",
        Status.EXACT,
        Evidence("the entries agree at random values modulo a 61-bit prime", matrix_form_is_correct(system)),
    )


def _closed_form_step(system: FixedPointSystem, form: ClosedForm, before: Statement, after: Statement) -> Step:
    return checked_step(
        "closed form",
        before.conclusion,
        after.conclusion,
        "elimination over the field of parameters and traces; factors and roots chosen at the values of the solver",
        Status.EXACT,
        closed_form_evidence(system, form),
    )
