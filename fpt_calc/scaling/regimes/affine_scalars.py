"""Affine forms in exponents, as polyhedra have them, and as scalars, as orders of growth are."""

from __future__ import annotations

from collections.abc import Iterable

from fpt_calc.errors import CannotDecideError
from fpt_calc.scalars import ONE, ZERO, Parameter, Scalar, generator_scalar, substitute
from fpt_calc.scaling.polyhedra import Affine, affine_form


def affine_of(value: Scalar, names: Iterable[str]) -> Affine:
    """A scalar that is affine in these names.

    Raises `CannotDecideError` if it is not.
    """
    variables = {g.name: g for g in value.gens if g.name in set(names)}
    at_zero = substitute(value, {g: ZERO for g in variables.values()})
    slopes = {}
    for name, g in variables.items():
        others = {h: ZERO for h in variables.values() if h != g}
        slopes[name] = substitute(value, {**others, g: ONE}) - at_zero
    form = affine_form(at_zero, slopes)
    if not (scalar_of(form) - value).is_zero:
        raise CannotDecideError(f"the exponent {value} is not affine", remedy="fix one of the exponents in it")
    return form


def scalar_of(form: Affine) -> Scalar:
    """An affine form as a scalar."""
    total = form.constant
    for name, slope in form.terms:
        total = total + slope * generator_scalar(Parameter(name, "positive"))
    return total
