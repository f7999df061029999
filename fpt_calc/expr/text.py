"""Expressions as Python text in the problem-file syntax: what is printed parses back."""

from __future__ import annotations

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
from fpt_calc.scalars import is_sum, scalar_text

# binding strength of the outermost operator; a scaled matrix may open a product (2*X@Y) but not continue it (X@(2*Y))
_SUM, _SCALED, _PRODUCT, _ATOM = 0, 1, 2, 3
_LONG = 100  # nodes


def expression_text(expr: Expr) -> str:
    """The text of an expression, with the user's names.

    A multiple of the identity prints as the number (``X.T@X + lam``) and standing alone as ``lam*eye(d)``.
    """
    if isinstance(expr, ScalarMatrix):
        return _alone(expr)[0]
    return fold(expr, _text)[0]


def brief_text(expr: Expr) -> str:
    """The text of an expression for messages: long ones, as those of deep shared DAGs, are only described."""
    if fold(expr, _number_of_nodes) <= _LONG:
        return expression_text(expr)
    return f"<a long {type(expr).__name__.lower()}>"


def _number_of_nodes(node: Expr, parts: tuple[int, ...]) -> int:
    return 1 + sum(parts)


def _text(node: Expr, parts: tuple[tuple[str, int], ...]) -> tuple[str, int]:
    match node:
        case Atom(name=name):
            return name, _ATOM
        case ScalarMatrix(value=value):
            return scalar_text(value), _SUM if is_sum(value) else _PRODUCT
        case Sum(terms=terms):
            if all(isinstance(term, ScalarMatrix) for term in terms):  # else the text would be a bare number
                parts = (_matrix(terms[0], parts[0]), *parts[1:])
            return _sum([text for text, _ in parts]), _SUM
        case Product(factors=factors):
            pieces = [_matrix(factor, part) for factor, part in zip(factors, parts, strict=True)]
            text = "@".join(_wrap(p, _PRODUCT if i else _SCALED) for i, p in enumerate(pieces))
            return text, _SCALED if pieces[0][1] == _SCALED else _PRODUCT
        case Scaled(coefficient=c, argument=argument):
            inner = _wrap(_matrix(argument, parts[0]), _SCALED)
            if c == -1:
                return f"-{inner}", _SCALED
            number = scalar_text(c)
            return f"({number})*{inner}" if is_sum(c) else f"{number}*{inner}", _SCALED
        case Inverse(argument=argument):
            return f"inv({_matrix(argument, parts[0])[0]})", _ATOM
        case SquareRoot():
            return f"sqrt({parts[0][0]})", _ATOM
        case EntrywiseConjugate(argument=argument):
            return f"conj({_matrix(argument, parts[0])[0]})", _ATOM
        case Transpose(argument=argument):
            return f"{_wrap(_matrix(argument, parts[0]), _ATOM)}.T", _ATOM
        case Adjoint(argument=argument):
            return f"{_wrap(_matrix(argument, parts[0]), _ATOM)}.H", _ATOM
        case Power(argument=argument, exponent=k):
            return f"{_wrap(_matrix(argument, parts[0]), _ATOM)}**{k}", _PRODUCT
    raise TypeError(f"no text for {type(node).__name__}")


def _wrap(part: tuple[str, int], needed: int) -> str:
    text, strength = part
    return f"({text})" if strength < needed or (text.startswith("-") and needed > _SUM) else text


def _matrix(node: Expr, part: tuple[str, int]) -> tuple[str, int]:
    """The text where a bare number would not be read as a matrix."""
    return _alone(node) if isinstance(node, ScalarMatrix) else part


def _alone(node: ScalarMatrix) -> tuple[str, int]:
    number = scalar_text(node.value)
    eye = f"eye({node.rows})"
    if node.value == 1:
        return eye, _ATOM
    return f"({number})*{eye}" if is_sum(node.value) else f"{number}*{eye}", _SCALED


def _sum(terms: list[str]) -> str:
    text = terms[0]
    for term in terms[1:]:
        text += f" - {term[1:]}" if term.startswith("-") else f" + {term}"
    return text
