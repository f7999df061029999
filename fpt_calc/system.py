"""The fixed-point system of a pencil: data only (floor 3).

A system states ``G = (F - eta(g))^-1`` for a block matrix G whose blocks are indexed by states, together with finitely
many unknowns ``g = tau(weight @ G[row, col])``.  F (``terms``) and eta (``couplings``) have deterministic blocks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from fpt_calc.expr import Expr, Letter
from fpt_calc.scalars import Scalar, generator_scalar

BRANCH = "continuation from zero variance"


@dataclass(frozen=True)
class Unknown:
    """An unknown of a fixed-point system, as a generator of the scalar field."""

    name: str

    @property
    def square(self) -> None:
        return None

    def conjugate(self) -> Scalar:
        return generator_scalar(Unknown(f"conj({self.name})"))


@dataclass(frozen=True)
class Average:
    """``tau(weight @ G[row, col])``; ``weight`` None is the identity (then the two states have one dimension)."""

    row: int
    col: int
    weight: Expr | None = None


@dataclass(frozen=True)
class Term:
    """``F[row, col] += coefficient * matrix``; ``matrix`` None is the identity."""

    row: int
    col: int
    coefficient: Scalar
    matrix: Expr | None = None


@dataclass(frozen=True)
class Coupling:
    """``eta[row, col] += coefficient * unknown * matrix``; ``matrix`` None is the identity."""

    row: int
    col: int
    coefficient: Scalar
    unknown: Unknown
    matrix: Expr | None = None


@dataclass(frozen=True)
class RandomEntry:
    """``pencil[row, col] += coefficient * letter``, the random part of the pencil."""

    row: int
    col: int
    coefficient: Scalar
    letter: Letter


Entry = Term | Coupling | RandomEntry


def successors(entries: Iterable[Entry]) -> dict[int, set[int]]:
    """The graph of a block matrix: an edge from row to column for every entry."""
    edges: dict[int, set[int]] = {}
    for entry in entries:
        edges.setdefault(entry.row, set()).add(entry.col)
    return edges


@dataclass(frozen=True)
class Component:
    """A strongly connected component of the dependencies between unknowns; solved after those it depends on."""

    unknowns: tuple[Unknown, ...]
    linear: bool
    depends_on: frozenset[Unknown] = frozenset()


@dataclass(frozen=True)
class FixedPointSystem:
    """The Dyson equation of one or several pencils, and the targets as functions of its unknowns.

    Attributes
    ----------
    dims : dimension of each state.
    terms, couplings, random : F, eta and the random part of the pencil, entry by entry.
    averages : what each unknown means.
    outputs : targets by name, scalars in the unknowns (and in traces of deterministic matrices).
    components : order of solution; a raw system has one component of all unknowns.
    branch : how the physical solution is singled out.
    vanishing : the same for the inverses that no target depends on in the limit; it has no targets.  They have to be
        bounded nevertheless, since what vanishes on average may fluctuate without bound.  None where there are none.
    """

    dims: tuple[Scalar, ...]
    terms: tuple[Term, ...]
    couplings: tuple[Coupling, ...]
    random: tuple[RandomEntry, ...]
    averages: dict[Unknown, Average]
    outputs: dict[str, Scalar]
    components: tuple[Component, ...]
    branch: str = field(default=BRANCH)
    vanishing: FixedPointSystem | None = None

    @property
    def scalars(self) -> tuple[Scalar, ...]:
        """The scalars that the system is written in: dimensions, targets and the coefficients of F and eta."""
        coefficients = (*(t.coefficient for t in self.terms), *(c.coefficient for c in self.couplings))
        beside = () if self.vanishing is None else self.vanishing.scalars
        return (*self.dims, *self.outputs.values(), *coefficients, *beside)

    @property
    def matrices(self) -> tuple[Expr, ...]:
        """The deterministic matrices of F, eta and the weights."""
        entries = (*(t.matrix for t in self.terms), *(c.matrix for c in self.couplings))
        own = tuple(m for m in (*entries, *(a.weight for a in self.averages.values())) if m is not None)
        return own if self.vanishing is None else (*own, *self.vanishing.matrices)

    @property
    def unknowns(self) -> tuple[Unknown, ...]:
        return tuple(u for c in self.components for u in c.unknowns)

    @property
    def nonlinear(self) -> tuple[Unknown, ...]:
        """The unknowns that remain when the linear components are solved."""
        return tuple(u for c in self.components if not c.linear for u in c.unknowns)
