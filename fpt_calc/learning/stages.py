"""Which models have to be taken out of the expectation together: those that share a design, a projection or data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fpt_calc.errors import CannotDecideError
from fpt_calc.graphs import strong_components
from fpt_calc.pipeline import Generations, LabelSource, Model, Pipeline, generations_of, models_of, projection_of

Trainee = Model | Generations


@dataclass(frozen=True)
class Stage:
    """Models that share randomness with each other and with nothing outside, in the order in which they are trained."""

    members: tuple[Trainee, ...]

    @property
    def name(self) -> str:
        return self.members[-1].name


def stages_of(pipeline: Pipeline) -> tuple[Stage, ...]:
    """The stages of a pipeline, a stage after those whose models label its data.

    What lies between two models that share randomness belongs to their stage.

    Raises `CannotDecideError` where a chain of symbolically many generations shares a design with other models.
    """
    chains = generations_of(pipeline)
    inside = {c.step for c in chains}
    nodes: list[Trainee] = [*(m for m in models_of(pipeline) if m not in inside), *chains]
    nodes = list(_in_order(nodes))
    edges: dict[Trainee, set[Trainee]] = {
        node: {s for s in labellers(node) if isinstance(s, Model | Generations)} for node in nodes
    }
    for a, b in _sharing(nodes):
        edges[a].add(b)
        edges[b].add(a)
    stages = []
    for component in strong_components(nodes, edges):
        members = tuple(n for n in nodes if n in component)
        if len(members) > 1 and any(isinstance(m, Generations) for m in members):
            raise CannotDecideError(
                "a chain of generations shares a design with another model",
                where=", ".join(m.name for m in members),
                remedy="give the number of generations, so that they can be written out",
            )
        stages.append(Stage(members))
    return tuple(stages)


def _in_order(nodes: list[Trainee]) -> Iterator[Trainee]:
    """The nodes after all whose labels they need."""
    done: set[Trainee] = set()
    pending = list(nodes)
    while pending:
        ready = [n for n in pending if all(s in done or s not in nodes for s in labellers(n))]
        for node in ready:
            done.add(node)
            yield node
        pending = [n for n in pending if n not in done]


def labellers(node: Trainee) -> list[LabelSource]:
    """Who labels the data of a model or chain."""
    if isinstance(node, Model):
        return [d.labels for d in node.on]
    return [node.start, *(d.labels for d in node.step.on)]


def _sharing(nodes: list[Trainee]) -> Iterator[tuple[Trainee, Trainee]]:
    """Pairs of nodes that use the same randomness."""
    first: dict[tuple[str, str], Trainee] = {}
    for node in nodes:
        for key in _randomness(node):
            if key in first:
                yield first[key], node
            first.setdefault(key, node)


def _randomness(node: Trainee) -> Iterator[tuple[str, str]]:
    """What a node draws that others may name too; the fresh designs of a chain are its own."""
    model = node if isinstance(node, Model) else node.step
    for data in model.on:
        if isinstance(node, Model) or data.design.name in node.reused:
            yield "design", data.design.name
    projection = projection_of(model.learner)
    if projection is not None and isinstance(node, Model):
        yield "projection", projection.name
