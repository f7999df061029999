"""Numeric values of atoms and deterministic expressions at a point, checked against what was declared."""

from __future__ import annotations

import cmath
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

import numpy as np

from fpt_calc.errors import InputError
from fpt_calc.expr import Atom, Expr, Trace, evaluate
from fpt_calc.point import arrays
from fpt_calc.point.checks import check_facts, check_groups
from fpt_calc.point.data import Dense, Eigenvalues, MatrixData, Multiple, Number, Point, PowerLaw
from fpt_calc.scalars import Conjugate, Dimension, Generator, ImaginaryUnit, Parameter, Root, Scalar, evaluate_scalar

Array = Any


class NumericModel:
    """Double-precision values at a point; implements `fpt_calc.expr.MatrixAlgebra` for deterministic expressions.

    Raises `InputError` with the key concerned where a value is missing or contradicts a declaration.
    """

    def __init__(self, point: Point, extra: Mapping[Any, Any] | None = None) -> None:
        self.point = point
        self._extra = dict(extra or {})
        self._values: dict[Atom, Array] = {}
        self._roots: dict[Atom, Array] = {}
        self._weights: dict[Scalar, tuple[str, Array]] = {}
        self._lengths: dict[Scalar, tuple[str, int]] = {}
        self._dense: dict[Scalar, str] = {}

    # scalars and dimensions -----------------------------------------------------------------------------------

    def scalar(self, value: Scalar) -> Any:
        """The value of a scalar, a float or complex number."""
        result = self._evaluated(value)
        if not np.isfinite(complex(result)):
            raise InputError(f"{value} is not finite at these values", where="at", remedy="change the values")
        return complex(result) if isinstance(result, complex | np.complexfloating) else float(result)

    def dimension(self, dim: Scalar) -> Any:
        """The value of a dimension, positive; a Fraction if it is exact."""
        value = self._evaluated(dim)
        if not (isinstance(value, Fraction | float | int) and value > 0):
            raise InputError(f"dimension {dim} = {value} is not positive", where="at", remedy="change the values")
        return value

    def size(self, dim: Scalar) -> int:
        """The value of a dimension as an integer; raises `InputError` if it is not one."""
        value = self.dimension(dim)
        nearest: int = round(value)
        if abs(value - nearest) > 1e-9 * nearest:  # float shares such as 0.7*10 miss an integer by rounding only
            raise InputError(
                f"dimension {dim} = {float(value):g} is not a positive integer",
                where="at",
                remedy="choose values that make it an integer",
            )
        return nearest

    def _evaluated(self, value: Scalar) -> Any:
        try:
            return evaluate_scalar(value, self._generator, Fraction)
        except (ZeroDivisionError, OverflowError) as error:
            cause = "division by zero" if isinstance(error, ZeroDivisionError) else "numbers beyond double precision"
            raise InputError(f"{cause} in {value} at these values", where="at", remedy="change the values") from None

    def _generator(self, generator: Generator) -> Any:
        if generator in self._extra:
            return self._extra[generator]
        match generator:
            case Dimension(name=name):
                return Fraction(_given(self.point.dims, name, "dimension"))
            case Parameter(name=name):
                value = _given(self.point.scalars, name, "scalar")
                check_kind(generator, value)
                return Fraction(value) if isinstance(value, int) else value
            case Conjugate(of=parameter):
                return np.conj(complex(self._generator(parameter)))
            case ImaginaryUnit():
                return 1j
            case Root(radicand=radicand):
                value = evaluate_scalar(radicand, self._generator, Fraction)
                return _square_root(value)
            case Trace(argument=argument):
                return self.tau(evaluate(argument, self), argument.rows)
        raise InputError(f"no value for {generator.name}", where="at", remedy="give it a value")

    # matrices -------------------------------------------------------------------------------------------------

    def matrix(self, expr: Expr) -> Array:
        """The value of a deterministic expression."""
        return evaluate(expr, self)

    def tau(self, a: Array, dim: Scalar) -> Any:
        """The normalized trace, weighted where the dimension carries a limiting spectrum."""
        return arrays.normalized_trace(a, self.weights(dim))

    def weights(self, dim: Scalar) -> Array | None:
        """The weights of the limiting spectrum on this dimension, if it has one."""
        entry = self._weights.get(dim)
        return None if entry is None else entry[1]

    def atom(self, atom: Atom) -> Array:
        if atom.is_random:
            raise InputError(
                f"{atom.name} is random here", where="at", remedy="only deterministic matrices have values"
            )
        if atom not in self._values:
            data = _given(self.point.matrices, atom.name, "matrix")
            value = _declared_entries(atom, self._array(atom, data))
            check_facts(atom, value)
            self._check_weighted(atom)
            self._values[atom] = value
        return self._values[atom]

    def root(self, atom: Atom) -> Array:
        if atom not in self._roots:
            value = self.atom(atom)
            if value.ndim < 2:
                self._roots[atom] = np.sqrt(np.clip(np.real(value), 0, None))
            else:
                eigenvalues, vectors = np.linalg.eigh(value)
                self._roots[atom] = (vectors * np.sqrt(np.clip(eigenvalues, 0, None))) @ vectors.conj().T
        return self._roots[atom]

    def multiple_of_identity(self, value: Scalar, dim: Scalar) -> Array:
        return np.asarray(self.scalar(value))

    def add(self, a: Array, b: Array) -> Array:
        return arrays.add(a, b)

    def multiply(self, a: Array, b: Array) -> Array:
        return arrays.multiply(a, b)

    def scale(self, value: Scalar, a: Array) -> Array:
        return np.asarray(self.scalar(value)) * a  # complex * numpy.float64 would be a Python number, without axes

    def transpose(self, a: Array) -> Array:
        return arrays.transpose(a)

    def conjugate(self, a: Array) -> Array:
        return np.conj(a)

    def inverse(self, a: Array) -> Array:
        return arrays.inverse(a)

    @np.errstate(over="ignore", invalid="ignore")  # overflow in a check of facts is a failed check
    def check(self, atoms: Iterable[Atom]) -> None:
        """Read all deterministic matrices now, so that contradictions are found before any computation."""
        present = [a for a in atoms if not a.is_random]
        for atom in present:
            self.atom(atom)
        check_groups(self.point.commute, {a.name: self._values[a] for a in present})

    def _array(self, atom: Atom, data: MatrixData) -> Array:
        where = f"at.{atom.name}"
        if isinstance(data, Dense):
            shape = (self.size(atom.rows), self.size(atom.cols))
            array = np.asarray(data.array)
            if array.dtype.kind not in "iufc":
                raise InputError(f"an array of {array.dtype}", where=where, remedy="give an array of numbers")
            if array.ndim == 1 and 1 in shape and array.size == shape[0] * shape[1]:
                array = array.reshape(shape)
            if array.shape != shape:
                raise InputError(
                    f"an array of shape {array.shape} for a matrix of shape {shape}",
                    where=where,
                    remedy="transpose or regenerate it",
                )
            for dim, length in zip(atom.shape, shape, strict=True):
                self._length(dim, atom.name, length)
                self._dense.setdefault(dim, atom.name)
            return array.astype(complex if np.iscomplexobj(array) else float)
        if atom.rows != atom.cols:
            raise InputError(
                f"a spectrum for a matrix of shape {atom.rows} x {atom.cols}",
                where=where,
                remedy='give { matrix = "file.npy" }',
            )
        match data:
            case Multiple(value=value):
                return np.asarray(_float(value))
            case PowerLaw(exponent=exponent, scale=scale):
                size = self.size(atom.rows)
                self._length(atom.rows, atom.name, size)
                return float(scale) * np.arange(1, size + 1, dtype=float) ** -float(exponent)
            case Eigenvalues(values=values, weights=weights):
                self._length(atom.rows, atom.name, len(values))
                if weights is not None:
                    if len(weights) != len(values):
                        raise InputError(
                            f"{len(weights)} weights for {len(values)} eigenvalues",
                            where=where,
                            remedy="give one weight for each eigenvalue",
                        )
                    self._set_weights(atom, np.array([_float(w) for w in weights]))
                elif len(values) != self.size(atom.rows):
                    raise InputError(
                        f"{len(values)} eigenvalues for dimension {atom.rows} = {self.size(atom.rows)}",
                        where=where,
                        remedy="give as many as the dimension, or add weights for a limiting spectrum",
                    )
                return np.array([_float(v) for v in values])
        raise TypeError(f"unknown matrix data {type(data).__name__}")

    def _length(self, dim: Scalar, name: str, length: int) -> None:
        other, known = self._lengths.setdefault(dim, (name, length))
        if known != length:
            raise InputError(
                f"{length} values, while {other} on the same dimension {dim} has {known}",
                where=f"at.{name}",
                remedy="matrices on one dimension need spectra of one length",
            )

    def _set_weights(self, atom: Atom, weights: Array) -> None:
        if np.iscomplexobj(weights) or np.any(weights < 0) or not abs(weights.sum() - 1) <= 1e-12 * len(weights):
            raise InputError(
                "weights that are negative or do not sum to 1", where=f"at.{atom.name}", remedy="normalize the weights"
            )
        other, known = self._weights.setdefault(atom.rows, (atom.name, weights))
        if not np.array_equal(known, weights):
            raise InputError(
                f"weights other than those of {other} on the same dimension",
                where=f"at.{atom.name}",
                remedy="matrices on one dimension share one set of weights",
            )

    def _check_weighted(self, atom: Atom) -> None:
        for dim in atom.shape:
            if dim in self._weights and dim in self._dense:
                raise InputError(
                    f"a dense matrix on the dimension {dim}, where {self._weights[dim][0]} has a limiting spectrum",
                    where=f"at.{self._dense[dim]}",
                    remedy="give eigenvalues to all matrices on this dimension, or dense matrices without weights",
                )


