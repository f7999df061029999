"""Linear elimination in systems of polynomial equations over the field of parameters and traces."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from math import prod
from typing import Any

from fpt_calc.errors import CannotDecideError
from fpt_calc.scalars import (
    ONE,
    ZERO,
    Generator,
    Scalar,
    denominator,
    from_polynomial,
    generator_scalar,
    numerator,
    ring,
    substitute,
)

MAX_WORK = 60_000  # terms before cancellation; beyond, nothing that comes out can be read
MAX_REMAINDER = 15  # terms of a relation modulo which fractions are reduced


def degree(polynomial: Scalar, generator: Generator) -> int:
    """The degree of a polynomial in one generator."""
    if generator not in polynomial.gens:
        return 0
    return int(polynomial.num.degrees()[polynomial.gens.index(generator)])


def replaced(value: Scalar, images: Mapping[Any, Scalar]) -> Scalar:
    """Generators replaced by scalars; raises `CannotDecideError` where the result would be too long to be of use."""
    present = [(k, images[g]) for k, g in enumerate(value.gens) if g in images]
    if not present:
        return value
    work = 0
    for part in (value.num, value.den):
        for exponents in part.monoms():
            sizes = [_size(image) ** int(exponents[k]) for k, image in present if exponents[k]]
            work += prod(sizes)
    if work > MAX_WORK:
        raise CannotDecideError("the equations become too long to eliminate", remedy="use the equations")
    return substitute(value, images)


def _size(value: Scalar) -> int:
    return max(len(value.num), len(value.den)) if value.gens else 1


def coefficients(polynomial: Scalar, generator: Generator) -> list[Scalar]:
    """The coefficients by powers of one generator, constant first."""
    if generator not in polynomial.gens:
        return [polynomial]
    index = polynomial.gens.index(generator)
    parts: dict[int, dict[tuple[int, ...], int]] = {}
    for exponents, c in polynomial.num.to_dict().items():
        powers = tuple(0 if k == index else int(e) for k, e in enumerate(exponents))
        parts.setdefault(int(exponents[index]), {})[powers] = int(c)
    context = ring(polynomial.gens)
    return [
        from_polynomial(polynomial.gens, context.from_dict(parts[k])) if k in parts else ZERO
        for k in range(max(parts) + 1)
    ]


def remainder(value: Scalar, symbol: Generator, relation: Scalar) -> Scalar:
    """The representative of a fraction modulo an irreducible relation: a polynomial in the symbol of lower degree."""
    if len(relation.num) > MAX_REMAINDER:
        raise CannotDecideError("a relation is too long to reduce by", remedy="use the equations")
    modulus = coefficients(relation, symbol)
    top = _reduced(coefficients(numerator(value), symbol), modulus)
    bottom = _reduced(coefficients(denominator(value), symbol), modulus)
    inverse = _inverse(bottom, modulus)
    product = [ZERO] * (len(top) + len(inverse))
    for i, a in enumerate(top):
        for j, b in enumerate(inverse):
            product[i + j] = product[i + j] + a * b
    x, total = generator_scalar(symbol), ZERO
    for k, c in enumerate(_reduced(product, modulus)):
        total = total + c * x**k
    return total


def _reduced(polynomial: list[Scalar], modulus: list[Scalar]) -> list[Scalar]:
    return _divided(polynomial, modulus)[1]


def _divided(a: list[Scalar], b: list[Scalar]) -> tuple[list[Scalar], list[Scalar]]:
    """Quotient and remainder of polynomials over a field, constant coefficients first."""
    rest, quotient = list(a), [ZERO] * max(1, len(a) - len(b) + 1)
    while len(rest) >= len(b):
        factor = rest[-1] / b[-1]
        shift = len(rest) - len(b)
        quotient[shift] = factor
        for k, c in enumerate(b):
            rest[shift + k] = rest[shift + k] - factor * c
        rest.pop()
    return _trimmed(quotient), _trimmed(rest)


def _trimmed(a: list[Scalar]) -> list[Scalar]:
    while a and a[-1].is_zero:
        a.pop()
    return a


def _inverse(a: list[Scalar], modulus: list[Scalar]) -> list[Scalar]:
    """The inverse modulo an irreducible polynomial, by the extended Euclidean algorithm."""
    r0, r1 = modulus, a
    s0, s1 = list[Scalar](), [ONE]
    while len(r1) > 1:
        quotient, rest = _divided(r0, r1)
        step = [ZERO] * max(len(s0), len(quotient) + len(s1))
        for k, c in enumerate(s0):
            step[k] = step[k] + c
        for i, p in enumerate(quotient):
            for j, q in enumerate(s1):
                step[i + j] = step[i + j] - p * q
        r0, r1, s0, s1 = r1, rest, s1, _trimmed(step)
    if not r1:
        raise CannotDecideError("a denominator vanishes on the relation", remedy="use the equations")
    return [c / r1[0] for c in s1]


def solved_for(polynomial: Scalar, generator: Generator) -> Scalar:
    """The root in a generator of a polynomial that is linear in it."""
    constant = substitute(polynomial, {generator: ZERO})
    return -constant / (polynomial - constant) * generator_scalar(generator)


def primitive(polynomial: Scalar, units: Callable[[Generator], bool]) -> Scalar:
    """The square-free part without numeric content and without factors that are generators known not to vanish."""
    if not polynomial.gens:
        return polynomial
    _, factors = polynomial.num.factor()
    result = ONE
    for factor, _ in factors:
        part = from_polynomial(polynomial.gens, factor)
        if not (len(part.gens) == 1 and part == generator_scalar(part.gens[0]) and units(part.gens[0])):
            result = result * part
    return result


def eliminate(
    equations: Sequence[Scalar],
    variables: Iterable[Generator],
    units: Callable[[Generator], bool],
    last: Container[Generator] = (),
) -> tuple[dict[Generator, Scalar], list[Scalar]]:
    """Solve polynomial equations for variables in which one of them is linear, shortest first, those in ``last`` last.

    Returns the solved variables, in terms of what remains, and the equations that remain.
    """
    rest = [primitive(e, units) for e in equations if not e.is_zero]
    solved: dict[Generator, Scalar] = {}
    pending = list(variables)
    while pending:
        found = [(v in last, len(e.num), v.name, e, v) for e in rest for v in pending if degree(e, v) == 1]
        if not found:
            break
        *_, equation, variable = min(found, key=lambda item: item[:3])
        image = {variable: solved_for(equation, variable)}
        pending.remove(variable)
        solved = {v: replaced(s, image) for v, s in solved.items()} | image
        reduced = (primitive(numerator(replaced(e, image)), units) for e in rest if e is not equation)
        rest = list(dict.fromkeys(e for e in reduced if not e.is_zero))
    return solved, rest
