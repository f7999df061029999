"""Solved random points: which factor of a relation, which sign of a root, and whether a formula is right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fpt_calc.closed_form.sample import sample_point
from fpt_calc.errors import CannotDecideError, FptError
from fpt_calc.point import NumericModel, Point
from fpt_calc.problem.values import check_law
from fpt_calc.scalars import ONE, Scalar, from_polynomial, ring
from fpt_calc.solve import Result, Solution, solve
from fpt_calc.spectral import Commutation
from fpt_calc.system import FixedPointSystem, Unknown

POINTS = 3
ATTEMPTS = 12
AGREEMENT = 1e-6  # relative; a different rational function misses it at random points with probability near 1


@dataclass(frozen=True)
class SolvedPoints:
    """Random admissible points with the solver's solution."""

    points: tuple[tuple[Point, Solution], ...]

    def model(self, k: int, meanings: Mapping[Unknown, Scalar]) -> NumericModel:
        """Point k, with the parameters that have these meanings in the unknowns of the system."""
        point, solution = self.points[k]
        numbers = NumericModel(point, solution.values)
        return NumericModel(point, {s: numbers.scalar(m) for s, m in meanings.items()})

    def physical_factor(self, relation: Scalar, meanings: Mapping[Unknown, Scalar]) -> Scalar:
        """The factor of a relation that vanishes at the points."""
        _, factors = relation.num.factor()
        parts = [from_polynomial(relation.gens, f) for f, _ in factors]
        if len(parts) == 1:
            return parts[0]
        models = [self.model(k, meanings) for k in range(len(self.points))]
        found = [p for p in parts if models and all(_vanishes(p, model) for model in models)]
        if len(found) != 1:
            raise CannotDecideError(f"which factor of {relation} vanishes is not clear", remedy="use the equations")
        return found[0]


def _vanishes(polynomial: Scalar, model: NumericModel) -> bool:
    """Whether a polynomial is small against its terms."""
    context = ring(polynomial.gens)
    terms = [from_polynomial(polynomial.gens, context.from_dict({m: c})) for m, c in polynomial.num.to_dict().items()]
    return bool(abs(model.scalar(polynomial)) <= AGREEMENT * sum(abs(model.scalar(t)) for t in terms or [ONE]))


def solved_points(system: FixedPointSystem, groups: Commutation = ()) -> SolvedPoints:
    """The first random admissible points at which the solver succeeds."""
    result: list[tuple[Point, Solution]] = []
    for seed in range(ATTEMPTS):
        point = sample_point(system, groups, seed)
        try:
            check_random(system, point)
            solution = solve(system, point)
        except FptError:
            continue
        if solution.result is Result.SUCCESS:
            result.append((point, solution))
        if len(result) == POINTS:
            break
    return SolvedPoints(tuple(result))


def check_random(system: FixedPointSystem, point: Point) -> None:
    """Raise `InputError` at a point where a variance or a shape of a random matrix is not positive."""
    model = NumericModel(point)
    for atom in {entry.letter.atom for entry in system.random}:
        for dim in atom.shape:
            model.dimension(dim)
        check_law(model, atom)
