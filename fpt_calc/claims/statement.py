"""Claimed laws, and whether the derived one is the same (floor 12).

A claim names parameters, each with its fixed-point equation, and gives the targets in them.  The machine looks for a
renaming of the parameters as unknowns of the derived system under which the equations are the same maps, and the values
agree wherever the equations hold: exactly, in random models of the matrices modulo a 61-bit prime.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any

import flint

from fpt_calc.claims.variety import MODEL_SIZES, Values, place_on_variety
from fpt_calc.derivation import LimitLaw
from fpt_calc.errors import InputError
from fpt_calc.expr import PRIME, PrimeModel, UnluckyModelError, try_models
from fpt_calc.reduce import dependencies
from fpt_calc.scalars import Scalar, generator_scalar
from fpt_calc.self_energy import ModularSystem
from fpt_calc.system import Component, FixedPointSystem, Unknown

Residue = Any


def parameter(name: str) -> Scalar:
    """A parameter of a claim, to be used in its equations and values."""
    return generator_scalar(Unknown(name))


@dataclass(frozen=True)
class Statement:
    """A claimed law.

    Attributes
    ----------
    parameters : for each parameter (made by `parameter`) the right-hand side of its equation ``e = ...``.
    values : for each target its limit in terms of the parameters.
    identities : further pairs of scalars that are claimed to be equal.
    """

    parameters: Mapping[str, Scalar]
    values: Mapping[str, Scalar]
    identities: tuple[tuple[Scalar, Scalar], ...] = field(default=())


def renaming(law: LimitLaw, statement: Statement) -> dict[str, Unknown] | None:
    """The renaming under which the claim is exactly the derived law, or None if there is none.

    Raises `InputError` for a value of something that is not a target, or a target without a value.
    """
    if set(statement.values) != set(law.targets):
        raise InputError(
            f"the claim gives {', '.join(statement.values)}, the targets are {', '.join(law.targets)}",
            where="statement",
            remedy="give one value for each target",
        )
    for choice in permutations(law.system.nonlinear, len(statement.parameters)):
        candidate = dict(zip(statement.parameters, choice, strict=True))
        if all(_agrees_in_models(law.system, statement, candidate, seed) for seed in (21, 22)):
            return candidate
    return None


def _agrees_in_models(system: FixedPointSystem, statement: Statement, chosen: dict[str, Unknown], seed: int) -> bool:
    return try_models(lambda model: _agrees(system, statement, chosen, model), seed=seed, sizes=MODEL_SIZES)


def _agrees(system: FixedPointSystem, statement: Statement, chosen: dict[str, Unknown], model: PrimeModel) -> bool:
    values: Values = {u: model.residue() for u in chosen.values()}
    if not complete(ModularSystem(system, model), values):
        return False
    _set(model, chosen, values)
    modular = ModularSystem(system, model)
    blocks = modular.blocks(values)
    for name, right in statement.parameters.items():
        if model.scalar(right) != modular.average(system.averages[chosen[name]], blocks):
            return False
    if _values_agree(system, statement, model):
        return True
    model.forget_scalars()
    on_variety = place_on_variety(system, tuple(chosen.values()), model, complete)
    _set(model, chosen, on_variety)
    return _values_agree(system, statement, model)


def _set(model: PrimeModel, chosen: dict[str, Unknown], values: Values) -> None:
    for unknown, residue in values.items():
        model.set_generator(unknown, residue)
    for name, unknown in chosen.items():
        model.set_generator(Unknown(name), values[unknown])


def _values_agree(system: FixedPointSystem, statement: Statement, model: PrimeModel) -> bool:
    sides = [(value, system.outputs[target]) for target, value in statement.values.items()]
    return all(model.scalar(a) == model.scalar(b) for a, b in (*sides, *statement.identities))


def complete(modular: ModularSystem, values: Values) -> bool:
    """Fill in the unknowns that the given ones determine: explicit ones, then the linear components."""
    system = modular.system
    trial = {u: values.get(u, modular.model.residue()) for u in system.unknowns}
    needs = dependencies(modular, trial)
    missing = [u for u in system.nonlinear if u not in values]
    while missing:
        ready = [u for u in missing if set(needs[u]) <= set(values)]
        if not ready:
            return False
        trial.update(values)
        blocks = modular.blocks(trial)
        values.update({u: modular.average(system.averages[u], blocks) for u in ready})
        missing = [u for u in missing if u not in values]
    for component in system.components:
        if component.linear:
            values.update(_solve_linear(modular, component, values))
    return True


def _solve_linear(modular: ModularSystem, component: Component, values: Values) -> Values:
    """``x = b + A x`` modulo the prime."""
    zero = flint.nmod(0, PRIME)
    at_zero = {u: values.get(u, zero) for u in modular.system.unknowns} | dict.fromkeys(component.unknowns, zero)
    blocks = modular.blocks(at_zero)
    constant = [modular.average(modular.system.averages[u], blocks) for u in component.unknowns]
    slopes = dependencies(modular, at_zero)
    size = len(component.unknowns)
    entries = [int(u == v) - int(slopes[u].get(v, 0)) for u in component.unknowns for v in component.unknowns]
    try:
        solution = flint.nmod_mat(size, size, entries, PRIME).solve(
            flint.nmod_mat(size, 1, [int(c) for c in constant], PRIME)
        )
    except ZeroDivisionError as error:
        raise UnluckyModelError("singular linear component") from error
    return {u: solution[k, 0] for k, u in enumerate(component.unknowns)}
