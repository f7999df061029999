"""Deterministic neighbours of a Gaussian matrix become part of its law: Z @ A is one letter with covariance A^H D A.

This is an equality in law provided that Z occurs in no other way, in any of the expressions that are derived together,
and that no two occurrences share one neighbour (as in Z.T @ K @ Z).  Neighbours with a fixed dimension stay: the letter
would no longer show that its traces are of order fixed/growing.
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
from fpt_calc.scalars import is_fixed


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
    sides: dict[tuple[Atom, str], dict[tuple[int, int], Letter]] = {}  # neighbours by product and place
    for expr in expressions:
        for node in _nodes(expr):
            for k, child in enumerate(node.children):
                x = as_letter(child)
                if x is None or not isinstance(x.atom.law, Gaussian):
                    continue
                total[x.atom] = total.get(x.atom, 0) + 1
                if isinstance(node, Product):
                    for side in ("right", "left"):
                        index = _neighbour_index(k, x, side)
                        neighbour = _neighbour(node, index, x)
                        if neighbour is not None:
                            sides.setdefault((x.atom, side), {})[id(node), index] = neighbour
    for (atom, side), neighbours in sides.items():
        first = next(iter(neighbours.values()))
        if is_fixed(first.rows) or is_fixed(first.cols):
            continue  # which traces are dropped as fixed/growing must not depend on what is absorbed
        if len(neighbours) == total[atom] and all(n == first for n in neighbours.values()):
            return atom, side, first
    return None


def _nodes(expr: Expr) -> list[Expr]:
    """The nodes whose children are looked at; a letter such as Z.T is looked at as a whole."""
    return [n for n in postorder(expr) if n.children and as_letter(n) is None] or [expr]


def _neighbour_index(k: int, x: Letter, side: str) -> int:
    """The place of the neighbour of Z on the given side: for Z.T or Z.H at place k the sides are exchanged."""
    return k + 1 if (side == "right") != (x.operation in ("T", "H")) else k - 1


def _neighbour(node: Product, index: int, x: Letter) -> Letter | None:
    """What stands beside the letter x of Z, seen from Z, if a covariance can hold it."""
    found = as_letter(node.factors[index]) if 0 <= index < len(node.factors) else None
    if found is None or found.is_random or is_fixed(found.rows) or is_fixed(found.cols):
        return None
    if x.atom.entries == "real" and found.atom.entries == "complex":
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
                (pending if _neighbour_index(0, x, side) > 0 else factors).pop()
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
