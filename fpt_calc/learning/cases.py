"""On which side of their threshold the interpolators of a pipeline are: by assumption, or by the numbers of a point."""

from __future__ import annotations

from collections.abc import Sequence

from fpt_calc.errors import InputError
from fpt_calc.learning.stage_maps import IsLess
from fpt_calc.pipeline import MinNorm, Pipeline, models_of
from fpt_calc.point import NumericModel, Point
from fpt_calc.scalars import ZERO, Scalar

Inequality = tuple[Scalar, Scalar]


def assumed(inequalities: Sequence[Inequality]) -> IsLess:
    """What follows at once from inequalities (smaller, larger)."""
    known = set(inequalities)

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


def case_of(pipeline: Pipeline, is_less: IsLess) -> tuple[bool | None, ...]:
    """For each interpolator whether it has more samples than dimensions."""
    chosen = [m for m in models_of(pipeline) if isinstance(m.learner, MinNorm)]
    return tuple(is_less(m.on[0].design.dim, sum((d.design.size for d in m.on), ZERO)) for m in chosen)
