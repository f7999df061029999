"""The numbers of a program at a point, in double precision or in balls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import flint
import numpy as np

from fpt_calc.certify import certify
from fpt_calc.closed_form import unfolded
from fpt_calc.errors import CannotDecideError, InputError
from fpt_calc.expr import Atom, Expr
from fpt_calc.learning.combination import Combination
from fpt_calc.learning.program import (
    Definition,
    LawDefinition,
    Loop,
    MatrixDefinition,
    PowerOf,
    Program,
    ScalarDefinition,
)
from fpt_calc.learning.roots import parameter_balls, parameter_values, solution_of
from fpt_calc.point import (
    Ball,
    BallModel,
    Dense,
    Eigenvalues,
    MatrixData,
    Multiple,
    NumericModel,
    Point,
    arrays,
    ball_arrays,
    ball_digits,
)
from fpt_calc.scalars import Generator, Scalar

MOST_ROUNDS = 10**6
MOST_POWERS = 5000
ROUNDING = 1e-13


class ProgramModel(Protocol):
    """Values at a point, with those of parameters, named scalars and matrices of a program."""

    known: dict[Generator, Any]
    matrices: dict[Atom, Any]

    def value(self, scalar: Scalar) -> Any:
        """A scalar with abbreviations."""

    def sum(self, terms: list[tuple[Any, Any]]) -> Any:
        """The sum of numbers times matrices."""

    def matrix(self, expr: Expr) -> Any:
        """A deterministic matrix."""

    def solved(self, definition: LawDefinition) -> dict[str, Any]:
        """The targets of a law."""


class DoubleModel(NumericModel):
    """In double precision."""

    def __init__(self, point: Point) -> None:
        super().__init__(point)
        self.known: dict[Generator, Any] = {}
        self.matrices: dict[Atom, Any] = {}

    def atom(self, atom: Atom) -> Any:
        return self.matrices[atom] if atom in self.matrices else super().atom(atom)

    def value(self, scalar: Scalar) -> Any:
        return self.scalar(unfolded(scalar))

    def sum(self, terms: list[tuple[Any, Any]]) -> Any:
        total: Any = np.zeros(())
        for factor, matrix in terms:
            total = arrays.add(total, np.asarray(factor) * matrix)
        return total

    def solved(self, definition: LawDefinition) -> dict[str, Any]:
        matrices = {a.name: _data(_combined(self, value)) for a, value in definition.letters.items()}
        point = replace(self.point, matrices={**self.point.matrices, **matrices})
        return dict(solution_of(definition.law.system, point).outputs)

    def _generator(self, generator: Generator) -> Any:
        if generator in self.known:
            return self.known[generator]
        if isinstance(generator, PowerOf):
            return self.value(generator.base) ** rounds(self, generator.exponent)
        return super()._generator(generator)


class BallProgramModel(BallModel):
    """In balls, at the working precision."""

    def __init__(self, point: Point, digits: int) -> None:
        super().__init__(point)
        self.digits = digits
        self.known: dict[Generator, Any] = {}
        self.matrices: dict[Atom, Any] = {}

    def atom(self, atom: Atom) -> Any:
        return self.matrices[atom] if atom in self.matrices else super().atom(atom)

    def value(self, scalar: Scalar) -> Any:
        return self.scalar(unfolded(scalar))

    def sum(self, terms: list[tuple[Any, Any]]) -> Any:
        total: Any = flint.arb(0)
        for factor, matrix in terms:
            total = ball_arrays.add(total, factor * matrix)
        return total

    def solved(self, definition: LawDefinition) -> dict[str, Any]:
        if definition.letters:
            what = "a stage of several models takes a matrix of a later one in double precision"
            raise CannotDecideError(what, remedy="ask for values without a certificate")
        system = definition.law.system
        approximation = solution_of(system, self._point).values
        return dict(certify(system, self._point, approximation, self.digits).outputs)

    def _generator(self, generator: Generator, unknowns: Mapping[Any, Ball]) -> Any:
        if generator in self.known:
            return self.known[generator]
        if isinstance(generator, PowerOf):
            return self.value(generator.base) ** rounds(self, generator.exponent)
        return super()._generator(generator, unknowns)


def rounds(model: ProgramModel, count: Scalar) -> int:
    """A number of generations; raises `InputError` if it is none, or too large."""
    value = float(model.value(count))
    if value != int(value) or value < 0:
        raise InputError(f"{count} = {value} generations", where="at", remedy="give a nonnegative integer")
    if value > MOST_ROUNDS:
        raise InputError(f"{value:g} generations", where="at", remedy=f"give at most {MOST_ROUNDS}")
    return int(value)


def evaluate(program: Program, point: Point, shift: float = 0.0) -> dict[str, float]:
    """The values of a program at a point; loops add a value ``source.NAME_k`` for each generation k.

    ``shift`` : a relative change of the parameters, to see how much the values depend on them.

    Raises `InputError` for missing or contradictory numbers, `ComputationError` if no solution was found.
    """
    values, _ = solved_model(program, point, shift)
    return values


def solved_model(program: Program, point: Point, shift: float = 0.0) -> tuple[dict[str, float], DoubleModel]:
    """The values of a program, and the model that knows its parameters and definitions; see `evaluate`."""
    point = program.completed(point)
    model = DoubleModel(point)
    for symbol, value in parameter_values(program.parameters, point).items():
        model.known[symbol] = value * (1 + shift)
    return _computed(program, model), model


@dataclass(frozen=True)
class CertifiedErrors:
    """Balls that hold the values of a program, with what was shown of the parameters."""

    values: dict[str, Ball]
    digits: dict[str, int]
    evidence: tuple[str, ...]


def certified_errors(program: Program, point: Point, digits: int) -> CertifiedErrors:
    """Balls around the values of a program, parameters enclosed with proof.

    Raises `CannotDecideError` with the reason where a parameter is not enclosed.
    """
    point = program.completed(point)
    known, evidence = parameter_balls(program.parameters, point, digits + 10)
    with flint.ctx.workprec(int((digits + 25) * 3.33)):
        model = BallProgramModel(point, digits + 10)
        model.known.update(known)
        values = _computed(program, model)
    return CertifiedErrors(values, {name: ball_digits(v, digits) for name, v in values.items()}, evidence)


def growth_factors(program: Program, point: Point) -> dict[str, float]:
    """For each chain that stays a loop: by which factor a generation multiplies errors handed to it, in the long run.

    It is the spectral radius of ``B -> E[A'BA]``, where A is what a generation makes of the one before: of a positive
    map, found by its powers.  Above one errors grow exponentially in the number of generations, below one they are
    forgotten.

    Raises `InputError` for missing or contradictory numbers, `ComputationError` if no solution was found.
    """
    point = program.completed(point)
    model = DoubleModel(point)
    model.known.update(parameter_values(program.parameters, point))
    found: dict[str, float] = {}
    for definition in program.definitions:
        _defined(definition, model)
        if isinstance(definition, Loop):
            found[definition.name] = _spectral_radius(definition, model)
            _run(definition, model)
    return found


def _spectral_radius(loop: Loop, model: DoubleModel) -> float:
    """The growth of the first letter, which depends on itself alone, from the identity."""
    letter = next(iter(loop.letters))
    current: Any = np.asarray(1.0)
    radius = 0.0
    for _ in range(MOST_POWERS):
        model.matrices.update({a: np.zeros(()) for a in loop.letters} | {letter: current})
        for definition in loop.definitions:
            model.known[definition.symbol] = model.value(definition.value)
        after = _combined(model, loop.body[letter])
        norm = _largest(after)
        if norm == 0 or abs(norm - radius) <= ROUNDING * norm:
            return norm
        current, radius = after / norm, norm
    return radius


def _largest(value: Any) -> float:
    """The largest eigenvalue of a psd matrix."""
    return float(np.linalg.eigvalsh(value)[-1] if value.ndim == 2 else np.max(value))


def _computed(program: Program, model: ProgramModel) -> dict[str, Any]:
    for count in program.positive:
        if rounds(model, count) < 1:
            what = "no generation of a chain on one design"
            raise InputError(what, where=f"at.{count}", remedy="give at least 1, or ask about the start of the chain")
    generations: dict[str, Any] = {}
    for definition in program.definitions:
        _defined(definition, model)
        if isinstance(definition, Loop):
            generations |= _run(definition, model)
    return {name: model.value(value) for name, value in program.values.items()} | generations


def _defined(definition: Definition, model: ProgramModel) -> None:
    """Give the names of a definition their values; loops are run apart."""
    match definition:
        case ScalarDefinition(symbol=symbol, value=value):
            model.known[symbol] = model.value(value)
        case MatrixDefinition(letter=letter, value=terms):
            model.matrices[letter] = _combined(model, terms)
        case LawDefinition(symbols=symbols):
            outputs = model.solved(definition)
            model.known.update({symbol: outputs[name] for symbol, name in symbols.items()})


def _run(loop: Loop, model: ProgramModel) -> dict[str, Any]:
    """Run a loop; what each generation adds to its sums, the first generation being the last round."""
    count = rounds(model, loop.count)
    current = {letter: _combined(model, start) for letter, start in loop.letters.items()}
    history: dict[str, list[Any]] = {name: [] for name in loop.sources.values()}
    sums: dict[Generator, Any] = {symbol: 0 for symbol in loop.sums}
    for _ in range(count):
        model.matrices.update(current)
        for definition in loop.definitions:
            model.known[definition.symbol] = model.value(definition.value)
        for symbol, value in loop.sums.items():
            added = model.value(value)
            sums[symbol] = sums[symbol] + added
            history[loop.sources[symbol]].append(added)
        current = {letter: _combined(model, value) for letter, value in loop.body.items()}
    model.matrices.update(current)
    model.known.update(sums)
    return {
        f"source.{name}_{k}": value for name, values in history.items() for k, value in enumerate(reversed(values), 1)
    }


def _combined(model: ProgramModel, terms: Combination) -> Any:
    return model.sum([(model.value(c), model.matrix(word)) for word, c in terms.terms.items()])


def _data(value: Any) -> MatrixData:
    """An array as data of a point."""
    if value.ndim == 0:
        return Multiple(float(value))
    return Eigenvalues(tuple(value.tolist())) if value.ndim == 1 else Dense(value)
