"""What happens as the number of generations grows: the error saturates, or grows linearly.

A fit on fresh data, all of it labelled by the generation before, is ``A = (M + lam)^-1 M`` with M psd (or its limit, a
projection): symmetric with 0 <= A <= 1.  So the positive map ``Phi(B) = E[A B A]`` has ``Phi(1) = E[A^2] <= E[A]``, in
the limit ``Phi(1) <= P``, and its spectral radius is at most the largest eigenvalue of P.  With P < 1 the powers vanish
exponentially: what the first teacher knew is lost, and the noise of all generations adds up to a finite sum.  With
P = 1 (least squares) nothing is forgotten and every generation adds the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from fpt_calc.closed_form.polynomials import coefficients, degree
from fpt_calc.errors import CannotDecideError, InputError
from fpt_calc.expr import Atom, postorder
from fpt_calc.formula import Formula
from fpt_calc.learning.combination import Combination
from fpt_calc.learning.derived import DerivedError, DerivedStage
from fpt_calc.learning.fit import PREVIOUS_NAME, Part
from fpt_calc.learning.form import ErrorForm, error_form
from fpt_calc.learning.generations import rates_of
from fpt_calc.learning.program import (
    Definition,
    LawDefinition,
    Loop,
    MatrixDefinition,
    PowerOf,
    Program,
    ScalarDefinition,
)
from fpt_calc.learning.spectrum import ChainSpectrum, without_letters
from fpt_calc.pipeline import OLS, Generations, MinNorm, Previous, Ridge, generations_of
from fpt_calc.scalars import ZERO, Generator, Parameter, Scalar, denominator, numerator, substitute

SATURATES, LINEAR = "saturates", "grows linearly"
ON_ONE_DESIGN = "generations on one design repeat one projection, and each adds the same noise"
PASSED_ON = "least squares passes on all that it was taught: E[A B A] = B, and every generation adds the same noise"
CONTRACTING = "0 <= A <= 1 for a fit on fresh data, so that E[A^2] <= E[A] < 1: the powers of B -> E[A B A] vanish"


@dataclass(frozen=True)
class GenerationLimit:
    """What the values of an error tend to as the number of generations grows.

    Attributes
    ----------
    count : the number of generations.
    kind : "saturates" or "grows linearly".
    derived : the error with its limit as program; where it grows linearly, up to o(1), the number included.
    rates : by chain, what is left of its first generations decays at least as fast as the powers of the largest
        eigenvalue of this matrix; none where nothing decays.
    spectra : the chains whose rate is the largest root of a secular equation.
    reason : why.
    """

    count: Parameter
    kind: str
    derived: DerivedError
    rates: Mapping[str, Combination]
    spectra: tuple[ChainSpectrum, ...]
    reason: str

    @cached_property
    def form(self) -> ErrorForm:
        """The limits as formulas."""
        return error_form(self.derived)

    @cached_property
    def each(self) -> Formula:
        """What one more generation adds to the error in the end; nothing where it saturates."""
        old = self.derived.program
        slopes = {name: _slope(value, self.count) for name, value in old.variance.items()}
        assert not any(self.count in v.gens for v in old.bias.values()), "what is known of the teacher is bounded"
        return error_form(replace(self.derived, program=replace(old, variance=slopes, bias={}))).values["variance"]

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        lines = [f"{self.count.name} -> oo: the error {self.kind}"]
        lines += [f"  {name} = {value}" for name, value in self.form.values.items() if name != "error"]
        lines += ["where", *(f"  {line}" for line in self.form.where())]
        lines += [f"  rate: at most the largest eigenvalue of {r.expression}" for r in self.rates.values()]
        return "\n".join([*lines, f"  because {self.reason}"])


def generation_limit(derived: DerivedError, name: str) -> GenerationLimit:
    """The limit of an error as a number of generations grows.

    Raises `InputError` where there is no such number, `CannotDecideError` where a generation is not shown to contract.
    """
    items = [i for i in derived.stages if isinstance(i.stage.members[-1], Generations)]
    chains = {i.stage.members[-1]: i for i in items}
    growing = {
        c: i for c, i in chains.items() if isinstance(c, Generations) and any(g.name == name for g in c.count.gens)
    }
    symbol = next((g for c in generations_of(derived.stated) for g in c.count.gens if g.name == name), None)
    if symbol is None:
        raise InputError(f"no symbolic number of generations {name!r}", remedy="count the generations by a symbol")
    assert isinstance(symbol, Parameter), "a number of generations is a scalar"
    contracting = [i for i in growing.values() if not _is_identity(i)]
    for item in contracting:
        _check_contraction(item)
    program = _limit_program(derived, symbol, {i.stage.name for i in contracting})
    linear = any(symbol in v.gens for v in program.values.values())
    spectra = tuple(s for s in derived.spectra if s.loop.name in {i.stage.name for i in contracting})
    rates = {i.stage.members[-1].name: i.map.first[_step(i), Part(PREVIOUS_NAME)] for i in contracting}
    limit = replace(derived, program=program, spectra=())
    reason = ON_ONE_DESIGN if linear and not growing else PASSED_ON if linear else CONTRACTING
    return GenerationLimit(symbol, LINEAR if linear else SATURATES, limit, rates, spectra, reason)


def _step(item: DerivedStage) -> Part:
    (step,) = item.fits.weights
    return step


def _is_identity(item: DerivedStage) -> bool:
    rates = rates_of(item.fits, item.map, _step(item))
    return rates is not None and rates.injected.is_zero and rates.carried == 1


def _check_contraction(item: DerivedStage) -> None:
    """Raise `CannotDecideError` unless the step is a symmetric contraction of the generation before."""
    chain = item.stage.members[-1]
    assert isinstance(chain, Generations), "a chain"
    learner, data = chain.step.learner, chain.step.on
    if isinstance(learner, Ridge | OLS | MinNorm) and all(isinstance(d.labels, Previous) for d in data):
        return
    raise CannotDecideError(
        "whether these generations contract is not shown",
        where=chain.name,
        remedy="evaluate the error for many generations",
    )


def _limit_program(derived: DerivedError, symbol: Parameter, contracting: set[str]) -> Program:
    """The program without the loops of contracting chains, whose matrices vanish and whose sums converge."""
    images: dict[Generator, Scalar] = {}
    letters: set[Atom] = set()
    spectra = {s.loop.name: s for s in derived.spectra}
    kept: list[Definition] = []
    for item in derived.program.definitions:
        if not isinstance(item, Loop) or item.name not in contracting:
            kept.append(item)
            continue
        if item.name not in spectra:
            what = "the sum over the generations has no closed form"
            raise CannotDecideError(what, where=item.name, remedy="evaluate the error for many generations")
        letters |= set(item.letters)
        images |= {noise: spectra[item.name].total(noise) for noise in item.sums}

    def limit(value: Scalar) -> Scalar:
        current = without_letters(substitute(value, images), letters)
        powers = [g for g in current.gens if isinstance(g, PowerOf) and symbol in g.exponent.gens]
        current = substitute(current, dict.fromkeys(powers, ZERO))
        _check_linear(current, symbol)
        return current

    if any(_mentions(item, letters) for item in kept):
        what = "what starts from the forms that these generations leave is not followed"
        raise CannotDecideError(what, where=", ".join(sorted(contracting)), remedy="evaluate the error")
    old = derived.program
    bias = {name: limit(value) for name, value in old.bias.items()}
    variance = {name: limit(value) for name, value in old.variance.items()}
    return replace(old, definitions=tuple(kept), bias=bias, variance=variance)


def _mentions(item: Definition, letters: set[Atom]) -> bool:
    """Whether a definition is written in some of these matrices."""
    match item:
        case ScalarDefinition(value=value):
            return without_letters(value, letters) != value
        case MatrixDefinition(value=matrix):
            matrices = [matrix]
        case LawDefinition(letters=given) | Loop(letters=given):
            matrices = list(given.values())
    return any(letters & set(postorder(word)) for m in matrices for word in m.terms)


def _slope(value: Scalar, symbol: Parameter) -> Scalar:
    """The coefficient of a symbol in which a scalar is linear."""
    found = coefficients(numerator(value), symbol)
    return found[1] / denominator(value) if len(found) > 1 else ZERO


def _check_linear(value: Scalar, symbol: Parameter) -> None:
    if symbol in denominator(value).gens or degree(numerator(value), symbol) > 1:
        raise CannotDecideError(f"how {value} grows is not decided", remedy="evaluate it")
    assert len(coefficients(numerator(value), symbol)) <= 2, "linear"
