"""The last two steps of a proof: how the parameters come about, and the linear equations of the other unknowns."""

from __future__ import annotations

from collections.abc import Iterator

from fpt_calc.closed_form import OrderParameter
from fpt_calc.errors import CannotDecideError
from fpt_calc.export.latex import bracketed, inline, latex
from fpt_calc.export.layout import PAGE, align, packed, width
from fpt_calc.export.matrices import coefficient_latex
from fpt_calc.export.notation import Notation
from fpt_calc.export.pencils import matrices_in_energy
from fpt_calc.export.statement import SIMEQ, target_rows
from fpt_calc.expr import Atom, Expr, ScalarMatrix, Scaled, Sum
from fpt_calc.formula import Formula
from fpt_calc.reduce import SymbolicBlocks
from fpt_calc.scalars import ZERO, Scalar, denominator, generator_scalar, numerator
from fpt_calc.system import Unknown

MAX_LENGTH = 700  # characters of an equation that is printed
MAX_TERMS = 40  # of the fraction of a solution that is brought into its shortest form
MAX_SOLUTION = 300  # characters of a solution that is printed


def order_step(known: Notation) -> str:
    """The nonlinear equations, the parameters, and the unknowns in them."""
    text = r"\textbf{3. Order parameters.} "
    equations = _nonlinear(known)
    if equations:
        before = {a for a, _ in matrices_in_energy(known)}
        new = [f"${latex(a)}={latex(e)}$" for a, e in known.matrices if a not in before]
        text += f"Inverting the diagonal blocks{', with ' if new else ''}{', '.join(new)},\n" + packed(equations)
    if known.closed is None:
        return text
    poles = [p for p in known.closed.coordinates.parameters if _is_new(known, p)]
    rows = [(_name(known, u), v) for u, v in _solved(known) if _is_short(v)]
    several = len(known.closed.parameters) > 1
    last = "the equations" if several else "the equation"
    if not poles:
        verb = "Eliminating the other unknowns gives" if len(equations) > len(known.renamed) else "This is"
        return f"{text}\n{verb} {last} of the theorem."
    text += "\n" + " ".join(_put(known, p) for p in poles)
    if not rows:
        return f"{text} What remains is {last} of the theorem."
    reason = _reason(known)
    closing = f"which with {reason} is" if reason else "and what remains is"
    in_line = [f"{name}={inline(value)}" for name, value in rows]
    if width("".join(in_line)) < PAGE:
        start = f"{text.removesuffix('.')}," if "; then" in text else f"{text} Then"
        return f"{start} {', '.join(f'${t}$' for t in in_line)}, {closing} {last} of the theorem."
    return f"{text} Then\n{packed(rows, ',')}\n{closing} {last} of the theorem."


def linear_step(known: Notation) -> str:
    """The linear equations with their solution in the parameters, and the claim."""
    linear = [u for c in known.law.system.components if c.linear for u in c.unknowns]
    text = r"\textbf{4. " + ("The linear part" if linear else "Conclusion") + ".} "
    if linear:
        text += _linear(known, linear) + "\n"
    outputs = {n: known.formula(known.scalar(v)) for n, v in known.law.system.outputs.items()}
    rows = target_rows(known, outputs, SIMEQ)
    claim = rf"${rows[0].replace('&', '')}$" if len(rows) == 1 and r"\\" not in rows[0] else align(rows, ",") + "\n"
    reason = _reason(known)
    is_claim = "is the claim" + (f", since {reason}" if reason and linear else "")
    if len(rows) == 1 and r"\\" not in rows[0]:
        return f"{text}By the first step {claim}, and this {is_claim}."
    return f"{text}By the first step\n{claim}which {is_claim}."


def _linear(known: Notation, linear: list[Unknown]) -> str:
    equations = [(u, v) for u, v in _linear_equations(known, linear) if _is_short(v)]
    if len(equations) == len(linear):
        text = "The other blocks of $G$ give\n" + packed((_name(known, u), v) for u, v in equations)
    else:
        text = f"The other {len(linear)} unknowns solve linear equations, which are too long to be printed."
    if known.closed is None:
        return text
    exact = known.closed.coordinates.unknowns
    solved = [(u, known.in_parameters(exact[u])) for u in linear if _terms(exact[u]) <= MAX_TERMS]
    short = [(u, v) for u, v in solved if _is_short(v, MAX_SOLUTION)]
    if _is_trivial(equations, solved):
        return text
    if not short:
        return text + " They were solved exactly over the field of the parameters and traces."
    words = (
        "\nThis is solved by\n"
        if len(short) == len(solved)
        else "\nThis is solved exactly, by formulas of which the short ones are\n"
    )
    return text + words + packed((_name(known, u), v) for u, v in short)


