"""Words in matrices some of which commute: neighbours that commute are put in order, so that equal bases meet."""

from __future__ import annotations

from functools import lru_cache

from fpt_calc.expr import Atom, Expr, SquareRoot, postorder
from fpt_calc.spectral.factors import Word

# Groups of names; matrices of one group commute with each other.
Commutation = tuple[tuple[str, ...], ...]


@lru_cache(maxsize=65536)
def commute(a: Expr, b: Expr, groups: Commutation) -> bool:
    """Whether two bases certainly commute: all their matrices are of one group."""
    names = _names(a) | _names(b)
    return any(names <= set(group) for group in groups)


def _names(base: Expr) -> frozenset[str]:
    return frozenset(
        node.argument.name if isinstance(node, SquareRoot) else node.name
        for node in postorder(base)
        if isinstance(node, Atom | SquareRoot)
    )


def in_order(word: Word, groups: Commutation) -> Word:
    """The word with commuting neighbours by name; equal bases become neighbours."""
    result = list(word)
    changed = bool(groups)
    while changed:
        changed = False
        for k in range(len(result) - 1):
            a, b = result[k], result[k + 1]
            if a.base != b.base and str(a.base) > str(b.base) and commute(a.base, b.base, groups):
                result[k], result[k + 1] = b, a
                changed = True
    return tuple(result)
