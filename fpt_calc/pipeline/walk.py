"""What a pipeline consists of, each node once, those it is made from first."""

from __future__ import annotations

from collections.abc import Iterator

from fpt_calc.expr import Atom
from fpt_calc.pipeline.learners import scalars_of
from fpt_calc.pipeline.nodes import Dataset, Design, Generations, LabelSource, Model, Pipeline, Teacher
from fpt_calc.scalars import Generator, generators_of

Node = Teacher | Dataset | Model | Generations


def nodes_of(pipeline: Pipeline) -> tuple[Node, ...]:
    """All teachers, data sets, models and chains of generations, those they are made from first."""
    found: dict[Node, None] = {}
    for start in (pipeline.against, pipeline.model):
        for node in _below(start, found):
            found[node] = None
    return tuple(found)


def teachers_of(pipeline: Pipeline) -> tuple[Teacher, ...]:
    """The teachers, those from which others are displaced first."""
    return tuple(n for n in nodes_of(pipeline) if isinstance(n, Teacher))


def datasets_of(pipeline: Pipeline) -> tuple[Dataset, ...]:
    """The data sets, in the order in which they can be labelled."""
    return tuple(n for n in nodes_of(pipeline) if isinstance(n, Dataset))


def designs_of(pipeline: Pipeline) -> tuple[Design, ...]:
    """The designs, each once."""
    return tuple(dict.fromkeys(d.design for d in datasets_of(pipeline)))


def models_of(pipeline: Pipeline) -> tuple[Model, ...]:
    """The models, in the order in which they can be trained; the step of a chain of generations stands for all."""
    return tuple(n for n in nodes_of(pipeline) if isinstance(n, Model))


def generations_of(pipeline: Pipeline) -> tuple[Generations, ...]:
    """The chains of generations, in the order in which they can be trained."""
    return tuple(n for n in nodes_of(pipeline) if isinstance(n, Generations))


def _below(node: Node, found: dict[Node, None]) -> Iterator[Node]:
    """A node after all that it is made from, without what was found before; chains may be deep, so no recursion."""
    pending: list[tuple[Node, bool]] = [(node, False)]
    entered: set[Node] = set()
    while pending:
        current, ready = pending.pop()
        if ready:
            yield current
        elif current not in found and current not in entered:
            entered.add(current)
            pending.append((current, True))
            pending += [(n, False) for n in reversed(_parents(current))]


def _parents(node: Node) -> list[Node]:
    match node:
        case Teacher(near=near):
            return [] if near is None else [near]
        case Dataset(labels=labels):
            return _known(labels)
        case Model(on=on):
            return list(on)
        case Generations(step=step, start=start):
            return [start, step]


def _known(source: LabelSource) -> list[Node]:
    return [source] if isinstance(source, Teacher | Model | Generations) else []


def contents(pipeline: Pipeline) -> tuple[dict[str, Atom], set[Generator]]:
    """The deterministic matrices by name, and the dimensions and scalars of a pipeline."""
    matrices = [d.covariance for d in designs_of(pipeline)] + [pipeline.covariance]
    matrices += [m for t in teachers_of(pipeline) for m in (t.vector, t.covariance)]
    scalars = [d.size for d in designs_of(pipeline)] + [d.noise for d in datasets_of(pipeline)]
    scalars += [pipeline.against.dim, *(c.count for c in generations_of(pipeline))]
    scalars += [s for m in models_of(pipeline) for s in scalars_of(m.learner)]
    return {m.name: m for m in matrices if m is not None}, {g for s in scalars for g in generators_of(s)}
