"""Planted scaling laws and the noise on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Planted:
    """``A m^-c (1 + [compounding] G h) + floor + B share^q + [not compounding] G h``."""

    amplitude: float = 3.0
    exponent: float = 0.5
    floor: float = 0.02
    share: float = 0.0
    power: float = 2.0
    real_size: bool = False
    generation: float = 0.0
    ratio: float = 1.0
    compounding: bool = False

    def losses(self, sizes: Array, shares: Array | float = 0.0, generations: Array | None = None) -> Array:
        counted = sizes * (1 - shares) if self.real_size else sizes
        clean = self.amplitude / counted**self.exponent
        steps = np.zeros(len(sizes))
        if generations is not None:
            steps = np.array([sum(self.ratio**k for k in range(int(g))) for g in generations])
        added = self.generation * steps * (clean if self.compounding else 1.0)
        return np.asarray(clean + self.floor + self.share * np.asarray(shares) ** self.power + added)


def sizes_of(rows: int, top: float = 1e4, bottom: float = 50.0) -> Array:
    return np.asarray(np.geomspace(bottom, top, rows))


def noisy(losses: Array, noise: float, seed: int) -> Array:
    """Losses with normal relative noise (of the logarithm)."""
    return np.asarray(losses * np.exp(noise * np.random.default_rng(seed).normal(size=len(losses))))


def crossed(sizes: Array, values: list[float]) -> tuple[Array, Array]:
    """Every size with every value of a second column."""
    first, second = np.meshgrid(sizes, np.array(values))
    return first.ravel(), second.ravel()
