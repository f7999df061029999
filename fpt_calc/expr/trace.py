"""The bridge from matrices to scalars: `tau` (normalized trace) and `Tr`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from fpt_calc.errors import InputError, ShapeError
from fpt_calc.expr.nodes import EntrywiseConjugate, Expr, ScalarMatrix, Scaled
from fpt_calc.expr.text import brief_text
from fpt_calc.expr.walk import is_real
from fpt_calc.scalars import ZERO, Scalar, generator_scalar


@dataclass(frozen=True)
class Trace:
    """The generator ``tau(argument)`` of the field of scalars."""

    argument: Expr

    @cached_property
    def name(self) -> str:
        return f"tau({self.argument})"

    @property
    def square(self) -> None:
        return None

    def conjugate(self) -> Scalar:
        if isinstance(self.argument, EntrywiseConjugate):
            return generator_scalar(Trace(self.argument.argument))
        return generator_scalar(self if is_real(self.argument) else Trace(EntrywiseConjugate(self.argument)))


def tau(expr: Expr) -> Scalar:
    """The normalized trace ``Tr(expr)/dim`` as a scalar.

    Raises `ShapeError` if ``expr`` is not square, `InputError` if it is not a matrix.

    >>> from fpt_calc.expr import Atom
    >>> from fpt_calc.scalars import dimension
    >>> d = dimension("d")
    >>> S = Atom("S", d, d, facts=frozenset({"psd"}))
    >>> print(2*tau(S) + tau(S @ S))
    2*tau(S) + tau(S@S)
    """
    if not isinstance(expr, Expr):
        raise InputError(f"the trace of {expr!r}, which is not a matrix", remedy="write number * identity(d)")
    if expr.rows != expr.cols:
        raise ShapeError(
            f"the trace of a matrix of shape {expr.rows} x {expr.cols}",
            where=f"tau({brief_text(expr)})",
            remedy="only square matrices have a trace",
        )
    if isinstance(expr, ScalarMatrix):
        return expr.value
    if isinstance(expr, Scaled) and expr.coefficient.is_zero:
        return ZERO
    return generator_scalar(Trace(expr))


def Tr(expr: Expr) -> Scalar:
    """The unnormalized trace: dimension times `tau` (of the limit; O(1) corrections are not included)."""
    return expr.rows * tau(expr)
