"""Square roots of dense positive definite matrices in ball arithmetic, with a proof of the radius.

Let R be any positive definite matrix, A the given one and X its positive definite root.  Then ``R^2 - A`` equals
``R D + D X`` with ``D = R - X``, hence ``D = int_0^oo exp(-R t) (R^2 - A) exp(-X t) dt`` and, in the Frobenius norm,
``|D| <= |R^2 - A| / (least eigenvalue of R)`` (Higham, "Functions of Matrices", 2008, chapter 6).  R is taken as the
square of a hermitian matrix S near the fourth root of A, which makes it positive definite without a further check,
and its least eigenvalue is at least ``1 / |R^-1|``.
"""

from __future__ import annotations

import flint

from fpt_calc.point.ball_arrays import Ball, BallArray, conjugate, matrix_of

MAX_STEPS = 100


def positive_root(a: BallArray) -> BallArray | None:
    """The positive definite square root of a hermitian dense matrix; None where it is singular to this precision.

    >>> [x.str(10, radius=False) for x in positive_root(flint.arb_mat(2, 2, [5, 4, 4, 5])).entries()]
    ['2.000000000', '1.000000000', '1.000000000', '2.000000000']
    >>> positive_root(flint.arb_mat(1, 1, [0])) is None
    True
    """
    try:
        fourth = _approximate_root(_approximate_root(a.mid()))
        hermitian = (fourth + conjugate(fourth.transpose())).mid() / 2
        root = hermitian * hermitian
        error = _norm(root * root - a) * _norm(root.inv())
    except ZeroDivisionError:
        return None
    if not error.is_finite():
        return None
    radius = flint.arb(0, error.abs_upper())
    margin = flint.acb(radius, radius) if isinstance(root, flint.acb_mat) else radius
    return matrix_of(a.nrows(), a.ncols(), (x + margin for x in root.entries()))


def _approximate_root(a: BallArray) -> BallArray:
    """The limit of ``Y <- (Y + Z^-1)/2, Z <- (Z + Y^-1)/2`` from (a, 1), the iteration of Denman and Beavers."""
    size = a.nrows()
    y, z = a, matrix_of(size, size, [flint.arb(int(i == j)) for i in range(size) for j in range(size)])
    previous = None
    for _ in range(MAX_STEPS):
        following, z = ((y + z.inv()) / 2).mid(), ((z + y.inv()) / 2).mid()
        step, y = _norm(following - y), following
        if not step > 0 or (previous is not None and step >= previous and step < _norm(y) / 1000):
            break
        previous = step
    return y


def _norm(a: BallArray) -> Ball:
    """The Frobenius norm, from above."""
    sizes = [x.abs_upper() for x in a.entries()]
    return sum((x * x for x in sizes), start=flint.arb(0)).abs_upper().sqrt()
