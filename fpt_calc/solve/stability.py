"""Does the limit formula hold at these numbers?  The spectral radius of the covariance map.

For a pencil L = F - H the map T(W) = G E[H W H*] G* governs ``E[L^-1 W L^-*]``, which is (1 - T)^-1 (G W G*) at
leading order.  The pencil has a bounded inverse in the limit exactly if T has spectral radius below 1 (T is positive,
so its radius is an eigenvalue; for block triangular pencils only the diagonal blocks matter).  This refuses a real
spectral parameter inside a spectrum, and the spurious value 1/z of a non-normal matrix, tau(inv(z - Z)) with |z| < 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fpt_calc.covariance import Sandwiched, covariance_terms, entries_inside, irreducible_parts
from fpt_calc.point import arrays
from fpt_calc.solve.blocks import Blocks, NumericSystem

Array = Any


def stability_radius(numeric: NumericSystem, blocks: Blocks) -> float:
    """The largest spectral radius of T over the irreducible diagonal blocks of the pencil."""
    system = numeric.system
    parts = [covariance_terms(entries_inside(system, part)) for part in irreducible_parts(system)]
    return max((_radius(numeric, blocks, terms) for terms in parts if terms), default=0.0)


def _radius(numeric: NumericSystem, blocks: Blocks, terms: list[Sandwiched]) -> float:
    """T as a matrix on the averages tau(D W_kl), one for each term of E[H W H*]."""
    matrix = np.zeros((len(terms), len(terms)), dtype=complex)
    for q, source in enumerate(terms):
        scale = numeric.model.scalar(source.coefficient)
        outer = np.asarray(1.0) if source.outer is None else numeric.matrix(source.outer)
        for p, target in enumerate(terms):
            left, right = blocks.block(target.a.col, source.a.row), blocks.block(target.b.col, source.b.row)
            if left is not None and right is not None:
                matrix[p, q] = scale * _average(numeric, target, arrays.multiply(left, outer), right)
    return float(np.abs(np.linalg.eigvals(matrix)).max())


def _average(numeric: NumericSystem, term: Sandwiched, left: Array, right: Array) -> Any:
    """``tau(inner left right^H)``."""
    if term.inner is not None:
        left = arrays.multiply(numeric.matrix(term.inner), left)
    return arrays.trace_of_product(left, np.conj(arrays.transpose(right)), numeric.weights(term.a.col))
