"""Oracles: values of targets by ways that share nothing with the engine but the expression (floor 4).

- `simulate`: Monte Carlo, of the model as declared or of its complex twin (`twin`);
- `moment_series`, `target_series`: exact power series in the variance, by noncrossing pairings, modulo a prime;
- `noncrossing_moment`: exact limits of polynomials, by noncrossing pairings;
- `wick_moment`, `wick_value`: exact means of polynomials at finite size, by all pairings; `expansion` of them in 1/N;
- `spectral_sum`, `exponential_sum`: balls around sums over power-law and exponential spectra, with any number of terms;
  `effective_ridge`: the ball around the kappa of ridge regression on a power-law spectrum.

Of a law they use the sampler and the entrywise second moments, never its operator form.  docs/oracles.md compares them.
"""

from fpt_calc.oracles.contraction import Contraction, contractions
from fpt_calc.oracles.effective_ridge import effective_ridge
from fpt_calc.oracles.exact_point import ExactPoint
from fpt_calc.oracles.expansion import expansion
from fpt_calc.oracles.exponential_sums import ExponentialFactor, exponential_sum
from fpt_calc.oracles.montecarlo import simulate
from fpt_calc.oracles.noncrossing import moment_series, target_series
from fpt_calc.oracles.noncrossing_words import noncrossing_moment
from fpt_calc.oracles.power_spectra import ResolventFactor
from fpt_calc.oracles.spectral_sums import spectral_sum
from fpt_calc.oracles.twin import twin, twin_expression
from fpt_calc.oracles.wick import wick_moment, wick_value
from fpt_calc.point import Estimate

__all__ = [
    "Contraction",
    "Estimate",
    "ExactPoint",
    "ExponentialFactor",
    "ResolventFactor",
    "contractions",
    "effective_ridge",
    "expansion",
    "exponential_sum",
    "moment_series",
    "noncrossing_moment",
    "simulate",
    "spectral_sum",
    "target_series",
    "twin",
    "twin_expression",
    "wick_moment",
    "wick_value",
]
