"""Models modulo a prime in which a dimension, as a number, is the size of the matrices.

`fpt_calc.expr.PrimeModel` keeps the two apart, as the engine is about limits; an exact identity such as
``Tr(X@X.T) == Tr(X.T@X)`` is about one size.
"""

from __future__ import annotations

import random
from typing import Any

import flint

from fpt_calc.expr import PRIME, Expr, PrimeModel, evaluate
from fpt_calc.identities.sizes import Contents, Sizes, draw_sizes, size_of
from fpt_calc.scalars import Scalar


class SizedModel(PrimeModel):
    """A random model modulo `PRIME` of matrices of the given sizes."""

    def __init__(self, seed: int, sizes: Sizes) -> None:
        super().__init__(seed)
        self._given = sizes
        for generator, value in sizes.items():
            self.set_generator(generator, flint.nmod(value.numerator, PRIME) / flint.nmod(value.denominator, PRIME))

    def size(self, dim: Scalar) -> int:
        return int(size_of(dim, self._given))


def sized_model(found: Contents, seed: int, choices: tuple[int, ...]) -> tuple[SizedModel, Sizes]:
    """A model of the matrices of an equation and its sizes, drawn among ``choices``."""
    sizes = draw_sizes(found, random.Random(seed), choices)
    return SizedModel(seed, sizes), sizes


def residues(value: Expr | Scalar, model: SizedModel) -> list[list[int]]:
    """The entries of a matrix in a model; a scalar is a matrix of one entry.  Raises `UnluckyModelError` at poles."""
    if isinstance(value, Scalar):
        return [[int(model.scalar(value))]]
    matrix: Any = evaluate(value, model).value
    return [[int(matrix[i, j]) for j in range(matrix.ncols())] for i in range(matrix.nrows())]
