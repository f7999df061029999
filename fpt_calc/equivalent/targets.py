"""What the parameters of an equivalent are called: a coefficient that is one of them is called m or e."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fpt_calc.closed_form import Coordinates
from fpt_calc.closed_form.abbreviations import fresh
from fpt_calc.expr import Trace
from fpt_calc.reduce import names_in
from fpt_calc.scalars import Dimension, Parameter, Scalar, generator_scalar
from fpt_calc.system import FixedPointSystem, Unknown


def with_named_parameter(
    coefficients: Iterable[Scalar], found: Coordinates, system: FixedPointSystem
) -> FixedPointSystem:
    """The system with an unknown that is a coefficient up to a number as its target.

    A target that is itself a parameter of a closed form keeps its name: m, as for a Stieltjes transform, where no
    matrix is left; e where it stands inside a resolvent of several matrices.
    """
    isotropic = not any(isinstance(g, Trace) for r in found.relations for g in r.gens)
    candidates = system.unknowns if isotropic else [u for u in system.unknowns if _is_parameter(u, found)]
    wanted = "m" if isotropic else "e" if len(found.parameters) == 1 else "e1"
    taken = set(names_in(system)) - set(system.outputs)
    matches = (_unknown_in(value, found, candidates) for value in coefficients)
    outputs = {fresh(wanted, taken): generator_scalar(u) for u in dict.fromkeys(matches) if u is not None}
    return replace(system, outputs=outputs)


def _is_parameter(unknown: Unknown, found: Coordinates) -> bool:
    return any(p.meaning == generator_scalar(unknown) for p in found.parameters)


def _unknown_in(value: Scalar, found: Coordinates, candidates: Iterable[Unknown]) -> Unknown | None:
    """An unknown that a scalar in free coordinates is up to a factor in dimensions and scalars."""
    for unknown in candidates:
        image = found.canonical(generator_scalar(unknown))
        ratio = image if image.is_zero else value / image
        if not ratio.is_zero and all(isinstance(g, Dimension | Parameter) for g in ratio.gens):
            return unknown
    return None
