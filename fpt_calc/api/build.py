"""Short constructors for the things a user declares."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from fpt_calc.ensembles import Gaussian, Wigner
from fpt_calc.ensembles import wishart as _wishart
from fpt_calc.errors import InputError
from fpt_calc.expr import Atom, EntrywiseConjugate, Expr, Inverse, SquareRoot
from fpt_calc.point import Eigenvalues, Number, PowerLaw
from fpt_calc.problem.tables import check_name
from fpt_calc.scalars import (
    Kind,
    Parameter,
    Scalar,
    ScalarLike,
    as_dimension,
    dimension,
    generator_scalar,
    is_nonnegative,
    scalar,
    square_root,
)


def dims(names: str) -> tuple[Scalar, ...]:
    """Symbolic (growing) dimensions.

    >>> n, d = dims("n d")
    >>> d / n
    d/n
    """
    return tuple(dimension(name) for name in _names(names))


def scalars(names: str, kind: Kind = "real") -> tuple[Scalar, ...]:
    """Free scalars of one kind: positive, nonnegative, real, fraction, integer, generations, complex or upper.

    >>> lam, sigma = scalars("lam sigma", "positive")
    """
    return tuple(generator_scalar(Parameter(name, kind)) for name in _names(names))


def matrix(name: str, rows: ScalarLike, cols: ScalarLike | None = None, *facts: str, field: str = "real") -> Atom:
    """A deterministic matrix, square if ``cols`` is left out; facts such as "psd", "symmetric", "projection".

    >>> n, d = dims("n d")
    >>> matrix("Sigma", d, d, "psd").shape
    (d, d)
    """
    right = rows if cols is None else cols
    _check(name, field)
    return Atom(name, as_dimension(rows, name), as_dimension(right, name), facts=frozenset(facts), entries=field)


def gaussian(
    name: str,
    rows: ScalarLike,
    cols: ScalarLike,
    *,
    variance: ScalarLike,
    field: str = "real",
    covariance: Expr | None = None,
    row_covariance: Expr | None = None,
) -> Atom:
    """A Gaussian matrix ``sqrt(variance) * row_covariance^(1/2) Z covariance^(1/2)``, Z with iid standard entries.

    >>> n, d = dims("n d")
    >>> X = gaussian("X", n, d, variance=1/n, covariance=matrix("Sigma", d, d, "psd"))  # rows N(0, Sigma/n)
    """
    _check(name, field, variance, row_covariance, covariance)
    law = Gaussian(scalar(variance), field, row_covariance, covariance)
    return Atom(name, as_dimension(rows, name), as_dimension(cols, name), law=law)


def wigner(name: str, dim: ScalarLike, *, variance: ScalarLike, field: str = "real") -> Atom:
    """A GOE matrix, or with ``field="complex"`` a GUE matrix; off-diagonal entries have this variance."""
    _check(name, field, variance)
    size = as_dimension(dim, name)
    return Atom(name, size, size, law=Wigner(scalar(variance), field))


def wishart(
    name: str, dim: ScalarLike, dof: ScalarLike, *, covariance: Expr | None = None, field: str = "real"
) -> Expr:
    """A Wishart matrix G.T @ G / dof of mean ``covariance`` (default: the identity)."""
    _check(name, field, 1, covariance)
    return _wishart(name, as_dimension(dim, name), scalar(dof), covariance, field)


def inv(value: Expr | ScalarLike) -> Any:
    """The inverse of a square matrix, or of a scalar."""
    return Inverse(value) if isinstance(value, Expr) else 1 / scalar(value)


def sqrt(value: Expr | ScalarLike) -> Any:
    """The psd square root of a psd deterministic matrix, or the principal root of a scalar."""
    if isinstance(value, Expr):
        return SquareRoot.of(value)
    return square_root(scalar(value))


def conj(value: Expr | ScalarLike) -> Any:
    """The entrywise complex conjugate."""
    return EntrywiseConjugate(value) if isinstance(value, Expr) else scalar(value).conjugate()


def power_law(exponent: float | str, scale: float | str = 1) -> PowerLaw:
    """The spectrum ``scale * k**-exponent``, k = 1..d."""
    return PowerLaw(_exact(exponent), _exact(scale))


def eigenvalues(values: Iterable[Number | str], weights: Sequence[Number | str] | None = None) -> Eigenvalues:
    """A spectrum, diagonal in the common basis; with weights a limiting spectrum."""
    exact = tuple(_number(v) for v in values)
    return Eigenvalues(exact, None if weights is None else tuple(_number(w) for w in weights))


def _names(names: str) -> list[str]:
    """The names in a string, separated by spaces or commas."""
    if not isinstance(names, str):
        raise InputError(f"{names!r} is not a string of names", remedy='write "n d"')
    return [check_name(name, "") for name in names.replace(",", " ").split()]


def _check(name: str, field: str, variance: ScalarLike = 1, *covariances: Expr | None) -> None:
    """Raise `InputError` for arguments that no matrix can have."""
    check_name(name, "")
    if field not in ("real", "complex"):
        raise InputError(f"unknown field {field!r}", where=name, remedy='use "real" or "complex"')
    value = scalar(variance)
    if is_nonnegative(-value) and not value.is_zero:
        raise InputError(f"the negative variance {value}", where=name, remedy="variances are positive")
    for covariance in covariances:
        if covariance is not None and not isinstance(covariance, Expr):
            what = f"the covariance {covariance!r} is not a matrix"
            raise InputError(what, where=name, remedy="declare it with matrix(...), or put numbers into the variance")


def _number(value: Number | str) -> Number:
    """Strings are exact decimals or fractions."""
    return _exact(value) if isinstance(value, str) else value


def _exact(value: float | str) -> Fraction:
    try:
        return Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        raise InputError(f"{value!r} is not a number", remedy="give a decimal or a fraction") from None
