"""A pipeline with all its numbers put in: flat data, which draws of it can be sent to other processes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Array = Any  # numpy.ndarray
Key = tuple[str, ...]  # of what a draw holds


@dataclass(frozen=True, eq=False)
class TeacherPlan:
    """A teacher: its own part is ``vector`` (d x 1), or ``factor @ z`` with standard normal z."""

    name: str
    near: str | None
    vector: Array | None
    factor: Array | None


@dataclass(frozen=True, eq=False)
class DesignPlan:
    """``size`` inputs ``factor @ z``; a factor is a matrix, or of the cheaper kinds of `fpt_calc.point.arrays`."""

    name: str
    size: int
    factor: Array


@dataclass(frozen=True, eq=False)
class DataPlan:
    """Inputs, who labels them, and the standard deviation of the noise; ``source`` is a teacher or a model."""

    name: str
    design: DesignPlan
    source: str
    noise: float
    is_noisy: bool  # as declared: its noise is not identically zero


@dataclass(frozen=True)
class FeaturesPlan:
    """Features ``linear S x + nonlinear xi`` with the projection S of this name and number of rows."""

    projection: str
    width: int
    linear: float
    nonlinear: float


@dataclass(frozen=True)
class FitPlan:
    """Ridge with ``lam``, or least squares of least norm if it is None; on the inputs if there are no features."""

    lam: float | None
    is_unique: bool  # least squares that must have one solution only
    features: FeaturesPlan | None


@dataclass(frozen=True, eq=False)
class ModelPlan:
    """A fit, the data it is trained on, and what no later model needs."""

    name: str
    fit: FitPlan
    on: tuple[DataPlan, ...]
    forget: tuple[Key, ...] = ()


@dataclass(frozen=True, eq=False)
class Plan:
    """What is drawn and fitted in each trial.

    Attributes
    ----------
    dim : the number of inputs' coordinates.
    teachers : those from which others are displaced first.
    models : in the order in which they are trained; the last one is tested.
    against : the teacher with which it is compared.
    test_factor : B with B B' the covariance of the test inputs.
    totals : for each data set of a generation, by its declared name, the names of the data sets drawn for it.
    """

    dim: int
    teachers: tuple[TeacherPlan, ...]
    models: tuple[ModelPlan, ...]
    against: str
    test_factor: Array
    totals: dict[str, tuple[str, ...]]

    @property
    def sources(self) -> tuple[str, ...]:
        """What the weights of every model are linear in: the parts of the teachers, then the label noises."""
        noisy = dict.fromkeys(d.name for m in self.models for d in m.on if d.is_noisy)
        return (*(t.name for t in self.teachers), *noisy)


def forgettable(models: list[ModelPlan]) -> list[tuple[Key, ...]]:
    """For each model what a draw needs for the last time when it trains this one; the tested model is not held."""
    last: dict[Key, int] = {}
    labelled: set[str] = set()
    fits = {m.name: m.fit for m in models}
    for place, model in enumerate(models):
        for key in _needs(model, fits, labelled):
            last[key] = place
    result: list[list[Key]] = [[] for _ in models]
    for key, place in last.items():
        result[place].append(key)
    return [tuple(keys) for keys in result]


def _needs(model: ModelPlan, fits: dict[str, FitPlan], labelled: set[str]) -> Iterator[Key]:
    for data in model.on:
        yield ("inputs", data.design.name)
        yield ("labels", data.name)
        yield from _needs_of_features(model.fit, data.design)
        if data.name not in labelled and data.source in fits:
            yield ("model", data.source)
            yield from _needs_of_features(fits[data.source], data.design)
        labelled.add(data.name)


def _needs_of_features(fit: FitPlan, design: DesignPlan) -> Iterator[Key]:
    if fit.features is not None:
        yield ("projection", fit.features.projection)
        yield ("own", fit.features.projection, design.name)
