"""Does the limit formula hold at these numbers?  The spectral radius of the covariance map.

For a pencil L = F - H the map T(W) = G E[H W H*] G* governs ``E[L^-1 W L^-*]``, which is (1 - T)^-1 (G W G*) at
leading order.  The pencil has a bounded inverse in the limit exactly if T has spectral radius below 1 (T is positive,
so its radius is an eigenvalue; for block triangular pencils only the diagonal blocks matter).  This refuses a real
spectral parameter inside a spectrum, and the spurious value 1/z of a non-normal matrix, tau(inv(z - Z)) with |z| < 1.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np

from fpt_calc.expr import conjugate_letter
from fpt_calc.graphs import strong_components
from fpt_calc.point import arrays
from fpt_calc.scalars import is_fixed
from fpt_calc.solve.blocks import Blocks, NumericSystem
from fpt_calc.system import Entry, RandomEntry, successors

Array = Any


def stability_radius(numeric: NumericSystem, blocks: Blocks) -> float:
    """The largest spectral radius of T over the irreducible diagonal blocks of the pencil."""
    groups: dict[int, list[RandomEntry]] = {}
    parts = _pencil_parts(numeric)
    for entry in numeric.system.random:
        if parts[entry.row] == parts[entry.col]:
            groups.setdefault(parts[entry.row], []).append(entry)
    radius, seen = 0.0, set()
    for group in groups.values():
        signature = _signature(numeric, group)
        if signature not in seen:
            seen.add(signature)
            radius = max(radius, _radius(numeric, blocks, group))
    return radius


def _pencil_parts(numeric: NumericSystem) -> dict[int, int]:
    """Strongly connected components of the pencil, random entries included."""
    edges = successors((*numeric.system.terms, *numeric.system.random))
    order = strong_components(range(len(numeric.system.dims)), edges)
    return {i: k for k, part in enumerate(order) for i in part}


def _signature(numeric: NumericSystem, group: list[RandomEntry]) -> Hashable:
    """Equal for copies of one resolvent: the same letters, deterministic entries and couplings at the same places."""
    states = sorted({e.row for e in group} | {e.col for e in group})
    place = {i: k for k, i in enumerate(states)}

    def inside(entry: Entry) -> bool:
        return entry.row in place and entry.col in place

    system = numeric.system
    letters = {(place[e.row], place[e.col], e.coefficient, e.letter) for e in group}
    terms = {(place[t.row], place[t.col], t.coefficient, t.matrix) for t in system.terms if inside(t)}
    couplings = {
        (place[c.row], place[c.col], c.coefficient, c.unknown, c.matrix) for c in system.couplings if inside(c)
    }
    return frozenset(letters), frozenset(terms), frozenset(couplings)


def _radius(numeric: NumericSystem, blocks: Blocks, group: list[RandomEntry]) -> float:
    """T as a matrix on the averages tau(D W_kl), one for each pair of entries with one letter.

    Entries a = (i, k), b = (j, l) of one letter contribute ``s^2 dim A_ik conj(A_jl) tau(D W_kl) C`` to E[H W H*]_ij.
    """
    pairs = [(a, b) for a in group for b in group if a.letter == b.letter and not is_fixed(a.letter.cols)]
    matrix = np.zeros((len(pairs), len(pairs)), dtype=complex)
    for q, (a, b) in enumerate(pairs):
        law = a.letter.atom.law
        assert law is not None
        sandwich = law.sandwich(a.letter.operation, conjugate_letter(a.letter, "H").operation)
        if sandwich is None:
            continue
        scale = numeric.model.scalar(sandwich.variance * a.letter.cols * a.coefficient * b.coefficient.conjugate())
        outer = np.asarray(1.0) if sandwich.outer is None else numeric.matrix(sandwich.outer)
        for p, (c, e) in enumerate(pairs):
            left, right = blocks.block(c.col, a.row), blocks.block(e.col, b.row)
            if left is not None and right is not None:
                matrix[p, q] = scale * _average(numeric, c, arrays.multiply(left, outer), right)
    return float(np.abs(np.linalg.eigvals(matrix)).max()) if pairs else 0.0


def _average(numeric: NumericSystem, entry: RandomEntry, left: Array, right: Array) -> Any:
    """``tau(D left right^H)`` with D the inner covariance of the letter of ``entry``."""
    law = entry.letter.atom.law
    assert law is not None
    sandwich = law.sandwich(entry.letter.operation, conjugate_letter(entry.letter, "H").operation)
    if sandwich is not None and sandwich.inner is not None:
        left = arrays.multiply(numeric.matrix(sandwich.inner), left)
    return arrays.trace_of_product(left, np.conj(arrays.transpose(right)), numeric.weights(entry.col))
