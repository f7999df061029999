"""Deterministic neighbours of a Gaussian matrix become part of its law: Z @ A is one letter with covariance A^H D A.

This is an equality in law provided that Z occurs in no other way, in any of the expressions that are derived together.
It makes sqrt(Sigma) @ Z.T @ Z @ sqrt(Sigma) as small a pencil as a design with rows N(0, Sigma): fewer states, fewer
unknowns, no square root in the system.
"""

from __future__ import annotations

from collections.abc import Sequence

from fpt_calc.ensembles import Gaussian
from fpt_calc.expr import (
    Atom,
    Expr,
    Letter,
    Product,
    SquareRoot,
    conjugate_letter,
    fold,
    letter,
    postorder,
    rebuild,
)
from fpt_calc.pencil.rewrite import as_letter, product


def absorb_neighbours(expressions: Sequence[Expr]) -> list[Expr]:
    """Rewrite normalized expressions jointly, one neighbour at a time, until nothing changes."""
    current = list(expressions)
    while (found := _find(current)) is not None:
        atom, side, neighbour = found
        current = [_replace(e, atom, side, neighbour) for e in current]
    return current


def _find(expressions: Sequence[Expr]) -> tuple[Atom, str, Letter] | None:
    """A Gaussian atom all of whose occurrences have the same deterministic letter on their right (or left)."""
    total: dict[Atom, int] = {}
    sides: dict[tuple[Atom, str], list[Letter | None]] = {}
    for expr in expressions:
        for node in _nodes(expr):
            for k, child in enumerate(node.children):
                x = as_letter(child)
                if x is None or not isinstance(x.atom.law, Gaussian):
                    continue
                total[x.atom] = total.get(x.atom, 0) + 1
                if isinstance(node, Product):
                    for side in ("right", "left"):
                        sides.setdefault((x.atom, side), []).append(_neighbour(node, k, x, side))
    for (atom, side), neighbours in sides.items():
        first = neighbours[0]
        if first is not None and len(neighbours) == total[atom] and all(n == first for n in neighbours):
            return atom, side, first
    return None


def _nodes(expr: Expr) -> list[Expr]:
    """The nodes whose children are looked at; a letter such as Z.T is looked at as a whole."""
    return [n for n in postorder(expr) if n.children and as_letter(n) is None] or [expr]


def _neighbour(node: Product, k: int, x: Letter, side: str) -> Letter | None:
    """The neighbour of Z on the given side, seen from the letter Z: for Z.T or Z.H the sides are exchanged."""
    flipped = x.operation in ("T", "H")
    index = k + 1 if (side == "right") != flipped else k - 1
    if not 0 <= index < len(node.factors):
        return None
    found = as_letter(node.factors[index])
    if found is None or found.is_random:
        return None
    return conjugate_letter(found, x.operation)


def _replace(expr: Expr, atom: Atom, side: str, neighbour: Letter) -> Expr:
    new = _absorbed(atom, side, neighbour)

    def combine(node: Expr, children: tuple[Expr, ...]) -> Expr:
        if not isinstance(node, Product):
            return rebuild(node, children)
        factors: list[Expr] = []
        pending = list(reversed(children))
        while pending:
            child = pending.pop()
            x = as_letter(child)
            if x is None or x.base != atom:
                factors.append(child)
            else:
                (pending if (side == "right") != (x.operation in ("T", "H")) else factors).pop()
                factors.append(letter(new, x.operation).expression)
        return product(tuple(factors))

    return fold(expr, combine)


def _absorbed(atom: Atom, side: str, neighbour: Letter) -> Atom:
    """The atom for Z @ A (or A @ Z), named after the product."""
    law = atom.law
    assert isinstance(law, Gaussian)
    a = neighbour.expression
    if side == "right":
        covariance = _congruence(neighbour, law.covariance)
        return Atom(
            f"({_name(atom)}@{a})", atom.rows, a.cols, Gaussian(law.variance, law.field, law.row_covariance, covariance)
        )
    row_covariance = _congruence(conjugate_letter(neighbour, "H"), law.row_covariance)
    return Atom(
        f"({a}@{_name(atom)})", a.rows, atom.cols, Gaussian(law.variance, law.field, row_covariance, law.covariance)
    )


def _name(atom: Atom) -> str:
    return atom.name[1:-1] if atom.name.startswith("(") else atom.name


def _congruence(a: Letter, middle: Expr | None) -> Expr:
    """``a^H middle a``, with sqrt(S) @ sqrt(S) written as S."""
    if isinstance(a.base, SquareRoot) and middle is None and conjugate_letter(a, "H") == a:
        return letter(a.atom, a.operation).expression
    left = conjugate_letter(a, "H").expression
    return product((left, a.expression) if middle is None else (left, middle, a.expression))
