"""What a law states, as data for a theorem: in a closed form, in the equations of its unknowns, or in matrix form."""

from __future__ import annotations

from collections.abc import Mapping

from fpt_calc.closed_form.display import FullTrace, normalized
from fpt_calc.closed_form.form import ClosedForm
from fpt_calc.expr import Trace, flatten, map_traces
from fpt_calc.formula import Formula, map_formula
from fpt_calc.logic import ParameterEquation, Statement
from fpt_calc.reduce import Equations, matrix_form
from fpt_calc.scalars import Generator, Scalar, generator_scalar
from fpt_calc.system import FixedPointSystem


def flat_targets(targets: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """The targets in the one form that their text determines."""
    return {name: map_traces(target, flatten) for name, target in targets.items()}


def closed_statement(targets: Mapping[str, Scalar], form: ClosedForm) -> Statement:
    """The statement of a closed form."""
    equations = tuple(
        ParameterEquation(
            _entries_by_tau(e.left),
            _entries_by_tau(e.right),
            e.condition,
            None if e.explicit is None else (e.symbol.name, e.explicit),
        )
        for e in form.parameters
    )
    matrices = tuple((atom.name, expr) for atom, expr in form.matrices)
    abbreviations = tuple((g.name, normalized(value)) for g, value in form.abbreviations)
    limits = {name: _entries_by_tau(value) for name, value in form.values.items()}
    return Statement(flat_targets(targets), limits, equations, matrices + abbreviations)


def system_statement(targets: Mapping[str, Scalar], system: FixedPointSystem, symbols: Equations | None) -> Statement:
    """The statement in the unknowns of the system; in matrix form where there are no equations."""
    limits: dict[str, Formula | Scalar] = dict(system.outputs)
    if not system.unknowns:
        return Statement(flat_targets(targets), limits)
    if symbols is None:
        return Statement(flat_targets(targets), limits, matrix_form=tuple(matrix_form(system)), branch=system.branch)
    equations = tuple(ParameterEquation(generator_scalar(e.unknown), e.value) for e in symbols.equations)
    definitions = tuple((atom.name, expr) for atom, expr in symbols.definitions)
    return Statement(flat_targets(targets), limits, equations, definitions, branch=system.branch)


def _entries_by_tau(formula: Formula) -> Formula:
    """The entry of a 1 x 1 matrix written as its trace, so that the text parses back as a scalar."""

    def written(g: Generator) -> Generator:
        return Trace(g.argument) if isinstance(g, FullTrace) and g.is_entry else g

    return map_formula(formula, written, lambda part: part)
