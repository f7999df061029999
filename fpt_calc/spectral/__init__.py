"""Spectral normal forms: functions of one deterministic matrix, and traces of words in several (floor 5)."""

from fpt_calc.spectral.commuting import Commutation
from fpt_calc.spectral.eliminate import without_last_letters
from fpt_calc.spectral.factors import Combination, Factor, Word, word_expression
from fpt_calc.spectral.fractions import Fractions, run_fractions
from fpt_calc.spectral.normal import NamePole, as_it_is, combination, is_symmetric, normal_scalar, normal_trace

__all__ = [
    "Combination",
    "Commutation",
    "Factor",
    "Fractions",
    "NamePole",
    "Word",
    "as_it_is",
    "combination",
    "is_symmetric",
    "normal_scalar",
    "normal_trace",
    "run_fractions",
    "without_last_letters",
    "word_expression",
]
