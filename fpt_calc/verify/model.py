"""Models: what the names of a problem are worth, so that formulas and block matrices can be computed.

A model is a direct sum: every dimension d has a size d_k in each summand k, every matrix a block in each summand, and
the summands carry weights w_k with ``sum_k w_k d_k = d`` for each dimension.  The trace is ``sum_k w_k Tr_k``.  For
positive integers w_k these are ordinary matrices, A = A_1 x 1_{w_1} + A_2 x 1_{w_2} + ...; an identity between traces
that holds for ordinary matrices of all sizes therefore holds in every model.  There are two kinds: random models modulo
a prime, in which the dimensions are arbitrary residues (the weights follow), and points given by spectra, with one
summand of size 1 for each eigenvalue, in balls (`fpt_calc.verify.balls`).
"""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import flint

from fpt_calc.errors import InputError

PRIME = 2**61 - 448831  # -1 and the primes up to 47 are squares modulo it, so that their roots exist in every model
REAL_KINDS = frozenset({"positive", "nonnegative", "real", "fraction", "integer", "generations"})
KINDS = REAL_KINDS | {"complex", "upper"}
NONNEGATIVE = frozenset({"positive", "nonnegative", "fraction", "generations"})
Pair = tuple[Any, Any]  # a value and its entrywise complex conjugate, algebraically independent unless it is real


@dataclass(frozen=True)
class Blocks:
    """A matrix: one flint matrix for each summand; ``rows`` and ``cols`` number its two dimensions."""

    rows: int
    cols: int
    parts: tuple[Any, ...]


def add(a: Blocks, b: Blocks) -> Blocks | None:
    """The sum; None where the shapes do not fit."""
    if (a.rows, a.cols) != (b.rows, b.cols):
        return None
    return Blocks(a.rows, a.cols, tuple(x + y for x, y in zip(a.parts, b.parts, strict=True)))


def multiply(a: Blocks, b: Blocks) -> Blocks | None:
    """The product; None where the shapes do not fit."""
    if a.cols != b.rows:
        return None
    return Blocks(a.rows, b.cols, tuple(x * y for x, y in zip(a.parts, b.parts, strict=True)))


def scaled(c: Any, a: Blocks) -> Blocks:
    """A scalar multiple."""
    return Blocks(a.rows, a.cols, tuple(x * c for x in a.parts))


def transposed(a: Blocks) -> Blocks:
    """The transpose."""
    return Blocks(a.cols, a.rows, tuple(x.transpose() for x in a.parts))


def inverse(a: Blocks) -> Blocks:
    """The inverse of a square matrix; raises ZeroDivisionError if it is singular."""
    return Blocks(a.rows, a.cols, tuple(x.inv() for x in a.parts))


def tau(model: Model, a: Blocks) -> Any:
    """The normalized trace of a square matrix."""
    total = model.number(0)
    for weight, part in zip(model.weights, a.parts, strict=True):
        trace = model.number(0)
        for i in range(part.nrows()):
            trace += part[i, i]
        total += weight * trace
    return total / model.lengths[a.rows]


class Dimensions:
    """The different dimensions of a problem, numbered; formulas for one dimension have equal values at random numbers.

    A dimension that is an integer stays fixed while the others grow.
    """

    MAX_FIXED = 1000

    def __init__(self, names: Sequence[str], draw: random.Random) -> None:
        self._values = {name: flint.nmod(draw.randrange(1, PRIME), PRIME) for name in names}
        self._numbers: dict[int, int] = {}
        self.trees: list[ast.expr] = []

    def key(self, tree: ast.expr, new: bool = False) -> int:
        """The number of a dimension; raises `InputError` for one that no matrix has, unless it is ``new``."""
        value = int(arithmetic(tree, self._values))
        if value not in self._numbers:
            if not new:
                raise InputError("a dimension that no matrix of the problem has", where=ast.unparse(tree))
            self._numbers[value] = len(self.trees)
            self.trees.append(tree)
        return self._numbers[value]

    def is_fixed(self, key: int) -> bool:
        """Whether a dimension stays fixed."""
        return int(arithmetic(self.trees[key], self._values)) <= self.MAX_FIXED  # no random residue is that small


