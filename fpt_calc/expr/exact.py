"""Matrices of exact numbers, as a matrix algebra to evaluate expressions in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from fpt_calc.expr.modular import UnluckyModelError
from fpt_calc.expr.nodes import Atom
from fpt_calc.scalars import ONE, ZERO, Scalar


@dataclass(frozen=True)
class ExactMatrix:
    """A matrix of exact numbers."""

    entries: tuple[tuple[Scalar, ...], ...]

    @property
    def columns(self) -> tuple[tuple[Scalar, ...], ...]:
        return tuple(zip(*self.entries, strict=True))

    @property
    def normalized_trace(self) -> Scalar:
        return sum((row[i] for i, row in enumerate(self.entries)), ZERO) / len(self.entries)


class ExactAlgebra(ABC):
    """The operations of `fpt_calc.expr.MatrixAlgebra` on exact numbers; subclasses say what scalars and atoms are."""

    @abstractmethod
    def scalar(self, value: Scalar) -> Scalar:
        """The number that a scalar is."""

    @abstractmethod
    def size(self, dim: Scalar) -> int:
        """The number that a dimension is."""

    @abstractmethod
    def atom(self, atom: Atom) -> ExactMatrix: ...

    @abstractmethod
    def root(self, atom: Atom) -> ExactMatrix: ...

    def multiple_of_identity(self, value: Scalar, dim: Scalar) -> ExactMatrix:
        return diagonal([self.scalar(value)] * self.size(dim))

    def add(self, a: ExactMatrix, b: ExactMatrix) -> ExactMatrix:
        return ExactMatrix(
            tuple(tuple(x + y for x, y in zip(r, s, strict=True)) for r, s in zip(a.entries, b.entries, strict=True))
        )

    def multiply(self, a: ExactMatrix, b: ExactMatrix) -> ExactMatrix:
        columns = b.columns
        return ExactMatrix(tuple(tuple(_dot(row, column) for column in columns) for row in a.entries))

    def scale(self, value: Scalar, a: ExactMatrix) -> ExactMatrix:
        return times(self.scalar(value), a)

    def transpose(self, a: ExactMatrix) -> ExactMatrix:
        return ExactMatrix(a.columns)

    def conjugate(self, a: ExactMatrix) -> ExactMatrix:
        return ExactMatrix(tuple(tuple(x.conjugate() for x in row) for row in a.entries))

    def inverse(self, a: ExactMatrix) -> ExactMatrix:
        return inverse(a)


def times(number: Scalar, a: ExactMatrix) -> ExactMatrix:
    return ExactMatrix(tuple(tuple(number * x for x in row) for row in a.entries))


def diagonal(values: list[Scalar]) -> ExactMatrix:
    size = range(len(values))
    return ExactMatrix(tuple(tuple(values[i] if i == j else ZERO for j in size) for i in size))


def inverse(a: ExactMatrix) -> ExactMatrix:
    """Gauss-Jordan elimination; raises `UnluckyModelError` for a singular matrix."""
    size = len(a.entries)
    rows = [[*row, *unit] for row, unit in zip(a.entries, diagonal([ONE] * size).entries, strict=True)]
    for k in range(size):
        pivot = next((i for i in range(k, size) if not rows[i][k].is_zero), None)
        if pivot is None:
            raise UnluckyModelError("a singular matrix")
        rows[k], rows[pivot] = rows[pivot], rows[k]
        lead = rows[k][k].inverse()
        rows[k] = [lead * x for x in rows[k]]
        for i in range(size):
            factor = rows[i][k]
            if i != k and not factor.is_zero:
                rows[i] = [x - factor * y for x, y in zip(rows[i], rows[k], strict=True)]
    return ExactMatrix(tuple(tuple(row[size:]) for row in rows))


def _dot(row: tuple[Scalar, ...], column: tuple[Scalar, ...]) -> Scalar:
    return sum((x * y for x, y in zip(row, column, strict=True)), ZERO)
