"""The equations of a reduced system in symbols: what each unknown is, and the linear components solved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fpt_calc.expr import Atom, Expr, Inverse, Scaled, Trace, map_traces, postorder, replace_nodes
from fpt_calc.graphs import strong_components
from fpt_calc.reduce import words
from fpt_calc.reduce.names import fresh_names, names_in
from fpt_calc.reduce.words import Polynomial
from fpt_calc.scalars import ONE, ZERO, Generator, Scalar, generator_scalar, substitute
from fpt_calc.system import Component, FixedPointSystem, Unknown, successors

Key = tuple[int, int]


# A solved linear component larger or longer than this is given by its linear equations instead.
MAX_SOLVED_UNKNOWNS = 3
MAX_SOLVED_LENGTH = 1500


@dataclass(frozen=True)
class Equation:
    """``unknown == value``; where not ``solved``, the value contains unknowns of the same component."""

    unknown: Unknown
    value: Scalar
    solved: bool

    def __str__(self) -> str:
        return f"{self.unknown.name} = {self.value}"


@dataclass(frozen=True)
class Equations:
    """The system in symbols.

    Attributes
    ----------
    definitions : matrices K1, K2, ... that the equations invert, as deterministic atoms with their meaning.
    equations : one for each unknown, in the order of solution.
    """

    definitions: tuple[tuple[Atom, Expr], ...]
    equations: tuple[Equation, ...]

    def lines(self) -> list[str]:
        """Definitions and equations as Python text."""
        return [f"{name} = {expr}" for name, expr in self.definitions] + [str(e) for e in self.equations]


def equations(system: FixedPointSystem) -> Equations:
    """The equation of each unknown, linear components solved exactly where the solution can be read.

    Raises `fpt_calc.errors.CannotDecideError` if an expanded equation has too many terms.
    """
    nonlinear = [c for c in system.components if not c.linear]
    blocks = SymbolicBlocks(system, {})
    found = {u: Equation(u, blocks.average(u), False) for c in nonlinear for u in c.unknowns}
    blocks = SymbolicBlocks(system, {e.value: e.unknown for e in explicit_unknowns(tuple(found.values()))})
    for component in system.components:
        if component.linear:
            right = {u: blocks.average(u) for u in component.unknowns}
            found.update({e.unknown: e for e in _linear_equations(component, right)})
    return _with_definitions(tuple(found[u] for u in system.unknowns), fresh_names("K", names_in(system)))


def _linear_equations(component: Component, right: dict[Unknown, Scalar]) -> list[Equation]:
    """A linear component solved, or as it stands where the solution could not be read."""
    if not any(g in component.unknowns for v in right.values() for g in v.gens):
        return [Equation(u, v, True) for u, v in right.items()]
    # elimination that starts from what is too long to read takes minutes, and its result is longer still
    short = sum(len(str(v)) for v in right.values()) <= MAX_SOLVED_LENGTH
    if short and len(component.unknowns) <= MAX_SOLVED_UNKNOWNS:
        solved = _solve_linear(component, right)
        if sum(len(str(v)) for v in solved.values()) <= MAX_SOLVED_LENGTH:
            return [Equation(u, v, True) for u, v in solved.items()]
    return [Equation(u, v, False) for u, v in right.items()]


def explicit_unknowns(found: tuple[Equation, ...]) -> tuple[Equation, ...]:
    """Nonlinear unknowns that are numbers made of the others: ``g2 = 1/(1 + d*g1/n)``, none depending on a later one.

    Where such a number occurs as a block in the linear components, it is written as the unknown.
    """
    chosen: dict[Unknown, Equation] = {}
    for e in found:
        others = {g for g in e.value.gens if isinstance(g, Unknown)}
        free_of_traces = not any(isinstance(g, Trace) for g in e.value.gens)
        used = {g for c in chosen.values() for g in c.value.gens}
        if free_of_traces and not e.solved and not others & set(chosen) and e.unknown not in (others | used):
            chosen[e.unknown] = e
    return tuple(chosen.values())


def _with_definitions(found: tuple[Equation, ...], fresh: Iterator[str]) -> Equations:
    """Name the matrices that are inverted."""
    names: dict[Expr, Atom] = {}

    def named(node: Expr) -> Expr | None:
        if not isinstance(node, Inverse) or isinstance(node.argument, Atom):
            return None
        argument = node.argument
        if argument not in names:
            names[argument] = Atom(next(fresh), argument.rows, argument.cols)
        return Inverse(names[argument])

    renamed = tuple(
        Equation(e.unknown, map_traces(e.value, lambda argument: replace_nodes(argument, named)), e.solved)
        for e in found
    )
    return Equations(tuple((atom, expr) for expr, atom in names.items()), renamed)


def needed_by(found: Equations, outputs: Iterable[Scalar]) -> Equations:
    """The equations that some scalars need: a solved unknown that nothing refers to any more is left out."""
    values = {e.unknown: e.value for e in found.equations}
    pending = [*outputs, *(e.value for e in found.equations if not e.solved)]
    needed = {e.unknown for e in found.equations if not e.solved}
    used: set[Atom] = set()
    while pending:
        for unknown, atom in _references(pending.pop()):
            if atom is not None:
                used.add(atom)
            elif unknown is not None and unknown not in needed:
                needed.add(unknown)
                pending.append(values[unknown])
    for atom, definition in reversed(found.definitions):  # a definition refers to earlier ones only
        if atom in used:
            used |= {node for node in postorder(definition) if isinstance(node, Atom)}
    return Equations(
        tuple(d for d in found.definitions if d[0] in used),
        tuple(e for e in found.equations if e.unknown in needed),
    )


def _references(value: Scalar) -> Iterator[tuple[Unknown | None, Atom | None]]:
    """The unknowns and the matrices that a scalar refers to; K1, K2, ... contain nonlinear unknowns only."""
    for g in value.gens:
        if isinstance(g, Unknown):
            yield g, None
        elif isinstance(g, Trace):
            for node in postorder(g.argument):
                if isinstance(node, Atom):
                    yield None, node
                elif isinstance(node, Scaled):
                    yield from _references(node.coefficient)


def matrix_entries(system: FixedPointSystem) -> list[tuple[int, int, Expr]]:
    """The entries of ``M = F - eta`` that do not vanish."""
    return SymbolicBlocks(system, {}).entries()


def matrix_form(system: FixedPointSystem) -> list[str]:
    """The system as it is solved, for systems whose expanded equations are too long to read."""
    averages = [
        f"{u.name} = tau({'' if a.weight is None else f'({a.weight})@'}G[{a.row}, {a.col}])"
        for u, a in ((u, system.averages[u]) for u in system.unknowns)
    ]
    return [*(f"M[{i}, {j}] = {block}" for i, j, block in matrix_entries(system)), "G = inv(M)", *averages]


class SymbolicBlocks:
    """The blocks of ``G = (F - eta)^-1`` as polynomials in deterministic matrices, computed on demand."""

    def __init__(self, system: FixedPointSystem, known: dict[Scalar, Unknown]) -> None:
        self.system = system
        self._known = known
        self._matrix: dict[Key, Polynomial] = {}
        for t in system.terms:
            self._put((t.row, t.col), words.monomial(*self._shape(t.row, t.col), t.coefficient, t.matrix))
        for c in system.couplings:
            coefficient = -c.coefficient * generator_scalar(c.unknown)
            self._put((c.row, c.col), words.monomial(*self._shape(c.row, c.col), coefficient, c.matrix))
        self._edges = successors((*system.terms, *system.couplings))
        self._parts = strong_components(range(len(system.dims)), self._edges)
        self._part = {i: k for k, part in enumerate(self._parts) for i in part}
        self._blocks: dict[Key, Polynomial] = {}
        self._inverted: set[int] = set()

    def entries(self) -> list[tuple[int, int, Expr]]:
        """The entries of ``M = F - eta`` that do not vanish."""
        return [(i, j, words.expression(block)) for (i, j), block in sorted(self._matrix.items())]

    def average(self, unknown: Unknown) -> Scalar:
        """The right-hand side of the equation of an unknown."""
        average = self.system.averages[unknown]
        return words.trace(self.block(average.row, average.col), average.weight)

    def block(self, k: int, last: int) -> Polynomial:
        """G[k, last]."""
        if (k, last) not in self._blocks:
            if self._part[k] == self._part[last]:
                self._invert(self._part[k])
            else:
                self._blocks[(k, last)] = self._across(k, last)
        return self._blocks.get((k, last), self._zero(k, last))

    def _across(self, k: int, last: int) -> Polynomial:
        total = self._zero(k, last)
        if self._part[k] < self._part[last]:
            return total
        for i in self._parts[self._part[k]]:
            tail = self._zero(i, last)
            for c in sorted(self._edges.get(i, ())):
                if self._part[c] != self._part[k] and (i, c) in self._matrix:
                    tail = words.add(tail, words.multiply(self._matrix[(i, c)], self.block(c, last)))
            if not tail.is_zero:
                total = words.add(total, words.negate(words.multiply(self.block(k, i), tail)))
        return total

    def _invert(self, part: int) -> None:
        """Gauss-Jordan on one irreducible diagonal block: numbers as pivots first, then matrices."""
        if part in self._inverted:
            return
        self._inverted.add(part)
        states = sorted(self._parts[part])
        work = {(i, j): self._matrix[(i, j)] for i in states for j in states if (i, j) in self._matrix}
        rest = list(states)
        while rest:
            pivot = min(rest, key=lambda i: _pivot_order(work.get((i, i))))
            rest.remove(pivot)
            _sweep(work, states, pivot)
        self._blocks.update({key: self._recognized(block) for key, block in work.items()})

    def _recognized(self, block: Polynomial) -> Polynomial:
        number = block.scalar
        unknown = None if number is None else self._known.get(number)
        return block if unknown is None else words.monomial(block.rows, block.cols, generator_scalar(unknown), None)

    def _put(self, key: Key, value: Polynomial) -> None:
        total = words.add(self._matrix[key], value) if key in self._matrix else value
        if total.is_zero:
            self._matrix.pop(key, None)
        else:
            self._matrix[key] = total

    def _shape(self, i: int, j: int) -> tuple[Scalar, Scalar]:
        return self.system.dims[i], self.system.dims[j]

    def _zero(self, i: int, j: int) -> Polynomial:
        return Polynomial(*self._shape(i, j), {})


def _pivot_order(pivot: Polynomial | None) -> tuple[int, int]:
    if pivot is None:
        return (3, 0)
    if pivot.scalar is not None:
        return (0, len(pivot.scalar.gens))
    return (1 if () in pivot.terms else 2, len(pivot.terms))


def _sweep(work: dict[Key, Polynomial], states: list[int], pivot: int) -> None:
    inverse = words.invert(work[(pivot, pivot)])
    rows = [i for i in states if i != pivot and (i, pivot) in work]
    columns = [j for j in states if j != pivot and (pivot, j) in work]
    left = {i: words.multiply(work[(i, pivot)], inverse) for i in rows}
    for i in rows:
        for j in columns:
            update = words.negate(words.multiply(left[i], work[(pivot, j)]))
            total = words.add(work[(i, j)], update) if (i, j) in work else update
            if total.is_zero:
                work.pop((i, j), None)
            else:
                work[(i, j)] = total
    for j in columns:
        work[(pivot, j)] = words.multiply(inverse, work[(pivot, j)])
    for i in rows:
        work[(i, pivot)] = words.negate(left[i])
    work[(pivot, pivot)] = inverse


def _solve_linear(component: Component, right: dict[Unknown, Scalar]) -> dict[Unknown, Scalar]:
    """Exact Gaussian elimination of ``x = b + A x`` over the field of scalars and traces."""
    order = component.unknowns
    zeros: dict[Generator, Scalar] = {u: ZERO for u in order}
    rows: dict[Unknown, dict[Unknown, Scalar]] = {}
    constants: dict[Unknown, Scalar] = {}
    for u in order:
        constants[u] = substitute(right[u], dict(zeros))
        rows[u] = {}
        for v in order:
            unit = substitute(right[u], {**zeros, v: ONE}) - constants[u]
            entry = (ONE if u == v else ZERO) - unit
            if not entry.is_zero:
                rows[u][v] = entry
    for k, pivot in enumerate(order):
        scale = rows[pivot][pivot].inverse()
        rows[pivot] = {v: c * scale for v, c in rows[pivot].items()}
        constants[pivot] = constants[pivot] * scale
        for u in order[:k] + order[k + 1 :]:
            factor = rows[u].get(pivot)
            if factor is not None:
                for v, c in rows[pivot].items():
                    rows[u][v] = rows[u].get(v, ZERO) - factor * c
                rows[u] = {v: c for v, c in rows[u].items() if not c.is_zero}
                constants[u] = constants[u] - factor * constants[pivot]
    return constants
