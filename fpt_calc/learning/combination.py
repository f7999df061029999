"""Deterministic matrices as linear combinations of products, and the traces of what they are multiplied with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from fpt_calc.closed_form import FullTrace
from fpt_calc.expr import Expr, ScalarMatrix, Sum, flat_product, flat_sum, scaled
from fpt_calc.expr.flatten import factors_of
from fpt_calc.learning.words import merged, transposed
from fpt_calc.learning.words_of_traces import representative
from fpt_calc.scalars import ONE, ZERO, Scalar, accumulate, generator_scalar


@dataclass(frozen=True)
class Combination:
    """``sum of coefficient * word``, words being products without numbers."""

    terms: Mapping[Expr, Scalar]
    rows: Scalar
    cols: Scalar

    @property
    def is_zero(self) -> bool:
        return not self.terms

    @property
    def T(self) -> Combination:
        return combination(((transposed(w), c) for w, c in self.terms.items()), self.cols, self.rows)

    def __add__(self, other: Combination) -> Combination:
        return combination([*self.terms.items(), *other.terms.items()], self.rows, self.cols)

    def __mul__(self, factor: Scalar) -> Combination:
        return combination(((w, c * factor) for w, c in self.terms.items()), self.rows, self.cols)

    def __matmul__(self, other: Combination) -> Combination:
        products = ((flat_product((a, b)), c * e) for a, c in self.terms.items() for b, e in other.terms.items())
        return combination(products, self.rows, other.cols)

    def trace(self) -> Scalar:
        """``Tr`` of the combination."""
        return sum((c * full_trace(w) for w, c in self.terms.items()), ZERO)

    def mapped(self, matrix: Callable[[Expr], Expr], value: Callable[[Scalar], Scalar]) -> Combination:
        """The combination with its words and its coefficients replaced."""
        return combination(((matrix(w), value(c)) for w, c in self.terms.items()), self.rows, self.cols)

    @property
    def expression(self) -> Expr:
        """The combination as an expression."""
        parts = [scaled(c, w) for w, c in self.terms.items()]
        if not parts:
            return ScalarMatrix(ZERO, self.rows)
        return parts[0] if len(parts) == 1 else flat_sum(parts)


def combination(terms: Iterable[tuple[Expr, Scalar]], rows: Scalar, cols: Scalar) -> Combination:
    """The sum of the terms; products are flat, numbers in them go to the coefficients, equal words are collected."""
    total: dict[Expr, Scalar] = {}
    for word, coefficient in terms:
        for part in word.terms if isinstance(word, Sum) else (word,):
            number, factors = factors_of(part)
            factors = merged(factors)
            plain = flat_product(factors) if factors else ScalarMatrix(ONE, part.rows)
            accumulate(total, plain, coefficient * number)
    return Combination(total, rows, cols)


def single(word: Expr) -> Combination:
    """One matrix as a combination."""
    return combination([(word, ONE)], word.rows, word.cols)


def nothing(rows: Scalar, cols: Scalar) -> Combination:
    """The zero matrix."""
    return Combination({}, rows, cols)


def full_trace(word: Expr) -> Scalar:
    """``Tr(word)`` as a scalar that prints so; the dimension for the identity."""
    if isinstance(word, ScalarMatrix):
        return word.value * word.rows
    return generator_scalar(FullTrace(representative(word)))
