"""The sides of a claim at an exact point: rational functions of the roots that the claim file defines, then balls."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import flint
import numpy as np

from fpt_calc.claims.points import ExactPoint
from fpt_calc.claims.symbols import ConjugateRoot, RootSymbol
from fpt_calc.errors import ComputationError
from fpt_calc.expr import Atom, Trace, evaluate, is_deterministic
from fpt_calc.point import Dense, Number
from fpt_calc.scalars import (
    IMAGINARY_UNIT,
    ONE,
    ZERO,
    Conjugate,
    Dimension,
    Generator,
    ImaginaryUnit,
    Parameter,
    Root,
    Scalar,
    evaluate_scalar,
    generator_scalar,
    scalar,
    square_root,
)

Matrix = Any  # numpy object array of Scalars
Ball = Any


class ExactModel:
    """Exact values at a point; implements `fpt_calc.expr.MatrixAlgebra` over the field of scalars.

    Roots and traces of random matrices stay as generators.  Raises `ZeroDivisionError` at a pole.
    """

    def __init__(self, exact: ExactPoint) -> None:
        self.exact = exact
        self._traces: dict[Generator, Scalar] = {}
        self._matrices: dict[str, Matrix] = {}

    def scalar(self, value: Scalar) -> Scalar:
        """The value of a scalar, a rational function of what is not known here."""
        return evaluate_scalar(value, self._generator, scalar)

    def _generator(self, generator: Generator) -> Scalar:
        point = self.exact.point
        match generator:
            case Dimension(name=name):
                return scalar(point.dims[name])
            case Parameter(name=name):
                return _number(point.scalars[name])
            case Conjugate(of=other):
                return self._generator(other).conjugate()
            case ImaginaryUnit():
                return IMAGINARY_UNIT
            case Root(radicand=radicand):
                return square_root(self.scalar(radicand))
            case RootSymbol() | ConjugateRoot():
                return generator_scalar(generator)
            case Trace(argument=argument):
                if not is_deterministic(argument):
                    return generator_scalar(generator)
                if generator not in self._traces:
                    matrix = evaluate(argument, self)
                    self._traces[generator] = sum(matrix.diagonal(), start=ZERO) / len(matrix)
                return self._traces[generator]
        raise ComputationError(f"no exact value for {generator.name}", remedy="write the claim in declared names")

    def atom(self, atom: Atom) -> Matrix:
        if atom.name not in self._matrices:
            data = self.exact.point.matrices[atom.name]
            assert isinstance(data, Dense)
            self._matrices[atom.name] = _exact(data.array)
        return self._matrices[atom.name]

    def root(self, atom: Atom) -> Matrix:
        return _exact(self.exact.roots[atom.name])

    def multiple_of_identity(self, value: Scalar, dim: Scalar) -> Matrix:
        size = self.scalar(dim).constant
        if size is None or size.denominator != 1:
            raise ComputationError(f"the dimension {dim} is not an integer here", remedy="use plain dimensions")
        zero, one = np.full((int(size), int(size)), ZERO, dtype=object), self.scalar(value)
        for k in range(int(size)):
            zero[k, k] = one
        return zero

    def add(self, a: Matrix, b: Matrix) -> Matrix:
        return a + b

    def multiply(self, a: Matrix, b: Matrix) -> Matrix:
        return a @ b

    def scale(self, value: Scalar, a: Matrix) -> Matrix:
        return self.scalar(value) * a

    def transpose(self, a: Matrix) -> Matrix:
        return a.T

    def conjugate(self, a: Matrix) -> Matrix:
        return np.array([[x.conjugate() for x in row] for row in a], dtype=object).reshape(a.shape)

    def inverse(self, a: Matrix) -> Matrix:
        """Gauss-Jordan elimination."""
        size = len(a)
        rows = np.concatenate([a, self.multiple_of_identity(ONE, scalar(size))], axis=1)
        for k in range(size):
            pivot = next((i for i in range(k, size) if not rows[i, k].is_zero), None)
            if pivot is None:
                raise ZeroDivisionError("a singular matrix")
            rows[[k, pivot]] = rows[[pivot, k]]
            rows[k] = rows[k] * rows[k, k].inverse()
            for i in range(size):
                if i != k and not rows[i, k].is_zero:
                    rows[i] = rows[i] - rows[k] * rows[i, k]
        return rows[:, size:]


def ball(value: Scalar, known: Mapping[Any, Ball]) -> Ball:
    """An exact value as a ball, given balls for its generators; not finite at a pole."""

    def number(generator: Generator) -> Ball:
        match generator:
            case ImaginaryUnit():
                return flint.acb(0, 1)
            case Root(radicand=radicand):
                inner = ball(radicand, known)
                return inner.sqrt() if isinstance(inner, flint.arb) and inner >= 0 else flint.acb(inner).sqrt()
            case ConjugateRoot(of=of):
                return known[of].conjugate() if isinstance(known[of], flint.acb) else known[of]
        return known[generator]

    return evaluate_scalar(value, number, flint.arb)


def _exact(array: Any) -> Matrix:
    return np.array([[_number(x) for x in row] for row in np.asarray(array)], dtype=object).reshape(array.shape)


def _number(value: Number) -> Scalar:
    if isinstance(value, complex | np.complexfloating):
        return scalar(Fraction(value.real)) + scalar(Fraction(value.imag)) * IMAGINARY_UNIT
    return scalar(Fraction(value))
