"""Limits of several models together in a theorem: their closed form, or what they are limits of."""

from __future__ import annotations

from fpt_calc.export.equations import system_rows
from fpt_calc.export.latex import latex, scalar_formula
from fpt_calc.export.layout import align, aligned
from fpt_calc.export.names import name_to_latex
from fpt_calc.export.notation import notation
from fpt_calc.export.pipeline_names import Names, enclosed, matrix_row
from fpt_calc.export.statement import SIMEQ, definitions, parameters_text, target_rows
from fpt_calc.learning.form import MANY_UNKNOWNS, ShownLaw


def limits(shown: ShownLaw, names: Names) -> str:
    """The forms of later stages, and the named limits."""
    letters = [matrix_row(latex(m.letter), m, names) for m in shown.letters]
    text = "Put\n" + align(letters) + "\n" if letters else ""
    closed = shown.closed
    if closed is None:
        return text + _equations(shown)
    found = definitions(closed.matrices, closed.abbreviations, names.shown)
    rows = aligned((name_to_latex(name), "=", value) for name, value in closed.values.items())
    return f"{text}{parameters_text(closed.parameters, found)}Put\n{align(rows)}"


def _equations(shown: ShownLaw) -> str:
    """What the limits are of, with their equations where these are few."""
    known = notation(shown.law)
    system = shown.law.system
    text = "With the inputs divided by the root of the number of samples"
    if known.resolvents:
        text += " and\n" + align((f"{latex(a)}&={latex(value)}" for a, value in known.resolvents), ",")
    if len(system.unknowns) <= MANY_UNKNOWNS:
        rows = target_rows(known, {name: known.formula(known.scalar(v)) for name, v in system.outputs.items()}, SIMEQ)
        equations = align(system_rows(known))
        branch = "where the unknowns are the solution, continued from zero variance, of"
        return f"{text} let\n{align(rows, ',')}\n{branch}\n{equations}"
    rows = aligned(
        (name_to_latex(name), r"=\lim", enclosed(scalar_formula(known.target(target))))
        for name, target in shown.law.targets.items()
    )
    linear = len(system.unknowns) - len(system.nonlinear)
    sizes = f"{len(system.nonlinear)} nonlinear and {linear} linear unknowns"
    solution = f"from the solution, continued from zero variance, of a Dyson system of {sizes}."
    return f"{text} let\n{align(rows, ',')}\n{solution}"
