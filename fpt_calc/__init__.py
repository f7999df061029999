"""fpt_calc: the large-dimension limits of expressions in random matrices.

>>> import fpt_calc as fc
>>> n, d = fc.dims("n d")
>>> (lam,) = fc.scalars("lam", "positive")
>>> Sigma = fc.matrix("Sigma", d, d, "psd")
>>> X = fc.gaussian("X", n, d, variance=1/n, covariance=Sigma)
>>> law = fc.derive(fc.tau(fc.inv(X.T @ X + lam)))
>>> round(law.at(n=300, d=200, lam="1/10", Sigma=fc.power_law(1.5)), 6)
9.543465
"""

from fpt_calc.api import (
    Law,
    conj,
    derive,
    dims,
    eigenvalues,
    gaussian,
    inv,
    load,
    matrix,
    power_law,
    scalars,
    sqrt,
    wigner,
    wishart,
)
from fpt_calc.errors import CannotDecideError, ComputationError, FptError, InputError
from fpt_calc.expr import Tr, tau

__version__ = "0.1.0"

__all__ = [
    "CannotDecideError",
    "ComputationError",
    "FptError",
    "InputError",
    "Law",
    "Tr",
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
    "tau",
    "wigner",
    "wishart",
]
