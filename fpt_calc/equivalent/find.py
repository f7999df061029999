"""From a random matrix to its deterministic equivalent: the law of ``tau(T expr)`` is linear in T."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fpt_calc.closed_form import Coordinates, closed_form, solved_points
from fpt_calc.closed_form.parameters import coordinates
from fpt_calc.derivation import derive_law
from fpt_calc.equivalent.names import named
from fpt_calc.equivalent.probe import linear_form, probe_for, stripped
from fpt_calc.equivalent.result import Equivalent
from fpt_calc.equivalent.targets import as_targets
from fpt_calc.equivalent.words import fewest_words
from fpt_calc.errors import CannotDecideError
from fpt_calc.expr import Atom, Expr, Trace, map_scalars, tau
from fpt_calc.reduce import names_in
from fpt_calc.scalars import ZERO, Generator, Scalar, substitute
from fpt_calc.system import FixedPointSystem

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
    probe = probe_for(expr)
    law = derive_law({TARGET: tau(probe @ expr)}, given)
    terms, found = _terms(law.system, probe)
    outputs, coefficients = as_targets(terms.values(), found, law.system)
    system = replace(law.system, outputs=outputs)
    form = closed_form(system, unnormalized=True)
    symbols: dict[Generator, Scalar] = {p.symbol: form.coordinates.canonical(p.meaning) for p in found.parameters}
    words = [map_scalars(word, lambda c: substitute(c, symbols)) for word in terms]
    shown = named(form, coefficients, words, names_in(law.system))
    return Equivalent(
        expr,
        tuple(zip(shown.coefficients, shown.words, strict=True)),
        form.parameters,
        shown.abbreviations,
        shown.matrices,
        law,
        probe,
        dict(zip(coefficients, words, strict=True)),
        system,
        form,
    )


def _terms(system: FixedPointSystem, probe: Atom) -> tuple[dict[Expr, Scalar], Coordinates]:
    """The coefficient of each word in free coordinates, the simplest coefficients first."""
    solved = solved_points(system)
    if not solved.points:
        raise CannotDecideError("no admissible point to check an equivalent at", remedy="use the equations")
    found = coordinates(system, solved)
    form: dict[Trace, Scalar] = {}
    for trace, value in linear_form(found.canonical(system.outputs[TARGET]), probe).items():
        factor, word = stripped(trace, probe)
        in_front = Trace(probe @ word)
        form[in_front] = form.get(in_front, ZERO) + value * factor
    spectral = frozenset(p.base for p in found.parameters if p.base is not None)
    words = {stripped(trace, probe)[1]: value for trace, value in fewest_words(form, spectral).items()}
    return dict(sorted(words.items(), key=lambda item: (_size(item[1]), str(item[0])))), found


def _size(value: Scalar) -> int:
    return len(value.num) if value.gens else 0
