"""Structural equality of expressions, linear in the size of the DAG."""

from __future__ import annotations

from fpt_calc.expr.nodes import (
    Atom,
    Expr,
    Power,
    ScalarMatrix,
    Scaled,
)


def same_expression(a: Expr, b: Expr) -> bool:
    """Whether two expressions are the same data (no algebra is done).

    Shared subexpressions are compared once, so deep DAGs cost their number of nodes, not of paths.
    """
    pending, done = [(a, b)], set()
    while pending:
        x, y = pending.pop()
        if x is y or (id(x), id(y)) in done:
            continue
        if type(x) is not type(y) or hash(x) != hash(y) or not _same_data(x, y):
            return False
        done.add((id(x), id(y)))
        pending.extend(zip(x.children, y.children, strict=True))
    return True


def _same_data(x: Expr, y: Expr) -> bool:
    match x, y:
        case Atom(), Atom():
            data = [(z.name, z.rows, z.cols, z.law, z.facts, z.entries) for z in (x, y)]
            return data[0] == data[1]
        case ScalarMatrix(), ScalarMatrix():
            return x.value == y.value and x.rows == y.rows
        case Scaled(), Scaled():
            return x.coefficient == y.coefficient
        case Power(), Power():
            return x.exponent == y.exponent
    return len(x.children) == len(y.children)
