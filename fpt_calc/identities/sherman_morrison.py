"""The Sherman-Morrison formula."""

from __future__ import annotations

from fpt_calc.expr import Expr, Inverse, Tr
from fpt_calc.identities.rule import check_shape, check_square, identity_rule
from fpt_calc.scalars import ONE


def sides(a: Expr, u: Expr, v: Expr) -> tuple[Expr, Expr]:
    """inv(A + u v) = inv(A) - inv(A) u v inv(A) / (1 + v inv(A) u) for a column u and a row v.

    >>> from fpt_calc.expr import Atom
    >>> from fpt_calc.scalars import dimension
    >>> d = dimension("d")
    >>> print(sides(Atom("A", d, d), Atom("u", d, ONE), Atom("u", d, ONE).T)[0])
    inv(A + u@u.T)
    """
    check_square("sherman_morrison", a)
    check_shape("sherman_morrison", u, a.rows, ONE)
    check_shape("sherman_morrison", v, ONE, a.rows)
    number = 1 / (1 + Tr(v @ Inverse(a) @ u))
    return Inverse(a + u @ v), Inverse(a) - number * (Inverse(a) @ u @ v @ Inverse(a))


SHERMAN_MORRISON = identity_rule(
    sides,
    name="sherman_morrison",
    conditions=("A is square, u one column and v one row of its size", "A is invertible and 1 + v inv(A) u is not 0"),
    source="Sherman and Morrison, Annals of Mathematical Statistics 21 (1950), 124-127",
)
