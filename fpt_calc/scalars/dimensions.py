"""Dimensions are scalars: expressions in symbolic dimensions and parameters, or fixed positive integers."""

from __future__ import annotations

from fpt_calc.errors import InputError
from fpt_calc.scalars.field import Scalar, ScalarLike, generator_scalar, scalar
from fpt_calc.scalars.generators import Dimension


def dimension(name: str) -> Scalar:
    """A symbolic (growing) dimension.

    >>> n = dimension("n")
    >>> is_fixed(n), is_fixed(scalar(3))
    (False, True)
    """
    return generator_scalar(Dimension(name))


def as_dimension(value: ScalarLike, where: str = "") -> Scalar:
    """Check that ``value`` can be a dimension: a positive integer, or an expression in symbolic dimensions."""
    result = scalar(value)
    number = result.constant
    if number is not None and (number.denominator != 1 or number <= 0):
        raise InputError(f"dimension {number} is not a positive integer", where=where, remedy="give a positive integer")
    if number is None and not grows(result):
        raise InputError(
            f"shape {result} contains no declared dimension",
            where=where,
            remedy="declare it under dims, or give an integer",
        )
    if number is None and _growth(result) != 1:
        raise InputError(
            f"shape {result} does not grow in proportion to the dimensions",
            where=where,
            remedy="shapes are dimensions times shares, such as p1*n",
        )
    return result


def _growth(dim: Scalar) -> int:
    """The power at which a dimension grows when all symbolic dimensions grow together."""
    grown = [k for k, g in enumerate(dim.gens) if isinstance(g, Dimension)]
    top, bottom = (max(sum(int(m[k]) for k in grown) for m in p.monoms()) for p in (dim.num, dim.den))
    return top - bottom


def grows(dim: Scalar) -> bool:
    """Whether a dimension tends to infinity: it depends on a symbolic dimension."""
    return any(isinstance(g, Dimension) for g in dim.gens)


def is_fixed(dim: Scalar) -> bool:
    """Whether a dimension stays fixed while the symbolic ones grow: it is an integer."""
    return dim.constant is not None
