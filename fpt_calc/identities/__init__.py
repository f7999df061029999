"""Exact identities (floor 4): the library of rules, one file per rule, and the decision whether two sides are equal.

To add a rule: a file with a function of the two sides, whose docstring is the statement, and its `Identity`; its name
in `RULES` here; one row in the table of `tests/test_identities.py`.
"""

from fpt_calc.identities.cyclicity import CYCLICITY
from fpt_calc.identities.decide import Decision, Verdict, decide
from fpt_calc.identities.derivative import DERIVATIVE, DERIVATIVE_OF_TRACE
from fpt_calc.identities.equivalence import EQUIVALENCE_RULES, EquivalenceRule
from fpt_calc.identities.push_through import PUSH_THROUGH
from fpt_calc.identities.resolvent_identity import RESOLVENT_IDENTITY
from fpt_calc.identities.rule import Identity, Rule
from fpt_calc.identities.schur_complement import SCHUR_COMPLEMENT
from fpt_calc.identities.sherman_morrison import SHERMAN_MORRISON
from fpt_calc.identities.transpose_of_trace import TRANSPOSE_OF_TRACE
from fpt_calc.identities.witness import Witness
from fpt_calc.identities.woodbury import WOODBURY

RULES: tuple[Identity, ...] = (
    RESOLVENT_IDENTITY,
    PUSH_THROUGH,
    WOODBURY,
    SHERMAN_MORRISON,
    SCHUR_COMPLEMENT,
    DERIVATIVE,
    DERIVATIVE_OF_TRACE,
    CYCLICITY,
    TRANSPOSE_OF_TRACE,
)

__all__ = [
    "EQUIVALENCE_RULES",
    "RULES",
    "Decision",
    "EquivalenceRule",
    "Identity",
    "Rule",
    "Verdict",
    "Witness",
    "decide",
]
