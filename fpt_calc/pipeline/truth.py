"""The same training with true labels: what a pipeline is compared with."""

from __future__ import annotations

from dataclasses import replace

from fpt_calc.pipeline.nodes import Generations, Model, Pipeline


def with_true_labels(pipeline: Pipeline) -> Pipeline | None:
    """The tested model on the same inputs, labelled by the teacher it is tested against; None if nothing changes.

    Of a chain of generations it is one step.
    """
    tested = pipeline.model.step if isinstance(pipeline.model, Generations) else pipeline.model
    data = tuple(replace(d, labels=pipeline.against) for d in tested.on)
    truth = Model(tested.name, tested.learner, data)
    return None if truth == pipeline.model else replace(pipeline, model=truth)
