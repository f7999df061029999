"""The error of a pipeline as formulas: its values, the equations of its parameters, and what abbreviates them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fpt_calc.closed_form import Coordinates, ParameterEquation, SolvedPoints, solved_points, unfolded
from fpt_calc.closed_form.abbreviations import with_names, with_saturation
from fpt_calc.closed_form.bases import Style, with_degrees
from fpt_calc.closed_form.coordinates import with_dependent
from fpt_calc.closed_form.display import DegreesOfFreedom, Shorthand
from fpt_calc.closed_form.equation import parameter_equation
from fpt_calc.closed_form.form import abbreviations_in, printing_style
from fpt_calc.closed_form.polynomials import degree, solved_for
from fpt_calc.closed_form.present import cost, present, swap_for
from fpt_calc.expr import Trace
from fpt_calc.formula import Formula, polynomial_formula, single
from fpt_calc.learning.derive import DerivedError, DerivedStage
from fpt_calc.learning.program import Loop, Named, ScalarDefinition
from fpt_calc.scalars import Generator, Scalar, denominator, generator_scalar, numerator

MAX_TERMS = 250  # of a canonical value; a longer one is not worth the search for its shortest form


@dataclass(frozen=True)
class ShownLoop:
    """A loop with its formulas.

    Attributes
    ----------
    loop : the loop.
    definitions : the scalars of a round.
    body : for each matrix its terms after a round, as (coefficient, word).
    sums : what a round adds to each sum.
    """

    loop: Loop
    definitions: tuple[tuple[Named, Formula], ...]
    sums: tuple[tuple[Named, Formula], ...]


@dataclass(frozen=True)
class ErrorForm:
    """The values of an error as formulas.

    Attributes
    ----------
    values : by name; "error" is the sum of "bias" and "variance".
    parameters : the equations of kappa and its like.
    definitions : named scalars and loops, in order.
    abbreviations : generators such as df2 that occur, with what they stand for.
    """

    values: Mapping[str, Formula]
    parameters: tuple[ParameterEquation, ...]
    definitions: tuple[tuple[Named, Formula] | ShownLoop, ...]
    abbreviations: tuple[tuple[Generator, Scalar], ...]

    def text(self, name: str) -> str:
        """A value as Python text."""
        return str(self.values[name])

    def where(self) -> list[str]:
        """Parameters, abbreviations and definitions as Python text."""
        lines = [line for p in self.parameters for line in p.lines()]
        lines += [f"{g.name} = {g.value if isinstance(g, Shorthand) else value}" for g, value in self.abbreviations]
        for item in self.definitions:
            if isinstance(item, ShownLoop):
                lines += _loop_lines(item)
            else:
                lines.append(f"{item[0].name} = {item[1]}")
        return lines


def _loop_lines(shown: ShownLoop) -> list[str]:
    """A loop as a recursion."""
    loop = shown.loop
    starts = ", ".join(f"{a.name} = {c.expression}" for a, c in loop.letters.items())
    lines = [f"start with {starts}", f"then {loop.count} times"]
    lines += [f"  add to {s.name} (0 at first): {f}" for s, f in shown.sums]
    lines += [f"  {s.name} = {f}" for s, f in shown.definitions]
    lines += [f"  {a.name} <- {c.expression}" for a, c in loop.body.items()]
    return lines


def error_form(derived: DerivedError) -> ErrorForm:
    """The shortest formulas found for the values of an error."""
    program = derived.program
    joint = joint_coordinates(derived)
    style = _style(derived, joint)
    values = {name: v for name, v in program.values.items() if name != "error"}
    shown = _presented(values, joint, style)
    for name, parts in (("bias", program.bias), ("variance", program.variance)):
        shown[name] = min(shown[name], _joined(shown, parts), key=cost)
    total = Formula(shown["bias"].terms + shown["variance"].terms)
    definitions: list[tuple[Named, Formula] | ShownLoop] = []
    for item in program.definitions:
        if isinstance(item, ScalarDefinition):
            definitions.append((item.symbol, _short(item.value, joint, style)))
        else:
            inner = tuple((d.symbol, _short(d.value, joint, style)) for d in item.definitions)
            sums = tuple((s, _short(v, joint, style)) for s, v in item.sums.items())
            definitions.append(ShownLoop(item, inner, sums))
    parameters = tuple(_equation(item, k, joint, style) for item in derived.stages for k in range(_count(item)))
    everything = {"error": total, **shown, **_hidden(definitions)}
    found = abbreviations_in(everything, parameters)
    return ErrorForm({"error": total, **shown}, parameters, tuple(definitions), found)


def _style(derived: DerivedError, joint: Coordinates) -> Style:
    """Degrees of freedom carry the name of the stage, where several have parameters."""
    style = printing_style(joint, unnormalized=True)
    if len(joint.parameters) < 2:
        return style
    owners = {
        generator_scalar(p.symbol): item.suffix for item in derived.stages for p in item.map.coordinates.parameters
    }
    return replace(style, labels=tuple(((base, pole), owners[pole]) for (base, pole), _ in style.labels))


def _hidden(definitions: list[tuple[Named, Formula] | ShownLoop]) -> dict[str, Formula]:
    """The formulas of the definitions, loops included, so that what abbreviates them is explained too."""
    found: dict[str, Formula] = {}
    for item in definitions:
        if isinstance(item, ShownLoop):
            for symbol, formula in (*item.definitions, *item.sums):
                found[f"definition.{symbol.name}"] = formula
            combinations = [*item.loop.letters.values(), *item.loop.body.values()]
            coefficients = [c for terms in combinations for c in terms.terms.values()]
            for k, c in enumerate(coefficients):
                found[f"loop.{k}"] = Formula(
                    (*polynomial_formula(numerator(c)).terms, *polynomial_formula(denominator(c)).terms)
                )
        else:
            found[f"definition.{item[0].name}"] = item[1]
    return found


def _count(item: DerivedStage) -> int:
    return len(item.map.coordinates.parameters)


def joint_coordinates(derived: DerivedError) -> Coordinates:
    """The parameters of all stages with their relations."""
    parts = [item.map.coordinates for item in derived.stages]
    parameters = tuple(p for c in parts for p in c.parameters)
    taken = frozenset(name for c in parts for name in c.taken)
    relations = [r for c in parts for r in c.relations]
    return with_dependent(Coordinates(parameters, taken=taken), relations)


def _presented(values: Mapping[str, Scalar], joint: Coordinates, style: Style) -> dict[str, Formula]:
    """The values in free coordinates as short as they were found.

    With several parameters traces keep their words: partial fractions would have poles where two of them meet.
    """
    if len(joint.parameters) > 1:
        return {name: present(value, style) for name, value in values.items()}
    exact = {name: joint.canonical(unfolded(value)) for name, value in values.items()}
    if any(len(v.num) + len(v.den) > MAX_TERMS for v in exact.values() if v.gens):
        return {name: present(value, style, depth=1) for name, value in values.items()}
    swaps = tuple(swap_for(g, v, style) for g, v in joint.dependent.items() if not isinstance(g, Trace))
    taken = set(joint.taken) | {p.symbol.name for p in joint.parameters}
    shown = {name: present(value, style, swaps) for name, value in exact.items()}
    return with_names(with_saturation(shown, exact, style, swaps, taken), taken)


def _short(value: Scalar, joint: Coordinates, style: Style) -> Formula:
    return present(value, style, depth=1)


def _joined(shown: Mapping[str, Formula], parts: Mapping[str, Scalar]) -> Formula:
    """The sum of some sources, term by term."""
    return Formula(tuple(term for name in parts for term in shown[f"source.{name}"].terms))


def _equation(item: DerivedStage, k: int, joint: Coordinates, style: Style) -> ParameterEquation:
    """The equation of a parameter; without ridge its relation says what its df1 is."""
    own = item.map.coordinates
    parameter, relation = own.parameters[k], own.relations[k]
    ridgeless = item.law is None
    solved = SolvedPoints(()) if ridgeless else solved_points(item.map.law.system)
    found = parameter_equation(parameter, relation, joint, style, solved, lambda value: value)
    if not ridgeless:
        return found
    plain = with_degrees(relation, style)
    linear = [g for g in plain.gens if isinstance(g, DegreesOfFreedom) and degree(plain, g) == 1]
    if len(linear) != 1:
        return found
    right = present(solved_for(plain, linear[0]), style)
    return ParameterEquation(parameter.symbol, single(linear[0]), right, f"{parameter.symbol.name} > 0", None)
