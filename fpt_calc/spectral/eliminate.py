"""Words in the inverse of a sum of several matrices, one of which can be eliminated beside it.

With ``K = lam + c1 S1 + c2 S2``, ``S2 K^-m = (K^(1-m) - lam K^-m - c1 S1 K^-m)/c2``: without S2 next to K, words that
are equal by this relation become equal data.
"""

from __future__ import annotations

from fpt_calc.expr import Sum, Trace, tau
from fpt_calc.scalars import (
    ZERO,
    Scalar,
    accumulate,
    substitute,
)
from fpt_calc.spectral.factors import Combination, Factor, Word, word_expression
from fpt_calc.spectral.normal import combination, normal_trace


def without_last_letters(value: Scalar) -> Scalar:
    """A scalar in which the last matrix of a sum K never stands beside an inverse of K."""
    while True:
        images = {g: image for g in value.gens if isinstance(g, Trace) and (image := _eliminated(g)) is not None}
        if not images:
            return value
        value = substitute(value, images)


def _eliminated(trace: Trace) -> Scalar | None:
    """The trace with one occurrence eliminated, or None where there is none."""
    ((word, _),) = combination(trace.argument).items()
    for k, factor in enumerate(word):
        if not isinstance(factor.base, Sum) or factor.pole is None or not factor.pole.is_zero:
            continue
        terms = combination(factor.base)
        last = max((w for w in terms if w), key=lambda w: [f.key for f in w])
        for step in (1, -1):
            j = (k + step) % len(word)
            if j != k and (word[j],) == last:
                return _trace_of(_without(word, k, j, terms, last), trace.argument.rows)
    return None


def _without(word: Word, k: int, j: int, terms: Combination, last: Word) -> Combination:
    """The word with factor j, the last letter, beside factor k, an inverse power of K, replaced by the relation."""
    inverse = word[k]
    lower = (Factor(inverse.base, inverse.pole, inverse.exponent - 1),) if inverse.exponent > 1 else ()
    result: Combination = {}
    _replace(result, word, k, j, lower, (), 1 / terms[last])
    for letters, c in terms.items():
        if letters != last:
            _replace(result, word, k, j, (inverse,), letters, -c / terms[last])
    return result


def _replace(result: Combination, word: Word, k: int, j: int, inverse: Word, letters: Word, value: Scalar) -> None:
    new = tuple(f for i, old in enumerate(word) for f in (inverse if i == k else letters if i == j else (old,)))
    accumulate(result, new, value)


def _trace_of(words: Combination, dim: Scalar) -> Scalar:
    total = ZERO
    for word, c in words.items():
        argument = word_expression(word, dim)
        for trace, e in normal_trace(Trace(argument)).items():
            total = total + c * e * (1 if trace is None else tau(trace.argument))
    return total
