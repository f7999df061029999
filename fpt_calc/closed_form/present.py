"""The shortest way found to print a value: factored, split at a denominator, collected, or with lam put back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from fpt_calc.closed_form.bases import Style, shortest, with_degrees
from fpt_calc.closed_form.display import DegreesOfFreedom, FullTrace, Shown
from fpt_calc.closed_form.polynomials import degree
from fpt_calc.expr import Trace, inside_traces
from fpt_calc.formula import Formula, Term, formula_generators, formula_text, polynomial_formula
from fpt_calc.scalars import (
    ZERO,
    Dimension,
    Generator,
    Parameter,
    Scalar,
    denominator,
    from_polynomial,
    generator_scalar,
    numerator,
    ring,
    substitute,
)

MAX_NESTED = 40  # terms; longer sums are not rearranged
MAX_INNER = 6
Factors = dict[Generator | Scalar, int]  # prime factors: generators, and polynomials with two or more terms


@dataclass(frozen=True)
class Swap:
    """``symbol = product of factors``: a value with these factors to one power may be written with the symbol."""

    symbol: Generator
    coefficient: Fraction
    factors: tuple[tuple[Generator | Scalar, int], ...]


@lru_cache(maxsize=8192)
def present(value: Scalar, style: Style, swaps: tuple[Swap, ...] = (), depth: int = 3) -> Formula:
    """The shortest formula found for a value."""
    return min(_candidates(with_degrees(value, style), style, swaps, depth), key=cost)


@lru_cache(maxsize=65536)
def cost(formula: Formula) -> tuple[float, str]:
    """Length of the text, sums a little dearer than products."""
    text = formula_text(formula)
    return len(text) + 2.5 * text.count(" + ") + 2.5 * text.count(" - "), text


def swap_for(symbol: Generator, value: Scalar, style: Style) -> Swap:
    """The swap of a dependent generator for its value in the other coordinates."""
    coefficient, factors = factorization(with_degrees(value, style))
    return Swap(symbol, coefficient, tuple(factors.items()))


def factorization(value: Scalar) -> tuple[Fraction, Factors]:
    """Prime factors of numerator and denominator, with a rational coefficient."""
    coefficient, factors = _factorization(value)
    return coefficient, dict(factors)


@lru_cache(maxsize=65536)
def _factorization(value: Scalar) -> tuple[Fraction, tuple[tuple[Generator | Scalar, int], ...]]:
    if not value.gens:
        number = value.constant
        assert number is not None
        return number, ()
    coefficient, factors = Fraction(1), Factors()
    for part, sign in ((value.num, 1), (value.den, -1)):
        content, found = part.factor()
        coefficient *= Fraction(int(content)) ** sign
        for polynomial, exponent in found:
            factor = from_polynomial(value.gens, polynomial)
            if _looks_negative(factor):
                factor, coefficient = -factor, coefficient * (-1) ** int(exponent)
            key = factor.gens[0] if factor == generator_scalar(factor.gens[0]) else factor
            factors[key] = factors.get(key, 0) + sign * int(exponent)
    return coefficient, tuple(factors.items())


def _looks_negative(factor: Scalar) -> bool:
    """Whether the terms in dimensions only are mostly negative; if they balance, whether most terms are."""
    terms = factor.num.to_dict().items()
    for part in ([c for e, c in terms if _only_dimensions(factor, e)], [c for _, c in terms]):
        balance = sum(1 if int(c) > 0 else -1 for c in part)
        if balance:
            return balance < 0
    return int(factor.num.leading_coefficient()) < 0


def _only_dimensions(factor: Scalar, exponents: Iterable[int]) -> bool:
    return all(isinstance(g, Dimension) for g, e in zip(factor.gens, exponents, strict=True) if e)


def _candidates(value: Scalar, style: Style, swaps: tuple[Swap, ...], depth: int) -> Iterator[Formula]:
    coefficient, factors = factorization(value)
    for swapped in _swapped(coefficient, factors, swaps):
        yield _product_formula(*swapped, style)
    if depth:
        for parts in (*_collected(value), *_split(value, factors)):
            yield _sum([present(part, style, swaps, depth - 1) for part in parts])
            common = _common(parts)
            if common:
                inner = _sum([present(_without(part, common), style, swaps, depth - 1) for part in parts])
                yield _times(common, inner, style)


def _common(parts: Sequence[Scalar]) -> Factors:
    """The generators that all parts have as factors, with their least power."""
    found = [{f: e for f, e in factorization(p)[1].items() if not isinstance(f, Scalar) and e > 0} for p in parts]
    return {f: min(other[f] for other in found) for f in found[0] if all(f in other for other in found)}


def _without(value: Scalar, common: Factors) -> Scalar:
    for f, e in common.items():
        assert not isinstance(f, Scalar)
        value = value / generator_scalar(f) ** e
    return value


def _times(common: Factors, inner: Formula, style: Style) -> Formula:
    outer = _product_formula(Fraction(1), common, style)
    (term,) = outer.terms
    return Formula((Term(term.coefficient, (*term.factors, (inner, 1))),))


def _sum(parts: Iterable[Formula]) -> Formula:
    return Formula(tuple(term for part in parts for term in part.terms))


def _swapped(coefficient: Fraction, factors: Factors, swaps: tuple[Swap, ...]) -> Iterator[tuple[Fraction, Factors]]:
    yield coefficient, factors
    for swap in swaps:
        proper = {f: e for f, e in swap.factors if isinstance(f, Scalar)}
        powers = {Fraction(factors.get(f, 0), e) for f, e in proper.items()}
        if not proper or len(powers) > 1 or not (power := powers.pop()) or power.denominator != 1:
            continue
        k = int(power)
        new = dict(factors)
        for f, e in swap.factors:
            new[f] = new.get(f, 0) - k * e
        new[swap.symbol] = new.get(swap.symbol, 0) + k
        yield coefficient / swap.coefficient**k, {f: e for f, e in new.items() if e}


def _product_formula(coefficient: Fraction, factors: Factors, style: Style) -> Formula:
    """A product, its polynomial factors in their shortest bases."""
    plain: Factors = {}
    for factor, exponent in factors.items():
        if not isinstance(factor, Scalar):
            plain[factor] = plain.get(factor, 0) + exponent
            continue
        number, inner = _shortest_factors(factor, style)
        coefficient *= number**exponent
        for f, e in inner:
            plain[f] = plain.get(f, 0) + e * exponent
    written: list[tuple[Generator | Formula, int]] = []
    scale, shortened = _shortened(plain, style)
    coefficient *= scale
    for f, e in sorted(_normalized(shortened).items(), key=_order):
        shown = _nested(f) if isinstance(f, Scalar) else f
        if isinstance(shown, Formula) and shown.terms[0].coefficient < 0:
            shown, coefficient = _negated(shown), -coefficient if e % 2 else coefficient
        written.append((shown, e))
    return _tidy(coefficient, written) if coefficient else Formula(())


def _tidy(coefficient: Fraction, factors: Sequence[tuple[Generator | Formula, int]]) -> Formula:
    """A product with a positive coefficient where a sum can take the sign; a lone sum without parentheses."""
    if coefficient < 0:
        sums = [(k, f, e) for k, (f, e) in enumerate(factors) if isinstance(f, Formula)]
        takers = [s for takes_sign in (_is_mostly_negative, _is_free_denominator) for s in sums if takes_sign(*s[1:])]
        if takers:
            k, base, exponent = takers[0]
            return _tidy(-coefficient, [*factors[:k], (_negated(base), exponent), *factors[k + 1 :]])
    match factors:
        case [(Formula() as lone, 1)] if coefficient == 1:
            return lone
    return Formula((Term(coefficient, tuple(factors)),))


def _is_mostly_negative(base: Formula, exponent: int) -> bool:
    """Whether an odd power of a sum loses minus signs, or as many as it gains, with the sign of the product."""
    return exponent > 0 and exponent % 2 == 1 and sum(t.coefficient < 0 for t in base.terms) * 2 >= len(base.terms)


def _is_free_denominator(base: Formula, exponent: int) -> bool:
    """Whether a sum in the denominator has no customary sign; ``n + m`` is one of positive terms."""
    return exponent == -1 and not _has_degrees(base) and any(t.coefficient < 0 for t in base.terms)


def _has_degrees(formula: Formula) -> bool:
    """Whether a sum such as ``1 - df2/n`` has a customary sign."""
    return any(isinstance(g, DegreesOfFreedom) for g in formula_generators(formula))


def _negated(formula: Formula) -> Formula:
    terms = [Term(-t.coefficient, t.factors) for t in formula.terms]
    return Formula(tuple(sorted(terms, key=lambda t: t.coefficient < 0)))


def _measure(value: Scalar) -> tuple[float, str]:
    """How long a factor will be, with a number in its denominator a little longer."""
    length, text = cost(_nested(numerator(value)))
    return length + (0 if value.den == 1 else len(str(denominator(value)))), text


@lru_cache(maxsize=8192)
def _shortest_factors(factor: Scalar, style: Style) -> tuple[Fraction, tuple[tuple[Generator | Scalar, int], ...]]:
    """A factor in its shortest basis, factored again."""
    return _factorization(shortest(factor, style, _measure))


def _inner(polynomial: Scalar) -> Formula:
    """A coefficient within a sum: rearranged only if short, as every level multiplies the work."""
    return _nested(polynomial) if len(polynomial.num) <= MAX_INNER else _ordered(polynomial)


@lru_cache(maxsize=8192)
def _nested(polynomial: Scalar) -> Formula:
    """A sum by powers of one generator or by its traces, coefficients factored, where that is shorter."""
    options = [_ordered(polynomial)]
    bottom = denominator(polynomial).gens
    if len(polynomial.num) <= MAX_NESTED:
        options += [_by_generators(polynomial, [g]) for g in _frequent(polynomial) if g not in bottom]
        traces = [g for g in polynomial.gens if isinstance(g, Trace | FullTrace)]
        options += [_by_generators(polynomial, traces)] if len(traces) > 1 else []
    return min(options, key=cost)


def _frequent(polynomial: Scalar) -> list[Generator]:
    """The generators that occur in two terms or more."""
    counts = [sum(1 for m in polynomial.num.monoms() if m[k]) for k in range(len(polynomial.gens))]
    return [g for g, count in zip(polynomial.gens, counts, strict=True) if count > 1]


def _ordered(polynomial: Scalar) -> Formula:
    """The expanded sum, factors in the order of the field."""
    terms = polynomial_formula(polynomial).terms
    return Formula(tuple(Term(t.coefficient, tuple(sorted(t.factors, key=_order))) for t in terms))


def _by_generators(polynomial: Scalar, chosen: Sequence[Generator]) -> Formula:
    """The sum by monomials in some generators, each coefficient factored."""
    terms: list[Term] = []
    for part in _by_powers(polynomial, chosen):
        coefficient, factors = factorization(part)
        written = [(_inner(f) if isinstance(f, Scalar) else f, e) for f, e in sorted(factors.items(), key=_order)]
        if len(written) == 1 and abs(coefficient) == 1 and isinstance(written[0][0], Formula) and written[0][1] == 1:
            terms += (written[0][0] if coefficient > 0 else _negated(written[0][0])).terms
        else:
            terms.append(Term(coefficient, tuple(written)))
    terms.sort(key=lambda t: t.coefficient < 0)
    return Formula(tuple(terms))


def _shortened(factors: Factors, style: Style) -> tuple[Fraction, Factors]:
    """Traces that stand alone as factors, printed normalized or not, and the number this leaves: ``tau = Tr/2``."""
    coefficient, result = Fraction(1), dict[Generator | Scalar, int]()
    for f, e in factors.items():
        if isinstance(f, Trace):
            number, inner = _shortest_factors(generator_scalar(f), style)
            coefficient *= number**e
            for g, k in inner:
                result[g] = result.get(g, 0) + k * e
        else:
            result[f] = result.get(f, 0) + e
    return coefficient, {f: e for f, e in result.items() if e}


def _normalized(factors: Factors) -> Factors:
    """``n X/(n - df2)`` as ``X/(1 - df2/n)``: a dimension cancelled against its multiple in a sum."""
    result = dict(factors)
    for f, e in factors.items():
        if not isinstance(f, Scalar) or all(isinstance(g, Dimension) for g in f.gens):
            continue
        for g in f.gens:
            if isinstance(g, Dimension) and result.get(g, 0) == -e and degree(f, g) == 1 and _alone(f, g):
                result[f / generator_scalar(g)] = result.pop(f)
                del result[g]
                break
    return result


def _alone(factor: Scalar, g: Generator) -> bool:
    """Whether a dimension occurs in one term of a polynomial only, and alone."""
    constant = substitute(factor, {g: ZERO})
    return (factor - constant) == generator_scalar(g)


def _order(item: tuple[Generator | Scalar | Formula, int]) -> tuple[int, str]:
    """Numbers and dimensions, parameters, sums, traces."""
    f, _ = item
    match f:
        case Dimension():
            return 1, f.name
        case Parameter():
            return 2, f.name
        case Scalar() | Formula():
            return 4, str(f)
        case Trace() | Shown():
            return 5, f.name
    return 3, f.name


def _collected(value: Scalar) -> Iterator[list[Scalar]]:
    """The value by powers of the scalars that occur in its numerator only, such as a noise level."""
    inside = set(inside_traces(value))
    bottom = set(denominator(value).gens)
    for kind in (Parameter, Trace):
        chosen = [g for g in value.gens if isinstance(g, kind) and g not in bottom and g not in inside]
        parts = _by_powers(value, chosen)
        if 1 < len(parts) <= 8:
            yield parts


def _by_powers(value: Scalar, chosen: Sequence[Generator]) -> list[Scalar]:
    if not chosen:
        return [value]
    index = [k for k, g in enumerate(value.gens) if g in chosen]
    groups: dict[tuple[int, ...], dict[tuple[int, ...], int]] = {}
    for exponents, c in value.num.to_dict().items():
        powers = tuple(map(int, exponents))
        groups.setdefault(tuple(powers[k] for k in index), {})[powers] = int(c)
    context, bottom = ring(value.gens), denominator(value)
    return [from_polynomial(value.gens, context.from_dict(terms)) / bottom for terms in groups.values()]


def _split(value: Scalar, factors: Factors) -> Iterator[list[Scalar]]:
    """``N/(D E)`` as ``Q/E + R/(D E)`` for a simple factor D of the denominator that is linear in a generator."""
    top = numerator(value)
    for f, e in factors.items():
        if e != -1 or not isinstance(f, Scalar):
            continue
        rest = denominator(value) / f
        for g in f.gens:
            if degree(f, g) != 1 or degree(top, g) == 0:
                continue
            constant = substitute(f, {g: ZERO})
            slope = (f - constant) / generator_scalar(g)
            if slope.gens:
                continue
            remainder = substitute(top, {g: -constant / slope})
            quotient = (top - remainder) / f
            if not remainder.is_zero and not quotient.is_zero:
                yield [quotient / rest, remainder / (f * rest)]
