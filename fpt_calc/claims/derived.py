"""The derived side of claims: limits of random traces, in free coordinates and as numbers at exact points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import zip_longest

from fpt_calc.claims.points import ExactPoint, exact_point
from fpt_calc.claims.roots import Memo
from fpt_calc.claims.symbols import random_traces
from fpt_calc.closed_form import Coordinates, check_random, solved_points
from fpt_calc.closed_form.parameters import coordinates
from fpt_calc.derivation import LimitLaw, derive_law
from fpt_calc.errors import ComputationError, FptError
from fpt_calc.expr import Trace
from fpt_calc.problem import Problem
from fpt_calc.scalars import Scalar, generator_scalar, substitute
from fpt_calc.solve import Result, Solution, solve

ATTEMPTS = 40  # seeds that are tried for admissible points
MAX_ORDERS = 6  # of the dimensions, at which claims are tested


@dataclass(frozen=True)
class SolvedPoint:
    """An exact point and the solution of the system there in double precision."""

    exact: ExactPoint
    solution: Solution


@dataclass(frozen=True)
class Derived:
    """The limits of some traces of random matrices of a problem.

    Attributes
    ----------
    names : what the limit of each trace is called in ``law``.
    draws, roots : the random points drawn so far, and roots found there; claims about one problem share them.
    known : the solutions found so far, by seed.
    """

    problem: Problem
    law: LimitLaw
    names: dict[Trace, str]
    draws: dict[int, ExactPoint | None]
    roots: Memo
    known: dict[int, SolvedPoint | None] = field(default_factory=dict)

    def limit(self, value: Scalar) -> Scalar:
        """A scalar with its random traces replaced by their limits in the unknowns of the system."""
        return substitute(value, {t: self.law.system.outputs[name] for t, name in self.names.items()})

    @cached_property
    def coordinates(self) -> Coordinates:
        """Free coordinates of the system; raises `CannotDecideError` where there are none."""
        commute = self.problem.commute
        return coordinates(self.law.system, solved_points(self.law.system, commute), commute)

    def drawn(self, seed: int) -> ExactPoint | None:
        """A random exact point for the names of the problem; None where shapes do not fit."""
        if seed not in self.draws:
            self.draws[seed] = _draw(self.problem, seed)
        return self.draws[seed]

    def seeds(self) -> tuple[list[int], int]:
        """Seeds of random points, the first of each order of the dimensions in front, and how many orders there are.

        Which root or which limit is meant differs between orders of the dimensions.
        """
        queues: dict[tuple[str, ...], list[int]] = {}
        for seed in range(ATTEMPTS):
            start = self.drawn(seed)
            if start is not None:
                dims = start.point.dims
                queues.setdefault(tuple(sorted(dims, key=lambda name: dims[name])), []).append(seed)
        rounds = zip_longest(*queues.values())
        return [seed for row in rounds for seed in row if seed is not None], min(len(queues), MAX_ORDERS)

    def solved(self, seed: int) -> SolvedPoint | None:
        """One random point with its solution, None where the problem has none."""
        if seed not in self.known:
            exact = self.drawn(seed)
            try:
                self.known[seed] = None if exact is None else self.solved_at(exact)
            except FptError:
                self.known[seed] = None
        return self.known[seed]

    def solved_at(self, exact: ExactPoint) -> SolvedPoint:
        """The solution at an exact point; raises `ComputationError` where there is none."""
        check_random(self.law.system, exact.point)
        solution = solve(self.law.system, exact.point)
        if solution.result is not Result.SUCCESS:
            raise ComputationError(solution.result.value)
        return SolvedPoint(exact, solution)


def _draw(problem: Problem, seed: int) -> ExactPoint | None:
    atoms = [a for a in problem.atoms.values() if not a.is_random]
    try:
        return exact_point(atoms, [*problem.dims.values(), *problem.scalars.values()], problem.commute, seed)
    except ComputationError:
        return None


def derive_limits(
    problem: Problem, traces: Sequence[Trace], draws: dict[int, ExactPoint | None], roots: Memo
) -> Derived:
    """Derive the limits of traces of random matrices; raises what `derive_law` raises."""
    taken = {*problem.dims, *problem.scalars, *problem.atoms, *problem.definitions, *problem.ratios}
    names: dict[Trace, str] = {}
    for k, trace in enumerate(traces, 1):
        name = f"t{k}"
        while name in taken:
            name += "_"
        names[trace] = name
    law = derive_law({name: generator_scalar(t) for t, name in names.items()}, commute=problem.commute)
    return Derived(problem, law, names, draws, roots)


@dataclass
class Derivations:
    """The laws that claims about a problem need, each derived once; working data."""

    problem: Problem
    known: dict[tuple[Trace, ...], Derived] = field(default_factory=dict)
    draws: dict[int, ExactPoint | None] = field(default_factory=dict)
    roots: Memo = field(default_factory=dict)

    def of(self, *sides: Scalar) -> Derived:
        """The law of the random traces in some scalars; of all targets if there are none."""
        traces = tuple(dict.fromkeys(t for s in sides for t in random_traces(s)))
        if not traces:
            traces = tuple(dict.fromkeys(t for s in self.problem.targets.values() for t in random_traces(s)))
        if traces not in self.known:
            self.known[traces] = derive_limits(self.problem, traces, self.draws, self.roots)
        return self.known[traces]
