"""The tower of expectations: the quadratic form before and after each stage, from the last to the first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fpt_calc.learning.derive import DerivedError, DerivedStage
from fpt_calc.learning.fit import Part, linear_parts
from fpt_calc.learning.generations import after_generations
from fpt_calc.learning.program import Writer
from fpt_calc.learning.residuals import residual_state
from fpt_calc.learning.tower import State, eliminated, test_form
from fpt_calc.pipeline import Generations, RandomFeatures, datasets_of, designs_of, teachers_of


@dataclass(frozen=True)
class Taken:
    """A stage with the quadratic form before and after its randomness was averaged out."""

    item: DerivedStage
    before: State
    after: State


def tower(derived: DerivedError) -> tuple[Taken, ...] | None:
    """The stages on which the error depends, from the last to the first.

    None where the theorem names the forms between the stages, or takes models together: then it states the tower.
    """
    writer = Writer(_taken_names(derived))
    found = tuple(_stages(derived, writer))
    return found if tuple(writer.definitions) == derived.program.definitions else None


def _taken_names(derived: DerivedError) -> set[str]:
    pipeline = derived.pipeline
    designs = {d.covariance.name for d in designs_of(pipeline) if d.covariance is not None}
    return designs | {t.name for t in teachers_of(pipeline)} | {d.name for d in datasets_of(pipeline)}


def _stages(derived: DerivedError, writer: Writer) -> Iterator[Taken]:
    pipeline = derived.pipeline
    tested = pipeline.model.step if isinstance(pipeline.model, Generations) else pipeline.model
    width = tested.learner.projection.width if isinstance(tested.learner, RandomFeatures) else None
    stages = list(reversed(derived.stages))
    if derived.on_training_data:
        last, *stages = stages
        state = residual_state(last.fits, last.map)
        yield Taken(last, State(), state)
    else:
        state = test_form(pipeline.model.name, pipeline.against, pipeline.covariance, width)
    for item in stages:
        members = {m.name for m in item.stage.members}
        if not any(part.name in members for part in state.parts()):
            continue
        model = item.stage.members[-1]
        if isinstance(model, Generations):
            starts = tuple(linear_parts(model.start))
            after = after_generations(state, Part(model.name), model.count, item.fits, item.map, starts, writer)
        else:
            after = eliminated(state, item.fits, item.map, writer)
        yield Taken(item, state, after)
        state = after
