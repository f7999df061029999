"""Several random matrices at once: their equivalents in the same parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fpt_calc.closed_form import Coordinates, SolvedPoints, solved_points
from fpt_calc.closed_form.bases import Style
from fpt_calc.closed_form.form import printing_style
from fpt_calc.closed_form.parameters import coordinates
from fpt_calc.closed_form.present import Swap, present, swap_for
from fpt_calc.derivation import LimitLaw, derive_law
from fpt_calc.equivalent.find import terms_of
from fpt_calc.equivalent.probe import probe_for
from fpt_calc.errors import CannotDecideError
from fpt_calc.expr import Expr, Trace, tau
from fpt_calc.formula import formula_value
from fpt_calc.scalars import Scalar


@dataclass(frozen=True)
class JointEquivalents:
    """``exprs[name] ~ sum of coefficient * matrix`` for each name, all in the same parameters.

    Attributes
    ----------
    terms : for each name, the coefficient of each deterministic matrix, written as short as it was found.
    coordinates : the parameters and their relations.
    law : the law of the traces with generic test matrices from which the equivalents are read off.
    solved : random points with the solution of the law.
    """

    terms: Mapping[str, Mapping[Expr, Scalar]]
    coordinates: Coordinates
    law: LimitLaw
    solved: SolvedPoints


def joint_equivalents(exprs: Mapping[str, Expr], with_dependent: bool = True) -> JointEquivalents:
    """The deterministic equivalents of random matrices that share randomness, or of products of them.

    ``with_dependent``: coefficients may be written with the generators that relations were solved for, such as lam.

    Raises `CannotDecideError` where a limit is no rational function of parameters of the field.

    >>> from fpt_calc.ensembles import Gaussian
    >>> from fpt_calc.expr import Atom, Inverse
    >>> from fpt_calc.scalars import Parameter, dimension, generator_scalar
    >>> n, d = dimension("n"), dimension("d")
    >>> lam = generator_scalar(Parameter("lam", "positive"))
    >>> Sigma, B = Atom("Sigma", d, d, facts=frozenset({"psd"})), Atom("B", d, d)
    >>> X = Atom("X", n, d, law=Gaussian(1 / n, covariance=Sigma))
    >>> A = Inverse(X.T @ X + lam) @ X.T @ X
    >>> found = joint_equivalents({"first": A, "second": A.T @ B @ A})
    >>> for word, coefficient in found.terms["second"].items():
    ...     print(coefficient, "*", word)
    1 * Sigma@inv(Sigma + kappa)@B@Sigma@inv(Sigma + kappa)
    Tr(B@Sigma@inv(Sigma + kappa)**2)*kappa**2/(n - df2) * Sigma@inv(Sigma + kappa)**2
    """
    shapes = list(dict.fromkeys(expr.shape for expr in exprs.values()))
    letters = {shape: probe_for(list(exprs.values()), shape, k) for k, shape in enumerate(shapes)}
    probes = {name: letters[expr.shape] for name, expr in exprs.items()}
    law = derive_law({name: tau(probes[name] @ expr) for name, expr in exprs.items()})
    solved: SolvedPoints = solved_points(law.system)
    if not solved.points:
        raise CannotDecideError("no admissible point to check an equivalent at", remedy="use the equations")
    found = coordinates(law.system, solved)
    style = printing_style(found, unnormalized=True)
    dependent = found.dependent.items() if with_dependent else ()
    swaps = tuple(swap_for(g, v, style) for g, v in dependent if not isinstance(g, Trace))
    terms = {
        name: {
            word: _shortened(coefficient, style, swaps)
            for word, coefficient in terms_of(law.system.outputs[name], found, probes[name]).items()
        }
        for name in exprs
    }
    return JointEquivalents(terms, found, law, solved)


def _shortened(coefficient: Scalar, style: Style, swaps: tuple[Swap, ...]) -> Scalar:
    """A coefficient in the basis in which it is shortest; as it is where there are no bases to choose from."""
    if not style.spectral:
        return coefficient
    return formula_value(present(coefficient, style, swaps))
