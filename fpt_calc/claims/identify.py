"""What the roots of a claim file are in the derived law: guessed from numbers, then proved.

A root is compared with the parameters and unknowns of the derived law, up to a monomial in the scalars and dimensions
of the problem.  What fits at some points is put into the equation of the root, which has to vanish exactly.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import flint
import numpy as np

from fpt_calc.claims.derived import Derived, SolvedPoint
from fpt_calc.claims.file import Roots
from fpt_calc.claims.symbols import RootSymbol
from fpt_calc.closed_form import Coordinates, vanishes
from fpt_calc.errors import CannotDecideError, FptError
from fpt_calc.expr import substitute_everywhere
from fpt_calc.point import NumericModel
from fpt_calc.scalars import Generator, Parameter, Scalar, generator_scalar, scalar

CLOSE = 1e-7  # relative; the numbers are right to about 1e-10
Images = dict[Generator, Scalar]


def identified(
    derived: Derived,
    definitions: Sequence[Roots],
    points: Sequence[SolvedPoint],
    values: Sequence[Mapping[Generator, Any]],
) -> Images:
    """Every defined name as a scalar of the derived law, the equations of the definitions being satisfied exactly.

    Parameters
    ----------
    points, values : some points, and what the names are there.

    Raises `CannotDecideError` for a name that was not recognized, or whose equation was not shown to hold.
    """
    if not points:
        raise CannotDecideError("the names of the claim have no clear meaning", remedy="write sharper conditions")
    found: Images = {}
    for definition in definitions:
        options = [list(_candidates(derived, s, points, values)) for s in definition.symbols]
        chosen = _proved(derived.coordinates, definition, options, found)
        if chosen is None:
            names = ", ".join(s.name for s in definition.symbols)
            raise CannotDecideError(f"{names} was not recognized in the derived law", remedy="use its own parameters")
        found |= chosen
    return found


def _proved(
    coordinates: Coordinates, definition: Roots, options: Sequence[Sequence[Scalar]], known: Images
) -> Images | None:
    """The first candidates (one for each name) with which the equations vanish in free coordinates."""
    pools = [pool[:4] for pool in options]
    for choice in _products(pools):
        images = known | dict(zip(definition.symbols, choice, strict=True))
        try:
            if all(vanishes(coordinates, substitute_everywhere(e, images)) for e in definition.equations):
                return images
        except FptError:
            continue
    return None


def _products(pools: Sequence[Sequence[Scalar]]) -> Iterator[tuple[Scalar, ...]]:
    if not pools:
        yield ()
        return
    for first in pools[0]:
        for rest in _products(pools[1:]):
            yield (first, *rest)


def _candidates(
    derived: Derived, symbol: RootSymbol, points: Sequence[SolvedPoint], values: Sequence[Mapping[Generator, Any]]
) -> Iterator[Scalar]:
    """Scalars of the derived law that have the values of a root at all points."""
    wanted = [complex(_number(v[symbol])) for v in values]
    models = [NumericModel(p.exact.point, p.solution.values) for p in points]
    seen: set[Scalar] = set()
    for base, meaning in _bases(derived):
        numbers = [complex(m.scalar(meaning)) for m in models]
        for exponent in (1, -1):
            if any(n == 0 for n in numbers) and exponent < 0:
                continue
            factor = _monomial(derived, models, [w / n**exponent for w, n in zip(wanted, numbers, strict=True)])
            if factor is not None and (candidate := factor * base**exponent) not in seen:
                seen.add(candidate)
                yield candidate


def _bases(derived: Derived) -> Iterator[tuple[Scalar, Scalar]]:
    """What a root can be up to a monomial, in coordinates and in the unknowns of the system."""
    for p in derived.coordinates.parameters:
        yield generator_scalar(p.symbol), p.meaning
    for unknown in derived.law.system.unknowns:
        yield generator_scalar(unknown), generator_scalar(unknown)
    for value in derived.law.system.outputs.values():
        yield value, value


def _monomial(derived: Derived, models: Sequence[NumericModel], ratios: Sequence[complex]) -> Scalar | None:
    """The monomial in real scalars and dimensions that has these values, if there is one."""
    if not all(math.isfinite(abs(r)) and abs(r) > 0 for r in ratios):
        return None
    sign = 1 if abs(ratios[0] - abs(ratios[0])) <= CLOSE * abs(ratios[0]) else -1
    if any(abs(r - sign * abs(r)) > CLOSE * abs(r) for r in ratios):
        return None
    if all(abs(abs(r) - 1) <= CLOSE for r in ratios):
        return scalar(sign)
    problem = derived.problem
    gens: list[Generator] = [*problem.dims.values(), *(p for p in problem.scalars.values() if _has_logarithm(p))]
    if len(models) <= len(gens):
        return None
    table = [[math.log(float(m.scalar(generator_scalar(g)))) for g in gens] for m in models]
    logs = [math.log(abs(r)) for r in ratios]
    solution = np.linalg.lstsq(np.array(table), np.array(logs), rcond=None)[0]
    exponents = [round(float(x)) for x in solution]
    fitted = np.array(table) @ np.array(exponents)
    if np.abs(fitted - np.array(logs)).max() > CLOSE:
        return None
    result = scalar(sign)
    for g, e in zip(gens, exponents, strict=True):
        result = result * generator_scalar(g) ** e
    return result


def _has_logarithm(parameter: Parameter) -> bool:
    return parameter.kind in ("positive", "nonnegative", "fraction")


def _number(value: Any) -> complex:
    return complex(value.mid()) if isinstance(value, flint.acb) else float(value.mid())
