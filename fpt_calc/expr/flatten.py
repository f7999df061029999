"""One form for expressions that print alike: flat sums and products, scalars in front."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fpt_calc.expr.nodes import Expr, Product, ScalarMatrix, Scaled, Sum
from fpt_calc.expr.substitute import rebuild
from fpt_calc.expr.walk import fold
from fpt_calc.scalars import ONE, Scalar


def flatten(expr: Expr) -> Expr:
    """An equal expression without sums in sums and products in products, numbers collected in front of products.

    The text of a product does not say how it was put together; after `flatten` the text determines the expression.

    >>> from fpt_calc.expr import Atom
    >>> from fpt_calc.scalars import dimension
    >>> d = dimension("d")
    >>> A, B, C = (Atom(name, d, d) for name in "ABC")
    >>> A @ (B @ C) == (A @ B) @ C, flatten(A @ (B @ C)) == flatten((A @ B) @ C)
    (False, True)
    >>> flatten(A @ (2 * B) @ C)
    2*A@B@C
    """
    return fold(expr, _flat)


def _flat(node: Expr, children: tuple[Expr, ...]) -> Expr:
    match node:
        case Sum():
            return flat_sum(children)
        case Scaled(coefficient=c):
            return scaled(c, children[0])
        case Product():
            return flat_product(children)
    return rebuild(node, children)


def scaled(coefficient: Scalar, expr: Expr) -> Expr:
    """A scalar multiple with nested scalings collected."""
    match expr:
        case Scaled(coefficient=c, argument=argument):
            return scaled(coefficient * c, argument)
        case ScalarMatrix(value=value, rows=dim):
            return ScalarMatrix(coefficient * value, dim)
    return expr if coefficient == 1 else Scaled(coefficient, expr)


def flat_sum(terms: Iterable[Expr]) -> Expr:
    """The sum of two or more terms, sums among them spelled out."""
    return Sum(tuple(t for term in terms for t in (term.terms if isinstance(term, Sum) else (term,))))


def flat_product(factors: Sequence[Expr]) -> Expr:
    """The product of one or more factors, numbers in front and products among them spelled out.

    >>> from fpt_calc.expr import Atom
    >>> from fpt_calc.scalars import dimension
    >>> d = dimension("d")
    >>> A, B = (Atom(name, d, d) for name in "AB")
    >>> flat_product((2 * A, 3 * (B @ A)))
    6*A@B@A
    """
    coefficient, flat = factors_of(*factors)
    if not flat:
        return ScalarMatrix(coefficient, factors[0].rows)
    return scaled(coefficient, flat[0] if len(flat) == 1 else Product(tuple(flat)))


def factors_of(*exprs: Expr) -> tuple[Scalar, list[Expr]]:
    """A product as its coefficient and its other factors, those of inner products included."""
    coefficient, found, pending = ONE, list[Expr](), list(reversed(exprs))
    while pending:
        match pending.pop():
            case Product(factors=inner):
                pending += reversed(inner)
            case Scaled(coefficient=c, argument=argument):
                coefficient = coefficient * c
                pending.append(argument)
            case ScalarMatrix(value=c):
                coefficient = coefficient * c
            case factor:
                found.append(factor)
    return coefficient, found
