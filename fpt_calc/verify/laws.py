"""The laws of random matrices: which letters pair, and which covariances are positive semidefinite.

Gaussian: Z = s C^(1/2) Z0 D^(1/2), Z0 with independent standard entries, real or complex (E|z|^2 = 1, E z^2 = 0); then
``E[Z W Z*] = s^2 Tr(W D) C`` and ``E[Z* W Z] = s^2 Tr(W C) D``, and for complex Z the same for conj(Z) with C and D
transposed.  Wigner: GOE or GUE, ``E[W A W] = s^2 Tr(A)``; for GUE also for the transposed letter with itself.  All
other pairs have no trace in them and are O(1/dimension).
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fpt_calc.verify.formula import Formula


@dataclass(frozen=True)
class Law:
    """A Gaussian or Wigner law; a covariance None is the identity."""

    kind: str
    real: bool
    variance: Formula
    row_covariance: Formula | None
    covariance: Formula | None

    def formulas(self) -> list[Formula]:
        """All that the law is stated with."""
        return [f for f in (self.variance, self.row_covariance, self.covariance) if f is not None]

    def canonical(self, operation: str) -> str:
        """The operation on the letter, where several give the same matrix."""
        if self.kind == "wigner":
            return "" if self.real or operation in ("", "H") else "T"
        if self.real:
            return "T" if operation in ("T", "H") else ""
        return operation

    def pairing(self, first: str, second: str) -> tuple[str, str] | None:
        """What stands in the trace and what outside in ``E[first W second]``; None where there is no trace.

        The answer is "" for the identity, or C, D, CT, DT for a covariance (transposed).
        """
        a, b = self.canonical(first), self.canonical(second)
        if self.kind == "wigner":
            return ("", "") if a == b else None
        star = "T" if self.real else "H"
        table = {("", star): ("D", "C"), (star, ""): ("C", "D")}
        if not self.real:
            table |= {("conj", "T"): ("DT", "CT"), ("T", "conj"): ("CT", "DT")}
        return table.get((a, b))


def is_psd(tree: ast.expr, facts: Mapping[str, frozenset[str]], positive: set[str]) -> bool:
    """Whether a deterministic formula is positive semidefinite by its construction; False means "not known"."""

    def psd(node: ast.expr) -> bool:
        match node:
            case ast.Name(id=name):
                return "psd" in facts.get(name, ())
            case ast.Call(func=ast.Name(id="eye")):
                return True
            case ast.Call(func=ast.Name(id="inv" | "conj"), args=[a]) | ast.Attribute(value=a):
                return psd(a)
            case ast.Call(func=ast.Name(id="sqrt"), args=[ast.Name(id=name)]):
                return "psd" in facts.get(name, ())
            case ast.BinOp(left=a, op=ast.Add(), right=b):
                return (psd(a) or number(a)) and (psd(b) or number(b)) and (psd(a) or psd(b))
            case ast.BinOp(left=a, op=ast.Mult(), right=b):
                return (number(a) and psd(b)) or (psd(a) and number(b))
            case ast.BinOp(left=a, op=ast.Div(), right=b):
                return psd(a) and number(b)
            case ast.BinOp(left=a, op=ast.Pow(), right=ast.Constant(value=int() as k)):
                return psd(a) or (k % 2 == 0 and isinstance(a, ast.Name) and "hermitian" in facts.get(a.id, ()))
            case ast.BinOp(op=ast.MatMult()):
                return congruence(_factors(node))
        return False

    def congruence(factors: list[ast.expr]) -> bool:
        while len(factors) > 1:
            if not adjoint(factors[0], factors[-1]):
                return False
            factors = factors[1:-1]
        return not factors or psd(factors[0])

    def adjoint(a: ast.expr, b: ast.expr) -> bool:
        match a, b:
            case (ast.Attribute(value=x, attr="H"), y) | (y, ast.Attribute(value=x, attr="H")):
                return ast.dump(x) == ast.dump(y)
            case (ast.Attribute(value=ast.Name(id=x), attr="T"), ast.Name(id=y)) | (
                ast.Name(id=y),
                ast.Attribute(value=ast.Name(id=x), attr="T"),
            ):
                return "real" in facts.get(x, ()) and x == y
        hermitian = psd(a) or (isinstance(a, ast.Name) and "hermitian" in facts.get(a.id, ()))
        return hermitian and ast.dump(a) == ast.dump(b)

    def number(node: ast.expr) -> bool:
        match node:
            case ast.Name(id=name):
                return name in positive
            case ast.Constant(value=int() as value):
                return value >= 0
            case ast.BinOp(left=a, op=ast.Add() | ast.Mult() | ast.Div(), right=b):
                return number(a) and number(b)
            case ast.BinOp(left=a, op=ast.Pow()):
                return number(a)
        return False

    return psd(tree)


def _factors(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        return [*_factors(node.left), *_factors(node.right)]
    return [node]
