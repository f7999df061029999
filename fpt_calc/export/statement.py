"""The theorem: parameters with their equations, abbreviations, and the limits."""

from __future__ import annotations

from collections.abc import Sequence

from fpt_calc.closed_form import ClosedForm, DegreesOfFreedom, ParameterEquation
from fpt_calc.export.equations import aligned_matrix, inline_matrix, system_rows
from fpt_calc.export.escape import escaped
from fpt_calc.export.latex import bracketed, inline, latex, scalar_formula
from fpt_calc.export.layout import PAGE, align, aligned, packed, width
from fpt_calc.export.names import name_to_latex
from fpt_calc.export.notation import Notation
from fpt_calc.expr import Atom, Expr, Inverse, Power, ScalarMatrix
from fpt_calc.formula import Formula
from fpt_calc.logic import Status
from fpt_calc.scalars import Scalar
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
    derivation = known.law.derivation
    word = {Status.EXACT: "exact", Status.ASYMPTOTIC: "asymptotic", Status.NUMERICAL: "numerical", Status.GAP: "gap"}
    basis = [word[derivation.status]]
    if derivation.status >= Status.ASYMPTOTIC:
        basis.append("rests on the Dyson equation for Gaussian pencils (cited)")
    gaps = ", ".join(escaped(s.rule) for s in derivation.steps if s.status is Status.GAP) or "none"
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
    found = _definitions(known, closed)
    if not closed.parameters:
        return (f"Put {_listed(found)}. " if found else "") + limits
    let = equations_in_text(closed.parameters)
    explicit = _explicit(closed)
    first, *others = closed.parameters
    inside = f"{inline(first.left)}={inline(first.right)}"
    if not others and width(inside) < INLINE:
        text = f"{let} ${inside}${_where(found)}"
    else:
        sides = [(latex(e.left), e.right) for e in closed.parameters]
        text = f"{let}\n" + packed(sides, "," if found else ".") + _where(found).removeprefix(",").removeprefix(".")
    return f"{text}\n{explicit}{limits}"


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


def _explicit(closed: ClosedForm) -> str:
    rows = aligned((latex(e.symbol), "=", scalar_formula(e.explicit)) for e in closed.parameters if e.explicit)
    return "Explicitly,\n" + align(rows) + "\n" if rows else ""


def _definitions(known: Notation, closed: ClosedForm) -> list[Definition]:
    """Matrices and abbreviations in the order of use; the degrees of freedom of one matrix by a general formula."""
    found = [_definition(latex(a), inline_matrix(e), aligned_matrix(latex(a), e)) for a, e in closed.matrices]
    orders: dict[tuple[Expr, Scalar], list[DegreesOfFreedom]] = {}
    for g, _ in closed.abbreviations:
        if isinstance(g, DegreesOfFreedom):
            orders.setdefault((g.base, g.pole), []).append(g)
    for group in orders.values():
        left, right = _degrees(group)
        found.append(_definition(left, right, f"{left}&={right}"))
    for g, value in closed.abbreviations:
        if not isinstance(g, DegreesOfFreedom):
            formula = known.formula(value)
            found.append(_definition(latex(g), inline(formula), *aligned([(latex(g), "=", formula)])))
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
    label = rf"^{{{base}}}" if g.label else ""
    return rf"\df_m{label}({pole})", rf"\tr\bigl({body}^m({base}+{pole})^{{-m}}\bigr)"


def _with_system(known: Notation) -> str:
    """The theorem without a closed form: targets and equations in the unknowns."""
    values = {n: known.formula(known.scalar(v)) for n, v in known.law.system.outputs.items()}
    return (
        f"In this limit\n{align(target_rows(known, values, SIMEQ), ',')}\n"
        "where the unknowns are the solution, continued from zero variance, of\n" + align(system_rows(known))
    )
