"""Keyword values of ``.at(...)`` as a point."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
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
from fpt_calc.scalars import Dimension, Generator, Parameter, generators_of


@dataclass(frozen=True)
class Declared:
    """What has values at a point, by name: deterministic matrices, dimensions, scalars; and what is random."""

    matrices: Mapping[str, Atom]
    dims: Mapping[str, Dimension]
    scalars: Mapping[str, Parameter]
    random: Mapping[str, Atom]


def declared_in(law: LimitLaw) -> Declared:
    """What a law declares."""
    matrices, generators, random = declared(law)
    return declaration(matrices, generators, random)


def declaration(matrices: Mapping[str, Atom], generators: Iterable[Generator], random: Mapping[str, Atom]) -> Declared:
    """Matrices and generators by name."""
    found = list(generators)
    dims = {g.name: g for g in found if isinstance(g, Dimension)}
    return Declared(matrices, dims, {g.name: g for g in found if isinstance(g, Parameter)}, random)


def point_from_values(known: Declared, start: Point | None, values: Mapping[str, Any]) -> Point:
    """The point of a problem file with some values replaced, or a new one.

    Raises `InputError` for a name that is not declared.
    """
    matrices, dims, names, random = known.matrices, known.dims, known.scalars, known.random
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
            options = sorted({*dims, *names, *matrices})
            close = get_close_matches(name, options, 1)
            remedy = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(options)}"
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


def sweep(known: Declared, values: Mapping[str, Any], evaluate: Callable[[dict[str, Any]], Any]) -> Any:
    """``evaluate`` at each point where scalars or dimensions are arrays; their shapes broadcast together.

    Returns one value (or dict of values) for a single point, arrays of the broadcast shape otherwise.
    """
    arrays = {k: np.asarray(v) for k, v in values.items() if k not in known.matrices and np.ndim(v) > 0}
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
        names = dict.fromkeys(name for r in results for name in r)  # generation 2 has values where there are two
        return {name: np.reshape([r.get(name, np.nan) for r in results], shape) for name in names}
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
