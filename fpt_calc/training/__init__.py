"""Simulated training: the pipelines of `fpt_calc.pipeline` carried out on drawn data (floor 4).

Designs are drawn, labelled with noise and fitted, model after model, as one would do it in NumPy.  Nothing of the
engine is used, so that the two can be compared.
"""

from fpt_calc.training.simulate import simulate_pipeline

__all__ = ["simulate_pipeline"]
