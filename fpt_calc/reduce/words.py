"""Polynomials in deterministic matrices: the symbolic blocks of G.

A polynomial is a map from words (tuples of factors, the empty one being the identity) to scalars.  Inverses of proper
polynomials are factors of their own.  Nothing commutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

from fpt_calc.errors import CannotDecideError
from fpt_calc.expr import Expr, Inverse, Power, Product, ScalarMatrix, Scaled, Sum, tau
from fpt_calc.scalars import ONE, ZERO, Scalar

MAX_WORDS = 400
Word = tuple[Expr, ...]


@dataclass(frozen=True)
class Polynomial:
    """``sum of coefficient * word``; ``terms`` has no zero coefficients."""

    rows: Scalar
    cols: Scalar
    terms: dict[Word, Scalar]

    @property
    def is_zero(self) -> bool:
        return not self.terms

    @property
    def scalar(self) -> Scalar | None:
        """The scalar of which this polynomial is a multiple of the identity, if it is one."""
        if not self.terms:
            return ZERO
        return self.terms[()] if set(self.terms) == {()} else None


def monomial(rows: Scalar, cols: Scalar, coefficient: Scalar, matrix: Expr | None) -> Polynomial:
    """``coefficient * matrix``; None is the identity."""
    if coefficient.is_zero:
        return Polynomial(rows, cols, {})
    word = () if matrix is None else (matrix.factors if isinstance(matrix, Product) else (matrix,))
    return Polynomial(rows, cols, {word: coefficient})


def add(a: Polynomial, b: Polynomial) -> Polynomial:
    """The sum."""
    terms = dict(a.terms)
    for word, c in b.terms.items():
        new = terms.get(word, ZERO) + c
        if new.is_zero:
            terms.pop(word, None)
        else:
            terms[word] = new
    return Polynomial(a.rows, a.cols, terms)


def multiply(a: Polynomial, b: Polynomial) -> Polynomial:
    """The product; raises `CannotDecideError` where it would have too many words to be read."""
    if len(a.terms) * len(b.terms) > MAX_WORDS:
        raise CannotDecideError(
            f"an expanded equation would have more than {MAX_WORDS} terms",
            remedy="the system is given in matrix form instead",
        )
    terms: dict[Word, Scalar] = {}
    for u, c in a.terms.items():
        for v, d in b.terms.items():
            new = terms.get(u + v, ZERO) + c * d
            if new.is_zero:
                terms.pop(u + v, None)
            else:
                terms[u + v] = new
    return Polynomial(a.rows, b.cols, terms)


def negate(a: Polynomial) -> Polynomial:
    """The negative."""
    return Polynomial(a.rows, a.cols, {w: -c for w, c in a.terms.items()})


def invert(a: Polynomial) -> Polynomial:
    """The inverse of a square polynomial, as a number or as one new factor."""
    number = a.scalar
    if number is not None:
        return Polynomial(a.rows, a.cols, {(): number.inverse()})
    if len(a.terms) == 1:
        ((word, c),) = a.terms.items()
        if len(word) == 1:
            return Polynomial(a.rows, a.cols, {(Inverse(word[0]),): c.inverse()})
    return Polynomial(a.rows, a.cols, {(Inverse(expression(a)),): ONE})


def expression(a: Polynomial) -> Expr:
    """The polynomial as an expression."""
    terms = [_term(word, c, a.rows) for word, c in a.terms.items()]
    if not terms:
        raise CannotDecideError("the zero matrix has no expression here")
    return terms[0] if len(terms) == 1 else Sum(tuple(terms))


def _term(word: Word, coefficient: Scalar, dim: Scalar) -> Expr:
    if not word:
        return ScalarMatrix(coefficient, dim)
    base = word_expression(word)
    return base if coefficient == 1 else Scaled(coefficient, base)


def word_expression(word: Word) -> Expr:
    """A product with repeated neighbours, or repetitions of the whole word, as powers."""
    for length in range(2, len(word) // 2 + 1):
        if word == word[:length] * (len(word) // length):
            return Power(Product(word[:length]), len(word) // length)
    groups: list[tuple[Expr, int]] = []
    for factor in word:
        if groups and groups[-1][0] == factor:
            groups[-1] = (factor, groups[-1][1] + 1)
        else:
            groups.append((factor, 1))
    factors = tuple(f if k == 1 else Power(f, k) for f, k in groups)
    return factors[0] if len(factors) == 1 else Product(factors)


def trace(a: Polynomial, weight: Expr | None) -> Scalar:
    """``tau(weight @ a)`` as a scalar in traces of words; cyclic rotations of one word give one trace."""
    front: Word = () if weight is None else (weight.factors if isinstance(weight, Product) else (weight,))
    pieces = [c * _trace_of_word(front + word) for word, c in a.terms.items()]
    return reduce(lambda x, y: x + y, pieces, ZERO)


def _trace_of_word(word: Word) -> Scalar:
    if not word:
        return ONE
    square = [k for k in range(len(word)) if word[k].rows == word[0].rows]
    best = min((word[k:] + word[:k] for k in square), key=lambda w: [str(f) for f in w])
    return tau(word_expression(best))
