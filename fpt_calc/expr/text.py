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

_SUM, _PRODUCT, _ATOM = 0, 1, 2  # binding strength of the outermost operator


def expression_text(expr: Expr) -> str:
    """The text of an expression, with the user's names.

    A multiple of the identity prints as the number (``X.T@X + lam``) and standing alone as ``lam*eye(d)``.
    """
    if isinstance(expr, ScalarMatrix):
        return _alone(expr)
    return fold(expr, _text)[0]


def _text(node: Expr, parts: tuple[tuple[str, int], ...]) -> tuple[str, int]:
    match node:
        case Atom(name=name):
            return name, _ATOM
        case ScalarMatrix(value=value):
            return scalar_text(value), _SUM if is_sum(value) else _PRODUCT
        case Sum():
            return _sum([text for text, _ in parts]), _SUM
        case Product():
            factors = [
                _alone(child) if isinstance(child, ScalarMatrix) else _wrap(part, _PRODUCT)
                for child, part in zip(node.children, parts, strict=True)
            ]
            return "@".join(factors), _PRODUCT
        case Scaled(coefficient=c, argument=argument):
            inner = _alone(argument) if isinstance(argument, ScalarMatrix) else _wrap(parts[0], _PRODUCT)
            if c == -1:
                return f"-{inner}", _PRODUCT
            number = scalar_text(c)
            return f"({number})*{inner}" if is_sum(c) else f"{number}*{inner}", _PRODUCT
        case Inverse():
            return f"inv({_argument(node, parts)})", _ATOM
        case SquareRoot():
            return f"sqrt({_argument(node, parts)})", _ATOM
        case EntrywiseConjugate():
            return f"conj({_argument(node, parts)})", _ATOM
        case Transpose():
            return f"{_wrap(parts[0], _ATOM)}.T", _ATOM
        case Adjoint():
            return f"{_wrap(parts[0], _ATOM)}.H", _ATOM
        case Power(exponent=k):
            return f"{_wrap(parts[0], _ATOM)}**{k}", _PRODUCT
    raise TypeError(f"no text for {type(node).__name__}")


def _wrap(part: tuple[str, int], needed: int) -> str:
    text, strength = part
    return f"({text})" if strength < needed or (text.startswith("-") and needed > _SUM) else text


def _argument(node: Expr, parts: tuple[tuple[str, int], ...]) -> str:
    child = node.children[0]
    return _alone(child) if isinstance(child, ScalarMatrix) else parts[0][0]


def _alone(node: ScalarMatrix) -> str:
    number = scalar_text(node.value)
    eye = f"eye({node.rows})"
    if node.value == 1:
        return eye
    return f"({number})*{eye}" if is_sum(node.value) else f"{number}*{eye}"


def _sum(terms: list[str]) -> str:
    text = terms[0]
    for term in terms[1:]:
        text += f" - {term[1:]}" if term.startswith("-") else f" + {term}"
    return text
