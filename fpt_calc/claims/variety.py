"""Points modulo a prime that lie exactly on the solution set of a fixed-point system.

The unknowns that a claim names are drawn at random; then a dimension or a parameter is solved for, one for each
equation, so that the equations hold.  A right-hand side is a rational function of that one residue; it is
interpolated, and a root of the resulting polynomial is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import flint

from fpt_calc.expr import PRIME, PrimeModel, UnluckyModelError
from fpt_calc.scalars import Dimension, Generator, Parameter, generators_of
from fpt_calc.self_energy import ModularSystem
from fpt_calc.system import FixedPointSystem, Unknown

Residue = Any
Values = dict[Unknown, Residue]
MODEL_SIZES = (2, 3)  # small matrices: the degree of a trace of an inverse is the size
_DEGREES = (1, 3, 8)  # most equations are Moebius in some dimension
Complete = Callable[[ModularSystem, Values], bool]


@dataclass(frozen=True)
class _Adapted:
    """An equation solved for the residue of a generator, as a rational function of at most this degree."""

    unknown: Unknown
    generator: Generator
    degree: int


def place_on_variety(
    system: FixedPointSystem, chosen: Sequence[Unknown], model: PrimeModel, complete: Complete
) -> Values:
    """Residues for the chosen unknowns at which their equations hold, the residues of some generators being adapted.

    ``complete`` fills in the unknowns that the chosen ones determine.
    Raises `UnluckyModelError` where no generator could be solved for in this model.
    """
    fixed: Values = {u: model.residue() for u in chosen}

    def gap(unknown: Unknown) -> Residue:
        modular, values = ModularSystem(system, model), dict(fixed)
        complete(modular, values)
        return modular.average(system.averages[unknown], modular.blocks(values)) - fixed[unknown]

    solver = _Solver(model, gap)
    adapted: list[_Adapted] = []
    for unknown in chosen:
        found = solver.adapt(unknown, adapted, _free_generators(system))
        if found is None:
            raise UnluckyModelError(f"the equation of {unknown.name} could not be solved in this model")
        adapted.append(found)
    values = dict(fixed)
    complete(ModularSystem(system, model), values)
    return values


def _free_generators(system: FixedPointSystem) -> list[Generator]:
    coefficients = [t.coefficient for t in system.terms] + [c.coefficient for c in system.couplings]
    found = {g for c in coefficients for g in generators_of(c) if isinstance(g, Dimension | Parameter)}
    return sorted(found, key=lambda g: g.name)


class _Solver:
    """Solves the equations one after the other; where a later generator moves, the earlier ones are re-solved."""

    def __init__(self, model: PrimeModel, gap: Callable[[Unknown], Residue]) -> None:
        self._model = model
        self._gap = gap

    def adapt(self, unknown: Unknown, before: Sequence[_Adapted], free: list[Generator]) -> _Adapted | None:
        """The first generator and degree with which the equation of ``unknown`` can be solved after those before it."""
        taken = {a.generator for a in before}
        for degree in _DEGREES:
            for generator in free:
                if generator in taken:
                    continue
                old = self._model.generator(generator)
                found = _Adapted(unknown, generator, degree)
                if self.solve((*before, found)):
                    return found
                self._model.set_generator(generator, old)
                self.solve(before)
        return None

    def solve(self, adapted: Sequence[_Adapted]) -> bool:
        """Make all these equations true, if their degrees suffice."""
        if not adapted:
            return True
        last = adapted[-1]

        def function(x: Residue) -> Residue | None:
            self._model.set_generator(last.generator, x)
            return self._gap(last.unknown) if self.solve(adapted[:-1]) else None

        if self.solve(adapted[:-1]) and int(self._gap(last.unknown)) == 0:
            return True
        root = _root(function, last.degree)
        return root is not None and function(root) == 0


def _root(function: Callable[[Residue], Residue | None], degree: int) -> Residue | None:
    """A root modulo the prime of a rational function of at most this degree, by Cauchy interpolation."""
    count = 2 * degree + 2
    points = [flint.nmod(k + 2, PRIME) for k in range(count)]
    values = [function(x) for x in points]
    rows = []
    for x, y in zip(points, values, strict=True):
        if y is None:
            return None
        powers = [int(x**k) for k in range(degree + 1)]
        rows.append([*powers, *(-int(y) * q for q in powers)])  # numerator - y denominator = 0
    kernel, rank = flint.nmod_mat(count, count, [v % PRIME for row in rows for v in row], PRIME).nullspace()
    if rank == 0:
        return None
    numerator = flint.nmod_poly([int(kernel[i, 0]) for i in range(degree + 1)], PRIME)
    if numerator.degree() < 1:
        return None
    for factor, _ in numerator.factor()[1]:
        if factor.degree() == 1:
            return -factor[0] / factor[1]
    return None
