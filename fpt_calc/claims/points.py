"""Random admissible points with exact entries, where claims are tested: small, dense, and not commuting.

Every entry is a dyadic number, hence the same for doubles, balls and fractions.  A psd matrix is the square of a
matrix with such entries, so that its square root is exact too.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from fpt_calc.errors import ComputationError
from fpt_calc.expr import Atom
from fpt_calc.point import Dense, Number, Point
from fpt_calc.scalars import Dimension, Generator, Parameter, Scalar, evaluate_scalar
from fpt_calc.spectral import Commutation

Array = Any

ATTEMPTS = 200  # at sizes that make all shapes integers
_PLAIN = {"projection", "orthogonal"}


@dataclass(frozen=True, eq=False)
class ExactPoint:
    """A point, and the square roots of its psd matrices by name; points are told apart by identity."""

    point: Point
    roots: Mapping[str, Array]


def exact_point(atoms: Iterable[Atom], generators: Iterable[Generator], groups: Commutation, seed: int) -> ExactPoint:
    """A random point for some deterministic matrices and the scalars and dimensions that go with them.

    Matrices commute only within their groups, and dimensions differ; those that carry no matrix are often smaller
    than those that do, as limits need not be integers.  Raises `ComputationError` where no shapes are found.
    """
    draw = random.Random(seed)
    matrices = sorted(atoms, key=lambda a: a.name)
    gens = sorted(generators, key=lambda g: g.name)
    scalars = {g.name: _number(g, draw) for g in gens if isinstance(g, Parameter)}
    dims = _dimensions(matrices, [g for g in gens if isinstance(g, Dimension)], scalars, groups, draw)
    made: dict[str, Array] = {}
    roots: dict[str, Array] = {}
    for atom in matrices:
        rows, cols = (int(_size(dim, dims, scalars)) for dim in atom.shape)
        group = next((k for k, names in enumerate(groups) if atom.name in names), None)
        root = _root(atom, rows, cols, draw) if group is None else _commuting(atom, rows, group, draw)
        if "psd" in atom.facts and not _PLAIN & atom.facts:
            roots[atom.name], made[atom.name] = root, root @ root
        else:
            made[atom.name] = root
            if "psd" in atom.facts:  # a projection
                roots[atom.name] = root
    point = Point(dims, scalars, {name: Dense(array) for name, array in made.items()})
    return ExactPoint(point, roots)


def _number(parameter: Parameter, draw: random.Random) -> Number:
    match parameter.kind:
        case "fraction":
            return Fraction(draw.randint(1, 7), 8)
        case "integer" | "generations":
            return draw.randint(1, 4)
        case "complex" | "upper":
            return complex(draw.randint(-8, 8) / 8, draw.randint(16, 32) / 8)
        case "real":
            return Fraction(draw.choice([-1, 1]) * draw.randint(1, 40), 16)
    return Fraction(draw.randint(3, 40), 16 * draw.choice([1, 1, 16]))  # small ones, where roots and branches meet


def _dimensions(
    matrices: list[Atom],
    dims: list[Dimension],
    scalars: Mapping[str, Number],
    groups: Commutation,
    draw: random.Random,
) -> dict[str, int]:
    """Distinct sizes at which all matrices have integer shapes."""
    carrying = {g for a in matrices for dim in a.shape for g in dim.gens}
    # a projection, an orthogonal matrix or a second common basis with dyadic entries needs four dimensions
    least = 4 if len(groups) > 1 or any(_PLAIN & a.facts for a in matrices) else 3
    for k in range(ATTEMPTS):
        top = least + len(dims) + k // 20
        carried = draw.sample(range(least, top + 1), k=len([g for g in dims if g in carrying]))
        free = draw.sample([m for m in range(1, top + 8) if m not in carried], k=len(dims) - len(carried))
        sizes = {g.name: (carried if g in carrying else free).pop() for g in dims}
        shapes = [_size(dim, sizes, scalars) for a in matrices for dim in a.shape]
        if all(s.denominator == 1 and s >= 1 for s in shapes):
            return sizes
    raise ComputationError("no sizes make all shapes integers", remedy="declare matrices on plain dimensions")


def _size(dim: Scalar, sizes: Mapping[str, int], scalars: Mapping[str, Number]) -> Fraction:
    return evaluate_scalar(dim, lambda g: Fraction(sizes[g.name] if g.name in sizes else scalars[g.name]), Fraction)  # type: ignore[arg-type]  # complex scalars have no place in shapes


def _integers(rows: int, cols: int, atom: Atom, draw: random.Random) -> Array:
    array = np.array([[float(draw.randint(-2, 2)) for _ in range(cols)] for _ in range(rows)])
    if atom.entries == "complex" and not {"symmetric", "hermitian"} <= atom.facts:  # such a matrix is real
        array = array + 1j * _integers(rows, cols, Atom("part", atom.rows, atom.cols), draw)
    return array


def _root(atom: Atom, rows: int, cols: int, draw: random.Random) -> Array:
    """The square root of a psd matrix, or the matrix itself."""
    facts, a = atom.facts, _integers(rows, cols, atom, draw)
    if "projection" in facts:
        return (np.eye(rows) + _reflection(rows, draw)) / 2 if rows > 3 else np.diag(np.arange(rows) % 2.0)
    if "orthogonal" in facts:
        one = _reflection(rows, draw)
        return one if "symmetric" in facts or "hermitian" in facts else one @ _reflection(rows, draw)
    if "psd" in facts:
        return (a @ a.conj().T + 2 * np.eye(rows)) / 8
    if "hermitian" in facts:
        return (a + a.conj().T) / 8
    return (a + a.T) / 8 if "symmetric" in facts else a / 4


def _commuting(atom: Atom, size: int, group: int, draw: random.Random) -> Array:
    """The same for a matrix that is diagonal in the basis of its group."""
    values = np.array([draw.randint(2, 12) / 8 for _ in range(size)])
    if "projection" in atom.facts:
        values = np.round(values - 0.2)
    elif "orthogonal" in atom.facts:
        values = np.sign(values - 0.9)
    elif "psd" not in atom.facts:
        values = values - 0.875
    basis = _reflection(size, random.Random(group)) if group else np.eye(size)
    return (basis * values) @ basis


def _reflection(size: int, draw: random.Random) -> Array:
    """``1 - 2 v v'/v'v`` with four entries 1 or -1 in v (two in small sizes)."""
    count = 4 if size > 3 else min(size, 2)
    v = np.zeros(size)
    for k in draw.sample(range(size), count):
        v[k] = draw.choice([-1.0, 1.0])
    return np.eye(size) - 2 * np.outer(v, v) / (v @ v)
