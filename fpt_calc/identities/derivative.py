"""The derivatives of a resolvent and of its trace in the ridge."""

from __future__ import annotations

from fpt_calc.expr import Expr, Inverse, differentiate, tau
from fpt_calc.identities.rule import check_square, identity_rule
from fpt_calc.scalars import Scalar


def matrix_sides(a: Expr, lam: Scalar) -> tuple[Expr, Expr]:
    """d/dlam inv(A + lam) = -inv(A + lam)^2.

    >>> from fpt_calc.expr import Atom
    >>> from fpt_calc.scalars import Parameter, dimension, generator_scalar
    >>> A, lam = Atom("A", dimension("d"), dimension("d")), generator_scalar(Parameter("lam"))
    >>> print(*matrix_sides(A, lam), sep=" = ")
    -inv(A + lam)@inv(A + lam) = -inv(A + lam)**2
    """
    check_square("derivative", a)
    resolvent = Inverse(a + lam)
    return differentiate(resolvent, lam), -(resolvent**2)


def trace_sides(a: Expr, lam: Scalar) -> tuple[Scalar, Scalar]:
    """d/dlam tau(inv(A + lam)) = -tau(inv(A + lam)^2).

    >>> from fpt_calc.expr import Atom
    >>> from fpt_calc.scalars import Parameter, dimension, generator_scalar
    >>> A, lam = Atom("A", dimension("d"), dimension("d")), generator_scalar(Parameter("lam"))
    >>> print(trace_sides(A, lam)[1])
    -tau(inv(A + lam)**2)
    """
    check_square("derivative_of_trace", a)
    resolvent = Inverse(a + lam)
    return differentiate(tau(resolvent), lam), -tau(resolvent**2)


_CONDITIONS = ("A is square and does not depend on lam", "A + lam is invertible")
_SOURCE = "the resolvent identity for A + lam and A + lam + h, divided by h"

DERIVATIVE = identity_rule(matrix_sides, name="derivative", conditions=_CONDITIONS, source=_SOURCE)
DERIVATIVE_OF_TRACE = identity_rule(trace_sides, name="derivative_of_trace", conditions=_CONDITIONS, source=_SOURCE)
