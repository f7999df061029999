"""Exact power series in the variance, by sums over noncrossing pairings.

Every random letter Z is replaced by sqrt(t) Z and the expression is expanded in t; in the limit of large dimensions
the expectation of a word is the sum over the noncrossing pairings of its letters.  The sum is organized by the first
letter.  An expression is its value at t = 0 plus a sum of terms ``head Z rest``, where only ``rest`` is random before
and after expansion of the inverses; Z pairs with some letter Z' of ``rest = before Z' after``; the pairings are
noncrossing exactly if none joins ``before`` and ``after``, so

    E[expr] = value + t * sum of head * E[Z E[before] Z'] * E[after] .

Inverses are expanded one letter at a time, on demand: ``inv(x) = v - v (x - x0) inv(x)`` with ``v = inv(x0)`` gives the
heads, and the letters of inv(x) are those of x with ``before`` and ``after`` completed by inv(x).  Both are finite lists
of words, so the coefficient of t^k needs coefficients of lower order of finitely many words, however many words of
letters it stands for.  No linear pencil and no fixed-point equation occurs, and of a law only the entrywise moments.

Arithmetic is exact in one `PrimeModel`.  There the residue of a dimension is not the size of the model's matrices: a
closed contraction over a dimension contributes ``dimension * tau``, tau being the normalized trace of the matrices
present.  (So ``d*tau(A @ B) == n*tau(B @ A)`` does not hold in the model for deterministic rectangular A, B.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fpt_calc.errors import InputError
from fpt_calc.expr import Expr, Letter, PrimeModel, Trace, is_deterministic, traces_of
from fpt_calc.oracles.contraction import Contraction, contractions
from fpt_calc.oracles.series import Series
from fpt_calc.oracles.words import Word, compile_word
from fpt_calc.scalars import Generator, Root, Scalar, evaluate_scalar

Matrix = Any  # flint.nmod_mat
Residue = Any  # flint.nmod


def moment_series(expr: Expr, order: int, model: PrimeModel) -> list[Residue]:
    """The coefficients of t^0, ..., t^order of the limit of ``tau(expr)``, as residues in ``model``.

    Raises `InputError` for a rectangular expression, a negative order, or a random trace among the coefficients, and
    `UnluckyModelError` where an inverse is singular at t = 0 (`fpt_calc.expr.try_models` draws another model).

    >>> from fpt_calc.ensembles import Wigner
    >>> from fpt_calc.expr import Atom, Inverse
    >>> from fpt_calc.scalars import ONE, dimension
    >>> d = dimension("d")
    >>> W = Atom("W", d, d, law=Wigner(ONE / d))
    >>> [int(c) for c in moment_series(Inverse(1 - W), 5, PrimeModel(0))]
    [1, 1, 2, 5, 14, 42]
    """
    return list(target_series(Trace(expr), order, model))
