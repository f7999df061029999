"""The error of a pipeline as a theorem: statement, conditions, and the steps with their checks."""

from __future__ import annotations

from fpt_calc.closed_form import unfolded
from fpt_calc.closed_form.display import Shorthand
from fpt_calc.derivation import DYSON
from fpt_calc.errors import CannotDecideError, ComputationError
from fpt_calc.formula import formula_value
from fpt_calc.learning.derived import DerivedError
from fpt_calc.learning.form import ErrorForm, joint_coordinates
from fpt_calc.learning.one_pencil import ROUNDS, agrees_with_one_pencil, agrees_with_small_ridges
from fpt_calc.learning.program import Named
from fpt_calc.logic import (
    Condition,
    Derivation,
    Evidence,
    ParameterEquation,
    Statement,
    Status,
    Step,
    Theorem,
    checked_step,
    gap,
    theorem,
)
from fpt_calc.pipeline import Pipeline, is_ridgeless, models_of
from fpt_calc.scalars import generator_scalar, scalar


def error_theorem(derived: DerivedError, form: ErrorForm) -> Theorem:
    """The theorem of an error; its steps are checked here, the tower against one pencil of all models.

    Raises `ComputationError` where a check fails, which is a defect of the program.
    """
    statement = _statement(derived, form)
    stages = ", ".join(item.stage.name for item in derived.stages) or "all models together"
    middle = f"a quadratic form in the teachers and a constant, stage by stage ({stages})"
    steps = (
        checked_step(
            "stages",
            statement.claim,
            f"linear maps of {stages}",
            "second-order deterministic equivalents of each fit with a generic matrix, from its Dyson equation",
            Status.ASYMPTOTIC,
            Evidence(f"the steps of {len(derived.laws)} derivations, each with its check", _passed(derived)),
            (DYSON,),
        ),
        *_ridgeless_steps(derived, f"linear maps of {stages}"),
        _tower_step(derived, f"linear maps of {stages}", middle),
        checked_step(
            "values",
            middle,
            statement.conclusion,
            "collected in the parameters",
            Status.EXACT,
            Evidence("printed values equal the derived ones in free coordinates", _same_values(derived, form)),
        ),
    )
    return theorem(statement, _conditions(derived), Derivation(steps))


def _statement(derived: DerivedError, form: ErrorForm) -> Statement:
    p = derived.stated
    test = "I" if p.covariance is None else p.covariance.name
    risk = f"E |w - {p.against.name}|^2_{test} of {p.model.name}"
    residual = f"mean squared residual of {p.model.name}"
    what = residual if derived.on_training_data else risk
    names = {"bias": f"{what}, without label noise", "variance": f"{what}, what label noise adds"}
    equations = tuple(
        ParameterEquation(e.left, e.right, e.condition, None if e.explicit is None else (e.symbol.name, e.explicit))
        for e in form.parameters
    )
    short = ((g.name, formula_value(g.value) if isinstance(g, Shorthand) else v) for g, v in form.abbreviations)
    return Statement(
        {name: generator_scalar(Named(text)) for name, text in names.items()},
        {name: form.values[name] for name in names},
        equations,
        tuple(short),
        tuple(line for item in form.definitions for line in item.lines()),
    )


def _passed(derived: DerivedError) -> bool:
    return all(step.evidence.passed for law in derived.laws for step in law.derivation.steps)


def _tower_step(derived: DerivedError, before: str, after: str) -> Step:
    why = "a stage is independent of all that came before it, and its form concentrates"
    found = None if derived.on_training_data else _against_one_pencil(derived.stated)
    if found is None:
        return gap("tower of expectations", before, after, why + "; not compared with one pencil of all models")
    text = f"one pencil of all models gives the same value at a random point, {ROUNDS} generations of each chain"
    return checked_step("tower of expectations", before, after, why, Status.ASYMPTOTIC, Evidence(text, found))


def _ridgeless_steps(derived: DerivedError, place: str) -> list[Step]:
    """The limit of fits without ridge, if there are any."""
    if not any(is_ridgeless(m.learner) for m in models_of(derived.pipeline)):
        return []
    why = "the equivalents are rational in kappa and its resolvents, which are continuous as lam -> 0+"
    found = agrees_with_small_ridges(derived)
    if found is None:
        return [gap("lam -> 0+", place, place, why)]
    evidence = Evidence("a ridge of 1e-9 gives the same value at a random point", found)
    return [checked_step("lam -> 0+", place, place, why, Status.EXACT, evidence)]


def _against_one_pencil(pipeline: Pipeline) -> bool | None:
    try:
        return agrees_with_one_pencil(pipeline)
    except (CannotDecideError, ComputationError):
        return None


def _same_values(derived: DerivedError, form: ErrorForm) -> bool:
    joint = joint_coordinates(derived)
    values = derived.program.values
    return all(
        joint.canonical(unfolded(formula_value(form.values[name]) - values[name])) == scalar(0)
        for name in ("bias", "variance")
    )


def _conditions(derived: DerivedError) -> list[Condition]:
    found = [
        Condition("limit", "", "all dimensions and numbers of samples grow at fixed ratios"),
        Condition("matrix", "", "covariances and teachers are bounded in norm; designs are Gaussian"),
        Condition(
            "independent", "", "designs, projections and label noises are independent unless they are named alike"
        ),
    ]
    found += [Condition("validity", str(a), f"{a} < {b}") for a, b in derived.conditions]
    return found + [Condition("validity", str(c), f"{c} >= 1") for c in derived.program.positive]
