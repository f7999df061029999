"""Traces of functions of matrices in a common basis, as sums over eigenvalues, and their spectra."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from fpt_calc.scalars import ONE, Scalar, generator_scalar
from fpt_calc.scaling.regimes.powers import UNIT, Powers, raised, times

CUT = "cut"  # the base that stands for the dimension


@dataclass(frozen=True)
class Pole:
    """``(eigenvalue of matrix + shift)**-order``; the shift is a multiple of an order parameter."""

    matrix: str
    shift: Scalar
    order: int


@dataclass(frozen=True)
class SpectralSum:
    """``sum over k of prod letter_k**power * prod (matrix_k + shift)**-order``, as a generator of scalars.

    Attributes
    ----------
    powers : for eigenvalues of matrices and components of vectors, by name: how often they occur.
    poles : the resolvents.
    """

    powers: tuple[tuple[str, int], ...]
    poles: tuple[Pole, ...]

    @cached_property
    def name(self) -> str:
        factors = [name if k == 1 else f"{name}**{k}" for name, k in self.powers]
        factors += [f"({p.matrix} + {p.shift})**-{p.order}" for p in self.poles]
        return f"sum[{'*'.join(factors) or '1'}]"

    @property
    def square(self) -> None:
        return None

    def conjugate(self) -> Scalar:
        return generator_scalar(self)


@dataclass(frozen=True)
class Monomial:
    """``coefficient * prod base**exponent``."""

    coefficient: Scalar = ONE
    powers: Powers = UNIT

    def __mul__(self, other: Monomial) -> Monomial:
        return Monomial(self.coefficient * other.coefficient, times(self.powers, other.powers))

    def __pow__(self, exponent: int) -> Monomial:
        return Monomial(self.coefficient**exponent, raised(self.powers, exponent))


@dataclass(frozen=True)
class Sequence:
    """Eigenvalues of a matrix or components of a vector: ``scale * k**-decay``, k = 1, 2, ...; scale > 0.

    The decay is a scalar in the parameters; it is zero for the identity.
    """

    decay: Scalar
    scale: Monomial = Monomial()


@dataclass(frozen=True)
class Setting:
    """How everything depends on the size that grows.

    Attributes
    ----------
    size : the name of the size that grows.
    sequences : spectra and components by the name of the matrix or vector.
    quantities : dimensions and scalars by name, each a monomial in the size and in constants.
    cut : the dimension, at which the sequences end; its powers are those of a base `CUT`.
    """

    size: str
    sequences: Mapping[str, Sequence]
    quantities: Mapping[str, Monomial]
    cut: Monomial
