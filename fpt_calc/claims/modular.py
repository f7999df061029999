"""The sides of a claim compared exactly at random points of the solution set, modulo a prime."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

from fpt_calc.claims.derived import Derived
from fpt_calc.claims.statement import complete
from fpt_calc.claims.variety import MODEL_SIZES, Values, place_on_variety
from fpt_calc.errors import ComputationError
from fpt_calc.expr import PRIME, PrimeModel, try_models
from fpt_calc.scalars import Scalar
from fpt_calc.self_energy import ModularSystem
from fpt_calc.system import Unknown

SEEDS = (61, 62, 63)
MAX_CHOSEN = 2  # each further one multiplies the work by its degree
ERROR = f"{(10**4 / PRIME) ** len(SEEDS):.0e}"  # degrees of these rational functions are assumed to stay below 10^4


def equal_on_variety(derived: Derived, left: Scalar, right: Scalar) -> bool:
    """Whether two scalars in the unknowns and parameters of a law agree at random points where its equations hold.

    The unknowns that determine the others are drawn, and a dimension or a parameter is solved for, one for each of
    their equations.  False also where no point is found.
    """
    chosen = _determining(derived)
    if chosen is None:
        return False
    meanings = {p.symbol: p.meaning for p in derived.coordinates.parameters}
    try:
        return all(
            try_models(lambda m: _equal(derived, chosen, meanings, m, left, right), seed=seed, sizes=MODEL_SIZES)
            for seed in SEEDS
        )
    except ComputationError:
        return False


def _equal(
    derived: Derived,
    chosen: tuple[Unknown, ...],
    meanings: Mapping[Unknown, Scalar],
    model: PrimeModel,
    left: Scalar,
    right: Scalar,
) -> bool:
    values = place_on_variety(derived.law.system, chosen, model, complete)
    for unknown, residue in values.items():
        model.set_generator(unknown, residue)
    for symbol, meaning in meanings.items():
        if symbol not in values:
            model.set_generator(symbol, model.scalar(meaning))
    return bool(model.scalar(left) == model.scalar(right))


def _determining(derived: Derived) -> tuple[Unknown, ...] | None:
    """The fewest unknowns that determine the others."""
    system = derived.law.system
    model = PrimeModel(SEEDS[0])
    modular = ModularSystem(system, model)
    for count in range(min(len(system.nonlinear), MAX_CHOSEN) + 1):
        for chosen in combinations(system.nonlinear, count):
            values: Values = {u: model.residue() for u in chosen}
            if complete(modular, values):
                return chosen
    return None
