"""The short public list (floor 13)."""

from fpt_calc.api.build import (
    conj,
    dims,
    eigenvalues,
    gaussian,
    inv,
    matrix,
    power_law,
    scalars,
    sqrt,
    wigner,
    wishart,
)
from fpt_calc.api.entry import derive, load
from fpt_calc.api.result import Law

__all__ = [
    "Law",
    "conj",
    "derive",
    "dims",
    "eigenvalues",
    "gaussian",
    "inv",
    "load",
    "matrix",
    "power_law",
    "scalars",
    "sqrt",
    "wigner",
    "wishart",
]
