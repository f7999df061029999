"""Expressions as words of factors, from which random letters can be taken out one at a time.

A factor is a deterministic matrix, a random letter, a sum of words, or the inverse of a word.  Of each it is known
what it is at t = 0, its *heads* (how a random letter can come first) and its *splits* (where a random letter can
stand, and what stands before and after it).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
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
    evaluate,
    fold,
    identity,
)
from fpt_calc.oracles.leaves import as_letter, push_operations

Matrix = Any  # flint.nmod_mat
Factors = tuple["Factor", ...]


@dataclass(frozen=True)
class Head:
    """One way to begin with a random letter: ``matrix @ letter @ rest``, the matrix deterministic."""

    matrix: Matrix
    letter: Letter
    rest: Factors


@dataclass(frozen=True)
class Split:
    """One place of a random letter: ``sign * before @ letter @ after``."""

    sign: int
    before: Factors
    letter: Letter
    after: Factors


class Factor:
    """A part of a word.  Factors are compared by identity, so that words are cheap keys."""

    @cached_property
    def value(self) -> Matrix | None:
        """The factor at t = 0; None is zero."""
        return None

    @cached_property
    def heads(self) -> tuple[Head, ...]:
        return ()

    @cached_property
    def splits(self) -> tuple[Split, ...]:
        return ()


class Constant(Factor):
    """A deterministic matrix."""

    def __init__(self, value: Matrix) -> None:
        self.value = value


class Random(Factor):
    """A random letter; ``unit`` is the identity on its rows."""

    def __init__(self, letter: Letter, unit: Matrix) -> None:
        self.heads = (Head(unit, letter, ()),)
        self.splits = (Split(1, (), letter, ()),)


class Total(Factor):
    """A sum of words."""

    def __init__(self, words: tuple[Factors, ...]) -> None:
        self.words = words

    @cached_property
    def value(self) -> Matrix | None:
        present = [value for value in map(value_of, self.words) if value is not None]
        return sum(present[1:], present[0]) if present else None

    @cached_property
    def heads(self) -> tuple[Head, ...]:
        return tuple(head for word in self.words for head in heads_of(word))

    @cached_property
    def splits(self) -> tuple[Split, ...]:
        return tuple(split for word in self.words for split in splits_of(word))
