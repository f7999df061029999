"""Models in small exact numbers: matrices of integers, fractions and square roots that a person can check."""

from __future__ import annotations

import random
from fractions import Fraction

from fpt_calc.errors import InputError
from fpt_calc.expr import Atom, ExactAlgebra, ExactMatrix, Expr, Trace, UnluckyModelError, evaluate, traces_of
from fpt_calc.expr.exact import diagonal, inverse, times
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


class ExactModel(ExactAlgebra):
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
                self._traces[trace] = evaluate(trace.argument, self).normalized_trace
            images[trace] = self._traces[trace]
        try:
            return substitute(value, images)
        except InputError as error:
            raise UnluckyModelError(f"pole of {value}") from error

    def _draw(self, generator: Generator) -> Scalar:
        if not isinstance(generator, Parameter):
            return scalar(self._random.choice((1, 2, 3)))
        if generator.is_real:
            return scalar(self._random.choice(_SMALL[generator.kind]))
        real, imaginary = self._random.choice((-1, 0, 1, 2)), self._random.choice((1, 2))
        return scalar(real) + imaginary * IMAGINARY_UNIT

    # what `ExactAlgebra` asks for -------------------------------------------------------------------------------

    def atom(self, atom: Atom) -> ExactMatrix:
        return self.atoms[atom][0]

    def root(self, atom: Atom) -> ExactMatrix:
        return self.atoms[atom][1]

    def size(self, dim: Scalar) -> int:
        return int(size_of(dim, self._sizes))

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
            root = self.add(root, diagonal([ONE] * rows)) if "pd" in atom.facts else root
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
            return diagonal([ZERO] * size)
        span = self._free(size, rank, real)
        adjoint = self._adjoint(span)
        return self.multiply(self.multiply(span, inverse(self.multiply(adjoint, span))), adjoint)

    def _orthogonal(self, size: int, real: bool, facts: frozenset[str]) -> ExactMatrix:
        """A reflection if hermitian, else a Cayley transform with random signs, U U.T if symmetric."""
        one = diagonal([ONE] * size)
        if "hermitian" in facts:
            return self.add(one, times(scalar(-2), self._projection(size, real)))
        free = self._free(size, size, real)
        skew = self.add(free, times(scalar(-1), self._adjoint(free)))
        plus, minus = self.add(one, skew), self.add(one, times(scalar(-1), skew))
        signs = diagonal([scalar(self._random.choice((1, -1))) for _ in range(size)])
        result = self.multiply(self.multiply(minus, inverse(plus)), signs)
        return self.multiply(result, self.transpose(result)) if "symmetric" in facts else result


def values(value: Expr | Scalar, model: ExactModel) -> tuple[tuple[Scalar, ...], ...]:
    """The entries of a matrix in a model; a scalar is a matrix of one entry."""
    return ((model.scalar(value),),) if isinstance(value, Scalar) else evaluate(value, model).entries
