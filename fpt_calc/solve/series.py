"""The formal solution of a system as a power series in the variance, exactly, in a model over a prime field.

With eta multiplied by t, ``(F - t eta(G)) G = 1`` gives ``G_0 = F^-1`` and ``G_m = F^-1 sum_{a+b=m-1} eta(G_a) G_b``.
The coefficients can be compared term by term with noncrossing moments, which know nothing of pencils.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import flint

from fpt_calc.errors import CannotDecideError, InputError
from fpt_calc.expr import PRIME, PrimeModel, try_models
from fpt_calc.scalars import Generator, Scalar, denominator, evaluate_scalar, numerator
from fpt_calc.self_energy import ModularSystem, Residue
from fpt_calc.system import FixedPointSystem, Unknown

Matrix = Any  # flint.nmod_mat
Blocks = dict[tuple[int, int], Matrix]


@dataclass(frozen=True)
class TruncatedSeries:
    """A power series modulo t^len, with the arithmetic that scalars need."""

    coefficients: tuple[Residue, ...]

    def __add__(self, other: TruncatedSeries) -> TruncatedSeries:
        return TruncatedSeries(tuple(a + b for a, b in zip(self.coefficients, other.coefficients, strict=True)))

    def __mul__(self, other: TruncatedSeries) -> TruncatedSeries:
        a, b = self.coefficients, other.coefficients
        return TruncatedSeries(tuple(_sum(a[i] * b[m - i] for i in range(m + 1)) for m in range(len(a))))

    def __truediv__(self, other: TruncatedSeries) -> TruncatedSeries:
        a, b = self.coefficients, other.coefficients
        if b[0] == 0:
            raise CannotDecideError(
                "the series of a denominator starts at zero", remedy="compare numerator and denominator separately"
            )
        quotient: list[Residue] = []
        for m in range(len(a)):
            quotient.append((a[m] - _sum(quotient[i] * b[m - i] for i in range(m))) / b[0])
        return TruncatedSeries(tuple(quotient))

    def __pow__(self, exponent: int) -> TruncatedSeries:
        result = self
        for _ in range(exponent - 1):
            result = result * self
        return result


def formal_series(system: FixedPointSystem, order: int, model: PrimeModel) -> dict[str, tuple[Residue, ...]]:
    """The coefficients of t^0..t^order of every target of a (raw or reduced) system, modulo `fpt_calc.expr.PRIME`."""
    series = _unknown_series(system, order, model)
    return {name: _target(s, series, order, model).coefficients for name, s in system.outputs.items()}


def formal_value(
    system: FixedPointSystem, value: Scalar, order: int, model: PrimeModel, ramp: Generator
) -> tuple[Residue, ...]:
    """The series of any scalar in the unknowns of a system and in t itself, which the generator ``ramp`` stands for."""
    variable = TruncatedSeries(tuple(flint.nmod(int(k == 1), PRIME) for k in range(order + 1)))
    series: dict[Any, TruncatedSeries] = {**_unknown_series(system, order, model), ramp: variable}
    return _target(value, series, order, model).coefficients


def _unknown_series(system: FixedPointSystem, order: int, model: PrimeModel) -> dict[Unknown, TruncatedSeries]:
    modular = ModularSystem(system, model)
    zero = {u: flint.nmod(0, PRIME) for u in system.unknowns}
    blocks = [modular.blocks(zero)]
    start = blocks[0]
    averages = [_averages(modular, start)]
    for m in range(1, order + 1):
        pieces: Blocks = {}
        for a in range(m):
            _add_eta_times(modular, averages[a], blocks[m - 1 - a], pieces)
        blocks.append(_product(start, pieces))
        averages.append(_averages(modular, blocks[m]))
    return {u: TruncatedSeries(tuple(level[u] for level in averages)) for u in system.unknowns}


def same_series(a: FixedPointSystem, b: FixedPointSystem, order: int) -> bool:
    """Whether two systems with the same targets have the same formal solution up to t^order, in a random model.

    Fractions are compared crosswise, since a denominator may vanish at t = 0.  Raises `InputError` for one that
    vanishes whatever the unknowns are.
    """

    def agree(model: PrimeModel) -> bool:
        series = [(system, _unknown_series(system, order, model)) for system in (a, b)]
        for name in a.outputs:
            (p, q), (r, s) = (
                tuple(
                    _target(part, known, order, model)
                    for part in (numerator(system.outputs[name]), denominator(system.outputs[name]))
                )
                for system, known in series
            )
            if all(c == 0 for c in q.coefficients) and not any(isinstance(g, Unknown) for g in a.outputs[name].gens):
                raise InputError("division by a scalar that is identically zero", where=f"targets.{name}")
            if (p * s).coefficients != (r * q).coefficients:
                return False
        return True

    return try_models(agree, seed=5)


def _target(target: Scalar, series: dict[Unknown, TruncatedSeries], order: int, model: PrimeModel) -> TruncatedSeries:
    def constant(value: Residue) -> TruncatedSeries:
        return TruncatedSeries((value, *(flint.nmod(0, PRIME) for _ in range(order))))

    def generator(g: Generator) -> TruncatedSeries:
        return series[g] if g in series else constant(model.generator(g))

    return evaluate_scalar(target, generator, lambda k: constant(flint.nmod(k, PRIME)))


def _averages(modular: ModularSystem, blocks: Blocks) -> dict[Unknown, Residue]:
    return {u: modular.average(a, blocks) for u, a in modular.system.averages.items()}


def _add_eta_times(modular: ModularSystem, level: dict[Unknown, Residue], blocks: Blocks, target: Blocks) -> None:
    """``target += eta(level) @ blocks``."""
    for coupling, matrix in modular.couplings:
        value = level[coupling.unknown]
        if not int(value):
            continue
        factor = matrix * value
        for (i, j), block in blocks.items():
            if i == coupling.col:
                _accumulate(target, (coupling.row, j), factor * block)


def _product(a: Blocks, b: Blocks) -> Blocks:
    by_row: dict[int, list[tuple[int, Matrix]]] = {}
    for (k, j), right in b.items():
        by_row.setdefault(k, []).append((j, right))
    result: Blocks = {}
    for (i, k), left in a.items():
        for j, right in by_row.get(k, ()):
            _accumulate(result, (i, j), left * right)
    return result


def _accumulate(target: Blocks, key: tuple[int, int], value: Matrix) -> None:
    target[key] = target[key] + value if key in target else value


def _sum(values: Any) -> Residue:
    total = flint.nmod(0, PRIME)
    for value in values:
        total += value
    return total
