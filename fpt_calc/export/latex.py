r"""Scalars and formulas in LaTeX (math mode); the data know nothing of it (floor 13).

The texts use the macros of `fpt_calc.export.macros`: ``\tr``, ``\ntr`` and ``\df``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from functools import singledispatch

from fpt_calc.closed_form import DegreesOfFreedom, FullTrace
from fpt_calc.closed_form.bases import Style
from fpt_calc.closed_form.present import present
from fpt_calc.export.names import name_to_latex
from fpt_calc.export.shown_sum import ShownSum
from fpt_calc.expr import Trace
from fpt_calc.formula import Formula, Term, formula_generators, polynomial_formula
from fpt_calc.learning.program import PowerOf
from fpt_calc.scalars import (
    Conjugate,
    Dimension,
    Generator,
    ImaginaryUnit,
    Root,
    Scalar,
    denominator,
    generator_scalar,
    is_fixed,
    is_sum,
    numerator,
)

PLAIN = Style(frozenset(), (), False)
MAX_FACTORED = 40  # terms; longer fractions are printed as they are
_ARGUMENT = re.compile(r"\\df_\w(\^\{[^}]*\})?\([^()]*\)")  # the parentheses of df_1(kappa) count as none
Factor = tuple[Generator | Formula, int]


@singledispatch
def latex(value: object) -> str:
    """LaTeX (math mode) for a scalar, a generator, a formula or an expression."""
    name = getattr(value, "name", None)
    if isinstance(name, str):
        return name_to_latex(name)
    raise TypeError(f"no LaTeX for {type(value).__name__}")


@latex.register
def _(value: Scalar) -> str:
    return latex(scalar_formula(value))


@latex.register
def _(value: Trace) -> str:
    if is_entry(value):
        return latex(value.argument)
    return rf"\ntr{bracketed(latex(value.argument))}"


@latex.register
def _(value: FullTrace) -> str:
    if is_entry(value):
        return latex(value.argument)
    return rf"\tr{bracketed(latex(value.argument))}"


@latex.register
def _(value: DegreesOfFreedom) -> str:
    base = rf"^{{{latex(value.base)}}}" if value.label == f"_{value.base}" else ""  # else the pole tells which they are
    return rf"\df_{value.order}{base}({latex(value.pole)})"


@latex.register
def _(value: ShownSum) -> str:
    return value.name


@latex.register
def _(value: PowerOf) -> str:
    return _symbolic_power(value, 1)


@latex.register
def _(value: ImaginaryUnit) -> str:
    return r"\mathrm{i}"


@latex.register
def _(value: Conjugate) -> str:
    return rf"\bar{{{latex(value.of)}}}"


@latex.register
def _(value: Root) -> str:
    return rf"\sqrt{{{inline(value.radicand)}}}"


@latex.register
def _(value: Formula) -> str:
    if len(value.terms) > 1 and all(isinstance(b, Dimension) for t in value.terms for b, e in t.factors if e < 0):
        return inline(value)
    return signed_sum((term.coefficient < 0, term_latex(term)) for term in value.terms)


def inline(value: Scalar | Formula) -> str:
    r"""LaTeX with slashes instead of fractions, as it stands in a line of text or inside a fraction.

    >>> from fpt_calc.scalars import dimension
    >>> n, d = dimension("n"), dimension("d")
    >>> print(inline(1 - d / n), inline(1 / (1 + n)))
    1-\tfrac{d}{n} 1/(1+n)
    """
    formula = scalar_formula(value) if isinstance(value, Scalar) else value
    return signed_sum((term.coefficient < 0, inline_term(term)) for term in formula.terms)


def scalar_formula(value: Scalar, cheap: bool = False) -> Formula:
    """A scalar as a formula to print: factored where that is shorter, unless it has to be ``cheap``."""
    monomial = value.gens and len(value.den) == 1
    if not value.gens or (monomial and len(value.num) > 1 and (cheap or not _has_common_factor(value))):
        formula = polynomial_formula(value)
        return Formula(tuple(sorted(formula.terms, key=lambda t: bool(t.factors) or t.coefficient < 0)))
    if not cheap and len(value.num) + len(value.den) <= MAX_FACTORED:
        return present(value, PLAIN, depth=0)
    parts = (polynomial_formula(numerator(value)), 1), (polynomial_formula(denominator(value)), -1)
    return Formula((Term(Fraction(1), parts),))


def bracketed(text: str) -> str:
    r"""The text in parentheses a size larger than those in it.

    >>> bracketed("A"), bracketed("(A+B)C")
    ('(A)', '\\bigl((A+B)C\\bigr)')
    """
    inner = _ARGUMENT.sub("", text)
    size = r"\Bigl" if r"\bigl" in inner or r"\frac" in inner else r"\bigl" if "(" in inner else ""
    return rf"{size}({text}{size.replace('gl', 'gr')})"


def signed_sum(terms: Iterable[tuple[bool, str]]) -> str:
    """Terms joined by their signs (True is minus); 0 for none."""
    text = ""
    for negative, body in terms:
        text += f"-{body}" if negative else f"+{body}" if text else body
    return text or "0"


def term_latex(term: Term) -> str:
    """A term without its sign, its denominator below a line."""
    number = abs(term.coefficient)
    top, bottom = _halves(term)
    if not bottom and number.denominator == 1:
        return product(number.numerator, top)
    if not any(is_wide(b) for b, _ in bottom):  # nothing long above a letter
        above = [f for f in top if isinstance(f[0], Dimension)]
        ratio = bool(above) and all(isinstance(b, Dimension) for b, _ in bottom)
        long = [f for f in top if _has_traces(f[0]) or (ratio and f not in above)]
        short = product(number.numerator, [f for f in top if f not in long], lone=True)
        fraction = rf"\frac{{{short}}}{{{product(number.denominator, bottom)}}}"
        return fraction + (spaced(product(1, long)) if long else "")
    return rf"\frac{{{product(number.numerator, top, lone=True)}}}{{{product(number.denominator, bottom, lone=True)}}}"


def inline_term(term: Term) -> str:
    """A term without its sign in one line; a ratio of dimensions in front is a small fraction."""
    number = abs(term.coefficient)
    top, bottom = _halves(term)
    above, below = ([f for f in side if _of_dimensions(f[0])] for side in (top, bottom))
    rest_top, rest_bottom = ([f for f in side if not _of_dimensions(f[0])] for side in (top, bottom))
    if below and above and not rest_bottom:
        parts = product(number.numerator, above, lone=True), product(number.denominator, below, lone=True)
        ratio = rf"\tfrac{{{parts[0]}}}{{{parts[1]}}}"
        return ratio + (spaced(product(1, rest_top)) if rest_top else "")
    if number.denominator != 1 and not bottom:
        return rf"\tfrac{{{number.numerator}}}{{{number.denominator}}}" + (product(1, top) if top else "")
    text = product(number.numerator, top)
    if not bottom:
        return text
    divisor = product(number.denominator, bottom)
    single = number.denominator == 1 and len(bottom) == 1
    return f"{text}/{divisor}" if single else f"{text}/{bracketed(divisor)}"


def spaced(text: str) -> str:
    """A thin space and the text; an operator brings its own."""
    return text if text in ("", "1") or text.startswith(r"\tr") else rf"\,{text}"


def product(number: int, factors: Iterable[Factor], lone: bool = False) -> str:
    """A product of powers; thin spaces around what is longer than a letter; a ``lone`` sum has no parentheses."""
    items = sorted(factors, key=lambda f: is_wide(f[0]))
    if lone and number == 1 and len(items) == 1 and items[0][1] == 1 and isinstance(items[0][0], Formula):
        return inline(items[0][0])
    several = sum(is_wide(base) for base, _ in items) > 1
    text, long = ("" if number == 1 and items else str(number)), False
    for base, exponent in items:
        piece, wide = power(base, exponent, several)
        if not text:
            text = piece
        elif isinstance(base, Formula):
            text += piece
        else:
            named = piece.startswith(r"\mathrm") or (text.endswith("}") and r"\mathrm{" in text[-40:])
            gap = named or (wide and not piece.startswith(r"\tr")) or (long and not wide)
            text += (r"\," if gap else " " if text[-1].isalpha() and piece[0].isalpha() else "") + piece
        long = wide
    return text


def power(base: Generator | Formula, exponent: int, among_others: bool = False) -> tuple[str, bool]:
    """A positive power, and whether it is longer than a letter."""
    if isinstance(base, PowerOf):
        return _symbolic_power(base, exponent), False
    text = inline(base) if isinstance(base, Formula) else latex(base)
    if isinstance(base, Formula) or (is_entry(base) and (exponent > 1 or among_others or "+" in text or "-" in text)):
        text = bracketed(text)
    wide = is_wide(base)
    if exponent == 1:
        return text, wide
    if isinstance(base, Conjugate):
        text = f"{{{text}}}"
    return f"{text}^{exponent}" if 0 <= exponent <= 9 else f"{text}^{{{exponent}}}", wide


def _symbolic_power(value: PowerOf, times: int) -> str:
    """``base^(times * exponent)``, a ratio with a slash."""
    exponent = inline(value.exponent * times)
    plain = len(value.base.gens) == 1 and value.base == generator_scalar(value.base.gens[0])
    return rf"{latex(value.base) if plain else bracketed(in_line(value.base))}^{{{exponent}}}"


def in_line(value: Scalar) -> str:
    """A scalar in a line of text: as one fraction with a slash."""
    top, bottom = numerator(value), denominator(value)
    if bottom == 1:
        return inline(value)
    above, below = (bracketed(inline(x)) if is_sum(x) else inline(x) for x in (top, bottom))
    return f"{above}/{below if is_sum(bottom) or len(bottom.gens) < 2 else bracketed(below)}"


def _halves(term: Term) -> tuple[list[Factor], list[Factor]]:
    top = [(b, e) for b, e in term.factors if e > 0]
    bottom = [(b, -e) for b, e in term.factors if e < 0]
    return top, bottom


def is_wide(base: Generator | Formula) -> bool:
    """Whether a factor is longer than a letter."""
    return isinstance(base, Formula | Trace | FullTrace | DegreesOfFreedom | ShownSum | Root)


def _of_dimensions(base: Generator | Formula) -> bool:
    generators = formula_generators(base) if isinstance(base, Formula) else (base,)
    return all(isinstance(g, Dimension) for g in generators)


def _has_traces(base: Generator | Formula) -> bool:
    generators = formula_generators(base) if isinstance(base, Formula) else (base,)
    return any(isinstance(g, Trace | FullTrace | DegreesOfFreedom) for g in generators)


def _has_common_factor(value: Scalar) -> bool:
    """Whether a root occurs, or a generator divides all terms of the numerator."""
    common = [min(powers) for powers in zip(*value.num.monoms(), strict=True)]
    return any(common) or any(isinstance(g, Root) for g in value.gens)


def is_entry(base: Generator | Formula) -> bool:
    """Whether a factor is the trace of a 1 x 1 matrix, printed as its entry."""
    return isinstance(base, Trace | FullTrace) and is_fixed(base.argument.rows) and base.argument.rows == 1
