"""Random polynomial words in matrices of every law, exact values for the deterministic ones, and means by brute force.

The brute force knows the laws from their definition only: entries are polynomials in independent normal variables,
the trace is multiplied out entry by entry, and each variable is replaced by its moments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import factorial, prod
from typing import Any

import flint
from hypothesis import strategies as st

from fpt_calc.ensembles import Gaussian, Wigner
from fpt_calc.expr import Adjoint, Atom, EntrywiseConjugate, ExactMatrix, Expr, Product, Trace, Transpose, evaluate, tau
from fpt_calc.expr.exact import inverse
from fpt_calc.oracles import ExactPoint
from fpt_calc.scalars import ONE, Generator, Scalar, dimension, evaluate_scalar, generator_scalar, scalar

n, d = dimension("n"), dimension("d")
PSD = frozenset({"psd"})

A, B = Atom("A", d, d), Atom("B", d, d, entries="complex")
F, w = Atom("F", n, d, entries="complex"), Atom("w", d, ONE)
M = Atom("M", n, n, facts=frozenset({"symmetric"}))
S, K = Atom("S", d, d, facts=PSD), Atom("K", n, n, facts=PSD)
H, Hn = Atom("H", d, d, facts=PSD, entries="complex"), Atom("Hn", n, n, facts=PSD, entries="complex")
X, Y = Atom("X", n, d, law=Gaussian(ONE / n, "real", K, S)), Atom("Y", n, d, law=Gaussian(ONE / d))
C, Z = Atom("C", n, d, law=Gaussian(ONE / n, "complex", Hn, H)), Atom("Z", d, d, law=Gaussian(2 / d))
W, G = Atom("W", d, d, law=Wigner(ONE / d)), Atom("G", d, d, law=Wigner(ONE / d, "complex"))
Q = Atom("Q", d, d, law=Gaussian(ONE / d, "complex"))
V = Atom("V", n, n, law=Wigner(ONE / n))
RANDOM, KNOWN = (X, Y, C, Z, W, G, Q, V), (A, B, F, w, M, S)

ROWS: dict[str, Any] = {
    "A": [[1, 2], [-1, 3]],
    "B": [[1 + 1j, -2], [1j, 1 - 2j]],
    "F": [[1, 1j], [2 - 1j, 0], [-1, 1]],
    "w": [[2], [-1]],
    "M": [[1, -1, 2], [-1, 0, 1], [2, 1, -2]],
}
ROOTS: dict[str, Any] = {  # R with R R^H = K and so on
    "K": [[1, 0, 0], [1, 2, 0], [0, -1, 1]],
    "S": [[1, 1], [0, 2]],
    "Hn": [[1, 0, 1j], [1 - 1j, 1, 0], [0, 0, 2]],
    "H": [[1, 1j], [0, 1 + 1j]],
}
SIZES = {"n": 3, "d": 2}


def gram(root: Any) -> list[list[complex]]:
    """R R^H."""
    return [[sum(x * complex(y).conjugate() for x, y in zip(r, s, strict=True)) for s in root] for r in root]


POINT = ExactPoint(SIZES, ROWS | {name: gram(root) for name, root in ROOTS.items()})

# words ------------------------------------------------------------------------------------------------------------


def letters(rows: Scalar, atoms: tuple[Atom, ...]) -> list[Expr]:
    """All ways in which these atoms occur with this number of rows."""
    forms: tuple[Callable[[Any], Expr], ...] = (lambda a: a, EntrywiseConjugate, Transpose, Adjoint)
    return [x for a in atoms for x in (f(a) for f in forms) if x.rows == rows]


@st.composite
def words(draw: st.DrawFn, length: int, random: tuple[Atom, ...] = RANDOM, known: tuple[Atom, ...] = KNOWN) -> Scalar:
    """The normalized trace of a word of up to ``length`` random letters, few atoms, deterministic ones in between."""
    chosen = tuple(draw(st.lists(st.sampled_from(random), min_size=1, max_size=2)))
    start = draw(st.sampled_from([x for x in (n, d) if letters(x, chosen)]))
    factors: list[Expr] = []
    for _ in range(2 * draw(st.integers(1, length // 2))):
        position = factors[-1].cols if factors else start
        options = letters(position, chosen)
        if not options or draw(st.integers(0, 3)) == 0:
            factors.append(draw(st.sampled_from(letters(position, known))))
            position = factors[-1].cols
            options = letters(position, chosen)
        if options:
            factors.append(draw(st.sampled_from(options)))
    last = factors[-1].cols
    if last != start:
        back = [x for x in letters(last, known) if x.cols == start]
        factors += [draw(st.sampled_from(back))] if back else [w.T, *letters(d, (F,))[:1]] if start == n else []
    product = factors[0] if len(factors) == 1 else Product(tuple(factors))
    return tau(product) if product.rows == product.cols else tau(product @ product.H)


@st.composite
def targets(draw: st.DrawFn, length: int) -> Scalar:
    """A trace, or a product of two."""
    if draw(st.integers(0, 2)):
        return draw(words(length))
    return draw(words(length // 2)) * draw(words(length // 2)) + n / d


# brute force ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Variable:
    """An independent centred normal variable: real, or complex with E z^2 = 0 (then followed by its conjugate)."""

    variance: Fraction
    real: bool


class Entries:
    """Matrices of polynomials in independent variables, with their entrywise conjugates; a `MatrixAlgebra`."""

    def __init__(self, atoms: tuple[Atom, ...], point: ExactPoint, roots: Mapping[str, Any]) -> None:
        self.point, self.roots = point, roots
        self.variables: list[Variable] = []
        plans = {atom: self._plan(atom) for atom in atoms}
        names = [f"x{k}" for k in range(2 * len(self.variables))]
        self.ring = flint.fmpq_mpoly_ctx.get([*names, "I"], "lex")
        *self.x, self.i = self.ring.gens()
        self.atoms = {atom: self._matrix(atom, plan) for atom, plan in plans.items()}

    def _plan(self, atom: Atom) -> list[list[tuple[int, bool]]]:
        """Which variable stands where, and whether conjugated."""
        rows, cols = self.point.size(atom.rows), self.point.size(atom.cols)
        law: Any = atom.law
        variance = self.point.scalar(law.variance).constant
        assert variance is not None
        real = law.field == "real"
        plan: dict[tuple[int, int], tuple[int, bool]] = {}
        for i in range(rows):
            for j in range(cols):
                if isinstance(law, Wigner) and j < i:
                    plan[i, j] = plan[j, i][0], True
                    continue
                diagonal = isinstance(law, Wigner) and i == j
                plan[i, j] = len(self.variables), False
                self.variables.append(Variable(2 * variance if diagonal and real else variance, real or diagonal))
        return [[plan[i, j] for j in range(cols)] for i in range(rows)]

    def _matrix(self, atom: Atom, plan: list[list[tuple[int, bool]]]) -> Any:
        def variable(k: int, conjugated: bool) -> Any:
            return self.x[2 * k + (conjugated and not self.variables[k].real)]

        free = tuple([[variable(k, c != bar) for k, c in row] for row in plan] for bar in (False, True))
        law: Any = atom.law
        if isinstance(law, Wigner):
            return free
        for covariance, left in ((law.row_covariance, True), (law.covariance, False)):
            if covariance is not None:  # R z has the row covariance R R^H, z R^H the column covariance R R^H
                root = self.constant(self.roots[covariance.name])
                free = self.multiply(root, free) if left else self.multiply(free, self.conjugate(self.transpose(root)))
        return free

    def constant(self, rows: Any) -> Any:
        numbers = [[scalar(x) for x in row] for row in rows]
        return tuple([[self.number(x.conjugate() if bar else x) for x in row] for row in numbers] for bar in (0, 1))

    def number(self, value: Scalar) -> Any:
        """A scalar, traces in it evaluated, as a polynomial in the variables."""
        return evaluate_scalar(value, self._generator, self.ring.constant)

    def _generator(self, g: Generator) -> Any:
        if isinstance(g, Trace):
            rows = evaluate(g.argument, self)[0]
            return sum((rows[k][k] for k in range(len(rows))), self.ring.constant(0)) / len(rows)
        if g.square == -1:
            return self.i
        number = self.point.scalar(generator_scalar(g)).constant
        return self.ring.constant(flint.fmpq(number.numerator, number.denominator))

    def mean(self, polynomial: Any) -> Scalar:
        """The expectation of a polynomial in the variables."""
        total = scalar(0)
        for exponents, c in polynomial.to_dict().items():
            *powers, i = map(int, exponents)
            moment = prod(self._moment(v, *powers[2 * k : 2 * k + 2]) for k, v in enumerate(self.variables))
            total = total + scalar(Fraction(int(c.p), int(c.q)) * moment) * scalar(1j) ** i
        return total

    def _moment(self, v: Variable, power: int, conjugated: int) -> Fraction:
        if v.real:
            return v.variance ** (power // 2) * prod(range(1, power, 2)) if power % 2 == 0 else Fraction(0)
        return v.variance**power * factorial(power) if power == conjugated else Fraction(0)

    # the MatrixAlgebra protocol; a matrix is (entries, conjugated entries)

    def atom(self, atom: Atom) -> Any:
        return self.atoms[atom] if atom.is_random else self.constant(self.point.atom(atom).entries)

    def multiple_of_identity(self, value: Scalar, dim: Scalar) -> Any:
        size = range(self.point.size(dim))
        return self.constant([[value if i == j else 0 for j in size] for i in size])

    def add(self, a: Any, b: Any) -> Any:
        return tuple(
            [[x + y for x, y in zip(r, s, strict=True)] for r, s in zip(v, u, strict=True)]
            for v, u in zip(a, b, strict=True)
        )

    def multiply(self, a: Any, b: Any) -> Any:
        zero = self.ring.constant(0)
        return tuple(
            [[sum((x * y for x, y in zip(r, s, strict=True)), zero) for s in zip(*u, strict=True)] for r in v]
            for v, u in zip(a, b, strict=True)
        )

    def scale(self, value: Scalar, a: Any) -> Any:
        pair = self.number(value), self.number(value.conjugate())
        return tuple([[c * x for x in row] for row in v] for c, v in zip(pair, a, strict=True))

    def inverse(self, a: Any) -> Any:
        """Of a matrix of numbers."""
        return self.constant(inverse(ExactMatrix(tuple(tuple(map(self.mean, row)) for row in a[0]))).entries)

    def root(self, atom: Atom) -> Any:
        raise NotImplementedError

    def transpose(self, a: Any) -> Any:
        return tuple([list(column) for column in zip(*v, strict=True)] for v in a)

    def conjugate(self, a: Any) -> Any:
        return a[1], a[0]


def brute_mean(
    target: Scalar, point: ExactPoint = POINT, roots: Mapping[str, Any] = ROOTS, atoms: tuple[Atom, ...] = RANDOM
) -> Scalar:
    """The mean of a polynomial in traces, entry by entry."""
    entries = Entries(tuple(a for a in atoms if a.name in str(target)), point, roots)
    return entries.mean(entries.number(target))
