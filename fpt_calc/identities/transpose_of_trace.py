"""A matrix and its transpose have one trace."""

from __future__ import annotations

from fpt_calc.expr import Expr, tau
from fpt_calc.identities.rule import check_square, identity_rule
from fpt_calc.scalars import Scalar


def sides(a: Expr) -> tuple[Scalar, Scalar]:
    """tau(A.T) = tau(A).

    With the adjoint instead of the transpose it is the complex conjugate.

    >>> from fpt_calc.expr import Atom
    >>> from fpt_calc.scalars import dimension
    >>> print(*sides(Atom("A", dimension("d"), dimension("d"))), sep=" = ")
    tau(A.T) = tau(A)
    """
    check_square("transpose_of_trace", a)
    return tau(a.T), tau(a)


TRANSPOSE_OF_TRACE = identity_rule(
    sides,
    name="transpose_of_trace",
    conditions=("A is square",),
    source="the diagonal stays",
)
