"""The closed form of a system: values in parameters, what the parameters solve, and the abbreviations used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fpt_calc.closed_form.abbreviations import MatrixNames, with_names, with_saturation
from fpt_calc.closed_form.bases import Style
from fpt_calc.closed_form.coordinates import Coordinates
from fpt_calc.closed_form.display import DegreesOfFreedom, Shorthand, Shown, normalized, unfolded
from fpt_calc.closed_form.equation import ParameterEquation, parameter_equation
from fpt_calc.closed_form.evidence import AGREEMENT, SolvedPoints, solved_points
from fpt_calc.closed_form.parameters import coordinates
from fpt_calc.closed_form.present import present, swap_for
from fpt_calc.errors import CannotDecideError, ComputationError
from fpt_calc.expr import Atom, Expr, Trace, inner_scalars, map_traces, postorder, replace_nodes
from fpt_calc.formula import Formula, formula_generators, formula_value
from fpt_calc.reduce import names_in
from fpt_calc.scalars import Generator, Scalar, generator_scalar
from fpt_calc.spectral import Commutation
from fpt_calc.system import FixedPointSystem

MAX_UNKNOWNS = 22
MAX_TERMS = 250  # of a canonical value; a longer one is not worth the search for its shortest form
MAX_LENGTH = 1200  # printed characters; a longer value is no closed form to read


@dataclass(frozen=True)
class ClosedForm:
    """Limits as formulas.

    Attributes
    ----------
    values : for each target its formula.
    parameters : the equations of the parameters.
    abbreviations : the generators such as df2 that occur, with what they stand for.
    matrices : named matrices K that are inverted, with their definition.
    coordinates : the exact data behind it.
    """

    values: Mapping[str, Formula]
    parameters: tuple[ParameterEquation, ...]
    abbreviations: tuple[tuple[Generator, Scalar], ...]
    matrices: tuple[tuple[Atom, Expr], ...]
    coordinates: Coordinates

    def __getitem__(self, name: str) -> Formula:
        return self.values[name]

    def __str__(self) -> str:
        return "\n".join([*self.lines(), *self.where()])

    def lines(self) -> list[str]:
        """The values as Python text; a target that is itself a parameter is given by its equation."""
        own = {p.symbol.name for p in self.parameters}
        return [
            f"{name} = {formula}"
            for name, formula in self.values.items()
            if str(formula) not in own or str(formula) != name
        ]

    def where(self) -> list[str]:
        """Parameters, abbreviations and matrices as Python text."""
        lines = [line for p in self.parameters for line in p.lines()]
        lines += [f"{g.name} = {g.value if isinstance(g, Shorthand) else value}" for g, value in self.abbreviations]
        return lines + [f"{atom.name} = {expr}" for atom, expr in self.matrices]

    def text(self, name: str) -> str | None:
        """The formula of one target; None for a target that is itself a parameter of higher degree."""
        text = str(self.values[name])
        own = next((p for p in self.parameters if p.symbol.name == text == name), None)
        return text if own is None else None if own.explicit is None else str(own.explicit)

    def definitions(self, name: str) -> list[str]:
        """The names in the formula of a target as Python assignments in the unknowns of the system, traces as tau."""
        used = used_names(self, [self.values[name]])
        lines = [f"{p.symbol.name} = {p.meaning}" for p in self.coordinates.parameters if p.symbol.name in used]
        own = {f"{p.symbol.name} = {p.symbol.name}" for p in self.coordinates.parameters}
        lines = [line for line in lines if line not in own and not line.startswith(f"{name} = ")]
        lines += [f"{atom.name} = {expr}" for atom, expr in self.matrices if atom.name in used]
        return lines + [f"{g.name} = {normalized(value)}" for g, value in self.abbreviations if g.name in used]

    def degrees_of_freedom(self, orders: int = 9) -> list[DegreesOfFreedom]:
        """The degrees of freedom that can be spoken of, used or not."""
        return [
            DegreesOfFreedom(m, p.base, generator_scalar(p.symbol), label)
            for p, label in zip(self.coordinates.parameters, labels(self.coordinates), strict=True)
            for m in range(1, orders + 1)
            if p.base is not None
        ]

    def unabbreviated(self, value: Scalar) -> Scalar:
        """A scalar with abbreviations and named matrices replaced by what they stand for."""
        named: dict[Expr, Expr] = dict(self.matrices)
        return map_traces(unfolded(value), lambda e: replace_nodes(e, named.get))

    def canonical(self, value: Scalar) -> Scalar:
        """A scalar in parameters, abbreviations and named matrices in free coordinates: the equal are equal data."""
        return self.coordinates.canonical(self.unabbreviated(value))


def closed_form(system: FixedPointSystem, unnormalized: bool = False, commute: Commutation = ()) -> ClosedForm:
    """The closed form of a reduced system.

    Parameters
    ----------
    system : the reduced system.
    unnormalized : print Tr instead of tau.
    commute : groups of names of matrices that commute with each other.

    Raises
    ------
    CannotDecideError
        where there is none of this kind, or it is too long to be read.
    """
    if len(system.unknowns) > MAX_UNKNOWNS:
        raise CannotDecideError("a system of this size has no closed form to read", remedy="use the equations")
    solved = solved_points(system, commute)
    if not solved.points:
        raise CannotDecideError("no admissible point to check a closed form at", remedy="use the equations")
    found = coordinates(system, solved, commute)
    exact = {name: found.canonical(value) for name, value in system.outputs.items()}
    result = presented(system, solved, found, exact, unnormalized)
    confirm(system, result, solved)
    return result


def presented(
    system: FixedPointSystem,
    solved: SolvedPoints,
    found: Coordinates,
    canonical: Mapping[str, Scalar],
    unnormalized: bool,
) -> ClosedForm:
    """The closed form of scalars in free coordinates of a system; raises `CannotDecideError` if it is too long."""
    names = MatrixNames(system)
    exact = {name: names.applied(value) for name, value in canonical.items()}
    dependent = {g: names.applied(v) for g, v in found.dependent.items()}
    if any(len(v.num) + len(v.den) > MAX_TERMS for v in exact.values() if v.gens):
        raise CannotDecideError("the closed form is too long to be read", remedy="use the equations")
    style = printing_style(found, unnormalized)
    taken = set(names_in(system)) | {p.symbol.name for p in found.parameters}
    swaps = tuple(swap_for(g, v, style) for g, v in dependent.items() if not isinstance(g, Trace))
    values = {name: present(value, style, swaps) for name, value in exact.items()}
    values = with_names(with_saturation(values, exact, style, swaps, taken), taken)
    if any(len(str(v)) > MAX_LENGTH for v in values.values()):
        raise CannotDecideError("the closed form is too long to be read", remedy="use the equations")
    equations = tuple(
        parameter_equation(p, r, found, style, solved, names.applied)
        for p, r in zip(found.parameters, found.relations, strict=True)
    )
    return ClosedForm(values, equations, abbreviations_in(values, equations), names.definitions, found)


def printing_style(found: Coordinates, unnormalized: bool) -> Style:
    """The style in which closed forms in some coordinates are printed."""
    pairs = zip(found.parameters, labels(found), strict=True)
    named = {(p.base, generator_scalar(p.symbol)): label for p, label in pairs if p.base is not None}
    return Style(frozenset(base for base, _ in named), tuple(named.items()), unnormalized)


def labels(found: Coordinates) -> list[str]:
    """The label of the degrees of freedom of each parameter: none if there is one, else its matrix, else itself."""
    bases = [p.base for p in found.parameters if p.base is not None]
    if len(bases) < 2 and not found.taken & {f"df{m}" for m in range(1, 10)}:
        return ["" for _ in found.parameters]
    distinct = len(set(bases)) == len(bases) > 1 and all(isinstance(base, Atom) for base in bases)
    return [f"_{p.base if distinct else p.symbol.name}" for p in found.parameters]


def abbreviations_in(
    values: Mapping[str, Formula], equations: tuple[ParameterEquation, ...]
) -> tuple[tuple[Generator, Scalar], ...]:
    """The abbreviations that occur, each after those that it is defined by."""
    formulas = [*values.values(), *(side for e in equations for side in (e.left, e.right))]
    pending = [g for f in formulas for g in formula_generators(f)]
    found: dict[Generator, Scalar] = {}
    while pending:
        g = pending.pop()
        if isinstance(g, Shown) and g.abbreviated and g not in found:
            found[g] = g.definition
            pending += g.definition.gens
    return tuple(sorted(found.items(), key=_reading_order))


def _reading_order(item: tuple[Generator, Scalar]) -> tuple[int, str]:
    """Degrees of freedom, then traces, then what is made of them."""
    g, definition = item
    own = sum(isinstance(h, Shown) and h.abbreviated for h in definition.gens)
    return (0 if isinstance(g, DegreesOfFreedom) else 2 if own or len(definition.gens) > 1 else 1), g.name


def used_names(form: ClosedForm, formulas: Iterable[Formula]) -> frozenset[str]:
    """The names of parameters, abbreviations and matrices on which formulas depend."""
    pending: list[Scalar] = [generator_scalar(g) for f in formulas for g in formula_generators(f)]
    matrices = dict(form.matrices)
    found: set[str] = set()
    while pending:
        value = pending.pop()
        for g in value.gens:
            if g.name in found:
                continue
            found.add(g.name)
            if isinstance(g, Shown):
                pending.append(g.definition)
            elif isinstance(g, Trace):
                for node in postorder(g.argument):
                    if isinstance(node, Atom) and node in matrices and node.name not in found:
                        found.add(node.name)
                        pending += inner_scalars(matrices[node])
                pending += inner_scalars(g.argument)
    return frozenset(found)


def confirm(system: FixedPointSystem, form: ClosedForm, solved: SolvedPoints) -> int:
    """Exactly: the printed formulas are the derived values.  Numerically: these are what the solver finds.

    Returns the number of points at which the solver was asked; raises `ComputationError` where something differs.
    """
    meanings = {p.symbol: p.meaning for p in form.coordinates.parameters}
    models = [solved.model(k, meanings) for k in range(len(solved.points))]
    for name, formula in form.values.items():
        value = formula_value(formula)
        if form.canonical(value) != form.coordinates.canonical(system.outputs[name]):
            raise ComputationError(f"the printed form of {name} is not its value", remedy="this is a defect: report it")
        for model, (_, solution) in zip(models, solved.points, strict=True):
            found, expected = model.scalar(form.unabbreviated(value)), solution.outputs[name]
            if not abs(found - expected) <= AGREEMENT * abs(expected) + 10 * solution.output_errors[name]:
                raise ComputationError(
                    f"the closed form of {name} misses the solver", remedy="this is a defect: report it"
                )
    return len(models)
