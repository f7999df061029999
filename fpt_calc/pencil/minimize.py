"""Minimal realizations: keep the reachable part, then the observable part, within each dimension type.

The basis of each part is in reduced echelon form with pivots at the last index.  It is then adapted to the flag
span(e_0), span(e_0, e_1), ...: a block triangular pencil, such as that of a product of resolvents, stays block
triangular with the same diagonal blocks, which is what later makes all couplings between resolvents linear.
"""

from __future__ import annotations

from fpt_calc.expr import Letter
from fpt_calc.pencil.algebra import dot, zero
from fpt_calc.pencil.realization import Matrix, Monic, Vector
from fpt_calc.scalars import (
    Scalar,
    accumulate,
)

Columns = dict[int, list[tuple[int, Scalar]]]


def minimize(a: Monic) -> Monic:
    """The minimal realization of the same expression, exact over the field of parameters.

    Two minimal realizations of one expression have the same number of states; zero has none (Schuetzenberger).
    """
    return _flip(_reachable(_flip(_reachable(a))))


def _flip(a: Monic) -> Monic:
    """Exchange the roles of u and v, and reverse the states so that triangular stays upper triangular."""
    last = len(a.dims) - 1
    letters = {x: {(last - j, last - i): c for (i, j), c in m.items()} for x, m in a.letters.items()}
    u, v = ({last - i: c for i, c in w.items()} for w in (a.v, a.u))
    return Monic(a.cols, a.rows, a.dims[::-1], letters, u, v)


def _reachable(a: Monic) -> Monic:
    """Restrict to the span of the words A_w v."""
    if not a.v or not a.u:
        return zero(a.rows, a.cols)
    columns = {x: _columns(m) for x, m in a.letters.items()}
    basis = _span(a.v, columns)
    if len(basis) == len(a.dims):
        return a
    pivots = sorted(basis)
    position = {p: k for k, p in enumerate(pivots)}

    def coordinates(vector: Vector) -> dict[int, Scalar]:
        return {position[p]: c for p, c in vector.items() if p in position}

    letters: dict[Letter, Matrix] = {}
    for x, by_column in columns.items():
        entries = {(i, k): c for k, p in enumerate(pivots) for i, c in coordinates(_apply(by_column, basis[p])).items()}
        if entries:
            letters[x] = entries
    u = {k: value for k, p in enumerate(pivots) if not (value := dot(a.u, basis[p])).is_zero}
    if not u:
        return zero(a.rows, a.cols)
    return Monic(a.rows, a.cols, tuple(a.dims[p] for p in pivots), letters, u, coordinates(a.v))


def _span(start: Vector, columns: dict[Letter, Columns]) -> dict[int, Vector]:
    """The reduced echelon basis of the span of all words applied to ``start``, by pivot."""
    basis: dict[int, Vector] = {}
    pending = [start]
    while pending:
        residual = _reduced(pending.pop(), basis)
        if not residual:
            continue
        pivot = max(residual)
        scale = residual[pivot].inverse()
        row = {i: c * scale for i, c in residual.items()}
        for other in basis.values():
            if (factor := other.get(pivot)) is not None:
                _subtract(other, factor, row)
        basis[pivot] = row
        pending += [image for by_column in columns.values() if (image := _apply(by_column, row))]
    return basis


def _reduced(vector: Vector, basis: dict[int, Vector]) -> Vector:
    """The vector minus its projection: reduced rows vanish at each other's pivots, so the order does not matter."""
    residual = dict(vector)
    for pivot in [p for p in vector if p in basis]:
        _subtract(residual, vector[pivot], basis[pivot])
    return residual


def _subtract(target: Vector, factor: Scalar, row: Vector) -> None:
    for i, c in row.items():
        accumulate(target, i, -factor * c)


def _columns(matrix: Matrix) -> Columns:
    result: Columns = {}
    for (i, j), c in matrix.items():
        result.setdefault(j, []).append((i, c))
    return result


def _apply(columns: Columns, vector: Vector) -> Vector:
    result: Vector = {}
    for j, value in vector.items():
        for i, c in columns.get(j, ()):
            accumulate(result, i, c * value)
    return result
