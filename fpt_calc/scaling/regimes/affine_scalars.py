"""Affine forms in exponents, as polyhedra have them and as scalars, and how scalars grow with one generator."""

from __future__ import annotations

from collections.abc import Iterable

from fpt_calc.errors import CannotDecideError
from fpt_calc.scalars import (
    ONE,
    ZERO,
    Generator,
    Parameter,
    Scalar,
    denominator,
    from_polynomial,
    generator_scalar,
    numerator,
    ring,
    substitute,
)
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


def leading_in(value: Scalar, generator: Generator) -> tuple[Scalar, int]:
    """The coefficient of the highest power of a generator, as it grows, and the power.

    >>> x, y = (generator_scalar(Parameter(n)) for n in "xy")
    >>> leading_in((2 * x**2 * y + 1) / (x + y), Parameter("x"))
    (2*y, 1)
    """
    top, degree = _leading_coefficient(numerator(value), generator)
    bottom, less = _leading_coefficient(denominator(value), generator)
    return top / bottom, degree - less


def _leading_coefficient(polynomial: Scalar, generator: Generator) -> tuple[Scalar, int]:
    if generator not in polynomial.gens:
        return polynomial, 0
    index = polynomial.gens.index(generator)
    terms = polynomial.num.to_dict()
    degree = max(int(e[index]) for e in terms)
    kept = {
        tuple(0 if i == index else int(x) for i, x in enumerate(e)): int(c)
        for e, c in terms.items()
        if e[index] == degree
    }
    return from_polynomial(polynomial.gens, ring(polynomial.gens).from_dict(kept)), degree
