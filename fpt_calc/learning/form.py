"""The error of a pipeline as formulas: its values, the equations of its parameters, and what abbreviates them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from fpt_calc.closed_form import ClosedForm, Coordinates, ParameterEquation, SolvedPoints, unfolded
from fpt_calc.closed_form.abbreviations import with_names, with_saturation
from fpt_calc.closed_form.bases import Style, with_degrees
from fpt_calc.closed_form.coordinates import with_dependent
from fpt_calc.closed_form.display import DegreesOfFreedom, FullTrace, Shorthand
from fpt_calc.closed_form.equation import parameter_equation
from fpt_calc.closed_form.form import abbreviations_in, printing_style
from fpt_calc.closed_form.polynomials import degree, solved_for
from fpt_calc.closed_form.present import cost, present, swap_for
from fpt_calc.derivation import LimitLaw
from fpt_calc.expr import Atom, Expr, Trace
from fpt_calc.expr.flatten import factors_of
from fpt_calc.formula import Formula, formula_generators, formula_value, polynomial_formula, single
from fpt_calc.learning.combination import Combination
from fpt_calc.learning.derived import DerivedError, DerivedStage
from fpt_calc.learning.program import Definition, LawDefinition, Loop, MatrixDefinition, Named, ScalarDefinition
from fpt_calc.learning.spectrum import ChainSpectrum
from fpt_calc.learning.words import run_of
from fpt_calc.scalars import Generator, Parameter, Scalar, generator_scalar, numerator, scalar, substitute

MANY_UNKNOWNS = 12  # beyond, the equations of a law of several models are counted instead of printed
FEW_UNKNOWNS = 8  # of a law of several models whose closed form is looked for
MAX_TERMS = 250  # of a canonical value; a longer one is not worth the search for its shortest form


Terms = tuple[tuple[Formula, Expr], ...]


@dataclass(frozen=True)
class ShownScalar:
    """``symbol = formula``"""

    symbol: Named
    formula: Formula

    def lines(self) -> list[str]:
        return [f"{self.symbol.name} = {self.formula}"]

    def formulas(self) -> list[Formula]:
        return [self.formula]


@dataclass(frozen=True)
class ShownMatrix:
    """``letter = sum of formula * word``"""

    letter: Atom
    terms: Terms

    def lines(self) -> list[str]:
        return [f"{self.letter.name} = {terms_text(self.terms)}"]

    def formulas(self) -> list[Formula]:
        return [f for f, _ in self.terms]


@dataclass(frozen=True)
class ShownSpectrum:
    """The sums of a loop over the roots of its secular equation.

    Attributes
    ----------
    spectrum : P, F, W and the start B_0.
    alpha : of the part of rank one.
    shares : for each sum c, with ``c * sum over roots of r (1 - mu**count)/(1 - mu)``.
    """

    spectrum: ChainSpectrum
    alpha: Formula
    shares: tuple[tuple[Named, Formula], ...]

    def lines(self) -> list[str]:
        of, (F, W) = self.spectrum, ("Q", "Q")
        names = f"P = {of.mean.expression}, Q = {of.word.expression}"
        if of.functional != of.word:
            F, W = "F", "W"
            names = f"P = {of.mean.expression}, F = {of.functional.expression}, W = {of.word.expression}"
        count, B = of.loop.count, of.letter.name
        others = [a.name for a in of.loop.letters if a != of.letter]
        lines = [f"in closed form, with {names} and B0, C0 for the matrices at first:"]
        lines += [f"  mu runs over the roots of 1 = ({self.alpha})*Tr({F}@{W}@inv(mu - P**2))"]
        lines += [f"  r = Tr(B0@{F}@inv(mu - P**2))/(({self.alpha})*Tr({F}@{W}@inv(mu - P**2)**2))"]
        for name, share in self.shares:
            lines.append(f"  {name.name} = ({share}) * sum of r*(1 - mu**{count})/(1 - mu)")
        powers = f"(mu**{count} - P**(2*{count}))@inv(mu - P**2)"
        lines.append(f"  {B} = P**{count}@B0@P**{count} + ({self.alpha}) * sum of r*{W}@{powers}")
        return [*lines, *(f"  {name} = P**{count}@C0" for name in others)]


@dataclass(frozen=True)
class ShownLoop:
    """A loop with its formulas.

    Attributes
    ----------
    loop : the loop.
    start : the matrices before the first round.
    definitions : the scalars of a round.
    body : the matrices after a round, in those before it.
    sums : what a round adds to each sum.
    spectrum : its powers in closed form, where they have one.
    """

    loop: Loop
    start: tuple[ShownMatrix, ...]
    definitions: tuple[ShownScalar, ...]
    body: tuple[ShownMatrix, ...]
    sums: tuple[ShownScalar, ...]
    spectrum: ShownSpectrum | None = None

    def lines(self) -> list[str]:
        """The loop as a recursion, and its powers."""
        lines = [f"{a.letter.name} = {terms_text(a.terms)} at first" for a in self.start]
        lines.append(f"then {self.loop.count} times, all at once:")
        lines += [f"  {d.symbol.name} = {d.formula}" for d in self.definitions]
        lines += [f"  add to {s.symbol.name} (0 at first): {s.formula}" for s in self.sums]
        lines += [f"  {a.letter.name} becomes {terms_text(a.terms)}" for a in self.body]
        return lines if self.spectrum is None else [*lines, *self.spectrum.lines()]

    def formulas(self) -> list[Formula]:
        matrices = [f for m in (*self.start, *self.body) for f in m.formulas()]
        own = [] if self.spectrum is None else [self.spectrum.alpha, *(f for _, f in self.spectrum.shares)]
        return [*matrices, *(d.formula for d in (*self.definitions, *self.sums)), *own]


@dataclass(frozen=True)
class ShownLaw:
    """Limits of several models together: the letters of its forms, and its equations.

    ``closed`` : its closed form, where it is short enough to be looked for.
    """

    letters: tuple[ShownMatrix, ...]
    law: LimitLaw
    closed: ClosedForm | None

    def lines(self) -> list[str]:
        lines = [line for m in self.letters for line in m.lines()]
        if self.closed is not None:
            return [*lines, *self.closed.lines(), *self.closed.where()]
        lines += [f"{name} = limit of {target}" for name, target in self.law.targets.items()]
        system = self.law.system
        if len(system.unknowns) > MANY_UNKNOWNS:
            linear = len(system.unknowns) - len(system.nonlinear)
            sizes = f"{len(system.nonlinear)} nonlinear and {linear} linear unknowns"
            return [*lines, f"(by a Dyson system of {sizes})"]
        outputs = [f"{name} = {value}" for name, value in system.outputs.items()]
        return [*lines, "that is", *(f"  {line}" for line in (*outputs, *self.law.lines()))]

    def formulas(self) -> list[Formula]:
        return [f for m in self.letters for f in m.formulas()]


ShownDefinition = ShownScalar | ShownMatrix | ShownLaw | ShownLoop


def terms_text(terms: Terms) -> str:
    """A sum of matrices as Python text."""
    text = ""
    for formula, word in terms:
        number = str(formula)
        if number in ("1", "-1"):
            part = number[:-1] + str(word)
        else:
            part = f"({number})*{word}" if len(formula.terms) > 1 else f"{number}*{word}"
        text += f" - {part[1:]}" if part.startswith("-") else f" + {part}"
    return (text[3:] if text.startswith(" + ") else f"-{text[3:]}") if text else "0"


@dataclass(frozen=True)
class ErrorForm:
    """The values of an error as formulas.

    Attributes
    ----------
    values : by name; "error" is the sum of "bias" and "variance".
    parameters : the equations of kappa and its like.
    definitions : named scalars, matrices and loops, in order.
    abbreviations : generators such as df2 that occur, with what they stand for.
    """

    values: Mapping[str, Formula]
    parameters: tuple[ParameterEquation, ...]
    definitions: tuple[ShownDefinition, ...]
    abbreviations: tuple[tuple[Generator, Scalar], ...]

    def text(self, name: str) -> str:
        """A value as Python text."""
        return str(self.values[name])

    def where(self) -> list[str]:
        """Parameters, abbreviations and definitions as Python text."""
        lines = [line for p in self.parameters for line in p.lines()]
        lines += [f"{g.name} = {g.value if isinstance(g, Shorthand) else value}" for g, value in self.abbreviations]
        return lines + [line for item in self.definitions for line in item.lines()]


def error_form(derived: DerivedError) -> ErrorForm:
    """The shortest formulas found for the values of an error."""
    program = derived.program
    joint = joint_coordinates(derived)
    style = style_of(derived, joint)
    values = {name: v for name, v in program.values.items() if name != "error"}
    ridges = {p: number for item in derived.stages for p, number in item.fits.fixed.items()}
    exact = presented(values, joint, style, program.fixed)
    shown = {name: _with_numbers(value, ridges, style) for name, value in exact.items()}
    for name, parts in (("bias", program.bias), ("variance", program.variance)):
        shown[name] = min(shown[name], _joined(shown, parts), key=cost)
    total = Formula(shown["bias"].terms + shown["variance"].terms)
    spectra = {s.loop.name: s for s in derived.spectra}
    definitions = tuple(_shown(item, style, spectra) for item in program.definitions)
    parameters = tuple(_equation(item, k, joint, style) for item in derived.stages for k in range(_count(item)))
    hidden = [f for item in definitions for f in item.formulas()]
    everything = {"error": total, **shown, **{f"definition.{k}": f for k, f in enumerate(hidden)}}
    found = abbreviations_in(everything, parameters)
    return ErrorForm({"error": total, **shown}, parameters, definitions, found)


def style_of(derived: DerivedError, joint: Coordinates) -> Style:
    """Degrees of freedom carry the name of the stage, where several have parameters."""
    style = printing_style(joint, unnormalized=True)
    if len(joint.parameters) < 2:
        return style
    owners = {
        generator_scalar(p.symbol): item.suffix for item in derived.stages for p in item.map.coordinates.parameters
    }
    return replace(style, labels=tuple(((base, pole), owners[pole]) for (base, pole), _ in style.labels))


def _shown(item: Definition, style: Style, spectra: Mapping[str, ChainSpectrum]) -> ShownDefinition:
    """A definition with its formulas."""
    match item:
        case ScalarDefinition(symbol=symbol, value=value):
            return ShownScalar(symbol, _in_short(value, style))
        case MatrixDefinition(letter=letter, value=value):
            return _shown_matrix(letter, value, style)
        case LawDefinition(law=law, letters=letters):
            shown = tuple(_shown_matrix(letter, value, style) for letter, value in letters.items())
            few = len(law.system.unknowns) <= FEW_UNKNOWNS
            return ShownLaw(shown, law, law.closed_form if few else None)
    return ShownLoop(
        item,
        tuple(_shown_matrix(letter, value, style) for letter, value in item.letters.items()),
        tuple(ShownScalar(d.symbol, _in_short(d.value, style)) for d in item.definitions),
        tuple(_shown_matrix(letter, value, style) for letter, value in item.body.items()),
        tuple(ShownScalar(s, _in_short(v, style)) for s, v in item.sums.items()),
        _shown_spectrum(spectra[item.name], style) if item.name in spectra else None,
    )


def _shown_spectrum(of: ChainSpectrum, style: Style) -> ShownSpectrum | None:
    shares = {noise: of.share(noise) for noise in of.noises}
    found = tuple((n, _in_short(c, style)) for n, c in shares.items() if c is not None)
    return ShownSpectrum(of, _in_short(of.alpha, style), found) if len(found) == len(shares) else None


def _shown_matrix(letter: Atom, value: Combination, style: Style) -> ShownMatrix:
    return ShownMatrix(letter, tuple((_in_short(c, style), word) for word, c in value.terms.items()))


def _count(item: DerivedStage) -> int:
    return len(item.map.coordinates.parameters)


def joint_coordinates(derived: DerivedError) -> Coordinates:
    """The parameters of all stages with their relations."""
    parts = [item.map.coordinates for item in derived.stages]
    parameters = tuple(p for c in parts for p in c.parameters)
    taken = frozenset(name for c in parts for name in c.taken)
    relations = [r for c in parts for r in c.relations]
    return with_dependent(Coordinates(parameters, taken=taken), relations)


def presented(
    values: Mapping[str, Scalar], joint: Coordinates, style: Style, fixed: Mapping[str, Fraction]
) -> dict[str, Formula]:
    """The values in free coordinates as short as they were found.

    With several parameters traces keep their words: partial fractions would have poles where two of them meet.
    """
    if len(joint.parameters) > 1:
        return {name: present(with_degrees_of_freedom(value, style), style) for name, value in values.items()}
    exact = {name: joint.canonical(unfolded(value)) for name, value in values.items()}
    if any(len(v.num) + len(v.den) > MAX_TERMS for v in exact.values() if v.gens):
        return {name: _in_short(value, style) for name, value in values.items()}
    kept = [(g, v) for g, v in joint.dependent.items() if not isinstance(g, Trace) and g.name not in fixed]
    swaps = tuple(swap_for(g, v, style) for g, v in kept)
    taken = set(joint.taken) | {p.symbol.name for p in joint.parameters}
    shown = {name: present(value, style, swaps) for name, value in exact.items()}
    return with_names(with_saturation(shown, exact, style, swaps, taken), taken)


def _in_short(value: Scalar, style: Style) -> Formula:
    return present(with_degrees_of_freedom(value, style), style, depth=1)


def with_degrees_of_freedom(value: Scalar, style: Style) -> Scalar:
    """The scalar with ``Tr(S**m @ inv(S + kappa)**m)`` as df_m; other traces keep their words."""
    labels = dict(style.labels)
    images: dict[Generator, Scalar] = {}
    for g in value.gens:
        runs = [run_of(f) for f in factors_of(g.argument)[1]] if isinstance(g, FullTrace) else []
        if len(runs) != 2 or runs[0] is None or runs[1] is None:
            continue
        own, inverse = sorted(runs, key=lambda r: r is not None and r.pole is not None)
        assert own is not None and inverse is not None, "two runs"
        same = own.base == inverse.base and own.exponent == inverse.exponent and own.pole is None
        if same and inverse.pole is not None and (inverse.base, inverse.pole) in labels:
            label = labels[inverse.base, inverse.pole]
            images[g] = generator_scalar(DegreesOfFreedom(own.exponent, own.base, inverse.pole, label))
    return substitute(value, images) if images else value


def _joined(shown: Mapping[str, Formula], parts: Mapping[str, Scalar]) -> Formula:
    """The sum of some sources, term by term."""
    return Formula(tuple(term for name in parts for term in shown[f"source.{name}"].terms))


def _equation(item: DerivedStage, k: int, joint: Coordinates, style: Style) -> ParameterEquation:
    """The equation of a parameter; without ridge its relation says what its df1 is."""
    own = item.map.coordinates
    parameter, relation = own.parameters[k], own.relations[k]
    ridgeless = item.law is None
    solved = SolvedPoints(()) if ridgeless else item.map.solved
    found = parameter_equation(parameter, relation, joint, style, solved, lambda value: value)
    if not ridgeless:
        return _equation_with_numbers(found, item.fits.fixed, style)
    plain = with_degrees(relation, style)
    linear = [g for g in plain.gens if isinstance(g, DegreesOfFreedom) and degree(plain, g) == 1]
    if len(linear) != 1:
        return found
    right = present(solved_for(plain, linear[0]), style)
    return ParameterEquation(parameter.symbol, single(linear[0]), right, f"{parameter.symbol.name} > 0", None)


def _with_numbers(formula: Formula, fixed: Mapping[Parameter, Fraction], style: Style) -> Formula:
    """A formula with the numbers that ridges are."""
    images = {symbol: scalar(number) for symbol, number in fixed.items()}
    if images.keys().isdisjoint(formula_generators(formula)):
        return formula
    return present(substitute(formula_value(formula), images), style, depth=1)


def _equation_with_numbers(
    found: ParameterEquation, fixed: Mapping[Parameter, Fraction], style: Style
) -> ParameterEquation:
    """An equation and its explicit solution with the numbers that ridges are."""
    images = {symbol: scalar(number) for symbol, number in fixed.items()}
    explicit = None if found.explicit is None else substitute(found.explicit, images)
    if images.keys().isdisjoint({*formula_generators(found.left), *formula_generators(found.right)}):
        return replace(found, explicit=explicit)
    if not found.right.terms:  # a polynomial that vanishes
        whole = numerator(substitute(formula_value(found.left), images))
        return replace(found, left=polynomial_formula(whole), explicit=explicit)
    left, right = (_with_numbers(side, fixed, style) for side in (found.left, found.right))
    return replace(found, left=left, right=right, explicit=explicit)
