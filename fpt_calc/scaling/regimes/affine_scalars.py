"""Affine forms in exponents, as polyhedra have them and as scalars, and how scalars grow with one generator."""

from __future__ import annotations

from collections.abc import Iterable

from fpt_calc.errors import CannotDecideError
from fpt_calc.scalars import (
    ZERO,
    Generator,
    Parameter,
    Scalar,
    denominator,
    from_polynomial,
    generator_scalar,
    numerator,
    ring,
)
from fpt_calc.scaling.polyhedra import Affine, affine_form


def affine_of(value: Scalar, names: Iterable[str]) -> Affine:
    """A scalar that is affine in these names.

    Raises `CannotDecideError` if it is not.
    """
    wanted = set(names)
    places = [i for i, g in enumerate(value.gens) if g.name in wanted]
    if not places:
        return affine_form(value, {})
    parts: dict[int | None, dict[tuple[int, ...], int]] = {}
    for exponents, coefficient in value.num.to_dict().items():
        own = [i for i in places if exponents[i]]
        if len(own) > 1 or any(exponents[i] > 1 for i in own):
            raise _not_affine(value)
        rest = tuple(0 if i in own else int(e) for i, e in enumerate(exponents))
        parts.setdefault(own[0] if own else None, {})[rest] = int(coefficient)
    below = denominator(value)
    if any(g.name in wanted for g in below.gens):
        raise _not_affine(value)
    images = {k: from_polynomial(value.gens, ring(value.gens).from_dict(terms)) / below for k, terms in parts.items()}
    constant = images.pop(None, ZERO)
    return affine_form(constant, {value.gens[i].name: x for i, x in images.items() if i is not None})


def _not_affine(value: Scalar) -> CannotDecideError:
    return CannotDecideError(f"the exponent {value} is not affine", remedy="fix one of the exponents in it")


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
