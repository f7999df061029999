"""Where to evaluate: numbers for dimensions and scalars, spectra or dense arrays for matrices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

Number = int | Fraction | float | complex


@dataclass(frozen=True)
class PowerLaw:
    """Eigenvalues ``scale * k**-exponent``, k = 1..d."""

    exponent: Fraction
    scale: Fraction = Fraction(1)


@dataclass(frozen=True)
class Eigenvalues:
    """A diagonal matrix: d eigenvalues, or with ``weights`` (summing to 1) a limiting spectrum of any length."""

    values: tuple[Number, ...]
    weights: tuple[Number, ...] | None = None


@dataclass(frozen=True)
class Multiple:
    """A multiple of the identity."""

    value: Number


@dataclass(frozen=True, eq=False)
class Dense:
    """A dense array, real or complex; it need not commute with anything."""

    array: Any  # numpy.ndarray, two-dimensional


MatrixData = PowerLaw | Eigenvalues | Multiple | Dense


@dataclass(frozen=True)
class Point:
    """The values at which a law is evaluated.

    Parameters
    ----------
    dims : positive integers by name.
    scalars : numbers by name; Fractions stay exact.
    matrices : spectra or dense arrays by name.  Spectra are diagonal in one common basis.
    commute : groups of names whose matrices must commute.
    """

    dims: Mapping[str, int] = field(default_factory=dict)
    scalars: Mapping[str, Number] = field(default_factory=dict)
    matrices: Mapping[str, MatrixData] = field(default_factory=dict)
    commute: tuple[tuple[str, ...], ...] = ()
