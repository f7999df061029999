"""Block matrices of a certificate in a model, and the self-energy that the laws imply.

Theorem (cited: Helton, Rashidi Far, Speicher 2007; Haagerup, Thorbjornsen 2005).  For a pencil F - H with deterministic
F and Gaussian H the blocks of (F - H)^-1 have, in traces against deterministic matrices, the limits of the blocks of G,
where ``G = (F - eta(G))^-1`` with ``eta(W) = E[H W H]``, traces over fixed dimensions being dropped from eta.  Which
solution G is meant is said in `fpt_calc.verify.balls`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from fpt_calc.errors import InputError
from fpt_calc.verify.certificate import Average, Certificate, Entry, RandomEntry
from fpt_calc.verify.formula import Formula, matrix_of, scalar_of
from fpt_calc.verify.model import Blocks, Model, add, multiply, scaled, tau, transposed

Place = tuple[int, int]
Node = TypeVar("Node", int, str)


class BlockMatrix:
    """A sum of blocks at places, on states of given dimensions."""

    def __init__(self, model: Model, states: Sequence[int]) -> None:
        self.model = model
        self.states = states
        self.entries: dict[Place, Blocks] = {}

    def put(self, place: Place, block: Blocks) -> None:
        """Add a block at a place."""
        i, j = place
        if (block.rows, block.cols) != (self.states[i], self.states[j]):
            raise InputError("a matrix whose shape does not fit its place", where=f"entry {i}, {j}")
        known = self.entries.get(place)
        self.entries[place] = block if known is None else _sum(known, block)

    def minus(self, other: BlockMatrix) -> BlockMatrix:
        """The difference of two block matrices."""
        result = BlockMatrix(self.model, self.states)
        result.entries.update(self.entries)
        for place, block in other.entries.items():
            result.put(place, scaled(self.model.number(-1), block))
        return result

    def inverse(self) -> Callable[[int, int], Blocks]:
        """The blocks of the inverse, by row and column; raises ZeroDivisionError if it does not exist."""
        tables = [self._inverted(k) for k in range(len(self.model.weights))]
        starts = [_starts([self.model.sizes[s][k] for s in self.states]) for k in range(len(tables))]
        known: dict[Place, Blocks] = {}

        def block(i: int, j: int) -> Blocks:
            if (i, j) not in known:
                parts = []
                for k, table in enumerate(tables):
                    a, b = (self.model.sizes[self.states[s]][k] for s in (i, j))
                    rows = table[starts[k][i] : starts[k][i] + a]
                    entries = [x for row in rows for x in row[starts[k][j] : starts[k][j] + b]]
                    parts.append(self.model.matrix(a, b, entries))
                known[i, j] = Blocks(self.states[i], self.states[j], tuple(parts))
            return known[i, j]

        return block

    def _inverted(self, k: int) -> list[list[Any]]:
        sizes = [self.model.sizes[s][k] for s in self.states]
        starts, total = _starts(sizes), sum(sizes)
        table = [[self.model.number(0)] * total for _ in range(total)]
        for (i, j), block in self.entries.items():
            for r, row in enumerate(block.parts[k].tolist()):
                table[starts[i] + r][starts[j] : starts[j] + len(row)] = row
        inverse = self.model.matrix(total, total, [x for row in table for x in row]).inv()
        rows: list[list[Any]] = inverse.tolist()
        return rows


def _starts(sizes: Sequence[int]) -> list[int]:
    return [sum(sizes[:i]) for i in range(len(sizes))]


def _sum(a: Blocks, b: Blocks) -> Blocks:
    result = add(a, b)
    assert result is not None, "equal places have equal shapes"
    return result


def _product(*factors: Blocks) -> Blocks:
    result = factors[0]
    for factor in factors[1:]:
        product = multiply(result, factor)
        if product is None:
            raise InputError("a product whose shapes do not fit", where="self-energy")
        result = product
    return result


@dataclass(frozen=True)
class System:
    """The block matrices of a certificate in one model."""

    certificate: Certificate
    model: Model
    states: tuple[int, ...]
    _known: dict[str, Any] = field(default_factory=dict)

    def number(self, source: Formula) -> Any:
        """The value of a scalar formula without unknowns, computed once."""
        if source.text not in self._known:
            self._known[source.text] = scalar_of(source, self.model)
        return self._known[source.text]

    def matrix(self, source: Formula) -> Blocks:
        """The value of a deterministic matrix, computed once."""
        key = f"matrix {source.text}"
        if key not in self._known:
            self._known[key] = matrix_of(source, self.model)
        found: Blocks = self._known[key]
        return found

    def entries(self, entries: Iterable[Entry], unknowns: Mapping[str, Any]) -> BlockMatrix:
        """F, or with values of the unknowns the stated self-energy."""
        result = BlockMatrix(self.model, self.states)
        for e in entries:
            matrix = self.model.identity(self.states[e.row]) if e.matrix is None else self.matrix(e.matrix)
            factor = self.number(e.coefficient)
            result.put((e.row, e.col), scaled(factor * unknowns[e.unknown] if e.unknown else factor, matrix))
        return result

    def solution(self, unknowns: Mapping[str, Any]) -> Callable[[int, int], Blocks]:
        """The blocks of ``(F - Eta(unknowns))^-1``."""
        c = self.certificate
        return self.entries(c.deterministic, {}).minus(self.entries(c.self_energy, unknowns)).inverse()

    def pencil(self) -> BlockMatrix:
        """F - H with the random matrices of the model."""
        result = self.entries(self.certificate.deterministic, {})
        for e in self.certificate.random:
            block = applied(e.operation, letter_value(self.certificate, e.letter, self.model))
            result.put((e.row, e.col), scaled(self.number(e.coefficient), block))
        return result

    def average(self, average: Average, block: Callable[[int, int], Blocks]) -> Any:
        """``tau(weight @ G[row, col])``."""
        found = block(average.row, average.col)
        if average.weight is not None:
            found = _product(self.matrix(average.weight), found)
        if found.rows != found.cols:
            raise InputError("the trace of a matrix that is not square", where="average")
        return tau(self.model, found)

    def averages(self, block: Callable[[int, int], Blocks], of: Mapping[str, Average]) -> dict[str, Any]:
        """All averages of a table."""
        return {name: self.average(average, block) for name, average in of.items()}

    def self_energy(self, block: Callable[[int, int], Blocks]) -> BlockMatrix:
        """``eta(G) = E[H G H]`` from all pairs of random entries, as the laws say.

        Entries ``A x`` at (i, k) and ``B y`` at (l, j) of one random matrix, with ``E[x W y] = s^2 Tr(W inner) outer``,
        add ``s^2 A B Tr(inner G_kl) outer`` at (i, j).
        """
        result = BlockMatrix(self.model, self.states)
        for a in self.certificate.random:
            for b in self.certificate.random:
                found = self.pairing(a, b.letter, a.operation, b.operation)
                if found is None or self.model.dimensions.is_fixed(self.states[a.col]):
                    continue
                variance, inner, outer = found
                middle = block(a.col, b.row)
                trace = tau(self.model, middle if inner is None else _product(inner, middle))
                factor = variance * self.model.lengths[self.states[a.col]] * trace
                factor *= self.number(a.coefficient) * self.number(b.coefficient)
                eye = self.model.identity(self.states[a.row]) if outer is None else outer
                result.put((a.row, b.col), scaled(factor, eye))
        return result

    def pairing(
        self, a: RandomEntry, letter: str, first: str, second: str
    ) -> tuple[Any, Blocks | None, Blocks | None] | None:
        """``(s^2, inner, outer)`` of ``E[first(x) W second(x)]``; None for different letters and dropped pairs."""
        law = self.certificate.law_of(a.letter)
        sides = law.pairing(first, second) if a.letter == letter else None
        if sides is None:
            return None
        key = f"covariances of {letter}"
        if key not in self._known:
            self._known[key] = dict(zip("CD", covariances_of(self.certificate, letter, self.model), strict=True))
        inner, outer = (_side(self._known[key].get(s[:1]), s) for s in sides)
        return self.number(law.variance), inner, outer


def _side(covariance: Blocks | None, side: str) -> Blocks | None:
    return transposed(covariance) if covariance is not None and side.endswith("T") else covariance


def applied(operation: str, pair: tuple[Blocks, Blocks]) -> Blocks:
    """The letter, its transpose, adjoint or conjugate."""
    base = pair[operation in ("H", "conj")]
    return transposed(base) if operation in ("T", "H") else base


def letter_value(c: Certificate, name: str, model: Model) -> tuple[Blocks, Blocks]:
    """The random matrix of a letter in a model, with its conjugate."""
    if name not in c.letters:
        return model.matrices[name]
    new = c.letters[name]
    made = []
    for bar in (False, True):
        sides = [None if f is None else matrix_of(f, model, bar=bar) for f in (new.left, new.right)]
        factors = [sides[0], model.matrices[new.letter][bar], sides[1]]
        made.append(_product(*(f for f in factors if f is not None)))
    return made[0], made[1]


def covariances_of(c: Certificate, name: str, model: Model) -> tuple[Blocks | None, Blocks | None]:
    """Row and column covariance of a letter: those of A Z B are ``A C A*`` and ``B* D B``."""
    law, new = c.law_of(name), c.letters.get(name)
    row, col = (None if f is None else matrix_of(f, model) for f in (law.row_covariance, law.covariance))
    if new is not None and new.left is not None:
        a, star = matrix_of(new.left, model), transposed(matrix_of(new.left, model, bar=True))
        row = _product(a, star) if row is None else _product(a, row, star)
    if new is not None and new.right is not None:
        b, star = matrix_of(new.right, model), transposed(matrix_of(new.right, model, bar=True))
        col = _product(star, b) if col is None else _product(star, col, b)
    return row, col


def strong_parts(edges: Mapping[Node, set[Node]]) -> list[set[Node]]:
    """The strongly connected components of a graph, each after those that it points to."""
    ahead = {start: _reachable(edges, start) for start in edges}
    parts: list[set[Node]] = []
    for start in sorted(edges, key=lambda i: len(ahead[i])):
        if not any(start in part for part in parts):
            parts.append({j for j in ahead[start] if start in ahead[j]})
    return parts


def _reachable(edges: Mapping[Node, set[Node]], start: Node) -> set[Node]:
    found, pending = {start}, [start]
    while pending:
        new = edges[pending.pop()] - found
        found |= new
        pending += new
    return found
