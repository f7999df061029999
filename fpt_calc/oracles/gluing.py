"""The pairing of two random letters as a gluing of traces, from the entrywise second moments alone.

Name the indices of the letters ``x_ab`` and ``y_cd``.  A term of their second moment is a product of two deterministic
entries that uses each of a, b, c, d once.  So the letters are replaced by two deterministic segments, and these and
what is left of the traces are four segments with two ends at every index: they close up to one, two or more traces,
where a segment that is passed backwards is transposed.  Every term counts, whatever its order in the dimensions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fpt_calc.expr import EntryMoment, EntrywiseConjugate, Expr, Letter
from fpt_calc.oracles.alphabet import Alphabet, Word
from fpt_calc.scalars import ONE, Scalar

Segment = tuple[str, str, Word]  # from index, to index


@dataclass(frozen=True)
class PairTerm:
    """One term of E[x_ab y_cd]: a coefficient and two segments between the indices a, b, c, d."""

    coefficient: Scalar
    left: Segment
    right: Segment


def pair_terms(x: Letter, y: Letter, alphabet: Alphabet) -> tuple[PairTerm, ...]:
    """The terms of the second moment of two letters; none if they are letters of different atoms.

    >>> from fpt_calc.ensembles import Wigner
    >>> from fpt_calc.expr import Atom, letter
    >>> from fpt_calc.scalars import ONE, dimension
    >>> d = dimension("d")
    >>> W = letter(Atom("W", d, d, law=Wigner(ONE / d)))
    >>> for term in pair_terms(W, W, Alphabet()):
    ...     print(term.coefficient, term.left[:2], term.right[:2])
    1/d ('a', 'c') ('b', 'd')
    1/d ('a', 'd') ('b', 'c')
    """
    law = x.atom.law
    if law is None or x.atom != y.atom:
        return ()
    return tuple(term for moment in law.entry_moments() for term in _terms(moment, x, y, alphabet))


def _terms(moment: EntryMoment, x: Letter, y: Letter, alphabet: Alphabet) -> Iterator[PairTerm]:
    x_bar, y_bar = (z.operation in ("H", "conj") for z in (x, y))
    if moment.conjugated != (x_bar != y_bar):
        return
    (i, j), (k, m) = (_entry(z, *ends) for z, ends in ((x, "ab"), (y, "cd")))
    if x_bar and not y_bar:  # the moment is stated with the conjugated entry second
        (i, j), (k, m) = (k, m), (i, j)
    ends = ((i, m), (j, k)) if moment.crossed else ((i, k), (j, m))
    variance = moment.variance.conjugate() if x_bar and y_bar else moment.variance
    lefts, rights = (_words(matrix, x_bar and y_bar, alphabet) for matrix in (moment.left, moment.right))
    for left, b in lefts:
        for right, c in rights:
            yield PairTerm(variance * b * c, (*ends[0], left), (*ends[1], right))


def _entry(x: Letter, row: str, col: str) -> tuple[str, str]:
    """The indices of the entry of the atom that the entry (row, col) of the letter is."""
    return (col, row) if x.operation in ("T", "H") else (row, col)


def _words(matrix: Expr | None, conjugated: bool, alphabet: Alphabet) -> list[tuple[Word, Scalar]]:
    if matrix is None:
        return [((), ONE)]
    return list(alphabet.multiply_out(EntrywiseConjugate(matrix) if conjugated else matrix).items())


def close(segments: list[Segment], alphabet: Alphabet) -> list[tuple[str, Word]]:
    """The cyclic words into which segments close, each with an index that it starts from."""
    rest, cycles = list(segments), []
    while rest:
        start, end, word = rest.pop()
        while end != start:
            k = next(k for k, segment in enumerate(rest) if end in segment[:2])
            first, last, further = rest.pop(k)
            backwards = first != end
            end, word = (first, word + alphabet.transposed(further)) if backwards else (last, word + further)
        cycles.append((start, word))
    return cycles
