"""From exact formulas to exponents: expansions in powers of one size, and the regimes in which one term leads."""

from fpt_calc.scaling.regimes.evaluation import OrderParameter, RightHandSide, SymbolicPower, evaluate, start
from fpt_calc.scaling.regimes.spectral_sum import Monomial, Pole, Sequence, Setting, SpectralSum

__all__ = [
    "Monomial",
    "OrderParameter",
    "Pole",
    "RightHandSide",
    "Sequence",
    "Setting",
    "SpectralSum",
    "SymbolicPower",
    "evaluate",
    "start",
]
