"""Exact limits of polynomial targets, by noncrossing pairings of the letters of each word.

The first letter of a word pairs with a later one; of their second moment the terms that close a trace survive in the
limit (`fpt_calc.oracles.gluing`), and no pair joins what stands between them to what stands after:

    E[x before y after] = sum over y of  coefficient * Tr(inner E[before]) * outer E[after] .

So the mean of a word is a sum of deterministic words, and the limit of a product of traces the product of the limits.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from fpt_calc.oracles.alphabet import Alphabet, Word
from fpt_calc.oracles.gluing import Segment, pair_terms
from fpt_calc.oracles.trace_sums import Traces, assemble, trace_sum
from fpt_calc.scalars import ONE, ZERO, Scalar, is_fixed

Mean = dict[tuple[Word, Traces], Scalar]  # coefficients of a deterministic word times traces of deterministic words


def noncrossing_moment(target: Scalar) -> Scalar:
    """The exact limit of a scalar as its dimensions grow, written with the dimensions.

    Parameters
    ----------
    target : as for `fpt_calc.oracles.wick_moment`, of any number of letters.

    Every trace is taken to its leading order, that of its smallest fixed dimension if it passes one; as always, inner
    traces over a fixed dimension are dropped.  So ``w.T @ X @ w`` with a vector w is of order one, and the normalized
    trace of ``X @ w @ w.T`` that number divided by the dimension, not zero; `expansion` takes it to the limit.

    Raises `InputError` for an inverse of a random matrix or a random denominator.

    >>> from fpt_calc.ensembles import Gaussian
    >>> from fpt_calc.expr import Atom, tau
    >>> from fpt_calc.scalars import dimension
    >>> n, d = dimension("n"), dimension("d")
    >>> S = Atom("S", d, d, facts=frozenset({"psd"}))
    >>> X = Atom("X", n, d, law=Gaussian(ONE / n, covariance=S))
    >>> print(noncrossing_moment(tau(X.T @ X @ X.T @ X)))
    (d*tau(S)**2 + n*tau(S@S))/n
    """
    alphabet = Alphabet()
    words = _Words(alphabet)
    total = trace_sum(target, alphabet)
    terms: list[tuple[Traces, Scalar]] = []
    for traces, c in total.terms.items():
        terms += [(known, c * b) for known, b in words.limit(traces).items()]
    return assemble(terms, alphabet)


class _Words:
    """Limits of words, each computed once."""

    def __init__(self, alphabet: Alphabet) -> None:
        self._alphabet = alphabet
        self._mean = cache(self._find_mean)

    def limit(self, traces: Traces) -> dict[Traces, Scalar]:
        """The product of the limits of unnormalized traces, in traces of deterministic words."""
        result: dict[Traces, Scalar] = {(): ONE}
        for word in traces:
            opened = self._alphabet.opened(word)
            longer: dict[Traces, Scalar] = {}
            for (left, known), c in self._mean(opened).items():
                size, more = self._closed(left, self._alphabet.rows(opened[0]))
                for before, b in result.items():
                    key = tuple(sorted(before + known + more))
                    longer[key] = longer.get(key, ZERO) + b * c * size
            result = longer
        return result

    def _find_mean(self, word: Word) -> Mean:
        places = self._alphabet.random_places(word)
        if not places:
            return {(word, ()): ONE}
        prefix, number, rest = word[: places[0]], word[places[0]], word[places[0] + 1 :]
        total: Mean = {}
        for k in self._alphabet.random_places(rest):
            for inner, outer, weight in self._bridges(number, rest[k]):
                for (u, s), b in self._mean(rest[:k]).items():
                    size, more = self._closed(inner + u, self._alphabet.cols(number))
                    for (v, t), c in self._mean(rest[k + 1 :]).items():
                        key = prefix + outer + v, tuple(sorted(s + t + more))
                        total[key] = total.get(key, ZERO) + weight * size * b * c
        return total

    def _bridges(self, first: int, second: int) -> Iterator[tuple[Word, Word, Scalar]]:
        """What E[x W y] is in the limit: the inner word that closes W to a trace, the outer word, the weight."""
        x, y = self._alphabet.letter(first), self._alphabet.letter(second)
        if x is None or y is None or is_fixed(x.cols):
            return
        for term in pair_terms(x, y, self._alphabet):
            for inner, outer in ((term.left, term.right), (term.right, term.left)):
                if {*inner[:2]} == {"b", "c"}:
                    yield self._oriented(inner, "c"), self._oriented(outer, "a"), term.coefficient

    def _oriented(self, segment: Segment, start: str) -> Word:
        return segment[2] if segment[0] == start else self._alphabet.transposed(segment[2])

    def _closed(self, word: Word, dim: Scalar) -> tuple[Scalar, Traces]:
        """The unnormalized trace of a deterministic word: a dimension, or the word."""
        return (ONE, (self._alphabet.canonical(word),)) if word else (dim, ())
