"""Coordinates on the solution of a system: parameters with their relations, in which equal scalars are equal data.

One relation holds for each parameter.  Solved for a generator in which it is linear (lam, or a trace) it gives free
coordinates; where no generator is linear, fractions are reduced modulo the relation.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from fpt_calc.closed_form.polynomials import degree, remainder, replaced, solved_for
from fpt_calc.errors import CannotDecideError
from fpt_calc.expr import Expr, Trace, inside_traces, map_scalars, map_traces
from fpt_calc.scalars import Generator, Parameter, Scalar, numerator, substitute
from fpt_calc.spectral import Commutation, normal_scalar
from fpt_calc.system import Unknown


@dataclass(frozen=True)
class OrderParameter:
    """A parameter of a closed form.

    Attributes
    ----------
    symbol : the parameter.
    meaning : what it is in the unknowns of the system.
    base : the matrix S of its resolvents ``inv(S + parameter)``; None for an unknown kept as it is.
    """

    symbol: Unknown
    meaning: Scalar
    base: Expr | None


@dataclass(frozen=True)
class Coordinates:
    """Parameters and relations of a system, and its unknowns in free coordinates.

    Attributes
    ----------
    parameters : in the order in which they are determined.
    relations : polynomials that vanish; as many as there are parameters.
    dependent : for a relation that is linear in a generator such as lam, that generator in terms of the others.
    algebraic : for other relations, the symbol and the relation modulo which fractions are reduced.
    unknowns : every unknown of the system.
    groups : names of matrices that commute with each other.
    taken : the names of the problem, which nothing new may have.
    """

    parameters: tuple[OrderParameter, ...] = ()
    relations: tuple[Scalar, ...] = ()
    dependent: dict[Generator, Scalar] = field(default_factory=dict)
    algebraic: tuple[tuple[Unknown, Scalar], ...] = ()
    unknowns: dict[Unknown, Scalar] = field(default_factory=dict)
    groups: Commutation = ()
    taken: frozenset[str] = frozenset()

    def canonical(self, value: Scalar) -> Scalar:
        """A scalar in unknowns and traces in free coordinates: equal scalars become equal data."""
        return self.free(normal_scalar(self.inner(value), lambda _, pole: self.free(pole), self.groups))

    def inner(self, value: Scalar) -> Scalar:
        """The unknowns inside traces replaced; dependent generators there stay."""
        known = self.unknowns
        return map_traces(value, lambda e: map_scalars(e, lambda c: substitute(c, known)))

    def free(self, value: Scalar) -> Scalar:
        """A scalar outside traces in free coordinates."""
        value = replaced(replaced(value, self.unknowns), self.dependent)
        for symbol, relation in self.algebraic:
            if symbol in value.gens:
                value = remainder(value, symbol, relation)
        return value


def with_dependent(draft: Coordinates, new: list[Scalar]) -> Coordinates:
    """The coordinates with new relations, each solved for a generator: a parameter, else a trace, else a dimension."""
    dependent, algebraic = dict(draft.dependent), list(draft.algebraic)
    relations = draft.relations + tuple(new)
    inside = {g for e in relations for g in inside_traces(e)}
    for relation in new:
        current = numerator(replaced(relation, dependent))
        options = [g for g in current.gens if degree(current, g) == 1 and g.square is None and g not in inside]
        options = [g for g in options if not isinstance(g, Unknown)]
        if options:
            chosen = min(options, key=_preference)
            image = {chosen: solved_for(current, chosen)}
            dependent = {g: replaced(v, image) for g, v in dependent.items()} | image
        else:
            symbols = [p.symbol for p in draft.parameters if p.symbol in current.gens]
            if not symbols or all(isinstance(g, Unknown) for g in current.gens):
                raise CannotDecideError("a relation determines no parameter", remedy="use the equations")
            algebraic.append((symbols[-1], current))
    result = replace(draft, relations=relations, dependent=dependent, algebraic=tuple(algebraic))
    return replace(result, unknowns={u: result.free(v) for u, v in draft.unknowns.items()})


def _preference(generator: Generator) -> tuple[int, str]:
    match generator:
        case Parameter(kind="upper" | "complex"):
            return 0, generator.name
        case Parameter(kind="positive" | "nonnegative"):
            return 1, generator.name
        case Trace():
            return 2, generator.name
        case Parameter():
            return 3, generator.name
    return 4, generator.name
