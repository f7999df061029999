"""Exact values at finite size expanded in 1/N, all growing dimensions being proportional to N."""

from __future__ import annotations

from typing import Any

from fpt_calc.errors import InputError
from fpt_calc.expr import traces_of
from fpt_calc.oracles.leaves import coefficients_in
from fpt_calc.scalars import ZERO, Dimension, Generator, Scalar, from_polynomial, grows, ring


def expansion(value: Scalar, order: int = 1) -> tuple[Scalar, ...]:
    """The coefficients of N^0, ..., N^-order when every symbolic dimension d becomes N d.

    The first one is the limit, the second the first correction, both at N = 1: what ``value`` is like at large
    dimensions is their sum.  Traces ``tau(...)`` of deterministic matrices, parameters and fixed dimensions stay.

    Raises `InputError` for a negative order, a value that grows with N, or one with a root of N.

    >>> from fpt_calc.scalars import dimension
    >>> n, d = dimension("n"), dimension("d")
    >>> expansion((2 * d + n + 3) / (n + 1))
    ((2*d + n)/n, (2*n - 2*d)/(n**2))
    """
    if order < 0:
        raise InputError(f"the order {order} of an expansion is negative", where="order", remedy="use 0 or more")
    _check_traces(value)
    top, bottom = (_by_degree(value.gens, p) for p in (value.num, value.den))
    degree = max(bottom)
    if max(top) > degree:
        raise InputError("the value grows with the dimensions", where="value", remedy="divide it by a dimension")
    found: list[Scalar] = []
    for k in range(order + 1):
        carried = sum((bottom.get(degree - k + i, ZERO) * found[i] for i in range(k)), ZERO)
        found.append((top.get(degree - k, ZERO) - carried) / bottom[degree])
    return tuple(found)


def _by_degree(gens: tuple[Generator, ...], polynomial: Any) -> dict[int, Scalar]:
    """The parts of a numerator or denominator that are homogeneous in the dimensions, by their degree."""
    if not gens:
        return {0: from_polynomial((), polynomial)}
    for g in gens:
        if g.square is not None and grows(g.square):
            raise InputError(f"the value depends on {g.name}", where="value", remedy="square it")
    parts: dict[int, dict[tuple[int, ...], int]] = {}
    for exponents, c in polynomial.to_dict().items():
        degree = sum(int(e) for e, g in zip(exponents, gens, strict=True) if isinstance(g, Dimension))
        parts.setdefault(degree, {})[tuple(map(int, exponents))] = int(c)
    return {degree: from_polynomial(gens, ring(gens).from_dict(part)) for degree, part in parts.items()} or {0: ZERO}


def _check_traces(value: Scalar) -> None:
    """Traces stay fixed only if nothing in them depends on the size."""
    for trace in traces_of(value):
        for c in coefficients_in(trace.argument):
            if not _is_homogeneous(c):
                raise InputError(
                    f"the coefficient {c} depends on the size of the dimensions",
                    where=trace.name,
                    remedy="use ratios of dimensions inside inverses",
                )


def _is_homogeneous(c: Scalar) -> bool:
    """Whether a coefficient depends on ratios of dimensions only."""
    top, bottom = (set(_by_degree(c.gens, p)) for p in (c.num, c.den))
    return len(top) == 1 and top == bottom
