r"""The symbols of a pipeline: X, y and e of its data, w of its teachers, \hat w of its models."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from fpt_calc.export.latex import inline, latex
from fpt_calc.export.names import name_to_latex
from fpt_calc.learning.fit import PREVIOUS_NAME, Part
from fpt_calc.pipeline import (
    Dataset,
    Generations,
    LabelSource,
    Model,
    Pipeline,
    Previous,
    Teacher,
    generations_of,
    models_of,
    teachers_of,
)
from fpt_calc.pipeline.walk import contents

_COUNTERS = "kjim"


@dataclass(frozen=True)
class Symbols:
    """How the things of a pipeline are called in formulas.

    ``names`` : what was declared, so that no other symbol is called so.
    """

    pipeline: Pipeline
    names: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def counter(self) -> str:
        """The number of a generation."""
        return next(c for c in _COUNTERS if c not in self.names)

    @cached_property
    def middle(self) -> str:
        """A deterministic matrix between two fits."""
        return next(c for c in "MHK" if c not in self.names)

    @cached_property
    def _owners(self) -> Mapping[str, Generations]:
        """The chain to which a data set or a step belongs, by name."""
        chains = generations_of(self.pipeline)
        return {name: c for c in chains for name in (c.step.name, *(d.name for d in c.step.on))}

    def inputs(self, data: Dataset) -> str:
        """X, with the name of the design; inside a chain with the number of the generation, unless it is reused."""
        owner = self._owners.get(data.name)
        return self._indexed("X", data.design.name, None if owner and data.design.name in owner.reused else owner)

    def labels(self, data: Dataset) -> str:
        return self._indexed("y", data.name, self._owners.get(data.name))

    def noise(self, data: Dataset) -> str:
        return self._indexed("e", data.name, self._owners.get(data.name))

    def projection(self, name: str, chain: Generations | None) -> str:
        """S; drawn anew in each generation of a chain."""
        return name_to_latex(name if chain is None else f"{name}_{self.counter}")

    def _indexed(self, letter: str, name: str, chain: Generations | None) -> str:
        if chain is None:
            return subscripted(letter, name)
        if len(chain.step.on) == 1 and self._is_plain(chain):
            return f"{letter}_{self.counter}"
        return f"{letter}_{{{_subscript(letter, name)},{self.counter}}}"

    def _is_plain(self, chain: Generations) -> bool:
        """Whether its generations are told apart by their number alone."""
        numbered = any(re.fullmatch(r"w\d+", m.name) for m in models_of(self.pipeline))
        return len(generations_of(self.pipeline)) == 1 and not numbered

    def generation(self, chain: Generations, number: str) -> str:
        r"""``\hat w_k``"""
        text = number if self._is_plain(chain) else f"{_subscript('w', chain.name)},{number}"
        return rf"\hat w_{text}" if len(text) == 1 else rf"\hat w_{{{text}}}"

    def weights(self, source: LabelSource) -> str:
        """The weights of a teacher or a model; ``previous`` is generation k."""
        match source:
            case Teacher(name=name, vector=vector, near=near):
                return latex(vector) if vector is not None and near is None else subscripted("w", name)
            case Model(name=name):
                chain = self._owners.get(name)
                own = None if chain is None else self.generation(chain, f"{self.counter}+1")
                return own or rf"\hat {subscripted('w', name)}"
            case Generations(count=count):
                return self.generation(source, inline(count))
            case Previous():
                return rf"\hat w_{self.counter}"

    def own(self, teacher: Teacher) -> str:
        """The own part of a teacher: what it adds to the teacher from which it is displaced."""
        if teacher.vector is not None:
            return latex(teacher.vector)
        return self.weights(teacher) if teacher.near is None else rf"\delta_{_braced(_subscript('w', teacher.name))}"

    def part(self, part: Part) -> str:
        """A vector of the tower."""
        if part.name == PREVIOUS_NAME:
            return rf"\hat w_{self.counter}"
        sources = {t.name: self.own(t) for t in teachers_of(self.pipeline)}
        sources |= {c.name: self.weights(c) for c in generations_of(self.pipeline)}
        sources |= {m.name: self.weights(m) for m in models_of(self.pipeline)}
        if part.nonlinear:
            return subscripted("u", part.name)
        return sources[part.name]


def symbols(pipeline: Pipeline) -> Symbols:
    """The symbols of a pipeline."""
    matrices, generators = contents(pipeline)
    return Symbols(pipeline, frozenset(matrices) | {g.name for g in generators})


def subscripted(letter: str, name: str) -> str:
    r"""A letter with a name below.

    >>> subscripted("w", "w0"), subscripted("X", "real")
    ('w_0', 'X_{\\mathrm{real}}')
    """
    return f"{letter}_{_braced(_subscript(letter, name))}"


def _subscript(letter: str, name: str) -> str:
    """The name, without the letter where it begins with it and goes on with a number."""
    found = re.fullmatch(rf"{letter}_?(\d+)", name)
    return found.group(1) if found else re.sub(r"^x_(\{(.*)\}|(.*))$", r"\2\3", name_to_latex(f"x_{name}"))


def _braced(text: str) -> str:
    return text if len(text) == 1 else f"{{{text}}}"
