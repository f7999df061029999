"""Where a value is least: stationarity in the parameter of its closed form, solved for a scalar of the problem.

The scalar (lam, say) is a function of the parameter kappa by the relation; the value is stationary in lam where it is
in kappa.  A trace of the relation is then replaced by lam again, and factors that are linear in lam are solved.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from fpt_calc.closed_form import ClosedForm, sample_point
from fpt_calc.closed_form.bases import Style
from fpt_calc.closed_form.polynomials import degree, solved_for
from fpt_calc.closed_form.present import present
from fpt_calc.errors import CannotDecideError, FptError, InputError
from fpt_calc.expr import Trace, inside_traces
from fpt_calc.formula import Formula
from fpt_calc.limits.branches import derivative
from fpt_calc.point import NumericModel, Point
from fpt_calc.scalars import (
    Dimension,
    Generator,
    Parameter,
    Scalar,
    from_polynomial,
    generator_scalar,
    is_nonnegative,
    numerator,
    ring,
    substitute,
)
from fpt_calc.solve import Result, solve
from fpt_calc.system import FixedPointSystem, Unknown

POINTS = 4
SEEDS = 20
STEP = Fraction(1, 20)  # relative distance of the points that a minimum is compared with
SLACK = 1e-9


@dataclass(frozen=True)
class Minimum:
    """``generator = value`` is where a target is least.

    Attributes
    ----------
    generator : what it is minimized over.
    value : the minimizer, exact.
    formula : the minimizer as it is printed.
    """

    generator: Parameter
    value: Scalar
    formula: Formula

    def __str__(self) -> str:
        return f"{self.generator.name} = {self.formula}"


def minimum_of(system: FixedPointSystem, form: ClosedForm, target: str, over: Generator | None, name: str) -> Minimum:
    """The minimizer of a target over a positive scalar, checked against the solver on both sides of it.

    Raises
    ------
    InputError
        if there is no positive scalar ``name``.
    CannotDecideError
        where the stationarity condition has no factor linear in the scalar, or none of its roots is a minimum.
    """
    if not isinstance(over, Parameter) or over.kind not in ("positive", "nonnegative"):
        raise InputError(f"{name!r} is no positive scalar of this law", where="minimize", remedy='give over="lam"')
    value = system.outputs[target]
    for candidate in _candidates(form, value, over):
        if not is_nonnegative(-candidate) and _is_minimum(system, form, target, over, candidate):
            return Minimum(over, candidate, present(candidate, Style(frozenset(), (), False)))
    raise CannotDecideError(
        f"no minimum of {target} over {name} as a formula", remedy="minimize the values of .at(...) numerically"
    )


def _candidates(form: ClosedForm, value: Scalar, over: Parameter) -> Iterator[Scalar]:
    """The stationary points that are rational in scalars and dimensions."""
    found = form.coordinates
    if len(found.parameters) > 1:
        raise CannotDecideError("the minimum with several parameters", remedy="minimize .at(...) numerically")
    condition = found.canonical(value)
    if not found.parameters:
        yield from _roots(numerator(_by(condition, over)), over, constants=True)
        return
    (parameter,), (relation,) = found.parameters, found.relations
    symbol = parameter.symbol
    condition = numerator(_total_derivative(condition, relation, symbol, over))
    yield from _roots(numerator(found.free(condition)), over)
    if not any(isinstance(g, Trace) for g in (*relation.gens, *condition.gens)):
        yield from _roots(_resultant(condition, relation, symbol), over)
        return
    for g in relation.gens:
        if degree(relation, g) == 1 and g != over and (isinstance(g, Trace) or g == symbol):
            image = solved_for(relation, g)
            if g not in inside_traces(condition):
                yield from _roots(numerator(substitute(numerator(found.free(condition)), {g: image})), over)


def _resultant(a: Scalar, b: Scalar, symbol: Unknown) -> Scalar:
    """The polynomial without the symbol that vanishes where two polynomials do."""
    if symbol not in a.gens or symbol not in b.gens:
        return a
    gens = tuple(sorted({*a.gens, *b.gens}, key=lambda g: g.name))
    p, q = (x.num.project_to_context(ring(gens)) for x in (a, b))
    return from_polynomial(gens, p.resultant(q, gens.index(symbol)))


def _total_derivative(value: Scalar, relation: Scalar, symbol: Unknown, over: Parameter) -> Scalar:
    """Zero where the value is stationary along the relation; by the symbol only if the scalar does not occur."""
    if over not in value.gens and over not in inside_traces(value):
        return derivative(value, symbol)
    slope = derivative(value, symbol) * _by(relation, over)
    return slope - _by(value, over) * derivative(relation, symbol)


def _by(value: Scalar, over: Parameter) -> Scalar:
    """The partial derivative by a scalar of the problem, through an unknown in its place."""
    stand_in = Unknown(f"{over.name} in its place")
    moved = substitute(value, {over: generator_scalar(stand_in)})
    return substitute(derivative(moved, stand_in), {stand_in: generator_scalar(over)})


def _roots(condition: Scalar, over: Parameter, constants: bool = False) -> Iterator[Scalar]:
    """The roots of the factors that are linear in a scalar; ``constants``: traces do not depend on it."""
    if not condition.gens:
        return
    for polynomial, _ in condition.num.factor()[1]:
        factor = from_polynomial(condition.gens, polynomial)
        plain = all(isinstance(g, Parameter | Dimension) or (constants and isinstance(g, Trace)) for g in factor.gens)
        if plain and degree(factor, over) == 1:
            yield solved_for(factor, over)


def _is_minimum(system: FixedPointSystem, form: ClosedForm, target: str, over: Parameter, candidate: Scalar) -> bool:
    """Whether the target is larger on both sides of the candidate at random points."""
    checked = 0
    for seed in range(SEEDS):
        point = sample_point(system, form.coordinates.groups, seed, [candidate])
        try:
            middle = Fraction(NumericModel(point).scalar(candidate)).limit_denominator(10**9)
            if middle <= 0:
                continue
            numbers = [_value(system, target, point, {over.name: middle * (1 + k * STEP)}) for k in (-1, 0, 1)]
        except FptError:
            continue
        if not (numbers[1] < numbers[0] + SLACK and numbers[1] < numbers[2] + SLACK):
            return False
        checked += 1
        if checked == POINTS:
            return True
    return checked > 0


def _value(system: FixedPointSystem, target: str, point: Point, scalars: Mapping[str, Fraction]) -> float:
    solution = solve(system, Point(point.dims, {**point.scalars, **scalars}, point.matrices, point.commute))
    if solution.result is not Result.SUCCESS:
        raise CannotDecideError("the solver fails near the minimum", remedy="minimize .at(...) numerically")
    return float(complex(solution.outputs[target]).real)
