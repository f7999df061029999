"""The numbers of a program at a point, in double precision."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from fpt_calc.closed_form import unfolded
from fpt_calc.errors import ComputationError, InputError
from fpt_calc.expr import Atom, constituents
from fpt_calc.learning.combination import Combination
from fpt_calc.learning.parameters import StageParameter
from fpt_calc.learning.program import Loop, PowerOf, Program, ScalarDefinition
from fpt_calc.point import Dense, Multiple, NumericModel, Point, arrays
from fpt_calc.scalars import Generator, Scalar
from fpt_calc.solve import Result, solve
from fpt_calc.system import FixedPointSystem

MOST_ROUNDS = 10**6


class ProgramModel(NumericModel):
    """Values at a point, with those of parameters, named scalars and matrices of a program."""

    def __init__(self, point: Point) -> None:
        super().__init__(point)
        self.known: dict[Generator, Any] = {}
        self.matrices: dict[Atom, Any] = {}

    def atom(self, atom: Atom) -> Any:
        return self.matrices[atom] if atom in self.matrices else super().atom(atom)

    def value(self, scalar: Scalar) -> Any:
        """A scalar with abbreviations."""
        return self.scalar(unfolded(scalar))

    def combination(self, terms: Combination) -> Any:
        """A deterministic matrix."""
        total: Any = np.zeros(())
        for word, coefficient in terms.terms.items():
            total = arrays.add(total, np.asarray(self.value(coefficient)) * self.matrix(word))
        return total

    def _generator(self, generator: Generator) -> Any:
        if generator in self.known:
            return self.known[generator]
        if isinstance(generator, PowerOf):
            return self.value(generator.base) ** self.rounds(generator.exponent)
        return super()._generator(generator)

    def rounds(self, count: Scalar) -> int:
        """A number of generations."""
        value = self.value(count)
        if value != int(value) or value < 0:
            raise InputError(f"{count} = {value} generations", where="at", remedy="give a nonnegative integer")
        return int(value)


def evaluate(program: Program, point: Point) -> dict[str, float]:
    """The values of a program at a point; loops add one value ``source.NAME_k`` for each generation k.

    Raises `InputError` for missing or contradictory numbers, `ComputationError` if no solution was found.
    """
    model = ProgramModel(point)
    model.known.update(parameter_values(program.parameters, point))
    for definition in program.definitions:
        if isinstance(definition, ScalarDefinition):
            model.known[definition.symbol] = model.value(definition.value)
        else:
            _run(definition, model)
    return {name: model.value(value) for name, value in program.values.items()}


def _run(loop: Loop, model: ProgramModel) -> None:
    rounds = model.rounds(loop.count)
    if rounds > MOST_ROUNDS:
        raise InputError(f"{rounds} generations", where="at", remedy=f"give at most {MOST_ROUNDS}")
    current = {letter: model.combination(start) for letter, start in loop.letters.items()}
    sums: dict[Generator, float] = dict.fromkeys(loop.sums, 0.0)
    for _ in range(rounds):
        model.matrices.update(current)
        for definition in loop.definitions:
            model.known[definition.symbol] = model.value(definition.value)
        for symbol, value in loop.sums.items():
            sums[symbol] += model.value(value)
        current = {letter: model.combination(value) for letter, value in loop.body.items()}
    model.matrices.update(current)
    model.known.update(sums)


def parameter_values(parameters: tuple[StageParameter, ...], point: Point) -> dict[Generator, float]:
    """The values of the parameters at a point."""
    values: dict[Generator, float] = {}
    solved: dict[int, NumericModel] = {}
    for p in parameters:
        if p.law is None or p.meaning is None:
            values[p.symbol] = positive_root(_relation(p, point), p.symbol.name)
            continue
        key = id(p.law)
        if key not in solved:
            solution = solve(p.law.system, completed(p.law.system, point))
            if solution.result is not Result.SUCCESS:
                raise ComputationError(solution.result.value, where=p.symbol.name)
            solved[key] = NumericModel(point, solution.values)
        values[p.symbol] = solved[key].scalar(p.meaning)
    return values


def _relation(parameter: StageParameter, point: Point) -> Callable[[float], float]:
    model = ProgramModel(point)

    def relation(x: float) -> float:
        model.known = {parameter.symbol: x}
        return float(model.value(parameter.relation))

    return relation


def positive_root(relation: Callable[[float], float], name: str) -> float:
    """The root of a function that changes its sign once on the positive axis, by bisection of the exponent."""
    low, high = 1e-3, 1e3
    while relation(low) * relation(high) > 0:
        low, high = low / 1e3, high * 1e3
        if high > 1e60:
            raise ComputationError(f"no positive root {name}", remedy="are there fewer samples than dimensions?")
    sign = relation(low) > 0
    while high / low > 1 + 4e-16:
        middle = math.sqrt(low * high)
        if middle in (low, high):
            break
        if (relation(middle) > 0) == sign:
            low = middle
        else:
            high = middle
    return math.sqrt(low * high)


def completed(system: FixedPointSystem, point: Point) -> Point:
    """The point with zero for matrices that only test: unknowns of the parameters do not depend on them."""
    known: Mapping[str, Any] = point.matrices
    matrices = dict(known)
    model = NumericModel(point)
    for part in constituents([*system.scalars, *system.matrices]):
        if isinstance(part, Atom) and not part.is_random and part.name not in matrices:
            if part.rows == part.cols:
                matrices[part.name] = Multiple(0)
            else:
                matrices[part.name] = Dense(np.zeros((model.size(part.rows), model.size(part.cols))))
    return Point(point.dims, point.scalars, matrices, point.commute)
