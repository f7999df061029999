"""The coefficients of an equivalent as targets of its system, so that they get a closed form like any other target."""

from __future__ import annotations

from collections.abc import Iterable

from fpt_calc.closed_form import Coordinates
from fpt_calc.closed_form.abbreviations import fresh
from fpt_calc.expr import Trace, map_scalars, map_traces
from fpt_calc.reduce import names_in
from fpt_calc.scalars import Dimension, Generator, Parameter, Scalar, generator_scalar, substitute
from fpt_calc.system import FixedPointSystem, Unknown


def as_targets(
    coefficients: Iterable[Scalar], found: Coordinates, system: FixedPointSystem
) -> tuple[dict[str, Scalar], list[str]]:
    """The coefficients in the unknowns of the system, as targets, and the names of these.

    A coefficient that is a parameter up to a number is written with it, and the parameter is one more target in front:
    a target that is itself a parameter keeps its name, and that should be m or e rather than that of a coefficient.
    """
    taken = set(names_in(system))
    isotropic = not any(isinstance(g, Trace) for r in found.relations for g in r.gens)
    candidates = system.unknowns if isotropic else [u for u in system.unknowns if _is_parameter(u, found)]
    wanted = "m" if isotropic else "e" if len(found.parameters) == 1 else "e1"
    own: dict[Unknown, str] = {}
    outputs: dict[str, Scalar] = {}
    for value in coefficients:
        match = _unknown_in(value, found, candidates)
        if match is None:
            outputs[fresh("coefficient", taken)] = _in_unknowns(value, found)
            continue
        unknown, ratio = match
        if unknown not in own:
            own[unknown] = fresh(wanted, taken)
        outputs[fresh("coefficient", taken)] = ratio * generator_scalar(unknown)
    front = {name: generator_scalar(u) for u, name in own.items()}
    return front | outputs, list(outputs)


def _is_parameter(unknown: Unknown, found: Coordinates) -> bool:
    return any(p.meaning == generator_scalar(unknown) for p in found.parameters)


def _unknown_in(value: Scalar, found: Coordinates, candidates: Iterable[Unknown]) -> tuple[Unknown, Scalar] | None:
    """An unknown that a scalar in free coordinates is up to a factor in dimensions and scalars, and the factor."""
    for unknown in candidates:
        image = found.canonical(generator_scalar(unknown))
        ratio = image if image.is_zero else value / image
        if not ratio.is_zero and all(isinstance(g, Dimension | Parameter) for g in ratio.gens):
            return unknown, ratio
    return None


def _in_unknowns(value: Scalar, found: Coordinates) -> Scalar:
    meanings: dict[Generator, Scalar] = {p.symbol: p.meaning for p in found.parameters}
    inner = map_traces(value, lambda e: map_scalars(e, lambda c: substitute(c, meanings)))
    return substitute(inner, meanings)
