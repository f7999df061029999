"""Claims about laws, decided exactly (floor 12)."""

from fpt_calc.claims.check import Outcome, check_claims
from fpt_calc.claims.file import is_claim_file
from fpt_calc.claims.moments import moments_agree
from fpt_calc.claims.statement import Statement, parameter, renaming
from fpt_calc.claims.verdict import Verdict, Witness
from fpt_calc.claims.written import compare_claim, declared

__all__ = [
    "Outcome",
    "Statement",
    "Verdict",
    "Witness",
    "check_claims",
    "compare_claim",
    "declared",
    "is_claim_file",
    "moments_agree",
    "parameter",
    "renaming",
]
