"""Realizations of noncommutative rational expressions: data.

``expr = u (constant + sum_x A_x (x) x)^-1 v``, where the states are graded by dimension: entry (i, j) of A_x is nonzero
only if dims[i] x dims[j] is the shape of x.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fpt_calc.expr import Atom, Expr, Letter
from fpt_calc.scalars import Scalar

Vector = dict[int, Scalar]
Matrix = dict[tuple[int, int], Scalar]


@dataclass(frozen=True)
class Monic:
    """A realization ``u (I - sum_x A_x (x) (x - c_x))^-1 v`` about a centre c; the form on which algebra is done.

    Attributes
    ----------
    rows, cols : shape of the expression.
    dims : dimension of each state.
    letters : the matrices A_x, sparse.
    u, v : sparse; u lives on states of dimension ``rows``, v on states of dimension ``cols``.
    """

    rows: Scalar
    cols: Scalar
    dims: tuple[Scalar, ...]
    letters: Mapping[Letter, Matrix]
    u: Vector
    v: Vector


@dataclass(frozen=True)
class Realization:
    """A minimal linear pencil with ``u @ pencil^-1 @ v == expr``.

    Attributes
    ----------
    rows, cols : shape of the expression.
    dims : dimension of each state.
    constant : the coefficient of the identity.
    letters : the coefficient of each letter.
    u, v : sparse coefficient vectors.
    opaque : deterministic subexpressions that stand in the pencil as one letter, by the atom that names them.
    """

    rows: Scalar
    cols: Scalar
    dims: tuple[Scalar, ...]
    constant: Matrix
    letters: Mapping[Letter, Matrix]
    u: Vector
    v: Vector
    opaque: Mapping[Atom, Expr] = field(default_factory=dict)

    @property
    def states(self) -> int:
        """The size of the pencil."""
        return len(self.dims)
