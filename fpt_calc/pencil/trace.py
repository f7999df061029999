"""From a trace to pencils: linearity, cyclicity and deterministic weights.

``tau(A @ B) == tau(B @ A)`` up to the ratio of the dimensions, so a trace may be cut open anywhere: at a fixed
dimension if there is one (then nothing of order fixed/growing is lost), else at a deterministic factor, which becomes
a weight and leaves the pencil, else wherever the realization is smallest.
"""

from __future__ import annotations

from dataclasses import dataclass

from fpt_calc.expr import Atom, Expr, Product, ScalarMatrix, Scaled, Sum, is_deterministic, postorder, tau
from fpt_calc.pencil.linearize import Memo, linearize
from fpt_calc.pencil.realization import Realization
from fpt_calc.pencil.rewrite import normalize, product
from fpt_calc.scalars import ONE, ZERO, Scalar, is_fixed

_MAX_TERMS = 400


@dataclass(frozen=True)
class TracePencil:
    """One term of a trace: ``coefficient * tau(weight @ u pencil^-1 v)``, weight None being the identity.

    ``opened`` is the expression that the pencil realizes.
    """

    coefficient: Scalar
    opened: Expr
    weight: Expr | None
    pencil: Realization


@dataclass(frozen=True)
class TracePencils:
    """``tau(expr) == deterministic + sum of terms``."""

    deterministic: Scalar
    terms: tuple[TracePencil, ...]


def trace_pencils(argument: Expr, roots: frozenset[Atom], memo: Memo | None = None) -> TracePencils:
    """Pencils for ``tau(argument)``; see `linearize` for ``roots``, ``memo`` and what is raised."""
    deterministic, terms = ZERO, []
    for coefficient, term in _terms(normalize(argument)):
        if is_deterministic(term):
            deterministic = deterministic + coefficient * tau(term)
        else:
            opened = _open(term, roots, memo)
            if opened.pencil.states:
                terms.append(_scaled(coefficient, opened))
    return TracePencils(deterministic, tuple(terms))


def _terms(expr: Expr) -> list[tuple[Scalar, Expr]]:
    """The terms of a sum; products are multiplied out where vectors hide in sums, to cut each at one."""
    pending: list[tuple[Scalar, Expr]] = [(ONE, expr)]
    found: list[tuple[Scalar, Expr]] = []
    while pending:
        coefficient, node = pending.pop()
        match node:
            case Sum(terms=terms):
                pending += [(coefficient, t) for t in reversed(terms)]
            case Scaled(coefficient=c, argument=argument):
                pending.append((coefficient * c, argument))
            case Product(factors=factors) if len(found) < _MAX_TERMS and (k := _sum_with_vectors(factors)) is not None:
                inner = factors[k]
                assert isinstance(inner, Sum)
                pending += [(coefficient, product((*factors[:k], t, *factors[k + 1 :]))) for t in reversed(inner.terms)]
            case _:
                found.append((coefficient, node))
    return found


def _sum_with_vectors(factors: tuple[Expr, ...]) -> int | None:
    if any(is_fixed(f.rows) for f in factors):
        return None
    for k, factor in enumerate(factors):
        if isinstance(factor, Sum) and any(_is_random_vector(n) for n in postorder(factor)):
            return k
    return None


def _is_random_vector(node: Expr) -> bool:
    return isinstance(node, Atom) and node.is_random and (is_fixed(node.rows) or is_fixed(node.cols))


def _scaled(coefficient: Scalar, term: TracePencil) -> TracePencil:
    return TracePencil(coefficient * term.coefficient, term.opened, term.weight, term.pencil)


def _open(term: Expr, roots: frozenset[Atom], memo: Memo | None) -> TracePencil:
    """The best cut of a single trace."""
    factors = term.factors if isinstance(term, Product) else (term,)
    candidates = _fixed_cuts(factors, term) or _weighted_cuts(factors, term) or _plain_cuts(factors, term)
    best: TracePencil | None = None
    for coefficient, opened, weight in candidates:
        found = TracePencil(coefficient, opened, weight, linearize(opened, roots, memo))
        if best is None or found.pencil.states < best.pencil.states:
            best = found
    assert best is not None
    return best


Cut = tuple[Scalar, Expr, Expr | None]


def _fixed_cuts(factors: tuple[Expr, ...], term: Expr) -> list[Cut]:
    """A cut at the smallest fixed dimension between two factors."""
    fixed = [k for k, f in enumerate(factors) if is_fixed(f.rows)]
    if not fixed or is_deterministic(term):
        return []
    k = min(fixed, key=lambda i: factors[i].rows.constant or 0)
    return [_cut(factors[k:] + factors[:k], None, term)]


def _weighted_cuts(factors: tuple[Expr, ...], term: Expr) -> list[Cut]:
    """Cuts that take a maximal run of deterministic factors out as the weight."""
    known = [is_deterministic(f) for f in factors]
    cuts: list[Cut] = []
    for k, flag in enumerate(known):
        if not flag or known[k - 1]:
            continue
        rotated = factors[k:] + factors[:k]
        length = next(i for i, f in enumerate(rotated) if not is_deterministic(f))
        cuts.append(_cut(rotated[length:], product(rotated[:length]), term))
    return cuts


def _plain_cuts(factors: tuple[Expr, ...], term: Expr) -> list[Cut]:
    return [_cut(factors[k:] + factors[:k], None, term) for k in range(len(factors))]


def _cut(factors: tuple[Expr, ...], weight: Expr | None, term: Expr) -> Cut:
    """``tau(term) = coefficient * tau(weight @ opened)``; tau on the right runs over the columns of ``opened``."""
    opened = product(factors)
    dim = opened.cols if weight is None else weight.rows
    coefficient = dim / term.rows
    if isinstance(opened, Scaled):
        coefficient, opened = coefficient * opened.coefficient, opened.argument
    if isinstance(weight, Scaled):
        coefficient, weight = coefficient * weight.coefficient, weight.argument
    if isinstance(weight, ScalarMatrix):
        coefficient, weight = coefficient * weight.value, None
    return coefficient, opened, weight
