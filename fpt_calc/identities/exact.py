"""Models in small exact numbers: matrices of integers, fractions and square roots that a person can check."""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction

from fpt_calc.errors import InputError
from fpt_calc.expr import Atom, Expr, Trace, UnluckyModelError, evaluate, traces_of
from fpt_calc.identities.sizes import Contents, Sizes, size_of
from fpt_calc.scalars import (
    IMAGINARY_UNIT,
    ONE,
    ZERO,
    Generator,
    Kind,
    Parameter,
    Scalar,
    scalar,
    substitute,
)

_SMALL: dict[Kind, tuple[Fraction | int, ...]] = {
    "positive": (1, 2, 3, Fraction(1, 2)),
    "nonnegative": (1, 2, 3, Fraction(1, 2)),
    "real": (1, -1, 2, -2, 3, Fraction(1, 2)),
    "fraction": (Fraction(1, 2), Fraction(1, 3), Fraction(2, 3), Fraction(1, 4)),
    "integer": (1, -1, 2, -2, 3),
    "generations": (1, 2, 3),
}


@dataclass(frozen=True)
class ExactMatrix:
    """A matrix of exact numbers."""

    entries: tuple[tuple[Scalar, ...], ...]

    @property
    def columns(self) -> tuple[tuple[Scalar, ...], ...]:
        return tuple(zip(*self.entries, strict=True))


