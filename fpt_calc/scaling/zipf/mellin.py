"""Sums over Zipf's law of a function of a power: the residue of their Mellin transform.

For F on (0, oo) with M(s) = integral of F(x) x^(s-1) dx, and S(r) = sum over i >= 1 of b i^-beta F(r a i^-e),

    integral of S(r) r^(s-1) dr = M(s) * sum of b i^-beta (a i^-e)^-s = b a^-s M(s) zeta(beta - e s).

To the right of its strip the first pole is that of zeta, where beta - e s = 1, so s = c = (beta - 1)/e; there
zeta(beta - e s) ~ -1/(e (s - c)).  Moving the contour across it gives

    S(r) ~ b a^-c M(c)/e * r^-c,        r -> oo,

and what follows comes from the poles of M further right: none for F(x) = exp(-x) or a normal tail, so that the
remainder is smaller than every power of r: of order exp(-C r^(1/(e+1))) for the former, by Poisson's summation formula
and its saddle point, so the larger e, the later.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy

from fpt_calc.scaling.zipf.monomials import Monomial, monomial, power, times


@dataclass(frozen=True)
class Kernel:
    """A function F of one variable with its Mellin transform, both on sympy expressions."""

    function: Callable[[Any], Any]
    transform: Callable[[Any], Any]


EXPONENTIAL = Kernel(lambda x: sympy.exp(-x), sympy.gamma)  # Euler's integral

# F(x) = P(N(0, 1) > x) = erfc(x/sqrt(2))/2.  By parts M(s) = integral of x^s exp(-x^2/2)/sqrt(2 pi) dx / s.
NORMAL_TAIL = Kernel(
    lambda x: sympy.erfc(x / sympy.sqrt(2)) / 2,
    lambda s: 2 ** (s / 2) * sympy.gamma((s + 1) / 2) / (2 * s * sympy.sqrt(sympy.pi)),
)


def exponent(beta: Any, e: Any) -> Any:
    """``c = (beta - 1)/e``.

    >>> exponent(sympy.Rational(3, 2), sympy.Rational(3, 2))
    1/3
    """
    return sympy.simplify((sympy.sympify(beta, strict=True) - 1) / e)


def leading_term(kernel: Kernel, weight: Any, beta: Any, scale: Monomial, e: Any, rate: Monomial) -> Monomial:
    """The first term of ``sum of weight * i**-beta * F(rate*scale*i**-e)`` as the rate grows.

    >>> from fpt_calc.scaling.zipf.numbers import symbol
    >>> T = symbol("T")
    >>> leading_term(EXPONENTIAL, 1, 3, monomial(1, {}), 4, monomial(1, {T: 1}))
    Monomial(coefficient=sqrt(pi)/4, exponents=((T, -1/2),))
    """
    c = exponent(beta, e)
    return times(monomial(weight * kernel.transform(c) / e, {}), power(times(scale, rate), -c))
