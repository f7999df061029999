"""A fixed-point system in a random model over a prime field: its right-hand sides and their derivatives, exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import flint

from fpt_calc.expr import PRIME, Expr, PrimeModel, UnluckyModelError, evaluate
from fpt_calc.expr.modular import Matrix
from fpt_calc.graphs import connected_parts
from fpt_calc.scalars import Scalar
from fpt_calc.system import Average, Coupling, FixedPointSystem, Unknown

Residue = Any  # flint.nmod

# Words in small matrices satisfy trace identities that larger ones do not; sizes from 4 on leave room for degree 8.
MODEL_SIZES = (4, 5, 6, 7)


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

    @cached_property
    def _groups(self) -> list[_Group]:
        """The couplings by the deterministic matrix that they carry (and its dimension)."""
        groups: dict[tuple[Scalar, Expr | None], _Group] = {}
        for c in self.system.couplings:
            key = (self.system.dims[c.row], c.matrix)
            group = groups.setdefault(key, _Group(None if c.matrix is None else self.matrix(c.matrix), [], [], []))
            for states, state in ((group.rows, c.row), (group.cols, c.col)):
                if state not in states:
                    states.append(state)
            group.items.append((c.row, c.col, c.unknown, int(self.model.scalar(c.coefficient))))
        return list(groups.values())

    def gradients(self, blocks: Mapping[tuple[int, int], Matrix]) -> Callable[[Average], dict[Unknown, int]]:
        """The derivatives of an average with respect to all unknowns, zeros left out: dG = G d(eta) G.

        All ``tau(weight G[row, i] M G[j, col])`` of one matrix M come from one product of flattened blocks.
        """

        @cache  # lives as long as the returned function
        def left(k: int, row: int, weight: Expr | None) -> Matrix:
            factor = None if weight is None else self.matrix(weight)
            return self._flat([(row, i) for i in self._groups[k].rows], blocks, factor, transposed=False)

        @cache
        def right(k: int, col: int) -> Matrix:
            group = self._groups[k]
            return self._flat([(j, col) for j in group.cols], blocks, group.matrix, transposed=True).transpose()

        def gradient(average: Average) -> dict[Unknown, int]:
            scale = int(1 / flint.nmod(self.model.size(self.system.dims[average.col]), PRIME))
            result: dict[Unknown, int] = {}
            for k, group in enumerate(self._groups):
                table = (left(k, average.row, average.weight) * right(k, average.col)).tolist()
                rows, cols = ({s: p for p, s in enumerate(states)} for states in (group.rows, group.cols))
                for i, j, unknown, coefficient in group.items:
                    value = int(table[rows[i]][cols[j]])
                    if value:
                        result[unknown] = (result.get(unknown, 0) + coefficient * value * scale) % PRIME
            return {u: v for u, v in result.items() if v}

        return gradient

    def _flat(
        self,
        places: list[tuple[int, int]],
        blocks: Mapping[tuple[int, int], Matrix],
        factor: Matrix | None,
        transposed: bool,
    ) -> Matrix:
        """One row for each block ``factor @ G[place]``, its entries in a line; zero blocks give zero rows."""
        sizes = [self.model.size(self.system.dims[p]) for p in places[0]]
        rows = sizes[0] if factor is None else factor.nrows()
        entries: list[int] = []
        for place in places:
            block = blocks.get(place)
            if block is None:
                entries += [0] * (rows * sizes[1])
            else:
                block = block if factor is None else factor * block
                entries += [int(x) for x in (block.transpose() if transposed else block).entries()]
        return flint.nmod_mat(len(places), rows * sizes[1], entries, PRIME)


@dataclass(frozen=True)
class _Group:
    """Couplings with one matrix: the states they start and end at, and (row, col, unknown, coefficient) of each."""

    matrix: Matrix | None
    rows: list[int]
    cols: list[int]
    items: list[tuple[int, int, Unknown, int]]
