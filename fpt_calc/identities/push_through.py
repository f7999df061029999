"""The push-through identity."""

from __future__ import annotations

from fpt_calc.expr import Expr, Inverse
from fpt_calc.identities.rule import check_shape, identity_rule
from fpt_calc.scalars import ScalarLike, scalar


def sides(a: Expr, b: Expr, lam: ScalarLike) -> tuple[Expr, Expr]:
    """inv(A B + lam) A = A inv(B A + lam).

    >>> from fpt_calc.expr import Atom
    >>> from fpt_calc.scalars import dimension
    >>> X = Atom("X", dimension("n"), dimension("d"))
    >>> print(*sides(X.T, X, 2), sep=" = ")
    inv(X.T@X + 2)@X.T = X.T@inv(X@X.T + 2)
    """
    check_shape("push_through", b, a.cols, a.rows)
    number = scalar(lam)
    return Inverse(a @ b + number) @ a, a @ Inverse(b @ a + number)


PUSH_THROUGH = identity_rule(
    sides,
    name="push_through",
    conditions=("B has the shape of the transpose of A", "A B + lam and B A + lam are invertible"),
    source="multiply A (B A + lam) = (A B + lam) A by the inverses; Henderson and Searle, SIAM Review 23 (1981), 53-60",
)
