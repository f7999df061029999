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

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from fpt_calc.errors import CannotDecideError, ComputationError, FptError, InputError

if TYPE_CHECKING:
    from fpt_calc.api import (
        DeterministicEquivalent,
        ErrorLaw,
        Law,
        ScalingLaw,
        Tr,
        TrainingPipeline,
        check,
        conj,
        data,
        decide,
        derive,
        deterministic_equivalent,
        differentiate,
        dims,
        eigenvalues,
        gaussian,
        generations,
        identity,
        inv,
        load,
        load_theorem,
        manifold,
        matrix,
        min_norm,
        model,
        ols,
        pipeline,
        power_law,
        previous,
        projections,
        random_features,
        ridge,
        scalars,
        source,
        spectrum,
        sqrt,
        tau,
        teacher,
        verify,
        wigner,
        wishart,
    )

__version__ = "0.1.0"

__all__ = [
    "CannotDecideError",
    "ComputationError",
    "DeterministicEquivalent",
    "ErrorLaw",
    "FptError",
    "InputError",
    "Law",
    "ScalingLaw",
    "Tr",
    "TrainingPipeline",
    "check",
    "conj",
    "data",
    "decide",
    "derive",
    "deterministic_equivalent",
    "differentiate",
    "dims",
    "eigenvalues",
    "gaussian",
    "generations",
    "identity",
    "inv",
    "load",
    "load_theorem",
    "manifold",
    "matrix",
    "min_norm",
    "model",
    "ols",
    "pipeline",
    "power_law",
    "previous",
    "projections",
    "random_features",
    "ridge",
    "scalars",
    "source",
    "spectrum",
    "sqrt",
    "tau",
    "teacher",
    "verify",
    "wigner",
    "wishart",
]


def __getattr__(name: str) -> Any:
    """The public names are imported on first use, so that importing one module does not import all."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module("fpt_calc.api"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


class _Package(ModuleType):
    """The package itself: a public name means the function, also after the subpackage of that name was imported."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in __all__ and isinstance(value, ModuleType):
            return  # the import system binds fpt_calc.scalars here; fc.scalars is the function
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
