"""The complex twin of a problem: the same limit without the O(1/n) offset of real matrices.

Every real random matrix becomes its complex counterpart.  Where the real one is transposed the twin is adjoint, so
that the pairings with a trace stay and those without one vanish.
"""

from __future__ import annotations

from fpt_calc.expr import Adjoint, Atom, Expr, Letter, map_traces
from fpt_calc.oracles.leaves import push_operations
from fpt_calc.scalars import Scalar


def twin_expression(expr: Expr) -> Expr:
    """The complex twin of an expression; deterministic and complex random matrices keep their operations.

    >>> from fpt_calc.ensembles import Gaussian, Wigner
    >>> from fpt_calc.scalars import ONE, dimension
    >>> n = dimension("n")
    >>> Z, W = Atom("Z", n, n, law=Gaussian(ONE / n)), Atom("W", n, n, law=Wigner(ONE / n))
    >>> C = Atom("C", n, n, law=Gaussian(ONE / n, "complex"))
    >>> print(twin_expression((Z @ W @ C).T))
    C.T@W@Z.H
    """
    return push_operations(expr, _twin_letter, twin)


def twin(target: Scalar) -> Scalar:
    """The complex twin of a scalar: that of every trace in it."""
    return map_traces(target, twin_expression)


def _twin_letter(value: Letter) -> Expr:
    atom = value.atom
    if atom.law is None or atom.law.field == "complex":
        return value.expression
    partner = Atom(atom.name, atom.rows, atom.cols, law=atom.law.complexified())
    return Adjoint(partner) if value.operation == "T" else partner
