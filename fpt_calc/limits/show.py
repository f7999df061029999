"""Series of values and of a parameter as formulas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fpt_calc.closed_form.bases import Style, with_degrees
from fpt_calc.closed_form.display import DegreesOfFreedom
from fpt_calc.closed_form.form import abbreviations_in
from fpt_calc.closed_form.polynomials import degree, solved_for
from fpt_calc.closed_form.present import Swap, cost, present, swap_for
from fpt_calc.expr import Trace, inside_traces
from fpt_calc.formula import Formula, Term, formula_value, polynomial_formula, single
from fpt_calc.limits.branches import Branch
from fpt_calc.limits.result import Expansion, FractionalPower, LimitCase, power
from fpt_calc.limits.series import Series
from fpt_calc.scalars import (
    ZERO,
    Generator,
    Parameter,
    Root,
    Scalar,
    generator_scalar,
    is_nonnegative,
    numerator,
    substitute,
)


@dataclass(frozen=True)
class Manner:
    """How a case is printed.

    Attributes
    ----------
    small : the small quantity.
    style : how traces are printed.
    order : the number of correction terms.
    positive : sums of dimensions that are positive in the region.
    """

    small: Scalar
    style: Style
    order: int
    positive: tuple[Scalar, ...] = ()


def case_of(series: Mapping[str, Series], parameter: Series | None, branch: Branch | None, manner: Manner) -> LimitCase:
    """The case of a branch, its condition not yet stated."""
    printer = Printer(manner, None if branch is None else branch.implicit)
    values = {name: printer.expansion(s) for name, s in series.items()}
    formulas = {f"{name} {k}": t for name, v in values.items() for k, t in enumerate(v.terms)}
    lines: list[str] = []
    if branch is not None and parameter is not None:
        name, implicit = branch.parameter.symbol.name, branch.implicit
        if implicit is None or implicit.exponent or manner.order:
            shown = printer.expansion(parameter)
            formulas |= {f"parameter {k}": t for k, t in enumerate(shown.terms)}
            own = implicit is not None and implicit.symbol.name == name  # the limit keeps the name
            left = f"{name}({manner.small})" if own else name
            lines = [f"{left} = {shown}"] if name not in values else []
        if implicit is not None:
            sides = printer.sides(implicit)
            formulas |= {"left": sides[0], "right": sides[1]}
            lines.append(f"{sides[0]} = {sides[1]}, {implicit.symbol.name} > 0")
    where = tuple(f"{g.name} = {definition}" for g, definition in abbreviations_in(formulas, ()))
    return LimitCase("", (), tuple(lines), values, where, branch, dict(series))


class Printer:
    """Writes the coefficients on one branch; degrees of freedom that its equation gives are replaced by their value."""

    def __init__(self, manner: Manner, implicit: Branch | None) -> None:
        self._small = manner.small
        self._style = style = manner.style
        self._order = manner.order
        self._positive = manner.positive
        self._swaps: tuple[Swap, ...] = ()
        self._known: dict[Generator, Scalar] = {}
        if implicit is not None:
            found = implicit.coordinates.dependent.items()
            self._swaps = tuple(swap_for(g, v, style) for g, v in found if not isinstance(g, Trace))
            g, value = self._solved(implicit)
            if isinstance(g, DegreesOfFreedom):
                self._known = {g: value}

    def expansion(self, series: Series) -> Expansion:
        """The first terms of a series."""
        exponents = sorted(series.terms)
        kept, later = tuple(exponents[: self._order + 1]), exponents[self._order + 1 :]
        terms = tuple(self._formula(series.terms[e] * power(self._small, e)) for e in kept)
        return Expansion(kept, terms, later[0] if later else series.bound, self._small)

    def _formula(self, value: Scalar) -> Formula:
        known = substitute(with_degrees(value, self._style), self._known)
        shortest = min((present(v, self._style, self._swaps) for v in _opaque(known, self._style)), key=cost)
        return _with_positive(shortest, self._positive)

    def sides(self, branch: Branch) -> tuple[Formula, Formula]:
        """The equation of a leading coefficient, solved for a scalar of the problem or for a degree of freedom."""
        g, value = self._solved(branch)
        if g is None:
            return present(branch.equation, self._style), polynomial_formula(ZERO)
        return single(g), present(value, self._style)

    def _solved(self, branch: Branch) -> tuple[Generator | None, Scalar]:
        equation = with_degrees(branch.equation, self._style)
        options = [(rank, g) for g in equation.gens if (rank := _rank(g)) is not None and degree(equation, g) == 1]
        solved = [(rank, g, solved_for(equation, g)) for rank, g in options]
        solved = [(rank, g, v) for rank, g, v in solved if g not in v.gens and g not in inside_traces(v)]
        if not solved:
            return None, ZERO
        _, chosen, value = min(solved, key=lambda o: (o[0], cost(present(o[2], self._style))))
        return chosen, value


def _with_positive(formula: Formula, positive: Sequence[Scalar]) -> Formula:
    """The formula with ``n - d`` instead of ``d - n`` where that is what is positive."""
    if not positive:
        return formula
    terms = []
    for term in formula.terms:
        coefficient = term.coefficient
        factors: list[tuple[Generator | Formula, int]] = []
        for base, exponent in term.factors:
            turned = isinstance(base, Formula) and _is_negative(formula_value(base), positive)
            factors.append((_negated(base) if turned and isinstance(base, Formula) else base, exponent))
            coefficient = -coefficient if turned and exponent % 2 else coefficient
        terms.append(Term(coefficient, tuple(factors)))
    return Formula(tuple(sorted(terms, key=lambda t: t.coefficient < 0)))


def _negated(formula: Formula) -> Formula:
    turned = (Term(-t.coefficient, t.factors) for t in formula.terms)
    return Formula(tuple(sorted(turned, key=lambda t: t.coefficient < 0)))


def _is_negative(value: Scalar, positive: Sequence[Scalar]) -> bool:
    """Whether the value is a negative monomial times something that is positive."""
    return any(is_nonnegative(-value / p) for p in positive)


def _opaque(value: Scalar, style: Style) -> Iterator[Scalar]:
    """Square roots as generators of their own, which may stand in denominators; what is under them also as squares."""
    images: dict[Generator, Scalar] = {}
    squares: dict[Generator, Scalar] = {}
    for g in value.gens:
        if isinstance(g, Root):
            flipped = numerator(g.radicand) == 1
            inner = 1 / g.radicand if flipped else g.radicand
            root = generator_scalar(FractionalPower(f"sqrt({present(inner, style)})"))
            images[g] = 1 / root if flipped else root
            if len(inner.gens) == 1 and inner == generator_scalar(inner.gens[0]):
                squares[inner.gens[0]] = root**2
    yield substitute(value, images)
    if squares:
        yield substitute(substitute(value, images), squares)


def _rank(g: Generator) -> int | None:
    match g:
        case Parameter(kind="positive" | "nonnegative"):
            return 0
        case DegreesOfFreedom():
            return 1
        case Trace():
            return 2
    return None
