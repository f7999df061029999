"""Whether a measured curve leaves its law, or even rises, by more than noise.

The law is compared with the law times a bump in log size, of any place and width: a peak of interpolation, or a rise
towards an end.  The test is a scan over bumps on the linearized law.  How much a bump explains by chance is drawn, so
that the number of bumps needs no correction; for normal noise and a linear law the level is exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from fpt_calc.scaling.fitting.data import Array
from fpt_calc.scaling.fitting.solve import RESOLUTION, Fit, residuals_of, sensitivities

_CHANCE = 0.01  # to take noise for a bump
_DRAWS = 1999
_VISIBLE = 0.02  # a smaller relative rise may be rounding
_CLEAR = 3.0  # standard deviations of the difference of two losses
_CENTRES = np.linspace(-0.25, 1.25, 37)  # in units of the range of log sizes
_WIDTHS = (0.03, 0.06, 0.12, 0.25, 0.5)
_FREE = 1e-3  # of a bump that the law itself cannot follow
_BLOCK = 2_000_000  # numbers at once


@dataclass(frozen=True)
class Rise:
    """A rise between two sizes, in logarithms, and how far the curve fell before it."""

    begin: float
    end: float
    height: float
    fall_before: float


@dataclass(frozen=True)
class Scan:
    """Whether the law leaves more than noise, and the rise that the curve then has, if any."""

    is_noise: bool
    rise: Rise | None = None


def scan(fit: Fit) -> Scan:
    """Compare the law with the law times the best bump."""
    curve, measured = fit.curve, residuals_of(fit)
    law, bumps = _bumps(fit)
    rest = measured - law @ (law.T @ measured)
    known = fit.scale_is_known
    freedom = curve.rows - law.shape[1] - 1
    if freedom < 1 or not len(bumps):
        return Scan(True)
    place, explained = _best(rest[None, :], bumps, known)
    if not _is_rare(float(explained[0]), law, bumps, known):
        return Scan(True)
    correction = bumps[place[0]] * float(bumps[place[0]] @ rest)
    left = rest - correction
    unit = np.ones(curve.rows) if curve.errors is None else curve.errors / curve.losses
    deviation = math.sqrt(float((left * unit) @ (left * unit)) / freedom)
    sizes, row = np.unique(curve.sizes, return_inverse=True)
    amplitude, exponent, floor = fit.theta[:3]
    logs = np.log(np.exp(amplitude - exponent * np.log(sizes)) + floor)
    seen = logs + np.bincount(row, measured * unit) / np.bincount(row)
    rise = _largest_rise(sizes, logs + np.bincount(row, correction * unit) / np.bincount(row))
    risen = float(seen[sizes == rise.end][0] - seen[sizes == rise.begin][0])
    # where the law is far off, a bump can rise where the data fall
    is_rise = rise.height > max(_VISIBLE, _CLEAR * math.sqrt(2) * deviation) and risen > rise.height / 2
    return Scan(False, rise if is_rise else None)


def _bumps(fit: Fit) -> tuple[Array, Array]:
    """An orthonormal basis of the directions in which the law can move, and unit bumps orthogonal to them, in rows."""
    curve = fit.curve
    moves = sensitivities(fit)
    norms = np.sqrt((moves**2).sum(axis=0))
    left, singular, _ = np.linalg.svd(moves[:, norms > 0] / norms[norms > 0], full_matrices=False)
    law = left[:, singular > RESOLUTION * singular[0]]
    x = np.log(curve.sizes)
    x = (x - x.min()) / np.ptp(x)
    unit = np.ones(curve.rows) if curve.errors is None else curve.errors / curve.losses
    bumps = np.stack([np.exp(-(((x - c) / w) ** 2) / 2) / unit for c in _CENTRES for w in _WIDTHS])
    size = np.sqrt((bumps**2).sum(axis=1))
    free = bumps - bumps @ law @ law.T
    own = np.sqrt((free**2).sum(axis=1))
    kept = own > _FREE * size.max()
    return np.asarray(law), np.asarray(free[kept] / own[kept, None])


def _best(rests: Array, bumps: Array, known: bool) -> tuple[Array, Array]:
    """For each row of residuals the bump that explains most, and the squares it explains.

    They are counted in squares left over, unless the variance is ``known`` to be one.
    """
    squares = (rests @ bumps.T) ** 2
    most = squares.max(axis=1)
    if not known:
        left = np.maximum((rests**2).sum(axis=1) - most, 0.0)
        most = most / (left + bumps.shape[1] * RESOLUTION**2)
    return squares.argmax(axis=1), most


def _is_rare(explained: float, law: Array, bumps: Array, known: bool) -> bool:
    """Whether normal noise about the law is hardly ever explained so well by a bump."""
    generator, as_large, left = np.random.default_rng(0), 0, _DRAWS
    while left:
        rows = min(left, max(_BLOCK // (len(law) + len(bumps)), 1))
        drawn = generator.normal(size=(rows, len(law)))
        drawn -= drawn @ law @ law.T
        as_large += int((_best(drawn, bumps, known)[1] >= explained).sum())
        left -= rows
    return (1 + as_large) / (1 + _DRAWS) <= _CHANCE


def _largest_rise(sizes: Array, logs: Array) -> Rise:
    end = int(np.argmax(logs - np.minimum.accumulate(logs)))
    begin = int(np.argmin(logs[: end + 1]))
    return Rise(
        float(sizes[begin]),
        float(sizes[end]),
        float(logs[end] - logs[begin]),
        float(logs[: begin + 1].max() - logs[begin]),
    )
