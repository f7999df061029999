"""The polynomial of the physical branch at a point, from the formal solution.

At a point modulo a prime the target is a power series in the ramp t.  The polynomials in t and the target that vanish
on it to an order well above their number of coefficients (Hermite-Pade approximation, one nullspace) are the
multiples of its minimal polynomial.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import flint

from fpt_calc.errors import CannotDecideError
from fpt_calc.reduce.fractions import Exponents, FractionsAtPoint, Terms

Series = Any  # flint.nmod_poly
SPARE = 12  # a wrong polynomial passes with probability prime^-12
MAX_ORDER = 640
Support = tuple[tuple[int, int], ...]  # the powers of (t, target) in a polynomial


@dataclass(frozen=True)
class Shape:
    """The powers of (t, target) in the polynomial of a branch, and the order of the series that determines it."""

    support: Support
    order: int


@dataclass
class _Powers:
    """Powers of series, truncated; working data of one evaluation."""

    series: Sequence[Series]
    order: int
    known: dict[tuple[int, int], Series] = field(default_factory=dict)

    def power(self, place: int, exponent: int) -> Series:
        if exponent == 1:
            return self.series[place]
        if (place, exponent) not in self.known:
            half = self.power(place, exponent - 1)
            self.known[(place, exponent)] = half.mul_low(self.series[place], self.order)
        return self.known[(place, exponent)]

    def value(self, terms: Mapping[Exponents, int], prime: int) -> Series:
        total = flint.nmod_poly([], prime)
        for exponents, coefficient in terms.items():
            term: Series = None
            for place, exponent in enumerate(exponents):
                if exponent:
                    factor = self.power(place, exponent)
                    term = factor if term is None else term.mul_low(factor, self.order)
            total = total + (flint.nmod_poly([coefficient], prime) if term is None else term * coefficient)
        return total


def target_series(at: FractionsAtPoint, nonlinear: int, order: int) -> Series:
    """The formal series of the target to t^(order - 1): Newton's method from zero variance.

    Raises `ZeroDivisionError` where the point is a pole.
    """
    prime = at.prime
    t = flint.nmod_poly([0, 1], prime)
    unknowns = [flint.nmod_poly([v], prime) for v in _start(at, nonlinear)]
    residuals = [_residual(k, n, d, prime) for k, (n, d) in enumerate(at.equations)]
    slopes = [[_derivative(r, j + 1, prime) for j in range(len(unknowns))] for r in residuals]
    known = 1
    while known < order and unknowns:
        known = min(2 * known, order)
        powers = _Powers([t, *unknowns], known)
        right = [powers.value(r, prime) for r in residuals]
        matrix = [[powers.value(s, prime) if s else None for s in row] for row in slopes]
        step = _solve(matrix, right, known)
        unknowns = [(u - s).truncate(known) for u, s in zip(unknowns, step, strict=True)]
    powers = _Powers([t, *unknowns], order)
    numerator, denominator = (powers.value(part, prime) for part in at.target)
    if denominator[0] == 0:
        raise ZeroDivisionError
    return numerator.mul_low(denominator.inverse_series_trunc(order), order).truncate(order)


def _start(at: FractionsAtPoint, nonlinear: int) -> list[int]:
    """The unknowns at zero variance: the nonlinear ones are explicit there, the others in turn."""
    values = [0] * len(at.equations)
    for k, (numerator, denominator) in enumerate(at.equations):
        point = [0, *(values if k >= nonlinear else [0] * len(values))]
        values[k] = evaluate(numerator, point, at.prime) * pow_inverse(evaluate(denominator, point, at.prime), at.prime)
        values[k] %= at.prime
    return values


def evaluate(terms: Mapping[Exponents, int], point: Sequence[int], prime: int) -> int:
    """The value of a polynomial at residues."""
    total = 0
    for exponents, coefficient in terms.items():
        term = coefficient
        for x, e in zip(point, exponents, strict=True):
            if e:
                term = term * pow(x, e, prime) % prime
        total += term
    return total % prime


def pow_inverse(value: int, prime: int) -> int:
    """The inverse of a residue; raises `ZeroDivisionError` for zero."""
    if value % prime == 0:
        raise ZeroDivisionError
    return pow(value, -1, prime)


def _residual(k: int, numerator: Terms, denominator: Terms, prime: int) -> Terms:
    """``unknown * denominator - numerator``."""
    result = {(*e[: k + 1], e[k + 1] + 1, *e[k + 2 :]): c for e, c in denominator.items()}
    for exponents, coefficient in numerator.items():
        result[exponents] = (result.get(exponents, 0) - coefficient) % prime
    return result


def _derivative(terms: Terms, place: int, prime: int) -> Terms:
    return {
        (*e[:place], e[place] - 1, *e[place + 1 :]): c * e[place] % prime
        for e, c in terms.items()
        if e[place] and c * e[place] % prime
    }


def _solve(matrix: list[list[Series]], right: list[Series], order: int) -> list[Series]:
    """Gaussian elimination over truncated series, zeros as None; pivots must be invertible at zero."""
    size = len(right)
    for k in range(size):
        pivot = next((i for i in range(k, size) if matrix[i][k] is not None and matrix[i][k][0] != 0), None)
        if pivot is None:
            raise ZeroDivisionError
        matrix[k], matrix[pivot], right[k], right[pivot] = matrix[pivot], matrix[k], right[pivot], right[k]
        inverse = matrix[k][k].inverse_series_trunc(order)
        row = [None if m is None else m.mul_low(inverse, order) for m in matrix[k]]
        matrix[k], right[k] = row, right[k].mul_low(inverse, order)
        for i in range(size):
            factor = matrix[i][k]
            if i == k or factor is None:
                continue
            for j in range(k, size):
                if row[j] is not None:
                    change = factor.mul_low(row[j], order)
                    matrix[i][j] = -change if matrix[i][j] is None else matrix[i][j] - change
            matrix[i][k] = None
            right[i] = right[i] - factor.mul_low(right[k], order)
    return right


def branch_shape(at: FractionsAtPoint, nonlinear: int, max_degree: int) -> Shape:
    """The powers of (t, target) in the minimal polynomial of the branch.

    Raises `CannotDecideError` if its coefficients are too many to be found.
    """
    order = 40
    while order <= MAX_ORDER:
        series = target_series(at, nonlinear, order)
        for degree in range(1, max_degree + 1):
            height = (order - SPARE) // (degree + 1) - 1
            nullity = _vanishing(series, _full(height, degree), order)[1]
            if nullity:
                support = _full(height - nullity + 1, degree)
                vector, _ = _vanishing(series, support, order)
                return _shape(series, tuple(power for power, c in zip(support, vector, strict=True) if c), order)
        order *= 2
    raise CannotDecideError(
        "the polynomial of the target has too many coefficients", remedy="fix some of the parameters at numbers"
    )


def _shape(series: Series, support: Support, limit: int) -> Shape:
    """With the smallest order that leaves one polynomial of this support, and some more for certainty."""
    order = max(len(support), 1 + max(i for i, _ in support))
    while order < limit and _vanishing(series, support, order)[1] > 1:
        order += 4
    return Shape(support, order + SPARE)


def branch_coefficients(at: FractionsAtPoint, nonlinear: int, shape: Shape) -> list[int]:
    """The coefficients of the minimal polynomial of the branch, up to a common factor."""
    vector, nullity = _vanishing(target_series(at, nonlinear, shape.order), shape.support, shape.order)
    if nullity != 1:
        raise ZeroDivisionError  # an exceptional point
    return vector


def _full(height: int, degree: int) -> Support:
    return tuple((i, j) for j in range(degree + 1) for i in range(height + 1))


def _vanishing(series: Series, support: Support, order: int) -> tuple[list[int], int]:
    """A combination of the ``t^i series^j`` that vanishes to the order, and how many independent ones there are."""
    prime = series.modulus()
    powers = [flint.nmod_poly([1], prime)]
    for _ in range(max(j for _, j in support)):
        powers.append(powers[-1].mul_low(series, order))
    padded = [([int(c) for c in p.coeffs()] + [0] * order)[:order] for p in powers]
    rows = [[0] * i + padded[j][: order - i] for i, j in support]
    matrix = flint.nmod_mat(len(support), order, [c for row in rows for c in row], prime).transpose()
    basis, nullity = matrix.nullspace()
    return [int(basis[k, 0]) for k in range(len(support))] if nullity else [], int(nullity)
