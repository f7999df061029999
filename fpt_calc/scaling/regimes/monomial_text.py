"""Read ``c*T**-ell*m/d``: products of powers, whose exponents are formulas in exponents and parameters."""

from __future__ import annotations

import ast
from collections.abc import Callable
from fractions import Fraction

from fpt_calc.errors import InputError
from fpt_calc.scalars import Parameter, Scalar, generator_scalar, scalar
from fpt_calc.scaling.regimes.powers import raised
from fpt_calc.scaling.regimes.spectral_sum import Monomial

MAX_LENGTH = 2000
MAX_DEPTH = 40
_SYNTAX = 'write powers, such as "T**-ell", "2*T**(a - 1)" or "d/4"'


def read_exponent(text: object, where: str) -> Scalar:
    """A formula with ``+ - * /``, integer powers, numbers and names, as a scalar in positive parameters.

    Raises `InputError` for anything else.

    >>> read_exponent("-ell/(2*beta)", "lam"), read_exponent(0.25, "lam")
    (-ell/(2*beta), 1/4)
    """
    return _exponent(parsed(text, where), where)


def read_monomial(text: object, meaning: Callable[[str], Monomial], where: str) -> Monomial:
    """A product of powers of names.

    Parameters
    ----------
    text : such as ``"T**-ell"``; a number or an expression of sympy is read as it prints.
    meaning : what a name stands for.
    where : for messages.

    Raises `InputError` for sums and for anything that is no product of powers.
    """
    return _monomial(parsed(text, where), meaning, where)


def parsed(text: object, where: str) -> ast.expr:
    if isinstance(text, bool) or (
        not isinstance(text, str | int | float | Fraction) and not hasattr(text, "free_symbols")
    ):
        raise InputError(f"{text!r} is no formula", where=where, remedy=_SYNTAX)
    source = str(text).strip()
    if len(source) > MAX_LENGTH:
        raise InputError(f"a formula of {len(source)} characters", where=where, remedy=_SYNTAX)
    try:
        tree = ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise InputError(f"{source[:60]!r} is no formula", where=where, remedy=_SYNTAX) from None
    if _depth(tree) > MAX_DEPTH:
        raise InputError("a formula nested too deeply", where=where, remedy=_SYNTAX)
    return tree


def _depth(tree: ast.AST) -> int:
    level, depth = [tree], 0
    while level:
        level, depth = [c for node in level for c in ast.iter_child_nodes(node)], depth + 1
    return depth


def _number(node: ast.Constant, where: str) -> Scalar:
    value = node.value
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return scalar(value)
        except InputError:
            pass
    raise InputError(f"{value!r} is no number", where=where, remedy=_SYNTAX)


def _exponent(node: ast.expr, where: str) -> Scalar:
    match node:
        case ast.Constant():
            return _number(node, where)
        case ast.Name(id=name):
            return generator_scalar(Parameter(name, "positive"))
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_exponent(inner, where)
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int() as k)) if abs(k) <= 8:
            return _exponent(left, where) ** k
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _exponent(left, where), _exponent(right, where)
            match op:
                case ast.Add():
                    return a + b
                case ast.Sub():
                    return a - b
                case ast.Mult():
                    return a * b
                case ast.Div() if not b.is_zero:
                    return a / b
    raise InputError(f"{ast.unparse(node)[:60]!r} is no exponent", where=where, remedy=_SYNTAX)


def _monomial(node: ast.expr, meaning: Callable[[str], Monomial], where: str) -> Monomial:
    match node:
        case ast.Constant():
            value = _number(node, where)
            if value.constant is None or value.constant <= 0:
                raise InputError(f"{value} is not positive", where=where, remedy="quantities that scale are positive")
            return Monomial(value)
        case ast.Name(id=name):
            return meaning(name)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _monomial(left, meaning, where) * _monomial(right, meaning, where)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _monomial(left, meaning, where) * _monomial(right, meaning, where) ** -1
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(_monomial(left, meaning, where), _exponent(right, where), ast.unparse(node), where)
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            remedy = "keep the larger term: the other one does not change the law, or give it an exponent of its own"
            raise InputError(f"the sum {ast.unparse(node)[:60]}", where=where, remedy=remedy)
    raise InputError(f"{ast.unparse(node)[:60]!r} is no product of powers", where=where, remedy=_SYNTAX)


def _power(base: Monomial, exponent: Scalar, text: str, where: str) -> Monomial:
    number = exponent.constant
    if number is not None and number.denominator == 1:
        return base ** int(number)
    if base.coefficient != 1:
        raise InputError(
            f"the power {text[:60]}", where=where, remedy="raise names to powers, not numbers or constants"
        )
    return Monomial(powers=raised(base.powers, exponent))
