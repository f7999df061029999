"""Sums of monomials with real exponents: what an asymptotic law is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sympy

from fpt_calc.errors import InputError
from fpt_calc.scaling.zipf.numbers import exact


@dataclass(frozen=True)
class Monomial:
    """``coefficient * product of base**exponent``; bases are symbols (or logarithms of symbols), in order of name.

    >>> T, k = sympy.symbols("T k", positive=True)
    >>> monomial(3, {k: -1, T: "1/2"})
    Monomial(coefficient=3, exponents=((T, 1/2), (k, -1)))
    >>> expression(monomial(3, {k: -1, T: "1/2"}))
    3*sqrt(T)/k
    """

    coefficient: Any
    exponents: tuple[tuple[Any, Any], ...]


def monomial(coefficient: Any, exponents: Mapping[Any, Any]) -> Monomial:
    """A monomial; bases with exponent 0 are left out."""
    powers = {base: sympy.simplify(exact(e, "exponent")) for base, e in exponents.items()}
    kept = sorted(((b, e) for b, e in powers.items() if e != 0), key=lambda pair: str(pair[0]))
    return Monomial(sympy.sympify(coefficient, strict=True), tuple(kept))


def split(value: Any, bases: Iterable[Any]) -> Monomial:
    """An expression as a monomial in the bases, which must not stand in sums.

    >>> p = sympy.Symbol("p", positive=True)
    >>> split(p**2/sympy.zeta(3), [p])
    Monomial(coefficient=1/zeta(3), exponents=((p, 2),))
    """
    known = set(bases)
    powers: dict[Any, Any] = {}
    rest = sympy.Integer(1)
    for base, exponent in sympy.powsimp(sympy.factor(value)).as_powers_dict().items():
        if base in known:
            powers[base] = exponent
        else:
            rest *= base**exponent
    return monomial(rest, powers)


def times(first: Monomial, second: Monomial) -> Monomial:
    """The product."""
    powers = dict(first.exponents)
    for base, exponent in second.exponents:
        powers[base] = powers.get(base, 0) + exponent
    return monomial(first.coefficient * second.coefficient, powers)


def power(of: Monomial, exponent: Any) -> Monomial:
    """A power of a monomial whose coefficient is a product of positive factors; zeta of an exponent is positive."""
    positive = {z: sympy.Dummy(positive=True) for z in of.coefficient.atoms(sympy.zeta)}
    raised = sympy.expand_power_base(of.coefficient.xreplace(positive) ** exponent, force=True)
    back = {dummy: z for z, dummy in positive.items()}
    return monomial(raised.xreplace(back), {base: e * exponent for base, e in of.exponents})


def order(of: Monomial) -> Monomial:
    """The monomial with coefficient 1."""
    return Monomial(sympy.Integer(1), of.exponents)


def expression(of: Monomial) -> Any:
    """The monomial as a sympy expression."""
    return of.coefficient * sympy.Mul(*(base**e for base, e in of.exponents))


def number(value: Any, numbers: Mapping[str, Any], digits: int) -> Any:
    """The value of an expression as a sympy Float, with numbers for its symbols.

    Raises `InputError` for a symbol without a number, a name that does not occur, a number that is not positive,
    and numbers for which the value is not positive.
    """
    names = {s.name: s for s in value.free_symbols}
    for name in sorted(names.keys() - numbers.keys()):
        raise InputError(f"no number for {name}", where=f"at.{name}", remedy=f"give {name}=...")
    for name in sorted(numbers.keys() - names.keys()):
        raise InputError(
            f"there is no {name}", where=f"at.{name}", remedy=f"the symbols are {', '.join(sorted(names))}"
        )
    given = {name: exact(numbers[name], f"at.{name}") for name in numbers}
    for name, found in given.items():
        if not found.is_Rational or found <= 0:
            raise InputError(f"{found} is not a positive number", where=f"at.{name}", remedy="give a positive number")
    found = sympy.N(value.xreplace({s: given[name] for name, s in names.items()}), digits)
    if not (found.is_real and found.is_finite and found > 0):
        what = f"the value {sympy.N(found, 5)} is no error"
        raise InputError(what, where="at", remedy="exponents of Zipf's laws are above 1, shares below 1")
    return found
