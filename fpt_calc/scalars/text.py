"""Scalars as Python text: what is printed parses back to the same scalar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fpt_calc.scalars.field import Scalar


def scalar_text(value: Scalar) -> str:
    """Python syntax for a scalar, denominators after a slash.

    >>> from fpt_calc.scalars import dimension, scalar
    >>> n = dimension("n")
    >>> scalar_text((n + 1)**2 / (2*n))
    '(n**2 + 2*n + 1)/(2*n)'
    """
    numerator, denominator = signed_parts(value)
    num = _polynomial(value, numerator)
    if value.den == 1:
        return num
    den = _polynomial(value, denominator)
    if _terms(value, value.num) > 1:
        num = f"({num})"
    if _terms(value, value.den) > 1 or "*" in den:
        den = f"({den})"
    return f"{num}/{den}"


def signed_parts(value: Scalar) -> tuple[Any, Any]:
    """Numerator and denominator for printing: -a/(b - c) is shown as a/(c - b)."""
    if not value.gens or any(c > 0 for c in value.num.coeffs()) or all(c > 0 for c in value.den.coeffs()):
        return value.num, value.den
    return -value.num, -value.den


def is_sum(value: Scalar) -> bool:
    """Whether the text of this scalar is a sum at top level, so that it needs parentheses in a product."""
    return bool(value.den == 1) and _terms(value, value.num) > 1


def _terms(value: Scalar, polynomial: Any) -> int:
    return len(polynomial.to_dict()) if value.gens else 1


def ordered_terms(polynomial: Any) -> list[tuple[Any, Any]]:
    """The terms (exponents, coefficient) in the order of printing: graded, but a positive one first if there is one."""
    terms = list(zip(polynomial.monoms(), polynomial.coeffs(), strict=True))
    first = next((k for k, (_, c) in enumerate(terms) if c > 0), 0)
    return [terms[first], *terms[:first], *terms[first + 1 :]]


def _polynomial(value: Scalar, polynomial: Any) -> str:
    if not value.gens:
        return str(int(polynomial))
    names = [g.name for g in value.gens]
    pieces: list[str] = []
    for exponents, coefficient in ordered_terms(polynomial):
        factors = [
            name if exponent == 1 else f"{name}**{exponent}"
            for name, exponent in zip(names, map(int, exponents), strict=True)
            if exponent
        ]
        number = abs(int(coefficient))
        if number != 1 or not factors:
            factors.insert(0, str(number))
        sign = "-" if int(coefficient) < 0 else "+"
        if not pieces:
            pieces.append(("-" if sign == "-" else "") + "*".join(factors))
        else:
            pieces.append(f" {sign} " + "*".join(factors))
    return "".join(pieces)
