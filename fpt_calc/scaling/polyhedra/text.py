"""Affine forms and polyhedra as readable text."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from fpt_calc.scalars import ONE, Scalar, denominator, from_polynomial, is_sum, numerator, ordered_terms, ring
from fpt_calc.scaling.polyhedra.affine import Affine, solved_for
from fpt_calc.scaling.polyhedra.chamber import Chamber
from fpt_calc.scaling.polyhedra.description import describe
from fpt_calc.scaling.polyhedra.linear import primitive
from fpt_calc.scaling.polyhedra.measure import irredundant
from fpt_calc.scaling.polyhedra.polyhedron import Polyhedron


def affine_text(form: Affine) -> str:
    """A form as a sum, or as a scalar times a sum if that is shorter; what is printed parses back to it.

    >>> from fpt_calc.scalars import Parameter, generator_scalar
    >>> from fpt_calc.scaling.polyhedra.affine import variable
    >>> beta = generator_scalar(Parameter("beta"))
    >>> affine_text(variable("ell") / beta - 1), affine_text((beta + 1) / (beta + 2) * variable("ell"))
    ('ell/beta - 1', '(beta + 1)*ell/(beta + 2)')
    >>> affine_text((1 + variable("s")) * (beta / (beta + 2)))
    'beta*(1 + s)/(beta + 2)'
    """
    texts = [_sum(form)]
    vector = (form.constant, *(c for _, c in form.terms))
    if sum(not c.is_zero for c in vector) > 1:
        whole = primitive(vector)
        common = next(c / w for c, w in zip(vector, whole, strict=True) if w)
        for scale in (common, -common):
            ((sign, text),) = _signed(scale, f"({_sum(form / scale)})")
            texts.append(f"{'-' if sign < 0 else ''}{text}")
    return min(texts, key=len)


def _sum(form: Affine) -> str:
    """The terms in their order, but a positive one first if there is one."""
    parts = [p for part in summands(form.constant) for p in _signed(part, "")]
    parts += [p for name, c in form.terms for part in summands(c) for p in _signed(part, name)]
    if not parts:
        return "0"
    first = next((k for k, (sign, _) in enumerate(parts) if sign > 0), 0)
    ordered = [parts[first], *parts[:first], *parts[first + 1 :]]
    head = ("-" if ordered[0][0] < 0 else "") + ordered[0][1]
    return head + "".join(f" {'-' if sign < 0 else '+'} {text}" for sign, text in ordered[1:])


def summands(value: Scalar) -> Iterator[Scalar]:
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


def equation_text(equation: Affine) -> str:
    """An equation ``form = 0`` solved for the variable that makes it shortest.

    >>> from fpt_calc.scaling.polyhedra.affine import variable
    >>> equation_text(2 * variable("x") - variable("y") - 1)
    'y = 2*x - 1'
    """
    return min((f"{n} = {solved_for(equation, n)}" for n in equation.names), key=len, default=f"{equation} = 0")


def polyhedron_text(chamber: Chamber, cell: Polyhedron) -> str:
    """The interior of a polyhedron as inequalities, a lower and an upper bound of one variable joined.

    A constraint is solved for its variable, or for the one that makes it shortest; the signs of coefficients are
    recorded.  ``everything`` and ``nothing`` stand for the whole space and the empty polyhedron.

    >>> from fpt_calc.scaling.polyhedra.affine import variable
    >>> x, y = variable("x"), variable("y")
    >>> polyhedron_text(Chamber({}), Polyhedron(("x", "y"), (x, y - 1, 3 - x - y, 5 - x)))
    '0 < x < 3 - y, y > 1'
    """
    if describe(chamber, cell).is_empty:
        return "nothing"
    tidy = irredundant(chamber, cell)
    parts = [equation_text(e) for e in tidy.equalities]
    for name, lower, upper in bounds_of(chamber, tidy):
        low = "" if lower is None else f"{lower} < "
        parts.append(f"{name} > {lower}" if upper is None else f"{low}{name} < {upper}")
    return ", ".join(parts) or "everything"


def bounds_of(chamber: Chamber, cell: Polyhedron) -> Iterator[tuple[str, Affine | None, Affine | None]]:
    """The constraints as bounds of variables, a lower and an upper one of the same variable joined.

    Each is solved for its variable, or for the one that makes it shortest; the signs of coefficients are recorded.
    """
    bounds: dict[str, tuple[list[Affine], list[Affine]]] = {n: ([], []) for n in cell.names}
    for constraint in cell.constraints:
        solved = ((n, solved_for(constraint, n)) for n in constraint.names)
        name, bound = min(solved, key=lambda p: len(str(p[1])))
        bounds[name][0 if chamber.sign(constraint.coefficient(name)) > 0 else 1].append(bound)
    for name, (lowers, uppers) in bounds.items():
        for lower, upper in zip_longest(lowers, uppers):
            yield name, lower, upper
