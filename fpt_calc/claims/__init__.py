"""Claims about laws, decided exactly (floor 12)."""

from fpt_calc.claims.moments import moments_agree
from fpt_calc.claims.statement import Statement, parameter, renaming
from fpt_calc.claims.written import compare_claim, declared

__all__ = ["Statement", "compare_claim", "declared", "moments_agree", "parameter", "renaming"]
