"""A witness: a point in the space of exponents at which orders of growth are compared, every comparison being recorded.

What is computed at a witness holds on the whole cell where all recorded comparisons come out the same.  Comparisons of
exponents that depend on parameters only, such as the sign of 1 - r, are recorded by the chamber.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import mpmath
import sympy

from fpt_calc.errors import CannotDecideError
from fpt_calc.scalars import (
    ONE,
    ZERO,
    Generator,
    Parameter,
    Scalar,
    accumulate,
    evaluate_scalar,
)
from fpt_calc.scaling.polyhedra import Chamber
from fpt_calc.scaling.regimes.affine_scalars import leading_in
from fpt_calc.scaling.regimes.constants import positive_power, symbol, to_sympy
from fpt_calc.scaling.regimes.powers import UNIT, Powers, raised, times

DIGITS = 40  # in which constants are told from zero
SMALLEST = mpmath.mpf(10) ** -25
INFINITE = Parameter("oo", "positive")  # the exponent of a dimension that grows faster than every power of the size


def inaccuracy(name: str) -> str:
    """The base for the relative error of an order parameter's leading term."""
    return f"o({name})"


class DegenerateError(Exception):
    """Two different orders of growth are equal at the witness: another one has to be taken."""


@dataclass(frozen=True)
class Meaning:
    """What a base stands for: ``coefficient * powers * size**growth * log(size)**logs`` as the size grows.

    ``growth`` is affine in the exponents; ``powers`` are of the witness's atoms.
    """

    growth: Scalar
    coefficient: Scalar = ONE
    powers: Powers = UNIT
    logs: int = 0


