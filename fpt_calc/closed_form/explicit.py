"""Parameters with an explicit solution: roots of quadratic relations, the sign of the root decided by the solver."""

from __future__ import annotations

import random

from fpt_calc.closed_form.evidence import AGREEMENT, SolvedPoints
from fpt_calc.closed_form.polynomials import coefficients, degree
from fpt_calc.expr import Trace
from fpt_calc.scalars import Generator, Parameter, Scalar, evaluate_scalar, generator_scalar, square_root
from fpt_calc.system import Unknown

SIGN_POINTS = 400


def explicit_root(symbol: Unknown, meaning: Scalar, relation: Scalar, solved: SolvedPoints) -> Scalar | None:
    """The symbol in scalars of the problem; None where its relation is of higher degree or no sign fits all points."""
    if any(isinstance(g, Trace) or (isinstance(g, Unknown) and g != symbol) for g in relation.gens):
        return None
    if degree(relation, symbol) == 1:
        constant, slope = coefficients(relation, symbol)
        return -constant / slope
    if degree(relation, symbol) != 2 or any(isinstance(g, Parameter) and not g.is_real for g in relation.gens):
        return None  # for complex scalars the sign of a principal root is not the same everywhere
    c, b, a = coefficients(relation, symbol)
    if not (_keeps_sign(b * b - 4 * a * c, positive=True) and _keeps_sign(a, positive=False)):
        return None  # the two roots may change places
    root = square_root(b * b - 4 * a * c)
    options = [(-b + root) / (2 * a), (-b - root) / (2 * a)]
    fitting = [r for r in options if solved.points and _agrees(r, symbol, meaning, solved)]
    return fitting[0] if len(fitting) == 1 else None


def _agrees(root: Scalar, symbol: Unknown, meaning: Scalar, solved: SolvedPoints) -> bool:
    for k in range(len(solved.points)):
        model = solved.model(k, {symbol: meaning})
        a, b = model.scalar(root), model.scalar(generator_scalar(symbol))
        if not abs(a - b) <= AGREEMENT * max(abs(a), abs(b)):
            return False
    return True


def _keeps_sign(value: Scalar, positive: bool) -> bool:
    """Whether a scalar is nonzero of one sign (positive, if asked) at many points of the admissible domain.

    The domain is connected, so that there the physical solution stays on one root.  Seen at points, not proved.
    """
    draw = random.Random(1)
    points = ({g: _admissible(g, draw) for g in value.gens} for _ in range(SIGN_POINTS))
    signs = {evaluate_scalar(value, point.__getitem__, float) > 0 for point in points}
    return signs == {True} or (signs == {False} and not positive)


def _admissible(generator: Generator, draw: random.Random) -> float:
    size: float = 10.0 ** draw.uniform(-3, 3)
    if isinstance(generator, Parameter) and generator.kind == "fraction":
        return draw.random()
    if isinstance(generator, Parameter) and not generator.nonnegative:
        return size * draw.choice((-1, 1))
    return size
