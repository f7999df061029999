"""A tale of tails: errors of learners that remember items drawn from Zipf's law."""

from fpt_calc.scaling.zipf.asymptotics import asymptotics
from fpt_calc.scaling.zipf.bigram import bigram_asymptotics, bigram_error
from fpt_calc.scaling.zipf.certified import certified_error
from fpt_calc.scaling.zipf.generations import (
    certified_generation_error,
    generation_asymptotics,
    generation_error,
    linear_statement,
)
from fpt_calc.scaling.zipf.laws import TrainingLaw, ZipfLaw, cut, mixed, narrowed, reweighted, selected
from fpt_calc.scaling.zipf.memory import (
    memory_asymptotics,
    memory_error,
    power_weights,
    threshold,
    threshold_asymptotics,
)
from fpt_calc.scaling.zipf.monomials import Monomial
from fpt_calc.scaling.zipf.regimes import Regime, ZipfAsymptotics
from fpt_calc.scaling.zipf.sampling import Sampling
from fpt_calc.scaling.zipf.simulate import simulate_error, simulate_generations
from fpt_calc.scaling.zipf.simulate_models import simulate_associative_memory, simulate_bigram
from fpt_calc.scaling.zipf.sums import expected_error

__all__ = [
    "Monomial",
    "Regime",
    "Sampling",
    "TrainingLaw",
    "ZipfAsymptotics",
    "ZipfLaw",
    "asymptotics",
    "bigram_asymptotics",
    "bigram_error",
    "certified_error",
    "certified_generation_error",
    "cut",
    "expected_error",
    "generation_asymptotics",
    "generation_error",
    "linear_statement",
    "memory_asymptotics",
    "memory_error",
    "mixed",
    "narrowed",
    "power_weights",
    "reweighted",
    "selected",
    "simulate_associative_memory",
    "simulate_bigram",
    "simulate_error",
    "simulate_generations",
    "threshold",
    "threshold_asymptotics",
]
