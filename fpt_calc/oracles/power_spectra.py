"""Summands over power-law spectra: ``C k^-q log(k+1)^g prod_i (a_i k^-beta_i log(k+1)^gamma_i + kappa_i)^-m_i``.

Exponents are exact rational numbers; scales and ridges are exact numbers or balls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flint import arb, fmpq

from fpt_calc.oracles.exact_numbers import Exact, checked_count, exact, nonnegative, positive, positive_exact


@dataclass(frozen=True)
class ResolventFactor:
    """``(scale k^-exponent log(k+1)^log_power + ridge)^-order``, a power of a resolvent at the k-th eigenvalue.

    Parameters
    ----------
    exponent : beta > 0 of the spectrum; numbers are ints, fractions, decimal strings, or floats, which mean the
        decimals that they print.
    ridge : kappa >= 0, a number or a ball (``flint.arb``).
    order : m, a nonnegative integer.
    scale : a > 0, a number or a ball.
    log_power : gamma, any sign.
    """

    exponent: Exact
    ridge: Exact | arb
    order: int = 1
    scale: Exact | arb = 1
    log_power: Exact = 0


@dataclass(frozen=True)
class Factor:
    """A checked factor with ridge > 0 and order > 0."""

    scale: arb
    exponent: fmpq
    ridge: arb
    order: int
    log_power: fmpq


@dataclass(frozen=True)
class Summand:
    """``k^-exponent log(k+1)^log_power`` times the factors; all ridges are positive."""

    exponent: fmpq
    log_power: fmpq
    factors: tuple[Factor, ...]

    @property
    def has_logs(self) -> bool:
        return self.log_power != 0 or any(f.log_power != 0 for f in self.factors)


def summand(exponent: Exact, log_power: Exact, factors: Sequence[ResolventFactor]) -> tuple[arb, Summand]:
    """The checked summand and a constant in front: factors without ridge are powers, which join the first two."""
    constant, q, g = arb(1), exact(exponent, "exponent"), exact(log_power, "log_power")
    kept = []
    for number, given in enumerate(factors, start=1):
        where = f"factor {number}"
        order = checked_count(given.order, f"{where}, order", 0)
        scale = positive(given.scale, f"{where}, scale")
        beta = positive_exact(given.exponent, f"{where}, exponent")
        gamma, ridge = exact(given.log_power, f"{where}, log_power"), nonnegative(given.ridge, f"{where}, ridge")
        if order == 0:
            continue
        if ridge.is_zero():
            constant, q, g = constant * scale**-order, q - order * beta, g - order * gamma
        else:
            kept.append(Factor(scale, beta, ridge, order, gamma))
    return constant, Summand(q, g, tuple(kept))


def converges(f: Summand) -> bool:
    """Whether the sum over all k does.  As k grows the factors tend to constants, so k^-q log(k)^g decides."""
    return bool(f.exponent > 1 or (f.exponent == 1 and f.log_power < -1))


def term(f: Summand, k: int) -> arb:
    """The k-th term."""
    x = arb(k)
    log = (x + 1).log() if f.has_logs else arb(1)
    result = _power(x, -f.exponent) * _power(log, f.log_power)
    for factor in f.factors:
        eigenvalue = factor.scale * _power(x, -factor.exponent) * _power(log, factor.log_power)
        result /= (eigenvalue + factor.ridge) ** factor.order
    return result


def _power(x: arb, exponent: fmpq) -> arb:
    """Exact where possible: integer powers of integers."""
    return x ** arb(exponent) if exponent != 0 else arb(1)
