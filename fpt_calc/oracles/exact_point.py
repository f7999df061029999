"""Exact numbers for dimensions, parameters and deterministic matrices, and the values of expressions there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fpt_calc.errors import InputError
from fpt_calc.expr import Atom, ExactAlgebra, ExactMatrix, Expr, Trace, UnluckyModelError, evaluate, identity
from fpt_calc.scalars import Conjugate, Generator, Scalar, ScalarLike, scalar, square_root, substitute

Rows = Sequence[Sequence[ScalarLike]]


class ExactPoint(ExactAlgebra):
    """A point with exact values; implements `fpt_calc.expr.MatrixAlgebra`.

    Parameters
    ----------
    dims : a positive integer for each symbolic dimension, by name.
    matrices : the rows of each deterministic matrix, by name; they must have its shape and facts.
    scalars : a number for each parameter, by name.

    Values are asked for when they are needed: `InputError` for one that is missing, of a wrong shape, or without a
    declared fact (definiteness is not checked), for the square root of a matrix, and for a singular inverse.

    >>> from fpt_calc.expr import Atom, Inverse, tau
    >>> from fpt_calc.scalars import dimension
    >>> d = dimension("d")
    >>> point = ExactPoint({"d": 2}, {"A": [[1, 2], [0, 4]]})
    >>> point.scalar(d * tau(Inverse(Atom("A", d, d))))
    5/4
    """

    def __init__(
        self,
        dims: Mapping[str, int],
        matrices: Mapping[str, Rows] | None = None,
        scalars: Mapping[str, ScalarLike] | None = None,
    ) -> None:
        self._numbers = {name: scalar(value) for name, value in {**dims, **(scalars or {})}.items()}
        self._rows = matrices or {}
        self._atoms: dict[Atom, ExactMatrix] = {}
        self._traces: dict[Trace, Scalar] = {}

    def scalar(self, value: Scalar) -> Scalar:
        """The number that a scalar without random traces is here."""
        return substitute(value, {g: self._generator(g) for g in value.gens})

    def _generator(self, g: Generator) -> Scalar:
        if isinstance(g, Trace):
            if g not in self._traces:
                self._traces[g] = evaluate(g.argument, self).normalized_trace
            return self._traces[g]
        if isinstance(g, Conjugate):
            return self._generator(g.of).conjugate()
        if g.square is not None:
            return square_root(self.scalar(g.square))
        if g.name not in self._numbers:
            raise InputError(f"{g.name} has no value", where="point", remedy=f"give a number for {g.name}")
        return self._numbers[g.name]

    def size(self, dim: Scalar) -> int:
        value = self.scalar(dim)
        number = value.constant
        if number is None or number.denominator != 1 or number < 1:
            raise InputError(f"{dim} = {value} is no positive integer", where="point", remedy="change the dimensions")
        return int(number)

    def atom(self, atom: Atom) -> ExactMatrix:
        if atom not in self._atoms:
            self._atoms[atom] = self._read(atom)
            self._check_facts(atom)
        return self._atoms[atom]

    def root(self, atom: Atom) -> ExactMatrix:
        raise InputError(
            f"sqrt({atom.name}) has no exact value", where="point", remedy="name the root R, and write R @ R"
        )

    def inverse(self, a: ExactMatrix) -> ExactMatrix:
        try:
            return super().inverse(a)
        except UnluckyModelError as error:
            raise InputError("an inverse is singular here", where="point", remedy="change the matrices") from error

    def _read(self, atom: Atom) -> ExactMatrix:
        if atom.name not in self._rows:
            raise InputError(f"{atom.name} has no value", where="point", remedy=f"give the rows of {atom.name}")
        rows = tuple(tuple(map(scalar, row)) for row in self._rows[atom.name])
        wanted = self.size(atom.rows), self.size(atom.cols)
        if len(rows) != wanted[0] or any(len(row) != wanted[1] for row in rows):
            raise InputError(
                f"{atom.name} needs {wanted[0]} rows of {wanted[1]} numbers", where="point", remedy="change its shape"
            )
        return ExactMatrix(rows)

    def _check_facts(self, atom: Atom) -> None:
        sides: dict[str, tuple[Expr, Expr]] = {
            "symmetric": (atom.T, atom),
            "hermitian": (atom.H, atom),
            "projection": (atom @ atom if atom.facts else atom, atom),
            "orthogonal": (atom.H @ atom, identity(atom.cols)),
        }
        broken = [f for f in sorted(atom.facts & set(sides)) if len({evaluate(x, self) for x in sides[f]}) > 1]
        real = self._atoms[atom] == self.conjugate(self._atoms[atom])
        if broken or (atom.entries == "real" and not real):
            what = broken[0] if broken else "real"
            raise InputError(f"{atom.name} is declared {what}, its value is not", where="point", remedy="change one")
