"""The ways in which a parameter can behave in a limit: leading exponents by the Newton polygon of its relation.

With ``kappa = c eps**a`` the relation has a leading term ``eps**v(a) L(c)``.  On a range of exponents in which no
resolvent changes its regime, v is concave and piecewise linear, and a solution has an exponent at which v has a kink;
the exponents between the ranges are tried as well.  There c is a root of L.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import combinations, pairwise
from types import MappingProxyType

from fpt_calc.closed_form import Coordinates, OrderParameter
from fpt_calc.closed_form.coordinates import with_dependent
from fpt_calc.closed_form.polynomials import coefficients, degree
from fpt_calc.errors import CannotDecideError, InputError
from fpt_calc.expr import (
    Expr,
    Inverse,
    Sum,
    Trace,
    differentiate,
    inner_scalars,
    inside_traces,
    map_scalars,
    postorder,
    substitute_everywhere,
    tau,
)
from fpt_calc.limits.expand import Expander
from fpt_calc.limits.series import PrecisionError, Series, monomial, series
from fpt_calc.limits.setting import Approach
from fpt_calc.scalars import (
    ONE,
    ZERO,
    Generator,
    Parameter,
    Scalar,
    denominator,
    from_polynomial,
    generator_scalar,
    is_nonnegative,
    numerator,
    scalar,
    square_root,
    substitute,
)
from fpt_calc.spectral import normal_scalar
from fpt_calc.system import Unknown

DEPTHS = tuple(Fraction(k, 2) for k in (1, 2, 3, 4, 6, 8, 12, 16))
MAX_PREFIX = 2
NEAR, FAR = Fraction(1, 7), Fraction(9, 2)  # exponents of Puiseux series in practice lie between


@dataclass(frozen=True)
class Branch:
    """``parameter = coefficient * eps**exponent + ...``

    Attributes
    ----------
    parameter : the parameter of the closed form.
    relation : its relation.
    exponent : of the leading term.
    symbol : the leading coefficient where it is known by its equation only.
    root : the leading coefficient where it is explicit.
    equation : what vanishes at the coefficient, a polynomial in ``symbol`` and traces.
    rest : the other factors of the leading term of the relation.
    order : the exponent of that leading term.
    coordinates : in which coefficients are free.
    prefix : the terms before ``coefficient * eps**exponent`` if those before it belong to several solutions.
    start : the branch that ends with the prefix.
    """

    parameter: OrderParameter
    relation: Scalar
    exponent: Fraction
    symbol: Unknown
    root: Scalar | None
    equation: Scalar
    rest: Scalar
    order: Fraction
    coordinates: Coordinates = field(default_factory=Coordinates)
    prefix: Mapping[Fraction, Scalar] = field(default_factory=dict)
    start: Branch | None = None

    @property
    def implicit(self) -> Branch | None:
        """The branch itself or one that it starts from, if its coefficient is known by an equation only."""
        if self.root is None:
            return self
        return None if self.start is None else self.start.implicit

    @property
    def lead(self) -> Fraction:
        """The leading exponent of the parameter."""
        return min([self.exponent, *self.prefix])

    @property
    def coefficient(self) -> Scalar:
        """The leading coefficient."""
        return generator_scalar(self.symbol) if self.root is None else self.root

    def free(self, value: Scalar) -> Scalar:
        """A coefficient in free coordinates."""
        return self.coordinates.free(value)

    def slope(self) -> Scalar:
        """The derivative of the leading term of the relation by the leading coefficient."""
        value = derivative(self.equation, self.symbol) * self.rest
        if self.root is not None:
            value = normal_scalar(substitute_everywhere(value, {self.symbol: self.root}))
        return self.free(value)

    def expansion(self, approach: Approach, depth: Fraction) -> Series:
        """The parameter as a series, as far as ``depth`` powers behind its leading term."""
        slope = self.slope()
        known = series({**self.prefix, self.exponent: self.coefficient}, None, depth)
        while True:
            images = {approach.generator: approach.series(depth), self.parameter.symbol: known}
            rest = Expander(images, self.free, depth + self.exponent - self.lead + 1).scalar(self.relation)
            if rest.floor is None:
                return known
            behind = rest.floor - self.order
            if not rest.terms or behind >= depth:
                if behind <= 0:
                    raise PrecisionError
                return series(known.terms, self.exponent + behind, depth)
            known = known + monomial(-rest.terms[rest.floor] / slope, self.exponent + behind, depth)


def branches(parameter: OrderParameter, relation: Scalar, approach: Approach) -> list[Branch]:
    """Every leading term that the parameter can have; which of them is the solution is not decided here.

    Raises `CannotDecideError` where a leading term of the relation cannot be found.
    """
    pending = _starts(parameter, relation, _Polygon(parameter.symbol, relation, approach))
    found: list[Branch] = []
    while pending:
        branch = pending.pop(0)
        if not branch.slope().is_zero:
            found.append(branch)
        elif len(branch.prefix) < MAX_PREFIX:
            pending += _continued(branch, approach)
        else:
            name = parameter.symbol.name
            raise CannotDecideError(f"many solutions of {name} start alike", remedy="use the equations")
    return found


def _starts(parameter: OrderParameter, relation: Scalar, polygon: _Polygon) -> list[Branch]:
    found: list[Branch] = []
    for exponent in polygon.exponents():
        symbol = polygon.symbol(exponent)
        order, leading = polygon.leading(exponent)
        for equation, rest in _factors(leading, symbol):
            found += _with_coefficients(Branch(parameter, relation, exponent, symbol, None, equation, rest, order))
    return found


def _continued(branch: Branch, approach: Approach) -> list[Branch]:
    """The branches that start with a multiple root of the leading equation, each with its next term."""
    prefix = {**branch.prefix, branch.exponent: branch.coefficient}
    polygon = _Polygon(branch.parameter.symbol, branch.relation, approach, prefix, branch.free)
    found: list[Branch] = []
    for exponent in polygon.later_exponents(branch.exponent):
        symbol = polygon.symbol(exponent)
        order, leading = polygon.leading(exponent)
        for equation, rest in _factors(leading, symbol):
            roots = _roots(equation, symbol)
            if roots is None:
                raise CannotDecideError(f"a term of {symbol.name} of high degree", remedy="use the equations")
            new = replace(branch, exponent=exponent, symbol=symbol, equation=equation, rest=rest, order=order)
            found += [replace(new, root=r, prefix=prefix, start=branch) for r in roots]
    return found


def _with_coefficients(start: Branch) -> list[Branch]:
    """The branch for each explicit coefficient, or one with the coefficient known by its equation."""
    roots = _roots(start.equation, start.symbol)
    if roots is not None:
        return [replace(start, root=r) for r in roots if not is_nonnegative(-r)]
    p = OrderParameter(start.symbol, generator_scalar(start.symbol), start.parameter.base)
    return [replace(start, coordinates=with_dependent(Coordinates((p,)), [start.equation]))]


def _roots(equation: Scalar, symbol: Unknown) -> list[Scalar] | None:
    """The roots of an equation of degree one or two without the symbol inside traces; None for others."""
    if symbol in inside_traces(equation) or degree(equation, symbol) > 2:
        return None
    c, b, *rest = coefficients(equation, symbol)
    if not rest:
        return [-c / b]
    (a,) = rest
    try:
        root = _either_root(b * b - 4 * a * c) / (2 * a)
    except InputError:
        return None
    return [root - b / (2 * a), -root - b / (2 * a)]


def _either_root(value: Scalar) -> Scalar:
    """One of the two square roots: squares leave the root whatever their sign."""
    outside = inside = ONE
    for part, sign in ((numerator(value), 1), (denominator(value), -1)):
        content, factors = part.num.factor() if part.gens else (part.constant, [])
        inside = inside * scalar(Fraction(int(content))) ** sign
        for polynomial, exponent in factors:
            factor = from_polynomial(part.gens, polynomial)
            outside = outside * factor ** (sign * (int(exponent) // 2))
            inside = inside * factor ** (sign * (int(exponent) % 2))
    return outside * square_root(inside)


def _factors(leading: Scalar, symbol: Unknown) -> Iterator[tuple[Scalar, Scalar]]:
    """The prime factors that depend on the symbol, other than the symbol itself, with the cofactor."""
    for polynomial, _ in numerator(leading).num.factor()[1] if leading.gens else ():
        factor = from_polynomial(numerator(leading).gens, polynomial)
        if factor != generator_scalar(symbol) and (symbol in factor.gens or symbol in inside_traces(factor)):
            yield factor, leading / factor


def derivative(value: Scalar, symbol: Unknown) -> Scalar:
    """The derivative by an unknown, inside traces too, in normal form."""
    total = partial(value, symbol)
    for g in value.gens:
        if isinstance(g, Trace) and symbol in inside_traces(generator_scalar(g)):
            total = total + partial(value, g) * _trace_derivative(g, symbol)
    return total


def partial(value: Scalar, g: Generator) -> Scalar:
    """The derivative by a generator, traces being constant."""
    if g not in value.gens:
        return ZERO
    top, bottom = (from_polynomial(value.gens, p.derivative(value.gens.index(g))) for p in (value.num, value.den))
    return (top - value * bottom) / denominator(value)


def _trace_derivative(trace: Trace, symbol: Unknown) -> Scalar:
    unknowns = {g for c in inner_scalars(trace.argument) for g in c.gens if isinstance(g, Unknown)}
    variables = {u: Parameter(f"{u.name} as a variable", "positive") for u in unknowns}
    back = {v: generator_scalar(u) for u, v in variables.items()}
    images = {u: generator_scalar(v) for u, v in variables.items()}
    moved = map_scalars(trace.argument, lambda c: substitute(c, images))
    slope = map_scalars(differentiate(moved, variables[symbol]), lambda c: substitute(c, back))
    return normal_scalar(tau(slope))


class _Polygon:
    """The function v(a) with its leading terms; working data."""

    def __init__(
        self,
        parameter: Unknown,
        relation: Scalar,
        approach: Approach,
        prefix: Mapping[Fraction, Scalar] = MappingProxyType({}),
        free: Callable[[Scalar], Scalar] = lambda c: c,
    ) -> None:
        self._parameter = parameter
        self._relation = relation
        self._approach = approach
        self._prefix = prefix
        self._free = free
        self._known: dict[Fraction, tuple[Fraction, Scalar]] = {}

    def symbol(self, exponent: Fraction) -> Unknown:
        """The name of the leading coefficient: that of the parameter where it stays finite."""
        if self._prefix:
            return Unknown(f"{self._parameter.name}{len(self._prefix)}")
        return Unknown(f"{self._parameter.name}0") if exponent else self._parameter

    def leading(self, exponent: Fraction) -> tuple[Fraction, Scalar]:
        """``v(a)`` and L."""
        if exponent not in self._known:
            self._known[exponent] = self._leading(exponent)
        return self._known[exponent]

    def _leading(self, exponent: Fraction) -> tuple[Fraction, Scalar]:
        for depth in DEPTHS:
            terms = {**self._prefix, exponent: generator_scalar(self.symbol(exponent))}
            images = {
                self._approach.generator: self._approach.series(depth),
                self._parameter: series(terms, None, depth),
            }
            try:
                found = Expander(images, self._free, depth).scalar(self._relation)
                valuation = found.valuation
            except PrecisionError:
                continue
            if valuation is not None:
                return valuation, found.terms[valuation]
        name = self._parameter.name
        raise CannotDecideError(f"the leading term of the equation of {name} was not found", remedy="use the equations")

    def exponents(self) -> list[Fraction]:
        """The exponents at which a solution can start, the change of regime of resolvents included."""
        kinks = sorted(self._kinks())
        ends = [(a + NEAR, b - NEAR) for a, b in pairwise(kinks) if b - a > 2 * NEAR]
        ends += [(kinks[0] - FAR, kinks[0] - NEAR), (kinks[-1] + NEAR, kinks[-1] + FAR)]
        found = set(kinks)
        for low, high in ends:
            found |= set(self._between(low, high))
        return sorted(found)

    def later_exponents(self, after: Fraction) -> list[Fraction]:
        """The exponents at which the next term can stand."""
        return sorted(self._between(after + NEAR, after + FAR))

    def _between(self, low: Fraction, high: Fraction) -> Iterator[Fraction]:
        """The kinks of a concave piecewise linear function; its slopes are the exponents of the symbol in L."""
        (v, f), (w, g) = self.leading(low), self.leading(high)
        left, right = min(self._powers(low, f)), max(self._powers(high, g))
        if left == right:
            return
        middle = (w - v + left * low - right * high) / (left - right)
        if not low < middle < high:
            return
        height, _ = self.leading(middle)
        if height == v + left * (middle - low):
            yield middle
        else:
            yield from self._between(low, middle)
            yield from self._between(middle, high)

    def _powers(self, exponent: Fraction, leading: Scalar) -> list[int]:
        symbol = self.symbol(exponent)
        if symbol in inside_traces(leading):
            raise CannotDecideError(f"a change of regime of {symbol.name} was missed", remedy="use the equations")
        parts = coefficients(numerator(leading), symbol)
        return [k - degree(denominator(leading), symbol) for k, c in enumerate(parts) if not c.is_zero]

    def _kinks(self) -> set[Fraction]:
        """Where the leading part of an inverted sum changes: zero for ``S + kappa``."""
        found = {Fraction(0)}
        for g in self._relation.gens:
            if isinstance(g, Trace):
                for node in postorder(g.argument):
                    if isinstance(node, Inverse) and isinstance(node.argument, Sum):
                        found |= self._balances(node.argument)
        return found

    def _balances(self, total: Sum) -> set[Fraction]:
        """The exponents at which two coefficients of a sum are of one order."""
        orders = [next(self._orders(term), (0, 0)) for term in total.terms]
        pairs = [(a, b) for a, b in combinations(orders, 2) if a[0] != b[0]]
        return {Fraction(b[1] - a[1], a[0] - b[0]) for a, b in pairs}

    def _orders(self, term: Expr) -> Iterator[tuple[int, int]]:
        """The powers of the parameter and of eps in the coefficient of a term."""
        for c in inner_scalars(term):
            by_eps = self._approach.exponent if self._approach.start.is_zero else 0
            powers = []
            for g in (self._parameter, self._approach.generator):
                powers.append(degree(numerator(c), g) - degree(denominator(c), g))
            yield powers[0], powers[1] * by_eps
