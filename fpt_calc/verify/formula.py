"""Formulas of a certificate: which texts are formulas, and what one is worth in a model.

A formula has names, integers, ``1j``, ``+ - * / @ **integer``, ``.T``, ``.H`` and the functions below; nothing is ever
executed.  Its value is computed directly from the syntax tree, in whatever model gives the names their values.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fpt_calc.errors import InputError
from fpt_calc.verify.model import Blocks, Model, add, inverse, multiply, scaled, tau, transposed

FUNCTIONS = frozenset({"tau", "Tr", "inv", "sqrt", "conj", "eye"})
MAX_LENGTH = 60_000
MAX_DEPTH = 60
MAX_EXPONENT = 64
MAX_BITS = 2000
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.MatMult)
_ALLOWED = "names, integers, 1j, + - * / @, ** with an integer, .T, .H, tau, Tr, inv, sqrt, conj, eye"


@dataclass(frozen=True, eq=False)
class Formula:
    """A text that is a formula; made by `formula`."""

    text: str
    tree: ast.expr
    names: frozenset[str]


def formula(text: object, where: str) -> Formula:
    """Read a formula; raises `InputError` for any other text, quickly for hostile ones too.

    >>> sorted(formula("lam*tau(inv(X.T@X + lam))", "targets.m").names)
    ['X', 'lam']
    >>> formula("__import__('os')", "targets.m")
    Traceback (most recent call last):
    fpt_calc.errors.InputError: targets.m: "__import__('os')" is not a formula; use names, integers, ...
    """
    if not isinstance(text, str) or not text.isascii() or len(text) > MAX_LENGTH:
        raise InputError("not a formula", where=where, remedy=f"write at most {MAX_LENGTH} ASCII characters")
    depth = 0
    for character in text:  # the parser itself would fail on deep nesting
        depth += (character in "([{") - (character in ")]}")
        if depth > MAX_DEPTH:
            raise InputError(f"brackets nested deeper than {MAX_DEPTH}", where=where, remedy="name the inner parts")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise _refusal(text, where) from None
    names = set[str]()
    pending = [(tree, 0)]
    while pending:
        node, level = pending.pop()
        parts = _parts(node, names)
        if parts is None or level > MAX_DEPTH or "#" in text:
            raise _refusal(ast.get_source_segment(text, node) or text, where)
        pending += [(part, level + (k > 0 or not isinstance(node, ast.BinOp))) for k, part in enumerate(parts)]
    return Formula(text, tree, frozenset(names))


def _refusal(piece: str, where: str) -> InputError:
    shown = piece if len(piece) < 60 else piece[:57] + "..."
    return InputError(f"{shown!r} is not a formula", where=where, remedy=f"use {_ALLOWED}")


def _parts(node: ast.expr, names: set[str]) -> list[ast.expr] | None:
    """The subformulas of an admissible node (a chain ``a + b + c`` counts as one level); None for any other."""
    match node:
        case ast.Name(id=name) if name not in FUNCTIONS:
            names.add(name)
            return []
        case ast.Constant(value=value):
            integer = isinstance(value, int) and not isinstance(value, bool) and value.bit_length() <= MAX_BITS
            return [] if integer or value == 1j else None
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            exponent = integer_of(right)
            return None if exponent is None or abs(exponent) > MAX_EXPONENT else [left]
        case ast.BinOp(left=left, op=op, right=right) if isinstance(op, _OPERATORS):
            return [left, right]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return [operand]
        case ast.Attribute(value=argument, attr="T" | "H"):
            return [argument]
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in FUNCTIONS:
            return [argument]
    return None


def integer_of(node: ast.expr) -> int | None:
    """The integer literal that a node is."""
    match node:
        case ast.Constant(value=int() as value) if not isinstance(value, bool):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as value)) if not isinstance(value, bool):
            return -value
    return None


def value_of(source: Formula, model: Model, extra: Mapping[str, Any] | None = None, bar: bool = False) -> Any:
    """The value of a formula in a model: a scalar, or a `Blocks` matrix.

    Parameters
    ----------
    extra : values of further names, which have no conjugate.
    bar : the entrywise complex conjugate instead.

    Raises `InputError` where shapes do not fit or a name has no value, ZeroDivisionError at a pole, ValueError where a
    model has no square root.
    """
    try:
        return _Value(model, extra or {}).of(source.tree, bar)
    except _Misfit as error:
        shown = source.text if len(source.text) < 80 else source.text[:77] + "..."
        raise InputError(str(error), where=shown, remedy="check names and shapes") from None


def scalar_of(source: Formula, model: Model, extra: Mapping[str, Any] | None = None) -> Any:
    """The value of a formula that has to be a scalar; see `value_of`."""
    value = value_of(source, model, extra)
    if isinstance(value, Blocks):
        raise InputError("a matrix where a scalar is needed", where=source.text[:60], remedy="take its trace")
    return value


def matrix_of(source: Formula, model: Model, bar: bool = False) -> Blocks:
    """The value of a formula that has to be a matrix; see `value_of`."""
    value = value_of(source, model, bar=bar)
    if not isinstance(value, Blocks):
        raise InputError("a scalar where a matrix is needed", where=source.text[:60], remedy="multiply by eye(...)")
    return value


class _Misfit(Exception):
    """A formula that means nothing: shapes that do not fit, or a name without a value."""


@dataclass(frozen=True)
class _Value:
    model: Model
    extra: Mapping[str, Any]

    def of(self, node: ast.expr, bar: bool) -> Any:
        match node:
            case ast.Name(id=name):
                return self._name(name, bar)
            case ast.Constant(value=int() as value):
                return self.model.number(value)
            case ast.Constant():
                return -self.model.imaginary if bar else self.model.imaginary
            case ast.BinOp():
                return self._chain(node, bar)
            case ast.UnaryOp(operand=operand):
                return _times(self.model.number(-1), self.of(operand, bar))
            case ast.Attribute(value=argument, attr=attribute):
                return transposed(_matrix(self.of(argument, bar != (attribute == "H"))))
            case ast.Call(func=ast.Name(id=name), args=[argument]):
                return self._call(name, argument, bar)
        raise TypeError("the syntax was checked")

    def _name(self, name: str, bar: bool) -> Any:
        if name in self.extra:
            if bar:
                raise _Misfit(f"the conjugate of {name}")
            return self.extra[name]
        for table in (self.model.scalars, self.model.matrices):
            if name in table:
                return table[name][bar]
        raise _Misfit(f"{name!r} has no value here")

    def _chain(self, node: ast.expr, bar: bool) -> Any:
        steps: list[ast.BinOp] = []
        while isinstance(node, ast.BinOp):
            steps.append(node)
            node = node.left
        result = self.of(node, bar)
        for step in reversed(steps):
            if isinstance(step.op, ast.Pow):
                result = _power(result, integer_of(step.right) or 0, self.model)
            else:
                result = self._combined(step.op, result, self.of(step.right, bar))
        return result

    def _combined(self, operator: ast.operator, left: Any, right: Any) -> Any:
        match operator:
            case ast.MatMult():
                return _fitting(multiply, _matrix(left), _matrix(right))
            case ast.Mult():
                return _times(left, right)
            case ast.Div():
                return _times(1 / _scalar(right), left)
            case ast.Sub():
                right = _times(self.model.number(-1), right)
        if isinstance(left, Blocks) or isinstance(right, Blocks):
            shape = left if isinstance(left, Blocks) else right
            return _fitting(add, *(self._multiple(x, shape) for x in (left, right)))
        return left + right

    def _multiple(self, x: Any, shape: Blocks) -> Blocks:
        """A number beside a square matrix means that multiple of the identity."""
        if isinstance(x, Blocks):
            return x
        if shape.rows != shape.cols:
            raise _Misfit("a number added to a matrix that is not square")
        return scaled(x, self.model.identity(shape.rows))

    def _call(self, name: str, argument: ast.expr, bar: bool) -> Any:
        if name == "eye":
            return self.model.identity(self.model.dimensions.key(argument))
        if name == "sqrt" and isinstance(argument, ast.Name) and argument.id in self.model.roots:
            return self.model.roots[argument.id][bar]
        value = self.of(argument, bar != (name == "conj"))
        match name:
            case "conj":
                return value
            case "inv":
                return inverse(_square(value)) if isinstance(value, Blocks) else 1 / value
            case "sqrt":
                if bar and not self._is_nonnegative(argument):
                    raise _Misfit("the conjugate of a square root of unknown sign")
                return self.model.square_root(_scalar(value))
        trace = tau(self.model, _square(_matrix(value)))
        return trace if name == "tau" else trace * self.model.lengths[value.rows]

    def _is_nonnegative(self, node: ast.expr) -> bool:
        match node:
            case ast.Name(id=name):
                return name in self.model.nonnegative
            case ast.Constant(value=int() as value):
                return value >= 0
            case ast.BinOp(left=left, op=ast.Add() | ast.Mult() | ast.Div(), right=right):
                return self._is_nonnegative(left) and self._is_nonnegative(right)
            case ast.BinOp(left=left, op=ast.Pow()):
                return self._is_nonnegative(left)
        return False


def _matrix(x: Any) -> Blocks:
    if not isinstance(x, Blocks):
        raise _Misfit("a scalar where a matrix is needed")
    return x


def _scalar(x: Any) -> Any:
    if isinstance(x, Blocks):
        raise _Misfit("a matrix where a scalar is needed")
    return x


def _square(x: Blocks) -> Blocks:
    if x.rows != x.cols:
        raise _Misfit("a matrix that is not square")
    return x


def _fitting(operation: Any, a: Blocks, b: Blocks) -> Blocks:
    result: Blocks | None = operation(a, b)
    if result is None:
        raise _Misfit("shapes that do not fit")
    return result


def _times(a: Any, b: Any) -> Any:
    if isinstance(a, Blocks) and isinstance(b, Blocks):
        raise _Misfit("* between matrices")
    return scaled(b, a) if isinstance(a, Blocks) else scaled(a, b) if isinstance(b, Blocks) else a * b


def _power(x: Any, exponent: int, model: Model) -> Any:
    """By squaring; flint's own power of an inverse would not say that it meets a pole."""
    if exponent < 0:
        x, exponent = (inverse(_square(x)) if isinstance(x, Blocks) else 1 / x), -exponent
    matrix = isinstance(x, Blocks)
    result: Any = model.identity(_square(x).rows) if matrix else model.number(1)
    for bit in bin(exponent)[2:]:
        result = multiply(result, result) if matrix else result * result
        if bit == "1":
            result = multiply(result, x) if matrix else result * x
    return result
