"""The second way to an error: all models of a pipeline in one expression, without a tower of expectations."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from fpt_calc.closed_form import sample_point
from fpt_calc.closed_form.evidence import check_random
from fpt_calc.derivation import LimitLaw
from fpt_calc.errors import FptError
from fpt_calc.expr import Expr
from fpt_calc.learning.cases import at_point
from fpt_calc.learning.derive import derive_error
from fpt_calc.learning.derived import DerivedError
from fpt_calc.learning.evaluate import evaluate
from fpt_calc.learning.fit import Trainer
from fpt_calc.learning.history import taken_together
from fpt_calc.learning.program import LawDefinition, Writer
from fpt_calc.learning.roots import solution_of
from fpt_calc.learning.tower import test_form
from fpt_calc.pipeline import (
    Generations,
    Model,
    Pipeline,
    RandomFeatures,
    Ridge,
    contents,
    generations_of,
    is_ridgeless,
    models_of,
    teachers_of,
    unrolled,
)
from fpt_calc.scalars import ZERO, Parameter, Scalar, generator_scalar

ROUNDS = 2  # generations of a chain, in the check
AGREEMENT = 1e-7  # relative; a wrong formula misses it at a random point
ATTEMPTS = 8
RIDGE_OF = "the small ridge of "  # no name that a user could declare
TINY = Fraction(1, 10**9)
SMALL = 1e-4  # relative: what a tiny ridge changes away from the threshold


def agrees_with_one_pencil(pipeline: Pipeline) -> bool | None:
    """Whether the tower gives what one pencil gives at a random point, for two generations of each chain.

    Learners without ridge get one, the same in both ways.  None where the pencil is too large or no point was found.
    """
    short = unrolled(_with_ridges(pipeline), {c.name: ROUNDS for c in generations_of(pipeline)})
    assert isinstance(short.model, Model), "chains were written out"
    program = derive_error(short).program
    law = one_pencil(short)
    for seed in range(ATTEMPTS):
        point = sample_point(law.system, (), seed)
        try:
            check_random(law.system, point)
            found, expected = evaluate(program, point)["error"], sum(solution_of(law.system, point).outputs.values())
        except FptError:
            continue
        return bool(abs(found - expected) <= AGREEMENT * abs(expected))
    return None


def agrees_with_small_ridges(derived: DerivedError) -> bool | None:
    """Whether the error without ridge is that with a ridge of nearly nothing, at a random point on its side.

    None where no point was found.
    """
    program = derive_error(_with_ridges(derived.pipeline), on_training_data=derived.on_training_data).program
    matrices, generators = contents(_with_ridges(derived.pipeline))
    for seed in range(20 * ATTEMPTS):
        point = sample_point(_Declared(tuple(map(generator_scalar, generators)), tuple(matrices.values())), (), seed)
        small = {name: TINY if name.startswith(RIDGE_OF) else value for name, value in point.scalars.items()}
        point = replace(point, scalars=small)
        is_less = at_point(point)
        try:
            if not all(is_less(a, b) for a, b in derived.conditions):
                continue
            found, expected = evaluate(derived.program, point)["error"], evaluate(program, point)["error"]
        except FptError:
            continue
        return bool(abs(found - expected) <= SMALL * abs(expected))
    return None


@dataclass(frozen=True)
class _Declared:
    """What a point has to give numbers to."""

    scalars: tuple[Scalar, ...]
    matrices: tuple[Expr, ...]


def one_pencil(pipeline: Pipeline) -> LimitLaw:
    """The law of the error of a pipeline whose chains are written out, all learners with a ridge."""
    trainer = Trainer(ZERO, name_numbers=False)
    for model in models_of(pipeline):
        trainer.train(model)
    learner = models_of(pipeline)[-1].learner
    width = learner.projection.width if isinstance(learner, RandomFeatures) else None
    writer = Writer(set())
    state = test_form(pipeline.model.name, pipeline.against, pipeline.covariance, width)
    taken_together(state, trainer.fits(), {t.name: t for t in teachers_of(pipeline)}, writer)
    (definition,) = writer.definitions
    assert isinstance(definition, LawDefinition), "one law"
    return definition.law


def _with_ridges(pipeline: Pipeline) -> Pipeline:
    done: dict[Model, Model] = {}
    chains: dict[Generations, Generations] = {}

    def model(node: Model) -> Model:
        if node not in done:
            learner = node.learner
            if is_ridgeless(learner):
                learner = Ridge(generator_scalar(Parameter(RIDGE_OF + node.name, "positive")))
            on = tuple(replace(d, labels=source(d.labels)) for d in node.on)
            done[node] = replace(node, learner=learner, on=on)
        return done[node]

    def source(node: Any) -> Any:
        if isinstance(node, Model):
            return model(node)
        if isinstance(node, Generations):
            if node not in chains:
                chains[node] = replace(node, step=model(node.step), start=source(node.start))
            return chains[node]
        return node

    return replace(pipeline, model=source(pipeline.model))
