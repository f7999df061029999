"""Expressions and scalars as sympy objects, node by node: nothing is simplified on the way.

=====================  ==============================================================================
here                   in sympy
=====================  ==============================================================================
atom                   ``MatrixSymbol`` of the same name (its facts have no counterpart there)
``sqrt(S)``            ``MatPow(S, 1/2)``
``conj(A)``            ``Adjoint(Transpose(A))``, which is what ``A.conjugate()`` gives in sympy
number on a dimension  that multiple of ``Identity``
``tau(A)``             ``Trace(A)/dim``
dimension              ``Symbol`` with ``integer=True, positive=True``
parameter              ``Symbol`` with the assumptions of its kind (``fraction``: nonnegative; ``upper``: complex)
any other generator    ``Symbol`` of its name with ``complex=True`` (an unknown of a fixed-point system)
=====================  ==============================================================================

Deep shared expressions are better kept here: sympy unfolds them when it asks for their shapes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fpt_calc.errors import InputError
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
from fpt_calc.expr.trace import Trace
from fpt_calc.expr.walk import fold
from fpt_calc.scalars import (
    Conjugate,
    Dimension,
    Generator,
    ImaginaryUnit,
    Kind,
    Parameter,
    Root,
    Scalar,
    evaluate_scalar,
)

_ASSUMPTIONS: Mapping[Kind, Mapping[str, bool]] = {
    "positive": {"positive": True},
    "nonnegative": {"nonnegative": True},
    "real": {"real": True},
    "fraction": {"nonnegative": True},
    "integer": {"integer": True},
    "generations": {"integer": True, "nonnegative": True},
    "complex": {"complex": True},
    "upper": {"complex": True},
}


def to_sympy(value: Expr | Scalar) -> Any:
    """The sympy matrix expression or scalar expression that means ``value``; `from_sympy` reads it back.

    Raises `InputError` for a shape that sympy refuses as never an integer, such as ``n + 1/2``.

    >>> from fpt_calc.scalars import Parameter, dimension, generator_scalar
    >>> n, d, lam = dimension("n"), dimension("d"), generator_scalar(Parameter("lam", "positive"))
    >>> X = Atom("X", n, d)
    >>> to_sympy(Inverse(X.T @ X + lam))
    (lam*I + X.T*X)**(-1)
    >>> to_sympy((lam + 1) / n)
    (lam + 1)/n
    """
    return fold(value, _matrix) if isinstance(value, Expr) else _scalar(value)


def _matrix(node: Expr, parts: tuple[Any, ...]) -> Any:
    import sympy

    match node:
        case Atom():
            return _symbol(node)
        case SquareRoot():
            return sympy.MatPow(parts[0], sympy.Rational(1, 2))
        case ScalarMatrix(value=value, rows=dim):
            eye = sympy.Identity(_scalar(dim))
            return eye if value == 1 else sympy.MatMul(_scalar(value), eye)
        case Sum():
            return sympy.MatAdd(*parts)
        case Product():
            return sympy.MatMul(*parts)
        case Scaled(coefficient=c):
            return sympy.MatMul(_scalar(c), parts[0])
        case Transpose():
            return sympy.Transpose(parts[0])
        case Adjoint():
            return sympy.Adjoint(parts[0])
        case EntrywiseConjugate():
            return sympy.Adjoint(sympy.Transpose(parts[0]))
        case Inverse():
            return sympy.Inverse(parts[0])
        case Power(exponent=k):
            return sympy.MatPow(parts[0], k)
    raise TypeError(f"no sympy form for {type(node).__name__}")


def _symbol(atom: Atom) -> Any:
    import sympy

    try:
        return sympy.MatrixSymbol(atom.name, _scalar(atom.rows), _scalar(atom.cols))
    except ValueError as error:
        raise InputError(
            f"sympy refuses the shape {atom.rows} x {atom.cols} ({error})",
            where=atom.name,
            remedy="use dimensions that can be integers",
        ) from None


def _scalar(value: Scalar) -> Any:
    import sympy

    return evaluate_scalar(value, _generator, sympy.Integer)


def _generator(generator: Generator) -> Any:
    import sympy

    match generator:
        case Dimension(name=name):
            return sympy.Symbol(name, integer=True, positive=True)
        case Parameter(name=name, kind=kind):
            return sympy.Symbol(name, **_ASSUMPTIONS[kind])
        case ImaginaryUnit():
            return sympy.I
        case Conjugate(of=other):
            return sympy.conjugate(_generator(other))
        case Root(radicand=radicand):
            return sympy.sqrt(_scalar(radicand))
        case Trace(argument=argument):
            return sympy.Trace(to_sympy(argument)) / _scalar(argument.rows)
    return sympy.Symbol(generator.name, complex=True)
