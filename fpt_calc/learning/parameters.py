"""The parameters of a stage (kappa, theta, ...): their names in a pipeline, and how their values are found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fpt_calc.closed_form import DegreesOfFreedom, FullTrace
from fpt_calc.derivation import LimitLaw
from fpt_calc.expr import Expr, Trace, map_scalars, tau
from fpt_calc.scalars import Generator, Scalar, generator_scalar, substitute
from fpt_calc.system import Unknown


@dataclass(frozen=True)
class StageParameter:
    """A parameter with its relation.

    Attributes
    ----------
    symbol : its name in the pipeline.
    relation : a scalar in the parameters, traces and what was declared, which vanishes.
    base : the matrix S of its resolvents ``inv(S + parameter)``, if there is one.
    meaning : what it is in the unknowns of ``law``.
    law : the law whose solution gives its value; None where it is the positive root of its relation.
    """

    symbol: Unknown
    relation: Scalar
    base: Expr | None
    meaning: Scalar | None = None
    law: LimitLaw | None = None


@dataclass(frozen=True)
class Renaming:
    """New names for parameters, everywhere: in traces, degrees of freedom and coefficients."""

    images: Mapping[Generator, Scalar]
    suffix: str

    def matrix(self, expr: Expr) -> Expr:
        return map_scalars(expr, self.value)

    def value(self, value: Scalar) -> Scalar:
        return substitute(value, {g: self._generator(g) for g in value.gens})

    def _generator(self, generator: Generator) -> Scalar:
        if generator in self.images:
            return self.images[generator]
        match generator:
            case FullTrace(argument=argument):
                return generator_scalar(FullTrace(self.matrix(argument)))
            case Trace(argument=argument):
                return tau(self.matrix(argument))
            case DegreesOfFreedom(order=order, base=base, pole=pole):
                return generator_scalar(DegreesOfFreedom(order, self.matrix(base), self.value(pole), self.suffix))
        return generator_scalar(generator)
