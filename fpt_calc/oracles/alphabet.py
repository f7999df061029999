"""Polynomials in matrices as sums of words, and words as tuples of numbers that one alphabet gives to their factors.

A factor is a letter or the inverse of a deterministic matrix.  A trace is a cyclic word: it stays the same when the
word is rotated or transposed.
"""

from __future__ import annotations

from collections.abc import Iterator

from fpt_calc.errors import InputError
from fpt_calc.expr import (
    Expr,
    Inverse,
    Letter,
    Power,
    Product,
    ScalarMatrix,
    Scaled,
    Sum,
    Trace,
    Transpose,
    fold,
    is_deterministic,
)
from fpt_calc.expr.text import brief_text
from fpt_calc.oracles.leaves import as_letter, push_operations
from fpt_calc.scalars import ONE, ZERO, Scalar, generator_scalar, is_fixed

Word = tuple[int, ...]
Polynomial = dict[Word, Scalar]

MAX_WORDS = 20_000  # of one polynomial: about a second of multiplying out


class Alphabet:
    """The factors met so far; everything about words that depends on what their factors are.

    >>> from fpt_calc.expr import Atom
    >>> from fpt_calc.scalars import dimension
    >>> alphabet = Alphabet()
    >>> d = dimension("d")
    >>> A, B = Atom("A", d, d), Atom("B", d, d)
    >>> polynomial = alphabet.multiply_out((A + B) @ (A - B))
    >>> print(sum(c * alphabet.trace(word, d) for word, c in polynomial.items()))
    d*tau(A@A) - d*tau(B@B)
    """

    def __init__(self) -> None:
        self._factors: list[Expr] = []
        self._numbers: dict[Expr, int] = {}
        self._texts: list[str] = []
        self._letters: list[Letter | None] = []
        self._transposed: dict[int, int] = {}
        self._polynomials: dict[Expr, Polynomial] = {}
        self._traces: dict[Word, tuple[Scalar, Trace]] = {}

    # words ----------------------------------------------------------------------------------------------------

    def letter(self, number: int) -> Letter | None:
        """The random letter that a factor is, or None for a deterministic factor."""
        return self._letters[number]

    def random_places(self, word: Word) -> list[int]:
        """Where random letters stand in a word."""
        return [k for k, number in enumerate(word) if self._letters[number] is not None]

    def rows(self, number: int) -> Scalar:
        return self._factors[number].rows

    def cols(self, number: int) -> Scalar:
        return self._factors[number].cols

    def opened(self, word: Word) -> Word:
        """A rotation that starts at the smallest fixed dimension, if a cyclic word passes one."""
        k = min(range(len(word)), key=lambda k: self._order(word[k]))
        return word[k:] + word[:k]

    def transposed(self, word: Word) -> Word:
        """The word of the transposed product."""
        return tuple(map(self._transpose, reversed(word)))

    def canonical(self, word: Word) -> Word:
        """One representative of a cyclic word and its transpose."""
        return min(self._rotations(word), default=())

    def trace(self, word: Word, dim: Scalar) -> Scalar:
        """The unnormalized trace of a deterministic word, ``dim`` if the word is empty."""
        if not word:
            return dim
        size, generator = self.normalized(word)
        return size * generator_scalar(generator)

    def normalized(self, word: Word) -> tuple[Scalar, Trace]:
        """Dimension and normalized trace of a deterministic word that is not empty; equal for equal cyclic words."""
        key = self.canonical(word)
        if key not in self._traces:
            # a trace over a fixed dimension shows its order; among equals the first in the alphabet is shown
            shown = min(self._rotations(word), key=lambda w: (self._order(w[0]), [self._texts[k] for k in w]))
            factors = tuple(self._factors[k] for k in shown)
            product = factors[0] if len(factors) == 1 else Product(factors)
            self._traces[key] = product.rows, Trace(product)
        return self._traces[key]

    def _order(self, number: int) -> tuple[int, int]:
        rows = self.rows(number)
        return (0, int(rows.constant or 0)) if is_fixed(rows) else (1, 0)

    def _rotations(self, word: Word) -> Iterator[Word]:
        for cycle in (word, self.transposed(word)):
            for k in range(len(cycle)):
                yield cycle[k:] + cycle[:k]

    def _transpose(self, number: int) -> int:
        if number not in self._transposed:
            other = self._number(push_operations(Transpose(self._factors[number])))
            self._transposed |= {number: other, other: number}
        return self._transposed[number]

    def _number(self, factor: Expr) -> int:
        if factor not in self._numbers:
            found = as_letter(factor)
            self._numbers[factor] = len(self._factors)
            self._factors.append(factor)
            self._texts.append(str(factor))
            self._letters.append(found if found is not None and found.is_random else None)
        return self._numbers[factor]

    # polynomials ----------------------------------------------------------------------------------------------

    def multiply_out(self, expr: Expr) -> Polynomial:
        """The words of an expression with their coefficients.

        Raises `InputError` for the inverse of a random matrix, and for more than `MAX_WORDS` words.
        """
        if expr not in self._polynomials:
            self._polynomials[expr] = fold(push_operations(expr), self._combine)
        return self._polynomials[expr]

    def _combine(self, node: Expr, parts: tuple[Polynomial, ...]) -> Polynomial:
        if as_letter(node) is not None:
            return {(self._number(node),): ONE}
        match node:
            case ScalarMatrix(value=value):
                return {} if value.is_zero else {(): value}
            case Scaled(coefficient=c):
                return {} if c.is_zero else {word: c * x for word, x in parts[0].items()}
            case Sum():
                return _sum(parts)
            case Product():
                return _product(parts)
            case Power(exponent=k):
                return _product(({(): ONE}, *parts * k))
            case Inverse() if is_deterministic(node):
                return {(self._number(node),): ONE}
            case Inverse():
                raise InputError(
                    "the inverse of a random matrix is no polynomial, so that no finite sum over pairings is its mean",
                    where=brief_text(node),
                    remedy="replace it by a power series in its argument, or simulate",
                )
        raise TypeError(f"cannot multiply out {type(node).__name__}")


def _sum(parts: tuple[Polynomial, ...]) -> Polynomial:
    total: Polynomial = {}
    for part in parts:
        for word, c in part.items():
            total[word] = total.get(word, ZERO) + c
    return {word: c for word, c in total.items() if not c.is_zero}


def _product(parts: tuple[Polynomial, ...]) -> Polynomial:
    result = parts[0]
    for part in parts[1:]:
        if len(result) * len(part) > MAX_WORDS:
            raise InputError(
                f"more than {MAX_WORDS} words when multiplied out",
                where="a product of sums",
                remedy="take fewer factors or terms",
            )
        longer: Polynomial = {}
        for (v, b), (w, c) in ((x, y) for x in result.items() for y in part.items()):
            longer[v + w] = longer.get(v + w, ZERO) + b * c
        result = longer
    return {word: c for word, c in result.items() if not c.is_zero}
