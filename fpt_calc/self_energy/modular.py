"""A fixed-point system in a random model over a prime field: its right-hand sides and their derivatives, exactly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import flint

from fpt_calc.expr import PRIME, Expr, PrimeModel, UnluckyModelError, evaluate
from fpt_calc.expr.modular import Matrix
from fpt_calc.graphs import connected_parts
from fpt_calc.scalars import Scalar
from fpt_calc.system import Average, Coupling, FixedPointSystem, Unknown

Residue = Any  # flint.nmod

# Words in small matrices satisfy trace identities that larger ones do not; sizes 4 and 5 leave room for degree 8.
MODEL_SIZES = (4, 5)


class ModularSystem:
    """The deterministic data of a system, evaluated once in a model.

    Raises `UnluckyModelError` where a matrix is singular in the model.
    """

    def __init__(self, system: FixedPointSystem, model: PrimeModel) -> None:
        self.system = system
        self.model = model
        self._expressions: dict[Expr, Matrix] = {}

    def matrix(self, expr: Expr) -> Matrix:
        """The value of a deterministic expression."""
        if expr not in self._expressions:
            self._expressions[expr] = evaluate(expr, self.model).value
        return self._expressions[expr]

    @cached_property
    def parts(self) -> list[list[int]]:
        """States in connected parts: G has no blocks between different parts."""
        edges = [(t.row, t.col) for t in self.system.terms] + [(c.row, c.col) for c in self.system.couplings]
        return connected_parts(len(self.system.dims), edges)

    @cached_property
    def _terms(self) -> list[tuple[int, int, Matrix]]:
        return [
            (t.row, t.col, self._scaled(t.coefficient, t.matrix, self.system.dims[t.row])) for t in self.system.terms
        ]

    @cached_property
    def couplings(self) -> list[tuple[Coupling, Matrix]]:
        """Each coupling with the value of coefficient * matrix."""
        return [(c, self._scaled(c.coefficient, c.matrix, self.system.dims[c.row])) for c in self.system.couplings]

    def _scaled(self, coefficient: Scalar, matrix: Expr | None, dim: Scalar) -> Matrix:
        base = self.model.identity(self.model.size(dim)) if matrix is None else self.matrix(matrix)
        return base * self.model.scalar(coefficient)

    def blocks(self, values: Mapping[Unknown, Residue]) -> dict[tuple[int, int], Matrix]:
        """All blocks of ``G = (F - eta)^-1`` at given values of the unknowns, zero blocks left out."""
        result: dict[tuple[int, int], Matrix] = {}
        entries = self._terms + [
            (c.row, c.col, m * (-values[c.unknown])) for c, m in self.couplings if int(values[c.unknown])
        ]
        for part in self.parts:
            result.update(self._inverse(part, entries))
        return result

    def _inverse(self, part: list[int], entries: Iterable[tuple[int, int, Matrix]]) -> dict[tuple[int, int], Matrix]:
        sizes = {i: self.model.size(self.system.dims[i]) for i in part}
        starts, total = {}, 0
        for i in part:
            starts[i] = total
            total += sizes[i]
        table = [[0] * total for _ in range(total)]
        for i, j, block in entries:
            if i in starts:
                for r, row in enumerate(block.tolist()):
                    target = table[starts[i] + r]
                    for s, value in enumerate(row):
                        target[starts[j] + s] += int(value)
        try:
            inverse = flint.nmod_mat(total, total, [x for row in table for x in row], PRIME).inv().tolist()
        except ZeroDivisionError as error:
            raise UnluckyModelError("singular pencil") from error
        result = {}
        for i in part:
            for j in part:
                rows = [row[starts[j] : starts[j] + sizes[j]] for row in inverse[starts[i] : starts[i] + sizes[i]]]
                flat = [int(x) for row in rows for x in row]
                if any(flat):
                    result[(i, j)] = flint.nmod_mat(sizes[i], sizes[j], flat, PRIME)
        return result

    def average(self, average: Average, blocks: Mapping[tuple[int, int], Matrix]) -> Residue:
        """``tau(weight @ G[row, col])``."""
        block = blocks.get((average.row, average.col))
        if block is None:
            return flint.nmod(0, PRIME)
        return self.model.tau(block if average.weight is None else self.matrix(average.weight) * block)

    def derivative(
        self, average: Average, coupling: Coupling, matrix: Matrix, blocks: Mapping[tuple[int, int], Matrix]
    ) -> Residue:
        """The derivative of an average with respect to the unknown of one coupling: dG = G d(eta) G."""
        left = blocks.get((average.row, coupling.row))
        right = blocks.get((coupling.col, average.col))
        if left is None or right is None:
            return flint.nmod(0, PRIME)
        middle = left * matrix * right
        return self.model.tau(middle if average.weight is None else self.matrix(average.weight) * middle)
