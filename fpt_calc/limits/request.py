"""What a user asks for: a scalar, a dimension or a ratio of dimensions, and where it tends to."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from fpt_calc.errors import InputError
from fpt_calc.limits.setting import Approach
from fpt_calc.scalars import (
    ONE,
    ZERO,
    Dimension,
    Generator,
    Parameter,
    Scalar,
    denominator,
    generator_scalar,
    numerator,
)

INFINITE = ("oo", "inf", "infinity")
FROM_ABOVE = ("0+", "0")
_REMEDY = 'use "0+", "oo", or "1-" for a fraction'


def read_approach(name: str, to: object, known: Mapping[str, Generator], ratios: Mapping[str, Scalar]) -> Approach:
    """The limit that ``name -> to`` means.

    Parameters
    ----------
    name : a scalar, a dimension, a declared ratio, or a quotient of two dimensions such as ``d/n``.
    to : ``"0+"``, ``"0-"`` (real scalars), ``"1-"`` (fractions) or ``"oo"``.
    known : the scalars and dimensions by name.
    ratios : the declared ratios by name.

    Raises
    ------
    InputError
        for an unknown name, or a limit that it cannot have.

    >>> from fpt_calc.scalars import Parameter
    >>> lam = Parameter("lam", "positive")
    >>> print(read_approach("lam", "0+", {"lam": lam}, {}))
    lam -> 0+
    """
    text = str(to).strip()
    if name in known:
        return _of_generator(known[name], text)
    ratio = ratios[name] if name in ratios else _written_ratio(name, known)
    if ratio is not None:
        return _of_ratio(name, ratio, text)
    close = get_close_matches(name, [*known, *ratios], 1)
    remedy = f"did you mean {close[0]!r}?" if close else f"the law has {', '.join(sorted([*known, *ratios]))}"
    raise InputError(f"{name!r} is no scalar, dimension or ratio of this law", remedy=remedy)


def _of_generator(g: Generator, text: str) -> Approach:
    value = generator_scalar(g)
    if isinstance(g, Dimension):
        if text not in INFINITE:
            raise InputError(f"the dimension {g.name} cannot tend to {text!r}", remedy='a dimension tends to "oo"')
        return Approach(g.name, "oo", 1 / value, g, ZERO, ONE, -1)
    if not isinstance(g, Parameter) or not g.is_real or g.kind in ("integer", "generations"):
        raise InputError(f"no limits in {g.name}, which is not a real scalar", remedy="take another scalar")
    if text in FROM_ABOVE:
        return Approach(g.name, "0+", value, g, ZERO, ONE, 1)
    if text in INFINITE and g.kind != "fraction":
        return Approach(g.name, "oo", 1 / value, g, ZERO, ONE, -1)
    if text == "0-" and g.kind == "real":
        return Approach(g.name, "0-", -value, g, ZERO, -ONE, 1)
    if text == "1-" and g.kind == "fraction":
        return Approach(g.name, "1-", 1 - value, g, ONE, -ONE, 1)
    raise InputError(f"{g.name}, which is {g.kind}, cannot tend to {text!r}", remedy=_REMEDY)


def _of_ratio(name: str, ratio: Scalar, text: str) -> Approach:
    """``p/q -> 0`` with q to infinity at fixed p, ``p/q -> oo`` with p to infinity at fixed q; traces stay fixed."""
    p, q = (part.gens[0] if len(part.gens) == 1 else None for part in (numerator(ratio), denominator(ratio)))
    if not isinstance(p, Dimension) or not isinstance(q, Dimension) or ratio != _quotient(p, q):
        raise InputError(f"{name} = {ratio} is no quotient of two dimensions", remedy="take a dimension to infinity")
    if text in FROM_ABOVE:
        return Approach(name, "0+", ratio, q, ZERO, generator_scalar(p), -1)
    if text in INFINITE:
        return Approach(name, "oo", 1 / ratio, p, ZERO, generator_scalar(q), -1)
    raise InputError(f"the ratio {name} cannot tend to {text!r}", remedy='use "0+" or "oo"')


def _written_ratio(name: str, known: Mapping[str, Generator]) -> Scalar | None:
    """The quotient of two dimensions that a name such as ``d/n`` spells out."""
    match [known.get(part.strip()) for part in name.split("/")]:
        case [Dimension() as p, Dimension() as q]:
            return _quotient(p, q)
    return None


def _quotient(p: Generator, q: Generator) -> Scalar:
    return generator_scalar(p) / generator_scalar(q)
