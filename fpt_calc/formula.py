"""Formulas as they are printed: sums of products of powers, not expanded (floor 2).

A `Scalar` is canonical and expanded; a `Formula` keeps the shape in which a value reads best, and can be turned back
into the scalar it stands for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from operator import attrgetter

from fpt_calc.scalars import ZERO, Generator, Scalar, generator_scalar, ordered_terms, scalar


@dataclass(frozen=True)
class Term:
    """``coefficient * product of base**exponent``; negative exponents are the denominator."""

    coefficient: Fraction
    factors: tuple[tuple[Generator | Formula, int], ...] = ()


@dataclass(frozen=True)
class Formula:
    """A sum of terms; no terms is zero.

    >>> from fpt_calc.scalars import dimension
    >>> n, d = dimension("n"), dimension("d")
    >>> f = Formula((Term(Fraction(2), ((d.gens[0], 1), (polynomial_formula(n - d), -1))),))
    >>> print(f)
    2*d/(n - d)
    >>> formula_value(f) == 2*d / (n - d)
    True
    """

    terms: tuple[Term, ...]

    def __str__(self) -> str:
        return formula_text(self)


def polynomial_formula(value: Scalar) -> Formula:
    """An expanded polynomial over a monomial as a formula, in the order of printing.

    >>> from fpt_calc.scalars import dimension
    >>> print(polynomial_formula(1 - dimension("d") / dimension("n")))
    1 - d/n
    """
    if not value.gens:
        number = value.constant
        assert number is not None
        return Formula((Term(number),)) if number else Formula(())
    ((bottom, divisor),) = value.den.to_dict().items()
    terms = []
    for exponents, coefficient in ordered_terms(value.num):
        powers = zip(value.gens, exponents, bottom, strict=True)
        factors = tuple((g, int(k) - int(e)) for g, k, e in powers if k != e)
        terms.append(Term(Fraction(int(coefficient), int(divisor)), factors))
    if len(terms) == 2 and not terms[1].factors and terms[1].coefficient > 0:
        terms.reverse()  # 1 + u rather than u + 1
    return Formula(tuple(terms))


def formula_value(formula: Formula) -> Scalar:
    """The scalar that a formula stands for."""
    total = ZERO
    for term in formula.terms:
        product = scalar(term.coefficient)
        for base, exponent in term.factors:
            product = (
                product * (formula_value(base) if isinstance(base, Formula) else generator_scalar(base)) ** exponent
            )
        total = total + product
    return total


def formula_generators(formula: Formula) -> frozenset[Generator]:
    """The generators that a formula is written in."""
    return frozenset(b for b in formula_parts(formula) if not isinstance(b, Formula))


def map_formula(
    formula: Formula, generator: Callable[[Generator], Generator], sums: Callable[[Formula], Generator | Formula]
) -> Formula:
    """The formula with its generators and its inner sums replaced, outer sums before those inside them."""

    def base(b: Generator | Formula) -> Generator | Formula:
        if not isinstance(b, Formula):
            return generator(b)
        new = sums(b)
        return map_formula(new, generator, sums) if isinstance(new, Formula) else new

    return Formula(tuple(Term(t.coefficient, tuple((base(b), e) for b, e in t.factors)) for t in formula.terms))


def formula_parts(formula: Formula) -> Iterator[Generator | Formula]:
    """All generators and inner sums, as often as they are printed."""
    for term in formula.terms:
        for base, _ in term.factors:
            yield base
            if isinstance(base, Formula):
                yield from formula_parts(base)


def formula_text(formula: Formula, name: Callable[[Generator], str] = attrgetter("name")) -> str:
    """Python syntax, with ``name`` for the text of a generator.

    >>> from fpt_calc.scalars import dimension
    >>> formula_text(polynomial_formula(1 - dimension("d")), lambda g: f"sizes.{g.name}")
    '1 - sizes.d'
    """
    if not formula.terms:
        return "0"
    text = "".join(f" {'-' if t.coefficient < 0 else '+'} {_term_text(t, name)}" for t in formula.terms)
    return text[3:] if text.startswith(" + ") else f"-{text[3:]}"


def _term_text(term: Term, name: Callable[[Generator], str]) -> str:
    """A term without its sign."""
    number = abs(term.coefficient)
    top = [_power(b, e, name) for b, e in term.factors if e > 0]
    bottom = [_power(b, -e, name) for b, e in term.factors if e < 0]
    if number.numerator != 1 or not top:
        top.insert(0, str(number.numerator))
    if number.denominator != 1:
        bottom.insert(0, str(number.denominator))
    if not bottom:
        return "*".join(top)
    return f"{'*'.join(top)}/{bottom[0] if len(bottom) == 1 else '(' + '*'.join(bottom) + ')'}"


def _power(base: Generator | Formula, exponent: int, name: Callable[[Generator], str]) -> str:
    text = f"({formula_text(base, name)})" if isinstance(base, Formula) else name(base)
    return text if exponent == 1 else f"{text}**{exponent}"


def single(generator: Generator) -> Formula:
    """The generator itself."""
    return Formula((Term(Fraction(1), ((generator, 1),)),))
