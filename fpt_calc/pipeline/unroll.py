"""Generations written out: a chain of so many models, each with data of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from fpt_calc.errors import InputError
from fpt_calc.pipeline.learners import Learner, ProjectedRidge, Projection, RandomFeatures
from fpt_calc.pipeline.nodes import Dataset, Generations, LabelSource, Model, Pipeline, Previous, Teacher
from fpt_calc.scalars import Scalar

MOST = 1000  # generations that are written out


def unrolled(
    pipeline: Pipeline,
    counts: Mapping[str, int] | None = None,
    only: Callable[[Generations], bool] = lambda chain: True,
) -> Pipeline:
    """The pipeline with its chains of generations written out as models ``step_1``, ``step_2``, ...

    Parameters
    ----------
    counts : the number of generations of each chain, by its name, where it is not a number already.
    only : which chains; by default all.

    Data sets and fresh designs of generation k get the suffix ``_k``, and so do projections; reused designs keep their
    name.

    Raises `InputError` where a number is missing, negative or too large.
    """
    model = _Unroller(counts or {}, only).node(pipeline.model)
    if not isinstance(model, Model | Generations):
        raise InputError(
            "a chain of no generations is not a model", where=pipeline.model.name, remedy="ask about its start"
        )
    return replace(pipeline, model=model)


@dataclass
class _Unroller:
    """Writes chains out, each node once; working data."""

    counts: Mapping[str, int]
    only: Callable[[Generations], bool]
    done: dict[LabelSource, LabelSource] = field(default_factory=dict)

    def node(self, node: LabelSource) -> LabelSource:
        if isinstance(node, Teacher | Previous):
            return node
        if node not in self.done:
            self.done[node] = self._model(node) if isinstance(node, Model) else self._generations(node)
        return self.done[node]

    def _model(self, model: Model) -> Model:
        return replace(model, on=tuple(replace(d, labels=self.node(d.labels)) for d in model.on))

    def _generations(self, chain: Generations) -> LabelSource:
        start = self.node(chain.start)
        if not self.only(chain):
            assert not isinstance(start, Previous), "a chain does not start with itself"
            return replace(chain, start=start, step=self._model(chain.step))
        for k in range(1, number_of_generations(chain, self.counts) + 1):
            data = tuple(self._generation(d, k, start, chain.reused) for d in chain.step.on)
            start = Model(f"{chain.step.name}_{k}", _own_projection(chain.step.learner, k), data)
        return start

    def _generation(self, data: Dataset, k: int, previous: LabelSource, reused: frozenset[str]) -> Dataset:
        design = data.design
        if design.name not in reused:
            design = replace(design, name=f"{design.name}_{k}")
        labels = previous if isinstance(data.labels, Previous) else self.node(data.labels)
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
