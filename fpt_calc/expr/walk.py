"""Traversal of expressions: every other operation is a fold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from fpt_calc.expr.nodes import Atom, Expr, ScalarMatrix, Scaled

R = TypeVar("R")


def postorder(expr: Expr) -> Iterator[Expr]:
    """Every distinct node once, children before parents; no recursion, so depth is no limit."""
    seen: set[int] = set()
    stack: list[tuple[Expr, bool]] = [(expr, False)]
    while stack:
        node, expanded = stack.pop()
        if id(node) in seen:
            continue
        if expanded:
            seen.add(id(node))
            yield node
        else:
            stack.append((node, True))
            stack.extend((child, False) for child in reversed(node.children) if id(child) not in seen)


def fold(expr: Expr, combine: Callable[[Expr, tuple[R, ...]], R]) -> R:
    """``combine(node, results of its children)`` for every node once, bottom up; the result at the root."""
    results: dict[int, R] = {}
    for node in postorder(expr):
        results[id(node)] = combine(node, tuple(results[id(child)] for child in node.children))
    return results[id(expr)]


def atoms(expr: Expr) -> tuple[Atom, ...]:
    """The distinct atoms in order of first occurrence (those inside laws, such as covariances, not included)."""
    return tuple(dict.fromkeys(node for node in postorder(expr) if isinstance(node, Atom)))


def is_deterministic(expr: Expr) -> bool:
    """Whether no random atom occurs."""
    return not any(isinstance(node, Atom) and node.is_random for node in postorder(expr))


def is_real(expr: Expr) -> bool:
    """Whether all entries are certainly real: real atoms and scalars that are their own conjugates."""
    for node in postorder(expr):
        match node:
            case Atom(entries=entries) if entries != "real":
                return False
            case Scaled(coefficient=c) | ScalarMatrix(value=c) if c != c.conjugate():
                return False
    return True
