"""The block matrix ``G = (F - t eta(x))^-1`` in double precision, computed block by block on demand.

States fall into the strongly connected components of the matrix; only diagonal blocks are inverted, and a block between
components follows from ``G_kl = - sum_i G_ki sum_c M_ic G_cl``.  Numbers, diagonals and dense matrices keep their kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fpt_calc.expr import Expr
from fpt_calc.graphs import strong_components
from fpt_calc.point import NumericModel, arrays
from fpt_calc.scalars import Scalar
from fpt_calc.system import Average, FixedPointSystem, Unknown, successors

Array = Any
Number = Any
Key = tuple[int, int]


class NumericSystem:
    """A system with the numbers of a point put in; immutable after construction."""

    def __init__(self, system: FixedPointSystem, model: NumericModel) -> None:
        self.system = system
        self.model = model
        self._matrices: dict[Expr, Array] = {}
        self._weights: dict[int, Array | None] = {}
        self.terms = [(t.row, t.col, self._entry(t.coefficient, t.matrix)) for t in system.terms]
        self.couplings = [
            (c, model.scalar(c.coefficient), None if c.matrix is None else self.matrix(c.matrix))
            for c in system.couplings
        ]
        self.averages = {
            u: (a, None if a.weight is None else self.matrix(a.weight)) for u, a in system.averages.items()
        }
        self.edges = successors((*system.terms, *system.couplings))
        order = strong_components(range(len(system.dims)), self.edges)
        self.component = {i: k for k, part in enumerate(order) for i in part}
        self.parts = [tuple(sorted(part)) for part in order]

    def matrix(self, expr: Expr) -> Array:
        """The value of a deterministic expression, computed once."""
        if expr not in self._matrices:
            self._matrices[expr] = self.model.matrix(expr)
        return self._matrices[expr]

    def weights(self, state: int) -> Array | None:
        """The weights of a limiting spectrum on the dimension of a state."""
        return self.model.weights(self.system.dims[state])

    def size(self, state: int) -> int:
        """The dimension of a state as an integer."""
        return self.model.size(self.system.dims[state])

    def _entry(self, coefficient: Scalar, matrix: Expr | None) -> Array:
        value = np.asarray(self.model.scalar(coefficient))
        # asarray: complex * numpy.float64 would be a Python number, which has no axes
        return value if matrix is None else np.asarray(value * self.matrix(matrix))

    def tau(self, average: Average, weight: Array | None, block: Array) -> Number:
        """``tau(weight @ block)``, the trace running over the columns of the average."""
        weights = self.weights(average.col)
        if weight is None:
            return arrays.normalized_trace(block, weights)
        return arrays.trace_of_product(weight, block, weights)


class Blocks:
    """The blocks of G at one value of the unknowns and of the ramp t; blocks are computed when asked for."""

    def __init__(
        self, numeric: NumericSystem, values: Mapping[Unknown, Number], ramp: Number, expanded_at_zero: bool = False
    ) -> None:
        self.numeric = numeric
        self.ramp = ramp
        self._matrix: dict[Key, Array] = {}
        for i, j, entry in numeric.terms:
            self._put(i, j, entry)
        for coupling, coefficient, matrix in () if expanded_at_zero else numeric.couplings:
            value = np.asarray(-ramp * coefficient * values.get(coupling.unknown, 0.0))
            if value:
                self._put(coupling.row, coupling.col, value if matrix is None else arrays.multiply(value, matrix))
        self._blocks: dict[Key, Array | None] = {}
        self._inverted: set[int] = set()
        self._products: dict[tuple[int, int, int], Array | None] = {}
        self.condition = 1.0

    def _put(self, i: int, j: int, entry: Array) -> None:
        known = self._matrix.get((i, j))
        self._matrix[(i, j)] = entry if known is None else arrays.add(known, entry)

    def block(self, k: int, last: int) -> Array | None:
        """G[k, last], or None where it vanishes; raises `numpy.linalg.LinAlgError` for a singular diagonal block."""
        key = (k, last)
        if key not in self._blocks:
            part = self.numeric.component[k]
            if part == self.numeric.component[last]:
                self._invert(part)
            else:
                self._blocks[key] = self._across(k, last)
        return self._blocks.get(key)

    def _across(self, k: int, last: int) -> Array | None:
        part = self.numeric.component[k]
        if part < self.numeric.component[last]:  # components are listed after those that they point to
            return None
        total: Array | None = None
        for i in self.numeric.parts[part]:
            tail: Array | None = None
            for c in self.numeric.edges.get(i, ()):
                if self.numeric.component[c] == part or (i, c) not in self._matrix:
                    continue
                onward = self.block(c, last)
                if onward is not None:
                    piece = arrays.multiply(self._matrix[(i, c)], onward)
                    tail = piece if tail is None else arrays.add(tail, piece)
            own = self.block(k, i) if tail is not None else None
            if tail is not None and own is not None:
                piece = arrays.multiply(own, tail)
                total = -piece if total is None else arrays.add(total, -piece)
        return total

    def _invert(self, part: int) -> None:
        if part in self._inverted:
            return
        self._inverted.add(part)
        states = self.numeric.parts[part]
        entries = {(i, j): self._matrix[(i, j)] for i in states for j in states if (i, j) in self._matrix}
        if any(e.ndim == 2 for e in entries.values()):
            self._invert_dense(states, entries)
        else:
            self._invert_diagonal(states, entries)

    def _invert_diagonal(self, states: tuple[int, ...], entries: Mapping[Key, Array]) -> None:
        """Numbers and diagonals: one small inverse per eigenvalue, all at once."""
        shape = np.broadcast_shapes(*(e.shape for e in entries.values())) if entries else ()
        stacked = np.zeros((*shape, len(states), len(states)), dtype=np.result_type(*entries.values(), float))
        for (i, j), e in entries.items():
            stacked[..., states.index(i), states.index(j)] = e
        inverse = 1.0 / _nonzero(stacked) if len(states) == 1 else np.linalg.inv(stacked)
        self._note_condition(stacked, inverse)
        for r, i in enumerate(states):
            for s, j in enumerate(states):
                self._blocks[(i, j)] = np.ascontiguousarray(inverse[..., r, s])

    def _invert_dense(self, states: tuple[int, ...], entries: dict[Key, Array]) -> None:
        """Sweep out the states whose pivot is a number or a diagonal, then invert the rest as one dense matrix."""
        work, rest = dict(entries), list(states)
        while (pivot := _cheap_pivot(work, rest)) is not None:
            rest.remove(pivot)
            _sweep(work, (pivot,), {(pivot, pivot): arrays.inverse(work[(pivot, pivot)])})
        if rest:
            _sweep(work, tuple(rest), self._dense_inverse(rest, work))
        self._blocks.update(work)

    def _dense_inverse(self, states: list[int], entries: Mapping[Key, Array]) -> dict[Key, Array]:
        sizes = {i: self.numeric.size(i) for i in states}
        starts = dict(zip(states, np.cumsum([0, *(sizes[i] for i in states)]), strict=False))
        total = sum(sizes.values())
        full = np.zeros((total, total), dtype=np.result_type(*entries.values(), float))
        for i in states:
            for j in states:
                if (i, j) in entries:
                    block = arrays.dense(entries[(i, j)], sizes[i])
                    full[starts[i] : starts[i] + sizes[i], starts[j] : starts[j] + sizes[j]] = block
        inverse = np.linalg.inv(full)
        self._note_condition(full, inverse)
        return {
            (i, j): np.ascontiguousarray(inverse[starts[i] : starts[i] + sizes[i], starts[j] : starts[j] + sizes[j]])
            for i in states
            for j in states
        }

    def _note_condition(self, matrix: Array, inverse: Array) -> None:
        """Remember the largest condition number seen (1-norm for a single matrix, entrywise bound for stacks)."""
        if matrix.ndim == 2:
            self.condition = max(self.condition, float(np.linalg.norm(matrix, 1) * np.linalg.norm(inverse, 1)))
        elif matrix.shape[-1] > 1:
            norms = np.abs(matrix).sum(-2).max(-1) * np.abs(inverse).sum(-2).max(-1)
            self.condition = max(self.condition, float(norms.max()))

    def average(self, unknown: Unknown) -> Number:
        """The right-hand side of the equation of an unknown."""
        average, weight = self.numeric.averages[unknown]
        block = self.block(average.row, average.col)
        return 0.0 if block is None else self.numeric.tau(average, weight, block)

    def derivatives(self, unknown: Unknown, by: Mapping[Unknown, int]) -> Array:
        """The derivatives of a right-hand side with respect to some unknowns: dG = G t d(eta) G."""
        average, weight = self.numeric.averages[unknown]
        row = np.zeros(len(by), dtype=complex)
        weights = self.numeric.weights(average.col)
        for coupling, coefficient, matrix in self.numeric.couplings:
            if coupling.unknown not in by:
                continue
            left = self._product(weight, average.row, coupling.row)
            right = self._product(matrix, coupling.col, average.col)
            if left is not None and right is not None:
                slope = self.ramp * coefficient * arrays.trace_of_product(left, right, weights)
                row[by[coupling.unknown]] += slope
        return row

    def _product(self, matrix: Array | None, k: int, last: int) -> Array | None:
        """``matrix @ G[k, last]``, remembered: the same products occur in many derivatives."""
        block = self.block(k, last)
        if matrix is None or block is None:
            return block
        key = (id(matrix), k, last)
        if key not in self._products:
            self._products[key] = arrays.multiply(matrix, block)
        return self._products[key]


def _nonzero(a: Array) -> Array:
    if not np.all(a):
        raise np.linalg.LinAlgError("Singular matrix")
    return a


def _cheap_pivot(entries: Mapping[Key, Array], states: list[int]) -> int | None:
    """A state whose diagonal entry is a number or a diagonal that is not small against its row."""
    for i in states:
        pivot = entries.get((i, i))
        if pivot is not None and pivot.ndim < 2:
            row = max((float(np.abs(entries[(i, j)]).max()) for j in states if (i, j) in entries), default=0.0)
            if float(np.abs(pivot).min()) >= 1e-2 * row > 0:
                return i
    return None


def _sweep(entries: dict[Key, Array], pivots: tuple[int, ...], inverse: Mapping[Key, Array]) -> None:
    """One step of block Gauss-Jordan inversion in place; sweeping all states once gives the inverse matrix."""
    rows = {i for i, _ in entries} - set(pivots)
    columns = {j for _, j in entries} - set(pivots)
    left = {(i, q): _combine(entries, inverse, i, pivots, q) for i in rows for q in pivots}
    right = {(q, j): _combine(inverse, entries, q, pivots, j) for j in columns for q in pivots}
    for i in rows:
        for j in columns:
            update = _combine(left, entries, i, pivots, j)
            if update is not None:
                known = entries.get((i, j))
                entries[(i, j)] = -update if known is None else arrays.add(known, -update)
    for (i, q), block in left.items():
        if block is not None:
            entries[(i, q)] = -block
    for key, block in right.items():
        if block is not None:
            entries[key] = block
    entries.update(inverse)


def _combine(
    a: Mapping[Key, Array | None],
    b: Mapping[Key, Array | None],
    i: int,
    inner: tuple[int, ...],
    j: int,
) -> Array | None:
    """``sum_q a[i, q] b[q, j]`` over the blocks that are there."""
    total: Array | None = None
    for q in inner:
        left, right = a.get((i, q)), b.get((q, j))
        if left is not None and right is not None:
            piece = arrays.multiply(left, right)
            total = piece if total is None else arrays.add(total, piece)
    return total