def arithmetic(tree: ast.expr, values: Mapping[str, Any]) -> Any:
    """The value of a formula in ``+ - * / **`` alone, such as that of a dimension."""
    match tree:
        case ast.Name(id=name) if name in values:
            return values[name]
        case ast.Constant(value=int() as value):
            return next(iter(values.values())) * 0 + value if values else value
        case ast.UnaryOp(operand=operand):
            return -arithmetic(operand, values)
        case ast.BinOp(left=ast.Name(id=name), op=ast.Pow(), right=ast.Constant(value=int() as exponent)):
            return arithmetic(ast.Name(name), values) ** exponent  # of a name alone, so that the result stays short
        case ast.BinOp(left=left, op=(ast.Add() | ast.Sub() | ast.Mult() | ast.Div()) as operator, right=right):
            a, b = arithmetic(left, values), arithmetic(right, values)
            match operator:
                case ast.Add():
                    return a + b
                case ast.Sub():
                    return a - b
                case ast.Mult():
                    return a * b
            return a / b
    raise InputError("not a dimension", where=ast.unparse(tree)[:60], remedy="use + - * / and declared names")


@dataclass(frozen=True)
class Model:
    """Values of names.

    Attributes
    ----------
    number, imaginary, square_root : integers, the imaginary unit and roots in the numbers of this model.
    matrix : a flint matrix of given size and entries.
    dimensions, sizes, lengths, weights : the dimensions; their sizes in each summand, their values, the weights.
    scalars, matrices, roots : values with their conjugates; ``roots`` holds the square roots of psd matrices.
    nonnegative : the names of scalars declared nonnegative.
    """

    number: Callable[[int], Any]
    imaginary: Any
    square_root: Callable[[Any], Any]
    matrix: Callable[[int, int, list[Any]], Any]
    dimensions: Dimensions
    sizes: tuple[tuple[int, ...], ...]
    lengths: tuple[Any, ...]
    weights: tuple[Any, ...]
    scalars: Mapping[str, Pair]
    nonnegative: frozenset[str]
    matrices: Mapping[str, tuple[Blocks, Blocks]]
    roots: Mapping[str, tuple[Blocks, Blocks]]

    def identity(self, key: int) -> Blocks:
        """The identity of a dimension."""
        eyes = (
            self.matrix(n, n, [self.number(int(i == j)) for i in range(n) for j in range(n)]) for n in self.sizes[key]
        )
        return Blocks(key, key, tuple(eyes))


@dataclass(frozen=True)
class MatrixShape:
    """What a random model has to know of a matrix: its dimensions, whether it is real, and its facts."""

    rows: int
    cols: int
    real: bool
    facts: frozenset[str]
    group: int | None = None


@dataclass(frozen=True)
class RandomModel:
    """Random matrices modulo the prime, with the scalars and the free weights still to be given (`at`)."""

    dimensions: Dimensions
    sizes: tuple[tuple[int, ...], ...]
    nonnegative: frozenset[str]
    matrices: dict[str, tuple[Blocks, Blocks]] = field(default_factory=dict)
    roots: dict[str, tuple[Blocks, Blocks]] = field(default_factory=dict)

    def at(self, scalars: Mapping[str, Pair], free: Sequence[Any]) -> Model:
        """The model with these scalars; the weights of the last summands are ``free``, the others follow."""
        plain = {name: pair[0] for name, pair in scalars.items()}
        lengths = tuple(residue(0) + arithmetic(tree, plain) for tree in self.dimensions.trees)
        count = len(lengths)
        square = flint.nmod_mat(count, count, [s for row in self.sizes for s in row[:count]], PRIME)
        rest = [
            length - sum((w * s for w, s in zip(free, row[count:], strict=True)), residue(0))
            for length, row in zip(lengths, self.sizes, strict=True)
        ]
        solved = square.solve(flint.nmod_mat(count, 1, [int(x) for x in rest], PRIME)).entries()
        return Model(
            number=residue,
            imaginary=residue(-1).sqrt(),
            square_root=lambda x: x.sqrt(),  # a formula may not depend on which root is meant
            matrix=lambda r, c, entries: flint.nmod_mat(r, c, [int(x) for x in entries], PRIME),
            dimensions=self.dimensions,
            sizes=self.sizes,
            lengths=lengths,
            weights=(*solved, *free),
            scalars=scalars,
            nonnegative=self.nonnegative,
            matrices=self.matrices,
            roots=self.roots,
        )


def residue(number: int) -> Any:
    """A residue modulo the prime."""
    return flint.nmod(number % PRIME, PRIME)


def random_scalars(kinds: Mapping[str, str], draw: random.Random) -> dict[str, Pair]:
    """Random squares, so that sqrt(lam) and sqrt(n) exist; a complex scalar and its conjugate are independent."""
    drawn = {name: (random_square(draw), random_square(draw)) for name in kinds}
    return {name: (a, b if kinds[name] in ("complex", "upper") else a) for name, (a, b) in drawn.items()}


def random_square(draw: random.Random) -> Any:
    """A random residue that is a square."""
    return residue(draw.randrange(1, PRIME)) ** 2


