"""Targets as variables of polynomials."""

from __future__ import annotations

from dataclasses import dataclass

from fpt_calc.scalars import Parameter, Scalar, generator_scalar

RAMP = Parameter("the variance ramp")  # multiplies all variances; the formal solution is a series in it


@dataclass(frozen=True)
class Quantity:
    """A target as a variable of a relation."""

    name: str

    @property
    def square(self) -> None:
        return None

    def conjugate(self) -> Scalar:
        return generator_scalar(Quantity(f"conj({self.name})"))


def quantity(name: str) -> Scalar:
    """A target as a variable, to write relations with."""
    return generator_scalar(Quantity(name))
