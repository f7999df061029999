"""Linear algebra with balls: inverses of block matrices, and linear systems.

What is singular has entries that are not finite, or raises ZeroDivisionError.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from typing import Any

import flint
import numpy as np

from fpt_calc.errors import ComputationError
from fpt_calc.point import Ball, BallArray
from fpt_calc.point.ball_arrays import dense, is_dense, matrix_of

Table = list[list[BallArray]]
MAX_SIZE = 320  # of a dense matrix that is inverted in seconds


def inverse_of_blocks(entries: list[list[BallArray | None]], sizes: Callable[[], list[int]]) -> Table:
    """The blocks of the inverse of a square block matrix.

    Parameters
    ----------
    entries : blocks by row and column; None is zero.
    sizes : the dimension of each row (and column) of blocks; called where some block is dense.

    Raises `ComputationError` if dense blocks make the matrix too large for multiprecision.
    """
    if any(is_dense(e) for row in entries for e in row):
        return _inverse_of_dense(entries, sizes())
    filled = [[flint.arb(0) if e is None else e for e in row] for row in entries]
    if len(filled) == 1:
        return [[1 / filled[0][0]]]
    if len(filled) == 2:
        (a, b), (c, d) = filled
        scale = 1 / (a * d - b * c)
        return [[scale * d, -scale * b], [-scale * c, scale * a]]
    return _inverse_by_eigenvalue(filled)


def _inverse_by_eigenvalue(entries: Table) -> Table:
    """One small inverse for each eigenvalue, or a single one if all entries are multiples of the identity."""
    size, flat = len(entries), [e for row in entries for e in row]
    lengths = {len(e) for e in flat if isinstance(e, np.ndarray)}
    if not lengths:
        return _rows(matrix_of(size, size, flat).inv())
    (length,) = lengths
    columns = [e if isinstance(e, np.ndarray) else [e] * length for e in flat]
    each = zip(*columns, strict=True)
    table = np.array([matrix_of(size, size, one).inv().entries() for one in each], dtype=object)
    return [[table[:, r * size + s] for s in range(size)] for r in range(size)]


def _inverse_of_dense(entries: list[list[BallArray | None]], sizes: list[int]) -> Table:
    """All blocks put into one dense matrix, which is inverted and taken apart again."""
    total = sum(sizes)
    if total > MAX_SIZE:
        raise ComputationError(f"a dense block matrix of size {total}", remedy="spectra allow more digits")
    rows: list[list[Ball]] = []
    for blocks, size in zip(entries, sizes, strict=True):
        listed = [_listed(block, size, width) for block, width in zip(blocks, sizes, strict=True)]
        rows += [[x for block in listed for x in block[i]] for i in range(size)]
    inverse = _rows(matrix_of(total, total, (x for row in rows for x in row)).inv())
    spans = [slice(end - size, end) for end, size in zip(accumulate(sizes), sizes, strict=True)]
    return [[_block(inverse, across, down) for down in spans] for across in spans]


def _listed(block: BallArray | None, rows: int, cols: int) -> list[list[Ball]]:
    return [[flint.arb(0)] * cols] * rows if block is None else _rows(dense(block, rows))


def _block(table: list[list[Ball]], across: slice, down: slice) -> BallArray:
    part = [row[down] for row in table[across]]
    return matrix_of(len(part), len(part[0]), (x for row in part for x in row))


def _rows(matrix: Any) -> list[list[Ball]]:
    return matrix.tolist()  # type: ignore[no-any-return]  # python-flint declares entries of dense matrices without a type


def solve_linear(matrix: list[Ball], right: list[Ball]) -> list[Ball]:
    """The solution of ``matrix @ x == right``, the matrix being given row by row."""
    size = len(right)
    if size == 1:
        return [right[0] / matrix[0]]
    full, column = matrix_of(size, size, matrix), matrix_of(size, 1, right)
    if isinstance(column, flint.acb_mat):
        full = flint.acb_mat(full)  # a real matrix solves for real right-hand sides only
    return full.solve(column).entries()  # type: ignore[no-any-return]  # the matrix is real or complex, told apart at run time
