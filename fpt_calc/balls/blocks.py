"""The block matrix ``G = (F - eta(x))^-1`` in multiprecision.

Like `fpt_calc.solve.blocks`, only strongly connected parts are inverted, each in the cheapest kind of array: where all
deterministic matrices are spectra, connected states share one dimension, and G is one small matrix for each eigenvalue.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import flint

from fpt_calc.balls.linear import inverse_of_blocks
from fpt_calc.expr import Expr
from fpt_calc.graphs import strong_components
from fpt_calc.point import Ball, BallArray, BallModel, Point, ball_arrays
from fpt_calc.system import FixedPointSystem, Unknown, successors

Key = tuple[int, int]


class BallSystem:
    """A system with the exact numbers of a point put in, rounded to the precision at construction."""

    def __init__(self, system: FixedPointSystem, point: Point) -> None:
        self.system = system
        self.model = BallModel(point)
        self._matrices: dict[Expr, BallArray] = {}
        self.constants: dict[Key, BallArray] = {}
        for term in system.terms:
            entry = self._product(self.model.scalar(term.coefficient), term.matrix)
            key = (term.row, term.col)
            known = self.constants.get(key)
            self.constants[key] = entry if known is None else ball_arrays.add(known, entry)
        self.couplings: dict[Key, list[tuple[Unknown, BallArray]]] = {}
        for c in system.couplings:
            entry = self._product(self.model.scalar(c.coefficient), c.matrix)
            self.couplings.setdefault((c.row, c.col), []).append((c.unknown, entry))
        self.weights = {
            u: None if a.weight is None else self._product(flint.arb(1), a.weight) for u, a in system.averages.items()
        }
        self.edges = successors((*system.terms, *system.couplings))
        order = strong_components(range(len(system.dims)), self.edges)
        self.component = {i: k for k, part in enumerate(order) for i in part}
        self.parts = [tuple(sorted(part)) for part in order]
        self._inverses: dict[int, tuple[int, list[Ball], dict[Key, BallArray]]] = {}

    def _product(self, coefficient: Ball, matrix: Expr | None) -> BallArray:
        if matrix is None:
            return coefficient
        if matrix not in self._matrices:
            self._matrices[matrix] = self.model.matrix(matrix)
        return coefficient * self._matrices[matrix]

    def matrix(self, expr: Expr) -> BallArray:
        """The value of a deterministic expression, computed once."""
        return self._product(flint.arb(1), expr)

    def unknowns_in(self, part: int) -> Iterator[Unknown]:
        """The unknowns in the diagonal block of a part, with repetitions."""
        for i in self.parts[part]:
            for j in self.parts[part]:
                yield from (u for u, _ in self.couplings.get((i, j), ()))

    def inverse(self, part: int, blocks: BallBlocks) -> dict[Key, BallArray]:
        """The inverse of a diagonal block; the last one is remembered, for the components solved later share it."""
        values = [blocks.values.get(u) for u in self.unknowns_in(part)]
        if part in self._inverses:
            bits, known, inverse = self._inverses[part]
            if bits == flint.ctx.prec and all(a is b for a, b in zip(known, values, strict=True)):
                return inverse
        states = self.parts[part]
        entries = [[blocks.entry(i, j) for j in states] for i in states]
        table = inverse_of_blocks(entries, lambda: [self.model.size(self.system.dims[i]) for i in states])
        inverse = {(i, j): table[r][s] for r, i in enumerate(states) for s, j in enumerate(states)}
        self._inverses[part] = flint.ctx.prec, values, inverse
        return inverse


class BallBlocks:
    """The blocks of G at one value of the unknowns, computed when asked for."""

    def __init__(self, balls: BallSystem, values: Mapping[Unknown, Ball]) -> None:
        self._balls = balls
        self.values = values
        self._entries: dict[Key, BallArray | None] = {}
        self._blocks: dict[Key, BallArray | None] = {}
        self._products: dict[tuple[int, int, int], BallArray] = {}

    def entry(self, row: int, col: int) -> BallArray | None:
        """``(F - eta)[row, col]``, or None where it vanishes."""
        key = (row, col)
        if key not in self._entries:
            total = self._balls.constants.get(key)
            for unknown, matrix in self._balls.couplings.get(key, ()):
                if unknown in self.values:
                    piece = -self.values[unknown] * matrix
                    total = piece if total is None else ball_arrays.add(total, piece)
            self._entries[key] = total
        return self._entries[key]

    def block(self, row: int, col: int) -> BallArray | None:
        """``G[row, col]``, or None where it vanishes."""
        key = (row, col)
        if key not in self._blocks:
            part = self._balls.component[row]
            if part == self._balls.component[col]:
                self._blocks.update(self._balls.inverse(part, self))
            else:
                self._blocks[key] = self._across(row, col)
        return self._blocks[key]

    def _across(self, row: int, col: int) -> BallArray | None:
        """``- sum_i G[row, i] sum_c M[i, c] G[c, col]`` with i in the part of the row and c outside."""
        part = self._balls.component[row]
        if part < self._balls.component[col]:  # components are listed after those that they point to
            return None
        total: BallArray | None = None
        for i in self._balls.parts[part]:
            for c in self._balls.edges.get(i, ()):
                if self._balls.component[c] == part:
                    continue
                entry, onward, own = self.entry(i, c), self.block(c, col), self.block(row, i)
                if entry is not None and onward is not None and own is not None:
                    piece = -ball_arrays.multiply(own, ball_arrays.multiply(entry, onward))
                    total = piece if total is None else ball_arrays.add(total, piece)
        return total

    def average(self, unknown: Unknown) -> Ball:
        """The right-hand side of the equation of an unknown."""
        average, weight = self._balls.system.averages[unknown], self._balls.weights[unknown]
        block, dim = self.block(average.row, average.col), self._balls.system.dims[average.col]
        if block is None:
            return flint.arb(0)
        model = self._balls.model
        return model.tau(block, dim) if weight is None else model.tau_of_product(weight, block, dim)

    def derivatives(self, unknown: Unknown, by: Mapping[Unknown, int]) -> list[Ball]:
        """The derivatives of a right-hand side with respect to some unknowns: dG = G d(eta) G."""
        average, weight = self._balls.system.averages[unknown], self._balls.weights[unknown]
        dim = self._balls.system.dims[average.col]
        row: list[Ball] = [flint.arb(0)] * len(by)
        for (i, j), entries in self._balls.couplings.items():
            for other, matrix in entries:
                left = self._times(weight, average.row, i) if other in by else None
                right = None if left is None else self._times(matrix, j, average.col)
                if left is not None and right is not None:
                    row[by[other]] += self._balls.model.tau_of_product(left, right, dim)
        return row

    def _times(self, matrix: BallArray | None, row: int, col: int) -> BallArray | None:
        """``matrix @ G[row, col]``, remembered: the same products occur in many derivatives."""
        block = self.block(row, col)
        if matrix is None or block is None:
            return block
        key = (id(matrix), row, col)
        if key not in self._products:
            self._products[key] = ball_arrays.multiply(matrix, block)
        return self._products[key]
