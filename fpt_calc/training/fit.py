"""The fits in NumPy; labels may have several columns, which are fitted at once."""

from __future__ import annotations

import numpy as np

from fpt_calc.errors import ComputationError
from fpt_calc.training.plan import Array, FitPlan

ILL_CONDITIONED = 1e-10  # of a Gram matrix: beyond, fits are done by singular values of the features themselves


def fitted(plan: FitPlan, features: Array, labels: Array, name: str) -> Array:
    """The coefficients v (p x c) of ``features @ v`` (n x p) for labels (n x c).

    Raises `ComputationError` where least squares has no unique solution or a matrix is singular.
    """
    try:
        if plan.lam is not None:
            return ridge(features, labels, plan.lam)
        coefficients, rank = least_squares(features, labels)
    except np.linalg.LinAlgError:
        remedy = "change the dimensions, or use a larger ridge"
        raise ComputationError("the fit fails numerically", where=name, remedy=remedy) from None
    if plan.is_unique and rank < features.shape[1]:
        what = f"least squares on inputs of rank {rank} in {features.shape[1]} dimensions"
        raise ComputationError(what, where=name, remedy="use min-norm or ridge")
    return coefficients


def ridge(features: Array, labels: Array, lam: float) -> Array:
    """``(F'F/n + lam)^-1 F'y/n``, by the smaller of F'F and FF'."""
    samples, width = features.shape
    if width <= samples:
        return np.linalg.solve(features.T @ features + samples * lam * np.eye(width), features.T @ labels)
    return features.T @ np.linalg.solve(features @ features.T + samples * lam * np.eye(samples), labels)


def least_squares(features: Array, labels: Array) -> tuple[Array, int]:
    """``F^+ y`` and the rank of F; normal equations where they are well conditioned, as they are faster."""
    samples, width = features.shape
    gram = features.T @ features if width <= samples else features @ features.T
    if _well_conditioned(gram):
        if width <= samples:
            return np.linalg.solve(gram, features.T @ labels), width
        return features.T @ np.linalg.solve(gram, labels), samples
    coefficients, _, rank, _ = np.linalg.lstsq(features, labels, rcond=None)
    return coefficients, int(rank)


def _well_conditioned(gram: Array) -> bool:
    try:
        pivots = np.diag(np.linalg.cholesky(gram)) ** 2
    except np.linalg.LinAlgError:
        return False
    return bool(pivots.min() > ILL_CONDITIONED * pivots.max())
