"""Affine forms and polyhedra as readable text."""

from __future__ import annotations

from collections.abc import Iterator

from fpt_calc.scalars import ONE, Scalar, denominator, from_polynomial, is_sum, numerator, ordered_terms, ring
from fpt_calc.scaling.polyhedra.affine import Affine


def affine_text(form: Affine) -> str:
    """A form as a sum, a positive term first if there is one; what is printed parses back to it.

    >>> from fpt_calc.scalars import Parameter, generator_scalar
    >>> from fpt_calc.scaling.polyhedra.affine import variable
    >>> beta = generator_scalar(Parameter("beta"))
    >>> affine_text(variable("ell") / beta - 1), affine_text((beta + 1) / (beta + 2) * variable("ell"))
    ('ell/beta - 1', '(beta + 1)*ell/(beta + 2)')
    """
    parts = [p for part in _summands(form.constant) for p in _signed(part, "")]
    parts += [p for name, c in form.terms for part in _summands(c) for p in _signed(part, name)]
    if not parts:
        return "0"
    first = next((k for k, (sign, _) in enumerate(parts) if sign > 0), 0)
    ordered = [parts[first], *parts[:first], *parts[first + 1 :]]
    head = ("-" if ordered[0][0] < 0 else "") + ordered[0][1]
    return head + "".join(f" {'-' if sign < 0 else '+'} {text}" for sign, text in ordered[1:])


def _summands(value: Scalar) -> Iterator[Scalar]:
    """The terms of a scalar whose denominator is one term; otherwise the scalar itself."""
    if not value.gens or len(value.den.to_dict()) > 1:
        yield value
        return
    below = denominator(value)
    for exponents, c in ordered_terms(value.num):
        yield from_polynomial(value.gens, ring(value.gens).from_dict({tuple(map(int, exponents)): int(c)})) / below


def _signed(value: Scalar, name: str) -> Iterator[tuple[int, str]]:
    """The sign and the text of ``value * name``; nothing if it is zero."""
    if value.is_zero:
        return
    top, below = numerator(value), denominator(value)
    sign = 1
    if _is_negative(top):  # -a/(b - c) is shown as a/(c - b)
        top = -top
        if all(c > 0 for c in below.num.coeffs()) if below.gens else True:
            sign = -1
        else:
            below = -below
    divisor = "" if below == ONE else f"/({below})" if is_sum(below) or "*" in str(below) else f"/{below}"
    if not name:
        yield sign, f"({top}){divisor}" if divisor and is_sum(top) else f"{top}{divisor}"
        return
    factor = "" if top == ONE else f"({top})*" if is_sum(top) else f"{top}*"
    yield sign, f"{factor}{name}{divisor}"


def _is_negative(polynomial: Scalar) -> bool:
    """Whether all its terms carry a minus sign."""
    return all(c < 0 for c in polynomial.num.coeffs()) if polynomial.gens else bool(polynomial.num < 0)
