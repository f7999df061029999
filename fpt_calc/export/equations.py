"""Equations between unknowns, and matrices, as rows of an ``align``."""

from __future__ import annotations

from fpt_calc.export.latex import latex
from fpt_calc.export.layout import PAGE, aligned, joined_lines, lines, width
from fpt_calc.export.notation import Notation
from fpt_calc.expr import Expr, Sum
from fpt_calc.reduce import matrix_entries
from fpt_calc.scalars import generator_scalar


def system_rows(known: Notation) -> list[str]:
    """The whole system: definitions of matrices and the equation of each unknown."""
    if known.law.equations is None:
        return _matrix_system(known)
    rows = [aligned_matrix(latex(atom), definition) for atom, definition in known.matrices]
    equations = known.law.equations.equations
    return rows + aligned(
        (latex(known.scalar(generator_scalar(e.unknown))), "=", known.equation(e.value)) for e in equations
    )


def inline_matrix(expr: Expr) -> str:
    """A matrix in a line of text."""
    return latex(expr)


def aligned_matrix(left: str, expr: Expr) -> str:
    """A row with the definition of a matrix, broken between the terms of a sum."""
    text = latex(expr)
    if not isinstance(expr, Sum) or width(left + text) + 15 <= PAGE:
        return f"{left}&={text}"
    parts = [latex(t) for t in expr.terms]
    signed = [p if p.startswith("-") or not k else f"+{p}" for k, p in enumerate(parts)]
    return f"{left}&=" + joined_lines(lines(signed, 0, PAGE - width(left) - 15))


def _matrix_system(known: Notation) -> list[str]:
    """The system as it is solved: the entries of M = F - eta(G), and the averages of G = M^-1."""
    rows = [aligned_matrix(f"M_{{{i + 1},{j + 1}}}", block) for i, j, block in matrix_entries(known.law.system)]
    rows.append("G&=M^{-1}")
    for unknown in known.law.system.unknowns:
        average = known.law.system.averages[unknown]
        weight = "" if average.weight is None else rf"{latex(average.weight)}\,"
        rows.append(rf"{latex(unknown)}&=\ntr\bigl({weight}G_{{{average.row + 1},{average.col + 1}}}\bigr)")
    return rows
