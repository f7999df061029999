"""Generations written out: a chain of so many models, each with data of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from fpt_calc.errors import InputError
from fpt_calc.pipeline.learners import Learner, ProjectedRidge, Projection, RandomFeatures
from fpt_calc.pipeline.nodes import Dataset, Generations, LabelSource, Model, Pipeline, Previous, Teacher
from fpt_calc.scalars import Scalar

MOST = 1000  # generations that are written out


def unrolled(pipeline: Pipeline, counts: Mapping[str, int] | None = None) -> Pipeline:
    """The pipeline with every chain of generations written out as models ``step_1``, ``step_2``, ...

    Parameters
    ----------
    counts : the number of generations of each chain, by its name, where it is not a number already.

    Data sets and fresh designs of generation k get the suffix ``_k``; reused designs and projections shared with other
    models keep their name.

    Raises `InputError` where a number is missing, negative or too large.
    """
    done: dict[LabelSource, LabelSource] = {}
    return replace(pipeline, model=_written_out(pipeline.model, counts or {}, done))


def _written_out(node: Model | Generations, counts: Mapping[str, int], done: dict[LabelSource, LabelSource]) -> Model:
    if node not in done:
        done[node] = _model(node, counts, done) if isinstance(node, Model) else _chain(node, counts, done)
    result = done[node]
    if not isinstance(result, Model):
        raise InputError("a chain of no generations is not a model", where=node.name, remedy="ask about its start")
    return result


def _source(node: LabelSource, counts: Mapping[str, int], done: dict[LabelSource, LabelSource]) -> LabelSource:
    if isinstance(node, Teacher | Previous):
        return node
    if node not in done:
        done[node] = _model(node, counts, done) if isinstance(node, Model) else _chain(node, counts, done)
    return done[node]


def _model(model: Model, counts: Mapping[str, int], done: dict[LabelSource, LabelSource]) -> Model:
    return replace(model, on=tuple(replace(d, labels=_source(d.labels, counts, done)) for d in model.on))


def _chain(chain: Generations, counts: Mapping[str, int], done: dict[LabelSource, LabelSource]) -> LabelSource:
    current = _source(chain.start, counts, done)
    for k in range(1, number_of_generations(chain, counts) + 1):
        data = tuple(_generation(d, k, current, chain.reused, counts, done) for d in chain.step.on)
        learner = _own_projection(chain.step.learner, k)
        current = Model(f"{chain.step.name}_{k}", learner, data)
    return current


def _generation(
    data: Dataset,
    k: int,
    previous: LabelSource,
    reused: frozenset[str],
    counts: Mapping[str, int],
    done: dict[LabelSource, LabelSource],
) -> Dataset:
    design = data.design
    if design.name not in reused:
        design = replace(design, name=f"{design.name}_{k}")
    labels = previous if isinstance(data.labels, Previous) else _source(data.labels, counts, done)
    return Dataset(f"{data.name}_{k}", design, labels, data.noise)


def _own_projection(learner: Learner, k: int) -> Learner:
    if isinstance(learner, ProjectedRidge | RandomFeatures):
        old = learner.projection
        return replace(learner, projection=Projection(f"{old.name}_{k}", old.width))
    return learner


def number_of_generations(chain: Generations, counts: Mapping[str, int]) -> int:
    """The number of generations of a chain; raises `InputError` where it is not known, negative or too large."""
    number = counts.get(chain.name, _number(chain.count))
    if number is None:
        raise InputError(f"no value for {chain.count}", where=chain.name, remedy="give the number of generations")
    if number != int(number) or not 0 <= number <= MOST:
        raise InputError(f"{number} generations", where=chain.name, remedy=f"give an integer from 0 to {MOST}")
    return int(number)


def _number(count: Scalar) -> Fraction | None:
    return count.constant
