"""Constants of scaling laws in the shape in which they are read: products with common factors in front, signs inside.

The general simplifier of sympy takes seconds on these; here factors are only collected, never searched for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import gcd, lcm
from typing import Union

import sympy

from fpt_calc.scalars import ONE, ZERO, Generator, Parameter, Scalar, generator_scalar, scalar
from fpt_calc.scaling.polyhedra import Bounds, constant_sign

Domain = Mapping[Generator, Bounds]
Base = Union["Product", "Total", sympy.Expr]


@dataclass(frozen=True)
class Product:
    """``coefficient * product of base**exponent``, in the order of printing.

    A base is a symbol, pi, a function, a series, a sum, or a product to a power that is not whole.
    """

    coefficient: Fraction
    factors: tuple[tuple[Base, sympy.Expr], ...] = ()


@dataclass(frozen=True)
class Total:
    """A sum of products, a positive one first if there is one; no terms is zero."""

    terms: tuple[Product, ...]


def constant_form(value: sympy.Expr, domain: Domain | None = None) -> Total:
    """The shape in which a constant is read.

    Parameters
    ----------
    value : built from positive symbols by ``+ * **``, functions and series.
    domain : bounds of parameters, by which factors such as beta - 1 are known to be positive.

    Bases of powers that are not whole are taken to be positive, as constants of positive quantities are.

    >>> beta, r = sympy.symbols("beta r", positive=True)
    >>> ((product,),) = [constant_form(-sympy.pi * (2 * r - 1) / sympy.sin(2 * sympy.pi * r)).terms]
    >>> product.coefficient, len(product.factors)
    (Fraction(1, 1), 3)
    """
    return _total(value, tuple((domain or {}).items()))


Known = tuple[tuple[Parameter, Bounds], ...]


@cache
def _total(value: sympy.Expr, known: Known) -> Total:
    terms = [p for term in sympy.Add.make_args(value) if (p := _product(term, known)).coefficient]
    if len(terms) < 2:
        return Total(tuple(terms))
    together = _collected(terms)
    if together is not None:
        return Total((together,))
    numbers = [t for t in terms if not t.factors]
    rest = _collected([t for t in terms if t.factors]) if len(numbers) == 1 and len(terms) > 2 else None
    return Total(_ordered(terms if rest is None else [rest, *numbers]))


def _collected(terms: Sequence[Product]) -> Product | None:
    """The sum as one product, if its terms have something in common and are no fractions without it."""
    shared = _shared(terms)
    if all(t.coefficient < 0 for t in terms):
        shared = Product(-shared.coefficient, shared.factors)
    inside = [_times(t, _power(shared, sympy.Integer(-1))) for t in terms]
    if not shared.factors or any(e.is_Rational and e < 0 for t in inside for _, e in t.factors):
        return None
    return _times(shared, Product(Fraction(1), ((Total(_ordered(inside)), sympy.Integer(1)),)))


def _product(value: sympy.Expr, known: Known) -> Product:
    """A product with its factors collected, and its sign put into one of its sums."""
    result = Product(Fraction(1))
    for factor in sympy.Mul.make_args(value):
        result = _times(result, _factor(factor, known))
    return _with_sign(result, known) if result.coefficient < 0 else result


def _factor(value: sympy.Expr, known: Known) -> Product:
    if value.is_Rational:
        return Product(Fraction(int(value.p), int(value.q)))
    base, exponent = value.as_base_exp()
    exponent = sympy.cancel(exponent)
    if base.is_Add:
        inner = _total(base, known)
        if len(inner.terms) == 1:
            return _power(inner.terms[0], exponent)
        flipped = exponent.is_Integer and _sign_of(inner, known) < 0
        sign = -1 if flipped and exponent % 2 else 1
        return Product(Fraction(sign), ((_negated(inner) if flipped else inner, exponent),))
    if base.is_Mul or base.is_Pow or (base.is_Rational and exponent.is_Integer):
        return _power(_product(base, known), exponent)
    return Product(Fraction(1), ((base, exponent),))


def _power(value: Product, exponent: sympy.Expr) -> Product:
    """A power; a product to a power that is not whole stays together, upside down where the exponent is negative."""
    if exponent.is_Integer:
        k = int(exponent)
        return Product(value.coefficient**k, tuple((b, sympy.cancel(e * k)) for b, e in value.factors))
    if value.coefficient == 1 and len(value.factors) == 1:
        ((base, own),) = value.factors
        return Product(Fraction(1), ((base, sympy.cancel(own * exponent)),))
    if not value.factors and value.coefficient == 1:
        return value
    if exponent.could_extract_minus_sign():
        return _power(_power(value, sympy.Integer(-1)), -exponent)
    return Product(Fraction(1), ((value, exponent),))


def _times(left: Product, right: Product) -> Product:
    exponents: dict[Base, sympy.Expr] = {}
    for base, exponent in (*left.factors, *right.factors):
        exponents[base] = sympy.cancel(exponents[base] + exponent) if base in exponents else exponent
    factors = sorted(((b, e) for b, e in exponents.items() if e != 0), key=lambda f: _rank(*f))
    return Product(left.coefficient * right.coefficient, tuple(factors))


def _rank(base: Base, exponent: sympy.Expr) -> tuple[int, str]:
    """Where a factor is printed: pi, symbols, sums, functions, and last what is longer."""
    match base:
        case Total():
            kind = 2
        case Product() | sympy.Sum():
            kind = 5
        case _:
            kind = 0 if base == sympy.pi else 3 if base.args else 1
    return kind if exponent.is_Rational else 4, str(base)


def _shared(terms: Sequence[Product]) -> Product:
    """What all terms have in common: equal powers, the smaller one of two whole ones, and a number."""
    first, *others = terms
    factors: list[tuple[Base, sympy.Expr]] = []
    for base, exponent in first.factors:
        found = [dict(o.factors).get(base) for o in others]
        if all(e == exponent for e in found):
            factors.append((base, exponent))
        elif exponent.is_Integer and all(e is not None and e.is_Integer and e * exponent > 0 for e in found):
            factors.append((base, min(exponent, *found) if exponent > 0 else max(exponent, *found)))
    numbers = [t.coefficient for t in (first, *others)]
    number = Fraction(gcd(*(c.numerator for c in numbers)), lcm(*(c.denominator for c in numbers)))
    return Product(number if factors else Fraction(1), tuple(factors))


def _ordered(terms: Iterable[Product]) -> tuple[Product, ...]:
    return tuple(sorted(terms, key=lambda t: (t.coefficient < 0, not t.factors, str(t.factors))))


def _negated(value: Total) -> Total:
    return Total(_ordered(Product(-t.coefficient, t.factors) for t in value.terms))


def _with_sign(value: Product, known: Known) -> Product:
    """The minus sign of a product moved into a sum of undecided sign, where there is one."""
    for base, exponent in value.factors:
        if isinstance(base, Total) and exponent.is_Integer and exponent % 2 and _sign_of(base, known) == 0:
            if _scalar_of(base) is None:
                continue
            factors = tuple((_negated(b), e) if b is base else (b, e) for b, e in value.factors)
            return Product(-value.coefficient, factors)
    return value


def _sign_of(value: Total, known: Known) -> int:
    """The sign of a polynomial on the domain: 1, -1, or 0 where it was not seen."""
    polynomial = _scalar_of(value)
    return 0 if polynomial is None else constant_sign(polynomial, _named(known, polynomial))


def _named(known: Known, value: Scalar) -> Mapping[Generator, Bounds]:
    bounds = {p.name: b for p, b in known}
    return {g: bounds.get(g.name, (Fraction(0), None)) for g in value.gens}


def _scalar_of(value: Total) -> Scalar | None:
    """A polynomial in symbols as a scalar."""
    total = ZERO
    for term in value.terms:
        product = scalar(term.coefficient)
        for base, exponent in term.factors:
            inner = _scalar_of(base) if isinstance(base, Total) else None
            if isinstance(base, sympy.Symbol):
                inner = generator_scalar(Parameter(base.name, "positive"))
            if inner is None or not exponent.is_Integer or exponent < 0:
                return None
            product = product * inner ** int(exponent)
        total = total + product
    return total if total != ONE else None
