"""Scaling laws of measured curves and spectra, with intervals, and what theory says about their exponents."""

from fpt_calc.scaling.fitting.compare import Comparison, compare, read_back
from fpt_calc.scaling.fitting.curve import CurveFit, fit_curve, predicted_loss, size_near_floor
from fpt_calc.scaling.fitting.data import Estimate
from fpt_calc.scaling.fitting.effects import GenerationEffect, Growth, ShareEffect
from fpt_calc.scaling.fitting.spectrum import SpectrumFit, fit_spectrum
from fpt_calc.scaling.fitting.table import CURVE_COLUMNS, SPECTRUM_COLUMNS, read_table

__all__ = [
    "CURVE_COLUMNS",
    "SPECTRUM_COLUMNS",
    "Comparison",
    "CurveFit",
    "Estimate",
    "GenerationEffect",
    "Growth",
    "ShareEffect",
    "SpectrumFit",
    "compare",
    "fit_curve",
    "fit_spectrum",
    "predicted_loss",
    "read_back",
    "read_table",
    "size_near_floor",
]
