"""Asymptotics of spectral functionals as the effective ridge kappa tends to zero."""

from fpt_calc.scaling.expansions.bounds import ErrorBound, ErrorPart, enclose, remainder_bound
from fpt_calc.scaling.expansions.cases import Case, CaseExpansion, expand_cases
from fpt_calc.scaling.expansions.crossover import CrossoverExpansion, CrossoverTerm, crossover
from fpt_calc.scaling.expansions.expand import expand
from fpt_calc.scaling.expansions.functional import Functional, bias, df, resolvent_trace
from fpt_calc.scaling.expansions.karamata import SlowTerm, leading_log_power
from fpt_calc.scaling.expansions.regimes import TruncationRegime, truncation_regime
from fpt_calc.scaling.expansions.result import Expansion, Term
from fpt_calc.scaling.expansions.truncated import Regime, TwoScaleExpansion, TwoScaleTerm, expand_truncated
from fpt_calc.scaling.expansions.truncated_balls import enclose_truncated

__all__ = [
    "Case",
    "CaseExpansion",
    "CrossoverExpansion",
    "CrossoverTerm",
    "ErrorBound",
    "ErrorPart",
    "Expansion",
    "Functional",
    "Regime",
    "SlowTerm",
    "Term",
    "TruncationRegime",
    "TwoScaleExpansion",
    "TwoScaleTerm",
    "bias",
    "crossover",
    "df",
    "enclose",
    "enclose_truncated",
    "expand",
    "expand_cases",
    "expand_truncated",
    "leading_log_power",
    "remainder_bound",
    "resolvent_trace",
    "truncation_regime",
]
