"""Dense evaluation of expressions with error bounds: the tolerance of comparisons follows from the conditioning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import assume

from fpt_calc.expr import (
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
from fpt_calc.point import NumericModel, arrays

EPS = 2.3e-16


@dataclass(frozen=True)
class Rounded:
    """A dense array with a bound of the Frobenius norm of its rounding error, to first order."""

    value: Any
    error: float

    @property
    def norm(self) -> float:
        return float(np.linalg.norm(self.value)) + self.error


class RunningErrors:
    """Dense arithmetic that carries error bounds: what evaluation in double precision may differ by."""

    def __init__(self, model: NumericModel) -> None:
        self.model = model

    def rounded(self, value: Any, error: float) -> Rounded:
        return Rounded(value, error + 40 * EPS * float(np.linalg.norm(value)))

    def value(self, node: Expr) -> Rounded:
        parts = [self.value(child) for child in node.children]
        match node:
            case Atom():
                return self.rounded(arrays.dense(self.model.atom(node), self.model.size(node.rows)), 0.0)
            case SquareRoot():
                eigenvalues, vectors = np.linalg.eigh(parts[0].value)
                assume(eigenvalues.min() > 1e-9 * eigenvalues.max())  # the root of what is singular has no such bound
                root = (vectors * np.sqrt(eigenvalues)) @ vectors.conj().T
                return self.rounded(root, parts[0].norm * EPS * 40 / eigenvalues.min() ** 0.5)
            case ScalarMatrix(value=c, rows=dim):
                return self.rounded(self.model.scalar(c) * np.eye(self.model.size(dim)), 0.0)
            case Scaled(coefficient=c):
                factor = self.model.scalar(c)
                return self.rounded(factor * parts[0].value, abs(factor) * parts[0].error)
            case Sum():
                return self.rounded(sum(x.value for x in parts), sum(x.error + 20 * EPS * x.norm for x in parts))
            case Product():
                return self.product(parts)
            case Power(exponent=k):
                return self.product([self.rounded(np.eye(len(parts[0].value)), 0.0), *parts * k])
            case Inverse():
                return self.inverse(parts[0])
        moved = parts[0].value if isinstance(node, Transpose) else np.conj(parts[0].value)
        return Rounded(moved if isinstance(node, EntrywiseConjugate) else moved.T, parts[0].error)

    def product(self, parts: list[Rounded]) -> Rounded:
        total = parts[0]
        for x in parts[1:]:
            error = total.error * x.norm + total.norm * x.error + 40 * EPS * total.norm * x.norm
            total = Rounded(total.value @ x.value, error)
        return total

    def inverse(self, x: Rounded) -> Rounded:
        smallest = np.linalg.svd(x.value, compute_uv=False).min()
        assume(smallest > 10 * x.error + 1e-9 * x.norm)  # else it may be singular
        result = np.linalg.inv(x.value)
        size = float(np.linalg.norm(result))
        return Rounded(result, 2 * size**2 * (x.error + 40 * EPS * x.norm))
