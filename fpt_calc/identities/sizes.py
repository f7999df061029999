"""Consistent sizes: what an equation contains, and numbers for its dimensions under which every shape is an integer."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from fpt_calc.errors import InputError
from fpt_calc.expr import Atom, Expr, ScalarMatrix, Scaled, Trace, UnluckyModelError, postorder, traces_of
from fpt_calc.scalars import Dimension, Generator, Parameter, Scalar, evaluate_scalar, generators_of, without_conjugate

Sizes = Mapping[Generator, Fraction]

_LARGEST = 40
_TRIES = 200
_SHARES = tuple(Fraction(k, m) for k, m in ((1, 2), (1, 3), (2, 3), (1, 4), (3, 4), (1, 1)))
_RATIOS = tuple(Fraction(k, m) for k, m in ((1, 1), (2, 1), (3, 1), (1, 2), (3, 2)))


@dataclass(frozen=True)
class Contents:
    """What occurs in an equation, inside its traces too.

    Attributes
    ----------
    atoms, shapes : the matrices, and the dimensions of all parts.
    generators : the free generators of the scalars and shapes, traces left out.
    algebraic : the square roots of scalars, and the imaginary unit: their signs in a model are random.
    nodes : the number of parts.
    """

    atoms: tuple[Atom, ...]
    shapes: tuple[Scalar, ...]
    generators: tuple[Generator, ...]
    algebraic: tuple[Generator, ...]
    nodes: int

    @property
    def dimensions(self) -> tuple[Generator, ...]:
        """The generators that the shapes depend on."""
        return tuple(dict.fromkeys(g for s in self.shapes for g in sorted(generators_of(s), key=lambda g: g.name)))


def contents(*sides: Expr | Scalar) -> Contents:
    """What the sides contain; raises `InputError` if one name stands for two matrices."""
    nodes, scalars = [], []
    for part in _parts(sides):
        if isinstance(part, Expr):
            nodes.append(part)
        else:
            scalars.append(part)
    atoms = tuple(dict.fromkeys(node for node in nodes if isinstance(node, Atom)))
    if len({atom.name for atom in atoms}) < len(atoms):
        name = next(a.name for k, a in enumerate(atoms) if a.name in {b.name for b in atoms[:k]})
        raise InputError("this name stands for two matrices", where=name, remedy="rename one of them")
    shapes = tuple(dict.fromkeys(dim for node in nodes for dim in node.shape))
    found = {without_conjugate(g) for s in (*scalars, *shapes) for g in generators_of(s)}
    free = [g for g in found if g.square is None and not isinstance(g, Trace)]
    return Contents(
        atoms,
        shapes,
        tuple(sorted(free, key=lambda g: g.name)),
        tuple(dict.fromkeys(g for s in scalars for g in _algebraic(s))),
        len(nodes),
    )


def _parts(sides: tuple[Expr | Scalar, ...]) -> Iterator[Expr | Scalar]:
    """Every distinct node and coefficient, those inside the traces of coefficients too."""
    pending: list[Expr | Scalar] = list(sides)
    seen: set[Expr | Scalar] = set()
    while pending:
        value = pending.pop()
        if value in seen:
            continue
        if isinstance(value, Scalar):
            seen.add(value)
            yield value
            pending.extend(trace.argument for trace in traces_of(value))
            continue
        for node in postorder(value):
            if node in seen:
                continue
            seen.add(node)
            yield node
            if isinstance(node, Scaled):
                pending.append(node.coefficient)
            elif isinstance(node, ScalarMatrix):
                pending.append(node.value)


def _algebraic(value: Scalar) -> Iterator[Generator]:
    for generator in value.gens:
        if generator.square is not None:
            yield generator
            yield from _algebraic(generator.square)


def draw_sizes(found: Contents, rng: random.Random, choices: tuple[int, ...]) -> Sizes:
    """Random numbers for what the shapes depend on; distinct dimensions get distinct ones where there are enough.

    Raises `UnluckyModelError` if no draw made every shape a positive integer.

    >>> from fpt_calc.scalars import dimension
    >>> n, d = dimension("n"), dimension("d")
    >>> shapes = contents(Atom("X", n, d), Atom("Y", n - d, 1))
    >>> sizes_text(draw_sizes(shapes, random.Random(0), (2, 3)))
    'd=2, n=3'
    """
    wanted = found.dimensions
    for _ in range(_TRIES):
        symbolic = [g for g in wanted if isinstance(g, Dimension)]
        enough = len(symbolic) <= len(choices)
        numbers = rng.sample(choices, len(symbolic)) if enough else rng.choices(choices, k=len(symbolic))
        sizes: dict[Generator, Fraction] = {g: Fraction(k) for g, k in zip(symbolic, numbers, strict=True)}
        for g in wanted:
            if isinstance(g, Parameter):
                sizes[g] = rng.choice(_SHARES if g.kind == "fraction" else _RATIOS)
        if all(_fits(shape, sizes) for shape in found.shapes):
            return sizes
    raise UnluckyModelError("no sizes make all shapes positive integers")


def _fits(shape: Scalar, sizes: Sizes) -> bool:
    try:
        size = size_of(shape, sizes)
    except (KeyError, ZeroDivisionError):  # a square root in a shape, or a pole of it
        return False
    return size.denominator == 1 and 1 <= size <= _LARGEST


def size_of(shape: Scalar, sizes: Sizes) -> Fraction:
    """The value of a shape under these sizes."""
    return evaluate_scalar(shape, lambda g: sizes[g], Fraction)


def sizes_text(sizes: Sizes) -> str:
    return ", ".join(f"{g.name}={value}" for g, value in sorted(sizes.items(), key=lambda item: item[0].name))
