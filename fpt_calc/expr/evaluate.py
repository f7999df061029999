"""Evaluate an expression in any matrix algebra: numpy arrays, matrices modulo a prime, balls."""

from __future__ import annotations

from typing import Protocol, TypeVar

from fpt_calc.expr.nodes import (
    Adjoint,
    Atom,
    EntrywiseConjugate,
    Expr,
    Inverse,
    Power,
    Product,
    ScalarMatrix,
    Scaled,
    SquareRoot,
    Sum,
    Transpose,
)
from fpt_calc.expr.walk import fold
from fpt_calc.scalars import ONE, Scalar

M = TypeVar("M")


class MatrixAlgebra(Protocol[M]):
    """The operations that `evaluate` needs of its target."""

    def atom(self, atom: Atom) -> M: ...
    def root(self, atom: Atom) -> M: ...
    def multiple_of_identity(self, value: Scalar, dim: Scalar) -> M: ...
    def add(self, a: M, b: M) -> M: ...
    def multiply(self, a: M, b: M) -> M: ...
    def scale(self, value: Scalar, a: M) -> M: ...
    def transpose(self, a: M) -> M: ...
    def conjugate(self, a: M) -> M: ...
    def inverse(self, a: M) -> M: ...


def evaluate(expr: Expr, algebra: MatrixAlgebra[M]) -> M:
    """The value of ``expr``; each shared subexpression is evaluated once."""

    def combine(node: Expr, parts: tuple[M, ...]) -> M:
        match node:
            case Atom():
                return algebra.atom(node)
            case SquareRoot(argument=atom):
                return algebra.root(atom)
            case ScalarMatrix(value=value, rows=dim):
                return algebra.multiple_of_identity(value, dim)
            case Sum():
                total = parts[0]
                for part in parts[1:]:
                    total = algebra.add(total, part)
                return total
            case Product():
                total = parts[0]
                for part in parts[1:]:
                    total = algebra.multiply(total, part)
                return total
            case Scaled(coefficient=c):
                return algebra.scale(c, parts[0])
            case Transpose():
                return algebra.transpose(parts[0])
            case Adjoint():
                return algebra.conjugate(algebra.transpose(parts[0]))
            case EntrywiseConjugate():
                return algebra.conjugate(parts[0])
            case Inverse():
                return algebra.inverse(parts[0])
            case Power(exponent=k):
                return _power(parts[0], k, node.rows, algebra)
        raise TypeError(f"cannot evaluate {type(node).__name__}")

    return fold(expr, combine)


def _power(base: M, exponent: int, dim: Scalar, algebra: MatrixAlgebra[M]) -> M:
    if exponent == 0:
        return algebra.multiple_of_identity(ONE, dim)
    half = _power(base, exponent // 2, dim, algebra) if exponent > 1 else None
    if half is None:
        return base
    square = algebra.multiply(half, half)
    return algebra.multiply(square, base) if exponent % 2 else square
