"""One form for expressions that print alike: flat sums and products, scalars in front."""

from __future__ import annotations

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
            return Sum(tuple(t for c in children for t in (c.terms if isinstance(c, Sum) else (c,))))
        case Scaled(coefficient=c):
            return _scaled(c, children[0])
        case Product():
            return _product(node, children)
    return rebuild(node, children)


def _scaled(coefficient: Scalar, argument: Expr) -> Expr:
    match argument:
        case Scaled(coefficient=c, argument=inner):
            return _scaled(coefficient * c, inner)
        case ScalarMatrix(value=value, rows=dim):
            return ScalarMatrix(coefficient * value, dim)
    return argument if coefficient == 1 else Scaled(coefficient, argument)


def _product(node: Expr, children: tuple[Expr, ...]) -> Expr:
    coefficient, factors = ONE, list[Expr]()
    for child in children:
        match child:
            case ScalarMatrix(value=value):
                coefficient = coefficient * value
            case Scaled(coefficient=c, argument=argument):
                coefficient = coefficient * c
                factors += argument.factors if isinstance(argument, Product) else (argument,)
            case _:
                factors += child.factors if isinstance(child, Product) else (child,)
    if not factors:
        return ScalarMatrix(coefficient, node.rows)
    return _scaled(coefficient, factors[0] if len(factors) == 1 else Product(tuple(factors)))
