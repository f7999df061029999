"""Seeded random problems that are well posed: their inverses are of ``psd + lam`` or ``hermitian - z`` with Im z > 0.

The same seed gives the same problem, point included.  Every matrix of a problem is dense, a spectrum or a multiple of
the identity at random, and nothing commutes unless it has to.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from fpt_calc.ensembles import Gaussian, Wigner
from fpt_calc.expr import (
    Adjoint,
    Atom,
    EntrywiseConjugate,
    Expr,
    Inverse,
    PrimeModel,
    SquareRoot,
    is_deterministic,
    tau,
)
from fpt_calc.oracles.leaves import atoms_behind
from fpt_calc.point import Dense, Eigenvalues, MatrixData, Multiple, Point
from fpt_calc.scalars import IMAGINARY_UNIT, ONE, Dimension, Parameter, Scalar, dimension, generator_scalar, scalar

inv = Inverse
n, d, k = (dimension(name) for name in "ndk")
lam, mu = (generator_scalar(Parameter(name, "positive")) for name in ("lam", "mu"))
z = generator_scalar(Parameter("z", "upper"))
SIZES = {"n": 12, "d": 9, "k": 7}
SCALARS = {"lam": Fraction(7, 10), "mu": Fraction(5, 4), "z": 0.3 + 0.9j}


@dataclass(frozen=True)
class Problem:
    """Targets by name, a point to evaluate them at, and the number of random matrices."""

    targets: dict[str, Scalar]
    point: Point

    @property
    def random_atoms(self) -> int:
        return sum(atom.is_random for atom in atoms_behind(self.targets.values()))


def problem(seed: int, depth: int = 2) -> Problem:
    """The random problem of a seed; ``depth`` bounds the nesting of inverses."""
    draw = Draw(random.Random(seed), depth)
    targets = {f"t{i}": draw.target() for i in range(draw.rng.choice((1, 1, 2)))}
    return Problem(targets, point_for(targets, seed))


def point_for(targets: dict[str, Scalar], seed: int, sizes: dict[str, int] | None = None) -> Point:
    """Random numbers for the deterministic matrices of some targets."""
    rng = np.random.default_rng(seed)
    known = sizes or SIZES
    matrices = {a.name: _numbers(a, rng, known) for a in atoms_behind(targets.values()) if not a.is_random}
    return Point(dims=known, scalars=SCALARS, matrices=matrices)


def dense(rng: Any, rows: int, cols: int, facts: frozenset[str], entries: str) -> Any:
    """A random dense array of norm about 1 that has the facts."""
    a = rng.standard_normal((rows, cols)) / rows**0.5
    if entries == "complex":
        a = (a + 1j * rng.standard_normal((rows, cols)) / rows**0.5) / 2**0.5
    if "projection" in facts:
        q = np.linalg.qr(a)[0][:, : rows // 2]
        return q @ q.conj().T
    if "orthogonal" in facts:
        return np.linalg.qr(a)[0]
    if "psd" in facts:
        return a @ a.conj().T
    if "hermitian" in facts:
        return (a + a.conj().T) / 2
    return (a + a.T) / 2 if "symmetric" in facts else a


def _numbers(atom: Atom, rng: Any, sizes: dict[str, int]) -> MatrixData:
    rows, cols = (int(s.constant) if s.constant is not None else sizes[str(s)] for s in atom.shape)
    diagonal = "psd" in atom.facts and "projection" not in atom.facts and rng.random() < 0.3
    if diagonal and rng.random() < 0.3:
        return Multiple(float(rng.uniform(0.3, 2)))
    if diagonal:
        return Eigenvalues(tuple(rng.uniform(0.1, 2, rows).tolist()))
    return Dense(dense(rng, rows, cols, atom.facts, atom.entries))


class Draw:
    """One problem being drawn: a small pool of matrices that are used again and again."""

    def __init__(self, rng: random.Random, depth: int) -> None:
        self.rng = rng
        self.depth = depth
        self.dims = rng.sample((n, d, k), rng.choice((1, 2, 2, 3)))
        self.letters = rng.choice((1, 1, 2, 3))
        self.random: dict[tuple[Scalar, Scalar], list[Atom]] = {}
        self.known: dict[tuple[Scalar, Scalar], list[Atom]] = {}

    # letters --------------------------------------------------------------------------------------------------

    def random_atom(self, rows: Scalar, cols: Scalar) -> Atom:
        """A random matrix of this shape, an old one if there are enough."""
        pool = self.random.setdefault((rows, cols), [])
        if len(pool) >= self.letters or (pool and self.rng.random() < 0.5):
            return self.rng.choice(pool)
        field = self.rng.choice(("real", "complex"))
        variance = ONE / (rows if rows.constant is None else cols)
        name = f"X{rows}{cols}{len(pool)}"
        if rows == cols and self.rng.random() < 0.6:
            atom = Atom(f"W{rows}{len(pool)}", rows, cols, law=Wigner(variance, field))
        else:
            c, r = (self.covariance(dim, field) for dim in (cols, rows))
            atom = Atom(name, rows, cols, law=Gaussian(variance, field, r, c))
        pool.append(atom)
        return atom

    def covariance(self, dim: Scalar, field: str) -> Expr | None:
        if dim.constant is not None or self.rng.random() < 0.6:
            return None
        return self.psd_atom(dim, field)

    def psd_atom(self, dim: Scalar, field: str = "real") -> Atom:
        entries = "real" if field == "real" else self.rng.choice(("real", "complex"))
        return Atom(f"{'S' if entries == 'real' else 'H'}{dim}", dim, dim, facts=frozenset({"psd"}), entries=entries)

    def known_atom(self, rows: Scalar, cols: Scalar) -> Atom:
        """A deterministic matrix of any kind."""
        kinds: dict[str, tuple[set[str], str]] = {"A": (set(), "real"), "B": (set(), "complex")}
        if rows == cols and rows.constant is None:
            kinds.update(
                S=({"psd"}, "real"),
                H=({"psd"}, "complex"),
                P=({"projection"}, "real"),
                O=({"orthogonal"}, "real"),
                M=({"symmetric"}, "real"),
                L=({"hermitian"}, "complex"),
                N=({"symmetric"}, "complex"),
                U=({"orthogonal"}, "complex"),
            )
        kind = self.rng.choice(list(kinds))
        facts, entries = kinds[kind]
        suffix = "" if rows == cols else f"{cols}"
        return Atom(f"{kind}{rows}{suffix}", rows, cols, facts=frozenset(facts), entries=entries)

    def known_letter(self, rows: Scalar, cols: Scalar) -> Expr:
        if rows == cols and rows.constant is None and self.rng.random() < 0.2:
            return SquareRoot(self.psd_atom(rows, self.rng.choice(("real", "complex"))))
        if self.rng.random() < 0.3:
            return self.operated(self.known_atom(cols, rows), True)
        return self.operated(self.known_atom(rows, cols), False)

    def random_letter(self, rows: Scalar, cols: Scalar) -> Expr:
        flipped = self.random.get((cols, rows)) is not None or (rows == cols and self.rng.random() < 0.3)
        return self.operated(self.random_atom(*((cols, rows) if flipped else (rows, cols))), flipped)

    def operated(self, atom: Atom, flipped: bool) -> Expr:
        """The atom, or with ``flipped`` its transpose or adjoint; sometimes conjugated."""
        if self.rng.random() < 0.3:
            return Adjoint(atom) if flipped else EntrywiseConjugate(atom)
        return atom.T if flipped else atom

    # expressions ----------------------------------------------------------------------------------------------

    def factor(self, rows: Scalar, cols: Scalar, depth: int) -> Expr:
        """A random matrix without special structure."""
        x = self.random_letter(rows, cols)
        choice = self.rng.randrange(9)
        if rows == cols and choice < 3:
            y = self.random_letter(rows, cols) if choice else self.known_letter(rows, cols)
            return (x @ y - y @ x) if choice < 2 else x + x.T
        match choice:
            case 3:
                return self.known_letter(rows, rows) @ x
            case 4:
                return x @ self.known_letter(cols, cols)
            case 5:
                return x + self.known_letter(rows, cols)
            case 6:
                middle = self.rng.choice(self.dims)
                return self.random_letter(rows, middle) @ self.random_letter(middle, cols)
            case 7 if depth > 0:
                return self.resolvent(rows, depth - 1) @ x
        return x

    def psd(self, dim: Scalar, depth: int) -> Expr:
        other = self.rng.choice(self.dims)
        q = self.factor(other, dim, depth)
        choice = self.rng.randrange(6)
        if choice == 0 and depth > 0:
            return q.H @ self.resolvent(other, depth - 1, hermitian=True) @ q
        if choice == 1:
            return q.H @ q + self.psd_atom(dim, self.rng.choice(("real", "complex")))
        if choice == 2:
            return q.H @ q + self.psd(dim, 0)
        if choice == 3:
            p = self.known_letter(other, dim)
            return p.H @ self.psd_plain(other) @ p
        return q.H @ q

    def psd_plain(self, dim: Scalar) -> Expr:
        q = self.random_letter(self.rng.choice(self.dims), dim)
        return q.H @ q

    def hermitian(self, dim: Scalar) -> Expr:
        q = self.factor(dim, dim, 0)
        choice = self.rng.randrange(3)
        if choice == 0:
            return IMAGINARY_UNIT * (q - q.H)
        return q + q.H if choice == 1 else self.psd(dim, 0) - self.psd_atom(dim)

    def resolvent(self, dim: Scalar, depth: int, hermitian: bool = False) -> Expr:
        """A bounded resolvent; with ``hermitian`` a psd one."""
        if not hermitian and self.rng.random() < 0.25:
            return inv(self.hermitian(dim) - z)
        return inv(self.psd(dim, depth) + self.rng.choice((lam, mu)))

    def word(self, dim: Scalar) -> Expr:
        """A product of resolvents with matrices between them."""
        result, position = self.resolvent(dim, self.depth - 1), dim
        for _ in range(self.rng.choice((0, 1, 1, 2))):
            onward = self.rng.choice(self.dims)
            middle = self.known_letter if self.rng.random() < 0.7 else self.random_letter
            result = result @ middle(position, onward) @ self.resolvent(onward, self.depth - 2)
            position = onward
        return result if position == dim else result @ self.known_letter(position, dim)

    def trace(self) -> Scalar:
        dim = self.rng.choice(self.dims)
        word = self.word(dim)
        if self.rng.random() < 0.2:
            left = Atom(f"w{dim}", dim, scalar(1))
            right = left if self.rng.random() < 0.5 else self.random_atom(dim, scalar(1))
            middle = left.T @ word @ left
            if right is not left:
                middle = middle + right.T @ word @ right
            return tau(middle)
        return tau(word @ self.known_letter(dim, dim)) if self.rng.random() < 0.6 else tau(word)

    def target(self) -> Scalar:
        first = self.trace()
        choice = self.rng.randrange(5)
        if choice == 0:
            return first + lam * self.trace()
        if choice == 1:
            return first * self.trace() + 2 * first
        return 1 / (3 + first) if choice == 2 and not is_deterministic_scalar(first) else first


def consistent_model(seed: int) -> PrimeModel:
    """A model in which the residue of a dimension is the size of its matrices, so that traces may be rotated."""
    model = PrimeModel(seed, sizes=(3, 4, 5))
    for dim in (n, d, k):
        model.set_generator(Dimension(str(dim)), model.scalar(scalar(model.size(dim))))
    return model


def is_deterministic_scalar(value: Scalar) -> bool:
    """Whether no trace in a scalar is random."""
    return all(is_deterministic(a) for a in atoms_behind([value]))
