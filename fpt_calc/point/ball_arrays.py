"""Matrices of balls of three kinds: a ball (a multiple of the identity), a numpy object array of balls (a diagonal in
the common basis), and a dense matrix of balls.  All arithmetic keeps the cheapest kind that is exact, as in
`fpt_calc.point.arrays`; the precision is that of ``flint.ctx`` at the call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import flint
import numpy as np

Ball = Any  # flint.arb, or flint.acb where the value is complex
BallArray = Any  # Ball, numpy.ndarray of Balls, flint.arb_mat or flint.acb_mat


def is_dense(a: BallArray) -> bool:
    """Whether a matrix is of the dense kind."""
    return isinstance(a, flint.arb_mat | flint.acb_mat)


def matrix_of(rows: int, cols: int, entries: Iterable[Ball]) -> BallArray:
    """The dense matrix with these entries, row by row; real if all of them are.

    >>> matrix_of(1, 2, [flint.arb(1), flint.acb(0, 1)]).entries()
    [1.00000000000000, 1.00000000000000j]
    """
    listed = list(entries)
    kind = flint.acb_mat if any(isinstance(e, flint.acb) for e in listed) else flint.arb_mat
    return kind(rows, cols, listed)


def dense(a: BallArray, size: int) -> BallArray:
    """The square matrix as one of the dense kind."""
    if is_dense(a):
        return a
    diagonal = a if isinstance(a, np.ndarray) else [a] * size
    zero = flint.arb(0)
    return matrix_of(size, size, [diagonal[i] if i == j else zero for i in range(size) for j in range(size)])


def add(a: BallArray, b: BallArray) -> BallArray:
    """The matrix sum."""
    if is_dense(a) == is_dense(b):
        return a + b
    full, other = (a, b) if is_dense(a) else (b, a)
    return full + dense(other, full.nrows())


def multiply(a: BallArray, b: BallArray) -> BallArray:
    """The matrix product."""
    if is_dense(a) and isinstance(b, np.ndarray):
        cols = a.ncols()
        return matrix_of(a.nrows(), cols, [e * b[k % cols] for k, e in enumerate(a.entries())])
    if is_dense(b) and isinstance(a, np.ndarray):
        cols = b.ncols()
        return matrix_of(b.nrows(), cols, [a[k // cols] * e for k, e in enumerate(b.entries())])
    return a * b


def transpose(a: BallArray) -> BallArray:
    """The transpose."""
    return a.transpose() if is_dense(a) else a


def conjugate(a: BallArray) -> BallArray:
    """The entrywise complex conjugate."""
    if isinstance(a, flint.acb_mat | flint.acb):
        return a.conjugate()
    return each(conjugate, a) if isinstance(a, np.ndarray) else a


def inverse(a: BallArray) -> BallArray:
    """The inverse; one that is singular raises ZeroDivisionError or has entries that are not finite."""
    return a.inv() if is_dense(a) else 1 / a


def each(function: Callable[[Ball], Ball], a: BallArray) -> BallArray:
    """A function of every entry of a number or a diagonal."""
    return np.array([function(x) for x in a], dtype=object) if isinstance(a, np.ndarray) else function(a)


def normalized_trace(a: BallArray, weights: BallArray | None = None) -> Ball:
    """``Tr(a)/dim``; ``weights`` are those of a limiting spectrum."""
    if is_dense(a):
        return a.trace() / a.nrows()
    if not isinstance(a, np.ndarray):
        return a
    return a.sum() / len(a) if weights is None else np.dot(weights, a)


def trace_of_product(a: BallArray, b: BallArray, weights: BallArray | None = None) -> Ball:
    """``tau(a @ b)`` with as few operations as the kinds of a and b allow."""
    if is_dense(a) or is_dense(b):
        return normalized_trace(multiply(a, b))
    if not isinstance(a, np.ndarray):
        return a * normalized_trace(b, weights)
    if not isinstance(b, np.ndarray):
        return b * normalized_trace(a, weights)
    return np.dot(a, b) / len(a) if weights is None else np.dot(weights * a, b)
