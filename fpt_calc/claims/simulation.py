"""Claims about laws that cannot be derived: simulation of the complex twin at the values of [at]."""

from __future__ import annotations

from fpt_calc.claims.file import Claim
from fpt_calc.claims.symbols import random_traces, root_symbols
from fpt_calc.claims.verdict import Decision, Verdict
from fpt_calc.errors import FptError
from fpt_calc.oracles import simulate
from fpt_calc.point import NumericModel
from fpt_calc.problem import Problem

TRIALS = 200
MAX_Z = 3.0


def decide_by_simulation(claim: Claim, problem: Problem, why: str) -> Decision:
    """CONSISTENT if the claimed value is within three standard errors of a simulation; otherwise UNDECIDED."""
    reason = f"the limit could not be derived ({why})"
    point = problem.point
    if point is None or claim.limit is not None or root_symbols(claim.right) or random_traces(claim.right):
        return Decision(Verdict.UNDECIDED, f"{reason}, and there is nothing to simulate it with")
    try:
        claimed = NumericModel(point).scalar(claim.right)
        estimate = simulate({"left": claim.left}, point, trials=TRIALS, seed=0, ensemble="limit")["left"]
    except FptError as error:
        return Decision(Verdict.UNDECIDED, f"{reason}; simulation: {error.what}")
    z = abs(estimate.mean - claimed) / max(estimate.standard_error, 1e-12 * abs(claimed), 1e-300)
    text = (
        f"{reason}; simulation {estimate.mean:.6g} +- {estimate.standard_error:.1g}, claimed {claimed:.6g}, z = {z:.1f}"
    )
    return Decision(Verdict.CONSISTENT if z <= MAX_Z else Verdict.UNDECIDED, f"{text} ({TRIALS} draws)")
