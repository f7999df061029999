"""From a random matrix to its deterministic equivalent: the law of ``tau(T expr)`` is linear in T."""

from __future__ import annotations

from collections.abc import Iterable

from fpt_calc.closed_form import AGREEMENT, Coordinates, SolvedPoints, solved_points
from fpt_calc.closed_form.form import presented
from fpt_calc.closed_form.parameters import coordinates
from fpt_calc.derivation import derive_law
from fpt_calc.equivalent.names import named
from fpt_calc.equivalent.probe import linear_form, probe_for, stripped
from fpt_calc.equivalent.result import Equivalent
from fpt_calc.equivalent.targets import with_named_parameter
from fpt_calc.equivalent.words import fewest_words
from fpt_calc.errors import CannotDecideError, ComputationError
from fpt_calc.expr import Atom, Expr, Trace, tau
from fpt_calc.formula import formula_value
from fpt_calc.reduce import names_in
from fpt_calc.scalars import ZERO, Scalar

TARGET = "value"


def equivalent(expr: Expr, given: Iterable[Atom] = ()) -> Equivalent:
    """The deterministic equivalent of a matrix expression.

    Raises `CannotDecideError` where there is no closed form, `InputError` where the expression cannot be meant.

    >>> from fpt_calc.ensembles import Gaussian
    >>> from fpt_calc.expr import Inverse
    >>> from fpt_calc.scalars import Parameter, dimension, generator_scalar
    >>> n, d = dimension("n"), dimension("d")
    >>> lam = generator_scalar(Parameter("lam", "positive"))
    >>> Sigma = Atom("Sigma", d, d, facts=frozenset({"psd"}))
    >>> X = Atom("X", n, d, law=Gaussian(1 / n, covariance=Sigma))
    >>> print(equivalent(X.T @ X @ Inverse(X.T @ X + lam)).right())
    Sigma@inv(Sigma + kappa)
    """
    probe = probe_for([expr], expr.shape)
    law = derive_law({TARGET: tau(probe @ expr)}, given)
    solved = solved_points(law.system)
    if not solved.points:
        raise CannotDecideError("no admissible point to check an equivalent at", remedy="use the equations")
    found = coordinates(law.system, solved)
    value = law.system.outputs[TARGET]
    terms = terms_of(value, found, probe)
    system = with_named_parameter(terms.values(), found, law.system)
    if system.outputs:
        found = coordinates(system, solved)
        terms = terms_of(value, found, probe)
    names = [f"coefficient{k}" for k in range(len(terms))]
    form = presented(law.system, solved, found, dict(zip(names, terms.values(), strict=True)), unnormalized=True)
    shown = named(form, tuple(terms), names_in(law.system))
    result = Equivalent(
        expr,
        tuple(zip(shown.coefficients, shown.words, strict=True)),
        form.parameters,
        shown.abbreviations,
        shown.matrices,
        law,
        probe,
        tuple(terms),
        form,
    )
    _check(result, solved)
    return result


def terms_of(limit: Scalar, found: Coordinates, probe: Atom) -> dict[Expr, Scalar]:
    """The coefficient of each word in free coordinates, the simplest coefficients first."""
    form: dict[Trace, Scalar] = {}
    for trace, value in linear_form(found.canonical(limit), probe).items():
        factor, word = stripped(trace, probe)
        in_front = Trace(probe @ word)
        form[in_front] = form.get(in_front, ZERO) + value * factor
    spectral = frozenset(p.base for p in found.parameters if p.base is not None)
    words = {stripped(trace, probe)[1]: value for trace, value in fewest_words(form, spectral).items()}
    return dict(sorted(words.items(), key=lambda item: (_size(item[1]), str(item[0]))))


def _check(result: Equivalent, solved: SolvedPoints) -> None:
    """The trace of the test matrix against the equivalent is what the solver finds for the random matrix."""
    for k, (point, solution) in enumerate(solved.points):
        model = solved.model(k, {p.symbol: p.meaning for p in result.form.coordinates.parameters})
        expected = solution.outputs[TARGET]
        found = sum(
            model.scalar(result.form.unabbreviated(formula_value(f))) * model.scalar(tau(result.probe @ word))
            for f, word in zip(result.form.values.values(), result.words, strict=True)
        )
        if not abs(found - expected) <= AGREEMENT * abs(expected) + 10 * solution.output_errors[TARGET]:
            raise ComputationError(
                "the equivalent misses the solver", where=str(point.dims), remedy="this is a defect: report it"
            )


def _size(value: Scalar) -> int:
    return len(value.num) if value.gens else 0
