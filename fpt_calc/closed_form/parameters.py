"""The parameters of a closed form, and every unknown of a system rationally in them.

A nonlinear component meets its deterministic matrices through resolvents.  One of a single matrix, ``c0 + c1 S`` with
unknowns in c0 and c1, is ``c1 (S + kappa)`` with ``kappa = c0/c1``: kappa becomes the parameter, and the unknowns
follow by linear elimination.  Unknowns inside a resolvent of several matrices stay parameters themselves, and so do
unknowns that are targets.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fpt_calc.closed_form.coordinates import Coordinates, OrderParameter, with_dependent
from fpt_calc.closed_form.evidence import SolvedPoints
from fpt_calc.closed_form.naming import Names, renamed
from fpt_calc.closed_form.polynomials import degree, eliminate, primitive, replaced, solved_for
from fpt_calc.errors import CannotDecideError, InputError
from fpt_calc.expr import Expr, PrimeModel, Trace, inside_traces, try_models
from fpt_calc.reduce import SymbolicBlocks
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
    substitute,
)
from fpt_calc.solve import formal_value
from fpt_calc.spectral import Commutation, normal_scalar
from fpt_calc.system import Component, FixedPointSystem, Unknown

SERIES_ORDER = 4  # equal to this order modulo 2^61 in a random model is taken as equal


def coordinates(system: FixedPointSystem, solved: SolvedPoints, groups: Commutation = ()) -> Coordinates:
    """Parameters for a system, and its unknowns in them.

    Raises `fpt_calc.errors.CannotDecideError` where an unknown is no rational function of parameters of this kind.
    """
    try:
        return _coordinates(system, solved, groups)
    except InputError:  # a denominator of the system vanishes in the coordinates found
        raise CannotDecideError("the parameters do not determine the system", remedy="use the equations") from None


def _coordinates(system: FixedPointSystem, solved: SolvedPoints, groups: Commutation) -> Coordinates:
    blocks = SymbolicBlocks(system, {})
    names = Names(system)
    result = Coordinates(groups=groups, taken=names.taken)
    for component in system.components:
        right = {u: blocks.average(u) for u in component.unknowns}
        if component.linear:
            result = _with_linear(result, component, right)
        else:
            result = _with_nonlinear(result, system, right, names, solved)
    return result


def _with_nonlinear(
    known: Coordinates, system: FixedPointSystem, right: dict[Unknown, Scalar], names: Names, solved: SolvedPoints
) -> Coordinates:
    poles = _Poles(known, system, frozenset(right))
    pairs = {u: poles.normal(value) for u, value in right.items()}
    poles.name_isotropic(pairs)
    equations = [numerator(generator_scalar(u) - value) for u, value in pairs.items()]
    equations += [
        numerator(generator_scalar(symbol) * denominator(p) - numerator(p)) for symbol, p in poles.equations()
    ]
    inside = {g for e in equations for g in inside_traces(e)} & set(right)
    targets = {g for s in system.outputs.values() for g in s.gens}
    found, rest = eliminate(equations, [u for u in right if u not in inside], never_zero, targets)
    rest = [r for r in rest if not known.canonical(r).is_zero]
    kept = [u for u in right if u not in found]
    if len(rest) != len(kept) + len(poles.found):
        raise CannotDecideError("the unknowns are no rational functions of the parameters", remedy="use the equations")
    new = [OrderParameter(symbol, pole.meaning, pole.base) for symbol, pole in poles.found.items()]
    new += [OrderParameter(u, generator_scalar(u), None) for u in kept]
    meanings = {p.symbol: p.meaning for p in (*known.parameters, *new)}
    rest = [_by_itself(solved.physical_factor(r, meanings), known) for r in rest]
    unknowns = {u: known.free(v) for u, v in found.items() if isinstance(u, Unknown)}
    draft = replace(known, parameters=known.parameters + tuple(new), unknowns={**known.unknowns, **unknowns})
    return renamed(with_dependent(draft, rest), new, names)


def _by_itself(relation: Scalar, known: Coordinates) -> Scalar:
    """The relation without an earlier parameter, where that one came in through a common scalar such as lam."""
    earlier = {p.symbol for p in known.parameters}
    for other in known.relations:
        for t in (g for g in other.gens if isinstance(g, Trace) and g in relation.gens and degree(other, g) == 1):
            moved = primitive(numerator(replaced(relation, {t: solved_for(other, t)})), never_zero)
            if not earlier & set(moved.gens):
                return moved
    return relation


class _Pole:
    """A pole of a resolvent: of which matrix (None: of the identity), its value in coordinates, and in unknowns."""

    def __init__(self, base: Expr | None, value: Scalar, meaning: Scalar) -> None:
        self.base = base
        self.value = value
        self.meaning = meaning


class _Poles:
    """Names the poles of resolvents that contain unknowns of one component."""

    def __init__(self, known: Coordinates, system: FixedPointSystem, component: frozenset[Unknown]) -> None:
        self._known = known
        self._system = system
        self._component = component
        self.found: dict[Unknown, _Pole] = {}
        self._before = {
            p.symbol: _Pole(p.base, generator_scalar(p.symbol), p.meaning)
            for p in known.parameters
            if p.base is not None
        }
        self._others: list[tuple[Unknown, Scalar]] = []

    def normal(self, value: Scalar) -> Scalar:
        """A right-hand side in normal form, new poles named."""
        return self._known.free(normal_scalar(self._known.inner(value), self._name, self._known.groups))

    def equations(self) -> list[tuple[Unknown, Scalar]]:
        """Each symbol with the expressions that it stands for."""
        return [(symbol, pole.value) for symbol, pole in self.found.items()] + self._others

    def _name(self, base: Expr, pole: Scalar) -> Scalar:
        value = self._known.free(pole)
        if not any(u in self._component for u in value.gens):
            return value
        for symbol, known in (self._before | self.found).items():
            if known.base == base and (known.value == value or _equal_on_solution(self._system, known.meaning, pole)):
                if known.value != value and (symbol, value) not in self._others:
                    self._others.append((symbol, value))
                return generator_scalar(symbol)
        symbol = Unknown(f"pole {len(self.found)}")
        self.found[symbol] = _Pole(base, value, pole)
        return generator_scalar(symbol)

    def name_isotropic(self, pairs: dict[Unknown, Scalar]) -> None:
        """Where no matrix is left, ``1/(lam + u)`` is the resolvent of u times the identity: ``kappa = lam/u``.

        Not where an unknown is itself a target: then it is the parameter that the reader expects.
        """
        wanted = {g for s in self._system.outputs.values() for g in s.gens}
        if self.found or any(isinstance(g, Trace) for v in pairs.values() for g in v.gens) or wanted & set(pairs):
            return
        for value in pairs.values():
            for pole in _scalar_poles(denominator(value), self._component):
                self.found[Unknown("pole")] = _Pole(None, pole, pole)
                return


def _scalar_poles(bottom: Scalar, component: frozenset[Unknown]) -> Iterator[Scalar]:
    """``a/u`` for a factor ``a + u``, up to a number, with a positive parameter a of the problem and one unknown u."""
    for factor, _ in bottom.num.factor()[1] if bottom.gens else ():
        part = from_polynomial(bottom.gens, factor)
        unknowns = [g for g in part.gens if g in component]
        if len(part.num) != 2 or len(unknowns) != 1 or degree(part, unknowns[0]) != 1:
            continue
        constant = substitute(part, {unknowns[0]: ZERO})
        if len(constant.gens) != 1:
            continue
        (g,) = constant.gens
        if isinstance(g, Parameter) and g.kind in ("positive", "nonnegative"):
            yield constant / (part - constant)


def _equal_on_solution(system: FixedPointSystem, a: Scalar, b: Scalar) -> bool:
    gap = numerator(a - b)
    if any(isinstance(g, Trace) for g in gap.gens):
        return False
    ramp = Parameter("the variance ramp")

    def attempt(model: PrimeModel) -> bool:
        return all(int(c) == 0 for c in formal_value(system, gap, SERIES_ORDER, model, ramp))

    return try_models(attempt, seed=3)


def never_zero(generator: Generator) -> bool:
    """Whether a generator as a factor of an equation may be dropped."""
    return isinstance(generator, Parameter | Dimension | Unknown)


def _with_linear(known: Coordinates, component: Component, right: dict[Unknown, Scalar]) -> Coordinates:
    """Solve ``x = b + A x`` exactly in free coordinates."""
    equations = [numerator(generator_scalar(u) - known.canonical(v)) for u, v in right.items()]
    solved, rest = eliminate(equations, component.unknowns, never_zero)
    if rest or len(solved) != len(component.unknowns):
        raise CannotDecideError("a linear component is singular", remedy="use the equations")
    unknowns = {u: known.free(v) for u, v in solved.items() if isinstance(u, Unknown)}
    return replace(known, unknowns={**known.unknowns, **unknowns})
