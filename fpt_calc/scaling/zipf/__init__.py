"""A tale of tails: errors of learners that remember items drawn from Zipf's law."""

from fpt_calc.scaling.zipf.asymptotics import asymptotics
from fpt_calc.scaling.zipf.certified import certified_error
from fpt_calc.scaling.zipf.generations import (
    certified_generation_error,
    generation_asymptotics,
    generation_error,
    linear_statement,
)
from fpt_calc.scaling.zipf.laws import TrainingLaw, ZipfLaw, cut, mixed, narrowed, reweighted, selected
from fpt_calc.scaling.zipf.monomials import Monomial
from fpt_calc.scaling.zipf.regimes import Regime, ZipfAsymptotics
from fpt_calc.scaling.zipf.sampling import Sampling
from fpt_calc.scaling.zipf.sums import expected_error

__all__ = [
    "Monomial",
    "Regime",
    "Sampling",
    "TrainingLaw",
    "ZipfAsymptotics",
    "ZipfLaw",
    "asymptotics",
    "certified_error",
    "certified_generation_error",
    "cut",
    "expected_error",
    "generation_asymptotics",
    "generation_error",
    "linear_statement",
    "mixed",
    "narrowed",
    "reweighted",
    "selected",
]
