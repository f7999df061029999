"""The map of a stage without ridge: the limit lam -> 0+ of the map with one.

The relation of kappa at lam = 0 has the root 0, which is the limit where there are more samples than dimensions, and
else a positive one (``df_1(kappa) = n`` for one regression).  All coefficients are rational in kappa and in traces of
resolvents, so the limit is their value there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from fpt_calc.closed_form import Coordinates, OrderParameter, unfolded
from fpt_calc.closed_form.coordinates import with_dependent
from fpt_calc.closed_form.form import printing_style
from fpt_calc.closed_form.polynomials import degree, solved_for
from fpt_calc.closed_form.present import present
from fpt_calc.errors import CannotDecideError, ZeroDenominatorError
from fpt_calc.expr import Expr, Trace, map_scalars, map_traces
from fpt_calc.formula import formula_value
from fpt_calc.learning.combination import Combination, combination
from fpt_calc.learning.maps import Carried, Injected, SecondOrder, StageMap
from fpt_calc.scalars import ZERO, Generator, Parameter, Scalar, generator_scalar, numerator, substitute
from fpt_calc.spectral import combination as normal_words
from fpt_calc.spectral import normal_scalar, word_expression


@dataclass(frozen=True)
class Substitution:
    """What matrices and scalars of a map become."""

    matrix: Callable[[Expr], Expr]
    value: Callable[[Scalar], Scalar]

    def combination(self, terms: Combination) -> Combination:
        return terms.mapped(self.matrix, self.value)

    def second(self, second: SecondOrder) -> SecondOrder:
        carried = (
            Carried(self.value(c.coefficient), self.matrix(c.left), self.matrix(c.right)) for c in second.carried
        )
        injected = (
            Injected(self.value(i.coefficient), self.matrix(i.functional), self.matrix(i.word)) for i in second.injected
        )
        return SecondOrder(
            tuple(c for c in carried if not c.coefficient.is_zero),
            tuple(i for i in injected if not i.coefficient.is_zero),
            second.rows,
            second.cols,
        )

    def map(self, found: StageMap, coordinates: Coordinates) -> StageMap:
        return replace(
            found,
            first={k: self.combination(v) for k, v in found.first.items()},
            second={k: self.second(v) for k, v in found.second.items()},
            noise={k: self.combination(v) for k, v in found.noise.items()},
            coordinates=coordinates,
        )


def without_ridge(found: StageMap, ridge: Parameter, enough_samples: bool) -> StageMap:
    """The limit of a map as its ridge tends to zero from above.

    Parameters
    ----------
    found : the map.
    ridge : the ridge.
    enough_samples : whether there are more samples than dimensions, or fewer.

    Raises `CannotDecideError` where the stage does not have exactly one parameter of the kind of kappa.
    """
    parameters, relations = found.coordinates.parameters, found.coordinates.relations
    if len(parameters) != 1 or not _is_kappa(parameters[0], relations[0]):
        raise CannotDecideError(
            "a stage without ridge whose data sets have different covariances, or are reused between models",
            remedy="give it a small ridge lam",
        )
    kappa = parameters[0]
    at_zero = numerator(substitute(relations[0], {ridge: ZERO}))
    # with enough samples kappa and the ridge vanish together, and their quotient is in the relation only
    found = _replaced(found, ridge, solved_for(relations[0], ridge) if enough_samples else ZERO)
    if enough_samples:
        return _at(ZERO, kappa).map(found, replace(found.coordinates, parameters=(), relations=(), dependent={}))
    rest = numerator(at_zero / generator_scalar(kappa.symbol))
    if not any(isinstance(g, Trace) for g in rest.gens) and degree(rest, kappa.symbol) == 1:
        explicit = solved_for(rest, kappa.symbol)
        return _at(explicit, kappa).map(found, replace(found.coordinates, parameters=(), relations=(), dependent={}))
    start = replace(found.coordinates, relations=(), dependent={}, unknowns={})
    return replace(found, coordinates=with_dependent(start, [rest]))


def _replaced(found: StageMap, ridge: Parameter, by: Scalar) -> StageMap:
    """The map with coefficients that are free of the ridge."""

    def value(scalar: Scalar) -> Scalar:
        plain = unfolded(scalar)
        return substitute(normal_scalar(plain), {ridge: by}) if ridge in plain.gens else scalar

    return Substitution(lambda expr: expr, value).map(found, found.coordinates)


def _is_kappa(parameter: OrderParameter, relation: Scalar) -> bool:
    """Whether a relation at lam = 0 has the root 0, once."""
    return any(isinstance(g, Parameter) for g in relation.gens) and degree(relation, parameter.symbol) >= 1


def _at(number: Scalar, parameter: OrderParameter) -> Substitution:
    """The value of a parameter put in, inverses of ``S + 0`` simplified."""
    images: dict[Generator, Scalar] = {parameter.symbol: number}
    style = printing_style(Coordinates(), unnormalized=True)

    def inside(expr: Expr) -> Expr:
        return map_scalars(expr, lambda c: substitute(c, images))

    def matrix(expr: Expr) -> Expr:
        words = normal_words(inside(expr))
        terms = ((word_expression(w, expr.rows), c) for w, c in words.items())
        return combination(terms, expr.rows, expr.cols).expression

    def value(scalar: Scalar) -> Scalar:
        plain = normal_scalar(map_traces(unfolded(scalar), inside))
        try:
            return formula_value(present(substitute(plain, images), style))
        except ZeroDenominatorError:
            raise CannotDecideError(
                "a stage without ridge has no finite limit", remedy="give it a small ridge"
            ) from None

    return Substitution(matrix, value)
