"""All regimes of a right-hand side: evaluate at a witness, keep the cell on which this holds, go on outside of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import mpmath
import sympy

from fpt_calc.errors import CannotDecideError
from fpt_calc.scaling.polyhedra import (
    Affine,
    Chamber,
    Polyhedron,
    describe,
    difference,
    interior_point,
    irredundant,
    merge,
    with_constraints,
)
from fpt_calc.scaling.regimes.affine_scalars import affine_of
from fpt_calc.scaling.regimes.constants import symbol
from fpt_calc.scaling.regimes.evaluation import RightHandSide, evaluate, start
from fpt_calc.scaling.regimes.series import Leading
from fpt_calc.scaling.regimes.spectral_sum import Setting
from fpt_calc.scaling.regimes.witness import SMALLEST, DegenerateError, Witness

MOST_CELLS = 400
MOST_TRIES = 12


Label = tuple[Affine, int, str, tuple[str, ...]]


@dataclass(frozen=True)
class Part:
    """What one source grows like: ``constant * size**exponent * log(size)**logs``."""

    exponent: Affine
    logs: int
    constant: sympy.Expr


@dataclass(frozen=True)
class Regime:
    """A polyhedron of exponents in which one law holds.

    Attributes
    ----------
    cell : the polyhedron, whose interior is meant.
    exponent, logs, constant : of the value, ``constant * size**exponent * log(size)**logs``.
    dominant : the sources that are of this order.
    parts : every source by itself.
    where : what the symbols of constants without a closed form solve: expressions that vanish.
    roots : their values at the sample of the parameters.
    label : equal for cells with the same law.
    """

    cell: Polyhedron
    exponent: Affine
    logs: int
    constant: sympy.Expr
    dominant: tuple[str, ...]
    parts: Mapping[str, Part]
    where: Mapping[sympy.Symbol, sympy.Expr]
    roots: Mapping[sympy.Symbol, mpmath.mpf]
    label: Label


@dataclass(frozen=True)
class Question:
    """What is asked for: some sources of a right-hand side, in a setting, for exponents in a polyhedron.

    ``sample``: numbers for constants such as sigma, by which zero is told from nonzero.  ``beyond_floor``: asked for is
    the value less the floor that it tends to.
    """

    side: RightHandSide
    setting: Setting
    domain: Polyhedron
    sample: Mapping[str, Fraction]
    sources: tuple[str, ...]
    beyond_floor: bool = False


def regimes(question: Question, chamber: Chamber) -> tuple[Regime, ...]:
    """The regimes in the domain, those of one law joined where their union is convex.

    Raises `CannotDecideError` where the expansion does not decide what leads.
    """
    return joined(cells(question, chamber), chamber)


def cells(question: Question, chamber: Chamber) -> tuple[Regime, ...]:
    """The cells that were found one by one, which cover the domain; the parts of each hold on all of it."""
    waiting, found = [irredundant(chamber, question.domain)], list[Regime]()
    if describe(chamber, waiting[0]).dimension < len(question.domain.names):
        raise CannotDecideError("no exponents satisfy the assumptions", remedy="drop one of them")
    while waiting:
        cell = waiting.pop()
        found.append(_regime(question, chamber, cell))
        waiting += difference(chamber, cell, found[-1].cell)
        if len(found) > MOST_CELLS:
            raise CannotDecideError(f"more than {MOST_CELLS} regimes", remedy="fix some of the exponents")
    return tuple(found)


def joined(found: tuple[Regime, ...], chamber: Chamber) -> tuple[Regime, ...]:
    """Cells with one law joined where their union is convex; the parts are those of one of them."""
    first = {r.label: r for r in reversed(found)}
    whole = merge(chamber, [(r.cell, r.label) for r in found])
    return tuple(replace(first[label], cell=cell) for cell, label in whole)


def _regime(question: Question, chamber: Chamber, cell: Polyhedron) -> Regime:
    """The law at some point inside a cell, with the part of the cell where it holds."""
    for point in _points(chamber, cell):
        witness = start(question.setting, chamber, point, question.sample)
        try:
            parts = evaluate(question.side, question.setting, witness, question.sources, question.beyond_floor)
            if not parts:
                raise CannotDecideError("the value does not depend on the size", remedy="ask for the value itself")
            top = _together(parts, witness)
        except DegenerateError:
            continue
        names = cell.names
        recorded = (affine_of(value, names) for value in witness.recorded)
        inside = irredundant(chamber, with_constraints(cell, *recorded))
        dominant = tuple(n for n, p in parts.items() if (p.growth - top.growth).is_zero and p.logs == top.logs)
        shown = {n: Part(affine_of(p.growth, names), p.logs, p.constant) for n, p in parts.items()}
        exponent = affine_of(top.growth, names)
        label = (exponent, top.logs, mpmath.nstr(witness.number(_at_one_point(top.constant, names)), 20), dominant)
        where, roots = dict(witness.where), dict(witness.roots)
        return Regime(inside, exponent, top.logs, top.constant, dominant, shown, where, roots, label)
    raise CannotDecideError("no point of a cell tells its terms apart", remedy="fix some of the exponents")


def _at_one_point(constant: sympy.Expr, names: tuple[str, ...]) -> sympy.Expr:
    """A constant at exponents that are the same whatever the witness is: those of logarithms have exponents in them."""
    return constant.subs({symbol(name): sympy.Rational(k + 5, 2 * k + 7) for k, name in enumerate(names)})


def _points(chamber: Chamber, cell: Polyhedron) -> Iterator[dict[str, Fraction]]:
    """Points inside a cell, at the sample: mean values of its vertices, with weights that differ."""
    middle = {name: chamber.value(x) for name, x in interior_point(chamber, cell).items()}
    yield middle
    found = describe(chamber, cell)
    corners = [[chamber.value(x) for x in v] for v in found.vertices]
    rays = [[chamber.value(x) for x in v] for v in found.rays]
    for k in range(1, MOST_TRIES):
        weights = [Fraction(1 + (k * (i + 2) * 37) % 101, 50) for i in range(len(corners))]
        total = sum(weights)
        lengths = [Fraction(1 + (k * (i + 3) * 53) % 97, 60) for i in range(len(rays))]
        zero = Fraction(0)
        point = [
            sum((w * c[j] for w, c in zip(weights, corners, strict=True)), zero) / total for j in range(len(cell.names))
        ]
        moved = [x + sum((s * r[j] for s, r in zip(lengths, rays, strict=True)), zero) for j, x in enumerate(point)]
        yield dict(zip(cell.names, moved, strict=True))


def _together(parts: Mapping[str, Leading], witness: Witness) -> Leading:
    """The sum of the sources that are largest."""
    ordered = list(parts.values())
    best = max(ordered, key=lambda p: (witness.approximate(p.growth), p.logs))
    for other in ordered:
        witness.sign(best.growth - other.growth)
    top = [p for p in ordered if (p.growth - best.growth).is_zero and p.logs == best.logs]
    constant = sympy.Add(*(p.constant for p in top))
    if len(top) > 1 and abs(witness.number(constant)) < SMALLEST:
        raise CannotDecideError("the largest sources cancel", remedy="ask for the sources one by one")
    return replace(best, constant=constant)
