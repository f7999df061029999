"""Affine forms in named variables, whose coefficients are scalars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Union

from fpt_calc.errors import InputError
from fpt_calc.scalars import ONE, ZERO, Scalar, ScalarLike, accumulate, scalar

AffineLike = Union["Affine", ScalarLike]


@dataclass(frozen=True)
class Affine:
    """``constant + sum of coefficient * name``, with the operators ``+ - * /`` (products with scalars only).

    Attributes
    ----------
    constant : a scalar.
    terms : pairs of a name and its coefficient, by name, no coefficient zero; so equal forms are equal data.

    >>> from fpt_calc.scalars import Parameter, generator_scalar
    >>> beta, r = (generator_scalar(Parameter(name)) for name in ("beta", "r"))
    >>> ell = variable("ell")
    >>> 1 - 2 * r * ell - ell / beta
    1 - 2*r*ell - ell/beta
    """

    constant: Scalar
    terms: tuple[tuple[str, Scalar], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The variables that occur."""
        return tuple(name for name, _ in self.terms)

    @property
    def is_zero(self) -> bool:
        return not self.terms and self.constant.is_zero

    def coefficient(self, name: str) -> Scalar:
        """The coefficient of a variable, zero if it does not occur."""
        return next((c for n, c in self.terms if n == name), ZERO)

    def __add__(self, other: AffineLike) -> Affine:
        right = affine(other)
        return _combined(self.constant + right.constant, (*self.terms, *right.terms))

    __radd__ = __add__

    def __neg__(self) -> Affine:
        return Affine(-self.constant, tuple((n, -c) for n, c in self.terms))

    def __sub__(self, other: AffineLike) -> Affine:
        return self + (-affine(other))

    def __rsub__(self, other: ScalarLike) -> Affine:  # type: ignore[misc]  # Scalar.__sub__ says it takes any object
        return affine(other) - self

    def __mul__(self, factor: ScalarLike) -> Affine:
        if isinstance(factor, Affine):
            raise InputError("a product of two affine forms", where=str(self), remedy="multiply by a scalar")
        c = scalar(factor)
        if c.is_zero:
            return affine(ZERO)
        return Affine(self.constant * c, tuple((n, k * c) for n, k in self.terms))

    __rmul__ = __mul__

    def __truediv__(self, divisor: ScalarLike) -> Affine:
        if isinstance(divisor, Affine):
            raise InputError("a quotient of two affine forms", where=str(self), remedy="divide by a scalar")
        return self * scalar(divisor).inverse()

    def __str__(self) -> str:
        from fpt_calc.scaling.polyhedra.text import affine_text

        return affine_text(self)

    def __repr__(self) -> str:
        return str(self)


def affine(value: AffineLike) -> Affine:
    """A number or scalar as a constant form; a form as it is.

    Raises `InputError` for anything else.
    """
    return value if isinstance(value, Affine) else Affine(scalar(value))


def variable(name: str) -> Affine:
    """The form that is a variable.

    Raises `InputError` if the name is no identifier.
    """
    if not (isinstance(name, str) and name.isidentifier()):
        raise InputError(f"{name!r} is no name of a variable", remedy="use letters, digits and underscores")
    return Affine(ZERO, ((name, ONE),))


def affine_form(constant: ScalarLike, coefficients: Mapping[str, ScalarLike]) -> Affine:
    """The form with this constant and these coefficients.

    >>> affine_form(1, {"x": 2, "y": 0})
    1 + 2*x
    """
    return _combined(scalar(constant), ((n, scalar(c)) for n, c in coefficients.items()))


def _combined(constant: Scalar, terms: Iterable[tuple[str, Scalar]]) -> Affine:
    total: dict[str, Scalar] = {}
    for name, coefficient in terms:
        accumulate(total, name, coefficient)
    return Affine(constant, tuple(sorted((n, c) for n, c in total.items() if not c.is_zero)))


def replace_names(form: Affine, images: Mapping[str, Affine]) -> Affine:
    """The form with variables replaced by affine forms, all at once; the others stay.

    >>> replace_names(1 + 2 * variable("x"), {"x": variable("y") - 3})
    2*y - 5
    """
    if not any(n in images for n in form.names):
        return form
    constant = form.constant
    terms: list[tuple[str, Scalar]] = []
    for name, coefficient in form.terms:
        if name in images:
            image = images[name] * coefficient
            constant = constant + image.constant
            terms += image.terms
        else:
            terms.append((name, coefficient))
    return _combined(constant, terms)


def solved_for(form: Affine, name: str) -> Affine:
    """The variable where the form vanishes, as a form in the others.

    Raises `InputError` if the variable does not occur.

    >>> solved_for(1 + 2 * variable("x") - variable("y"), "x")
    y/2 - 1/2
    """
    c = form.coefficient(name)
    if c.is_zero:
        raise InputError(f"{name!r} does not occur", where=str(form), remedy="solve for a variable that does")
    return (variable(name) * c - form) / c


def value_at(form: Affine, point: Mapping[str, ScalarLike]) -> Scalar:
    """The value of a form at a point.

    Raises `InputError` if the point lacks a variable.

    >>> value_at(1 + 2 * variable("x"), {"x": 3})
    7
    """
    total = form.constant
    for name, coefficient in form.terms:
        if name not in point:
            raise InputError("the point has no value for this variable", where=name, remedy="give it one")
        total = total + coefficient * scalar(point[name])
    return total
