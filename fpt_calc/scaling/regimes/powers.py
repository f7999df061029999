"""Products of powers of named positive quantities, the exponents being exact scalars.

A base is a name: the size that grows, an order parameter such as kappa, a scale such as b.  What it stands for is kept
by the witness (`witness.Witness`); here only exponents are added.
"""

from __future__ import annotations

from collections.abc import Mapping

from fpt_calc.scalars import ONE, ZERO, Scalar, ScalarLike, scalar

Powers = tuple[tuple[str, Scalar], ...]  # sorted by name, without zeros

UNIT: Powers = ()


def powers(exponents: Mapping[str, ScalarLike]) -> Powers:
    """The product of ``base**exponent``.

    >>> powers({"T": 1, "b": 0})
    (('T', 1),)
    """
    exact = ((name, scalar(e)) for name, e in exponents.items())
    return tuple(sorted((name, e) for name, e in exact if not e.is_zero))


def times(*factors: Powers) -> Powers:
    """The product."""
    total: dict[str, Scalar] = {}
    for factor in factors:
        for name, exponent in factor:
            total[name] = total[name] + exponent if name in total else exponent
    return tuple(sorted((name, e) for name, e in total.items() if not e.is_zero))


def raised(base: Powers, exponent: ScalarLike) -> Powers:
    """A power of the product.

    >>> raised(powers({"T": 2}), -1)
    (('T', -2),)
    """
    exact = scalar(exponent)
    if exact == ONE:
        return base
    return () if exact.is_zero else tuple((name, e * exact) for name, e in base)


def exponent_of(product: Powers, name: str) -> Scalar:
    """The exponent of a base."""
    return dict(product).get(name, ZERO)
