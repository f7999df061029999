"""Values at a point in multiprecision, for spectra only: balls of python-flint, which carry rigorous rounding errors.

A matrix is a ball (a multiple of the identity) or a numpy object array of balls (a diagonal in the common basis), so
that the operators ``+ - * /`` mean what they mean for matrices.  The precision is that of ``flint.ctx`` at the call.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import flint
import numpy as np

from fpt_calc.errors import ComputationError
from fpt_calc.expr import Atom, Expr, Trace, evaluate
from fpt_calc.point.data import Dense, Eigenvalues, Multiple, Number, Point, PowerLaw
from fpt_calc.point.numeric import NumericModel
from fpt_calc.scalars import Conjugate, Dimension, Generator, ImaginaryUnit, Parameter, Root, Scalar, evaluate_scalar

Ball = Any  # flint.arb, or flint.acb where the value is complex
Diagonal = Any  # Ball, or numpy.ndarray of Balls


def is_spectral(point: Point) -> bool:
    """Whether all matrices of a point are spectra, so that arithmetic in any precision is cheap."""
    return not any(isinstance(data, Dense) for data in point.matrices.values())


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

    Raises `ComputationError` for dense matrices, ZeroDivisionError for a division by an exact zero; other poles give
    balls that are not finite.
    """

    def __init__(self, point: Point) -> None:
        self._point = point
        self._sizes = NumericModel(point)
        self._values: dict[Atom, Diagonal] = {}
        self._weights: dict[Scalar, Diagonal] = {}

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
                return _conjugate(self._generator(parameter, unknowns))
            case ImaginaryUnit():
                return flint.acb(0, 1)
            case Root(radicand=radicand):
                return _square_root(_ball(self._exact(radicand, unknowns)))
            case Trace(argument=argument):
                return self.tau(self.matrix(argument), argument.rows)
        raise ComputationError(f"no value for {generator.name} in multiprecision", remedy="ask for at most 15 digits")

    # matrices -------------------------------------------------------------------------------------------------

    def matrix(self, expr: Expr) -> Diagonal:
        """The value of a deterministic expression."""
        return evaluate(expr, self)

    def tau(self, a: Diagonal, dim: Scalar) -> Ball:
        """The normalized trace, weighted where the dimension carries a limiting spectrum."""
        if not isinstance(a, np.ndarray):
            return a
        weights = self._weights.get(dim)
        return a.sum() / len(a) if weights is None else np.dot(weights, a)

    def tau_of_product(self, a: Diagonal, b: Diagonal, dim: Scalar) -> Ball:
        """``tau(a @ b)`` with as few operations as the kinds of a and b allow."""
        if not isinstance(a, np.ndarray):
            return a * self.tau(b, dim)
        if not isinstance(b, np.ndarray):
            return b * self.tau(a, dim)
        weights = self._weights.get(dim)
        return np.dot(a, b) / len(a) if weights is None else np.dot(weights * a, b)

    def atom(self, atom: Atom) -> Diagonal:
        if atom not in self._values:
            self._values[atom] = self._diagonal(atom)
        return self._values[atom]

    def root(self, atom: Atom) -> Diagonal:
        # what is negative here is so by rounding of the data: it was checked to be psd
        return _each(lambda x: flint.arb(0) if x < 0 else x.sqrt(), self.atom(atom))

    def multiple_of_identity(self, value: Scalar, dim: Scalar) -> Diagonal:
        return self.scalar(value)

    def add(self, a: Diagonal, b: Diagonal) -> Diagonal:
        return a + b

    def multiply(self, a: Diagonal, b: Diagonal) -> Diagonal:
        return a * b

    def scale(self, value: Scalar, a: Diagonal) -> Diagonal:
        return self.scalar(value) * a

    def transpose(self, a: Diagonal) -> Diagonal:
        return a

    def conjugate(self, a: Diagonal) -> Diagonal:
        return _each(_conjugate, a)

    def inverse(self, a: Diagonal) -> Diagonal:
        return 1 / a

    def _diagonal(self, atom: Atom) -> Diagonal:
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
        raise ComputationError(f"{atom.name} is dense", remedy="more than 15 digits need spectra")


def _rational(value: Number) -> Any:
    """An exact rational number, or a complex ball; floating-point numbers are the decimals that they print."""
    if isinstance(value, complex):
        real, imaginary = (_ball(_rational(part)) for part in (value.real, value.imag))
        return flint.acb(real, imaginary) if value.imag else real
    number = Fraction(repr(float(value))) if isinstance(value, float) else Fraction(value)
    return flint.fmpq(number.numerator, number.denominator)


def _ball(value: Any) -> Ball:
    return flint.arb(value) if isinstance(value, flint.fmpq) else value


def _conjugate(value: Any) -> Any:
    return value.conjugate() if isinstance(value, flint.acb) else value


def _square_root(value: Ball) -> Ball:
    """The principal root."""
    if isinstance(value, flint.arb) and value >= 0:
        return value.sqrt()
    return flint.acb(value).sqrt()


def _each(function: Callable[[Ball], Ball], a: Diagonal) -> Diagonal:
    return np.array([function(x) for x in a], dtype=object) if isinstance(a, np.ndarray) else function(a)
