"""Seeded random training pipelines with values at any size, and the same pipelines written differently."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np

import fpt_calc as fc
from fpt_calc.expr import Atom
from fpt_calc.pipeline import (
    Dataset,
    Design,
    Generations,
    LabelSource,
    Learner,
    Model,
    Pipeline,
    Previous,
    ProjectedRidge,
    RandomFeatures,
    Ridge,
    Teacher,
    contents,
)
from fpt_calc.scalars import Parameter, Scalar, generator_scalar

Array = np.ndarray[Any, Any]
Matrices = dict[str, Callable[[int], Array]]  # by name, from the dimension

DIM = 60
SIZES = (42, 96, 150, 240)  # of data sets, at dimension 60
LAMS = ("1/10", "3/10", "1")


@dataclass(frozen=True)
class Case:
    """A pipeline with its values.

    Attributes
    ----------
    pipeline : the nodes and the question.
    dims, scalars : values at dimension `DIM`; the former grow with it.
    matrices : by name, from the dimension.
    """

    pipeline: Pipeline
    dims: dict[str, int] = field(default_factory=dict)
    scalars: dict[str, Fraction] = field(default_factory=dict)
    matrices: Matrices = field(default_factory=dict)

    def values(self, factor: int = 1) -> dict[str, Any]:
        """What `at` takes, all dimensions multiplied by a factor."""
        matrices, generators = contents(self.pipeline)
        named = {g.name for g in generators}
        sizes = {name: size * factor for name, size in self.dims.items() if name in named}
        found: dict[str, Any] = {name: self.matrices[name](DIM * factor) for name in matrices}
        return found | sizes | {name: value for name, value in self.scalars.items() if name in named}

    def law(self) -> fc.ErrorLaw:
        """The test error; which interpolators have enough samples is read off the values."""
        return fc.ErrorLaw(self.pipeline)

    def __str__(self) -> str:
        return described(self.pipeline)


def random_case(seed: int) -> Case:
    """A well-posed pipeline of up to four models."""
    return _Builder(random.Random(seed)).case()


@dataclass
class _Builder:
    """Draws a pipeline; working data."""

    rng: random.Random
    dims: dict[str, int] = field(default_factory=lambda: {"d": DIM})
    sizes: dict[Scalar, int] = field(default_factory=dict)
    scalars: dict[str, Fraction] = field(default_factory=dict)
    matrices: Matrices = field(default_factory=dict)
    teachers: list[Teacher] = field(default_factory=list)
    trained: list[Model | Generations] = field(default_factory=list)
    data: list[Dataset] = field(default_factory=list)

    def case(self) -> Case:
        self.d = fc.dims("d")[0]
        self.home = self._covariance("Sigma")
        for k in range(self.rng.choice([1, 1, 2, 3])):
            self.teachers.append(self._teacher(f"w{k}"))
        for k in range(self.rng.choice([1, 2, 2, 3, 3, 4])):
            self.trained.append(self._chain(k) if self._happens(0.25) else self._model(k))
        test = self.home if self._happens(0.6) else self._covariance("Test")
        pipeline = Pipeline(self.trained[-1], self.rng.choice(self.teachers), test)
        return Case(pipeline, self.dims, self.scalars, self.matrices)

    def _happens(self, probability: float) -> bool:
        return self.rng.random() < probability

    def _covariance(self, name: str) -> Atom | None:
        if self._happens(0.2):
            return None
        self.matrices[name] = _psd(self.rng.random(), self._happens(0.3), self.rng.randrange(10**6))
        return fc.matrix(name, self.d, self.d, "psd")

    def _teacher(self, name: str) -> Teacher:
        near = self.rng.choice(self.teachers) if self.teachers and self._happens(0.6) else None
        if self._happens(0.5):
            self.matrices[f"v{name}"] = _vector(self.rng.random(), self.rng.randrange(10**6))
            return fc.teacher(name, self.d, vector=fc.matrix(f"v{name}", self.d, 1), near=near)
        profile = _psd(self.rng.random(), self._happens(0.2), self.rng.randrange(10**6))
        self.matrices[f"C{name}"] = lambda d: profile(d) / d
        return fc.teacher(name, self.d, covariance=fc.matrix(f"C{name}", self.d, self.d, "psd"), near=near)

    def _scalar(self, name: str, value: Fraction, kind: str = "positive") -> Scalar:
        self.scalars[name] = value
        return fc.scalars(name, kind)[0]

    def _noise(self, name: str) -> Any:
        value = self.rng.choice([Fraction(0), Fraction(1, 4), Fraction(1, 2), Fraction(3, 4)])
        return value if value == 0 or self._happens(0.4) else self._scalar(f"sigma_{name}", value)

    def _size(self, name: str, value: int) -> Scalar:
        if self._happens(0.75):
            self.dims[name], size = value, fc.dims(name)[0]
        else:
            self.dims[name], share = 2 * value, self._scalar(f"share_{name}", Fraction(1, 2), "fraction")
            size = share * fc.dims(name)[0]
        self.sizes[size] = value
        return size

    def _dataset(self, name: str, labels: LabelSource, size: int, shares: bool) -> Dataset:
        if shares and self.data and self._happens(0.2):
            if self._happens(0.3):
                return self.rng.choice(self.data)
            return fc.data(name, labels=labels, noise=self._noise(name), design=self.rng.choice(self.data))
        covariance = self.home if self._happens(0.7) else self._covariance(f"Cov_{name}")
        n = self._size(f"n_{name}", size)
        return fc.data(name, n, self.d, covariance, labels=labels, noise=self._noise(name))

    def _sources(self) -> list[LabelSource]:
        latest = self.trained[-1:] * 3
        return [*self.teachers, *self.trained, *latest]

    def _learner(self, name: str, samples: int) -> Learner:
        kinds = ["ridge"] * 6 + ["projections"] * 2 + ["features"] * 2
        kinds += ["ols"] * 3 if samples > 1.4 * DIM else []
        kinds += ["min_norm"] * 2 if not 0.75 * DIM < samples < 1.4 * DIM else []
        kind = self.rng.choice(kinds)
        if kind in ("ols", "min_norm"):
            return getattr(fc, kind)()  # type: ignore[no-any-return]  # two learners without options
        value = self.rng.choice(LAMS)
        lam = value if self._happens(0.4) else self._scalar(f"lam_{name}", Fraction(value))
        if kind == "ridge":
            return fc.ridge(lam)
        width = self._size(f"p_{name}", self.rng.choice([30, 48, 90]))
        if kind == "projections":
            return fc.projections(lam, width, name=f"S_{name}")
        return fc.random_features(lam, width, linear="4/5", nonlinear="1/2", name=f"S_{name}")

    def _model(self, k: int) -> Model:
        sources = self._sources()
        sets = [
            self._dataset(f"D{k}{c}", self.rng.choice(sources), self.rng.choice(SIZES), True)
            for c in "ab"[: self.rng.choice([1, 1, 2])]
        ]
        sets = list(dict.fromkeys(sets))
        samples = sum({d.design.name: self.sizes[d.design.size] for d in sets}.values())
        made = fc.model(f"M{k}", self._learner(f"M{k}", samples), sets)
        self.data += sets
        return made

    def _chain(self, k: int) -> Generations:
        sources = self._sources()
        sets = [self._dataset(f"D{k}a", fc.previous, self.rng.choice(SIZES), False)]
        if self._happens(0.35):
            sets.append(self._dataset(f"D{k}b", self.rng.choice(sources), self.rng.choice(SIZES), False))
        samples = sum(self.sizes[d.design.size] for d in sets)
        step = fc.model(f"M{k}", self._learner(f"M{k}", samples), sets)
        number = self.rng.choice([1, 2, 3])
        reused = [sets[0]] if self._happens(0.25) else []
        written_out = bool(reused) or isinstance(step.learner, RandomFeatures)
        count: Any = number
        if not written_out and self._happens(0.5):
            count = self._scalar(f"g{k}", Fraction(number), "generations")
        return fc.generations(step, count, self.rng.choice(sources), reused, name=f"chain{k}")


def _psd(shape: float, dense: bool, seed: int) -> Callable[[int], Array]:
    def matrix(d: int) -> Array:
        grid = (np.arange(d) + 0.5) / d
        spectrum = 0.2 + 1.5 * (grid if shape < 0.5 else 1 - grid) ** (1 + shape)
        if not dense:
            return spectrum
        Q = rotation(d, seed)
        return (Q * spectrum) @ Q.T

    return matrix


def _vector(shape: float, seed: int) -> Callable[[int], Array]:
    def vector(d: int) -> Array:
        entries = np.cos(3 * shape + (2 + seed % 3) * (np.arange(d) + 0.5) / d)
        return (entries / np.linalg.norm(entries))[:, None]

    return vector


def rotation(d: int, seed: int) -> Array:
    """A random orthogonal matrix."""
    rotated: Array = np.linalg.qr(np.random.default_rng(seed).standard_normal((d, d)))[0]
    return rotated


# the same pipeline written differently -------------------------------------------------------------------------------


@dataclass
class Rewriting:
    """What nodes become, each once, after those they are made from; working data."""

    dataset: Callable[[Dataset], tuple[Dataset, ...]] = lambda d: (d,)
    learner: Callable[[Model], Learner] = lambda m: m.learner
    teacher: Callable[[Teacher], Teacher] = lambda t: t
    design_names: Callable[[str], tuple[str, ...]] = lambda name: (name,)
    backwards: bool = False
    done: dict[Any, Any] = field(default_factory=dict)

    def pipeline(self, old: Pipeline) -> Pipeline:
        return replace(old, model=self.node(old.model), against=self.node(old.against))

    def node(self, node: Any) -> Any:
        if node not in self.done:
            self.done[node] = self._node(node)
        return self.done[node]

    def _node(self, node: Any) -> Any:
        match node:
            case Teacher(near=near):
                return self.teacher(replace(node, near=None if near is None else self.node(near)))
            case Dataset(labels=labels):
                return self.dataset(replace(node, labels=self.node(labels)))
            case Model(on=on):
                sets = tuple(d for old in on for d in self.node(old))
                return Model(node.name, self.learner(node), sets[::-1] if self.backwards else sets)
            case Generations(step=step, start=start, reused=reused):
                names = frozenset(n for old in reused for n in self.design_names(old))
                return replace(node, step=self.node(step), start=self.node(start), reused=names)
        assert isinstance(node, Previous)
        return node


def backwards(case: Case) -> Case:
    """The data sets of each model in the opposite order."""
    return replace(case, pipeline=Rewriting(backwards=True).pipeline(case.pipeline))


def split(case: Case) -> Case:
    """Every design as two of half the size and of the same law; data set D becomes D_one and D_two."""
    halves = ("one", "two")

    def parts(data: Dataset) -> tuple[Dataset, ...]:
        old = data.design
        designs = [Design(f"{old.name}_{half}", old.size / 2, old.dim, old.covariance) for half in halves]
        return tuple(
            Dataset(f"{data.name}_{half}", design, data.labels, data.noise)
            for half, design in zip(halves, designs, strict=True)
        )

    names = Rewriting(dataset=parts, design_names=lambda name: tuple(f"{name}_{half}" for half in halves))
    return replace(case, pipeline=names.pipeline(case.pipeline))


def with_ridges_exchanged(case: Case) -> Case:
    """Ridges that are symbols as their numbers, and those that are numbers as symbols."""
    scalars = dict(case.scalars)

    def learner(model: Model) -> Learner:
        old = model.learner
        if not isinstance(old, Ridge | ProjectedRidge | RandomFeatures):
            return old
        number = old.lam.constant
        if number is None:
            return replace(old, lam=fc.ridge(scalars[str(old.lam)]).lam)
        scalars[f"mu_{model.name}"] = number
        return replace(old, lam=generator_scalar(Parameter(f"mu_{model.name}", "positive")))

    pipeline = Rewriting(learner=learner).pipeline(case.pipeline)
    return replace(case, pipeline=pipeline, scalars=scalars)


def with_noise_times(case: Case, name: str, factor: int) -> Case:
    """The noise of one data set multiplied."""

    def scaled(data: Dataset) -> tuple[Dataset, ...]:
        return (replace(data, noise=data.noise * factor) if data.name == name else data,)

    return replace(case, pipeline=Rewriting(dataset=scaled).pipeline(case.pipeline))


def with_teachers_times(case: Case, factor: float) -> Case:
    """All teachers multiplied."""
    new: Matrices = {}
    for name, old in case.matrices.items():
        power = 1 if name.startswith("vw") else 2 if name.startswith("Cw") else 0
        new[name] = lambda d, old=old, power=power: factor**power * old(d)  # type: ignore[misc]  # bound at once
    return replace(case, matrices=new)


def with_random_teachers(case: Case) -> Case:
    """Each fixed vector w as weights N(0, w w'), one name for both sources."""
    d, matrices = fc.dims("d")[0], dict(case.matrices)

    def teacher(old: Teacher) -> Teacher:
        if old.vector is None:
            return old
        vector, name = case.matrices[old.vector.name], f"outer_{old.name}"
        matrices[name] = lambda d: vector(d) @ vector(d).T
        return replace(old, vector=None, covariance=fc.matrix(name, d, d, "psd"))

    return replace(case, pipeline=Rewriting(teacher=teacher).pipeline(case.pipeline), matrices=matrices)


def rotated(case: Case, seed: int) -> Case:
    """All matrices in another orthonormal basis, dense."""

    def turned(old: Callable[[int], Array]) -> Callable[[int], Array]:
        def matrix(d: int) -> Array:
            Q, value = rotation(d, seed), old(d)
            if value.ndim == 2 and value.shape[1] == 1:
                return Q @ value
            return (Q * value) @ Q.T if value.ndim == 1 else Q @ value @ Q.T

        return matrix

    return replace(case, matrices={name: turned(old) for name, old in case.matrices.items()})


# for people ----------------------------------------------------------------------------------------------------------


def described(pipeline: Pipeline) -> str:
    """One line for each model."""
    lines: list[str] = []
    seen: set[str] = set()

    def visit(node: Any) -> str:
        match node:
            case Teacher(name=name, near=near):
                kind = "v" if node.vector is not None else "C"
                return f"{name}[{kind}{'' if near is None else ' near ' + visit(near)}]"
            case Previous():
                return "previous"
            case Dataset(name=name, design=design):
                c = "I" if design.covariance is None else design.covariance.name
                inputs = f"{design.name}:{design.size},{c}"
                return f"{name}({inputs}; {visit(node.labels)} + {node.noise})"
            case Model(name=name, learner=learner, on=on):
                if name not in seen:
                    seen.add(name)
                    lines.append(f"{name} = {learner} on {', '.join(visit(d) for d in on)}")
            case Generations(name=name, step=step, start=start, count=count):
                if name not in seen:
                    seen.add(name)
                    lines.append(f"{name} = {count} x {visit(step)} from {visit(start)}, reused {set(node.reused)}")
        return str(node.name)

    visit(pipeline.model)
    test = "I" if pipeline.covariance is None else pipeline.covariance.name
    return "\n".join([*lines, f"tested against {visit(pipeline.against)} on {test}"])
