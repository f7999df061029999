"""Constants of expansions, such as pi/sin(pi/beta) and zeta(1 + 2*beta*r), as generators with a meaning in sympy."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import floor
from typing import Any

import sympy

from fpt_calc.scalars import ONE, Scalar, denominator, generator_scalar, scalar

MOST_DIVISOR = 2**15  # that is looked for in numbers under roots


@dataclass(frozen=True)
class Constant:
    """A constant with its value in sympy."""

    name: str
    value: sympy.Expr = field(compare=False)

    @property
    def square(self) -> None:
        return None

    def conjugate(self) -> Scalar:
        return generator_scalar(self)


def symbol(name: str) -> sympy.Symbol:
    """Parameters, exponents and constants of scaling laws are positive."""
    return sympy.Symbol(name, positive=True)


def to_sympy(value: Scalar) -> sympy.Expr:
    """A scalar as a sympy expression, constants by their values.

    >>> from fpt_calc.scalars import Parameter
    >>> to_sympy(1 / generator_scalar(Parameter("beta")))
    1/beta
    """
    points = {g.name: g.value if isinstance(g, Constant) else symbol(g.name) for g in value.gens}

    def expanded(part: Any) -> sympy.Expr:
        terms = []
        for exponents, coefficient in part.to_dict().items():
            factors = [points[g.name] ** int(e) for g, e in zip(value.gens, exponents, strict=True) if e]
            terms.append(sympy.Mul(sympy.Integer(int(coefficient)), *factors))
        return sympy.Add(*terms)

    def factored(part: Any) -> sympy.Expr:
        content, factors = part.factor()
        return sympy.Mul(sympy.Integer(int(content)), *(expanded(f) ** int(e) for f, e in factors))

    if not value.gens:
        return sympy.Rational(int(value.num), int(value.den))
    return factored(value.num) / factored(value.den)


def positive_power(base: sympy.Expr, exponent: sympy.Expr) -> sympy.Expr:
    """A power of a positive constant.

    The primes of rational factors keep exponents of their own: under one root, where sympy would put them, a number
    such as 1.373 to a power with many digits is an integer of thousands of digits.

    >>> positive_power(sympy.Rational(6, 7), sympy.Rational(343, 1373))
    6**(343/1373)*7**(1030/1373)/7
    """
    if not exponent.is_Rational or exponent.is_Integer:
        return base**exponent
    primes: dict[int, sympy.Expr] = {}
    rest = sympy.Integer(1)
    for factor in sympy.Mul.make_args(base):
        number, own = factor.as_base_exp()
        if not (number.is_Rational and own.is_Rational):
            rest = rest * factor
            continue
        if number.is_negative:
            number, rest = -number, rest * (-1) ** own
        for prime, count in number.factors(limit=MOST_DIVISOR).items():
            primes[prime] = primes.get(prime, 0) + count * own * exponent
    return sympy.Mul(*(sympy.Integer(p) ** e for p, e in primes.items()), rest**exponent)


def zeta(argument: Scalar) -> Scalar | None:
    """Riemann's zeta function, by continuation; None at its pole.

    >>> zeta(scalar(0)), zeta(scalar(-2))
    (-1/2, 0)
    """
    number = argument.constant
    if number == 1:
        return None
    if number is not None:
        value = sympy.zeta(sympy.Rational(number.numerator, number.denominator))
        if value.is_Rational:
            return scalar(Fraction(int(value.p), int(value.q)))
    return generator_scalar(Constant(f"zeta({argument})", sympy.zeta(to_sympy(argument))))


def gamma_quotient(u: Scalar, m: int) -> Scalar | None:
    """``Gamma(m + u) Gamma(-u) / Gamma(m)`` for an integer m >= 1; None at a pole.

    With Gamma(1 + u) Gamma(-u) = -pi/sin(pi u) it is a product of m - 1 linear factors times one constant, which is the
    same for all u that differ by integers, so that sums of such terms cancel exactly where they should.

    >>> from fpt_calc.scalars import Parameter
    >>> gamma_quotient(scalar(Fraction(-1, 2)), 1)
    pi
    >>> gamma_quotient(scalar(1), 2) is None
    True
    """
    number = u.constant
    if number is not None and number.denominator == 1:
        n = int(number)
        if n >= 0 or n <= -m:
            return None
        value = ONE
        for j in range(1, m + n):
            value = value * j
        for j in range(1, -n):
            value = value * j
        return value / _factorial(m - 1)
    product = ONE
    for j in range(1, m):
        product = product * (u + j)
    return -_pi_over_sine(u) * product / _factorial(m - 1)


def _factorial(n: int) -> Scalar:
    value = ONE
    for j in range(2, n + 1):
        value = value * j
    return value


def _pi_over_sine(u: Scalar) -> Scalar:
    """``pi/sin(pi u)``, u reduced modulo integers and sign."""
    whole = floor(_constant_part(u))
    rest, sign = u - whole, 1 - 2 * (whole % 2)
    if rest.gens and _leading_sign(rest) < 0:
        rest, sign = -rest, -sign
        whole = floor(_constant_part(rest))
        rest, sign = rest - whole, sign * (1 - 2 * (whole % 2))
    value = sympy.pi / sympy.sin(sympy.pi * to_sympy(rest))
    if value == sympy.pi:
        return sign * generator_scalar(Constant("pi", value))
    return sign * generator_scalar(Constant(f"pi/sin(pi*({rest}))", value))


def _constant_part(value: Scalar) -> Fraction:
    """The number in the polynomial part of a fraction: it grows by one with the fraction."""
    if not value.gens:
        number = value.constant
        assert number is not None
        return number
    zero = (0,) * len(value.gens)
    if not denominator(value).gens:
        return Fraction(int(value.num.to_dict().get(zero, 0)), int(value.den.leading_coefficient()))
    quotient, _ = divmod(value.num, value.den)
    return Fraction(int(quotient.to_dict().get(zero, 0)))


def _leading_sign(value: Scalar) -> int:
    return 1 if value.num.leading_coefficient() > 0 else -1
