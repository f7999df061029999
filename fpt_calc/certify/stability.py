"""Is a solution of the Dyson equation the physical one?  A proof by the covariance map, and its check in balls.

Let H be the random part of the pencil in the limit.  On the full Fock space over the algebra of deterministic block
matrices it is ``H = l + m*`` with creation operators l, m whose inner products are the covariances:
``m* W l = E[H W H]``, ``m* W m = E[H W H*]``, ``l* W l = E[H* W H]``.  Let G be any solution of ``G^-1 = F - eta(G)``,
``eta(W) = E[H W H]``.  Multiplying out, with ``m* G l = eta(G)``,

    (1 - m* G) G^-1 (1 - G l) = G^-1 - l - m* + m* G l = F - H.

The n-th power of ``m* G`` has the squared norm of the n-th iterate of ``W -> E[H G W G* H*]`` at 1, since
``(m* G)^n`` times its adjoint is that iterate; and a completely positive map has its norm at 1.  So the spectral radius
of ``m* G`` is the root of that of ``T(W) = G E[H W H*] G*``, which differs by a cyclic shift, and that of ``G l`` is
the root of that of ``W -> E[H* G* W G H]``, the transpose of T in the trace up to such a shift.  If T has spectral
radius below 1, both outer factors are invertible, hence so is F - H, and

    (F - H)^-1 = (1 - G l)^-1 G (1 - m* G)^-1.

On the vacuum m* vanishes, and words in l leave it: the vacuum expectation of the right-hand side is G.  So G is the
expectation of the inverse of the limiting pencil; a second solution with this property would be so too, and equal.
No continuation is needed.  Fock spaces: Speicher, "Combinatorial theory of the free product with amalgamation" (1998);
the factorization: Lehner, "Computing norms of free operators with matrix coefficients" (1999); that resolvents of
random matrices converge to this: Haagerup, Thorbjornsen (2005).

Where traces over a fixed dimension are dropped, the trace does not connect the two maps, and both are bounded.

The bound: T is a matrix on finitely many averages (`fpt_calc.covariance`); ``|T^k|^(1/k)`` bounds its spectral radius
for every k, and k doubles until that is below 1.  Each part is checked to be a full Dyson equation: the couplings
have to contain all pairs of random entries with the averages that G has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import flint

from fpt_calc.balls import BallBlocks, BallSystem
from fpt_calc.covariance import Sandwiched, adjoint_entries, covariance_terms, entries_inside, irreducible_parts
from fpt_calc.errors import CannotDecideError
from fpt_calc.expr import Expr
from fpt_calc.point import Ball, BallArray
from fpt_calc.point.ball_arrays import conjugate, matrix_of, multiply, transpose
from fpt_calc.scalars import is_fixed
from fpt_calc.system import RandomEntry, Unknown

FIRST_BITS = 64
SQUARINGS = 60
EXTRA_SQUARINGS = 4  # after the bound is below 1, to bring it near the spectral radius
HOPELESS = 1e30

Entries = tuple[RandomEntry, ...]
BlockOf = Callable[[int, int], BallArray | None]


def stability_bound(balls: BallSystem, values: Mapping[Unknown, Ball]) -> Ball:
    """An upper bound, below 1, of the spectral radius of T at certified values of the unknowns.

    Raises `CannotDecideError` if the radius is not shown to be below 1.
    """
    bits, full = FIRST_BITS, flint.ctx.prec
    parts = [entries_inside(balls.system, part) for part in irreducible_parts(balls.system)]
    while True:
        with flint.ctx.workprec(min(bits, full)):
            blocks = BallBlocks(balls, values)
            for entries in parts:
                _check_complete(balls, blocks, entries)
            bounds = [_bound(matrix) for entries in parts for matrix in _maps(balls, blocks, entries)]
        known = [b for b in bounds if b is not None]
        if len(known) == len(bounds):
            return max(known, default=flint.arb(0))
        if bits >= full:
            raise CannotDecideError(
                "the covariance map G E[H W H*] G* of W is not shown to have spectral radius below 1"
            )
        bits *= 2


def _maps(balls: BallSystem, blocks: BallBlocks, entries: Entries) -> list[BallArray]:
    """T as a matrix, and where fixed dimensions occur the same map of the adjoint pencil."""
    terms = covariance_terms(entries)
    maps = [_matrix(balls, terms, blocks.block)] if terms else []
    if not any(is_fixed(dim) for e in entries for dim in (e.letter.rows, e.letter.cols)):
        return maps

    def adjoint(row: int, col: int) -> BallArray | None:
        block = blocks.block(col, row)
        return None if block is None else conjugate(transpose(block))

    terms = covariance_terms(adjoint_entries(entries))
    return [*maps, _matrix(balls, terms, adjoint)] if terms else maps


def _matrix(balls: BallSystem, terms: list[Sandwiched], block: BlockOf) -> BallArray:
    """The matrix of T on the averages ``tau(inner W[k, l])``, one for each term of E[H W H*]."""
    entries: list[Ball] = []
    scales = [balls.model.scalar(t.coefficient) for t in terms]
    for target in terms:
        dim = target.a.letter.cols
        for source, scale in zip(terms, scales, strict=True):
            left, right = block(target.a.col, source.a.row), block(target.b.col, source.b.row)
            if left is None or right is None:
                entries.append(flint.arb(0))
                continue
            left = _between(balls, target.inner, left, source.outer)
            entries.append(scale * balls.model.tau_of_product(left, conjugate(transpose(right)), dim))
    return matrix_of(len(terms), len(terms), entries)


def _between(balls: BallSystem, inner: Expr | None, block: BallArray, outer: Expr | None) -> BallArray:
    left = block if inner is None else multiply(balls.matrix(inner), block)
    return left if outer is None else multiply(left, balls.matrix(outer))


def _bound(matrix: BallArray) -> Ball | None:
    """``|T^k|^(1/k)`` for some power of two k for which it is below 1, or None."""
    power, best, extra = matrix, None, EXTRA_SQUARINGS
    for squared in range(SQUARINGS):
        if not all(x.is_finite() for x in power.entries()):
            break
        norm = _norm(power)
        if norm < 1:
            bound = norm.root(2**squared).abs_upper() if norm > 0 else norm
            best = bound if best is None or bound < best else best
            extra -= 1
        if not norm < HOPELESS or extra < 0 or not norm > 0:
            break
        power = power * power
    return best


def _norm(matrix: BallArray) -> Ball:
    """The largest sum of absolute values in a row, an upper bound."""
    return max(sum((x.abs_upper() for x in row), start=flint.arb(0)).abs_upper() for row in matrix.tolist())


def _check_complete(balls: BallSystem, blocks: BallBlocks, entries: Entries) -> None:
    """Raise `CannotDecideError` if eta, taken anew from the random entries, is not that of the couplings."""
    states = {e.row for e in entries} | {e.col for e in entries}
    gaps: dict[tuple[int, int, Expr | None], Ball] = {}
    for c in balls.system.couplings:
        if c.row in states and c.col in states:
            key = (c.row, c.col, c.matrix)
            gaps[key] = gaps.get(key, 0) + balls.model.scalar(c.coefficient) * blocks.values[c.unknown]
    for a in entries:
        for b in entries:
            law = a.letter.atom.law
            sandwich = law.sandwich(a.letter.operation, b.letter.operation) if law is not None else None
            if a.letter.atom != b.letter.atom or sandwich is None or is_fixed(a.letter.cols):
                continue
            block = blocks.block(a.col, b.row)
            if block is None:
                continue
            average = balls.model.tau(_between(balls, sandwich.inner, block, None), a.letter.cols)
            scale = balls.model.scalar(sandwich.variance * a.letter.cols * a.coefficient * b.coefficient)
            key = (a.row, b.col, sandwich.outer)
            gaps[key] = gaps.get(key, 0) - scale * average
    if not all(gap.contains(0) for gap in gaps.values()):
        raise CannotDecideError("the unknowns do not determine G on a whole irreducible part of the pencil")
