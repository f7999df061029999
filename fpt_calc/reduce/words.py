"""Polynomials in deterministic matrices: the symbolic blocks of G.

A polynomial is a map from words (tuples of factors, the empty one being the identity) to scalars.  Inverses of proper
polynomials are factors of their own.  Nothing commutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, reduce

from fpt_calc.errors import CannotDecideError
from fpt_calc.expr import Expr, Inverse, Power, Product, ScalarMatrix, Scaled, Sum, postorder, tau
from fpt_calc.scalars import ONE, ZERO, Scalar

# What is larger cannot be read, and exact rational functions of that size are slow.
MAX_WORDS = 100
MAX_COEFFICIENT_TERMS = 100
MAX_INVERTED_NODES = 60
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
        _accumulate(terms, word, c)
    return Polynomial(a.rows, a.cols, terms)


def multiply(a: Polynomial, b: Polynomial) -> Polynomial:
    """The product; raises `CannotDecideError` where it would have too many words to be read."""
    if len(a.terms) * len(b.terms) > MAX_WORDS:
        raise _too_long(f"more than {MAX_WORDS} terms")
    terms: dict[Word, Scalar] = {}
    for u, c in a.terms.items():
        for v, d in b.terms.items():
            _accumulate(terms, u + v, c * d)
    return Polynomial(a.rows, b.cols, terms)


def _accumulate(terms: dict[Word, Scalar], word: Word, value: Scalar) -> None:
    new = _readable(terms.get(word, ZERO) + value)
    if new.is_zero:
        terms.pop(word, None)
    else:
        terms[word] = new


def _readable(value: Scalar) -> Scalar:
    """The value; raises `CannotDecideError` if it is too long a fraction."""
    if value.gens and len(value.num) + len(value.den) > MAX_COEFFICIENT_TERMS:
        raise _too_long(f"a coefficient of more than {MAX_COEFFICIENT_TERMS} terms")
    return value


def _too_long(what: str) -> CannotDecideError:
    return CannotDecideError(
        f"an expanded equation would have {what}", remedy="the system is given in matrix form instead"
    )


def negate(a: Polynomial) -> Polynomial:
    """The negative."""
    return Polynomial(a.rows, a.cols, {w: -c for w, c in a.terms.items()})


def invert(a: Polynomial) -> Polynomial:
    """The inverse of a square polynomial, as a number or as one new factor; refuses what is long, as `multiply`."""
    number = a.scalar
    if number is not None:
        return Polynomial(a.rows, a.cols, {(): number.inverse()})
    if len(a.terms) == 1:
        ((word, c),) = a.terms.items()
        if len(word) == 1:
            return Polynomial(a.rows, a.cols, {(Inverse(word[0]),): c.inverse()})
    argument = expression(a)
    if sum(1 for _ in postorder(argument)) > MAX_INVERTED_NODES:
        raise _too_long("the inverse of a long sum")
    return Polynomial(a.rows, a.cols, {(Inverse(argument),): ONE})


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
    return reduce(lambda x, y: _readable(x + y), pieces, ZERO)


@lru_cache(maxsize=4096)
def _trace_of_word(word: Word) -> Scalar:
    if not word:
        return ONE
    square = [k for k in range(len(word)) if word[k].rows == word[0].rows]
    names = [str(factor) for factor in word] if len(square) > 1 else []
    first = min(square, key=lambda k: names[k:] + names[:k])
    return tau(word_expression(word[first:] + word[:first]))
