"""Deterministic equivalents as they are printed and evaluated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fpt_calc.closed_form import ClosedForm, ParameterEquation
from fpt_calc.derivation import LimitLaw
from fpt_calc.errors import ComputationError
from fpt_calc.expr import Atom, Expr, ScalarMatrix
from fpt_calc.formula import Formula, formula_value
from fpt_calc.logic import Status
from fpt_calc.point import Dense, Multiple, NumericModel, Point, arrays
from fpt_calc.scalars import Generator, Scalar
from fpt_calc.solve import Result, solve

SIGN = "≃"


@dataclass(frozen=True)
class Equivalent:
    """``expr ~ sum of coefficient * matrix``, for every deterministic value of the matrices.

    Attributes
    ----------
    expr : the random matrix.
    terms : the coefficients as they are printed, each with its deterministic matrix; none if the equivalent is zero.
    parameters : the equations of the parameters.
    abbreviations : the names such as df2 that occur, with what they stand for.
    matrices : named matrices such as G = inv(Sigma + kappa).
    law : the law of ``tau(probe @ expr)`` from which it is read off.
    probe : the test matrix.
    words : the matrices of the terms without names.
    form : the closed form of their coefficients.
    """

    expr: Expr
    terms: tuple[tuple[Formula, Expr], ...]
    parameters: tuple[ParameterEquation, ...]
    abbreviations: tuple[tuple[Generator, Formula | Scalar], ...]
    matrices: tuple[tuple[Atom, Expr], ...]
    law: LimitLaw
    probe: Atom
    words: tuple[Expr, ...]
    form: ClosedForm

    @property
    def status(self) -> Status:
        """How much is known: that of the derivation."""
        return self.law.derivation.status

    def __str__(self) -> str:
        return "\n".join([f"{self.expr} {SIGN} {self.right()}", *self.where()])

    def right(self) -> str:
        """The equivalent as Python text."""
        text = ""
        for coefficient, matrix in self.terms:
            term = _term(coefficient, matrix)
            text += f" - {term[1:]}" if term.startswith("-") else f" + {term}"
        return (text[3:] if text.startswith(" + ") else f"-{text[3:]}") if text else "0"

    def where(self) -> list[str]:
        """Parameters, abbreviations and matrices as Python text."""
        lines = [line for p in self.parameters for line in p.lines()]
        lines += [f"{g.name} = {definition}" for g, definition in self.abbreviations]
        return lines + [f"{atom.name} = {expr}" for atom, expr in self.matrices]

    def at(self, point: Point) -> Any:
        """The equivalent at a point: a matrix, or its diagonal (an array with one axis) where all matrices are spectra.

        Raises `ComputationError` if no solution was found.
        """
        solution = solve(self.law.system, self._completed(point))
        if solution.result is not Result.SUCCESS:
            raise ComputationError(solution.result.value, where=str(self.expr))
        numbers = NumericModel(point, solution.values)
        known = {p.symbol: numbers.scalar(p.meaning) for p in self.form.coordinates.parameters}
        model = NumericModel(point, known)
        values = [model.scalar(self.form.unabbreviated(formula_value(f))) for f in self.form.values.values()]
        parts = [value * model.matrix(word) for value, word in zip(values, self.words, strict=True)]
        total: Any = parts[0] if parts else np.zeros(())
        for part in parts[1:]:
            total = arrays.add(total, part)
        if total.ndim:
            return total
        rows, cols = model.size(self.expr.rows), model.size(self.expr.cols)
        dense = any(isinstance(data, Dense) for data in point.matrices.values())
        return total * (np.eye(rows, cols) if dense or rows != cols else np.ones(rows))

    def _completed(self, point: Point) -> Point:
        """The point with zero for the test matrix, on which the coefficients do not depend."""
        if self.probe.rows == self.probe.cols:
            return replace(point, matrices={**point.matrices, self.probe.name: Multiple(0)})
        model = NumericModel(point)
        zero = np.zeros((model.size(self.probe.rows), model.size(self.probe.cols)))
        return replace(point, matrices={**point.matrices, self.probe.name: Dense(zero)})


def _term(coefficient: Formula, matrix: Expr) -> str:
    """A coefficient times a matrix; of the identity, the coefficient alone."""
    text = str(coefficient)
    if isinstance(matrix, ScalarMatrix) and matrix.value == 1:
        text = f"({text})" if len(coefficient.terms) > 1 else text
        return f"{text}*{matrix}" if text != "1" else str(matrix)
    if text in ("1", "-1"):
        return f"{text[:-1]}{matrix}"
    return f"({text})*{matrix}" if len(coefficient.terms) > 1 else f"{text}*{matrix}"
