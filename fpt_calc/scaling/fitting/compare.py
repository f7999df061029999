"""Measured exponents against theory: tests of predicted values, and what a law says about its parameter."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from fpt_calc.errors import InputError
from fpt_calc.scaling.fitting.curve import CurveFit
from fpt_calc.scaling.fitting.data import Estimate
from fpt_calc.scaling.fitting.distributions import LEVEL
from fpt_calc.scaling.fitting.model import HIGHEST, Parameter
from fpt_calc.scaling.fitting.profile import distance_to, tail

_HALVINGS = 60


@dataclass(frozen=True)
class Comparison:
    """A predicted exponent (with a standard error, where it was itself estimated) against the measured one.

    ``z``: measured minus predicted in standard deviations; ``p``: the probability of a distance as large.
    """

    name: str
    predicted: float
    standard_error: float
    z: float
    p: float

    @property
    def is_consistent(self) -> bool:
        return self.p >= 1 - LEVEL


def compare(fit: CurveFit, exponent: Fraction | float, name: str, standard_error: float = 0.0) -> Comparison:
    """Whether a predicted exponent agrees with a fitted curve, by the likelihood ratio.

    >>> from fpt_calc.scaling.fitting import fit_curve
    >>> law = fit_curve([10, 20, 40, 80, 160], [0.1, 0.051, 0.0249, 0.0126, 0.0062])
    >>> compare(law, 1, "noiseless").is_consistent, compare(law, Fraction(1, 2), "noisy").is_consistent
    (True, False)
    """
    value = float(exponent)
    if not 0 < value < HIGHEST[Parameter.EXPONENT]:
        raise InputError(f"{value:g} is no exponent of a falling law", where=name, remedy="give a positive exponent")
    distance = distance_to(fit.fit, Parameter.EXPONENT, value)
    if standard_error == 0 or distance.z == 0:
        return Comparison(name, value, standard_error, distance.z, distance.p)
    gap = float(fit.fit.theta[Parameter.EXPONENT]) - value
    z = gap / math.hypot(gap / distance.z, standard_error)
    return Comparison(name, value, standard_error, z, tail(fit.fit, z))


def read_back(exponent: Estimate, law: Callable[[float], float], low: float, high: float) -> Estimate | None:
    """The parameter for which a law gives the exponent, with its interval; None where it cannot be any.

    ``law`` does not fall between ``low`` and ``high``.  An end that reaches ``high`` is open: infinite.

    >>> read_back(Estimate(0.5, 0.25, 1.25), lambda m: m / (m + 1), 0, 32)
    Estimate(value=1.0, low=0.333..., high=inf)
    """
    bottom, top = law(low), law(high)
    if exponent.low > top or exponent.high < bottom:
        return None
    return Estimate(*(_inverse(law, x, low, high) for x in (exponent.value, exponent.low, exponent.high)))


def _inverse(law: Callable[[float], float], value: float, low: float, high: float) -> float:
    """The parameter by bisection."""
    if value >= law(high):
        return math.inf
    if value <= law(low):
        return low
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if law(middle) < value else (low, middle)
    return (low + high) / 2
