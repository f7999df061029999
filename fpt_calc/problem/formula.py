"""What formulas mean: expressions and scalars built from the names of a problem.

text ──read_formula──▶ syntax tree ──meaning──▶ Expr or Scalar
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from fpt_calc.errors import InputError
from fpt_calc.expr import (
    EntrywiseConjugate,
    Expr,
    Inverse,
    SquareRoot,
    Tr,
    Trace,
    identity,
    is_deterministic,
    tau,
)
from fpt_calc.problem import limits
from fpt_calc.problem.located import located
from fpt_calc.problem.syntax import Formula, check_names, exponent_of, occurrences, read_formula
from fpt_calc.scalars import Scalar, as_dimension, generators_of, square_root

Value = Expr | Scalar


def parse_formula(text: str, names: Mapping[str, Value], where: str) -> Value:
    """The expression or scalar that ``text`` means.

    Parameters
    ----------
    text : a formula in Python syntax: ``@ + - * / **``, ``.T``, ``.H``, ``tau``, ``Tr``, ``inv``, ``sqrt``, ``conj``,
        ``eye(dim)``, declared names, ``1j`` and exact numbers (0.1 means 1/10).
    names : what the names mean.
    where : the file and key, for messages.

    Raises `InputError` (`ShapeError` where shapes do not fit) naming ``where``, the subexpression and the remedy.

    >>> from fpt_calc.expr import Atom
    >>> from fpt_calc.scalars import dimension
    >>> X = Atom("X", dimension("n"), dimension("d"))
    >>> parse_formula("inv(X.T @ X + 0.1)", {"X": X}, "let.R")
    inv(X.T@X + 1/10)
    >>> parse_formula("X @ X", {"X": X}, "let.R")
    Traceback (most recent call last):
    fpt_calc.errors.ShapeError: let.R: (X) @ (X): shapes n x d and n x d do not multiply; transpose one of them, ...
    """
    with located(where):
        formula = read_formula(text)
        check_names(formula, names)
        return meaning(formula, names)


def meaning(formula: Formula, names: Mapping[str, Value]) -> Value:
    """The value of a formula whose names are all in ``names``; raises `InputError` with the subexpression."""
    limits.check_uses((names[name], count) for name, count in occurrences(formula).items())
    result = _Meaning(formula, names).value(formula.tree)
    limits.check_size(result)
    return result


def require_deterministic(value: Scalar, role: str, remedy: str) -> None:
    """Raise `InputError` if a scalar depends on the trace of a random matrix."""
    for generator in generators_of(value):
        if isinstance(generator, Trace) and not is_deterministic(generator.argument):
            raise InputError(f"the trace of a random matrix as {role}", where=generator.name, remedy=remedy)


def _entries(left: Value, right: Value) -> tuple[Scalar, Scalar] | None:
    """A 1 x 1 matrix beside a scalar that depends on the trace of a random matrix means its entry."""

    def random(value: Value) -> bool:
        traces = generators_of(value) if isinstance(value, Scalar) else ()
        return any(isinstance(g, Trace) and not is_deterministic(g.argument) for g in traces)

    def entry(value: Value) -> Scalar | None:
        if isinstance(value, Scalar):
            return value
        return tau(value) if value.rows == 1 and value.cols == 1 else None

    a, b = entry(left), entry(right)
    return (a, b) if a is not None and b is not None and (random(left) or random(right)) else None


@dataclass(frozen=True)
class _Meaning:
    """One walk over a syntax tree; `read_formula` has seen to it that only known nodes occur and depth is bounded."""

    formula: Formula
    names: Mapping[str, Value]

    def value(self, node: ast.expr) -> Value:
        match node:
            case ast.Name(id=name):
                return self.names[name]
            case ast.Constant():
                return self.formula.number(node)
            case ast.BinOp():
                return self._chain(node)
            case ast.UnaryOp(operand=operand):
                return -self.value(operand)
            case ast.Attribute(value=argument, attr=attribute):
                return self._transpose(node, self.value(argument), attribute)
            case ast.Call(func=ast.Name(id=name), args=[argument]):
                return self._call(node, name, self.value(argument))
        raise TypeError(f"{type(node).__name__} passed the syntax check")

    def _chain(self, node: ast.expr) -> Value:
        """``a + b + c + ...`` in a loop: long sums are not deep."""
        steps: list[ast.BinOp] = []
        while isinstance(node, ast.BinOp):
            steps.append(node)
            node = node.left
        result = self.value(node)
        for step in reversed(steps):
            result = self._power(step, result) if isinstance(step.op, ast.Pow) else self._combine(step, result)
        return result

    def _power(self, node: ast.BinOp, base: Value) -> Value:
        exponent = exponent_of(node.right)
        assert exponent is not None, "the syntax check admits literals only"
        if isinstance(base, Scalar):
            limits.check_power(base, exponent)
            return base**exponent
        return Inverse(base) if exponent == -1 else base**exponent

    def _combine(self, node: ast.BinOp, left: Value) -> Value:
        right = self.value(node.right)
        if isinstance(left, Scalar) and isinstance(right, Scalar):
            return self._scalars(node, left, right)
        if not isinstance(node.op, ast.MatMult) and (numbers := _entries(left, right)) is not None:
            return self._scalars(node, *numbers)
        for value in (left, right):
            if isinstance(value, Scalar):
                require_deterministic(value, "a coefficient of a matrix", "make the trace a target of its own")
        match node.op:
            case ast.MatMult():
                if isinstance(left, Expr) and isinstance(right, Expr):
                    return left @ right
                raise InputError("@ between a matrix and a scalar", where=self.formula.piece(node), remedy="use *")
            case ast.Mult():
                return left * right
            case ast.Div():
                return left / right
            case ast.Add():
                return left + right
        return left - right

    def _scalars(self, node: ast.BinOp, left: Scalar, right: Scalar) -> Scalar:
        match node.op:
            case ast.MatMult():
                raise InputError("@ between two scalars", where=self.formula.piece(node), remedy="use *")
            case ast.Mult():
                limits.check_product(left, right)
                return left * right
            case ast.Div():
                limits.check_inverse(right)
                inverse = right.inverse()
                limits.check_product(left, inverse)
                return left * inverse
        limits.check_sum(left, right)
        return left + right if isinstance(node.op, ast.Add) else left - right

    def _transpose(self, node: ast.expr, value: Value, attribute: str) -> Value:
        if isinstance(value, Scalar):
            remedy = "use conj(...) for a scalar" if attribute == "H" else "remove it"
            raise InputError(f".{attribute} of a scalar", where=self.formula.piece(node), remedy=remedy)
        return value.T if attribute == "T" else value.H

    def _call(self, node: ast.expr, name: str, value: Value) -> Value:
        match name:
            case "conj":
                return value.conjugate() if isinstance(value, Scalar) else EntrywiseConjugate(value)
            case "inv" if isinstance(value, Scalar):
                limits.check_inverse(value)
                return value.inverse()
            case "inv" if isinstance(value, Expr):
                return Inverse(value)
            case "sqrt" if isinstance(value, Scalar):
                limits.check_radicand(value)
                return square_root(value)
            case "sqrt" if isinstance(value, Expr):
                return SquareRoot.of(value)
            case "eye" if isinstance(value, Scalar):
                return identity(as_dimension(value, self.formula.piece(node)))
            case "tau" | "Tr" if isinstance(value, Expr):
                limits.check_size(value)
                return tau(value) if name == "tau" else Tr(value)
        kind, remedy = ("matrix", "write eye(d)") if name == "eye" else ("scalar", "multiply by eye(d), or remove it")
        raise InputError(f"{name} of a {kind}", where=self.formula.piece(node), remedy=remedy)
