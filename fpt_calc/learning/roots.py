"""The values of kappa and its like: from the solution of their law, or as the positive root of their relation."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import flint
import numpy as np

from fpt_calc.certify import certify
from fpt_calc.closed_form import unfolded
from fpt_calc.derivation import LimitLaw
from fpt_calc.errors import CannotDecideError, ComputationError
from fpt_calc.expr import Atom, constituents
from fpt_calc.learning.parameters import StageParameter
from fpt_calc.point import Ball, BallModel, Dense, Multiple, NumericModel, Point
from fpt_calc.scalars import Generator
from fpt_calc.solve import Result, Solution, solve
from fpt_calc.system import FixedPointSystem, Unknown

OWN_LINES = 2  # of the evidence of a certificate: what was shown there; the rest is the same for all


def parameter_values(parameters: Sequence[StageParameter], point: Point) -> dict[Generator, float]:
    """The values of the parameters at a point, in double precision."""
    values: dict[Generator, float] = {}
    for p in parameters:
        if p.law is None or p.meaning is None:
            values[p.symbol] = positive_root(_relation(p, point), p.symbol.name)
        else:
            values[p.symbol] = NumericModel(point, _solved(p.law, point).values).scalar(p.meaning)
    return values


def parameter_balls(
    parameters: Sequence[StageParameter], point: Point, digits: int
) -> tuple[dict[Generator, Ball], tuple[str, ...]]:
    """Balls that hold the parameters, with the evidence.

    Raises `CannotDecideError` with the reason where one is not enclosed.
    """
    values: dict[Generator, Ball] = {}
    evidence: list[str] = []
    assumed: dict[str, None] = {}
    for p in parameters:
        if p.law is None or p.meaning is None:
            values[p.symbol] = _enclosed_root(p, point, digits)
            evidence.append(f"{p.symbol.name} enclosed: its relation changes sign and is monotone in it")
            continue
        system = replace(p.law.system, outputs={p.symbol.name: p.meaning})
        full = completed(system, point)
        found = certify(system, full, _solved(p.law, point).values, digits)
        values[p.symbol] = found.outputs[p.symbol.name]
        own, general = found.evidence[:OWN_LINES], found.evidence[OWN_LINES:]
        evidence += [f"{p.symbol.name}: {line}" for line in own]
        assumed.update(dict.fromkeys(general))
    return values, (*evidence, *assumed)


def _solved(law: LimitLaw, point: Point) -> Solution:
    return solution_of(law.system, completed(law.system, point))


def solution_of(system: FixedPointSystem, point: Point) -> Solution:
    """The solution of a system; raises `ComputationError` with what happened where there is none."""
    solution = solve(system, point)
    if solution.result is not Result.SUCCESS:
        raise ComputationError(solution.result.value, where="a stage of the pipeline")
    return solution


def _relation(parameter: StageParameter, point: Point) -> Callable[[float], float]:
    relation = unfolded(parameter.relation)

    def value(x: float) -> float:
        return float(NumericModel(point, {parameter.symbol: x}).scalar(relation))

    return value


class _BallAt(BallModel):
    """A point with a ball for one parameter, inside matrices too."""

    def __init__(self, point: Point, symbol: Unknown, value: Ball) -> None:
        super().__init__(point)
        self._symbol, self._ball = symbol, value

    def _generator(self, generator: Generator, unknowns: Any) -> Any:
        return self._ball if generator == self._symbol else super()._generator(generator, unknowns)


def positive_root(relation: Callable[[float], float], name: str) -> float:
    """The root of a function that changes its sign once on the positive axis, by bisection of the exponent."""
    low, high = 1e-3, 1e3
    while relation(low) * relation(high) > 0:
        low, high = low / 1e3, high * 1e3
        if high > 1e60:
            raise ComputationError(f"no positive root {name}", remedy="are there fewer samples than dimensions?")
    sign = relation(low) > 0
    for _ in range(2000):
        middle = math.sqrt(low * high)
        if not low < middle < high:
            break
        if (relation(middle) > 0) == sign:
            low = middle
        else:
            high = middle
    return math.sqrt(low * high)


def _enclosed_root(parameter: StageParameter, point: Point, digits: int) -> Ball:
    """The root with proof of the sign change; it is the only one, traces of resolvents being monotone."""
    relation = unfolded(parameter.relation)
    start = positive_root(_relation(parameter, point), parameter.symbol.name)
    with flint.ctx.workprec(int((digits + 15) * 3.33)):

        def value(x: Ball) -> Ball:
            return _BallAt(point, parameter.symbol, x).scalar(relation)

        low, high = flint.arb(start) * (1 - flint.arb("1e-12")), flint.arb(start) * (1 + flint.arb("1e-12"))
        sign = value(low) > 0
        if not (value(low) != 0 and value(high) != 0 and (value(high) > 0) != sign):
            raise CannotDecideError(f"{parameter.symbol.name} is not enclosed", remedy="ask for values only")
        width = flint.arb(10) ** (-digits)
        while high - low > width * low:
            middle = ((low + high) / 2).mid()
            if value(middle) > 0:
                low, high = (middle, high) if sign else (low, middle)
            elif value(middle) < 0:
                low, high = (low, middle) if sign else (middle, high)
            else:
                raise CannotDecideError(f"{parameter.symbol.name} is not enclosed", remedy="ask for fewer digits")
        return low.union(high)


def completed(system: FixedPointSystem, point: Point) -> Point:
    """The point with zero for matrices that only test: the parameters do not depend on them."""
    matrices = dict(point.matrices)
    model = NumericModel(point)
    for part in constituents([*system.scalars, *system.matrices]):
        if isinstance(part, Atom) and not part.is_random and part.name not in matrices:
            if part.rows == part.cols:
                matrices[part.name] = Multiple(0)
            else:
                matrices[part.name] = Dense(np.zeros((model.size(part.rows), model.size(part.cols))))
    return Point(point.dims, point.scalars, matrices, point.commute)
