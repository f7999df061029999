"""The nodes of noncommutative rectangular expressions: frozen data, shapes checked, nothing simplified.

Operators build nodes (``A @ B``, ``A + B``, ``c * A``, ``A.T``, ``A**2``); every other operation lives in a file of
its own and is a function.  Expressions are DAGs: hashes are computed once at construction and equality never
unfolds shared parts twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Union

from fpt_calc.errors import InputError, ShapeError
from fpt_calc.expr.facts import FACTS, closure
from fpt_calc.expr.law import Law
from fpt_calc.scalars import ONE, Scalar, ScalarLike, as_dimension, scalar

MatrixLike = Union["Expr", ScalarLike]


class Expr:
    """A matrix expression with a symbolic shape ``(rows, cols)``."""

    __array_priority__: ClassVar[float] = 100.0  # numpy scalars defer to our operators
    __array_ufunc__: ClassVar[None] = None

    rows: Scalar
    cols: Scalar
    _hash: int

    @property
    def shape(self) -> tuple[Scalar, Scalar]:
        return self.rows, self.cols

    @property
    def children(self) -> tuple[Expr, ...]:
        return ()

    @property
    def T(self) -> Expr:
        """The transpose."""
        return Transpose(self)

    @property
    def H(self) -> Expr:
        """The conjugate transpose; the same as ``.T`` for real matrices."""
        return Adjoint(self)

    def __matmul__(self, other: object) -> Expr:
        return Product((self, other)) if isinstance(other, Expr) else NotImplemented

    def __add__(self, other: object) -> Expr:
        right = _as_expr(other, self)
        return NotImplemented if right is None else Sum((self, right))

    def __radd__(self, other: object) -> Expr:
        left = _as_expr(other, self)
        return NotImplemented if left is None else Sum((left, self))

    def __sub__(self, other: object) -> Expr:
        right = _as_expr(other, self)
        return NotImplemented if right is None else Sum((self, -right))

    def __rsub__(self, other: object) -> Expr:
        left = _as_expr(other, self)
        return NotImplemented if left is None else Sum((left, -self))

    def __mul__(self, other: object) -> Expr:
        if isinstance(other, Expr):
            raise InputError(
                "two matrices multiplied with *",
                where=f"({_brief(self)}) * ({_brief(other)})",
                remedy="use @ for the matrix product",
            )
        return Scaled(scalar(other), self)  # type: ignore[arg-type]  # scalar() refuses any other object

    __rmul__ = __mul__

    def __truediv__(self, other: object) -> Expr:
        if isinstance(other, Expr):
            raise InputError(
                "division by a matrix", where=f"({_brief(self)}) / ({_brief(other)})", remedy="use @ inv(...)"
            )
        return Scaled(1 / scalar(other), self)  # type: ignore[arg-type]  # scalar() refuses any other object

    def __rtruediv__(self, other: object) -> Expr:
        raise InputError("division by a matrix", where=f"{other} / ({_brief(self)})", remedy="use inv(...)")

    def __neg__(self) -> Expr:
        return Scaled(scalar(-1), self)

    def __pow__(self, exponent: object) -> Expr:
        if not isinstance(exponent, int) or isinstance(exponent, bool):
            raise InputError(
                f"exponent {exponent!r} of a matrix is not an integer", where=f"({_brief(self)})**{exponent}"
            )
        return Power(self, exponent) if exponent >= 0 else Power(Inverse(self), -exponent)

    def __eq__(self, other: object) -> bool:
        from fpt_calc.expr.equality import same_expression

        return same_expression(self, other) if isinstance(other, Expr) else NotImplemented

    def __hash__(self) -> int:
        return self._hash

    def __str__(self) -> str:
        from fpt_calc.expr.text import expression_text

        return expression_text(self)

    def __repr__(self) -> str:
        return str(self)

    def _init(self, rows: Scalar, cols: Scalar, *data: object) -> None:
        object.__setattr__(self, "rows", rows)
        object.__setattr__(self, "cols", cols)
        object.__setattr__(self, "_hash", hash((type(self).__name__, *data)))


@dataclass(frozen=True, eq=False, repr=False)
class Atom(Expr):
    """A named matrix: random if it carries a law, deterministic (with facts) otherwise.

    Parameters
    ----------
    name, rows, cols : the user's name and the shape.
    law : the law of a random matrix; None for a deterministic one.
    facts : of a deterministic matrix, among `fpt_calc.expr.facts.FACTS`.
    entries : "real" or "complex", for a deterministic matrix (a law knows its own).
    """

    name: str
    rows: Scalar
    cols: Scalar
    law: Law | None = None
    facts: frozenset[str] = frozenset()
    entries: str = "real"

    def __post_init__(self) -> None:
        rows, cols = as_dimension(self.rows, self.name), as_dimension(self.cols, self.name)
        if self.entries not in ("real", "complex"):
            raise InputError(f"unknown field {self.entries!r}", where=self.name, remedy="use 'real' or 'complex'")
        if self.law is not None:
            self.law.check(self.name, rows, cols)
            object.__setattr__(self, "entries", self.law.field)
            object.__setattr__(self, "facts", self.law.facts)
        for fact in self.facts:
            if fact not in FACTS:
                raise InputError(f"unknown fact {fact!r}", where=self.name, remedy=f"use one of {', '.join(FACTS)}")
        if self.facts and rows != cols:
            raise ShapeError(
                f"a matrix of shape {rows} x {cols} cannot be {', '.join(sorted(self.facts))}",
                where=self.name,
                remedy="these facts need a square matrix",
            )
        object.__setattr__(self, "facts", closure(self.facts, self.entries))
        self._init(rows, cols, self.name, rows, cols, self.law, self.facts, self.entries)

    @property
    def is_random(self) -> bool:
        return self.law is not None


@dataclass(frozen=True, eq=False, repr=False)
class ScalarMatrix(Expr):
    """A scalar times the identity of a given dimension."""

    value: Scalar
    rows: Scalar

    def __post_init__(self) -> None:
        self._init(self.rows, self.rows, self.value, self.rows)


@dataclass(frozen=True, eq=False, repr=False)
class Sum(Expr):
    """A sum of two or more terms of one shape."""

    terms: tuple[Expr, ...]

    def __post_init__(self) -> None:
        first = self.terms[0]
        for term in self.terms[1:]:
            if term.shape != first.shape:
                raise ShapeError(
                    f"shapes {_shape(first)} and {_shape(term)} do not add",
                    where=" + ".join(f"({_brief(t)})" for t in (first, term)),
                    remedy="transpose one of them or check the product before",
                )
        self._init(first.rows, first.cols, self.terms)

    @property
    def children(self) -> tuple[Expr, ...]:
        return self.terms


@dataclass(frozen=True, eq=False, repr=False)
class Product(Expr):
    """A product of two or more factors with fitting inner dimensions."""

    factors: tuple[Expr, ...]

    def __post_init__(self) -> None:
        for left, right in zip(self.factors, self.factors[1:], strict=False):
            if left.cols != right.rows:
                raise ShapeError(
                    f"shapes {_shape(left)} and {_shape(right)} do not multiply",
                    where=f"({_brief(left)}) @ ({_brief(right)})",
                    remedy="transpose one of them, or check the declared shapes",
                )
        self._init(self.factors[0].rows, self.factors[-1].cols, self.factors)

    @property
    def children(self) -> tuple[Expr, ...]:
        return self.factors


@dataclass(frozen=True, eq=False, repr=False)
class Scaled(Expr):
    """A scalar times a matrix."""

    coefficient: Scalar
    argument: Expr

    def __post_init__(self) -> None:
        self._init(self.argument.rows, self.argument.cols, self.coefficient, self.argument)

    @property
    def children(self) -> tuple[Expr, ...]:
        return (self.argument,)


class _Unary(Expr):
    argument: Expr

    @property
    def children(self) -> tuple[Expr, ...]:
        return (self.argument,)


@dataclass(frozen=True, eq=False, repr=False)
class Transpose(_Unary):
    """The transpose of a matrix."""

    argument: Expr

    def __post_init__(self) -> None:
        self._init(self.argument.cols, self.argument.rows, self.argument)


@dataclass(frozen=True, eq=False, repr=False)
class Adjoint(_Unary):
    """The conjugate transpose of a matrix."""

    argument: Expr

    def __post_init__(self) -> None:
        self._init(self.argument.cols, self.argument.rows, self.argument)


@dataclass(frozen=True, eq=False, repr=False)
class EntrywiseConjugate(_Unary):
    """The entrywise complex conjugate of a matrix."""

    argument: Expr

    def __post_init__(self) -> None:
        self._init(self.argument.rows, self.argument.cols, self.argument)


@dataclass(frozen=True, eq=False, repr=False)
class Inverse(_Unary):
    """The inverse of a square matrix."""

    argument: Expr

    def __post_init__(self) -> None:
        if self.argument.rows != self.argument.cols:
            raise ShapeError(
                f"the inverse of a matrix of shape {_shape(self.argument)}",
                where=f"inv({_brief(self.argument)})",
                remedy="only square matrices have an inverse; did you mean inv(A.T @ A + lam)?",
            )
        self._init(self.argument.rows, self.argument.cols, self.argument)


@dataclass(frozen=True, eq=False, repr=False)
class Power(_Unary):
    """A nonnegative integer power of a square matrix."""

    argument: Expr
    exponent: int

    def __post_init__(self) -> None:
        if self.argument.rows != self.argument.cols:
            raise ShapeError(
                f"a power of a matrix of shape {_shape(self.argument)}",
                where=f"({_brief(self.argument)})**{self.exponent}",
                remedy="only square matrices have powers",
            )
        self._init(self.argument.rows, self.argument.cols, self.argument, self.exponent)


@dataclass(frozen=True, eq=False, repr=False)
class SquareRoot(_Unary):
    """The psd square root of a psd deterministic atom."""

    argument: Atom

    def __post_init__(self) -> None:
        atom = self.argument
        if atom.is_random or "psd" not in atom.facts:
            raise _no_root(atom)
        self._init(atom.rows, atom.cols, atom)

    @classmethod
    def of(cls, value: Expr) -> SquareRoot:
        """The square root of an expression; raises `InputError` unless that is a psd deterministic atom.

        >>> from fpt_calc.scalars import dimension
        >>> S = Atom("S", dimension("d"), dimension("d"), facts=frozenset({"psd"}))
        >>> SquareRoot.of(S)
        sqrt(S)
        """
        if not isinstance(value, Atom):
            raise _no_root(value)
        return cls(value)


def identity(dim: ScalarLike) -> Expr:
    """The identity matrix of dimension ``dim``."""
    return ScalarMatrix(ONE, as_dimension(dim))


def _as_expr(value: object, like: Expr) -> Expr | None:
    """A number added to a square matrix means that multiple of the identity."""
    if isinstance(value, Expr):
        return value
    try:
        number = scalar(value)  # type: ignore[arg-type]  # what is not a scalar is told apart by the error
    except InputError:
        return None
    if like.rows != like.cols:
        raise ShapeError(
            f"the number {number} added to a matrix of shape {_shape(like)}",
            where=f"({_brief(like)}) + {number}",
            remedy="a number can be added to a square matrix only",
        )
    return ScalarMatrix(number, like.rows)


def _no_root(value: object) -> InputError:
    return InputError(
        "sqrt of something that is not a psd deterministic matrix",
        where=f"sqrt({_brief(value)})",
        remedy="declare the matrix with psd = true, or name its square root",
    )


def _shape(value: Expr) -> str:
    return f"{value.rows} x {value.cols}"


def _brief(value: object) -> str:
    from fpt_calc.expr.text import brief_text

    return brief_text(value) if isinstance(value, Expr) else repr(value)


def as_expr(value: Any, where: str = "") -> Expr:
    """``value`` as an expression; sympy matrix expressions go through `fpt_calc.expr.from_sympy` before."""
    if not isinstance(value, Expr):
        raise InputError(f"{value!r} is not a matrix expression", where=where, remedy="build it from declared matrices")
    return value
