"""Exact power series in the variance, by sums over noncrossing pairings.

Every random letter Z is replaced by sqrt(t) Z and the expression is expanded in t; in the limit of large dimensions
the expectation of a word is the sum over the noncrossing pairings of its letters.  It is organized by the first
letter.  An expression is its value at t = 0 plus a sum of terms ``matrix Z rest`` with a deterministic matrix; then Z
pairs with some Z' of ``rest = before Z' after``.  No pair of a noncrossing pairing joins ``before`` to ``after``, so

    E[expr] = value + t * sum of  matrix @ E[Z E[before] Z'] @ E[after] .

There are finitely many ways to take out Z and Z' (`fpt_calc.oracles.words`), inverses included, and the coefficient of
t^k needs coefficients below k only: so all pairings are summed without listing words of letters, let alone pairings.
No linear pencil and no fixed-point equation occurs, and of a law only its entrywise moments.

Arithmetic is exact in one `PrimeModel`.  There the residue of a dimension is not the size of the model's matrices: a
contraction closed over a dimension contributes ``dimension * tau``, tau being the normalized trace of the matrices
present.  (So ``d*tau(A @ B) == n*tau(B @ A)`` does not hold in the model for deterministic rectangular A, B.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from fpt_calc.errors import InputError
from fpt_calc.expr import Expr, Letter, PrimeModel, Trace, tau
from fpt_calc.oracles.contraction import Contraction, contractions
from fpt_calc.oracles.leaves import atoms_behind, coefficients_in
from fpt_calc.oracles.series import Series
from fpt_calc.oracles.words import Split, Word, compile_word, heads_of, splits_of, value_of
from fpt_calc.scalars import ZERO, Generator, Scalar, evaluate_scalar, generator_scalar, scalar

Matrix = Any  # flint.nmod_mat
Residue = Any  # flint.nmod


def moment_series(expr: Expr, order: int, model: PrimeModel) -> list[Residue]:
    """The coefficients of t^0, ..., t^order of the limit of ``tau(expr)``, as residues in ``model``.

    Raises `InputError` for a rectangular expression, a negative order, or a random trace among the coefficients of
    ``expr``; `UnluckyModelError` where an inverse is singular at t = 0 (`fpt_calc.expr.try_models` draws again).

    >>> from fpt_calc.ensembles import Wigner
    >>> from fpt_calc.expr import Atom, Inverse
    >>> from fpt_calc.scalars import ONE, dimension
    >>> d = dimension("d")
    >>> W = Atom("W", d, d, law=Wigner(ONE / d))
    >>> [int(c) for c in moment_series(Inverse(1 - W), 5, PrimeModel(0))]
    [1, 1, 2, 5, 14, 42]
    """
    return target_series(tau(expr), order, model)


def target_series(target: Scalar, order: int, model: PrimeModel) -> list[Residue]:
    """The coefficients of t^0, ..., t^order of the limit of a scalar: its traces are replaced by their limits.

    Raises what `moment_series` raises, and `InputError` for a square root of a random trace.
    """
    if order < 0:
        raise InputError(f"the order {order} of a series is negative", where="order", remedy="use 0 or more")
    expansion = _Expansion(model)

    def constant(value: Residue) -> Series:
        return Series((value, *[model.scalar(ZERO)] * order))

    def generator(g: Generator) -> Series:
        if isinstance(g, Trace):
            return expansion.tau(g.argument, order)
        if _is_random(generator_scalar(g)):
            raise InputError(f"{g.name} has no expansion here", where="target", remedy="expand its radicand instead")
        return constant(model.generator(g))

    total = evaluate_scalar(target, generator, lambda k: constant(model.scalar(scalar(k))))
    return list(total.coefficients)


class _Expansion:
    """Coefficients in one model, each computed once.  Where a matrix is expected, None is zero."""

    def __init__(self, model: PrimeModel) -> None:
        self._model = model
        self._zero = model.scalar(ZERO)
        self._heads = cache(heads_of)
        self._splits = cache(splits_of)
        self._contractions = cache(lambda first, second: contractions(first, second, model))
        self._mean = cache(self._find_mean)
        self._average = cache(self._find_average)
        self._bridge = cache(self._find_bridge)

    def tau(self, expr: Expr, order: int) -> Series:
        """The series of the limit of tau(expr)."""
        for coefficient in coefficients_in(expr):
            if _is_random(coefficient):
                raise InputError(
                    f"the random scalar {coefficient} inside a matrix expression",
                    where=f"tau({expr})",
                    remedy="take it out of the trace",
                )
        word, size = compile_word(expr, self._model), self._model.size(expr.rows)
        means = [self._mean(word, size, k) for k in range(order + 1)]
        return Series(tuple(self._zero if mean is None else self._model.tau(mean) for mean in means))

    def _find_mean(self, word: Word, size: int, k: int) -> Matrix | None:
        """The coefficient of t^k in E[word]; ``size`` is the number of rows."""
        if k == 0:
            return value_of(word) if word else self._model.identity(size)
        bridges = ((head.matrix, self._bridge(head.letter, head.rest, k - 1)) for head in self._heads(word))
        return _sum(matrix * bridge for matrix, bridge in bridges if bridge is not None)

    def _find_bridge(self, letter: Letter, rest: Word, k: int) -> Matrix | None:
        """The coefficient of t^k in the sum of E[letter E[before] partner] E[after] over the splits of ``rest``."""
        return _sum(
            term
            for split in self._splits(rest)
            for contraction in self._contractions(letter, split.letter)
            for term in self._terms(contraction, letter, split, k)
        )

    def _terms(self, contraction: Contraction, letter: Letter, split: Split, k: int) -> Iterator[Matrix]:
        before, after = self._model.size(letter.cols), self._model.size(split.letter.cols)
        for j in range(k + 1):
            average = self._average(contraction, split.before, before, j)
            if int(average) == 0:
                continue
            mean = self._mean(split.after, after, k - j)
            if mean is not None:
                yield _times(contraction.outer, mean) * (average * split.sign)

    def _find_average(self, contraction: Contraction, word: Word, size: int, k: int) -> Residue:
        """The coefficient of t^k in ``weight * tau(inner E[word])``."""
        mean = self._mean(word, size, k)
        return self._zero if mean is None else contraction.weight * self._model.tau(_times(contraction.inner, mean))


def _times(matrix: Matrix, mean: Matrix) -> Matrix:
    """The product, where None as ``matrix`` is the identity."""
    return mean if matrix is None else matrix * mean


def _sum(matrices: Iterable[Matrix]) -> Matrix | None:
    total = None
    for matrix in matrices:
        total = matrix if total is None else total + matrix
    return total


def _is_random(value: Scalar) -> bool:
    return any(atom.is_random for atom in atoms_behind([value]))
