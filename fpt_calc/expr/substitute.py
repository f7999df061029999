"""Rewriting of expressions: replace atoms, map the scalars."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fpt_calc.expr.nodes import (
    Adjoint,
    Atom,
    EntrywiseConjugate,
    Expr,
    Inverse,
    Power,
    Product,
    ScalarMatrix,
    Scaled,
    SquareRoot,
    Sum,
    Transpose,
)
from fpt_calc.expr.trace import Trace, tau
from fpt_calc.expr.walk import fold
from fpt_calc.scalars import Generator, Scalar, generator_scalar, generators_of, substitute


def rebuild(node: Expr, children: tuple[Expr, ...]) -> Expr:
    """The node with other children; the same object if nothing changed."""
    if all(a is b for a, b in zip(node.children, children, strict=True)):
        return node
    match node:
        case Sum():
            return Sum(children)
        case Product():
            return Product(children)
        case Scaled(coefficient=c):
            return Scaled(c, children[0])
        case Power(exponent=k):
            return Power(children[0], k)
        case SquareRoot():
            return SquareRoot.of(children[0])
        case Inverse() | Transpose() | Adjoint() | EntrywiseConjugate():
            return type(node)(children[0])
    raise TypeError(f"cannot rebuild {type(node).__name__}")


def replace_nodes(expr: Expr, replacement: Callable[[Expr], Expr | None]) -> Expr:
    """Replace every node for which ``replacement`` gives another expression, bottom up, sharing kept."""

    def combine(node: Expr, children: tuple[Expr, ...]) -> Expr:
        new = rebuild(node, children)
        found = replacement(new)
        return new if found is None else found

    return fold(expr, combine)


def replace_atoms(expr: Expr, images: dict[Atom, Expr]) -> Expr:
    """Replace atoms by expressions of the same shape."""
    return replace_nodes(expr, lambda node: images.get(node) if isinstance(node, Atom) else None)


def map_scalars(expr: Expr, image: Callable[[Scalar], Scalar]) -> Expr:
    """Apply ``image`` to every coefficient of an expression (shapes stay)."""

    def change(node: Expr) -> Expr | None:
        if isinstance(node, Scaled):
            return Scaled(image(node.coefficient), node.argument)
        if isinstance(node, ScalarMatrix):
            return ScalarMatrix(image(node.value), node.rows)
        return None

    return replace_nodes(expr, change)


def map_traces(value: Scalar, image: Callable[[Expr], Expr]) -> Scalar:
    """Apply ``image`` to the argument of every trace in a scalar."""
    images: dict[Generator, Scalar] = {g: tau(image(g.argument)) for g in traces_of(value)}
    return substitute(value, {g: v for g, v in images.items() if v != generator_scalar(g)})


def substitute_everywhere(value: Scalar, images: Mapping[Any, Scalar]) -> Scalar:
    """Replace generators by scalars, inside the arguments of traces too."""
    inner = map_traces(value, lambda e: map_scalars(e, lambda c: substitute_everywhere(c, images)))
    return substitute(inner, images)


def traces_of(value: Scalar) -> tuple[Trace, ...]:
    """The traces that a scalar depends on, those under its square roots included, by name."""
    found = (g for g in generators_of(value) if isinstance(g, Trace))
    return tuple(sorted(found, key=lambda g: g.name))
