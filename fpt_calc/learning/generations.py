"""A chain of generations: the map of one generation to the power of their number.

Each generation acts on quadratic forms by the same linear map.  Where the map is the identity on forms (least squares)
or acts by numbers (isotropic inputs), its powers are explicit in a symbolic number of generations; otherwise the powers
stay a loop, whose limit is the subject of `fpt_calc.learning.spectrum`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fpt_calc.expr import Atom, Expr, ScalarMatrix, Transpose, identity
from fpt_calc.learning.combination import Combination, nothing, single
from fpt_calc.learning.fit import PREVIOUS_NAME, Fits, Part
from fpt_calc.learning.maps import Pair, StageMap
from fpt_calc.learning.program import Loop, Named, PowerOf, ScalarDefinition, Writer
from fpt_calc.learning.tower import State, eliminated
from fpt_calc.scalars import ONE, ZERO, Scalar, generator_scalar

PREVIOUS = Part(PREVIOUS_NAME)


@dataclass(frozen=True)
class Rates:
    """A generation that acts by numbers: ``B -> carried B + injected Tr(B) 1``, and on the mean by ``mean``."""

    carried: Scalar
    injected: Scalar
    mean: Scalar

    def of_multiples(self, dim: Scalar) -> Scalar:
        """The factor of multiples of the identity."""
        return self.carried + dim * self.injected


def after_generations(
    state: State, chain: Part, count: Scalar, fits: Fits, found: StageMap, starts: Iterable[Part], writer: Writer
) -> State:
    """The state before the first generation: a form on the chain becomes one on the parts of its start."""
    (step,) = fits.weights
    rates = rates_of(fits, found, step)
    if rates is None:
        after, noises, outer = _looped(state, chain, step, count, fits, found, writer)
    else:
        after, noises, outer = _explicit(state, chain, step, count, fits, found, rates)
    return State(_on_starts(after, outer, tuple(starts)), noises)


def _on_starts(
    after: Mapping[Pair, Combination], outer: Mapping[Pair, Combination], starts: tuple[Part, ...]
) -> dict[Pair, Combination]:
    forms: dict[Pair, Combination] = dict(outer)
    for (p, q), B in after.items():
        for a in starts if p == PREVIOUS else (p,):
            for b in starts if q == PREVIOUS else (q,):
                forms[a, b] = forms[a, b] + B if (a, b) in forms else B
    return {k: v for k, v in forms.items() if not v.is_zero}


def rates_of(fits: Fits, found: StageMap, step: Part) -> Rates | None:
    """The numbers by which a generation acts, if it learns from the one before only and acts by numbers."""
    if set(fits.weights[step].signals) != {PREVIOUS}:
        return None
    second, first = found.second[(step, step), (PREVIOUS, PREVIOUS)], found.first[step, PREVIOUS]
    words = [w for c in second.carried for w in (c.left, c.right)]
    words += [w for i in second.injected for w in (i.functional, i.word)]
    words += [w for v in (first, *(found.noise.values())) for w in v.terms]
    carried = sum((c.coefficient for c in second.carried), ZERO)
    if second.injected or carried != ONE:
        if not all(isinstance(w, ScalarMatrix) for w in words):
            return None
    elif not all(isinstance(w, ScalarMatrix) for c in second.carried for w in (c.left, c.right)):
        return None
    injected = sum((i.coefficient * _number(i.functional) * _number(i.word) for i in second.injected), ZERO)
    scale = sum((c.coefficient * _number(c.left) * _number(c.right) for c in second.carried), ZERO)
    mean = sum((c * _number(w) for w, c in first.terms.items()), ZERO)
    return Rates(scale, injected, mean)


def _number(word: Expr) -> Scalar:
    assert isinstance(word, ScalarMatrix), "a multiple of the identity"
    return word.value


def _explicit(
    state: State, chain: Part, step: Part, count: Scalar, fits: Fits, found: StageMap, rates: Rates
) -> tuple[dict[Pair, Combination], dict[str, Scalar], dict[Pair, Combination]]:
    """The power of a map that acts by numbers."""
    forms: dict[Pair, Combination] = {}
    outer: dict[Pair, Combination] = {}
    noises = dict(state.noises)
    for (p, q), B in state.forms.items():
        if chain not in (p, q):
            outer[p, q] = B
        elif p == q == chain:
            dim = B.rows
            of_multiples = rates.of_multiples(dim)
            lift = (power(of_multiples, count) - power(rates.carried, count)) / dim
            forms[PREVIOUS, PREVIOUS] = B * power(rates.carried, count) + single(identity(dim)) * (lift * B.trace())
            for name, data in fits.noises.items():
                V = found.noise.get(((step, step), name))
                if V is None:
                    continue
                total = (B @ V).trace() * geometric_sum(of_multiples, count)
                noises[name] = noises.get(name, ZERO) + data.noise**2 * fits.scales[name] * total
        else:
            pair = (PREVIOUS if p == chain else p, PREVIOUS if q == chain else q)
            forms[pair] = B * power(rates.mean, count)
    return forms, noises, outer


def power(base: Scalar, exponent: Scalar) -> Scalar:
    """``base**exponent``, the exponent an integer or a symbol."""
    number = exponent.constant
    if number is not None:
        return base ** int(number)
    if base == ONE or base.is_zero:
        return base
    return generator_scalar(PowerOf(base, exponent))


def geometric_sum(ratio: Scalar, count: Scalar) -> Scalar:
    """``1 + ratio + ... + ratio**(count - 1)``"""
    if ratio == ONE:
        return count
    return (ONE - power(ratio, count)) / (ONE - ratio)


def _looped(
    state: State, chain: Part, step: Part, count: Scalar, fits: Fits, found: StageMap, writer: Writer
) -> tuple[dict[Pair, Combination], dict[str, Scalar], dict[Pair, Combination]]:
    """The power of a general map as a loop."""
    outer = {pair: B for pair, B in state.forms.items() if chain not in pair}
    signals = [s for s in fits.weights[step].signals if s != PREVIOUS]
    others = list(dict.fromkeys([*signals, *(q for p, q in state.forms if p == chain and q != chain)]))
    X0 = state.forms[chain, chain]
    size = X0.rows
    letters: dict[Part, Atom] = {PREVIOUS: Atom(writer.fresh("B"), size, size, facts=frozenset({"symmetric"}))}
    initial: dict[Atom, Combination] = {letters[PREVIOUS]: X0}
    for q in others:
        letters[q] = Atom(writer.fresh("C"), size, size)
        initial[letters[q]] = state.forms.get((chain, q), nothing(size, size))
    current: dict[Pair, Combination] = {(step, step): single(letters[PREVIOUS])}
    for q in others:
        current[step, q] = single(letters[q])
        current[q, step] = single(Transpose(letters[q]))
    inner = Writer(writer.taken)
    after = eliminated(State(current), fits, found, inner)
    body = {letters[q]: after.forms.get((PREVIOUS, q), nothing(size, size)) for q in letters}
    forms: dict[Pair, Combination] = {(PREVIOUS, PREVIOUS): single(letters[PREVIOUS])}
    for q in others:
        forms[PREVIOUS, q] = single(letters[q])
        forms[q, PREVIOUS] = single(Transpose(letters[q]))
    for (p, q), B in after.forms.items():
        if PREVIOUS in (p, q):
            continue
        added = Atom(writer.fresh("D"), B.rows, B.cols)
        initial[added] = nothing(B.rows, B.cols)
        body[added] = single(added) + B
        outer[p, q] = outer[p, q] + single(added) if (p, q) in outer else single(added)
    sums = {name: Named(writer.fresh(f"noise_{name}_")) for name in after.noises}
    definitions = tuple(d for d in inner.definitions if isinstance(d, ScalarDefinition))
    rounds = {symbol: after.noises[name] for name, symbol in sums.items()}
    sources = {symbol: name for name, symbol in sums.items()}
    writer.definitions.append(Loop(chain.name, count, initial, definitions, body, rounds, sources))
    noises = dict(state.noises)
    for name, symbol in sums.items():
        noises[name] = noises.get(name, ZERO) + generator_scalar(symbol)
    return forms, noises, outer
