"""The resolvent identity."""

from __future__ import annotations

from fpt_calc.expr import Expr, Inverse
from fpt_calc.identities.rule import check_square, identity_rule


def sides(a: Expr, b: Expr) -> tuple[Expr, Expr]:
    """inv(A) - inv(B) = inv(A) (B - A) inv(B).

    >>> from fpt_calc.expr import Atom
    >>> from fpt_calc.scalars import dimension
    >>> A, B = (Atom(name, dimension("d"), dimension("d")) for name in "AB")
    >>> print(*sides(A, B), sep=" = ")
    inv(A) - inv(B) = inv(A)@(B - A)@inv(B)
    """
    check_square("resolvent_identity", a, b)
    return Inverse(a) - Inverse(b), Inverse(a) @ (b - a) @ Inverse(b)


RESOLVENT_IDENTITY = identity_rule(
    sides,
    name="resolvent_identity",
    conditions=("A and B are square of one shape", "A and B are invertible"),
    source="multiply A (inv(A) - inv(B)) B = B - A by the two inverses",
)
