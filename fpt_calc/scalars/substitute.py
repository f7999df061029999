"""Replace generators of a scalar by scalars, under its square roots and conjugates too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fpt_calc.scalars.field import ZERO, Generator, Scalar, generator_scalar, scalar
from fpt_calc.scalars.generators import Conjugate
from fpt_calc.scalars.roots import Root, square_root


def substitute(value: Scalar, images: Mapping[Any, Scalar]) -> Scalar:
    """Replace generators by scalars (those not named stay; a conjugate follows what it is the conjugate of).

    ``images``: by `Generator` (a mapping is invariant in its keys, so this type cannot be written down).

    Raises `InputError` if a denominator becomes identically zero.

    >>> from fpt_calc.scalars import Parameter, dimension
    >>> lam = Parameter("lam", "positive")
    >>> substitute(square_root(generator_scalar(lam)) / dimension("n"), {lam: scalar(4)})
    2/n
    """
    points = [_image(g, images) for g in value.gens]
    if all(point is None for point in points):
        return value
    filled = [generator_scalar(g) if point is None else point for g, point in zip(value.gens, points, strict=True)]
    return _polynomial(value.num, filled) / _polynomial(value.den, filled)


def _image(generator: Generator, images: Mapping[Any, Scalar]) -> Scalar | None:
    """What a generator becomes, or None if it stays."""
    if generator in images:
        return images[generator]
    match generator:
        case Root(radicand=radicand):
            inner = substitute(radicand, images)
            return None if inner is radicand else square_root(inner)
        case Conjugate(of=other):
            image = _image(other, images)
            return None if image is None else image.conjugate()
    return None


def _polynomial(polynomial: Any, points: list[Scalar]) -> Scalar:
    total = ZERO
    for exponents, coefficient in polynomial.to_dict().items():
        term = scalar(int(coefficient))
        for point, exponent in zip(points, exponents, strict=True):
            if exponent:
                term = term * point ** int(exponent)
        total = total + term
    return total