def _declared_entries(atom: Atom, value: Array) -> Array:
    """The value with real entries where the atom was declared real; raises `InputError` if it is not."""
    if atom.entries == "complex" or not np.iscomplexobj(value):
        return value
    if np.any(value.imag):
        raise InputError(
            "complex numbers for a matrix declared real",
            where=f"at.{atom.name}",
            remedy='declare it with field = "complex"',
        )
    return value.real


def check_kind(parameter: Parameter, value: Number) -> None:
    """Raise `InputError` if a number contradicts the declared kind of a parameter."""
    kind, where = parameter.kind, f"at.{parameter.name}"
    if parameter.is_real and isinstance(value, complex):
        raise InputError(f"complex value {value} for a {kind} scalar", where=where, remedy="declare it complex")
    if isinstance(value, float | complex) and not cmath.isfinite(value):
        raise InputError(f"value {value} is not a finite number", where=where, remedy="change the value")
    real = value.real
    wrong = {
        "positive": real <= 0,
        "nonnegative": real < 0,
        "fraction": not 0 <= real <= 1,
        "integer": real != int(real),
        "generations": real < 0 or real != int(real),
        "upper": value.imag <= 0,
    }.get(kind, False)
    if wrong:
        raise InputError(
            f"value {value} contradicts {parameter.name} = {kind!r}",
            where=where,
            remedy="change the value or the declaration",
        )


def _given(table: Mapping[str, Any], name: str, what: str) -> Any:
    if name not in table:
        close = get_close_matches(name, table, 1)
        hint = f"did you write {close[0]!r}?" if close else f"add {name} = ... under [at]"
        raise InputError(f"no value for the {what} {name!r}", where=f"at.{name}", remedy=hint)
    return table[name]


def _square_root(value: Any) -> Any:
    number = complex(value)
    if number.imag == 0 and number.real >= 0:
        return float(np.sqrt(number.real))
    return complex(np.sqrt(number))


def _float(value: Number) -> float | complex:
    return value if isinstance(value, complex) else float(value)
