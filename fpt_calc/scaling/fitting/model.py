"""The laws that are fitted, their values and derivatives.

    loss = A m^-c (1 + [compounding] G h) + floor + B share^q + [not compounding] G h,
    h = 1 + ratio + ... + ratio^(generation - 1),      m = size, or size (1 - share), the real samples.

A share of synthetic data p2 adds a floor ~ p2^2 (strong collapse), hence q = 2 unless it is free.  Fits by least
squares add the same in each generation, hence ratio = 1; a ratio below one saturates, one above grows faster.  The
effect of a generation is a loss of its own (generators of one size), or a multiple of the clean loss (they grow with
the sample).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from fpt_calc.scaling.fitting.data import Array, Curve


class Parameter(IntEnum):
    """The place of a parameter in a vector of all of them."""

    LOG_AMPLITUDE = 0
    EXPONENT = 1
    FLOOR = 2
    SHARE = 3
    SHARE_EXPONENT = 4
    GENERATION = 5
    RATIO = 6


_RESTING = np.array([0.0, 0.0, 0.0, 0.0, 2.0, 0.0, 1.0])  # what parameters are that are not free
LOWEST = np.array([-np.inf, 0.0, 0.0, -np.inf, 0.05, -np.inf, 0.0])
HIGHEST = np.array([np.inf, 20.0, np.inf, np.inf, 12.0, np.inf, 2.0])


@dataclass(frozen=True)
class Model:
    """Which parameters are free, and which form the terms have."""

    free: tuple[Parameter, ...]
    real_size: bool = False
    compounding: bool = False

    def without(self, *fixed: Parameter) -> Model:
        return Model(tuple(p for p in self.free if p not in fixed), self.real_size, self.compounding)

    def plus(self, *more: Parameter) -> Model:
        return make_model({*self.free, *more}, self.real_size, self.compounding)


def make_model(free: Iterable[Parameter], real_size: bool = False, compounding: bool = False) -> Model:
    return Model(tuple(sorted(free)), real_size, compounding)


def resting_values() -> Array:
    """A vector of all parameters, each at the value that it has where it is not free."""
    return _RESTING.copy()


def log_sizes(model: Model, curve: Curve) -> Array:
    """The logarithms of the sizes that count in the model."""
    return np.asarray(np.log(curve.sizes * (1 - curve.shares) if model.real_size else curve.sizes))


def values(model: Model, curve: Curve, theta: Array) -> Array:
    """The losses that the law predicts."""
    amplitude, exponent, floor, share, share_exponent, generation, ratio = theta
    power = np.exp(amplitude - exponent * log_sizes(model, curve))
    loss = power + floor
    if share:
        loss = loss + share * _share_power(curve.shares, share_exponent)
    if generation:
        loss = loss + generation * generation_sum(curve.generations, ratio) * (power if model.compounding else 1.0)
    return np.asarray(loss)


def derivatives(model: Model, curve: Curve, theta: Array) -> Array:
    """The derivatives of the losses by the free parameters, one column each."""
    amplitude, exponent, _, share, share_exponent, generation, ratio = theta
    sizes = log_sizes(model, curve)
    power = np.exp(amplitude - exponent * sizes)
    steps = generation_sum(curve.generations, ratio) if curve.has_generations else np.zeros(curve.rows)
    factor = power if model.compounding else np.ones(curve.rows)
    moving = power * (1 + generation * steps) if model.compounding else power
    columns: list[Array] = []
    for parameter in model.free:
        match parameter:
            case Parameter.LOG_AMPLITUDE:
                columns.append(moving)
            case Parameter.EXPONENT:
                columns.append(-sizes * moving)
            case Parameter.FLOOR:
                columns.append(np.ones(curve.rows))
            case Parameter.SHARE:
                columns.append(_share_power(curve.shares, share_exponent))
            case Parameter.SHARE_EXPONENT:
                logs = np.log(np.where(curve.shares > 0, curve.shares, 1.0))
                columns.append(share * _share_power(curve.shares, share_exponent) * logs)
            case Parameter.GENERATION:
                columns.append(steps * factor)
            case Parameter.RATIO:
                columns.append(generation * factor * _generation_slope(curve.generations, ratio))
    return np.stack(columns, axis=1)


def _share_power(shares: Array, exponent: float) -> Array:
    return np.asarray(np.where(shares > 0, shares, 0.0) ** exponent)


def generation_sum(generations: Array, ratio: float) -> Array:
    """h = 1 + ratio + ... + ratio^(g - 1) for each generation g.

    >>> generation_sum(np.array([0.0, 1.0, 3.0]), 0.5)
    array([0.  , 1.  , 1.75])
    """
    powers = ratio ** np.arange(int(generations.max()))
    return np.asarray(np.concatenate([[0.0], np.cumsum(powers)])[generations.astype(int)])


def _generation_slope(generations: Array, ratio: float) -> Array:
    """dh/dratio."""
    k = np.arange(1, int(generations.max()))
    terms = k * ratio ** (k - 1)
    return np.asarray(np.concatenate([[0.0, 0.0], np.cumsum(terms)])[generations.astype(int)])
