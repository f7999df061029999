"""The algebra of monic realizations: letters, sums, products, inverses, transposes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fpt_calc.expr import Letter, Operation, conjugate_letter
from fpt_calc.pencil.realization import Matrix, Monic, Vector
from fpt_calc.scalars import (
    ONE,
    ZERO,
    Scalar,
    accumulate,
)


def zero(rows: Scalar, cols: Scalar) -> Monic:
    """The zero matrix: no states."""
    return Monic(rows, cols, (), {}, {}, {})


def constant(value: Scalar, dim: Scalar) -> Monic:
    """A multiple of the identity."""
    return zero(dim, dim) if value.is_zero else Monic(dim, dim, (dim,), {}, {0: value}, {0: ONE})


def from_letter(x: Letter, center: Scalar) -> Monic:
    """The letter x = center + (x - center)."""
    v = {1: ONE} if center.is_zero else {0: center, 1: ONE}
    return Monic(x.rows, x.cols, (x.rows, x.cols), {x: {(0, 1): ONE}}, {0: ONE}, v)


def scale(value: Scalar, a: Monic) -> Monic:
    """A scalar multiple."""
    if value.is_zero:
        return zero(a.rows, a.cols)
    return Monic(a.rows, a.cols, a.dims, a.letters, {i: value * c for i, c in a.u.items()}, a.v)


def add(parts: Sequence[Monic]) -> Monic:
    """The direct sum."""
    dims: tuple[Scalar, ...] = ()
    letters: dict[Letter, Matrix] = {}
    u: Vector = {}
    v: Vector = {}
    for part in parts:
        shift = len(dims)
        dims += part.dims
        for x, matrix in part.letters.items():
            letters.setdefault(x, {}).update({(i + shift, j + shift): c for (i, j), c in matrix.items()})
        u.update({i + shift: c for i, c in part.u.items()})
        v.update({i + shift: c for i, c in part.v.items()})
    return Monic(parts[0].rows, parts[0].cols, dims, letters, u, v)


def multiply(a: Monic, b: Monic) -> Monic:
    """The product: with A0 = v_a u_b nilpotent, A <- (I + A0) A and v <- (I + A0) v_b."""
    if not a.u or not b.u or not a.v or not b.v:
        return zero(a.rows, b.cols)
    shift = len(a.dims)
    letters: dict[Letter, Matrix] = {x: dict(m) for x, m in a.letters.items()}
    for x, matrix in b.letters.items():
        target = letters.setdefault(x, {})
        for (i, j), c in matrix.items():
            target[(i + shift, j + shift)] = c
            if i in b.u:
                for k, vk in a.v.items():
                    accumulate(target, (k, j + shift), vk * b.u[i] * c)
    overlap = dot(b.u, b.v)
    v = {i + shift: c for i, c in b.v.items()}
    if not overlap.is_zero:
        v.update({k: vk * overlap for k, vk in a.v.items()})
    return Monic(a.rows, b.cols, a.dims + b.dims, letters, dict(a.u), v)


def inverse(a: Monic, value: Scalar) -> Monic:
    """The inverse of a square realization whose value u v at the centre is ``value`` != 0.

    With one more state N and M = [[I, v], [-u, 0]]: A <- M^-1 [[A, 0], [0, 0]], v <- M^-1 e_N, u <- e_N.
    """
    n = len(a.dims)
    reciprocal = value.inverse()
    letters: dict[Letter, Matrix] = {}
    for x, matrix in a.letters.items():
        target: Matrix = dict(matrix)
        row: Vector = {}  # u A_x / value, subtracted through v from the rows and new row N
        for (i, j), c in matrix.items():
            if i in a.u:
                accumulate(row, j, a.u[i] * c * reciprocal)
        for j, c in row.items():
            target[(n, j)] = c
            for i, vi in a.v.items():
                accumulate(target, (i, j), -vi * c)
        letters[x] = target
    v = {i: -vi * reciprocal for i, vi in a.v.items()}
    v[n] = reciprocal
    return Monic(a.rows, a.cols, (*a.dims, a.rows), letters, {n: ONE}, v)


def transpose(a: Monic, operation: Operation) -> Monic:
    """The transpose ("T"), adjoint ("H") or entrywise conjugate ("conj")."""

    def same(c: Scalar) -> Scalar:
        return c

    image: Callable[[Scalar], Scalar] = same if operation == "T" else Scalar.conjugate
    u, v = ({i: image(c) for i, c in w.items()} for w in (a.u, a.v))
    letters: dict[Letter, Matrix] = {}
    for x, matrix in a.letters.items():
        flipped = operation != "conj"
        letters[conjugate_letter(x, operation)] = {
            ((j, i) if flipped else (i, j)): image(c) for (i, j), c in matrix.items()
        }
    if operation == "conj":
        return Monic(a.rows, a.cols, a.dims, letters, u, v)
    return Monic(a.cols, a.rows, a.dims, letters, v, u)


def dot(a: Vector, b: Vector) -> Scalar:
    """The bilinear product of two sparse vectors."""
    total = ZERO
    for i, c in a.items():
        if i in b:
            total = total + c * b[i]
    return total
