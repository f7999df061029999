"""Printed equations, read back and solved: `eval` of what the program prints, with numpy matrices for its names.

It shares nothing with the program but the text: a fixed-point iteration on the lines of ``equations`` as they stand.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass
class Matrix:
    """A matrix in the sense of a problem file: an added number means that multiple of the identity."""

    array: np.ndarray

    @property
    def T(self) -> Matrix:
        return Matrix(self.array.T)

    def __matmul__(self, other: Matrix) -> Matrix:
        return Matrix(self.array @ other.array)

    def __add__(self, other: Any) -> Matrix:
        return Matrix(self.array + (other.array if isinstance(other, Matrix) else other * np.eye(len(self.array))))

    __radd__ = __add__

    def __neg__(self) -> Matrix:
        return Matrix(-self.array)

    def __sub__(self, other: Any) -> Matrix:
        return self + -other

    def __rsub__(self, other: Any) -> Matrix:
        return -self + other

    def __mul__(self, number: Any) -> Matrix:
        return Matrix(self.array * number)

    __rmul__ = __mul__

    def __pow__(self, exponent: int) -> Matrix:
        return Matrix(np.linalg.matrix_power(self.array, exponent))


def solve_printed(
    equations: Sequence[str], given: Mapping[str, Any], steps: int = 400, weights: np.ndarray | None = None
) -> dict[str, Any]:
    """The values of all names that the equations define, by damped iteration from 0.1.

    ``weights``: of the diagonal in ``tau``, for limiting spectra.
    """

    def tau(matrix: Matrix) -> Any:
        diagonal = np.diagonal(matrix.array)
        return diagonal @ weights if weights is not None else diagonal.mean()

    def inv(matrix: Matrix) -> Matrix:
        return Matrix(np.linalg.inv(matrix.array))

    lines = [line.split(" = ", 1) for line in equations]
    values: dict[str, Any] = {"tau": tau, "inv": inv, **given}
    values.update({name: 0.1 for name, _ in lines if not name.startswith("K")})
    for _ in range(steps):
        for name, text in lines:
            new = eval(text, {"__builtins__": {}}, values)  # our own program's output, on purpose
            values[name] = new if isinstance(new, Matrix) else (values[name] + new) / 2
    return values


def names_used(text: str) -> set[str]:
    """The names in a formula; raises SyntaxError if it is not Python."""
    return {node.id for node in ast.walk(ast.parse(text, mode="eval")) if isinstance(node, ast.Name)}
