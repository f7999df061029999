"""The equations of the parameters as they are printed, and the condition that singles out the root."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fpt_calc.closed_form.bases import Style, with_degrees
from fpt_calc.closed_form.coordinates import Coordinates, OrderParameter
from fpt_calc.closed_form.display import DegreesOfFreedom
from fpt_calc.closed_form.evidence import SolvedPoints
from fpt_calc.closed_form.explicit import explicit_root
from fpt_calc.closed_form.polynomials import degree, solved_for
from fpt_calc.closed_form.present import cost, factorization, present
from fpt_calc.ensembles import is_psd
from fpt_calc.expr import (
    Expr,
    Trace,
)
from fpt_calc.formula import Formula, polynomial_formula, single
from fpt_calc.scalars import (
    ZERO,
    Dimension,
    Parameter,
    Scalar,
    generator_scalar,
)
from fpt_calc.system import BRANCH, Unknown


@dataclass(frozen=True)
class ParameterEquation:
    """What a parameter is.

    Attributes
    ----------
    symbol : the parameter.
    left, right : the two sides of its equation.
    condition : what singles out the root.
    explicit : the parameter as a scalar in those of the problem, where its relation is at most quadratic.
    """

    symbol: Unknown
    left: Formula
    right: Formula
    condition: str
    explicit: Scalar | None

    def __str__(self) -> str:
        return f"{self.left} = {self.right}"

    def lines(self) -> list[str]:
        """The equation with its condition, and the explicit solution where there is one."""
        equation = f"{self}, {self.condition}"
        return [equation] if self.explicit is None else [equation, f"{self.symbol.name} = {self.explicit}"]


def parameter_equation(
    parameter: OrderParameter,
    relation: Scalar,
    found: Coordinates,
    style: Style,
    solved: SolvedPoints,
    name: Callable[[Scalar], Scalar],
) -> ParameterEquation:
    """The relation solved for a scalar of the problem or for the parameter itself, whichever is shorter.

    ``name`` puts in the names of inverted matrices.
    """
    symbol = parameter.symbol
    explicit = explicit_root(symbol, parameter.meaning, relation, solved)
    left, right = _sides(parameter, name(relation), found, style)
    condition = root_condition(parameter, relation, style)
    return ParameterEquation(symbol, left, right, condition, explicit)


def _sides(parameter: OrderParameter, relation: Scalar, found: Coordinates, style: Style) -> tuple[Formula, Formula]:
    if not any(isinstance(g, Trace) for g in relation.gens):
        return polynomial_formula(relation), polynomial_formula(ZERO)
    named = [g for g in found.dependent if not isinstance(g, Trace | Dimension)]
    options = [g for g in named if degree(relation, g) == 1]
    if parameter.base is None and degree(relation, parameter.symbol) == 1:
        options.append(parameter.symbol)
    sides = [(single(g), present(solved_for(relation, g), style)) for g in options]
    if not sides:
        return present(relation, style), polynomial_formula(ZERO)
    return min(sides, key=lambda pair: cost(pair[1]))


def root_condition(parameter: OrderParameter, relation: Scalar, style: Style) -> str:
    """For ``lam = kappa prod (1 - c df1)`` the largest positive root: there all factors are positive and increase.

    With one factor it is the only positive one, the right-hand side being convex and zero at zero.  Both need a psd
    matrix: df1 of another one does not decrease, and may have poles at positive parameters.
    """
    symbol, base = parameter.symbol, parameter.base
    positive = [g for g in relation.gens if isinstance(g, Parameter) and g.nonnegative and degree(relation, g) == 1]
    if base is None or not is_psd(base) or len(positive) != 1:
        return BRANCH
    coefficient, factors = factorization(with_degrees(solved_for(relation, positive[0]), style))
    sums = {f: e for f, e in factors.items() if isinstance(f, Scalar) and not _is_total(f)}
    others = [f for f in factors if not isinstance(f, Scalar) and f != symbol]
    if coefficient <= 0 or factors.get(symbol) != 1 or not all(isinstance(f, Dimension | Parameter) for f in others):
        return BRANCH
    if not sums or not all(e == 1 and _is_saturation(f, base, symbol) for f, e in sums.items()):
        return BRANCH
    return f"{symbol.name} > 0" if len(sums) == 1 else f"the largest root {symbol.name} > 0"


def _is_total(factor: Scalar) -> bool:
    """Whether a factor is a sum of dimensions, such as the size of pooled data: positive and constant."""
    numbers = factor.num.to_dict().values()
    return all(isinstance(g, Dimension) for g in factor.gens) and all(int(c) > 0 for c in numbers)


def _is_saturation(factor: Scalar, base: Expr, symbol: Unknown) -> bool:
    """Whether a factor is a positive combination of dimensions minus one of the parameter's own df1.

    It increases in the parameter, towards a positive limit.
    """
    own = (1, base, generator_scalar(symbol))
    for exponents, coefficient in factor.num.to_dict().items():
        used = [g for g, e in zip(factor.gens, exponents, strict=True) if e]
        growing = all(isinstance(g, Dimension) for g in used) and int(coefficient) > 0
        degrees = [(g.order, g.base, g.pole) for g in used if isinstance(g, DegreesOfFreedom)]
        falling = len(used) == 1 and degrees == [own] and int(coefficient) < 0
        if not (growing or falling):
            return False
    return True
