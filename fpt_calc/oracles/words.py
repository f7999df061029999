"""Expressions as words of factors, from which random letters can be taken out one at a time.

A factor is a deterministic matrix, a random letter, a sum of words, or the inverse of a word; what matters is what it
is at t = 0 (random letters zero), how a random letter can come first in it, and where random letters stand in it.
For the inverse r of x, with value v at t = 0, both follow from those of x:
``r = v - v (x - x0) r`` for the first letter, and a letter taken out of r leaves r on either side of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fpt_calc.expr import (
    Expr,
    Inverse,
    Letter,
    ModularMatrix,
    Power,
    PrimeModel,
    Product,
    Scaled,
    Sum,
    UnluckyModelError,
    evaluate,
    fold,
)
from fpt_calc.oracles.leaves import as_letter, push_operations

Matrix = Any  # flint.nmod_mat
Word = tuple["Factor", ...]


@dataclass(frozen=True, eq=False)
class Head:
    """One way to begin with a random letter: ``matrix @ letter @ rest``, the matrix deterministic."""

    matrix: Matrix
    letter: Letter
    rest: Word


@dataclass(frozen=True, eq=False)
class Split:
    """One place of a random letter: ``sign * before @ letter @ after``."""

    sign: int
    before: Word
    letter: Letter
    after: Word


@dataclass(eq=False)  # by identity, so that words are cheap keys; not frozen, for an inverse occurs in its own heads
class Factor:
    """A part of a word: its value at t = 0 (None is zero), heads and splits."""

    value: Matrix | None
    heads: tuple[Head, ...] = ()
    splits: tuple[Split, ...] = ()

    @property
    def is_constant(self) -> bool:
        return not self.splits


def value_of(word: Word) -> Matrix | None:
    """The value at t = 0 of a word that is not empty; None is zero."""
    result = word[0].value
    for factor in word[1:]:
        if result is None or factor.value is None:
            return None
        result = result * factor.value
    return result


def heads_of(word: Word) -> tuple[Head, ...]:
    """The ways in which a random letter comes first, everything before it at t = 0."""
    result: list[Head] = []
    for k, factor in enumerate(word):
        prefix = value_of(word[:k]) if k else None
        if k and prefix is None:
            break
        for head in factor.heads:
            matrix = head.matrix if prefix is None else prefix * head.matrix
            result.append(Head(matrix, head.letter, head.rest + word[k + 1 :]))
    return tuple(result)


def splits_of(word: Word) -> tuple[Split, ...]:
    """The places of random letters."""
    return tuple(
        Split(s.sign, word[:k] + s.before, s.letter, s.after + word[k + 1 :])
        for k, factor in enumerate(word)
        for s in factor.splits
    )


def compile_word(expr: Expr, model: PrimeModel) -> Word:
    """The word of an expression in ``model``; equal subexpressions become one factor.

    Raises `UnluckyModelError` where an inverse is singular at t = 0.
    """
    made: dict[Expr, Word] = {}

    def combine(node: Expr, parts: tuple[Word, ...]) -> Word:
        if node not in made:
            made[node] = _combine(node, parts, model)
        return made[node]

    return fold(push_operations(expr), combine)


def _combine(node: Expr, parts: tuple[Word, ...], model: PrimeModel) -> Word:
    leaf = as_letter(node)
    if leaf is not None and leaf.is_random:
        unit = model.identity(model.size(leaf.rows))
        return (Factor(None, (Head(unit, leaf, ()),), (Split(1, (), leaf, ()),)),)
    if all(factor.is_constant for part in parts for factor in part):
        return (Factor(evaluate(node, model).value),)
    match node:
        case Sum():
            return (_sum(parts),)
        case Product():
            return tuple(factor for part in parts for factor in part)
        case Scaled(coefficient=c):
            return (Factor(model.multiple_of_identity(c, node.rows).value), *parts[0])
        case Power(exponent=k):
            return parts[0] * k or (Factor(model.identity(model.size(node.rows))),)
        case Inverse():
            return (_inverse(parts[0], model),)
    raise TypeError(f"cannot expand {type(node).__name__}")


def _sum(words: tuple[Word, ...]) -> Factor:
    values = [value for value in map(value_of, words) if value is not None]
    return Factor(
        sum(values[1:], values[0]) if values else None,
        tuple(head for word in words for head in heads_of(word)),
        tuple(split for word in words for split in splits_of(word)),
    )


def _inverse(word: Word, model: PrimeModel) -> Factor:
    start = value_of(word)
    if start is None:
        raise UnluckyModelError("an inverse of a matrix that is zero without its random letters")
    value = model.inverse(ModularMatrix(start, start)).value
    result = Factor(value)
    result.heads = tuple(Head(-value * h.matrix, h.letter, (*h.rest, result)) for h in heads_of(word))
    result.splits = tuple(Split(-s.sign, (result, *s.before), s.letter, (*s.after, result)) for s in splits_of(word))
    return result
