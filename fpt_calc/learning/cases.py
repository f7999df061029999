"""On which side of their threshold the interpolators of a pipeline are: by assumption, or by the numbers of a point."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fpt_calc.errors import InputError
from fpt_calc.learning.stage_maps import IsLess
from fpt_calc.pipeline import MinNorm, Pipeline, is_ridgeless, models_of
from fpt_calc.point import NumericModel, Point
from fpt_calc.scalars import ZERO, Scalar

Inequality = tuple[Scalar, Scalar]


def assumed(inequalities: Sequence[Inequality]) -> IsLess:
    """What follows at once from inequalities (smaller, larger); raises `InputError` where two contradict each other."""
    known = set(inequalities)
    for a, b in known:
        if (b, a) in known:
            raise InputError(f"{a} < {b} and {b} < {a}", where="assume", remedy="leave one of them out")

    def is_less(a: Scalar, b: Scalar) -> bool | None:
        return True if (a, b) in known else False if (b, a) in known else None

    return is_less


def at_point(point: Point) -> IsLess:
    """What holds at a point; equal dimensions are not decided."""
    model = NumericModel(point)

    def is_less(a: Scalar, b: Scalar) -> bool | None:
        left, right = model.dimension(a), model.dimension(b)
        return None if left == right else bool(left < right)

    return is_less


def check_conditions(conditions: Sequence[Inequality], point: Point) -> None:
    """Raise `InputError` where a point is not on the sides of the thresholds (smaller, larger) that a result is for."""
    model = NumericModel(point)
    for smaller, larger in conditions:
        left, right = model.dimension(smaller), model.dimension(larger)
        if not left < right:
            what = f"{smaller} < {larger} is assumed, but {smaller} = {float(left):g} and {larger} = {float(right):g}"
            raise InputError(what, where="at", remedy="give other sizes, or use the fit min-norm or ridge")


def check_ranks(pipeline: Pipeline, point: Point) -> None:
    """Raise `InputError` where a fit without ridge sees more samples than the rank of a singular covariance."""
    model = NumericModel(point)
    for fit in (m for m in models_of(pipeline) if is_ridgeless(m.learner)):
        size = float(model.dimension(sum((d.design.size for d in fit.on), ZERO)))
        for covariance in (d.design.covariance for d in fit.on):
            if covariance is None or model.weights(covariance.rows) is not None:
                continue
            dim, value = model.size(covariance.rows), model.matrix(covariance)
            spectrum = np.linalg.eigvalsh(value) if value.ndim == 2 else np.broadcast_to(value, dim)
            rank = int(np.sum(spectrum > dim * np.finfo(float).eps * spectrum.max()))
            if rank < min(size, dim):
                what = f"a fit without ridge on {size:g} samples of a covariance of rank {rank}"
                raise InputError(what, where=f"{fit.name}: at.{covariance.name}", remedy="give it a small ridge")


def case_of(pipeline: Pipeline, is_less: IsLess) -> tuple[bool | None, ...]:
    """For each interpolator whether it has more samples than dimensions."""
    chosen = [m for m in models_of(pipeline) if isinstance(m.learner, MinNorm)]
    return tuple(is_less(m.on[0].design.dim, sum((d.design.size for d in m.on), ZERO)) for m in chosen)
