"""What a model does with its data.  All learners are linear in the labels; n is the number of samples it sees.

With the samples of all its data sets in the rows of X (n x d) and their labels in y, M = X'X/n.
"""

from __future__ import annotations

from dataclasses import dataclass

from fpt_calc.scalars import Scalar


@dataclass(frozen=True)
class OLS:
    """Ordinary least squares ``w = (X'X)^-1 X'y``; there are more samples than dimensions."""


@dataclass(frozen=True)
class MinNorm:
    """The interpolator of least norm ``w = X^+ y``: ridge as lam -> 0+, and OLS if there are enough samples."""


@dataclass(frozen=True)
class Ridge:
    """Ridge regression ``w = (M + lam)^-1 X'y/n``."""

    lam: Scalar


@dataclass(frozen=True)
class Projection:
    """A random matrix S (width x d) with iid entries of variance 1/d; models that name the same one share it."""

    name: str
    width: Scalar


@dataclass(frozen=True)
class ProjectedRidge:
    """Ridge on random projections: f(x) = v'S x, ``w = S'(S M S' + lam)^-1 S X'y/n``."""

    lam: Scalar
    projection: Projection


@dataclass(frozen=True)
class RandomFeatures:
    """Ridge on linearized random features ``phi(x) = linear S x + nonlinear xi``, xi standard normal for each sample.

    ``linear`` and ``nonlinear`` are the first Hermite coefficient and the norm of the higher ones of the activation
    (Adlam and Pennington 2020).  f(x) = v'phi(x), ``v = (Phi'Phi/n + lam)^-1 Phi'y/n``.
    """

    lam: Scalar
    projection: Projection
    linear: Scalar
    nonlinear: Scalar


Learner = OLS | MinNorm | Ridge | ProjectedRidge | RandomFeatures


def is_ridgeless(learner: Learner) -> bool:
    """Whether a learner is the limit lam -> 0+ of ridge."""
    return isinstance(learner, OLS | MinNorm)


def projection_of(learner: Learner) -> Projection | None:
    """The random projection that a learner uses."""
    return learner.projection if isinstance(learner, ProjectedRidge | RandomFeatures) else None


def scalars_of(learner: Learner) -> tuple[Scalar, ...]:
    """The scalars and dimensions in a learner."""
    match learner:
        case Ridge(lam=lam):
            return (lam,)
        case ProjectedRidge(lam=lam, projection=projection):
            return (lam, projection.width)
        case RandomFeatures(lam=lam, projection=projection, linear=linear, nonlinear=nonlinear):
            return (lam, projection.width, linear, nonlinear)
    return ()
