"""Values at a point in multiprecision: balls of python-flint, which carry rigorous rounding errors.

Matrices are those of `fpt_calc.point.ball_arrays`: numbers, diagonals, and dense matrices if they are small.  The
precision is that of ``flint.ctx`` at the call.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import flint
import numpy as np

from fpt_calc.errors import ComputationError
from fpt_calc.expr import Atom, Expr, Trace, evaluate
from fpt_calc.point import ball_arrays
from fpt_calc.point.ball_arrays import Ball, BallArray
from fpt_calc.point.ball_roots import positive_root
from fpt_calc.point.data import Dense, Eigenvalues, MatrixData, Multiple, Number, Point, PowerLaw
from fpt_calc.point.numeric import NumericModel
from fpt_calc.scalars import Conjugate, Dimension, Generator, ImaginaryUnit, Parameter, Root, Scalar, evaluate_scalar

QUICK_LENGTH = 4000  # of a spectrum that multiprecision handles in a fraction of a second
MAX_DENSE = 80  # rows or columns of dense matrices that multiprecision handles in seconds


def allows_precision(point: Point) -> bool:
    """Whether all matrices of a point are spectra or small, so that arithmetic in any precision is cheap.

    >>> [allows_precision(Point(matrices={"A": Dense(np.eye(size))})) for size in (3, 300)]
    [True, False]
    """
    return all(np.size(m.array) <= MAX_DENSE**2 for m in point.matrices.values() if isinstance(m, Dense))


def is_quick(point: Point) -> bool:
    """Whether arithmetic with some twenty digits takes a fraction of a second at a point.

    >>> is_quick(Point({"d": 10**6}, {}, {"A": Multiple(2)})), is_quick(Point({"d": 10**6}, {}, {"A": PowerLaw(2)}))
    (True, False)
    """
    longest = max(point.dims.values(), default=0)
    return all(_length(data, longest) <= QUICK_LENGTH for data in point.matrices.values())


def _length(data: MatrixData, longest: int) -> int:
    """The number of eigenvalues, at most; for a dense matrix, the length of a spectrum that costs as much."""
    match data:
        case Dense(array=array):
            return int(np.size(array))
        case Eigenvalues(values=values):
            return len(values)
        case PowerLaw():
            return longest
    return 1


def ball_digits(value: Ball, wanted: int) -> int:
    """How many significant decimal digits the radius of a ball leaves, at most ``wanted``.

    >>> ball_digits(flint.arb(1, 1e-9), 15), ball_digits(flint.arb(0, 1e-9), 15), ball_digits(flint.acb(1, 2), 15)
    (8, 0, 15)
    """
    if not value.is_finite():
        return 0
    error, size = value.rad(), abs(value.mid())
    if error == 0:
        return wanted
    if not size > 2 * error:
        return 0
    with flint.ctx.workprec(53):  # logarithms of numbers that double precision may be too narrow for
        digits = (size / (2 * error)).log() / flint.arb(10).log()
        return max(0, min(wanted, math.floor(float(digits))))


class BallModel:
    """Balls around the exact values at a point; implements `fpt_calc.expr.MatrixAlgebra` for deterministic expressions.

    The point has been checked by a `NumericModel` before.  Numbers are exact as long as they are rational; floats mean
    the decimals that they print, as everywhere, and complex numbers their binary values.

    Raises `ComputationError` for dense matrices that are large, singular under a square root, or projections or
    orthogonal only up to rounding; ZeroDivisionError for a division by an exact zero; other poles give
    balls that are not finite.
    """

    def __init__(self, point: Point) -> None:
        self._point = point
        self._sizes = NumericModel(point)
        self._values: dict[Atom, BallArray] = {}
        self._roots: dict[Atom, BallArray] = {}
        self._weights: dict[Scalar, BallArray] = {}

    def scalar(self, value: Scalar, unknowns: Mapping[Any, Ball] | None = None) -> Ball:
        """The value of a scalar, given those of the unknowns in it."""
        return _ball(self._exact(value, unknowns or {}))

    def _exact(self, value: Scalar, unknowns: Mapping[Any, Ball]) -> Any:
        """A rational number where that is possible, so that exact zeros stay exact; a ball otherwise."""
        return evaluate_scalar(value, lambda g: self._generator(g, unknowns), flint.fmpq)

    def _generator(self, generator: Generator, unknowns: Mapping[Any, Ball]) -> Any:
        if generator in unknowns:
            return unknowns[generator]
        match generator:
            case Dimension(name=name):
                return flint.fmpq(self._point.dims[name])
            case Parameter(name=name):
                return _rational(self._point.scalars[name])
            case Conjugate(of=parameter):
                return ball_arrays.conjugate(self._generator(parameter, unknowns))
            case ImaginaryUnit():
                return flint.acb(0, 1)
            case Root(radicand=radicand):
                return _square_root(_ball(self._exact(radicand, unknowns)))
            case Trace(argument=argument):
                return self.tau(self.matrix(argument), argument.rows)
        raise ComputationError(f"no value for {generator.name} in multiprecision", remedy="ask for at most 15 digits")

    # matrices -------------------------------------------------------------------------------------------------

    def matrix(self, expr: Expr) -> BallArray:
        """The value of a deterministic expression."""
        return evaluate(expr, self)

    def tau(self, a: BallArray, dim: Scalar) -> Ball:
        """The normalized trace, weighted where the dimension carries a limiting spectrum."""
        return ball_arrays.normalized_trace(a, self._weights.get(dim))

    def tau_of_product(self, a: BallArray, b: BallArray, dim: Scalar) -> Ball:
        """``tau(a @ b)``."""
        return ball_arrays.trace_of_product(a, b, self._weights.get(dim))

    def atom(self, atom: Atom) -> BallArray:
        if atom not in self._values:
            self._values[atom] = self._value(atom)
        return self._values[atom]

    def root(self, atom: Atom) -> BallArray:
        value = self.atom(atom)
        if ball_arrays.is_dense(value):
            return self._dense_root(atom, value)
        # what is negative here is so by rounding of the data: it was checked to be psd
        return ball_arrays.each(lambda x: flint.arb(0) if x < 0 else x.sqrt(), value)

    def _dense_root(self, atom: Atom, value: BallArray) -> BallArray:
        if atom not in self._roots:
            root = positive_root(value) if "projection" not in atom.facts else value
            if root is None:
                raise ComputationError(
                    f"the square root of the singular dense matrix {atom.name} in multiprecision",
                    remedy="give its spectrum",
                )
            self._roots[atom] = root
        return self._roots[atom]

    def size(self, dim: Scalar) -> int:
        """The value of a dimension."""
        return self._sizes.size(dim)

    def multiple_of_identity(self, value: Scalar, dim: Scalar) -> BallArray:
        return self.scalar(value)

    def add(self, a: BallArray, b: BallArray) -> BallArray:
        return ball_arrays.add(a, b)

    def multiply(self, a: BallArray, b: BallArray) -> BallArray:
        return ball_arrays.multiply(a, b)

    def scale(self, value: Scalar, a: BallArray) -> BallArray:
        return self.scalar(value) * a

    def transpose(self, a: BallArray) -> BallArray:
        return ball_arrays.transpose(a)

    def conjugate(self, a: BallArray) -> BallArray:
        return ball_arrays.conjugate(a)

    def inverse(self, a: BallArray) -> BallArray:
        return ball_arrays.inverse(a)

    def _value(self, atom: Atom) -> BallArray:
        match self._point.matrices[atom.name]:
            case Multiple(value=value):
                return _ball(_rational(value))
            case PowerLaw(exponent=exponent, scale=scale):
                factor, power = _ball(_rational(scale)), _ball(_rational(-exponent))
                numbers = range(1, self._sizes.size(atom.rows) + 1)
                return np.array([factor * flint.arb(k) ** power for k in numbers], dtype=object)
            case Eigenvalues(values=values, weights=weights):
                if weights is not None:
                    exact = [_rational(w) for w in weights]
                    total = sum(exact, start=flint.fmpq(0))  # 1 up to rounding, and then 1 is meant
                    self._weights[atom.rows] = np.array([_ball(w / total) for w in exact], dtype=object)
                return np.array([_ball(_rational(v)) for v in values], dtype=object)
            case Dense(array=array):
                return _dense_value(atom, np.reshape(array, tuple(map(self._sizes.size, atom.shape))))
        raise TypeError(f"unknown data of {atom.name}")


def _dense_value(atom: Atom, array: Any) -> BallArray:
    """A dense array exactly: floating-point entries are the binary numbers that they are.

    A matrix declared symmetric or hermitian is so up to rounding, and then its symmetric or hermitian part is meant.
    """
    rows, cols = array.shape
    if rows * cols > MAX_DENSE**2:
        raise ComputationError(
            f"{atom.name} is a dense matrix of {rows} x {cols}",
            remedy=f"spectra, or at most {MAX_DENSE**2} entries, allow it",
        )
    inexact = [fact for fact in ("projection", "orthogonal") if fact in atom.facts and not _is_exact(fact, array)]
    if inexact:
        raise ComputationError(
            f"the dense matrix {atom.name} is {inexact[0]} up to rounding only", remedy="give its spectrum"
        )
    value = ball_arrays.matrix_of(rows, cols, (_dyadic(x) for x in array.flat))
    if "symmetric" in atom.facts:
        value = (value + value.transpose()) / 2
    if "hermitian" in atom.facts:
        value = (value + ball_arrays.conjugate(value.transpose())) / 2
    return value


def _is_exact(fact: str, array: Any) -> bool:
    """Whether a real matrix of rational numbers is exactly a projection, or orthogonal."""
    if np.iscomplexobj(array):
        return False
    size = len(array)
    exact = flint.fmpq_mat(size, size, [flint.fmpq(*float(x).as_integer_ratio()) for x in array.flat])
    if fact == "projection":
        return bool(exact * exact == exact)
    identity = flint.fmpq_mat(size, size, [int(i == j) for i in range(size) for j in range(size)])
    return bool(exact * exact.transpose() == identity)


def _dyadic(value: Any) -> Ball:
    number = complex(value)
    return flint.acb(number) if number.imag else flint.arb(number.real)


def _rational(value: Number) -> Any:
    """An exact rational number, or a complex ball; floating-point numbers are the decimals that they print."""
    if isinstance(value, complex):
        real, imaginary = (_ball(_rational(part)) for part in (value.real, value.imag))
        return flint.acb(real, imaginary) if value.imag else real
    number = Fraction(repr(float(value))) if isinstance(value, float) else Fraction(value)
    return flint.fmpq(number.numerator, number.denominator)


def _ball(value: Any) -> Ball:
    return flint.arb(value) if isinstance(value, flint.fmpq) else value


def _square_root(value: Ball) -> Ball:
    """The principal root."""
    if isinstance(value, flint.arb) and value >= 0:
        return value.sqrt()
    return flint.acb(value).sqrt()
