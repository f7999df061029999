"""`Scalar`: an element of QQ(generators), in canonical form.

A scalar is a reduced fraction of integer polynomials (python-flint) in the generators it really depends on; square
roots and the imaginary unit are reduced by their defining equation and never stand in a denominator.  So two equal
scalars are equal data, and hash alike.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, Protocol, Union, runtime_checkable

import flint

from fpt_calc.errors import InputError, ZeroDenominatorError

ScalarLike = Union["Scalar", int, Fraction, float, complex]
Polynomial = Any  # flint.fmpz_mpoly: its stubs do not type mixed arithmetic with integers


@runtime_checkable
class Generator(Protocol):
    """A generator of the field: a unique printable name, and how it behaves under squaring and conjugation."""

    @property
    def name(self) -> str: ...

    @property
    def square(self) -> Scalar | None:
        """The scalar that the square of the generator equals, or None for a transcendental one."""

    def conjugate(self) -> Scalar:
        """The complex conjugate, as a scalar."""


@dataclass(frozen=True)
class ImaginaryUnit:
    """The imaginary unit, adjoined by ``1j**2 == -1``."""

    name: str = "1j"

    @property
    def square(self) -> Scalar:
        return scalar(-1)

    def conjugate(self) -> Scalar:
        return -IMAGINARY_UNIT


@lru_cache(maxsize=4096)
def _ring(names: tuple[str, ...]) -> Any:
    """The polynomial ring over ZZ in these generator names."""
    return flint.fmpz_mpoly_ctx.get(list(names), "degrevlex")


def ring(gens: tuple[Generator, ...]) -> Any:
    """The polynomial ring over ZZ in these generators."""
    return _ring(tuple(g.name for g in gens))


class Scalar:
    """An exact scalar: immutable, hashable, with the operators ``+ - * / **``.

    Attributes
    ----------
    gens : the generators it depends on, sorted by name.
    num, den : coprime polynomials over ZZ in ``gens``; ``den`` has a positive leading coefficient and no roots.

    >>> half = scalar(1) / 2
    >>> half + half == 1, str(half)
    (True, '1/2')
    """

    __slots__ = ("_hash", "den", "gens", "num")

    def __init__(self, gens: tuple[Generator, ...], num: Polynomial, den: Polynomial) -> None:
        self.gens = gens
        self.num = num
        self.den = den
        self._hash: int | None = None

    @property
    def is_zero(self) -> bool:
        return bool(self.num == 0)

    @property
    def constant(self) -> Fraction | None:
        """The rational number that this scalar is, or None if it depends on a generator."""
        if self.gens:
            return None
        return Fraction(int(_constant_of(self.num)), int(_constant_of(self.den)))

    def conjugate(self) -> Scalar:
        from fpt_calc.scalars.substitute import substitute

        images = {g: g.conjugate() for g in self.gens}
        return self if all(image == generator_scalar(g) for g, image in images.items()) else substitute(self, images)

    def __add__(self, other: object) -> Scalar:
        if not isinstance(right := _coerce(other), Scalar):
            return NotImplemented
        gens, (a, b), (c, d) = _align(self, right)
        return canonical(gens, a + c, b) if b == d else canonical(gens, a * d + c * b, b * d)

    def __mul__(self, other: object) -> Scalar:
        if not isinstance(right := _coerce(other), Scalar):
            return NotImplemented
        if not self.gens and self.num == 1 and self.den == 1:
            return right
        if not right.gens and right.num == 1 and right.den == 1:
            return self
        gens, (a, b), (c, d) = _align(self, right)
        return canonical(gens, a * c, b * d)

    def __truediv__(self, other: object) -> Scalar:
        if not isinstance(right := _coerce(other), Scalar):
            return NotImplemented
        return self * right.inverse()

    def inverse(self) -> Scalar:
        """The reciprocal; raises `InputError` for zero."""
        if self.is_zero:
            raise ZeroDenominatorError("division by a scalar that is identically zero", remedy="check the denominator")
        return canonical(self.gens, self.den, self.num)

    def __neg__(self) -> Scalar:
        return Scalar(self.gens, -self.num, self.den)

    def __pow__(self, exponent: int) -> Scalar:
        if not isinstance(exponent, int):
            return NotImplemented
        base = self if exponent >= 0 else self.inverse()
        return canonical(base.gens, base.num ** abs(exponent), base.den ** abs(exponent))

    def __sub__(self, other: object) -> Scalar:
        right = _coerce(other)
        return NotImplemented if right is NotImplemented else self + (-right)

    def __rsub__(self, other: object) -> Scalar:
        left = _coerce(other)
        return NotImplemented if left is NotImplemented else left + (-self)

    def __rtruediv__(self, other: object) -> Scalar:
        left = _coerce(other)
        return NotImplemented if left is NotImplemented else left * self.inverse()

    __radd__ = __add__
    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool:
        if isinstance(other, float | complex) and not cmath.isfinite(other):
            return False
        right = _coerce(other)
        if not isinstance(right, Scalar):
            return NotImplemented
        return self.gens == right.gens and bool(self.num == right.num and self.den == right.den)

    def __hash__(self) -> int:
        if self._hash is None:
            data = (self.gens, _frozen(self.num), _frozen(self.den)) if self.gens else self.constant
            self._hash = hash(data)
        return self._hash

    def __bool__(self) -> bool:
        return not self.is_zero

    def __str__(self) -> str:
        from fpt_calc.scalars.text import scalar_text

        return scalar_text(self)

    def __repr__(self) -> str:
        return str(self)


def scalar(value: ScalarLike) -> Scalar:
    """An exact scalar from an int, Fraction, Scalar, float or complex (floats are read as the decimal they print).

    >>> scalar(0.1), scalar(2 - 1j)
    (1/10, 2 - 1j)
    """
    result = _coerce(value)
    if not isinstance(result, Scalar):
        raise InputError(f"{value!r} is not a scalar", remedy="give a number or a declared scalar")
    return result


def generator_scalar(generator: Generator) -> Scalar:
    """The generator itself as an element of the field."""
    gens = (generator,)
    return Scalar(gens, ring(gens).gens()[0], ring(gens).constant(1))


def from_polynomial(gens: tuple[Generator, ...], polynomial: Polynomial) -> Scalar:
    """An integer polynomial in these generators as a scalar."""
    return canonical(gens, polynomial, ring(gens).constant(1) if gens else 1)


def numerator(value: Scalar) -> Scalar:
    """The numerator of the reduced fraction, as a scalar."""
    return from_polynomial(value.gens, value.num)


def denominator(value: Scalar) -> Scalar:
    """The denominator of the reduced fraction, as a scalar."""
    return from_polynomial(value.gens, value.den)


def canonical(gens: tuple[Generator, ...], num: Polynomial, den: Polynomial) -> Scalar:
    """The canonical form of num/den: roots reduced, denominator free of roots, coprime, unused generators dropped."""
    if not gens:
        return _rational(int(_constant_of(num)), int(_constant_of(den)))
    for index, generator in enumerate(gens):
        if generator.square is not None and (num.degrees()[index] > 1 or den.degrees()[index]):
            return _reduce_root(gens, index, num, den)
    if den == 0:
        raise ZeroDenominatorError("division by a scalar that is identically zero", remedy="check the denominator")
    return _coprime(gens, num, den)


def _coprime(gens: tuple[Generator, ...], num: Polynomial, den: Polynomial) -> Scalar:
    if num == 0:
        return ZERO
    if den != 1:
        common = num.gcd(den)
        if common != 1:
            num, den = num / common, den / common
        if den.leading_coefficient() < 0:
            num, den = -num, -den
    used = [any(pair) for pair in zip(num.degrees(), den.degrees(), strict=True)]
    if not all(used):
        gens = tuple(g for g, keep in zip(gens, used, strict=True) if keep)
        if not gens:
            return _rational(int(_constant_of(num)), int(_constant_of(den)))
        num, den = num.project_to_context(ring(gens)), den.project_to_context(ring(gens))
    return Scalar(gens, num, den)


def _reduce_root(gens: tuple[Generator, ...], index: int, num: Polynomial, den: Polynomial) -> Scalar:
    """Bring the root r = gens[index] to first power in the numerator: 1/(p + q r) = (p - q r)/(p^2 - q^2 r^2)."""
    square = gens[index].square
    assert square is not None
    rest = gens[:index] + gens[index + 1 :]
    root = generator_scalar(gens[index])
    (n0, n1), (d0, d1) = (_split(gens, index, p, rest, square) for p in (num, den))
    if not d1.is_zero:
        norm = d0 * d0 - d1 * d1 * square
        n0, n1, d0 = n0 * d0 - n1 * d1 * square, n1 * d0 - n0 * d1, norm
    low, high = n0 / d0, n1 / d0
    if high.is_zero:
        return low
    # low and high are canonical and free of this root: combining them needs no reduction by it any more
    aligned, (a, b), (c, d) = _align(low, high)
    full = tuple(sorted({*aligned, *root.gens}, key=lambda g: g.name))
    lift = ring(full)
    a, b, c, d, r = (
        p.project_to_context(lift) if hasattr(p, "project_to_context") else lift.constant(int(p))
        for p in (a, b, c, d, root.num)
    )
    return _coprime(full, a * d + c * b * r, b * d)


def _split(
    gens: tuple[Generator, ...], index: int, p: Polynomial, rest: tuple[Generator, ...], square: Scalar
) -> tuple[Scalar, Scalar]:
    """(p0, p1) with p = p0 + p1 r, free of the root r."""
    parts: list[dict[int, dict[tuple[int, ...], int]]] = [{}, {}]
    for exponents, coefficient in p.to_dict().items():
        e = int(exponents[index])
        monomial = tuple(int(x) for i, x in enumerate(exponents) if i != index)
        bucket = parts[e % 2].setdefault(e // 2, {})
        bucket[monomial] = bucket.get(monomial, 0) + int(coefficient)
    result = []
    for part in parts:
        total = ZERO
        for power, terms in part.items():
            if rest:
                value = canonical(rest, ring(rest).from_dict(terms), ring(rest).constant(1))
            else:
                value = scalar(sum(terms.values()))
            total = total + value * square**power
        result.append(total)
    return result[0], result[1]


def _align(
    a: Scalar, b: Scalar
) -> tuple[tuple[Generator, ...], tuple[Polynomial, Polynomial], tuple[Polynomial, Polynomial]]:
    """Both fractions over the union of the generators."""
    if a.gens == b.gens:
        return a.gens, (a.num, a.den), (b.num, b.den)
    if not b.gens:
        return a.gens, (a.num, a.den), (_lift(b.num, a.gens), _lift(b.den, a.gens))
    if not a.gens:
        return b.gens, (_lift(a.num, b.gens), _lift(a.den, b.gens)), (b.num, b.den)
    by_name: dict[str, Generator] = {}
    for generator in (*a.gens, *b.gens):
        known = by_name.setdefault(generator.name, generator)
        if known != generator:
            raise InputError(
                f"the name {generator.name!r} is declared in two ways", remedy="rename one of the two quantities"
            )
    gens = tuple(by_name[name] for name in sorted(by_name))
    return gens, (_lift(a.num, gens), _lift(a.den, gens)), (_lift(b.num, gens), _lift(b.den, gens))


def _lift(p: Polynomial, gens: tuple[Generator, ...]) -> Polynomial:
    target = ring(gens)
    if not isinstance(p, flint.fmpz_mpoly):
        return target.constant(int(p))
    return target.constant(1) if p.is_one() else p.project_to_context(target)  # most denominators are 1


def _constant_of(p: Polynomial) -> Any:
    return p.leading_coefficient() if isinstance(p, flint.fmpz_mpoly) else p


def _rational(num: int, den: int) -> Scalar:
    if den == 0:
        raise ZeroDenominatorError("division by a scalar that is identically zero", remedy="check the denominator")
    common = math.gcd(num, den) * (1 if den > 0 else -1)
    return Scalar((), flint.fmpz(num // common), flint.fmpz(den // common))


def _frozen(p: Polynomial) -> frozenset[Any]:
    return frozenset((tuple(map(int, e)), int(c)) for e, c in p.to_dict().items())


def _coerce(value: object) -> Any:
    if isinstance(value, Scalar):
        return value
    if isinstance(value, bool):
        return NotImplemented
    if isinstance(value, int):
        return Scalar((), flint.fmpz(value), flint.fmpz(1))
    if isinstance(value, Fraction):
        return _rational(value.numerator, value.denominator)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise InputError(f"{value} is not a finite number", remedy="give a finite value")
        return _coerce(Fraction(repr(float(value))))  # numpy's floats print otherwise
    if isinstance(value, complex):
        return _coerce(value.real) + _coerce(value.imag) * IMAGINARY_UNIT
    if hasattr(value, "item") and hasattr(value, "dtype") and getattr(value, "ndim", 1) == 0:
        return _coerce(value.item())  # numpy scalars
    return NotImplemented


ZERO = scalar(0)
ONE = scalar(1)
IMAGINARY_UNIT = generator_scalar(ImaginaryUnit())
