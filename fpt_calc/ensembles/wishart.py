"""Wishart matrices, as a rewriting to Gaussian ones: V = G.T @ G / dof with G of dof rows N(0, covariance)."""

from __future__ import annotations

from fpt_calc.ensembles.gaussian import Gaussian
from fpt_calc.expr import Adjoint, Atom, Expr
from fpt_calc.scalars import ONE, Scalar


def wishart(name: str, dim: Scalar, dof: Scalar, covariance: Expr | None = None, field: str = "real") -> Expr:
    """The Wishart matrix of dimension ``dim`` with ``dof`` degrees of freedom, of mean ``covariance`` (default 1).

    It is the expression ``G.H @ G`` with one Gaussian letter G = ``name_factor`` of variance 1/dof.

    >>> from fpt_calc.scalars import dimension
    >>> print(wishart("V", dimension("d"), dimension("n")))
    V_factor.H@V_factor
    """
    factor = Atom(f"{name}_factor", dof, dim, law=Gaussian(ONE / dof, field, covariance=covariance))
    return Adjoint(factor) @ factor
