"""`fit_spectrum`: the capacity and source exponents of a measured spectrum."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from fpt_calc.errors import InputError
from fpt_calc.scaling.fitting.data import MIN_SIZES, Array, Estimate, column
from fpt_calc.scaling.fitting.distributions import student_quantile, student_two_sided
from fpt_calc.scaling.fitting.solve import RESOLUTION

_BENT = 0.01  # the probability below which a spectrum is said to bend


@dataclass(frozen=True)
class SpectrumFit:
    """``eigenvalue = scale k^-beta`` and, from coefficients, ``eigenvalue coefficient^2 ~ k^-(1 + 2 beta r)``.

    Intervals are at 95%, from Student's t; they are widened where neighbouring residuals are correlated.
    ``source`` is r (None without coefficients); ``beta_error``, ``source_error``, ``covariance``: standard errors of
    beta and r, and how they vary together.
    """

    scale: Estimate
    beta: Estimate
    beta_error: float
    source: Estimate | None
    source_error: float
    covariance: float
    scatter: float
    freedom: int
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Lines:
    """Straight lines through the columns of logarithms over the same log k: intercepts, slopes, covariance of noise."""

    x: Array
    intercepts: Array
    slopes: Array
    covariance: Array
    residuals: Array

    @property
    def freedom(self) -> int:
        return len(self.x) - 2

    @property
    def slope_covariance(self) -> Array:
        return np.asarray(self.covariance / ((self.x - self.x.mean()) ** 2).sum())


def fit_spectrum(
    index: Sequence[float], eigenvalues: Sequence[float], coefficients: Sequence[float] | None = None
) -> SpectrumFit:
    """Fit ``eigenvalue ~ k^-beta``, and r from ``eigenvalue coefficient^2 ~ k^-(1 + 2 beta r)``.

    Parameters
    ----------
    index : k = 1, 2, ... (any positive numbers, four distinct ones at least).
    eigenvalues : positive, of the covariance or the kernel.
    coefficients : of the target in the basis of eigenvectors (w_k itself, not its square), none of them zero.

    Raises `InputError` for other data, or where eigenvalues do not fall.  The interval of r is that of Fieller, the
    values that Student's test does not reject: r is a ratio of two slopes.  Convention: Caponnetto and De Vito 2007.

    >>> k = range(1, 101)
    >>> found = fit_spectrum(k, [j**-1.5 for j in k], [j**-0.5 for j in k])
    >>> round(found.beta.value, 6), round(found.source.value, 6)
    (1.5, 0.5)
    """
    k, values = _positive(index, "index"), _positive(eigenvalues, "eigenvalue")
    _check_lengths(values, k, "eigenvalue")
    distinct = len(np.unique(k))
    if distinct < MIN_SIZES:
        raise InputError(f"{distinct} distinct indices", where="index", remedy=f"give {MIN_SIZES} at least")
    logs = [np.log(values)]
    if coefficients is not None:
        weights = column(coefficients, "coefficient")
        _check_lengths(weights, k, "coefficient")
        if not weights.all():
            row = int(np.argmin(np.abs(weights))) + 1
            raise InputError("0 has no logarithm", where=f"coefficient, row {row}", remedy="remove the row")
        logs.append(np.log(values) + 2 * np.log(np.abs(weights)))
    order = np.argsort(k, kind="stable")
    lines = _lines(np.log(k)[order], np.stack(logs, axis=1)[order])
    beta, error, t = -float(lines.slopes[0]), math.sqrt(lines.slope_covariance[0, 0]), student_quantile(lines.freedom)
    if beta <= t * error:
        raise InputError(
            f"the eigenvalues do not fall: beta is {beta:.2g} +- {t * error:.2g}",
            where="eigenvalue",
            remedy="order them from the largest to the smallest, k = 1, 2, ...",
        )
    centre = float(lines.x.mean())
    at_one = math.sqrt(lines.covariance[0, 0] / len(k) + lines.slope_covariance[0, 0] * centre**2)
    level = float(lines.intercepts[0])
    source, source_error, covariance = _source(lines) if coefficients is not None else (None, 0.0, 0.0)
    return SpectrumFit(
        Estimate(*(float(np.exp(x)) for x in (level, level - t * at_one, level + t * at_one))),
        Estimate(beta, beta - t * error, beta + t * error),
        error,
        source,
        source_error,
        covariance,
        math.sqrt(float(lines.residuals[:, 0] @ lines.residuals[:, 0]) / lines.freedom),
        lines.freedom,
        tuple(_notes(lines)),
    )


def _positive(values: Sequence[float], name: str) -> Array:
    found = column(values, name)
    if (found <= 0).any():
        row = int(np.argmax(found <= 0))
        remedy = "a power law needs positive numbers; remove the row"
        raise InputError(f"{found[row]:.6g} is not positive", where=f"{name}, row {row + 1}", remedy=remedy)
    return found


def _check_lengths(values: Array, index: Array, name: str) -> None:
    if len(values) != len(index):
        raise InputError(f"{len(values)} values for {len(index)} indices", where=name, remedy="give one for each index")


def _lines(x: Array, y: Array) -> _Lines:
    centred = x - x.mean()
    slopes = centred @ y / (centred @ centred)
    residuals = y - y.mean(axis=0) - np.outer(centred, slopes)
    covariance = residuals.T @ residuals / (len(x) - 2)
    wider = np.sqrt([_widening(r) for r in residuals.T])
    widened = covariance * np.outer(wider, wider) + RESOLUTION**2 * np.eye(len(slopes))
    return _Lines(x, y.mean(axis=0) - slopes * x.mean(), slopes, widened, residuals)


def _source(lines: _Lines) -> tuple[Estimate, float, float]:
    """r = (s - 1)/(2 beta), s = 1 + 2 beta r, with Fieller's interval; its error and covariance to first order."""
    beta, s = (-float(x) for x in lines.slopes)
    (beta_variance, mixed), (_, s_variance) = lines.slope_covariance
    value = (s - 1) / (2 * beta)
    error = math.sqrt(s_variance - 4 * value * mixed + 4 * value**2 * beta_variance) / (2 * beta)
    # r is in where (s - 1 - 2 r beta)^2 <= t^2 Var(s - 2 r beta), a quadratic in r; beta is significant, so a > 0
    t2 = student_quantile(lines.freedom) ** 2
    a = 4 * (beta**2 - t2 * beta_variance)
    b = -4 * ((s - 1) * beta - t2 * mixed)
    c = (s - 1) ** 2 - t2 * s_variance
    root = math.sqrt(max(b * b - 4 * a * c, 0.0))
    covariance = mixed / (2 * beta) - value / beta * beta_variance
    return Estimate(value, (-b - root) / (2 * a), (-b + root) / (2 * a)), error, float(covariance)