def _terms(value: Scalar) -> int:
    return len(value.num) + len(value.den) if value.gens else 1


def _is_trivial(equations: list[tuple[Unknown, Formula]], solved: list[tuple[Unknown, Formula]]) -> bool:
    """Whether the equations are their own solution."""
    return [(u, str(v)) for u, v in equations] == [(u, str(v)) for u, v in solved]


def _reason(known: Notation) -> str:
    """``lam = kappa g_2`` for a parameter ``kappa = lam/g_2``."""
    found = []
    for p in known.closed.coordinates.parameters if known.closed is not None else ():
        top, bottom = numerator(p.meaning), denominator(p.meaning)
        if _is_new(known, p) and len(top.gens) == 1 and top == generator_scalar(top.gens[0]) and len(bottom.gens) == 1:
            found.append(f"${latex(top)}={latex(p.symbol)} {latex(known.scalar(bottom))}$")
    return " and ".join(found)


def _nonlinear(known: Notation) -> list[tuple[str, Formula]]:
    """The equations of the nonlinear unknowns; none where one is too long."""
    nonlinear = set(known.law.system.nonlinear)
    equations = known.law.equations.equations if known.law.equations is not None else ()
    found = [(_name(known, e.unknown), known.equation(e.value)) for e in equations if e.unknown in nonlinear]
    return found if all(_is_short(value) for _, value in found) else []


def _linear_equations(known: Notation, linear: list[Unknown]) -> Iterator[tuple[Unknown, Formula]]:
    """The linear equations as they come from block inversion, before they are solved."""
    from fpt_calc.reduce.equations import explicit_unknowns

    symbols = known.law.equations
    nonlinear = set(known.law.system.nonlinear)
    own = tuple(e for e in symbols.equations if e.unknown in nonlinear) if symbols is not None else ()
    try:
        blocks = SymbolicBlocks(known.law.system, {})
        exact = tuple(type(e)(e.unknown, blocks.average(e.unknown), False) for e in own)
        blocks = SymbolicBlocks(known.law.system, {e.value: e.unknown for e in explicit_unknowns(exact)})
        for u in linear:
            yield u, known.equation(blocks.average(u))
    except CannotDecideError:
        return


def _is_new(known: Notation, parameter: OrderParameter) -> bool:
    """Whether a parameter is not an unknown under another name."""
    return parameter.meaning not in {generator_scalar(u) for u in known.renamed}


def _put(known: Notation, parameter: OrderParameter) -> str:
    """``Put kappa = lam/g_2; then K = g_2 (Sigma + kappa).``"""
    symbol = latex(parameter.symbol)
    text = rf"Put ${symbol}={inline(known.formula(known.scalar(parameter.meaning)))}$"
    factored = [f for f in (_factored(known, parameter, a, e) for a, e in known.matrices) if f]
    return text + (f"; then {' and '.join(f'${f}$' for f in factored)}." if factored else ".")


def _factored(known: Notation, parameter: OrderParameter, atom: Atom, expr: Expr) -> str | None:
    """``K = c (S + kappa)`` if the matrix is of this form."""
    if parameter.base is None or not isinstance(expr, Sum) or known.closed is None:
        return None
    constant, slope = ZERO, ZERO
    for term in expr.terms:
        match term:
            case ScalarMatrix(value=value):
                constant = constant + value
            case Scaled(coefficient=c, argument=argument) if argument == parameter.base:
                slope = slope + c
            case _ if term == parameter.base:
                slope = slope + 1
            case _:
                return None
    canonical = known.closed.coordinates.canonical
    if slope.is_zero or canonical(constant / slope) != canonical(generator_scalar(parameter.symbol)):
        return None
    inner = bracketed(f"{latex(parameter.base)}+{latex(parameter.symbol)}")
    return f"{latex(atom)}={coefficient_latex(known.scalar(slope), inner)}"


def _solved(known: Notation) -> Iterator[tuple[Unknown, Formula]]:
    """The nonlinear unknowns in the parameters."""
    assert known.closed is not None
    for u in known.law.system.nonlinear:
        value = known.closed.coordinates.unknowns.get(u)
        if value is not None and u not in known.renamed:
            yield u, known.in_parameters(value, swaps=False)


def _is_short(formula: Formula, most: int = MAX_LENGTH) -> bool:
    return len(str(formula)) <= most


def _name(known: Notation, unknown: Unknown) -> str:
    return latex(known.scalar(generator_scalar(unknown)))
