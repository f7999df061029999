"""Matrix expressions in LaTeX (math mode)."""

from __future__ import annotations

import re
from itertools import pairwise

from fpt_calc.export.latex import bracketed, inline, latex, scalar_formula
from fpt_calc.export.names import name_to_latex
from fpt_calc.expr import (
    Adjoint,
    Atom,
    EntrywiseConjugate,
    Expr,
    Inverse,
    Power,
    Product,
    ScalarMatrix,
    Scaled,
    SquareRoot,
    Sum,
    Transpose,
    flat_product,
)
from fpt_calc.scalars import Scalar

_Strength = int  # 0 sum, 1 product, 2 factor with a superscript, 3 factor


@latex.register
def _(expr: Expr) -> str:
    return _expression(expr)[0]


def _expression(expr: Expr) -> tuple[str, _Strength]:
    match expr:
        case Atom(name=name):
            return _atom(name), 3
        case ScalarMatrix(value=value):
            formula = scalar_formula(value)
            return ("I" if value == 1 else inline(value)), 3 if len(str(formula)) == 1 else 1 - (len(formula.terms) > 1)
        case Sum(terms=terms):
            texts = [_in_sum(t) for t in terms]
            return texts[0] + "".join(t if t.startswith("-") else f"+{t}" for t in texts[1:]), 0
        case Product() | Scaled() if (flat := flat_product((expr,))) != expr:
            return _expression(flat)  # numbers in front: A^2(2B) is not to be read as A^{22}B
        case Product(factors=factors):
            return juxtaposed([_wrapped(f, 1) for f in factors]), 1
        case Scaled(coefficient=c, argument=argument):
            return coefficient_latex(c, _wrapped(argument, 1)), 1
        case Inverse(argument=argument):
            return f"{_wrapped(argument, 3)}^{{-1}}", 2
        case Power(argument=Inverse(argument=inner), exponent=k):
            return f"{_wrapped(inner, 3)}^{{-{k}}}", 2
        case Power(argument=argument, exponent=k):
            return f"{_wrapped(argument, 3)}^{k}" if k < 10 else f"{_wrapped(argument, 3)}^{{{k}}}", 2
        case SquareRoot(argument=argument):
            return f"{_wrapped(argument, 3)}^{{1/2}}", 2
        case Transpose(argument=argument):
            return rf"{_wrapped(argument, 3)}^\top", 2
        case Adjoint(argument=argument):
            return f"{_wrapped(argument, 3)}^*", 2
        case EntrywiseConjugate(argument=argument):
            return rf"\overline{{{_expression(argument)[0]}}}", 3
    raise TypeError(f"no LaTeX for {type(expr).__name__}")


def _in_sum(term: Expr) -> str:
    """A term of a sum; the number 1 stands for the identity."""
    return "1" if isinstance(term, ScalarMatrix) and term.value == 1 else _expression(term)[0]


def coefficient_latex(coefficient: Scalar, matrix: str) -> str:
    r"""A scalar in front of a matrix.

    >>> from fpt_calc.scalars import dimension
    >>> coefficient_latex(1 - dimension("d"), "A"), coefficient_latex(-dimension("d")/dimension("n"), "A")
    ('(1-d)A', '-\\tfrac{d}{n}A')
    """
    if coefficient == 1:
        return matrix
    if coefficient == -1:
        return f"-{matrix}"
    formula = scalar_formula(coefficient)
    if len(formula.terms) > 1:
        first_negative = formula.terms[0].coefficient < 0
        text = inline(-coefficient if first_negative else coefficient)
        return f"{'-' if first_negative else ''}{bracketed(text)}{matrix}"
    text = inline(formula)
    return juxtaposed([bracketed(text) if "/" in text else text, matrix])


def juxtaposed(texts: list[str]) -> str:
    """Factors side by side, with thin spaces around names of several letters."""
    result = texts[0]
    for previous, text in pairwise(texts):
        named = text.startswith(r"\mathrm") or re.search(r"\\mathrm\{\w+\}[^(){}]{0,3}$", previous) is not None
        result += (r"\," if named else " " if result[-1].isalpha() and text[0].isalpha() else "") + text
    return result


def _wrapped(expr: Expr, needed: _Strength) -> str:
    text, strength = _expression(expr)
    return bracketed(text) if strength < needed or text.startswith("-") else text


def _atom(name: str) -> str:
    """Atoms made by the engine are named after a product, as in (Z@sqrt(S))."""
    if not name.startswith("("):
        return name_to_latex(name)
    inner = name[1:-1]
    for pattern, replacement in ((r"sqrt\((\w+)\)", r"\1^{1/2}"), (r"(\w+)\.T", r"\1^{\\top}")):
        inner = re.sub(pattern, replacement, inner)
    parts = [re.sub(r"^\w+", lambda m: name_to_latex(m.group()), p) for p in inner.split("@")]
    return r"(" + r"\,".join(parts) + ")"
