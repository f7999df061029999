"""What a rule of the library is: its statement is the docstring of the function that writes its two sides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fpt_calc.errors import InputError
from fpt_calc.expr import Expr, map_traces, replace_nodes
from fpt_calc.scalars import Scalar

Sides = tuple[Expr, Expr] | tuple[Scalar, Scalar]


@dataclass(frozen=True)
class Rule:
    """A rule of the field: what it says, when it holds, where it is from."""

    name: str
    statement: str
    conditions: tuple[str, ...]
    source: str

    def __str__(self) -> str:
        return f"{self.name}: {self.statement}"


@dataclass(frozen=True)
class Identity(Rule):
    """An exact identity: ``sides`` writes both sides for given expressions and checks their shapes.

    That the inverses exist cannot be checked for symbols; it is among the conditions.
    """

    sides: Callable[..., Sides]

    def rewrite(self, value: Expr | Scalar, *given: Expr | Scalar) -> Expr | Scalar:
        """``value`` with the left side, at the given expressions, replaced by the right side wherever it occurs.

        An occurrence is the same expression: products are not regrouped to find one.  In a scalar the arguments of
        its traces are rewritten.  Raises `InputError` for an identity of scalars.
        """
        left, right = self.sides(*given)
        if isinstance(left, Scalar) or isinstance(right, Scalar):
            raise InputError("an identity of scalars", where=self.name, remedy="use its two sides")
        image = right

        def change(node: Expr) -> Expr | None:
            return image if node == left else None

        if isinstance(value, Expr):
            return replace_nodes(value, change)
        return map_traces(value, lambda argument: replace_nodes(argument, change))


def identity_rule(sides: Callable[..., Sides], *, name: str, conditions: tuple[str, ...] = (), source: str) -> Identity:
    """The rule whose statement is the first paragraph of the docstring of ``sides``."""
    paragraph = (sides.__doc__ or "").strip().split("\n\n")[0]
    return Identity(name, " ".join(paragraph.split()), conditions, source, sides)


def check_square(where: str, *matrices: Expr) -> None:
    """Raise `InputError` unless all are square and of one shape."""
    first = matrices[0]
    for matrix in matrices:
        if matrix.rows != matrix.cols or matrix.shape != first.shape:
            raise InputError(
                f"the shape {matrix.rows} x {matrix.cols} of {matrix}",
                where=where,
                remedy="give square matrices of one shape",
            )


def check_shape(where: str, matrix: Expr, rows: Scalar, cols: Scalar) -> None:
    """Raise `InputError` for a matrix of another shape."""
    if matrix.shape != (rows, cols):
        raise InputError(
            f"the shape {matrix.rows} x {matrix.cols} of {matrix}", where=where, remedy=f"it has to be {rows} x {cols}"
        )
