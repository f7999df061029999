"""The minimal polynomial of a target over the field of parameters, for systems without traces.

Where unknowns can be eliminated by linear equations, the physical factor of what remains is the polynomial.  Else:

1. At a random point modulo a prime, a Groebner basis gives the minimal polynomial on all solutions (`groebner`).
2. There the formal solution singles out its factor of the physical branch (`branch`), at many points quickly.
3. The coefficients are interpolated from such points, and lifted to rational numbers (`interpolation`).
4. The result is checked: it is irreducible, divides what a Groebner basis gives at a fresh point modulo a fresh prime,
   and vanishes on the formal solution of the block matrix.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import flint

from fpt_calc.errors import CannotDecideError
from fpt_calc.expr import PRIME, PrimeModel, try_models
from fpt_calc.reduce.branch import Shape, branch_coefficients, branch_shape
from fpt_calc.reduce.fractions import Fractions, Scaling, fractions_of, scalings, terms_of
from fpt_calc.reduce.groebner import target_polynomial_at
from fpt_calc.reduce.interpolation import Progress, Terms, interpolate
from fpt_calc.reduce.linear import eliminate_linearly
from fpt_calc.reduce.physical import continued_root
from fpt_calc.reduce.quantity import RAMP, Quantity
from fpt_calc.scalars import (
    ONE,
    Generator,
    Scalar,
    from_polynomial,
    generator_scalar,
    ring,
    substitute,
)
from fpt_calc.solve import formal_series
from fpt_calc.system import FixedPointSystem

SERIES_ORDER = 8  # a polynomial that vanishes to this order on the formal solution modulo 2^61 is taken as vanishing
MAX_PRIMES = 12
POINTS = 4  # random points at which a Groebner basis may be tried: one can be exceptional


@dataclass(frozen=True)
class TargetPolynomial:
    """The minimal polynomial of a target over the field of parameters.

    Attributes
    ----------
    polynomial : in the target (`Quantity`) and the parameters; primitive, irreducible.
    degree : in the target.
    evidence : why this factor is the physical one.
    removed : the other factors, which the limit does not satisfy.
    """

    polynomial: Scalar
    degree: int
    evidence: str
    removed: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.polynomial} = 0"


def target_polynomial(system: FixedPointSystem, name: str) -> TargetPolynomial:
    """The minimal polynomial of one target.

    Raises
    ------
    InputError
        for a name that is not a target.
    CannotDecideError
        if the system has traces of matrices, square roots or the imaginary unit, or the polynomial is too long.

    >>> from fpt_calc import derive, dims, inv, scalars, tau, wigner
    >>> (d,), (z,) = dims("d"), scalars("z", "upper")
    >>> law = derive({"m": tau(inv(wigner("W", d, variance=1/d) - z))})
    >>> found = target_polynomial(law.derived.system, "m")
    >>> print(found, found.degree)
    m**2 + m*z + 1 = 0 2
    """
    with_ramp = ramped(system)
    linear = eliminate_linearly(with_ramp, [name])
    if linear is not None and len(linear) == 1:
        _refuse_roots(linear[0].gens, name)
        factors = _factors(linear[0])
        general = physical_factor(linear[0], system)
        removed = tuple(str(f) for f in factors if f != general)
        evidence = "all unknowns eliminated by linear equations"
    else:
        general, removed, evidence = _Search(with_ramp, name).result()
    if not vanishes(general, system):
        raise CannotDecideError("the polynomial does not vanish on the formal solution", where=name)
    evidence += f"; irreducible, and zero on the formal solution to order {SERIES_ORDER}"
    factors = _factors(substitute(general, {RAMP: ONE}))
    if len(factors) > 1:
        chosen = continued_root(factors, system, name)
        removed += tuple(str(f) for f in factors if f != chosen)
        evidence += "; of its factors without the variance ramp, the one with the computed value as a root"
        factors = [chosen]
    return TargetPolynomial(factors[0], _degree(factors[0], name), evidence, removed)


def ramped(system: FixedPointSystem) -> FixedPointSystem:
    """The system with all variances multiplied by the ramp."""
    scaled = tuple(replace(c, coefficient=c.coefficient * generator_scalar(RAMP)) for c in system.couplings)
    return replace(system, couplings=scaled)


def physical_factor(polynomial: Scalar, system: FixedPointSystem) -> Scalar:
    """The factor of a polynomial in targets, parameters and the ramp that vanishes on the formal solution.

    Raises `CannotDecideError` if none does.
    """
    candidates = _factors(polynomial)
    if len(candidates) == 1:
        return candidates[0]  # the product vanishes, and factors in the parameters alone do not
    for candidate in candidates:
        if vanishes(candidate, system):
            return candidate
    raise CannotDecideError("no factor of the relation vanishes on the formal solution", where=str(polynomial)[:80])


def vanishes(polynomial: Scalar, system: FixedPointSystem) -> bool:
    """Whether a polynomial in targets and the ramp vanishes on the formal solution, to order 8 in a random model."""

    def attempt(model: PrimeModel) -> bool:
        series = formal_series(system, SERIES_ORDER, model)
        total = flint.nmod_poly([], PRIME)
        powers: dict[tuple[Generator, int], Any] = {}

        def power(g: Generator, exponent: int) -> Any:
            if (g, exponent) not in powers:
                if isinstance(g, Quantity):
                    value = flint.nmod_poly([int(c) for c in series[g.name]], PRIME)
                elif g == RAMP:
                    value = flint.nmod_poly([0, 1], PRIME)
                else:
                    value = flint.nmod_poly([int(model.generator(g))], PRIME)
                powers[(g, exponent)] = value**exponent
            return powers[(g, exponent)]

        for exponents, coefficient in terms_of(polynomial.gens, polynomial.num):
            term = flint.nmod_poly([coefficient % PRIME], PRIME)
            for g, e in zip(polynomial.gens, exponents, strict=True):
                if e:
                    term = term.mul_low(power(g, e), SERIES_ORDER + 1)
            total = total + term
        return not any(int(c) for c in total.truncate(SERIES_ORDER + 1).coeffs())

    return try_models(attempt, seed=3)


def _factors(polynomial: Scalar) -> list[Scalar]:
    """The different irreducible factors that contain a target."""
    _, factors = polynomial.num.factor()
    found = [from_polynomial(polynomial.gens, f) for f, _ in factors]
    return [f for f in found if any(isinstance(g, Quantity) for g in f.gens)]


def _refuse_roots(gens: Iterable[Generator], name: str) -> None:
    """A root is no independent parameter: a polynomial may split over the field with the root, unseen by `_factors`."""
    for g in gens:
        if g.square is not None:
            raise CannotDecideError(
                f"the equations contain {g.name}", where=name, remedy="use a parameter in its place, complex if need be"
            )


def _degree(polynomial: Scalar, name: str) -> int:
    return int(polynomial.num.degrees()[polynomial.gens.index(Quantity(name))])


def _primes() -> Iterator[int]:
    """Primes below that of the random models, which is used elsewhere."""
    candidate = PRIME - 2
    while True:
        if flint.fmpz(candidate).is_prime():
            yield candidate
        candidate -= 2


class _Search:
    """The general elimination for one target; working data."""

    def __init__(self, system: FixedPointSystem, name: str) -> None:
        self.name = name
        self.fractions: Fractions = fractions_of(system, name)
        _refuse_roots(self.fractions.parameters, name)
        self.scalings: tuple[Scaling, ...] = scalings(self.fractions)
        fixed = {s.parameter for s in self.scalings}
        self.free = [g for g in self.fractions.parameters if g not in fixed]
        self.random = random.Random(5)

    def result(self) -> tuple[Scalar, tuple[str, ...], str]:
        """The polynomial with the ramp, the extraneous factors, and the evidence."""
        primes = _primes()
        prime = next(primes)
        shape = self._shape(prime)
        progress: Progress | None = None
        for _ in range(MAX_PRIMES):
            images = self._interpolated(shape, prime)
            progress = progress and progress.combined(prime, images)
            progress = progress or Progress(prime, tuple(images))
            prime = next(primes)
            polynomial = self._lifted(shape, progress)
            if polynomial is not None and self._is_branch(polynomial, shape, prime):
                return self._certified(polynomial, prime)
        raise CannotDecideError("the coefficients are too long", where=self.name, remedy="fix some of the parameters")

    def _point(self, prime: int) -> dict[Generator, int]:
        return self._at_values([self.random.randrange(2, prime) for _ in self.free])

    def _shape(self, prime: int) -> Shape:
        for _ in range(POINTS):
            try:
                at = self.fractions.at(self._point(prime), prime)
                degree = target_polynomial_at(at, self.random.randrange(2, prime)).degree()
                return branch_shape(at, self.fractions.nonlinear, degree)
            except ZeroDivisionError:  # an exceptional point
                continue
        raise CannotDecideError("every random point was exceptional", where=self.name)

    def _coefficients(self, shape: Shape, values: Sequence[int], prime: int) -> list[int]:
        at = self.fractions.at(self._at_values(values), prime)
        return branch_coefficients(at, self.fractions.nonlinear, shape)

    def _at_values(self, values: Sequence[int]) -> dict[Generator, int]:
        return dict.fromkeys(self.fractions.parameters, 1) | dict(zip(self.free, values, strict=True))

    def _interpolated(self, shape: Shape, prime: int) -> list[Terms]:
        return interpolate(lambda values: self._coefficients(shape, values, prime), len(self.free), prime)

    def _lifted(self, shape: Shape, progress: Progress) -> Scalar | None:
        """The polynomial with integer coefficients and all parameters, or None if more primes are needed."""
        coefficients: dict[tuple[int, ...], tuple[int, int]] = {}
        for power, terms in zip(shape.support, progress.polynomials, strict=True):
            for exponents, residue in terms.items():
                fraction = _rational(residue, progress.modulus)
                if fraction is None:
                    return None
                coefficients[(*power, *exponents)] = fraction
        common = math.lcm(*(d for _, d in coefficients.values()))
        gens: list[Generator] = [RAMP, self.fractions.target, *self.free]
        rows = [dict(zip(gens, e, strict=True)) for e in coefficients]
        for scaling in self.scalings:
            _put_back(rows, scaling)
        ordered = tuple(sorted([*gens, *(s.parameter for s in self.scalings)], key=lambda g: g.name))
        terms = {
            tuple(row[g] for g in ordered): n * (common // d)
            for row, (n, d) in zip(rows, coefficients.values(), strict=True)
        }
        return from_polynomial(ordered, ring(ordered).from_dict(terms))

    def _is_branch(self, polynomial: Scalar, shape: Shape, prime: int) -> bool:
        """Whether the polynomial is that of the branch at a fresh point modulo a fresh prime."""
        for _ in range(POINTS):
            point = self._point(prime)
            try:
                expected = self._coefficients(shape, [point[g] for g in self.free], prime)
            except ZeroDivisionError:
                continue
            found = _at(polynomial, self.fractions.target, {**point}, prime)
            values = [found.get(power, 0) for power in shape.support]
            return len(found) == len(values) and all(
                (a * expected[0] - b * values[0]) % prime == 0 for a, b in zip(values, expected, strict=True)
            )
        return False

    def _certified(self, polynomial: Scalar, prime: int) -> tuple[Scalar, tuple[str, ...], str]:
        """With the proof that it divides the minimal polynomial of the target on all solutions."""
        factors = _factors(polynomial)
        if len(factors) != 1:
            raise CannotDecideError("the polynomial of the branch is reducible", where=self.name)
        for _ in range(POINTS):
            point, ramp = self._point(prime), self.random.randrange(2, prime)
            everything = target_polynomial_at(self.fractions.at(point, prime), ramp)
            coefficients: dict[int, int] = {}
            for (i, j), c in _at(factors[0], self.fractions.target, point, prime).items():
                coefficients[j] = coefficients.get(j, 0) + c * pow(ramp, i, prime)
            branch = flint.nmod_poly([coefficients.get(j, 0) % prime for j in range(max(coefficients) + 1)], prime)
            if everything % branch == 0:
                rest = (everything // branch).degree()
                removed = (f"a factor of degree {rest} in {self.name}",) if rest else ()
                evidence = f"a Groebner basis gives degree {everything.degree()} for all solutions"
                evidence += f", and the formal solution a factor of degree {branch.degree()}"
                return factors[0], removed, evidence
        raise CannotDecideError("the polynomial of the branch does not follow from the equations", where=self.name)


def _put_back(rows: list[dict[Generator, int]], scaling: Scaling) -> None:
    """Give each term the power of the scaled parameter that makes all terms weigh the same."""
    weights: Mapping[Generator, int] = scaling.weights
    powers = [-sum(weights.get(g, 0) * e for g, e in row.items()) for row in rows]
    for row, power in zip(rows, powers, strict=True):
        row[scaling.parameter] = power - min(powers)


def _at(polynomial: Scalar, target: Quantity, point: Mapping[Generator, int], prime: int) -> dict[tuple[int, int], int]:
    """The coefficients by powers of (ramp, target) where the parameters are residues."""
    result: dict[tuple[int, int], int] = {}
    for exponents, integer in terms_of(polynomial.gens, polynomial.num):
        power, coefficient = {RAMP: 0, target: 0}, integer
        for g, e in zip(polynomial.gens, exponents, strict=True):
            if g in power:
                power[g] = e
            else:
                coefficient = coefficient * pow(point[g], e, prime) % prime
        key = (power[RAMP], power[target])
        result[key] = (result.get(key, 0) + coefficient) % prime
    return {key: c for key, c in result.items() if c}


def _rational(residue: int, modulus: int) -> tuple[int, int] | None:
    """The fraction with numerator and denominator below sqrt(modulus/2) that has this residue."""
    bound = math.isqrt(modulus // 2)
    r, s = (modulus, residue % modulus), (0, 1)
    while r[1] > bound:
        quotient = r[0] // r[1]
        r, s = (r[1], r[0] - quotient * r[1]), (s[1], s[0] - quotient * s[1])
    if s[1] == 0 or abs(s[1]) > bound or math.gcd(r[1], s[1]) != 1:
        return None
    return (r[1], s[1]) if s[1] > 0 else (-r[1], -s[1])
