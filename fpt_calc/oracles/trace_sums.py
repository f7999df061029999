"""Scalars of traces as sums of products of traces of words: what means of polynomials are taken of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from fpt_calc.errors import InputError
from fpt_calc.expr import Expr, Trace, is_deterministic
from fpt_calc.oracles.alphabet import Alphabet, Word
from fpt_calc.oracles.leaves import atoms_behind
from fpt_calc.scalars import (
    ONE,
    ZERO,
    Generator,
    Scalar,
    denominator,
    evaluate_scalar,
    from_polynomial,
    generator_scalar,
    ring,
    scalar,
)

Traces = tuple[Word, ...]  # the product of unnormalized traces of random words, each canonical, sorted

MAX_PRODUCTS = 20_000
MAX_EXPONENTS = 50_000_000  # of a result: half a gigabyte


@dataclass(frozen=True)
class TraceSum:
    """A sum of products of traces with deterministic coefficients: a ring in which targets are evaluated."""

    terms: Mapping[Traces, Scalar]

    def __add__(self, other: TraceSum) -> TraceSum:
        return collect((*self.terms.items(), *other.terms.items()))

    def __mul__(self, other: TraceSum) -> TraceSum:
        if len(self.terms) * len(other.terms) > MAX_PRODUCTS:
            raise InputError(
                f"more than {MAX_PRODUCTS} products of traces", where="target", remedy="take fewer factors or terms"
            )
        pairs = ((x, y) for x in self.terms.items() for y in other.terms.items())
        return collect((tuple(sorted(v + w)), b * c) for (v, b), (w, c) in pairs)

    def __pow__(self, exponent: int) -> TraceSum:
        """A positive power."""
        result = self
        for _ in range(exponent - 1):
            result = result * self
        return result

    def __truediv__(self, other: TraceSum) -> TraceSum:
        """The quotient; raises `InputError` for a random divisor."""
        if set(other.terms) - {()}:
            raise InputError(
                "division by a random trace", where="target", remedy="take numerator and denominator as two targets"
            )
        divisor = other.terms.get((), ZERO)
        return TraceSum({traces: c / divisor for traces, c in self.terms.items()})


def collect(terms: Iterable[tuple[Traces, Scalar]]) -> TraceSum:
    """The sum of terms, equal products taken together."""
    total: dict[Traces, Scalar] = {}
    for traces, c in terms:
        total[traces] = total.get(traces, ZERO) + c
    return TraceSum({traces: c for traces, c in total.items() if not c.is_zero})


def trace_sum(target: Scalar, alphabet: Alphabet) -> TraceSum:
    """A scalar that is a polynomial in random traces of polynomials; random scalars inside matrices may occur too.

    Raises `InputError` for inverses of random matrices, random denominators, and roots of random traces.
    """

    def generator(g: Generator) -> TraceSum:
        value = generator_scalar(g)
        if isinstance(g, Trace):
            return _trace(g.argument, alphabet)
        if any(atom.is_random for atom in atoms_behind([value])):
            raise InputError(f"{g.name} is no polynomial in traces", where="target", remedy="take its radicand")
        return TraceSum({(): value})

    return evaluate_scalar(target, generator, lambda k: collect([((), scalar(k))]))


def _trace(argument: Expr, alphabet: Alphabet) -> TraceSum:
    total = TraceSum({})
    for word, c in alphabet.multiply_out(argument).items():
        if alphabet.random_places(word):
            term = TraceSum({(alphabet.canonical(word),): ONE / argument.rows})
        else:
            term = collect([((), alphabet.trace(word, argument.rows) / argument.rows)])
        total = total + _coefficient(c, alphabet) * term
    return total


def _coefficient(c: Scalar, alphabet: Alphabet) -> TraceSum:
    random = any(isinstance(g, Trace) and not is_deterministic(g.argument) for g in c.gens)
    return trace_sum(c, alphabet) if random else TraceSum({(): c})


def assemble(terms: Sequence[tuple[Traces, Scalar]], alphabet: Alphabet) -> Scalar:
    """The sum of coefficients times unnormalized traces of deterministic words.

    Means have as many generators as there are words, so their numerator is put together as one polynomial.
    Raises `InputError` for more than `MAX_EXPONENTS` terms times generators.
    """
    split = [_split(words, c, alphabet) for words, c in terms]
    common = ONE
    for c, _ in split:
        common = common * denominator(common / denominator(c))
    whole = [(c * common, powers) for c, powers in split]
    named = {g.name: g for c, powers in whole for g in (*c.gens, *powers)}
    gens = tuple(named[name] for name in sorted(named))
    if len(whole) * len(gens) > MAX_EXPONENTS:
        raise InputError(
            f"a formula of {len(whole)} terms in {len(gens)} traces",
            where="target",
            remedy="take its value for given matrices (wick_value), or a shorter word",
        )
    total: Counter[tuple[int, ...]] = Counter()
    for c, powers in whole:
        for exponents, integer in _monomials(c, powers, gens):
            total[exponents] += integer
    if not gens:
        return scalar(total[()]) / common
    return from_polynomial(gens, ring(gens).from_dict(total)) / common


def _split(words: Traces, coefficient: Scalar, alphabet: Alphabet) -> tuple[Scalar, Counter[Generator]]:
    """The coefficient with the dimensions, and the powers of normalized traces."""
    powers: Counter[Generator] = Counter()
    for word in words:
        size, trace = alphabet.normalized(word)
        coefficient = coefficient * size
        powers[trace] += 1
    return coefficient, powers


def _monomials(
    c: Scalar, powers: Counter[Generator], gens: tuple[Generator, ...]
) -> Iterator[tuple[tuple[int, ...], int]]:
    """The monomials of a polynomial times powers of generators, as exponents of all generators and an integer."""
    own = c.num.to_dict() if c.gens else {(): c.num}
    for exponents, integer in own.items():
        every = Counter(powers)
        every.update({g: int(k) for g, k in zip(c.gens, exponents, strict=True)})
        yield tuple(every[g] for g in gens), int(integer)
