"""Closed forms: limits in the parameters of the field, canonical and printed as short as they were found (floor 9)."""

from fpt_calc.closed_form.check import closed_form_evidence, holds_on_variety, matrix_form_is_correct
from fpt_calc.closed_form.compare import Comparison, Verdict, Witness, compare, vanishes
from fpt_calc.closed_form.coordinates import Coordinates, OrderParameter
from fpt_calc.closed_form.display import DegreesOfFreedom, FullTrace, Shorthand, Shown, unfolded
from fpt_calc.closed_form.equation import ParameterEquation
from fpt_calc.closed_form.evidence import AGREEMENT, SolvedPoints, check_random, solved_points
from fpt_calc.closed_form.form import ClosedForm, closed_form
from fpt_calc.closed_form.sample import sample_point
from fpt_calc.closed_form.statements import closed_statement, flat_targets, system_statement

__all__ = [
    "AGREEMENT",
    "ClosedForm",
    "Comparison",
    "Coordinates",
    "DegreesOfFreedom",
    "FullTrace",
    "OrderParameter",
    "ParameterEquation",
    "Shorthand",
    "Shown",
    "SolvedPoints",
    "Verdict",
    "Witness",
    "check_random",
    "closed_form",
    "closed_form_evidence",
    "closed_statement",
    "compare",
    "flat_targets",
    "holds_on_variety",
    "matrix_form_is_correct",
    "sample_point",
    "solved_points",
    "system_statement",
    "unfolded",
    "vanishes",
]
