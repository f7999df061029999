"""Seeded random problems of more kinds than `tests.generators`: everything an expression may be made of.

On top of what `tests.generators.Draw` draws: Wishart matrices, commutators and anticommutators of two random matrices,
covariances that are sums, squares and transposes of resolvents, projections and square roots next to designs, blocks
of a fixed dimension, products with conjugates, and several targets that share their matrices.  All of it is well
posed in the same sense, at every point with ``lam, mu > 0`` and ``Im z > 0``.
"""

from __future__ import annotations

import random

from fpt_calc.ensembles import wishart
from fpt_calc.expr import Atom, EntrywiseConjugate, Expr, SquareRoot, tau
from fpt_calc.scalars import IMAGINARY_UNIT, Scalar, scalar
from tests.generators import Draw, inv, is_deterministic_scalar, lam, mu, z

FIXED = scalar(2)


def wide_problem(seed: int, depth: int = 3) -> dict[str, Scalar]:
    """The targets of a seed; the same seed gives the same targets.  ``depth`` bounds the nesting of inverses."""
    rng = random.Random(f"wide {seed}")
    draw = WideDraw(rng, min(depth, rng.choice((1, 1, 1, 2, 2, 3))))
    return {f"t{i}": draw.target() for i in range(rng.choice((1, 1, 1, 2, 3)))}


class WideDraw(Draw):
    """One problem being drawn."""

    def covariance(self, dim: Scalar, field: str) -> Expr | None:
        plain = super().covariance(dim, field)
        if plain is None or self.rng.random() < 0.75:
            return plain
        a = Atom(f"A{dim}", dim, dim)
        return plain + a.T @ a

    def hermitian_atom(self, dim: Scalar) -> Atom:
        kind, facts, entries = self.rng.choice((("M", {"symmetric"}, "real"), ("L", {"hermitian"}, "complex")))
        return Atom(f"{kind}{dim}", dim, dim, facts=frozenset(facts), entries=entries)

    def wishart(self, dim: Scalar) -> Expr:
        dof, covariance = self.rng.choice(self.dims), self.rng.choice((None, self.psd_atom(dim)))
        return wishart(f"V{dim}{dof}{'' if covariance is None else 'S'}", dim, dof, covariance)

    def factor(self, rows: Scalar, cols: Scalar, depth: int) -> Expr:
        choice = self.rng.randrange(16)
        if rows == cols and choice == 0:
            x, y = self.random_letter(rows, rows), self.random_letter(rows, rows)
            return x @ y + y @ x
        if rows == cols and choice == 1:
            x, v = self.random_letter(rows, rows), self.wishart(rows)
            return x @ v - v @ x
        match choice:
            case 2:
                return self.factor(cols, rows, depth).T
            case 3:
                return self.random_letter(rows, cols) - self.scale() * self.random_letter(rows, cols)
            case 4:
                return SquareRoot(self.psd_atom(rows)) @ self.random_letter(rows, cols)
            case 5:
                left, right = self.known_letter(rows, cols), self.known_letter(cols, rows)
                return left + self.random_letter(rows, cols) @ right @ left
        return super().factor(rows, cols, depth)

    def scale(self) -> Scalar:
        return self.rng.choice((scalar(1) / 2, IMAGINARY_UNIT / 2, lam / 3, scalar(-1)))

    def psd(self, dim: Scalar, depth: int) -> Expr:
        choice = self.rng.randrange(14)
        if choice == 0:
            return self.wishart(dim) + super().psd(dim, 0)
        if choice == 1:
            h = self.hermitian(dim)
            return h @ h
        if choice == 2:
            other = self.rng.choice(self.dims)
            q = self.factor(other, dim, 0)
            return q.H @ self.psd_atom(other, self.rng.choice(("real", "complex"))) @ q
        if choice == 3:
            p = Atom(f"P{dim}", dim, dim, facts=frozenset({"projection"}))
            return p @ self.psd_plain(dim) @ p
        if choice == 4:
            w = Atom(f"w{dim}", dim, scalar(1))
            return super().psd(dim, depth) + w @ w.T
        return super().psd(dim, depth)

    def hermitian(self, dim: Scalar) -> Expr:
        choice = self.rng.randrange(8)
        if choice == 0:
            return self.hermitian_atom(dim) + super().hermitian(dim)
        if choice < 3:
            x, y = (self.random_letter(dim, dim) for _ in range(2))
            x, y = (x + x.H, y + y.H)
            return IMAGINARY_UNIT * (x @ y - y @ x) if choice == 1 else x @ y + y @ x
        return super().hermitian(dim)

    def resolvent(self, dim: Scalar, depth: int, hermitian: bool = False) -> Expr:
        choice = self.rng.randrange(16)
        if hermitian:
            return super().resolvent(dim, depth, True)
        if choice == 0:
            return inv(self.psd(dim, depth) + self.rng.choice((lam, mu)) * self.psd_atom(dim) + mu)
        result = super().resolvent(dim, depth)
        match choice:
            case 1:
                return result.T
            case 2:
                return EntrywiseConjugate(result)
            case 3:
                return result @ result
            case 4:
                return result.H @ self.known_letter(dim, dim) @ result
        return result

    def trace(self) -> Scalar:
        choice, dim = self.rng.randrange(14), self.rng.choice(self.dims)
        if choice == 0:
            w = Atom(f"F{dim}", dim, FIXED)
            return tau(w.T @ self.word(dim) @ w)
        if choice == 1:
            w = Atom(f"F{dim}", dim, FIXED)
            return tau(inv(1 + w.H @ self.resolvent(dim, self.depth - 1, hermitian=True) @ w))
        if choice == 2:
            return tau(inv(self.hermitian(dim) - z) @ self.known_letter(dim, dim))
        return super().trace()

    def target(self) -> Scalar:
        choice = self.rng.randrange(10)
        if choice > 2:
            return super().target()
        first = self.trace()
        if choice == 0:
            return first * first.conjugate()
        if choice == 1 or is_deterministic_scalar(first):
            return first - self.trace() * (mu - lam) / 2
        return self.trace() / (4 + first * first.conjugate())
