"""Random admissible points: where closed forms are compared with the solver, and witnesses are found."""

from __future__ import annotations

import random
from collections.abc import Iterable
from fractions import Fraction
from typing import Any, Protocol

import numpy as np

from fpt_calc.expr import Atom, Expr, constituents
from fpt_calc.point import Dense, MatrixData, Number, Point
from fpt_calc.scalars import Dimension, Generator, Parameter, Scalar, evaluate_scalar
from fpt_calc.spectral import Commutation

UNIT = 12  # dimensions are multiples of it and fractions have it as denominator, so that p*n is an integer


class Declaring(Protocol):
    """Scalars and matrices that need numbers; a system is one."""

    @property
    def scalars(self) -> tuple[Scalar, ...]: ...

    @property
    def matrices(self) -> tuple[Expr, ...]: ...


def sample_point(
    system: Declaring, groups: Commutation, seed: int, extra: Iterable[Scalar] = (), ties: bool = False
) -> Point:
    """A random point: dense matrices that commute only within their groups, scalars of their kinds.

    Dimensions are distinct unless ``ties``.  ``extra``: scalars whose names get values too.
    """
    return random_point(constituents([*system.scalars, *system.matrices, *extra]), groups, seed, ties)


def random_point(parts: Iterable[Atom | Generator], groups: Commutation, seed: int, ties: bool = False) -> Point:
    """A random point for these matrices, dimensions and scalars; see `sample_point`."""
    draw = random.Random(seed)
    found = list(parts)
    generators = sorted({g for g in found if isinstance(g, Dimension | Parameter)}, key=lambda g: g.name)
    growing = [g.name for g in generators if isinstance(g, Dimension)]
    options = range(1, len(growing) + 5)
    drawn = draw.choices if ties else draw.sample  # distinct: n for d must not pass unseen
    multiples = drawn(options, k=len(growing))
    dims = {name: UNIT * k for name, k in zip(growing, multiples, strict=True)}
    scalars = {g.name: _number(g, draw) for g in generators if isinstance(g, Parameter)}
    sizes: dict[Generator, Fraction] = {g: Fraction(dims[g.name]) for g in generators if isinstance(g, Dimension)}
    for g in generators:
        if isinstance(g, Parameter) and not isinstance(number := scalars[g.name], complex):
            sizes[g] = Fraction(number)
    arrays = np.random.default_rng(seed)
    matrices: dict[str, MatrixData] = {}
    for atom in sorted({a for a in found if isinstance(a, Atom) and not a.is_random}, key=lambda a: a.name):
        shape = tuple(int(evaluate_scalar(dim, lambda g: sizes[g], Fraction)) for dim in atom.shape)
        group = next((k for k, names in enumerate(groups) if atom.name in names), None)
        made = _array(atom, shape, arrays) if group is None else _commuting(atom, shape[0], seed + group, arrays)
        matrices[atom.name] = Dense(made)
    return Point(dims, scalars, matrices)


def _number(parameter: Parameter, draw: random.Random) -> Number:
    match parameter.kind:
        case "fraction":
            return Fraction(draw.randint(1, UNIT - 1), UNIT)
        case "integer" | "generations":
            return draw.randint(1, 4)
        case "complex" | "upper":
            return complex(draw.uniform(-1, 1), draw.uniform(2, 4))
        case "real":
            return Fraction(draw.randint(-40, 40), 16)
    return Fraction(draw.randint(8, 60), 32)


def _array(atom: Atom, shape: tuple[int, ...], arrays: np.random.Generator) -> Any:
    a = arrays.standard_normal(shape)
    if atom.entries == "complex":
        a = a + 1j * arrays.standard_normal(shape)
    facts = atom.facts
    if "projection" in facts:
        q, _ = np.linalg.qr(a[:, : max(1, shape[0] // 2)])
        return np.asarray(q @ q.conj().T)
    if "orthogonal" in facts:
        return _orthogonal(a, facts)
    if "psd" in facts:
        product = a @ a.conj().T / shape[0] + np.eye(shape[0]) / 4
        return np.asarray(product.real if "symmetric" in facts else product)
    if "hermitian" in facts:
        a = (a + a.conj().T) / 2
        return np.asarray(a.real if "symmetric" in facts else a) / np.sqrt(shape[0])
    if "symmetric" in facts:
        a = (a + a.T) / 2
    return np.asarray(a / np.sqrt(max(shape)))


def _commuting(atom: Atom, size: int, basis: int, arrays: np.random.Generator) -> Any:
    """A symmetric matrix that is diagonal in the basis of its group."""
    q, _ = np.linalg.qr(np.random.default_rng(1000 + basis).standard_normal((size, size)))
    values = arrays.uniform(0.2, 2.0, size)
    if "projection" in atom.facts:
        values = np.round(values / 2)
    elif "orthogonal" in atom.facts:
        values = np.sign(values - 1)
    elif "psd" not in atom.facts:
        values = values - 1
    return (q * values) @ q.T


def _orthogonal(a: Any, facts: frozenset[str]) -> Any:
    q, _ = np.linalg.qr(a)
    if "hermitian" in facts:
        half = q[:, : max(1, len(q) // 2)]
        return np.asarray(np.eye(len(q)) - 2 * half @ half.conj().T)
    return np.asarray(q @ q.T if "symmetric" in facts else q)
