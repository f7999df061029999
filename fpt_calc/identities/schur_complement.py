"""The Schur complement, read off the two orders of elimination."""

from __future__ import annotations

from fpt_calc.expr import Expr, Inverse
from fpt_calc.identities.rule import check_shape, check_square, identity_rule


def sides(a: Expr, b: Expr, c: Expr, d: Expr) -> tuple[Expr, Expr]:
    """inv(A) B inv(D - C inv(A) B) = inv(A - B inv(D) C) B inv(D).

    Up to the sign both are the upper right block of the inverse of the block matrix of A, B, C, D, by elimination of
    the first and of the second block row; D - C inv(A) B is its Schur complement.

    >>> from fpt_calc.expr import Atom
    >>> from fpt_calc.scalars import dimension
    >>> n, m = dimension("n"), dimension("m")
    >>> print(sides(Atom("A", n, n), Atom("B", n, m), Atom("C", m, n), Atom("D", m, m))[0])
    inv(A)@B@inv(D - C@inv(A)@B)
    """
    check_square("schur_complement", a)
    check_square("schur_complement", d)
    check_shape("schur_complement", b, a.rows, d.rows)
    check_shape("schur_complement", c, d.rows, a.rows)
    return Inverse(a) @ b @ Inverse(d - c @ Inverse(a) @ b), Inverse(a - b @ Inverse(d) @ c) @ b @ Inverse(d)


SCHUR_COMPLEMENT = identity_rule(
    sides,
    name="schur_complement",
    conditions=(
        "A and D are square; B has the rows of A and the columns of D, C the rows of D and the columns of A",
        "A, D and the block matrix are invertible",
    ),
    source="Horn and Johnson, Matrix Analysis, 2nd ed., 0.7.3",
)
