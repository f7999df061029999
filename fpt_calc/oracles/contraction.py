"""E[A W B] for two letters A, B of one random atom, by index manipulation from the entrywise moments.

With indices A_ab W_bc B_cd, each term of an entrywise moment is a product of two matrix entries that uses each of
a, b, c, d once.  If one of them joins the inner indices b and c, the sum over them is a trace and the other entry
carries the outer indices: the term is ``Tr(W inner) outer``.  Otherwise W comes out transposed and without a trace,
which is smaller by a dimension and vanishes in the limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fpt_calc.expr import EntryMoment, Expr, Letter, PrimeModel, evaluate
from fpt_calc.scalars import is_fixed

Matrix = Any  # flint.nmod_mat; None is the identity
Pair = tuple[str, str]


@dataclass(frozen=True, eq=False)
class Contraction:
    """The term ``weight * tau(W inner) * outer`` of E[A W B]; None is the identity."""

    weight: Any
    inner: Matrix
    outer: Matrix


def contractions(first: Letter, second: Letter, model: PrimeModel) -> tuple[Contraction, ...]:
    """The terms of E[first W second] that survive in the limit, with residues in ``model``.

    A trace over a fixed dimension is of order fixed/growing and dropped.

    >>> from fpt_calc.ensembles import Gaussian
    >>> from fpt_calc.expr import Atom, letter
    >>> from fpt_calc.scalars import ONE, dimension
    >>> n = dimension("n")
    >>> Z = Atom("Z", n, n, law=Gaussian(ONE / n, "complex"))
    >>> model = PrimeModel(0)
    >>> [len(contractions(letter(Z), letter(Z, op), model)) for op in ("", "T", "H", "conj")]
    [0, 0, 1, 0]
    """
    law = first.atom.law
    if law is None or first.atom != second.atom or is_fixed(first.cols):
        return ()
    terms = (_contract(moment, first, second, model) for moment in law.entry_moments())
    return tuple(term for term in terms if term is not None)


def _contract(moment: EntryMoment, first: Letter, second: Letter, model: PrimeModel) -> Contraction | None:
    conjugated = [x.operation in ("H", "conj") for x in (first, second)]
    if moment.conjugated != (conjugated[0] != conjugated[1]):
        return None
    (i, j), (k, m) = _entry("a", "b", first), _entry("c", "d", second)
    if conjugated == [True, False]:  # E[conj(Z_ij) Z_km] is E[Z_km conj(Z_ij)]
        (i, j), (k, m) = (k, m), (i, j)
    left, right = ((i, m), (j, k)) if moment.crossed else ((i, k), (j, m))
    placed = {frozenset(left): (moment.left, left), frozenset(right): (moment.right, right)}
    inner = placed.get(frozenset("bc"))
    if inner is None:
        return None
    whole = all(conjugated)  # E[conj(Z_ij) conj(Z_km)] is the conjugate of E[Z_ij Z_km]
    variance = moment.variance.conjugate() if whole else moment.variance
    return Contraction(
        weight=model.scalar(variance * first.cols),
        inner=_oriented(*inner, ("c", "b"), whole, model),
        outer=_oriented(*placed[frozenset("ad")], ("a", "d"), whole, model),
    )


def _entry(row: str, col: str, value: Letter) -> Pair:
    """The indices of the entry of the atom that stands at (row, col) of the letter."""
    return (col, row) if value.operation in ("T", "H") else (row, col)


def _oriented(matrix: Expr | None, indices: Pair, wanted: Pair, conjugated: bool, model: PrimeModel) -> Matrix:
    if matrix is None:
        return None
    value = evaluate(matrix, model)
    residues = value.conjugate if conjugated else value.value
    return residues if indices == wanted else residues.transpose()
