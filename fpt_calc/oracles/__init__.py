"""Oracles: values of targets by ways that share nothing with the engine but the expression (floor 4).

- `simulate`: Monte Carlo, of the model as declared or of its complex twin (`twin`);
- `moment_series`, `target_series`: exact power series in the variance, by noncrossing pairings.

Of a law they use the sampler and the entrywise second moments, never its operator form.
"""

from fpt_calc.oracles.contraction import Contraction, contractions
from fpt_calc.oracles.montecarlo import Estimate, simulate
from fpt_calc.oracles.noncrossing import moment_series, target_series
from fpt_calc.oracles.twin import twin, twin_expression

__all__ = [
    "Contraction",
    "Estimate",
    "contractions",
    "moment_series",
    "simulate",
    "target_series",
    "twin",
    "twin_expression",
]
