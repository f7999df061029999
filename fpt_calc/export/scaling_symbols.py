r"""Constants, exponents, polyhedra and conditions of scaling laws in LaTeX (math mode)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import sympy

from fpt_calc.export.latex import bracketed
from fpt_calc.export.names import name_to_latex
from fpt_calc.scaling.polyhedra import Affine, Chamber, Condition, Polyhedron, bounds_of, irredundant, solved_for
from fpt_calc.scaling.polyhedra.text import summands
from fpt_calc.scaling.regimes.constants import symbol, to_sympy
from fpt_calc.scaling.regimes.monomial_text import read_exponent
from fpt_calc.scaling.shown.constants_form import Base, Domain, Product, Total, constant_form
from fpt_calc.scaling.shown.constants_text import halves

SEPARATOR = r",\; "  # between inequalities
_NAMES = {"ell": r"\ell", "oo": r"\infty"}


def symbol_latex(name: str) -> str:
    r"""A name of a quantity, an exponent or a parameter.

    >>> [symbol_latex(n) for n in ("ell", "sigma0", "c_lam", "T0")]
    ['\\ell', '\\sigma_0', 'c_\\lambda', 'T_0']
    """
    return re.sub(r"_\{(\\[a-z]+)\}$", r"_\1", _NAMES.get(name) or name_to_latex(name))


def constant_latex(value: sympy.Expr, domain: Domain | None = None, inline: bool = False) -> str:
    r"""A constant, with fractions or, ``inline``, with slashes.

    >>> beta, r, b = sympy.symbols("beta r b", positive=True)
    >>> print(constant_latex(sympy.pi * b * (1 - 2 * r) / (beta * sympy.sin(2 * sympy.pi * r))))
    \frac{\pi b(1-2r)}{\beta\sin(2\pi r)}
    """
    return total_latex(constant_form(value, domain), inline)


def affine_latex(form: Affine) -> str:
    r"""A form in one line, term by term, as it stands in exponents and inequalities.

    >>> from fpt_calc.scaling.polyhedra import variable
    >>> print(affine_latex(2 * variable("ell") / 3 - 1))
    2\ell/3-1
    """
    parts = [p for c in summands(form.constant) for p in constant_form(to_sympy(c)).terms]
    for name, slope in form.terms:
        variable = (symbol(name), sympy.Integer(1))
        products = (p for c in summands(slope) for p in constant_form(to_sympy(c)).terms)
        parts += [Product(p.coefficient, (*p.factors, variable)) for p in products]
    ordered = sorted(parts, key=lambda p: (p.coefficient < 0, not p.factors))
    return total_latex(Total(tuple(ordered)), True)


def total_latex(value: Total, inline: bool = False) -> str:
    """A sum."""
    text = "".join(f"{'-' if t.coefficient < 0 else '+'}{product_latex(t, inline)}" for t in value.terms)
    return text.removeprefix("+") or "0"


def product_latex(value: Product, inline: bool = False) -> str:
    """A product without its sign, one fraction."""
    above, below = halves(value)
    number = abs(value.coefficient)
    top = _joined(
        ([str(number.numerator)] if number.numerator != 1 or not above else []) + list(_powers(above, inline))
    )
    bottom = _joined(([str(number.denominator)] if number.denominator != 1 else []) + list(_powers(below, inline)))
    if not bottom:
        return top
    if inline:
        single = len(below) + (number.denominator != 1) == 1
        return f"{top}/{bottom if single else bracketed(bottom)}"
    return rf"\frac{{{_alone(above, top)}}}{{{_alone(below, bottom)}}}"


def _alone(factors: list[tuple[Base, sympy.Expr]], text: str) -> str:
    """The half of a fraction; a single sum needs no parentheses."""
    if len(factors) == 1 and isinstance(factors[0][0], Total) and factors[0][1] == 1:
        inside = total_latex(factors[0][0], True)
        return inside if text == bracketed(inside) else text
    return text


def _powers(factors: list[tuple[Base, sympy.Expr]], inline: bool) -> Iterator[str]:
    for base, exponent in factors:
        if exponent == sympy.Rational(1, 2):
            inner = base_latex(base, inline)
            yield rf"\sqrt{{{inner}}}"
            continue
        text = base_latex(base, inline)
        yield text if exponent == 1 else _raised(text, base, total_latex(constant_form(exponent), True))


def _raised(text: str, base: Base, exponent: str) -> str:
    shown = exponent if len(exponent) == 1 else f"{{{exponent}}}"
    if isinstance(base, sympy.Function):
        return rf"{text.partition('(')[0]}^{shown}({text.partition('(')[2]}"
    return f"{text}^{shown}"


def base_latex(base: Base, inline: bool = False) -> str:
    """A factor, sums and products in parentheses."""
    match base:
        case Total():
            return bracketed(total_latex(base, True))
        case Product():
            inner = product_latex(base, inline)
            return rf"\Bigl({inner}\Bigr)" if r"\frac" in inner else bracketed(inner)
        case sympy.Sum():
            ((k, low, high),) = base.limits
            start = rf"{k}\ge{low}" if high == sympy.oo else rf"{k}={low}"
            end = "" if high == sympy.oo else f"^{{{constant_latex(high, inline=True)}}}"
            return rf"\sum_{{{start}}}{end}{constant_latex(base.function, inline=inline)}"
        case _ if base.args:
            name = {"zeta": r"\zeta", "log": r"\log", "sin": r"\sin", "gamma": r"\Gamma"}[base.func.__name__]
            arguments = ",".join(constant_latex(a, inline=True) for a in base.args)
            return f"{name}({arguments})"
    return r"\pi" if base == sympy.pi else symbol_latex(str(base))


def _joined(parts: list[str]) -> str:
    """Factors side by side; a command is kept apart from the letter after it."""
    text = ""
    for part in parts:
        gap = " " if re.search(r"\\[A-Za-z]+$", text) and part[0].isalpha() else ""
        thin = r"\," if part.startswith(r"\sum") and text else ""
        text += gap + thin + part
    return text


def polyhedron_latex(chamber: Chamber, cell: Polyhedron) -> str:
    """The interior of a polyhedron as inequalities with commas."""
    tidy = irredundant(chamber, cell)
    parts = []
    for e in tidy.equalities:
        name = min(e.names, key=lambda n: len(str(solved_for(e, n))))
        parts.append(f"{symbol_latex(name)}={affine_latex(solved_for(e, name))}")
    for name, lower, upper in bounds_of(chamber, tidy):
        shown = symbol_latex(name)
        if upper is None:
            parts.append("" if lower is None else f"{shown}>{affine_latex(lower)}")
        else:
            low = "" if lower is None else f"{affine_latex(lower)}<"
            parts.append(f"{low}{shown}<{affine_latex(upper)}")
    return SEPARATOR.join(parts)


def condition_latex(condition: Condition) -> str:
    r"""A condition on parameters.

    >>> from fpt_calc.scalars import Parameter, generator_scalar
    >>> print(condition_latex(Condition(generator_scalar(Parameter("r")) - 1, -1)))
    r<1
    """
    for sign in ("<", ">"):
        left, found, right = str(condition).partition(f" {sign} ")
        if found:
            return f"{_formula(left)}{sign}{_formula(right)}"
    raise AssertionError("a condition is an inequality")


def _formula(text: str) -> str:
    return constant_latex(to_sympy(read_exponent(text, "condition")), inline=True)