def random_model(
    dimensions: Dimensions,
    nonnegative: frozenset[str],
    shapes: Mapping[str, MatrixShape],
    draw: random.Random,
    free: int,
) -> RandomModel:
    """Random sizes 2, 3, 4 and random matrices with their facts; ``free`` is the number of free weights."""
    count = len(dimensions.trees)
    while True:
        sizes = tuple(tuple(draw.choice((2, 3, 4)) for _ in range(count + free)) for _ in range(count))
        if int(flint.nmod_mat(count, count, [s for row in sizes for s in row[:count]], PRIME).det()):
            break
    model = RandomModel(dimensions, sizes, nonnegative)
    bases: dict[tuple[int, int], list[Pair]] = {}
    for name, shape in shapes.items():
        made = []
        for k in range(count + free):
            rows, cols = sizes[shape.rows][k], sizes[shape.cols][k]
            if shape.group is None:
                made.append(_matrix(rows, cols, shape, draw))
            else:
                basis = bases.setdefault((shape.group, k), [_orthogonal(rows, shape.real, frozenset(), draw)])[0]
                made.append(_diagonal(basis, shape.facts, draw))
        matrices, roots = zip(*made, strict=True)
        for table, values in ((model.matrices, matrices), (model.roots, roots)):
            if table is model.matrices or "psd" in shape.facts:
                pair = [Blocks(shape.rows, shape.cols, tuple(v[side] for v in values)) for side in (0, 1)]
                table[name] = (pair[0], pair[1])
    return model


# random matrices with facts, as pairs (matrix, conjugate); what is returned is (the matrix, its psd square root)


def _matrix(rows: int, cols: int, shape: MatrixShape, draw: random.Random) -> tuple[Pair, Pair]:
    facts, real = shape.facts, shape.real or {"symmetric", "hermitian"} <= shape.facts
    if "projection" in facts:
        p = _projection(rows, real, draw)
        return p, p
    if "orthogonal" in facts:
        o = _orthogonal(rows, real, facts, draw)
        return o, o
    if "hermitian" in facts:
        root = _hermitian(rows, real, 1, draw)
        return (_product(root, root) if "psd" in facts else root), root
    a = _free(rows, cols, real, draw)
    if "symmetric" in facts:
        a = (a[0] + a[0].transpose(), a[1] + a[1].transpose())
    return a, a


def _diagonal(basis: Pair, facts: frozenset[str], draw: random.Random) -> tuple[Pair, Pair]:
    """A Hermitian matrix that is diagonal in a given basis."""
    n = basis[0].nrows()
    if "projection" in facts:
        roots = [draw.randint(0, 1) for _ in range(n)]
    elif "orthogonal" in facts:
        roots = [draw.choice((1, -1)) for _ in range(n)]
    else:
        roots = [draw.randrange(PRIME) for _ in range(n)]
    power = 2 if "psd" in facts and "orthogonal" not in facts else 1

    def rotated(values: list[int]) -> Pair:
        d = flint.nmod_mat(n, n, [values[i] if i == j else 0 for i in range(n) for j in range(n)], PRIME)
        return _product(_product(basis, (d, d)), _adjoint(basis))

    return rotated([r**power % PRIME for r in roots]), rotated(roots)


def _free(rows: int, cols: int, real: bool, draw: random.Random) -> Pair:
    a, b = (flint.nmod_mat(rows, cols, [draw.randrange(PRIME) for _ in range(rows * cols)], PRIME) for _ in range(2))
    return a, a if real else b


def _hermitian(n: int, real: bool, sign: int, draw: random.Random) -> Pair:
    a, _ = _free(n, n, True, draw)
    if real:
        a = a + a.transpose() * sign
        return a, a
    return a, a.transpose() * sign


def _projection(n: int, real: bool, draw: random.Random) -> Pair:
    span = _free(n, draw.randint(1, n - 1), real, draw)
    gram = _product(_adjoint(span), span)
    return _product(_product(span, (gram[0].inv(), gram[1].inv())), _adjoint(span))


def _orthogonal(n: int, real: bool, facts: frozenset[str], draw: random.Random) -> Pair:
    """Orthogonal or unitary: a reflection if Hermitian, else a Cayley transform U, and U U.T if symmetric."""
    one = flint.nmod_mat(n, n, [int(i == j) for i in range(n) for j in range(n)], PRIME)
    if "hermitian" in facts:
        p = _projection(n, real, draw)
        return one - p[0] - p[0], one - p[1] - p[1]
    k = _hermitian(n, real, -1, draw)
    u = tuple((one - x) * (one + x).inv() for x in k)
    return tuple(x * x.transpose() for x in u) if "symmetric" in facts else u


def _adjoint(a: Pair) -> Pair:
    return a[1].transpose(), a[0].transpose()


def _product(a: Pair, b: Pair) -> Pair:
    return a[0] * b[0], a[1] * b[1]