@dataclass
class Witness:
    """Working data of one evaluation.

    Attributes
    ----------
    chamber : the order of exponents that depend on parameters only.
    at : the exponents (ell, a, ...) at the witness.
    bases : what every base stands for.
    sample : numbers for constants, such as sigma, by which zero is told from nonzero.
    atoms : positive constants that are raised to powers, in sympy.
    scalars : those of them that are scalars.
    recorded : scalars, affine in the exponents, that are positive at the witness.
    where, roots : equations of constants that have no closed form, by their symbol, and their values at the sample.
    """

    chamber: Chamber
    at: Mapping[str, Fraction]
    bases: dict[str, Meaning]
    sample: Mapping[str, Fraction]
    atoms: dict[str, sympy.Expr] = field(default_factory=dict)
    scalars: dict[str, Scalar] = field(default_factory=dict)
    recorded: dict[Scalar, None] = field(default_factory=dict)
    where: dict[sympy.Symbol, sympy.Expr] = field(default_factory=dict)
    roots: dict[sympy.Symbol, mpmath.mpf] = field(default_factory=dict)
    _growths: dict[Powers, tuple[Scalar, int]] = field(default_factory=dict)
    _numbers: dict[Scalar, Fraction] = field(default_factory=dict)

    def define(self, name: str, meaning: Meaning) -> None:
        """Say what a base stands for."""
        if self.bases.get(name, meaning) != meaning:
            self._growths.clear()
        self.bases[name] = meaning

    def restart(self, recorded: Mapping[Scalar, None], bases: Mapping[str, Meaning]) -> None:
        """Go back to these comparisons and bases."""
        self.recorded, self.bases = dict(recorded), dict(bases)
        self._growths.clear()

    def sign(self, value: Scalar) -> int:
        """The sign of a scalar in parameters and exponents; zero only if it is zero identically."""
        value = _at_infinity(value)
        if value.is_zero:
            return 0
        if not any(g.name in self.at for g in value.gens):
            return self.chamber.sign(value)
        number = self.approximate(value)
        if number == 0:
            raise DegenerateError
        self.recorded[value if number > 0 else -value] = None
        return 1 if number > 0 else -1

    def approximate(self, value: Scalar) -> Fraction:
        """The value at the witness, unrecorded: for choosing what to compare, not for concluding."""
        if value not in self._numbers:
            self._numbers[value] = evaluate_scalar(value, self._generator, Fraction)
        return self._numbers[value]

    def _generator(self, generator: Generator) -> Fraction:
        if generator == INFINITE:
            return Fraction(10**9)
        return self.at[generator.name] if generator.name in self.at else self.chamber.sample[generator]

    def growth(self, product: Powers) -> tuple[Scalar, int]:
        """The exponent of the size, and that of its logarithm."""
        if product not in self._growths:
            self._growths[product] = self._growth(product)
        return self._growths[product]

    def _growth(self, product: Powers) -> tuple[Scalar, int]:
        total, logs = ZERO, ZERO
        for name, exponent in product:
            meaning = self.bases[name]
            total = total + exponent * meaning.growth
            logs = logs + exponent * meaning.logs
        number = logs.constant
        if number is None or number.denominator != 1:
            raise CannotDecideError("a power of a logarithm that is no integer", remedy="move beta or r a little")
        return total, int(number)

    def compare(self, left: Powers, right: Powers) -> int:
        """Which of two products grows faster: 1, -1, or 0 where they are of the same order."""
        (a, log_a), (b, log_b) = self.growth(left), self.growth(right)
        return self.sign(a - b) or (log_a > log_b) - (log_a < log_b)

    def same_order(self, left: Powers, right: Powers) -> bool:
        """Whether two products grow alike, identically in all exponents."""
        return left == right or self.growth(left) == self.growth(right)

    def resolved(self, product: Powers, coefficient: Scalar = ONE) -> tuple[Scalar, Powers]:
        """The constant factor of a product of bases: a scalar, and powers of atoms that are no scalars."""
        powers = UNIT
        for name, exponent in product:
            meaning = self.bases[name]
            factor, rest = self.powered((meaning.coefficient, meaning.powers), exponent)
            coefficient, powers = coefficient * factor, times(powers, rest)
        return self._whole(coefficient, powers)

    def _whole(self, coefficient: Scalar, powers: Powers) -> tuple[Scalar, Powers]:
        """A coefficient times powers of atoms, whole powers of scalars put into the coefficient."""
        kept = []
        for name, exponent in powers:
            number = exponent.constant
            if name in self.scalars and number is not None and number.denominator == 1:
                coefficient = coefficient * self.scalars[name] ** int(number)
            else:
                kept.append((name, exponent))
        return coefficient, tuple(kept)

    def powered(self, factor: tuple[Scalar, Powers], exponent: Scalar) -> tuple[Scalar, Powers]:
        """A power of a positive constant; what is no integer power becomes one of an atom."""
        coefficient, powers = factor
        rest, number = raised(powers, exponent), exponent.constant
        if number is not None and number.denominator == 1:
            return coefficient ** int(number), rest
        if coefficient == ONE:
            return ONE, rest
        name = str(coefficient)
        self.scalars[name], self.atoms[name] = coefficient, to_sympy(coefficient)
        return ONE, times(rest, ((name, exponent),))

    def expression(self, atoms: Powers) -> sympy.Expr:
        """Powers of atoms in sympy."""
        return sympy.Mul(*(positive_power(self.atoms[name], to_sympy(e)) for name, e in atoms))

    def sum_of(self, terms: Mapping[Powers, Scalar]) -> dict[Powers, Scalar]:
        """The constant of a sum of terms of one order, collected by powers of atoms up to whole ones."""
        total: dict[Powers, Scalar] = {}
        for product, coefficient in terms.items():
            factor, rest = self.resolved(product, coefficient)
            for known in total:
                together, left = self._whole(factor, times(rest, raised(known, -1)))
                if not left:
                    factor, rest = together, known
                    break
            accumulate(total, rest, factor)
        return total

    def constant(self, terms: Mapping[Powers, Scalar]) -> sympy.Expr:
        """The constant of a sum of terms of one order."""
        return sympy.Add(*(to_sympy(c) * self.expression(rest) for rest, c in self.sum_of(terms).items()))

    def number(self, value: sympy.Expr) -> mpmath.mpf:
        """A constant at the sample of the parameters."""
        known = {g.name: v for g, v in self.chamber.sample.items()} | {**self.at, **self.sample}
        with mpmath.workdps(DIGITS + 10):
            images = {symbol(n): mpmath.mpf(v.numerator) / v.denominator for n, v in known.items()} | self.roots
            # floating-point numbers: sympy would try to factor the numerators of rational ones in powers
            numbers = {s: sympy.Float(images[s], DIGITS + 10) for s in value.free_symbols if s in images}
            at = value.subs(numbers)
            return mpmath.mpf(sympy.N(at.xreplace({s: _with_decimals(s) for s in at.atoms(sympy.Sum)}), DIGITS))


def _with_decimals(value: sympy.Sum) -> sympy.Sum:
    """A series with decimals for fractions: k to a fraction would be a root of an integer with thousands of digits."""
    fractions = (x for x in value.function.atoms(sympy.Rational) if not x.is_Integer)
    return value.func(value.function.xreplace({x: sympy.Float(x, DIGITS + 10) for x in fractions}), *value.limits)


def _at_infinity(value: Scalar) -> Scalar:
    """What decides the sign of a scalar as `INFINITE` grows: its leading coefficient."""
    return leading_in(value, INFINITE)[0] if INFINITE in value.gens else value
