"""The short public list (floor 14)."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

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
from fpt_calc.api.claims import check
from fpt_calc.api.entry import derive, load
from fpt_calc.api.equivalent import DeterministicEquivalent, deterministic_equivalent
from fpt_calc.api.identity import decide
from fpt_calc.api.pipeline import (
    data,
    generations,
    min_norm,
    model,
    ols,
    previous,
    projections,
    random_features,
    ridge,
    teacher,
)
from fpt_calc.api.result import Law
from fpt_calc.api.trained import TrainingPipeline, pipeline
from fpt_calc.api.training import ErrorLaw
from fpt_calc.export import load_theorem
from fpt_calc.expr import Tr, differentiate, identity, tau
from fpt_calc.verify import verify

if TYPE_CHECKING:
    from fpt_calc.api.scaling import ScalingLaw, manifold, source, spectrum

__all__ = [
    "DeterministicEquivalent",
    "ErrorLaw",
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

_LATER = ("ScalingLaw", "manifold", "source", "spectrum")  # they need sympy, whose import takes longer than most laws


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("fpt_calc.api.scaling"), name)
