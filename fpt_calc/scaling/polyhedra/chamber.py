"""The order of QQ(beta, r, ...) at a sample of the parameters, and the record of what was decided by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from fpt_calc.errors import ComputationError, InputError
from fpt_calc.scalars import (
    Generator,
    Scalar,
    ScalarLike,
    denominator,
    evaluate_scalar,
    from_polynomial,
    generator_scalar,
    numerator,
    scalar,
)
from fpt_calc.scaling.polyhedra.conditions import Condition, Domain, essential


class DegenerateSample(ComputationError):
    """A scalar that is not zero vanishes at the sample, or has a pole there: choose another sample.

    Attributes
    ----------
    factor : the scalar.
    """

    def __init__(self, factor: Scalar) -> None:
        self.factor = factor
        super().__init__(
            f"the sign of {factor} is not decided at the sample", remedy="move the sample of the parameters a little"
        )


class Chamber:
    """A sample of the parameters, and the signs of polynomials that were read off there.

    What is computed in a chamber holds wherever all recorded polynomials have the signs they have at the sample.

    Parameters
    ----------
    sample : a rational value for every parameter (a `Generator`); empty if the numbers are rational.

    Attributes
    ----------
    memo : what was computed in this chamber, by what it was computed from.

    Raises
    ------
    InputError
        if a sampled generator is no free parameter (a square root, the imaginary unit).

    >>> from fpt_calc.scalars import Parameter
    >>> r = Parameter("r")
    >>> chamber = Chamber({r: Fraction(1, 2)})
    >>> chamber.sign(1 - generator_scalar(r)**2)
    1
    >>> [str(c) for c in chamber.conditions()]
    ['r < 1', 'r > -1']
    """

    def __init__(self, sample: Mapping[Generator, Fraction | int]) -> None:
        for g in sample:
            if g.square is not None or g.conjugate() != generator_scalar(g):
                raise InputError("no real parameter", where=g.name, remedy="give a sample of real parameters only")
        self.sample: Mapping[Generator, Fraction] = {g: Fraction(v) for g, v in sample.items()}
        self.memo: dict[Any, Any] = {}
        self._values: dict[Scalar, Fraction] = {}
        self._recorded: dict[Scalar, int] = {}
        self._known: set[Scalar] = set()

    def value(self, value: Scalar) -> Fraction:
        """The number that a scalar is at the sample.

        Raises `DegenerateSample` at a pole, and `InputError` for a parameter without a sample.
        """
        if (constant := value.constant) is not None:
            return constant
        if value not in self._values:
            try:
                self._values[value] = evaluate_scalar(value, self._at, Fraction)
            except ZeroDivisionError:
                raise DegenerateSample(denominator(value)) from None
        return self._values[value]

    def _at(self, generator: Generator) -> Fraction:
        if generator not in self.sample:
            raise InputError("a parameter without a sample", where=generator.name, remedy="give it a rational value")
        return self.sample[generator]

    def sign(self, value: Scalar) -> int:
        """The sign of a scalar, which is recorded; 0 if and only if it is identically zero.

        Raises `DegenerateSample` if it is not zero, but vanishes at the sample.
        """
        number = self.value(value)
        if number == 0:
            if not value.is_zero:
                raise DegenerateSample(value)
            return 0
        if value.gens and value not in self._known:
            self._known.add(value)
            for factor in _prime_factors(value):
                self._recorded[factor] = 1 if self.value(factor) > 0 else -1
        return 1 if number > 0 else -1

    def conditions(self, assumed: Domain | None = None) -> tuple[Condition, ...]:
        """Conditions that imply all recorded signs, where the parameters are in their domain.

        Parameters
        ----------
        assumed : by parameter, its lower and upper bound (None for none); the domain is open.

        Raises
        ------
        InputError
            if the sample is not in the domain.
        """
        for g, at in self.sample.items():
            lower, upper = (assumed or {}).get(g, (None, None))
            if (lower is not None and at <= lower) or (upper is not None and at >= upper):
                raise InputError(
                    f"the sample {at} is outside its domain", where=g.name, remedy="take a sample between the bounds"
                )
        return essential(self._recorded, assumed or {})


def holds(condition: Condition, point: Mapping[Generator, ScalarLike]) -> bool:
    """Whether a condition holds at values of the parameters.

    >>> from fpt_calc.scalars import Parameter
    >>> r = Parameter("r")
    >>> holds(Condition(generator_scalar(r) - 1, -1), {r: Fraction(1, 2)})
    True
    """
    number = evaluate_scalar(condition.factor, lambda g: scalar(point[g]), scalar).constant
    assert number is not None
    return number * condition.sign > 0


def _prime_factors(value: Scalar) -> Iterator[Scalar]:
    """The irreducible polynomials in the numerator and the denominator, each up to a number, of positive lead."""
    for part in (numerator(value), denominator(value)):
        if part.gens:
            for polynomial, _ in part.num.factor()[1]:
                yield from_polynomial(part.gens, polynomial if polynomial.leading_coefficient() > 0 else -polynomial)
