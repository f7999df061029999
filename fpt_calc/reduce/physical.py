"""Which factor the limit satisfies at full variance: the one that has its computed value as a root."""

from __future__ import annotations

import random
from collections.abc import Sequence

from fpt_calc.errors import CannotDecideError, FptError
from fpt_calc.point import Point
from fpt_calc.reduce.quantity import Quantity
from fpt_calc.scalars import (
    Conjugate,
    Dimension,
    Generator,
    Parameter,
    Root,
    Scalar,
    evaluate_scalar,
    without_conjugate,
)
from fpt_calc.solve import Result, solve
from fpt_calc.system import FixedPointSystem

ATTEMPTS = 12
CLOSE, FAR = 1e-9, 1e-5  # relative size of a factor at the computed value: a root, or certainly none


def continued_root(factors: Sequence[Scalar], system: FixedPointSystem, name: str) -> Scalar:
    """The only factor that vanishes at the value computed at a random admissible point.

    Raises `CannotDecideError` if no point decides.
    """
    source = random.Random(4)
    found = {without_conjugate(g) for value in (*factors, *system.scalars) for g in value.gens}
    named = {g for g in found if isinstance(g, Dimension | Parameter)}
    for _ in range(ATTEMPTS):
        dims = {g.name: source.randrange(20, 200) for g in sorted(named, key=lambda g: g.name) if _is_dimension(g)}
        scalars = {g.name: _value(g, source) for g in sorted(named, key=lambda g: g.name) if isinstance(g, Parameter)}
        try:
            solution = solve(system, Point(dims=dims, scalars=scalars))
        except FptError:
            continue
        if solution.result is not Result.SUCCESS:
            continue
        values: dict[str, complex] = {**dims, **scalars, name: complex(solution.outputs[name])}
        sizes = [_relative_size(f, values) for f in factors]
        close = [f for f, size in zip(factors, sizes, strict=True) if size < CLOSE]
        if len(close) == 1 and sum(size > FAR for size in sizes) == len(factors) - 1:
            return close[0]
    raise CannotDecideError("no random point tells which factor is the physical one", where=name)


def _is_dimension(generator: Generator) -> bool:
    return isinstance(generator, Dimension)


def _value(parameter: Parameter, source: random.Random) -> complex | float | int:
    match parameter.kind:
        case "upper" | "complex":
            return complex(source.uniform(-1, 1), source.uniform(1, 3))
        case "fraction":
            return source.uniform(0.2, 0.8)
        case "integer" | "generations":
            return source.randrange(1, 4)
    return source.uniform(0.3, 2)


def _relative_size(factor: Scalar, values: dict[str, complex]) -> float:
    """The value of a polynomial divided by the sum of the sizes of its terms."""

    def number(g: Generator) -> complex:
        if isinstance(g, Root):
            return complex(evaluate_scalar(g.radicand, number, complex)) ** 0.5
        if isinstance(g, Conjugate):
            return number(g.of).conjugate()
        return 1j if not isinstance(g, Dimension | Parameter | Quantity) else complex(values[g.name])

    def size(g: Generator) -> float:
        return abs(number(g))

    total = abs(evaluate_scalar(factor, number, complex))
    terms = [(e, int(c)) for e, c in factor.num.to_dict().items()]
    scale = 0.0
    for exponents, c in terms:
        term = float(abs(c))
        for g, e in zip(factor.gens, exponents, strict=True):
            term *= size(g) ** int(e)
        scale += term
    return total / scale
