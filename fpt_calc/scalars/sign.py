"""When is a scalar nonnegative for all admissible values of its generators?"""

from __future__ import annotations

from typing import Any

from fpt_calc.scalars.field import Generator, Scalar, generator_scalar
from fpt_calc.scalars.generators import Dimension, Parameter
from fpt_calc.scalars.substitute import substitute


def is_nonnegative(value: Scalar) -> bool:
    """Whether ``value >= 0`` is certain wherever it is defined; False means "not known".

    Fractions p in [0, 1] become ``u/(1 + u)`` and dimensions n become ``1 + u`` with u >= 0.  Then a prime factor of
    the numerator or the denominator has a known sign if all its coefficients have one sign.

    >>> from fpt_calc.scalars import dimension, scalar
    >>> p, lam = (generator_scalar(Parameter(name, kind)) for name, kind in [("p", "fraction"), ("lam", "positive")])
    >>> is_nonnegative(lam / (1 - p)), is_nonnegative(dimension("n") - 1), is_nonnegative(lam - 1)
    (True, True, False)
    """
    value = substitute(value, {g: _by_nonnegative(g) for g in value.gens if _is_bounded(g)})
    if not value.gens:
        return bool(value.num >= 0)
    sign = 1
    for polynomial in (value.num, value.den):
        content, factors = polynomial.factor()
        sign = sign if content > 0 else -sign
        for factor, exponent in factors:
            sign *= _sign(value.gens, factor, even=int(exponent) % 2 == 0)
    return sign > 0


def _is_bounded(generator: Generator) -> bool:
    return isinstance(generator, Dimension) or (isinstance(generator, Parameter) and generator.kind == "fraction")


def _by_nonnegative(generator: Generator) -> Scalar:
    u = generator_scalar(Parameter(generator.name, "nonnegative"))
    return 1 + u if isinstance(generator, Dimension) else u / (1 + u)


def _sign(gens: tuple[Generator, ...], polynomial: Any, even: bool) -> int:
    """The sign of an even or odd power of a polynomial: +1, -1, or 0 where it is not known."""
    terms = [(tuple(map(int, exponents)), int(c)) for exponents, c in polynomial.to_dict().items()]
    if even and all(is_real(g) for powers, _ in terms for g, k in zip(gens, powers, strict=True) if k):
        return 1
    for powers, _ in terms:
        for g, k in zip(gens, powers, strict=True):
            if k and not (getattr(g, "nonnegative", False) or (k % 2 == 0 and is_real(g))):
                return 0
    signs = {1 if c > 0 else -1 for _, c in terms}
    return signs.pop() if len(signs) == 1 else 0


def is_real(generator: Generator) -> bool:
    """Whether a generator stands for real numbers only."""
    return generator.conjugate() == generator_scalar(generator)
