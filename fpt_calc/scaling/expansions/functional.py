"""Spectral functionals of the canonical basis, and their sums over the spectra of `fpt_calc.scaling.spectra`."""

from __future__ import annotations

from dataclasses import dataclass

import sympy
from sympy import Expr

from fpt_calc.errors import InputError
from fpt_calc.scaling.spectra.data import Exponential, LogPowerLaw, PowerLaw, Spectrum, head_of, law_of
from fpt_calc.scaling.spectra.parameters import exact, whole
from fpt_calc.scaling.spectra.source import PowerSource


@dataclass(frozen=True)
class Functional:
    """``kappa**kappa_power * sum_k c_k lambda_k**power (lambda_k + kappa)**-order``.

    Attributes
    ----------
    power : of the eigenvalues, any real number.
    order : of the pole, a positive integer.
    source : None for ``c_k = 1``; else ``c_k = w_k**2``, see `PowerSource`.
    kappa_power : of the prefactor.
    """

    power: Expr
    order: int
    source: PowerSource | None = None
    kappa_power: Expr = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "power", exact(self.power, "power"))
        object.__setattr__(self, "order", whole(self.order, "order", 1))
        object.__setattr__(self, "kappa_power", exact(self.kappa_power, "kappa_power"))
        if self.source is not None and not isinstance(self.source, PowerSource):
            raise InputError(f"{self.source!r} is no source", where="source", remedy="take PowerSource(r) or None")


def df(m: int) -> Functional:
    """The degrees of freedom ``Tr Sigma^m (Sigma + kappa)^-m``.

    >>> df(1)
    Functional(power=1, order=1, source=None, kappa_power=0)
    """
    return Functional(m, m)


def bias(source: PowerSource) -> Functional:
    """``kappa^2 w' Sigma (Sigma + kappa)^-2 w``: the bias of ridge before its factor ``1/(1 - df(2)/n)``.

    >>> bias(PowerSource(1))
    Functional(power=1, order=2, source=PowerSource(r=1, scale=1), kappa_power=2)
    """
    return Functional(1, 2, source, 2)


def resolvent_trace(m: int) -> Functional:
    """``kappa^m Tr (Sigma + kappa)^-m``, finite for truncated spectra only; d - df(1) for m = 1.

    >>> resolvent_trace(2)
    Functional(power=0, order=2, source=None, kappa_power=2)
    """
    return Functional(0, m, None, m)


@dataclass(frozen=True)
class PowerTail:
    """``front * sum_{k >= start} k**-sigma (k**-beta + kappa/scale)**-m``."""

    front: Expr
    scale: Expr
    sigma: Expr
    beta: Expr
    start: int


@dataclass(frozen=True)
class ExponentialTail:
    """``front * sum_{k >= 1} q_k**power (q_k + kappa/scale)**-m`` with ``q_k = exp(-rate*k)``."""

    front: Expr
    scale: Expr
    power: Expr
    rate: Expr


@dataclass(frozen=True)
class SpectralSum:
    """``kappa**kappa_power * (tail + sum over the head of weight * (eigenvalue + kappa)**-order)``."""

    kappa_power: Expr
    order: int
    head: tuple[tuple[Expr, Expr], ...]
    tail: PowerTail | ExponentialTail | None


def spectral_sum(functional: Functional, spectrum: Spectrum) -> SpectralSum:
    """A functional of a spectrum with its eigenvalues put in; whether it converges is not asked.

    Raises `InputError` for a source without a power law, and for `LogPowerLaw` (see `leading_log_power`).

    >>> spectral_sum(df(1), PowerLaw(2)).tail
    PowerTail(front=1, scale=1, sigma=2, beta=2, start=1)
    """
    law, head = law_of(spectrum), head_of(spectrum)
    if functional.source is not None and not isinstance(law, PowerLaw | LogPowerLaw):
        remedy = "take PowerLaw, or WithTail with such a tail"
        raise InputError("a PowerSource needs a power law", where="source", remedy=remedy)
    m = functional.order
    beta = law.beta if isinstance(law, PowerLaw | LogPowerLaw) else sympy.S.Zero
    front, rho, power = weight_exponents(functional, beta)
    heads = tuple((front * sympy.Integer(k) ** -rho * value**power, value) for k, value in enumerate(head, 1))
    tail: PowerTail | ExponentialTail | None = None
    match law:
        case PowerLaw(scale=a):
            sigma = sympy.expand(beta * power + rho)
            tail = PowerTail(front * a ** (power - m), a, sigma, beta, len(head) + 1)
        case Exponential(rate=rate, scale=a):
            shifted = a * sympy.exp(-rate * len(head))
            tail = ExponentialTail(shifted ** (power - m), shifted, power, rate)
        case LogPowerLaw():
            remedy = "only its leading term is known: leading_log_power"
            raise InputError("a LogPowerLaw has no expansion in powers", where="spectrum", remedy=remedy)
    return SpectralSum(functional.kappa_power, m, heads, tail)


def weight_exponents(functional: Functional, beta: Expr) -> tuple[Expr, Expr, Expr]:
    """``c_k lambda_k**p = front * k**-rho * lambda_k**power`` as (front, rho, power).

    >>> weight_exponents(bias(PowerSource(1, 3)), 2)
    (3, 5, 0)
    """
    if functional.source is None:
        return sympy.S.One, sympy.S.Zero, functional.power
    source = functional.source
    return source.scale, 1 + 2 * beta * source.r, functional.power - 1
