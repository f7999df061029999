"""Random models of expressions over a prime field: exact evidence for algebraic identities.

A model gives every dimension a small random size, every atom a random matrix modulo `PRIME` that has its facts
(symmetric, projection, a square where it is psd, ...), and every parameter a random residue.  An identity of
rational expressions that holds in a few random models is false with probability below degree/2^61 (Schwartz-Zippel).
A matrix and its entrywise conjugate are independent, as they are algebraically.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import flint
from flint.utils.flint_exceptions import DomainError

from fpt_calc.errors import ComputationError
from fpt_calc.expr.evaluate import evaluate
from fpt_calc.expr.nodes import Atom
from fpt_calc.expr.trace import Trace
from fpt_calc.scalars import Generator, Scalar, evaluate_scalar, is_fixed

PRIME = 2**61 - 302743  # -1 and the primes up to 31 are squares modulo this one, so their roots exist in every model
SIZES = (2, 3, 4)
_T = TypeVar("_T")
Matrix = Any  # flint.nmod_mat


class UnluckyModelError(Exception):
    """The random residues hit a pole or a missing square root; another model has to be drawn."""


@dataclass(frozen=True)
class ModularMatrix:
    """A matrix modulo `PRIME` with its (algebraically independent) entrywise conjugate."""

    value: Matrix
    conjugate: Matrix


class PrimeModel:
    """One random model; implements `fpt_calc.expr.evaluate.MatrixAlgebra`."""

    def __init__(self, seed: int, sizes: tuple[int, ...] = SIZES) -> None:
        self._choices = sizes
        self._random = random.Random(seed)
        self._sizes: dict[Scalar, int] = {}
        self._atoms: dict[Atom, tuple[ModularMatrix, ModularMatrix]] = {}
        self._generators: dict[Generator, Any] = {}
        self._signs: dict[Generator, int] = {}

    def size(self, dim: Scalar) -> int:
        """The size that the model gives to a dimension, each another one; fixed dimensions keep theirs.

        In a model with equal sizes ``tau(A @ B) == tau(B @ A)`` for rectangular matrices, without the ratio of
        dimensions.
        """
        number = dim.constant
        if number is not None and is_fixed(dim):
            return int(number)
        if dim not in self._sizes:
            taken = set(self._sizes.values())
            free = [size for size in self._choices if size not in taken]
            self._sizes[dim] = self._random.choice(free) if free else max(taken) + 1
        return self._sizes[dim]

    def forget_scalars(self) -> None:
        """Draw new residues for all generators from now on; the matrices stay."""
        self._generators.clear()

    def set_atom(self, atom: Atom, value: ModularMatrix) -> None:
        """Prescribe the matrix of an atom that names another expression."""
        self._atoms[atom] = (value, value)

    def residue(self) -> Any:
        """A fresh random residue."""
        return flint.nmod(self._random.randrange(1, PRIME), PRIME)

    def set_generator(self, generator: Generator, value: Any) -> None:
        """Prescribe the residue of a generator; what was computed from others is forgotten."""
        for known in [g for g in self._generators if isinstance(g, Trace) or g.square is not None]:
            del self._generators[known]
        self._generators[generator] = value

    def generator(self, generator: Generator) -> Any:
        """The residue of a generator of the scalar field; traces are evaluated in the model."""
        if generator not in self._generators:
            self._generators[generator] = self._draw(generator)
        return self._generators[generator]

    def _draw(self, generator: Generator) -> Any:
        if isinstance(generator, Trace):
            return self.tau(evaluate(generator.argument, self).value)
        if generator.square is None:
            return self.residue() ** 2  # a square, so that sqrt(lam) and sqrt(n) exist
        try:
            root = self.scalar(generator.square).sqrt()
        except DomainError as error:
            raise UnluckyModelError(f"no square root of {generator.square} in this model") from error
        # an identity may not depend on which square root is meant; but a model has to mean one throughout
        return root * self._signs.setdefault(generator, self._random.choice((1, -1)))

    def scalar(self, value: Scalar) -> Any:
        """The residue of a scalar."""
        try:
            return evaluate_scalar(value, self.generator, lambda k: flint.nmod(k, PRIME))
        except ZeroDivisionError as error:
            raise UnluckyModelError(f"pole of {value}") from error

    def tau(self, a: Matrix) -> Any:
        """The normalized trace modulo the prime."""
        total = flint.nmod(0, PRIME)
        for i in range(a.nrows()):
            total += a[i, i]
        return total / flint.nmod(a.nrows(), PRIME)

    def random_matrix(self, rows: int, cols: int) -> Matrix:
        return flint.nmod_mat(rows, cols, [self._random.randrange(PRIME) for _ in range(rows * cols)], PRIME)

    def identity(self, size: int) -> Matrix:
        return flint.nmod_mat(size, size, [int(i == j) for i in range(size) for j in range(size)], PRIME)

    # the MatrixAlgebra protocol -------------------------------------------------------------------------------

    def atom(self, atom: Atom) -> ModularMatrix:
        return self._pair(atom)[0]

    def root(self, atom: Atom) -> ModularMatrix:
        return self._pair(atom)[1]

    def multiple_of_identity(self, value: Scalar, dim: Scalar) -> ModularMatrix:
        eye = self.identity(self.size(dim))
        return self.scale(value, ModularMatrix(eye, eye))

    def add(self, a: ModularMatrix, b: ModularMatrix) -> ModularMatrix:
        return _both(lambda x, y: x + y, a, b)

    def multiply(self, a: ModularMatrix, b: ModularMatrix) -> ModularMatrix:
        return _both(lambda x, y: x * y, a, b)

    def scale(self, value: Scalar, a: ModularMatrix) -> ModularMatrix:
        first = a.value * self.scalar(value)
        other = value.conjugate()
        if a.value is a.conjugate and other == value:
            return ModularMatrix(first, first)
        return ModularMatrix(first, a.conjugate * self.scalar(other))

    def transpose(self, a: ModularMatrix) -> ModularMatrix:
        return _each(lambda x: x.transpose(), a)

    def conjugate(self, a: ModularMatrix) -> ModularMatrix:
        return ModularMatrix(a.conjugate, a.value)

    def inverse(self, a: ModularMatrix) -> ModularMatrix:
        try:
            return _each(lambda x: x.inv(), a)
        except ZeroDivisionError as error:
            raise UnluckyModelError("a singular matrix") from error

    # matrices with facts --------------------------------------------------------------------------------------

    def _pair(self, atom: Atom) -> tuple[ModularMatrix, ModularMatrix]:
        """The matrix of an atom and its psd root (meaningful for psd atoms only)."""
        if atom not in self._atoms:
            self._atoms[atom] = self._with_facts(atom)
        return self._atoms[atom]

    def _with_facts(self, atom: Atom) -> tuple[ModularMatrix, ModularMatrix]:
        rows, cols = self.size(atom.rows), self.size(atom.cols)
        real = atom.entries == "real" or {"symmetric", "hermitian"} <= atom.facts
        if "projection" in atom.facts:
            result = self._projection(rows, real)
            return result, result
        if "orthogonal" in atom.facts:
            result = self._orthogonal(rows, real, atom.facts)
            return result, result
        if "hermitian" in atom.facts:
            root = self._hermitian(rows, real, sign=1)
            return (self.multiply(root, root) if "psd" in atom.facts else root), root
        free = self._free(rows, cols, real)
        if "symmetric" in atom.facts:
            free = self.add(free, self.transpose(free))
        return free, free

    def _projection(self, size: int, real: bool) -> ModularMatrix:
        span = self._free(size, max(1, size // 2), real)
        adjoint = self.transpose(self.conjugate(span))
        gram = self.inverse(self.multiply(adjoint, span))
        return self.multiply(self.multiply(span, gram), adjoint)

    def _orthogonal(self, size: int, real: bool, facts: frozenset[str]) -> ModularMatrix:
        """An orthogonal (unitary) matrix: a reflection if hermitian, else a Cayley transform, U U.T if symmetric."""
        eye = self.identity(size)
        one = ModularMatrix(eye, eye)
        if "hermitian" in facts:
            projection = self._projection(size, real)
            return _both(lambda x, y: x - y - y, one, projection)
        skew = self._hermitian(size, real, sign=-1)
        plus, minus = self.add(one, skew), _both(lambda x, y: x - y, one, skew)
        result = self.multiply(minus, self.inverse(plus))
        return self.multiply(result, self.transpose(result)) if "symmetric" in facts else result

    def _free(self, rows: int, cols: int, real: bool) -> ModularMatrix:
        value = self.random_matrix(rows, cols)
        return ModularMatrix(value, value if real else self.random_matrix(rows, cols))

    def _hermitian(self, size: int, real: bool, sign: int) -> ModularMatrix:
        a = self.random_matrix(size, size)
        if real:
            value = a + a.transpose() * sign
            return ModularMatrix(value, value)
        return ModularMatrix(a, a.transpose() * sign)


def try_models(
    attempt: Callable[[PrimeModel], _T], seed: int = 1, tries: int = 60, sizes: tuple[int, ...] = SIZES
) -> _T:
    """Run ``attempt`` in the first random model that is not unlucky."""
    for k in range(tries):
        try:
            return attempt(PrimeModel(seed * 1000 + k, sizes))
        except UnluckyModelError:
            continue
    raise ComputationError(
        "every random substitution modulo a prime hit a singular matrix",
        remedy="some inverse in the expression is singular for all values; check it",
    )


def _each(f: Callable[[Matrix], Matrix], a: ModularMatrix) -> ModularMatrix:
    value = f(a.value)
    return ModularMatrix(value, value if a.conjugate is a.value else f(a.conjugate))


def _both(f: Callable[[Matrix, Matrix], Matrix], a: ModularMatrix, b: ModularMatrix) -> ModularMatrix:
    value = f(a.value, b.value)
    real = a.conjugate is a.value and b.conjugate is b.value
    return ModularMatrix(value, value if real else f(a.conjugate, b.conjugate))
