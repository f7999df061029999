"""From a monic realization about a centre back to a plain pencil with sparse, integral, primitive rows.

Multiplying pencil and v from the left by an invertible matrix changes nothing in ``u pencil^-1 v``.  That freedom
undoes the traces of the centre and gives equal resolvents equal blocks, so that their unknowns are seen to be equal.
"""

from __future__ import annotations

from collections.abc import Mapping

from fpt_calc.expr import Atom, Expr, Letter
from fpt_calc.pencil.realization import Matrix, Monic, Realization
from fpt_calc.scalars import (
    ONE,
    ZERO,
    Scalar,
    accumulate,
    denominator,
    numerator,
)

Key = tuple[Letter | None, int]
Row = dict[Key, Scalar]


def affine(a: Monic, centers: Mapping[Letter, Scalar], opaque: Mapping[Atom, Expr] | None = None) -> Realization:
    """The pencil ``I - sum A_x (x - c_x)``, its rows recombined."""
    rows: list[Row] = [{(None, i): ONE} for i in range(len(a.dims))]
    for x, matrix in a.letters.items():
        center = centers.get(x, ZERO)
        for (i, j), c in matrix.items():
            rows[i][(x, j)] = -c
            if not center.is_zero:
                accumulate(rows[i], (None, j), c * center)
    v: list[Scalar] = [a.v.get(i, ZERO) for i in range(len(a.dims))]
    _eliminate_repeated(a.dims, rows, v, full=any(not c.is_zero for c in centers.values()))
    for i, row in enumerate(rows):
        factor = _primitive_factor(list(row.values()))
        factor = factor * _sign({key: c * factor for key, c in row.items()}, i)
        rows[i] = {key: c * factor for key, c in row.items()}
        v[i] = v[i] * factor
    return _collect(a, rows, v, opaque or {})


def _collect(a: Monic, rows: list[Row], v: list[Scalar], opaque: Mapping[Atom, Expr]) -> Realization:
    constant: Matrix = {}
    letters: dict[Letter, Matrix] = {}
    for i, row in enumerate(rows):
        for (x, j), c in row.items():
            (constant if x is None else letters.setdefault(x, {}))[(i, j)] = c
    vector = {i: c for i, c in enumerate(v) if not c.is_zero}
    bases = {x.base for x in letters}
    used = {atom: expr for atom, expr in opaque.items() if atom in bases}
    return Realization(a.rows, a.cols, a.dims, constant, letters, a.u, vector, used)


def _eliminate_repeated(dims: tuple[Scalar, ...], rows: list[Row], v: list[Scalar], full: bool) -> None:
    """Subtract later rows of the same dimension from earlier ones, so that a letter stands once in a column.

    Earlier rows only, which keeps a block triangular pencil triangular; with ``full`` all rows, which is needed to
    clear the traces of a centre.
    """
    for pivot in reversed(range(len(rows))):
        others = [i for i in range(len(rows)) if dims[i] == dims[pivot] and (i < pivot or (full and i != pivot))]
        candidates = [key for key in rows[pivot] if key[0] is not None]
        if not candidates:
            continue
        key = max(candidates, key=lambda k: (sum(k in rows[i] for i in others), -len(str(k[0])), str(k[0]), k[1]))
        for i in others:
            if (entry := rows[i].get(key)) is not None:
                factor = entry / rows[pivot][key]
                for other, c in rows[pivot].items():
                    accumulate(rows[i], other, -factor * c)
                v[i] = v[i] - factor * v[pivot]


def _primitive_factor(values: list[Scalar]) -> Scalar:
    """The factor that makes a row of scalars integral and primitive, up to its sign."""
    lcm, gcd = ONE, ZERO
    for c in values:
        lcm = lcm * denominator(lcm / denominator(c))
    for c in values:
        gcd = c * lcm if gcd.is_zero else gcd / numerator(gcd / (c * lcm))
    return lcm / gcd


def _sign(row: Row, index: int) -> int:
    """The sign that makes the diagonal entry positive, a letter before a number: W - z stays W - z."""
    diagonal = [c for (x, j), c in sorted(row.items(), key=lambda item: item[0][0] is None) if j == index]
    leading = (diagonal or list(row.values()))[0]
    return -1 if (leading.num.leading_coefficient() if leading.gens else leading.num) < 0 else 1
