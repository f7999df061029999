"""Spectra with known asymptotics and source coefficients, as data."""

from fpt_calc.scaling.spectra.data import Exponential, FiniteRank, LogPowerLaw, PowerLaw, Spectrum, Truncated, WithTail
from fpt_calc.scaling.spectra.parameters import exact, positive
from fpt_calc.scaling.spectra.source import PowerSource

__all__ = [
    "Exponential",
    "FiniteRank",
    "LogPowerLaw",
    "PowerLaw",
    "PowerSource",
    "Spectrum",
    "Truncated",
    "WithTail",
    "exact",
    "positive",
]
