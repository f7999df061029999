"""Parameters with an explicit solution: roots of quadratic relations, the sign of the root decided by the solver."""

from __future__ import annotations

from fpt_calc.closed_form.evidence import AGREEMENT, SolvedPoints
from fpt_calc.closed_form.polynomials import coefficients, degree
from fpt_calc.expr import Trace
from fpt_calc.scalars import Parameter, Scalar, generator_scalar, square_root
from fpt_calc.system import Unknown


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
