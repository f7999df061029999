"""Interpolators on one design: what every generation after the first does is add its noise.

``A = X^+ X`` is a projection and ``A X^+ = X^+``.  So generations that fit the labels of the one before without ridge
on the same inputs have ``w_g = A w_0 + X^+ (e_1 + ... + e_g)``, g >= 1: one fit with g times the noise variance.
"""

from __future__ import annotations

from dataclasses import replace

from fpt_calc.pipeline import (
    Dataset,
    Generations,
    LabelSource,
    Model,
    Pipeline,
    Previous,
    Teacher,
    is_ridgeless,
)
from fpt_calc.scalars import Scalar, square_root


def with_projections(pipeline: Pipeline) -> tuple[Pipeline, tuple[Scalar, ...]]:
    """The pipeline with such chains as one fit, and their numbers of generations, which have to be positive."""
    done: dict[LabelSource, LabelSource] = {}
    counts: list[Scalar] = []
    model = _node(pipeline.model, done, counts)
    assert isinstance(model, Model | Generations), "models stay models"
    return replace(pipeline, model=model), tuple(counts)


def with_last_noise(projected: Pipeline, asked: Pipeline) -> Pipeline:
    """For training errors: with the label noise of the last generation, if the tested model is such a chain.

    The residuals are ``1 - X X^+`` times the labels, which annihilates what earlier generations pass on.
    """
    model, chain = projected.model, asked.model
    if not isinstance(model, Model) or not isinstance(chain, Generations):
        return projected
    (data,), (last,) = model.on, chain.step.on
    return replace(projected, model=replace(model, on=(replace(data, noise=last.noise),)))


def _node(node: LabelSource, done: dict[LabelSource, LabelSource], counts: list[Scalar]) -> LabelSource:
    if isinstance(node, Teacher | Previous):
        return node
    if node not in done:
        done[node] = _model(node, done, counts) if isinstance(node, Model) else _chain(node, done, counts)
    return done[node]


def _model(model: Model, done: dict[LabelSource, LabelSource], counts: list[Scalar]) -> Model:
    return replace(model, on=tuple(replace(d, labels=_node(d.labels, done, counts)) for d in model.on))


def _chain(chain: Generations, done: dict[LabelSource, LabelSource], counts: list[Scalar]) -> LabelSource:
    start = _node(chain.start, done, counts)
    assert not isinstance(start, Previous), "a chain does not start with itself"
    if not _projects(chain):
        return replace(chain, start=start, step=_model(chain.step, done, counts))
    (data,) = chain.step.on
    counts.append(chain.count)
    noise = square_root(chain.count) * data.noise
    return Model(chain.name, chain.step.learner, (Dataset(data.name, data.design, start, noise),))


def _projects(chain: Generations) -> bool:
    if not is_ridgeless(chain.step.learner) or len(chain.step.on) != 1 or chain.count.is_zero:
        return False
    (data,) = chain.step.on
    return isinstance(data.labels, Previous) and data.design.name in chain.reused
