"""Scalars and expressions in LaTeX; the data know nothing of it (floor 13)."""

from __future__ import annotations

import re
from functools import singledispatch
from typing import Any

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
    Trace,
    Transpose,
)
from fpt_calc.scalars import Conjugate, Generator, ImaginaryUnit, Root, Scalar, ordered_terms, signed_parts

_GREEK = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "zeta",
    "eta",
    "theta",
    "iota",
    "kappa",
    "mu",
    "nu",
    "xi",
    "pi",
    "rho",
    "sigma",
    "tau",
    "phi",
    "chi",
    "psi",
    "omega",
    "Gamma",
    "Delta",
    "Theta",
    "Lambda",
    "Xi",
    "Pi",
    "Sigma",
    "Phi",
    "Psi",
    "Omega",
]
_SPELLED = {"lam": r"\lambda", "lambd": r"\lambda", **{name: rf"\{name}" for name in _GREEK}}


def name_to_latex(name: str) -> str:
    r"""A user's name in LaTeX: Greek letters spelled out, trailing digits and what follows ``_`` as subscripts.

    >>> name_to_latex("Sigma1"), name_to_latex("lam"), name_to_latex("w_star"), name_to_latex("Test")
    ('\\Sigma_{1}', '\\lambda', 'w_{\\mathrm{star}}', '\\mathrm{Test}')
    """
    head, _, tail = name.partition("_")
    found = re.fullmatch(r"(.*?)(\d+)", head)
    if found and found.group(1):
        head, tail = found.group(1), ",".join(x for x in (found.group(2), tail) if x)
    base = _SPELLED.get(head, head if len(head) == 1 else rf"\mathrm{{{head}}}")
    if not tail:
        return base
    inner = ",".join(
        _SPELLED.get(part, part if len(part) == 1 or part.isdigit() else rf"\mathrm{{{part}}}")
        for part in re.split(r"[_,]", tail)
        if part
    )
    return f"{base}_{{{inner}}}"


@singledispatch
def latex(value: object) -> str:
    """LaTeX (math mode) for a scalar, a generator or an expression."""
    name = getattr(value, "name", None)
    if isinstance(name, str):
        return name_to_latex(name)
    raise TypeError(f"no LaTeX for {type(value).__name__}")


@latex.register
def _(value: Scalar) -> str:
    top, bottom = signed_parts(value)
    numerator = _polynomial(value, top)
    if value.den == 1:
        return numerator
    return rf"\frac{{{numerator}}}{{{_polynomial(value, bottom)}}}"


@latex.register
def _(value: Trace) -> str:
    return rf"\tau\bigl({latex(value.argument)}\bigr)"


@latex.register
def _(value: ImaginaryUnit) -> str:
    return r"\mathrm{i}"


@latex.register
def _(value: Conjugate) -> str:
    return rf"\bar{{{latex(value.of)}}}"


@latex.register
def _(value: Root) -> str:
    return rf"\sqrt{{{latex(value.radicand)}}}"


def _polynomial(value: Scalar, polynomial: Any) -> str:
    if not value.gens:
        return str(int(polynomial))
    pieces: list[str] = []
    for exponents, coefficient in ordered_terms(polynomial):
        number = int(coefficient)
        factors = [_power(g, int(e)) for g, e in sorted(zip(value.gens, exponents, strict=True), key=_order) if e]
        text = r"\,".join(factors) if factors else ""
        if abs(number) != 1 or not factors:
            text = f"{abs(number)}{text}"
        sign = "-" if number < 0 else "+" if pieces else ""
        pieces.append(f"{sign}{text}")
    return "".join(pieces)


def _order(item: tuple[Generator, Any]) -> tuple[bool, str]:
    """Traces last in a product."""
    return isinstance(item[0], Trace), item[0].name


def _power(generator: Generator, exponent: int) -> str:
    base = latex(generator)
    if exponent == 1:
        return base
    return rf"{{{base}}}^{{{exponent}}}" if isinstance(generator, Trace) else f"{base}^{{{exponent}}}"


@latex.register
def _(expr: Expr) -> str:
    return _expression(expr)[0]


def _expression(expr: Expr) -> tuple[str, int]:
    """LaTeX and binding strength: 0 sum, 1 product, 2 factor."""
    match expr:
        case Atom(name=name):
            return _atom(name), 2
        case ScalarMatrix(value=value):
            return ("I" if value == 1 else latex(value)), 0 if "+" in latex(value) else 1
        case Sum(terms=terms):
            texts = [_expression(t)[0] for t in terms]
            return texts[0] + "".join(t if t.startswith("-") else f"+{t}" for t in texts[1:]), 0
        case Product(factors=factors):
            return r"\,".join(_wrapped(f, 1) for f in factors), 1
        case Scaled(coefficient=c, argument=argument):
            if c == -1:
                return f"-{_wrapped(argument, 1)}", 1
            number = latex(c)
            bare = c.den != 1 or not c.gens or len(c.num.to_dict()) == 1
            return rf"{number if bare else f'({number})'}\,{_wrapped(argument, 1)}", 1
        case Inverse(argument=argument):
            return f"{_wrapped(argument, 2)}^{{-1}}", 2
        case Power(argument=Inverse(argument=inner), exponent=k):
            return f"{_wrapped(inner, 2)}^{{-{k}}}", 2
        case Power(argument=argument, exponent=k):
            return f"{_wrapped(argument, 2, sup=True)}^{{{k}}}", 2
        case SquareRoot(argument=argument):
            return f"{_wrapped(argument, 2)}^{{1/2}}", 2
        case Transpose(argument=argument):
            return rf"{_wrapped(argument, 2, sup=True)}^{{\top}}", 2
        case Adjoint(argument=argument):
            return f"{_wrapped(argument, 2, sup=True)}^{{*}}", 2
        case EntrywiseConjugate(argument=argument):
            return rf"\overline{{{_expression(argument)[0]}}}", 2
    raise TypeError(f"no LaTeX for {type(expr).__name__}")


def _wrapped(expr: Expr, needed: int, sup: bool = False) -> str:
    text, strength = _expression(expr)
    has_superscript = isinstance(expr, Inverse | Power | SquareRoot | Transpose | Adjoint)
    if strength < needed or (sup and has_superscript) or (needed == 2 and has_superscript) or text.startswith("-"):
        return rf"\bigl({text}\bigr)"
    return text


def _atom(name: str) -> str:
    """Atoms made by the engine are named after a product, as in (Z@sqrt(S))."""
    if not name.startswith("("):
        return name_to_latex(name)
    inner = name[1:-1]
    for pattern, replacement in ((r"sqrt\((\w+)\)", r"\1^{1/2}"), (r"(\w+)\.T", r"\1^{\\top}")):
        inner = re.sub(pattern, replacement, inner)
    parts = [re.sub(r"^\w+", lambda m: name_to_latex(m.group()), p) for p in inner.split("@")]
    return r"(" + r"\,".join(parts) + ")"
