"""The theorem: parameters with their equations, abbreviations, and the limits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from fpt_calc.closed_form import ClosedForm, DegreesOfFreedom, ParameterEquation
from fpt_calc.export.equations import aligned_matrix, inline_matrix, system_rows
from fpt_calc.export.escape import escaped
from fpt_calc.export.latex import bracketed, inline, latex, scalar_formula
from fpt_calc.export.layout import PAGE, align, aligned, packed, width
from fpt_calc.export.names import name_to_latex
from fpt_calc.export.notation import Notation
from fpt_calc.expr import Atom, Expr, Inverse, Power, ScalarMatrix
from fpt_calc.formula import Formula
from fpt_calc.logic import Status, Step
from fpt_calc.scalars import Generator, Scalar
from fpt_calc.system import BRANCH

INLINE = 0.55 * PAGE  # what is longer is displayed
MANY = 3  # definitions that fit a sentence
SIMEQ = r"\simeq"
Definition = tuple[str, str, str]  # left, right in a line of text, and both as a row of an ``align``


def statement(known: Notation) -> str:
    """The theorem with its status."""
    body = _with_system(known) if known.closed is None else _with_closed_form(known, known.closed)
    return "\n".join([r"\begin{theorem}", body, r"\end{theorem}", status(known)])


def status(known: Notation) -> str:
    """What the theorem rests on, and its gaps."""
    return status_line(known.law.derivation.status, known.law.derivation.steps)


def status_line(worst: Status, steps: Iterable[Step], also: Iterable[str] = ()) -> str:
    """A status in words, with the gaps among the steps; ``also``: what else the theorem rests on."""
    word = {Status.EXACT: "exact", Status.ASYMPTOTIC: "asymptotic", Status.NUMERICAL: "numerical", Status.GAP: "gap"}
    basis = [word[worst]]
    if worst >= Status.ASYMPTOTIC:
        basis.append("rests on the Dyson equation for Gaussian pencils (cited)")
    basis += also
    gaps = ", ".join(dict.fromkeys(escaped(s.rule) for s in steps if s.status is Status.GAP)) or "none"
    return rf"\noindent\emph{{Status: {'; '.join(basis)}. Gaps: {gaps}.}}"


def target_rows(known: Notation, values: dict[str, Formula], relation: str) -> list[str]:
    """The rows of an ``align``: each target, by name if there are several, and its value."""
    rows = []
    for name, value in values.items():
        text = latex(known.target(known.law.targets[name]))
        if len(known.law.targets) > 1 and str(value) != name:
            text = f"{name_to_latex(name)}={text}"
        rows.append((text, relation, value))
    return aligned(rows)


def equations_in_text(equations: Sequence[ParameterEquation]) -> str:
    """``Let kappa > 0 be the solution of ...``."""
    symbols = ",".join(latex(e.symbol) for e in equations)
    conditions = {e.condition for e in equations}
    if len(equations) == 1 and equations[0].condition != BRANCH:
        root = "largest root" if "largest" in equations[0].condition else "solution"
        return rf"Let ${symbols}>0$ be the {root} of"
    several = f"({symbols})" if len(equations) > 1 else symbols
    if BRANCH not in conditions:
        largest = [latex(e.symbol) for e in equations if "largest" in e.condition]
        roots = f" (the largest roots for ${','.join(largest)}$)" if largest else ""
        return rf"Let ${symbols}>0$ be the solutions{roots} of"
    return rf"Let ${several}$ be the solution, continued from zero variance, of"


def _with_closed_form(known: Notation, closed: ClosedForm) -> str:
    limits = "Then\n" + align(target_rows(known, dict(closed.values), SIMEQ))
    return (
        parameters_text(closed.parameters, definitions(closed.matrices, closed.abbreviations, known.formula)) + limits
    )


def parameters_text(parameters: Sequence[ParameterEquation], found: list[Definition]) -> str:
    """The parameters with their equations, what abbreviates these, and explicit solutions, as whole sentences."""
    if not parameters:
        return f"Put {_listed(found)}. " if found else ""
    let = equations_in_text(parameters)
    explicit = _explicit(parameters)
    first, *others = parameters
    inside = f"{inline(first.left)}={inline(first.right)}"
    if not others and width(inside) < INLINE:
        text = f"{let} ${inside}${_where(found)}"
    else:
        sides = [(latex(e.left), e.right) for e in parameters]
        text = f"{let}\n" + packed(sides, "," if found else ".") + _where(found).removeprefix(",").removeprefix(".")
    return f"{text}\n{explicit}"


def _where(found: list[Definition]) -> str:
    """The definitions after an equation: in the line, or displayed where there are many or long ones."""
    if not found:
        return "."
    if len(found) <= MANY and all(width(left + inline_right) < INLINE for left, inline_right, _ in found):
        return f", where {_listed(found)}."
    return ",\nwhere\n" + align(row for _, _, row in found)


def _listed(found: list[Definition]) -> str:
    *most, last = [f"${left}={right}$" for left, right, _ in found]
    return f"{', '.join(most)} and {last}" if most else last


def _explicit(parameters: Sequence[ParameterEquation]) -> str:
    rows = aligned((latex(e.symbol), "=", scalar_formula(e.explicit)) for e in parameters if e.explicit)
    return "Explicitly,\n" + align(rows) + "\n" if rows else ""


def definitions(
    matrices: Sequence[tuple[Atom, Expr]],
    abbreviations: Sequence[tuple[Generator, Scalar]],
    formula: Callable[[Scalar], Formula],
) -> list[Definition]:
    """Matrices and abbreviations in the order of use; the degrees of freedom of one matrix by a general formula."""
    found = [_definition(latex(a), inline_matrix(e), aligned_matrix(latex(a), e)) for a, e in matrices]
    orders: dict[tuple[Expr, Scalar], list[DegreesOfFreedom]] = {}
    for g, _ in abbreviations:
        if isinstance(g, DegreesOfFreedom):
            orders.setdefault((g.base, g.pole), []).append(g)
    for group in orders.values():
        left, right = _degrees(group)
        found.append(_definition(left, right, f"{left}&={right}"))
    for g, value in abbreviations:
        if not isinstance(g, DegreesOfFreedom):
            shown = formula(value)
            found.append(_definition(latex(g), inline(shown), *aligned([(latex(g), "=", shown)])))
    return found


def _definition(left: str, right: str, row: str) -> Definition:
    return left, right, row


def _degrees(group: list[DegreesOfFreedom]) -> tuple[str, str]:
    """``df_m = Tr S^m (S + kappa)^-m``, or the one order that occurs."""
    g = group[0]
    if len(group) == 1:
        argument = g.base @ Inverse(g.base + ScalarMatrix(g.pole, g.base.rows))
        return latex(g), rf"\tr{bracketed(latex(argument if g.order == 1 else Power(argument, g.order)))}"
    base, pole = latex(g.base), latex(g.pole)
    body = base if isinstance(g.base, Atom) else bracketed(base)
    label = rf"^{{{base}}}" if g.label == f"_{g.base}" else ""
    return rf"\df_m{label}({pole})", rf"\tr\bigl({body}^m({base}+{pole})^{{-m}}\bigr)"


def _with_system(known: Notation) -> str:
    """The theorem without a closed form: targets and equations in the unknowns."""
    values = {n: known.formula(known.scalar(v)) for n, v in known.law.system.outputs.items()}
    return (
        f"In this limit\n{align(target_rows(known, values, SIMEQ), ',')}\n"
        "where the unknowns are the solution, continued from zero variance, of\n" + align(system_rows(known))
    )
