"""Generators in which closed forms are printed: degrees of freedom, unnormalized traces, bilinear forms, shorthands."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from fpt_calc.expr import Expr, Trace
from fpt_calc.formula import Formula, formula_value
from fpt_calc.scalars import Scalar, generator_scalar, is_fixed, substitute
from fpt_calc.spectral import Factor


class Shown:
    """A generator that stands for a scalar; ``abbreviated``: its name has to be explained to the reader."""

    abbreviated: ClassVar[bool] = True

    @property
    def square(self) -> None:
        return None

    @property
    def definition(self) -> Scalar:
        """What it stands for."""
        raise NotImplementedError

    def conjugate(self) -> Scalar:
        return self.definition.conjugate()


@dataclass(frozen=True)
class DegreesOfFreedom(Shown):
    """``df_m = Tr(S**m (S + pole)**-m)``."""

    order: int
    base: Expr
    pole: Scalar
    label: str = ""

    @property
    def name(self) -> str:
        return f"df{self.order}{self.label}"

    @cached_property
    def definition(self) -> Scalar:
        resolvent = Factor(self.base, self.pole, 1).expression
        argument = self.base @ resolvent
        return generator_scalar(FullTrace(argument if self.order == 1 else argument**self.order))


@dataclass(frozen=True)
class FullTrace(Shown):
    """``Tr(argument)``; of a 1 x 1 matrix, the entry itself."""

    argument: Expr
    abbreviated: ClassVar[bool] = False

    @cached_property
    def name(self) -> str:
        return f"({self.argument})" if self.is_entry else f"Tr({self.argument})"

    @property
    def is_entry(self) -> bool:
        """Whether the matrix is 1 x 1."""
        return is_fixed(self.argument.rows) and self.argument.rows == 1

    @property
    def definition(self) -> Scalar:
        return self.argument.rows * generator_scalar(Trace(self.argument))


@dataclass(frozen=True)
class Shorthand(Shown):
    """A named scalar, such as ``u = df2/(n - df2)``."""

    name: str
    value: Formula

    @cached_property
    def definition(self) -> Scalar:
        return formula_value(self.value)


def normalized(value: Scalar) -> Scalar:
    """A scalar with unnormalized traces written by tau."""
    return substitute(value, {g: g.definition for g in value.gens if isinstance(g, FullTrace)})


def unfolded(value: Scalar) -> Scalar:
    """A scalar with every abbreviation replaced by what it stands for."""
    while images := {g: g.definition for g in value.gens if isinstance(g, Shown)}:
        value = substitute(value, images)
    return value
