"""Polynomials from values modulo a prime, where the values of several polynomials are known up to a common factor.

One parameter varies at a time first (interpolation and rational reconstruction): this gives the degrees.  They fix the
common factor, and the exponents that can occur; points in geometric progression then give the terms (Ben-Or, Tiwari).
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations, product
from typing import Any

import flint

from fpt_calc.errors import CannotDecideError

Exponents = tuple[int, ...]
Terms = dict[Exponents, int]
Sample = Callable[[Sequence[int]], list[int]]  # the values at a point, up to a common factor
Box = tuple[range, ...]  # the exponents of each variable that can occur

FIRST_POINTS = 6
MAX_POINTS = 192
MAX_PAIR = 300  # coefficients of the two polynomials that fix the common factor
ATTEMPTS = 4
SPARE = 3


def interpolate(sample: Sample, variables: int, prime: int, seed: int = 1) -> list[Terms]:
    """The coprime polynomials whose values ``sample`` gives; the first coefficient of the shortest one is 1.

    ``sample`` may raise `ZeroDivisionError` at exceptional points; no value may vanish identically.
    Raises `CannotDecideError` if degrees or terms are too many.

    >>> def sample(point):
    ...     x, y = point
    ...     return [x * x * (x + 2 * y), x * x * y * (x + 1), x * x * x]
    >>> interpolate(sample, 2, 2**31 - 1)
    [{(0, 1): 2, (1, 0): 1}, {(0, 1): 1, (1, 1): 1}, {(1, 0): 1}]
    """
    for attempt in range(ATTEMPTS):
        try:
            return _attempt(sample, variables, prime, random.Random(seed + attempt))
        except ZeroDivisionError:  # an exceptional point
            continue
    raise CannotDecideError("every random point of an interpolation was exceptional")


def _attempt(sample: Sample, variables: int, prime: int, source: random.Random) -> list[Terms]:
    base = [source.randrange(2, prime) for _ in range(variables)]
    slices = [_slices(sample, base, v, prime, source) for v in range(variables)]
    count = len(sample(base))
    boxes: list[Box] = [tuple(_exponents(slices[v][k]) for v in range(variables)) for k in range(count)]
    short, scale = _scale(sample, boxes, prime, source)
    ratios = [source.randrange(2, prime) for _ in range(variables)]
    columns: list[list[int]] = [[] for _ in range(count)]
    total = 4
    while total <= MAX_POINTS:
        for power in range(len(columns[0]), total):
            point = [pow(r, power + 1, prime) for r in ratios]
            values = sample(point)
            factor = _evaluate(scale, point, prime) * _inverse(values[short], prime)
            for column, value in zip(columns, values, strict=True):
                column.append(value * factor % prime)
        found = [_sparse(c, box, ratios, prime) for c, box in zip(columns, boxes, strict=True)]
        if all(terms is not None for terms in found):
            return [terms for terms in found if terms is not None]
        total *= 2
    raise CannotDecideError("a coefficient has too many terms", remedy="fix some of the parameters at numbers")


def _slices(sample: Sample, base: Sequence[int], variable: int, prime: int, source: random.Random) -> list[Any]:
    """The polynomials as functions of one variable, up to a common constant."""
    places: list[int] = []
    values: list[list[int]] = []
    total = FIRST_POINTS
    while total <= MAX_POINTS:
        while len(places) < total:
            place = source.randrange(2, prime)
            row = sample([place if v == variable else x for v, x in enumerate(base)])
            scale = _inverse(row[0], prime)
            places.append(place)
            values.append([c * scale % prime for c in row])
        fractions = _fractions(places, values, prime)
        if all(n.degree() + d.degree() <= total - SPARE for n, d in fractions):
            common = reduce(_lcm, (d for _, d in fractions))
            return [n * (common // d) for n, d in fractions]
        total += FIRST_POINTS
    raise CannotDecideError("the degree in a parameter is too large", remedy="fix some of the parameters at numbers")


def _fractions(places: list[int], values: list[list[int]], prime: int) -> list[tuple[Any, Any]]:
    size = len(places)
    vandermonde = flint.nmod_mat(size, size, [pow(x, k, prime) for x in places for k in range(size)], prime)
    right = flint.nmod_mat(size, len(values[0]), [c for row in values for c in row], prime)
    solved = vandermonde.solve(right)
    modulus = flint.nmod_poly([1], prime)
    for x in places:
        modulus = modulus * flint.nmod_poly([-x % prime, 1], prime)
    columns = [[int(solved[k, j]) for k in range(size)] for j in range(len(values[0]))]
    return [_rational_function(modulus, flint.nmod_poly(c, prime)) for c in columns]


def _rational_function(modulus: Any, value: Any) -> tuple[Any, Any]:
    """The fraction n/d of smallest degree deg n + deg d that equals a value modulo a product of linear factors."""
    prime = value.modulus()
    r, s = (modulus, value), (flint.nmod_poly([], prime), flint.nmod_poly([1], prime))
    best = (value, s[1])
    while s[1].degree() < modulus.degree() and r[1] != 0:
        if r[1].degree() + s[1].degree() < best[0].degree() + best[1].degree():
            best = (r[1], s[1])
        quotient = r[0] // r[1]
        r, s = (r[1], r[0] - quotient * r[1]), (s[1], s[0] - quotient * s[1])
    lead = best[1].leading_coefficient()
    return best[0] * (1 / lead), best[1] * (1 / lead)


def _lcm(a: Any, b: Any) -> Any:
    return a * (b // a.gcd(b))


def _exponents(polynomial: Any) -> range:
    coefficients = [int(c) for c in polynomial.coeffs()]
    return range(next(k for k, c in enumerate(coefficients) if c), len(coefficients))


def _scale(sample: Sample, boxes: list[Box], prime: int, source: random.Random) -> tuple[int, Terms]:
    """One of the polynomials: a monomial, or a short one, from the equations c_k v_l = c_l v_k with another one."""
    sizes = [math.prod(map(len, box)) for box in boxes]
    order = sorted(range(len(boxes)), key=lambda k: sizes[k])
    if sizes[order[0]] == 1:
        return order[0], {tuple(r[0] for r in boxes[order[0]]): 1}
    for k, m in combinations(order, 2):
        if sizes[k] + sizes[m] > MAX_PAIR:
            continue
        first, second = list(product(*boxes[k])), list(product(*boxes[m]))
        rows = []
        for _ in range(len(first) + len(second) + SPARE):
            point = [source.randrange(2, prime) for _ in boxes[k]]
            values = sample(point)
            rows += [_monomial(e, point, prime) * values[m] % prime for e in first]
            rows += [-_monomial(e, point, prime) * values[k] % prime for e in second]
        width = len(first) + len(second)
        basis, nullity = flint.nmod_mat(len(rows) // width, width, rows, prime).nullspace()
        if nullity == 1:
            terms = {e: int(basis[j, 0]) for j, e in enumerate(first) if int(basis[j, 0])}
            lead = pow(next(iter(terms.values())), -1, prime)
            return k, {e: c * lead % prime for e, c in terms.items()}
    raise CannotDecideError("all coefficients are long", remedy="fix some of the parameters at numbers")


def _sparse(values: list[int], box: Box, ratios: Sequence[int], prime: int) -> Terms | None:
    """The terms of a polynomial from its values at powers of a point; None if the values are too few to know."""
    recurrence = _recurrence(values, prime)
    count = len(recurrence) - 1
    if 2 * count > len(values) - 2:
        return None
    polynomial = flint.nmod_poly(recurrence[::-1], prime)
    roots = [(e, x) for e, x in _monomials(box, ratios, prime) if int(polynomial(x)) == 0]
    if len(roots) != count:
        raise ZeroDivisionError  # two monomials share their value, or a bound was met at an exceptional point
    matrix = flint.nmod_mat(count, count, [pow(x, k + 1, prime) for k in range(count) for _, x in roots], prime)
    solved = matrix.solve(flint.nmod_mat(count, 1, values[:count], prime))
    return {e: int(solved[k, 0]) for k, (e, _) in enumerate(roots)}


def _recurrence(values: list[int], prime: int) -> list[int]:
    """The shortest linear recurrence of a sequence, leading coefficient first (Berlekamp, Massey)."""
    modulus = flint.nmod_poly([0] * len(values) + [1], prime)
    r = (modulus, flint.nmod_poly(values[::-1], prime))
    s = (flint.nmod_poly([], prime), flint.nmod_poly([1], prime))
    while 2 * r[1].degree() >= len(values):
        quotient = r[0] // r[1]
        r, s = (r[1], r[0] - quotient * r[1]), (s[1], s[0] - quotient * s[1])
    coefficients = [int(c) for c in s[1].coeffs()]
    lead = pow(coefficients[-1], -1, prime)
    return [c * lead % prime for c in coefficients[::-1]]


def _monomials(box: Box, ratios: Sequence[int], prime: int) -> Iterator[tuple[Exponents, int]]:
    for exponents in product(*box):
        yield exponents, _monomial(exponents, ratios, prime)


@dataclass(frozen=True)
class Progress:
    """Polynomials modulo a product of primes, on the way to rational coefficients."""

    modulus: int
    polynomials: tuple[Terms, ...]

    def combined(self, prime: int, images: Sequence[Terms]) -> Progress | None:
        """With their images modulo another prime (Chinese remainders); None if the terms differ."""
        if [set(p) for p in self.polynomials] != [set(p) for p in images]:
            return None
        lift = pow(self.modulus, -1, prime)
        merged = tuple(
            {e: c + self.modulus * ((image[e] - c) * lift % prime) for e, c in p.items()}
            for p, image in zip(self.polynomials, images, strict=True)
        )
        return Progress(self.modulus * prime, merged)


def _monomial(exponents: Exponents, point: Sequence[int], prime: int) -> int:
    value = 1
    for x, e in zip(point, exponents, strict=True):
        if e:
            value = value * pow(x, e, prime) % prime
    return value


def _evaluate(terms: Terms, point: Sequence[int], prime: int) -> int:
    return sum(c * _monomial(e, point, prime) for e, c in terms.items()) % prime


def _inverse(value: int, prime: int) -> int:
    if value % prime == 0:
        raise ZeroDivisionError
    return pow(value, -1, prime)
