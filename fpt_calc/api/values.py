"""Keyword values of ``.at(...)`` as a point."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

import numpy as np

from fpt_calc.claims import declared
from fpt_calc.derivation import LimitLaw
from fpt_calc.errors import InputError
from fpt_calc.expr import Atom
from fpt_calc.point import Dense, Eigenvalues, MatrixData, Multiple, Number, NumericModel, Point, PowerLaw
from fpt_calc.problem.values import check_law
from fpt_calc.scalars import Dimension, Parameter, generators_of


def point_from_values(law: LimitLaw, start: Point | None, values: Mapping[str, Any]) -> Point:
    """The point of a problem file with some values replaced, or a new one.

    Raises `InputError` for a name that the law does not know.
    """
    matrices, generators, random = declared(law)
    dims = {g.name for g in generators if isinstance(g, Dimension)}
    names = {g.name for g in generators if isinstance(g, Parameter)}
    base = start or Point()
    new: dict[str, dict[str, Any]] = {"dims": {}, "scalars": {}, "matrices": {}}
    for name, value in values.items():
        if name in dims:
            new["dims"][name] = _dimension(name, value)
        elif name in names:
            new["scalars"][name] = _number(name, value)
        elif name in matrices:
            new["matrices"][name] = _matrix(matrices[name], value)
        elif name in random:
            remedy = f"condition on it with derive(..., given=[{name}])"
            raise InputError(f"a value for {name}, which is random", where=f"at.{name}", remedy=remedy)
        else:
            known = sorted(dims | names | set(matrices))
            close = get_close_matches(name, known, 1)
            remedy = f"did you mean {close[0]!r}?" if close else f"the law has {', '.join(known)}"
            raise InputError(f"unknown name {name!r}", where="at", remedy=remedy)
    point = Point(
        {**base.dims, **new["dims"]},
        {**base.scalars, **new["scalars"]},
        {**base.matrices, **new["matrices"]},
        base.commute,
    )
    _check_random(random.values(), point)
    return point


def _check_random(random: Iterable[Atom], point: Point) -> None:
    """Shapes have to be positive and variances nonnegative, also where they cancel from the law."""
    model, known = NumericModel(point), {*point.dims, *point.scalars}
    for atom in random:
        assert atom.law is not None
        if all(g.name in known for s in (*atom.shape, *atom.law.scalars()) for g in generators_of(s)):
            for dim in atom.shape:
                model.dimension(dim)
            check_law(model, atom)


def sweep(law: LimitLaw, values: Mapping[str, Any], evaluate: Callable[[dict[str, Any]], Any]) -> Any:
    """``evaluate`` at each point where scalars or dimensions are arrays; their shapes broadcast together.

    Returns one value (or dict of values) for a single point, arrays of the broadcast shape otherwise.
    """
    matrices, _, _ = declared(law)
    arrays = {k: np.asarray(v) for k, v in values.items() if k not in matrices and np.ndim(v) > 0}
    if not arrays:
        return evaluate(dict(values))
    try:
        shape = np.broadcast_shapes(*(a.shape for a in arrays.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {a.shape}" for name, a in arrays.items())
        remedy = "give arrays of one length, or put one along another axis"
        raise InputError(f"arrays of shapes that do not fit: {shapes}", where="at", remedy=remedy) from None
    grids = {k: np.broadcast_to(a, shape) for k, a in arrays.items()}
    results = [evaluate({**values, **{k: g[i].item() for k, g in grids.items()}}) for i in np.ndindex(shape)]
    if not results:
        raise InputError("an empty array", where=f"at.{', '.join(arrays)}", remedy="give at least one value")
    if isinstance(results[0], dict):
        return {name: np.reshape([r[name] for r in results], shape) for name in results[0]}
    return np.reshape(results, shape)


def _dimension(name: str, value: Any) -> int:
    number = _number(name, value)
    if isinstance(number, complex) or number != int(number) or number <= 0:
        raise InputError(f"dimension {value!r} is not a positive integer", where=f"at.{name}", remedy="change it")
    return int(number)


def _number(name: str, value: Any) -> Number:
    """Strings are exact decimals or fractions, floats the decimals they print."""
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.ndim == 0):
        value = value.item()
    if isinstance(value, complex):
        return value
    try:
        return Fraction(repr(value) if isinstance(value, float | bool) else value)
    except (TypeError, ValueError, ZeroDivisionError):
        raise InputError(f"{value!r} is not a number", where=f"at.{name}", remedy="give a number") from None


def _matrix(atom: Atom, value: Any) -> MatrixData:
    """Spectra as they are; a number is a multiple of the identity, a list a diagonal, an array with two axes dense."""
    if isinstance(value, PowerLaw | Eigenvalues | Multiple | Dense):
        return value
    try:
        array = np.asarray(value)
    except ValueError:
        raise InputError("rows of different lengths", where=f"at.{atom.name}", remedy="give a full array") from None
    if array.ndim == 0:
        return Multiple(_number(atom.name, value))
    if array.dtype == object or not np.issubdtype(array.dtype, np.number):
        raise InputError("an array that is not numeric", where=f"at.{atom.name}", remedy="give numbers")
    if array.ndim == 1 and atom.rows == atom.cols:
        return Eigenvalues(tuple(array.tolist()))
    return Dense(array)
