"""From a pipeline and a point to a plan: every number is read and checked before anything is drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from fpt_calc.ensembles import psd_factor
from fpt_calc.errors import InputError
from fpt_calc.expr import Atom
from fpt_calc.pipeline import (
    OLS,
    Dataset,
    Design,
    Generations,
    Learner,
    Model,
    Pipeline,
    ProjectedRidge,
    RandomFeatures,
    Ridge,
    Teacher,
    check_pipeline,
    generations_of,
    unrolled,
)
from fpt_calc.point import NumericModel, Point, arrays, check_entries
from fpt_calc.scalars import Scalar
from fpt_calc.training.plan import (
    Array,
    DataPlan,
    DesignPlan,
    FeaturesPlan,
    FitPlan,
    ModelPlan,
    Plan,
    TeacherPlan,
    forgettable,
)

Node = Teacher | Dataset | Model


def make_plan(pipeline: Pipeline, point: Point, counts: Mapping[str, int]) -> Plan:
    """The numbers of a pipeline at a point; raises `InputError` for whatever is missing or contradictory."""
    check_pipeline(pipeline)
    numbers = _Numbers(point)
    chains = generations_of(pipeline)
    lengths = _lengths(chains, numbers, counts)
    long = unrolled(pipeline, lengths)
    nodes = _nodes(long)
    _check_designs(nodes)
    models = [numbers.model(n) for n in nodes.values() if isinstance(n, Model)]
    kept = [replace(m, forget=keys) for m, keys in zip(models, forgettable(models), strict=True)]
    return Plan(
        dim=numbers.size(pipeline.against.dim),
        teachers=tuple(numbers.teacher(n) for n in nodes.values() if isinstance(n, Teacher)),
        models=tuple(kept),
        against=pipeline.against.name,
        test_factor=numbers.factor(pipeline.covariance),
        totals=_totals(chains, lengths, nodes),
    )


def _lengths(chains: tuple[Generations, ...], numbers: _Numbers, counts: Mapping[str, int]) -> dict[str, int]:
    known = {chain.name for chain in chains}
    for name in counts:
        if name not in known:
            remedy = f"the generations are {sorted(known)}" if known else "there are no generations"
            raise InputError("no generations of this name", where=f"counts.{name}", remedy=remedy)
    return {c.name: counts[c.name] if c.name in counts else numbers.count(c) for c in chains}


def _totals(
    chains: tuple[Generations, ...], lengths: dict[str, int], nodes: dict[str, Node]
) -> dict[str, tuple[str, ...]]:
    """The data sets drawn for one of a generation; one that is used outside of the chain too is among them."""
    result: dict[str, tuple[str, ...]] = {}
    for chain in chains:
        for data in chain.step.on:
            if not data.noise.is_zero:
                own = [f"{data.name}_{k}" for k in range(1, lengths[chain.name] + 1)]
                found = tuple(n for n in (data.name, *own) if n in nodes)
                result[data.name] = tuple(dict.fromkeys(result.get(data.name, ()) + found))
    return result


def _nodes(pipeline: Pipeline) -> dict[str, Node]:
    """Teachers, data sets and models by name, those they are made from first; the tested model is the last.

    By name, since the hash of a node is that of all it was made from, which takes long in long chains.
    """
    found: dict[str, Node] = {}
    pending: list[tuple[Node, bool]] = [(_node(pipeline.model), False), (pipeline.against, False)]
    while pending:
        node, ready = pending.pop()
        known = found.get(node.name)
        if known is not None:
            if known is not node and known != node:
                remedy = "rename one of them; generation k of a step S is called S_k"
                raise InputError("two things of one name in a pipeline", where=node.name, remedy=remedy)
        elif ready:
            found[node.name] = node
        else:
            pending.append((node, True))
            pending += [(parent, False) for parent in _parents(node)]
    return found


def _parents(node: Node) -> Iterator[Node]:
    match node:
        case Teacher(near=Teacher() as near):
            yield near
        case Dataset(labels=labels):
            yield _node(labels)
        case Model(on=on):
            yield from on


def _node(source: object) -> Node:
    if not isinstance(source, Teacher | Model):
        raise TypeError(f"{type(source).__name__} in an unrolled pipeline")
    return source


def _check_designs(nodes: dict[str, Node]) -> None:
    found: dict[str, Design] = {}
    for node in nodes.values():
        if isinstance(node, Dataset) and found.setdefault(node.design.name, node.design) != node.design:
            remedy = "rename one of them; the fresh design X of generation k is called X_k"
            raise InputError("two designs of one name", where=node.design.name, remedy=remedy)


class _Numbers:
    """The numbers of nodes at a point."""

    def __init__(self, point: Point) -> None:
        self._values = NumericModel(point)
        self._factors: dict[Atom, Array] = {}
        self._designs: dict[str, DesignPlan] = {}
        self._data: dict[str, DataPlan] = {}

    def size(self, size: Scalar) -> int:
        return self._values.size(size)

    def count(self, chain: Generations) -> int:
        value = self._real(chain.count, chain.name)
        if value != int(value):
            raise InputError(f"{value:g} generations", where=chain.name, remedy="give an integer")
        return int(value)

    def teacher(self, teacher: Teacher) -> TeacherPlan:
        near = None if teacher.near is None else teacher.near.name
        if teacher.vector is None:
            return TeacherPlan(teacher.name, near, None, self.factor(teacher.covariance))
        vector = arrays.dense(self._matrix(teacher.vector), self.size(teacher.dim))
        return TeacherPlan(teacher.name, near, vector, None)

    def model(self, model: Model) -> ModelPlan:
        data = tuple(self._dataset(d) for d in model.on)
        if isinstance(model.learner, OLS):
            samples = sum({d.design.name: d.design.size for d in data}.values())
            dim = self.size(model.on[0].design.dim)
            if samples <= dim:
                what = f"least squares with {samples} different inputs in {dim} dimensions"
                raise InputError(what, where=model.name, remedy="give more samples, or use min-norm or ridge")
        return ModelPlan(model.name, self._fit(model.learner, model), data)

    def factor(self, covariance: Atom | None) -> Array:
        """B with B B' = covariance, of the same kind of array."""
        if covariance is None:
            return np.asarray(1.0)
        if covariance not in self._factors:
            value = self._matrix(covariance)
            _check_psd(covariance.name, value)
            factor = psd_factor(value) if value.ndim == 2 else np.sqrt(np.clip(value, 0.0, None))
            self._factors[covariance] = factor
        return self._factors[covariance]

    def _matrix(self, atom: Atom) -> Array:
        value = self._values.matrix(atom)
        where = f"at.{atom.name}"
        if any(self._values.weights(dim) is not None for dim in atom.shape):
            remedy = "give as many eigenvalues as the dimension, without weights"
            raise InputError("a limiting spectrum cannot be drawn from", where=where, remedy=remedy)
        if np.iscomplexobj(value):
            raise InputError("complex entries in a training pipeline", where=where, remedy="give real ones")
        return value

    def _dataset(self, data: Dataset) -> DataPlan:
        if data.name not in self._data:
            noise = self._real(data.noise, f"{data.name}.noise")
            if noise < 0:
                remedy = "give a standard deviation"
                raise InputError(f"the noise {noise:g} is negative", where=data.name, remedy=remedy)
            source = _node(data.labels).name
            is_noisy = not data.noise.is_zero
            self._data[data.name] = DataPlan(data.name, self._design(data.design), source, noise, is_noisy)
        return self._data[data.name]

    def _design(self, design: Design) -> DesignPlan:
        if design.name not in self._designs:
            size = self.size(design.size)
            check_entries(design.name, size, self.size(design.dim))
            self._designs[design.name] = DesignPlan(design.name, size, self.factor(design.covariance))
        return self._designs[design.name]

    def _fit(self, learner: Learner, model: Model) -> FitPlan:
        if not isinstance(learner, Ridge | ProjectedRidge | RandomFeatures):
            return FitPlan(None, isinstance(learner, OLS), None)
        lam = self._real(learner.lam, f"{model.name}.lam")
        if lam <= 0:
            remedy = "give a positive lam, or use the fit ols or min-norm"
            raise InputError(f"a ridge of {lam:g}", where=model.name, remedy=remedy)
        if isinstance(learner, Ridge):
            return FitPlan(lam, False, None)
        linear, nonlinear = 1.0, 0.0
        if isinstance(learner, RandomFeatures):
            linear = self._real(learner.linear, f"{model.name}.linear")
            nonlinear = self._real(learner.nonlinear, f"{model.name}.nonlinear")
        width = self.size(learner.projection.width)
        rows = max(self.size(d.design.size) for d in model.on) if nonlinear else 1
        check_entries(learner.projection.name, width, max(rows, self.size(model.on[0].design.dim)))
        return FitPlan(lam, False, FeaturesPlan(learner.projection.name, width, linear, nonlinear))

    def _real(self, value: Scalar, where: str) -> float:
        number = self._values.scalar(value)
        if isinstance(number, complex):
            raise InputError(f"the complex number {number:g}", where=where, remedy="give a real one")
        return float(number)


def _check_psd(name: str, value: Array) -> None:
    """A covariance must be symmetric and psd, up to the rounding of its entries."""
    if value.ndim < 2:
        is_psd = bool(np.all(value >= 0))
    else:
        rounding = 1e-13 * len(value) * float(np.abs(value).max())
        symmetric = bool(np.abs(value - value.T).max() <= rounding)
        is_psd = symmetric and float(np.linalg.eigvalsh(value).min()) >= -10 * rounding
    if not is_psd:
        raise InputError("not a covariance", where=f"at.{name}", remedy="give a symmetric psd matrix")
