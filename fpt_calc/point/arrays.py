"""Numeric matrices of three kinds, told apart by their number of axes.

0 axes: a multiple of the identity; 1 axis: a diagonal in the common basis; 2 axes: a dense matrix.  All arithmetic
keeps the cheapest kind that is exact, so that spectra with 10^5 eigenvalues cost vectors, not matrices.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = Any  # numpy.ndarray of 0, 1 or 2 axes


def multiply(a: Array, b: Array) -> Array:
    """The matrix product."""
    if a.ndim == 2 and b.ndim == 2:
        return a @ b
    if a.ndim == 1 and b.ndim == 2:
        return a[:, None] * b
    return a * b  # a number times anything, two diagonals, or dense times diagonal (columns scaled)


def add(a: Array, b: Array) -> Array:
    """The matrix sum."""
    if a.ndim == b.ndim:
        return a + b
    small, large = (a, b) if a.ndim < b.ndim else (b, a)
    if large.ndim == 1:
        return small + large
    result = large.astype(np.result_type(small, large), copy=True)
    size = min(result.shape)
    result[np.arange(size), np.arange(size)] += small
    return result


def transpose(a: Array) -> Array:
    """The transpose."""
    return a.T if a.ndim == 2 else a


def inverse(a: Array) -> Array:
    """The inverse; raises `numpy.linalg.LinAlgError` for a singular matrix."""
    if a.ndim == 2:
        return np.linalg.inv(a)
    if not np.all(a):
        raise np.linalg.LinAlgError("Singular matrix")
    return 1.0 / a


def dense(a: Array, size: int) -> Array:
    """The matrix as a two-dimensional array of this size."""
    if a.ndim == 2:
        return a
    return np.diag(np.broadcast_to(a, (size,)))


def trace_of_product(a: Array, b: Array, weights: Array | None = None) -> Any:
    """``tau(a @ b)`` without forming a product of two dense matrices."""
    if a.ndim == 2 and b.ndim == 2:
        return np.sum(a * b.T) / a.shape[0]
    return normalized_trace(multiply(a, b), weights)


def normalized_trace(a: Array, weights: Array | None = None) -> Any:
    """``Tr(a)/dim``; ``weights`` are those of a limiting spectrum."""
    if a.ndim == 0:
        return a[()]
    if a.ndim == 1:
        return np.mean(a) if weights is None else weights @ a
    return np.trace(a) / a.shape[0]
