"""Witnesses of a difference: matrices, and one entry where the two sides are not the same number."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import flint

from fpt_calc.errors import InputError
from fpt_calc.expr import PRIME, Atom, Expr, PrimeModel, UnluckyModelError
from fpt_calc.identities.exact import ExactModel, values
from fpt_calc.identities.residues import SizedModel, residues
from fpt_calc.identities.sizes import Contents, Sizes, draw_sizes
from fpt_calc.scalars import Generator, Scalar, evaluate_scalar, scalar

Rows = tuple[tuple[Scalar, ...], ...]

_CHOICES = ((1, 2), (1, 2), (1, 2), (2, 3), (2, 3), (1, 2, 3), (2, 3, 4))
_SEEDS_EACH = 6
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Witness:
    """Values at which two sides differ.

    Attributes
    ----------
    seed : of the model.
    modulus : 0 for exact numbers, else the prime modulo which all values are residues (there the conjugates of
        complex matrices and parameters are drawn independently, by the seed; they are not listed).
    sizes : the dimensions by name.
    matrices : the matrices by name, as rows of exact numbers.
    scalars : the parameters by name.
    entry : the first entry that differs, counted from 1; None if the sides are scalars.
    left, right : the two values there.
    """

    seed: int
    modulus: int
    sizes: tuple[tuple[str, Scalar], ...]
    matrices: tuple[tuple[str, Rows], ...]
    scalars: tuple[tuple[str, Scalar], ...]
    entry: tuple[int, int] | None
    left: Scalar
    right: Scalar

    def __str__(self) -> str:
        given = [f"{name} = {value}" for name, value in (*self.sizes, *self.scalars)]
        given += [f"{name} = {_rows_text(rows)}" for name, rows in self.matrices]
        where = "the value" if self.entry is None else f"the entry {self.entry}"
        modulus = f", modulo {self.modulus}" if self.modulus else ""
        head = f"for {', '.join(given)} " if given else ""
        return f"{head}{where} is {self.left} on the left and {self.right} on the right{modulus}"


def _rows_text(rows: Rows) -> str:
    return "[" + ", ".join("[" + ", ".join(map(str, row)) + "]" for row in rows) + "]"


def exact_witness(left: Expr | Scalar, right: Expr | Scalar, found: Contents) -> Witness | None:
    """The first small exact model in which the sides differ, smallest sizes first; None if the search finds none."""
    for k, choices in enumerate(_CHOICES):
        for seed in range(k * _SEEDS_EACH, (k + 1) * _SEEDS_EACH):
            try:
                sizes = draw_sizes(found, random.Random(seed), choices)
                model = ExactModel(seed, sizes, found)
                pair = values(left, model), values(right, model)
            except (UnluckyModelError, InputError):  # a pole, also one between dependent square roots of numbers
                continue
            entry = next((e for e in _entries(pair[0]) if _differ(_at(pair[0], e), _at(pair[1], e))), None)
            if entry is not None:
                matrices = {atom: model.atoms[atom][0].entries for atom in found.atoms}
                return _witness(seed, 0, sizes, matrices, model.scalars, left, entry, pair)
    return None


def modular_witness(
    left: Expr | Scalar, right: Expr | Scalar, found: Contents, seed: int, model: SizedModel, sizes: Sizes
) -> Witness:
    """The first difference in a model modulo the prime, where one was found."""
    pair = tuple(tuple(tuple(map(scalar, row)) for row in residues(side, model)) for side in (left, right))
    entry = next(e for e in _entries(pair[0]) if _at(pair[0], e) != _at(pair[1], e))
    matrices = {atom: _residue_rows(model, atom) for atom in found.atoms}
    scalars = {g: scalar(int(model.generator(g))) for g in found.generators}
    return _witness(seed, PRIME, sizes, matrices, scalars, left, entry, (pair[0], pair[1]))


def _residue_rows(model: PrimeModel, atom: Atom) -> Rows:
    matrix: Any = model.atom(atom).value
    assert isinstance(matrix, flint.nmod_mat)
    return tuple(tuple(scalar(int(matrix[i, j])) for j in range(matrix.ncols())) for i in range(matrix.nrows()))


def _witness(
    seed: int,
    modulus: int,
    sizes: Sizes,
    matrices: dict[Atom, Rows],
    scalars: dict[Generator, Scalar],
    left: Expr | Scalar,
    entry: tuple[int, int],
    pair: tuple[Rows, Rows],
) -> Witness:
    return Witness(
        seed,
        modulus,
        tuple(sorted((g.name, scalar(value)) for g, value in sizes.items())),
        tuple((atom.name, rows) for atom, rows in matrices.items()),
        tuple((g.name, value) for g, value in scalars.items() if g not in sizes),
        None if isinstance(left, Scalar) else (entry[0] + 1, entry[1] + 1),
        _at(pair[0], entry),
        _at(pair[1], entry),
    )


def _entries(rows: Rows) -> list[tuple[int, int]]:
    return [(i, j) for i, row in enumerate(rows) for j in range(len(row))]


def _at(rows: Rows, entry: tuple[int, int]) -> Scalar:
    return rows[entry[0]][entry[1]]


def _differ(a: Scalar, b: Scalar) -> bool:
    """Whether two exact numbers are different: dependent square roots may write one number in two ways."""
    if a == b:
        return False
    x, y = _numeric(a), _numeric(b)
    return abs(x - y) > _TOLERANCE * (1 + abs(x) + abs(y))


def _numeric(value: Scalar) -> complex:
    def generator(g: Generator) -> complex:
        if g.square is None:
            raise InputError(f"{g.name} has no numeric value", where="witness")
        root: complex = _numeric(g.square) ** 0.5
        return root.conjugate() if hasattr(g, "of") else root

    return evaluate_scalar(value, generator, complex)