def _notes(lines: _Lines) -> Iterator[str]:
    """Whether log eigenvalues bend: Student's test of a quadratic term, with the widened noise."""
    if lines.freedom < 2:
        return
    line = np.stack([np.ones_like(lines.x), lines.x], axis=1)
    taken = np.linalg.lstsq(line, lines.x**2, rcond=None)[0]
    square = lines.x**2 - line @ taken
    bend = float(square @ lines.residuals[:, 0]) / float(square @ square)
    rest = lines.residuals[:, 0] - bend * square
    variance = float(rest @ rest) / (lines.freedom - 1) * _widening(rest) + RESOLUTION**2
    t = abs(bend) * math.sqrt(float(square @ square) / variance)
    if student_two_sided(t, lines.freedom - 1) < _BENT:
        first, last = (-float(lines.slopes[0] + bend * (2 * x - taken[1])) for x in (lines.x.min(), lines.x.max()))
        yield (
            f"the spectrum bends: beta goes from {first:.2g} to {last:.2g} along the index; "
            "leave out the rows that are not asymptotic"
        )


def _widening(residuals: Array) -> float:
    """The factor on a variance: residuals with correlation c of neighbours count as (1 - c)/(1 + c) as many."""
    norm = float(residuals @ residuals)
    correlation = float(residuals[1:] @ residuals[:-1]) / norm if norm > 0 else 0.0
    correlation = min(max(correlation, 0.0), 0.99)
    return (1 + correlation) / (1 - correlation)