class ExactModel:
    """One model in exact numbers; implements `fpt_calc.expr.MatrixAlgebra`.

    Square roots mean their principal branch and facts are true (a psd matrix is psd), so that a difference found
    here is one of the expressions as they are meant.
    """

    def __init__(self, seed: int, sizes: Sizes, found: Contents) -> None:
        self._random = random.Random(f"matrices {seed}")  # independent of the draw of the sizes from the same seed
        self._sizes = sizes
        self.atoms: dict[Atom, tuple[ExactMatrix, ExactMatrix]] = {}
        self.scalars: dict[Generator, Scalar] = {g: scalar(k) for g, k in sizes.items()}
        for generator in found.generators:
            if generator not in self.scalars:
                self.scalars[generator] = self._draw(generator)
        for atom in found.atoms:
            self.atoms[atom] = self._with_facts(atom)
        self._traces: dict[Trace, Scalar] = {}

    def scalar(self, value: Scalar) -> Scalar:
        """The number that a scalar is in the model; raises `UnluckyModelError` at a pole."""
        images: dict[Generator, Scalar] = dict(self.scalars)
        for trace in traces_of(value):
            if trace not in self._traces:
                self._traces[trace] = self._tau(evaluate(trace.argument, self))
            images[trace] = self._traces[trace]
        try:
            return substitute(value, images)
        except InputError as error:
            raise UnluckyModelError(f"pole of {value}") from error

    def _tau(self, a: ExactMatrix) -> Scalar:
        return sum((a.entries[i][i] for i in range(len(a.entries))), ZERO) / len(a.entries)

    def _draw(self, generator: Generator) -> Scalar:
        if not isinstance(generator, Parameter):
            return scalar(self._random.choice((1, 2, 3)))
        if generator.is_real:
            return scalar(self._random.choice(_SMALL[generator.kind]))
        real, imaginary = self._random.choice((-1, 0, 1, 2)), self._random.choice((1, 2))
        return scalar(real) + imaginary * IMAGINARY_UNIT

    # the MatrixAlgebra protocol -------------------------------------------------------------------------------

    def atom(self, atom: Atom) -> ExactMatrix:
        return self.atoms[atom][0]

    def root(self, atom: Atom) -> ExactMatrix:
        return self.atoms[atom][1]

    def multiple_of_identity(self, value: Scalar, dim: Scalar) -> ExactMatrix:
        return _diagonal([self.scalar(value)] * int(size_of(dim, self._sizes)))

    def add(self, a: ExactMatrix, b: ExactMatrix) -> ExactMatrix:
        return ExactMatrix(
            tuple(tuple(x + y for x, y in zip(r, s, strict=True)) for r, s in zip(a.entries, b.entries, strict=True))
        )

    def multiply(self, a: ExactMatrix, b: ExactMatrix) -> ExactMatrix:
        columns = b.columns
        return ExactMatrix(tuple(tuple(_dot(row, column) for column in columns) for row in a.entries))

    def scale(self, value: Scalar, a: ExactMatrix) -> ExactMatrix:
        number = self.scalar(value)
        return ExactMatrix(tuple(tuple(number * x for x in row) for row in a.entries))

    def transpose(self, a: ExactMatrix) -> ExactMatrix:
        return ExactMatrix(a.columns)

    def conjugate(self, a: ExactMatrix) -> ExactMatrix:
        return ExactMatrix(tuple(tuple(x.conjugate() for x in row) for row in a.entries))

    def inverse(self, a: ExactMatrix) -> ExactMatrix:
        return _inverse(a)

    # matrices with facts --------------------------------------------------------------------------------------

    def _with_facts(self, atom: Atom) -> tuple[ExactMatrix, ExactMatrix]:
        """A small matrix that has the facts of an atom, and its psd root (meaningful for psd atoms only)."""
        rows, cols = (int(size_of(dim, self._sizes)) for dim in atom.shape)
        real = atom.entries == "real" or {"symmetric", "hermitian"} <= atom.facts
        if "projection" in atom.facts:
            result = self._projection(rows, real)
            return result, result
        if "orthogonal" in atom.facts:
            result = self._orthogonal(rows, real, atom.facts)
            return result, result
        if "psd" in atom.facts:
            factor = self._free(rows, rows, real)
            root = self.multiply(factor, self._adjoint(factor))
            root = self.add(root, _diagonal([ONE] * rows)) if "pd" in atom.facts else root
            return self.multiply(root, root), root
        free = self._free(rows, cols, real)
        if "hermitian" in atom.facts:
            free = self.add(free, self._adjoint(free))
        elif "symmetric" in atom.facts:
            free = self.add(free, self.transpose(free))
        return free, free

    def _adjoint(self, a: ExactMatrix) -> ExactMatrix:
        return self.conjugate(self.transpose(a))

    def _free(self, rows: int, cols: int, real: bool) -> ExactMatrix:
        return ExactMatrix(tuple(tuple(self._entry(real) for _ in range(cols)) for _ in range(rows)))

    def _entry(self, real: bool) -> Scalar:
        number = scalar(self._random.choice((-1, 0, 1, 1, 2)))
        return number if real else number + self._random.choice((-1, 0, 1)) * IMAGINARY_UNIT

    def _projection(self, size: int, real: bool) -> ExactMatrix:
        rank = self._random.randint(0, 1) if size == 1 else size // 2
        if rank == 0:
            return _diagonal([ZERO] * size)
        span = self._free(size, rank, real)
        adjoint = self._adjoint(span)
        return self.multiply(self.multiply(span, _inverse(self.multiply(adjoint, span))), adjoint)

    def _orthogonal(self, size: int, real: bool, facts: frozenset[str]) -> ExactMatrix:
        """A reflection if hermitian, else a Cayley transform with random signs, U U.T if symmetric."""
        one = _diagonal([ONE] * size)
        if "hermitian" in facts:
            return self.add(one, _times(scalar(-2), self._projection(size, real)))
        free = self._free(size, size, real)
        skew = self.add(free, _times(scalar(-1), self._adjoint(free)))
        plus, minus = self.add(one, skew), self.add(one, _times(scalar(-1), skew))
        signs = _diagonal([scalar(self._random.choice((1, -1))) for _ in range(size)])
        result = self.multiply(self.multiply(minus, _inverse(plus)), signs)
        return self.multiply(result, self.transpose(result)) if "symmetric" in facts else result


def _times(number: Scalar, a: ExactMatrix) -> ExactMatrix:
    return ExactMatrix(tuple(tuple(number * x for x in row) for row in a.entries))


def _dot(row: tuple[Scalar, ...], column: tuple[Scalar, ...]) -> Scalar:
    return sum((x * y for x, y in zip(row, column, strict=True)), ZERO)


def _diagonal(values: list[Scalar]) -> ExactMatrix:
    size = range(len(values))
    return ExactMatrix(tuple(tuple(values[i] if i == j else ZERO for j in size) for i in size))


def _inverse(a: ExactMatrix) -> ExactMatrix:
    """Gauss-Jordan elimination; raises `UnluckyModelError` for a singular matrix."""
    size = len(a.entries)
    rows = [[*row, *unit] for row, unit in zip(a.entries, _diagonal([ONE] * size).entries, strict=True)]
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


def values(value: Expr | Scalar, model: ExactModel) -> tuple[tuple[Scalar, ...], ...]:
    """The entries of a matrix in a model; a scalar is a matrix of one entry."""
    return ((model.scalar(value),),) if isinstance(value, Scalar) else evaluate(value, model).entries
