"""Woodbury's formula."""

from __future__ import annotations

from fpt_calc.expr import Expr, Inverse
from fpt_calc.identities.rule import check_shape, check_square, identity_rule


def sides(a: Expr, u: Expr, c: Expr, v: Expr) -> tuple[Expr, Expr]:
    """inv(A + U C V) = inv(A) - inv(A) U inv(inv(C) + V inv(A) U) V inv(A).

    >>> from fpt_calc.expr import Atom
    >>> from fpt_calc.scalars import dimension
    >>> n, d = dimension("n"), dimension("d")
    >>> print(sides(Atom("A", d, d), Atom("U", d, n), Atom("C", n, n), Atom("V", n, d))[1])
    inv(A) - inv(A)@U@inv(inv(C) + V@inv(A)@U)@V@inv(A)
    """
    check_square("woodbury", a)
    check_square("woodbury", c)
    check_shape("woodbury", u, a.rows, c.rows)
    check_shape("woodbury", v, c.rows, a.rows)
    inner = Inverse(Inverse(c) + v @ Inverse(a) @ u)
    return Inverse(a + u @ c @ v), Inverse(a) - Inverse(a) @ u @ inner @ v @ Inverse(a)


WOODBURY = identity_rule(
    sides,
    name="woodbury",
    conditions=(
        "A and C are square; U has the rows of A and the columns of C, V the rows of C and the columns of A",
        "A, C and A + U C V are invertible",
    ),
    source="Woodbury, Inverting modified matrices, Princeton Statistical Research Group Memorandum 42 (1950)",
)
