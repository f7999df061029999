"""Bounds on degrees, for the error bounds of the identities: the theorem of Schwartz and Zippel needs them.

A value is a numerator over a denominator that all entries of a matrix share; ``Degree`` bounds their degrees in the
random residues (squares of residues, entries of matrices, weights of summands).
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce

from fpt_calc.verify.certificate import Certificate, Entry
from fpt_calc.verify.formula import Formula, integer_of

SIZE = 4  # of a block


@dataclass(frozen=True)
class Degree:
    """Degrees of numerator and denominator."""

    top: int
    bottom: int = 0

    def __add__(self, other: Degree) -> Degree:
        return Degree(max(self.top + other.bottom, other.top + self.bottom), self.bottom + other.bottom)

    def __mul__(self, other: Degree) -> Degree:
        return Degree(self.top + other.top, self.bottom + other.bottom)

    def power(self, k: int) -> Degree:
        """The k-th power, or that of the inverse of a block."""
        base = self if k >= 0 else self.inverse(SIZE)
        return Degree(base.top * abs(k), base.bottom * abs(k))

    def inverse(self, size: int) -> Degree:
        """``D adj(A)/det(A)`` for A/D."""
        return Degree(self.bottom + (size - 1) * self.top + self.top, size * self.top)


def degree_bounds(c: Certificate) -> dict[str, int]:
    """For each check that is an identity, a bound on the degree of what is tested to be zero."""
    bounds = _Bounds(c)
    return {
        "check_realization": bounds.realization(),
        "check_reduction": bounds.reduction(),
        "check_closed_form": bounds.closed_form(),
    }


class _Bounds:
    def __init__(self, c: Certificate) -> None:
        self.c = c
        self.names = {name: Degree(2) for name in (*c.problem.dims, *c.problem.scalars)}
        for name, matrix in c.problem.matrices.items():
            simple = not matrix.facts & {"projection", "orthogonal"} and not any(name in g for g in c.problem.commute)
            self.names[name] = Degree(2) if simple else Degree(6 * SIZE, 6 * SIZE)
        lengths = {f.text: self.of(f) for m in c.problem.matrices.values() for f in m.shape}
        self.weight = reduce(Degree.__add__, lengths.values(), Degree(1))
        self.length = max(lengths.values(), key=lambda d: d.top + d.bottom)

    def of(self, source: Formula, extra: Mapping[str, Degree] | None = None) -> Degree:
        """The degree of a formula."""
        return self._of(source.tree, {**self.names, **(extra or {})})

    def _of(self, node: ast.expr, names: Mapping[str, Degree]) -> Degree:
        match node:
            case ast.Name(id=name):
                return names.get(name, Degree(2))
            case ast.BinOp(left=a, op=ast.Pow(), right=k):
                return self._of(a, names).power(integer_of(k) or 0)
            case ast.BinOp(left=a, op=operator, right=b):
                x, y = self._of(a, names), self._of(b, names)
                match operator:
                    case ast.Add() | ast.Sub():
                        return x + y
                    case ast.Div():
                        return x * Degree(y.bottom, y.top)
                return x * y
            case ast.UnaryOp(operand=a) | ast.Attribute(value=a):
                return self._of(a, names)
            case ast.Call(func=ast.Name(id=name), args=[a]):
                inner = self._of(a, names) if name != "eye" else Degree(0)
                return inner.inverse(SIZE) if name == "inv" else self.traced(inner) if name in ("tau", "Tr") else inner
        return Degree(0)

    def traced(self, inner: Degree) -> Degree:
        """The trace: weights that solve linear equations, divided by a dimension (or not)."""
        return inner * self.weight * Degree(self.length.bottom + self.length.top, self.length.top)

    def _inverted(self, entries: Iterable[Degree]) -> Degree:
        degrees = list(entries)
        bottom = sum(d.bottom for d in degrees)
        top = max((d.top for d in degrees), default=0) + bottom
        return Degree(top, bottom).inverse(SIZE * len(self.c.states))

    def _entry(self, e: Entry) -> Degree:
        matrix = Degree(0) if e.matrix is None else self.of(e.matrix)
        return self.of(e.coefficient) * matrix * Degree(2 if e.unknown else 0)

    def _letter(self, name: str) -> Degree:
        new = self.c.letters.get(name)
        sides = [] if new is None else [self.of(f) for f in (new.left, new.right) if f is not None]
        return reduce(Degree.__mul__, sides, Degree(2))

    def _averages(self, table: Iterable[Formula | None], block: Degree) -> Degree:
        weights = [Degree(0) if w is None else self.of(w) for w in table]
        widest = Degree(max(w.top for w in weights), max(w.bottom for w in weights)) if weights else Degree(0)
        return self.traced(block * widest)

    def realization(self) -> int:
        """Targets against traces of the inverse pencil."""
        fixed = [self._entry(e) for e in self.c.deterministic]
        block = self._inverted(fixed + [self.of(e.coefficient) * self._letter(e.letter) for e in self.c.random])
        trace = self._averages((a.weight for a in self.c.traces.values()), block)
        extra = dict.fromkeys(self.c.traces, trace)
        return max(
            _gap(self.of(target), self.of(self.c.combinations[name], extra))
            for name, target in self.c.problem.targets.items()
        )

    def _solved(self) -> Degree:
        return self._inverted(self._entry(e) for e in (*self.c.deterministic, *self.c.self_energy))

    def reduction(self) -> int:
        """The self-energy of all pairs against the stated one, and the values of the targets."""
        block = self._solved()
        unknown = self._averages((a.weight for a in self.c.unknowns.values()), block)
        trace = self._averages((a.weight for a in self.c.traces.values()), block)
        stated = reduce(Degree.__add__, (self._entry(e) * unknown for e in self.c.self_energy), Degree(0))
        paired = [
            self.of(law.variance)
            * reduce(Degree.__mul__, (self.of(f) * self.of(f) for f in law.formulas()), self._letter(e.letter))
            * self.of(e.coefficient)
            for e in self.c.random
            for law in [self.c.law_of(e.letter)]
        ]
        full = reduce(Degree.__add__, (p * p * self._letter("") * trace for p in paired), Degree(0))
        extra, traces = dict.fromkeys(self.c.unknowns, unknown), dict.fromkeys(self.c.traces, trace)
        values = [_gap(self.of(v, extra), self.of(self.c.combinations[n], traces)) for n, v in self.c.values.items()]
        return max(_gap(stated, full), *values)

    def closed_form(self) -> int:
        """The equations at the points of the relations: solving a relation multiplies degrees by its own."""
        form = self.c.closed_form
        if form is None:
            return 0
        extra: dict[str, Degree] = {}
        for _ in form.definitions:  # often enough for every order
            extra |= {name: self.of(source, extra) for name, source in form.definitions.items()}
        unknowns = {name: self.of(source, extra) for name, source in form.unknowns.items()}
        affine = max((d.top + d.bottom for d in unknowns.values()), default=1) * (len(self.c.unknowns) + 1)
        unknowns = {name: unknowns.get(name, Degree(affine, affine)) for name in self.c.unknowns}
        widest = max((d.top + d.bottom for d in unknowns.values()), default=1)
        block = self._solved()
        average = self._averages((a.weight for a in self.c.unknowns.values()), block)
        own = (average.top + average.bottom + 1) * (widest + 1)
        targets = [_gap(self.of(t, extra), self.of(self.c.values[n], unknowns)) for n, t in form.targets.items()]
        factor = math.prod(max(1, self.of(r, extra).top) for r in form.relations.values())
        return max(own, *targets) * factor


def _gap(a: Degree, b: Degree) -> int:
    return (a + Degree(b.top, b.bottom)).top
