"""Traces are cyclic."""

from __future__ import annotations

from fpt_calc.expr import Expr, Tr
from fpt_calc.identities.rule import check_shape, identity_rule
from fpt_calc.scalars import Scalar


def sides(a: Expr, b: Expr) -> tuple[Scalar, Scalar]:
    """Tr(A B) = Tr(B A).

    The normalized traces of A B and B A differ by the ratio of the dimensions unless A is square.

    >>> from fpt_calc.expr import Atom
    >>> from fpt_calc.scalars import dimension
    >>> X = Atom("X", dimension("n"), dimension("d"))
    >>> print(*sides(X, X.T), sep=" = ")
    n*tau(X@X.T) = d*tau(X.T@X)
    """
    check_shape("cyclicity", b, a.cols, a.rows)
    return Tr(a @ b), Tr(b @ a)


CYCLICITY = identity_rule(
    sides,
    name="cyclicity",
    conditions=("B has the shape of the transpose of A",),
    source="both are the sum of A_ij B_ji over all i and j",
)
