"""Exact means at finite size: the sum over all pairings of random letters, with their powers of the dimensions.

The entries of random matrices are jointly Gaussian and centred, so the mean of a product of traces of words is the
sum over the pairings of its random letters of the products of second moments (Isserlis, Wick).  It is organized by the
first letter: every partner and every term of their second moment leaves a product of traces with two letters less
(`fpt_calc.oracles.gluing`), and equal products, up to rotation and transposition of each trace, are taken together
and computed once.  Nothing is dropped: transposed terms, diagonals of Wigner matrices and fixed dimensions included.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache

from fpt_calc.errors import InputError
from fpt_calc.expr import Letter
from fpt_calc.oracles.alphabet import Alphabet, Word
from fpt_calc.oracles.exact_point import ExactPoint
from fpt_calc.oracles.gluing import PairTerm, Segment, close, pair_terms
from fpt_calc.oracles.trace_sums import Traces, assemble, trace_sum
from fpt_calc.scalars import ONE, ZERO, Scalar

MAX_PRODUCTS = 50_000  # different products of traces on the way: a minute or two

Numbers = Callable[[Scalar], Scalar]
Mean = dict[Traces, Scalar]  # coefficients of the products of traces of deterministic words
Partner = tuple[int, Segment, Segment, Traces]  # its number, what is left of its trace, the other traces


def wick_moment(target: Scalar) -> Scalar:
    """The exact mean of a scalar at finite size, as a rational function of the dimensions.

    Parameters
    ----------
    target : a polynomial in traces ``tau(...)`` of polynomials in random and deterministic matrices; products of
        traces give covariances.  Deterministic inverses and random scalars inside matrices may occur.

    Returns
    -------
    The mean in the dimensions, the parameters and traces of deterministic matrices, exact for all sizes.

    Raises
    ------
    InputError
        for an inverse of a random matrix, a random denominator, more than `MAX_PRODUCTS` different products of
        traces on the way (twelve GOE letters with different matrices between all of them), or a formula that is
        too long to hold (ten of them; `wick_value` has no formula).

    The cost is at most the number of pairings, (2k-1)!! 2^k for 2k letters of a GOE matrix with different
    deterministic matrices in between, and far less where products of traces repeat (docs/oracles.md has figures).

    >>> from fpt_calc.ensembles import Wigner
    >>> from fpt_calc.expr import Atom, tau
    >>> from fpt_calc.scalars import dimension
    >>> d = dimension("d")
    >>> W, U = (Atom(name, d, d, law=Wigner(ONE / d, field)) for name, field in (("W", "real"), ("U", "complex")))
    >>> for matrix in (W, U):
    ...     print(wick_moment(tau(matrix**4)), wick_moment(tau(matrix) ** 2))
    (2*d**2 + 5*d + 5)/(d**2) 2/(d**2)
    (2*d**2 + 1)/(d**2) 1/(d**2)
    """
    return _moment(target, lambda value: value, concrete=False)


def wick_value(target: Scalar, point: ExactPoint) -> Scalar:
    """The exact mean at concrete sizes and deterministic matrices: `wick_moment` there, without its long formulas.

    Raises what `wick_moment` and `ExactPoint` raise.

    >>> from fpt_calc.ensembles import Gaussian
    >>> from fpt_calc.expr import Atom, tau
    >>> from fpt_calc.scalars import dimension
    >>> n, d = dimension("n"), dimension("d")
    >>> S = Atom("S", d, d, facts=frozenset({"psd"}))
    >>> X = Atom("X", n, d, law=Gaussian(ONE / n, covariance=S))
    >>> wick_value(tau(X.T @ X @ X.T @ X), ExactPoint({"n": 3, "d": 2}, {"S": [[2, 1], [1, 1]]}))
    37/6
    """
    return _moment(target, point.scalar, concrete=True)


def _moment(target: Scalar, numbers: Numbers, concrete: bool) -> Scalar:
    alphabet = Alphabet()
    pairings = _Pairings(alphabet, numbers, concrete)
    total = trace_sum(target, alphabet)
    means = [(numbers(c), pairings.mean(traces)) for traces, c in total.terms.items()]
    return assemble([(words, b * c) for b, mean in means for words, c in mean.items()], alphabet)


class _Pairings:
    """Means of products of traces, each computed once; with ``concrete`` every deterministic trace is a number."""

    def __init__(self, alphabet: Alphabet, numbers: Numbers, concrete: bool) -> None:
        self._alphabet = alphabet
        self._concrete = concrete
        self._products = 0
        self._numbers = cache(numbers)
        self._glued = cache(self._find_glued)
        self._terms = cache(self._find_terms)

    def mean(self, traces: Traces) -> Mean:
        """The mean of a product of unnormalized traces."""
        letters = [x for word in traces for k in word if (x := self._alphabet.letter(k)) is not None]
        odd = any(k % 2 for k in Counter(x.atom for x in letters).values())
        return {} if odd else self._glued(traces)

    def _find_glued(self, traces: Traces) -> Mean:
        if not traces:
            return {(): ONE}
        self._products += 1
        if self._products > MAX_PRODUCTS:
            raise InputError(
                f"the pairings leave more than {MAX_PRODUCTS} different products of traces",
                where="target",
                remedy="take fewer random letters or matrices between them, or the limit only (noncrossing_moment)",
            )
        word, others = traces[0], traces[1:]
        place = self._alphabet.random_places(word)[0]
        first, path = word[place], word[place + 1 :] + word[:place]
        weights: dict[tuple[Traces, Traces], Scalar] = {}
        for second, *paths, rest in self._partners(path, others):
            for term in self._terms(first, second):
                weight, known, random = self._apply(term, [*paths, term.left, term.right], first, second)
                key = known, tuple(sorted(rest + random))
                weights[key] = weights.get(key, ZERO) + weight
        total: Mean = {}
        for (known, left), weight in weights.items():
            for words, c in self._glued(left).items():
                both = tuple(sorted(known + words))
                total[both] = total.get(both, ZERO) + weight * c
        return total

    def _partners(self, path: Word, others: Traces) -> Iterator[Partner]:
        """The letters that the first one can be paired with: of its own trace, and of the other ones."""
        for k in self._alphabet.random_places(path):
            yield path[k], ("b", "c", path[:k]), ("d", "a", path[k + 1 :]), others
        for j, word in enumerate(others):
            rest = others[:j] + others[j + 1 :]
            for k in self._alphabet.random_places(word):
                yield word[k], ("b", "a", path), ("d", "c", word[k + 1 :] + word[:k]), rest

    def _find_terms(self, first: int, second: int) -> tuple[PairTerm, ...]:
        return pair_terms(self._letter(first), self._letter(second), self._alphabet)

    def _letter(self, number: int) -> Letter:
        found = self._alphabet.letter(number)
        assert found is not None
        return found

    def _apply(self, term: PairTerm, segments: list[Segment], first: int, second: int) -> tuple[Scalar, Traces, Traces]:
        """The coefficient, the deterministic and the random traces of one gluing."""
        x, y = self._letter(first), self._letter(second)
        dims = dict(zip("abcd", (x.rows, x.cols, y.rows, y.cols), strict=True))
        weight, known, random = self._numbers(term.coefficient), list[Word](), list[Word]()
        for start, word in close(segments, self._alphabet):
            if self._alphabet.random_places(word):
                random.append(self._alphabet.canonical(word))
            elif not word or self._concrete:
                weight = weight * self._numbers(self._alphabet.trace(word, dims[start]))
            else:
                known.append(self._alphabet.canonical(word))
        return weight, tuple(sorted(known)), tuple(random)
