"""Affine forms and polyhedra as sympy objects; variables become real symbols."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from fpt_calc.expr import to_sympy as scalar_to_sympy
from fpt_calc.scaling.polyhedra.affine import Affine
from fpt_calc.scaling.polyhedra.polyhedron import Polyhedron


@singledispatch
def to_sympy(value: Affine | Polyhedron) -> Any:
    """A form as a sympy expression; a polyhedron, which is closed, as ``And`` of its constraints.

    >>> from fpt_calc.scaling.polyhedra.affine import variable
    >>> x = variable("x")
    >>> to_sympy(Polyhedron(("x",), (x, 1 - 2 * x)))
    (x >= 0) & (1 - 2*x >= 0)
    """
    raise TypeError(f"no sympy form for {type(value).__name__}")


@to_sympy.register
def _(value: Affine) -> Any:
    import sympy

    terms = [scalar_to_sympy(c) * sympy.Symbol(name, real=True) for name, c in value.terms]
    return sympy.Add(scalar_to_sympy(value.constant), *terms)


@to_sympy.register
def _(value: Polyhedron) -> Any:
    import sympy

    equations = [sympy.Eq(to_sympy(e), 0) for e in value.equalities]
    return sympy.And(*equations, *(sympy.Ge(to_sympy(c), 0) for c in value.constraints))
