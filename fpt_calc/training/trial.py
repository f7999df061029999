"""One draw of a pipeline: designs, labels, fits, errors.

All learners are linear in the labels, so every array of labels or weights has one column for each source of randomness
in them: the own part of each teacher, and the noise of each data set.  The sum of the columns is what is trained.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fpt_calc.point import arrays
from fpt_calc.training.fit import fitted
from fpt_calc.training.plan import Array, DataPlan, DesignPlan, FitPlan, Key, ModelPlan, Plan

ERRORS = ("train_error", "error", "bias", "variance")  # then the sources, one by one


@np.errstate(over="ignore", invalid="ignore")  # what is not finite in the end is reported
def run_trials(plan: Plan, seed: int, trials: range) -> Array:
    """The errors of `ERRORS` and of each source, one row for each trial."""
    return np.array([_trial(_Draw(plan, seed, trial)) for trial in trials])


def _trial(draw: _Draw) -> Array:
    for model in draw.plan.models:
        tested = draw.train(model)
    return np.concatenate([[tested.train_error], _excess_risks(draw, tested)])


@dataclass(frozen=True, eq=False)
class _Trained:
    """f(x) = (linear S x + nonlinear xi)'coefficients, or x'coefficients; one column for each source."""

    fit: FitPlan
    coefficients: Array
    train_error: float


class _Draw:
    """What one trial has drawn and trained so far.

    Every pair of a trial and a name has its own stream, so that nothing depends on what else is drawn.
    """

    def __init__(self, plan: Plan, seed: int, trial: int) -> None:
        self.plan = plan
        self.columns = {name: column for column, name in enumerate(plan.sources)}
        self._seed = seed
        self._trial = trial
        self._held: dict[Key, Array] = {}
        self._trained: dict[str, _Trained] = {}
        self._teachers = self._draw_teachers()

    def teacher(self, name: str) -> Array:
        """Its weights, d x sources."""
        return self._teachers[name]

    def projection(self, name: str, width: int) -> Array:
        """S, width x d."""
        dim = self.plan.dim
        return self._once(("projection", name), lambda key: self._normal(key, width, dim) / dim**0.5)

    def train(self, model: ModelPlan) -> _Trained:
        """Train a model on its data, all of them in the rows of one matrix."""
        features = np.concatenate([self._features(model.fit, d.design) for d in model.on])
        labels = np.concatenate([self._labels(d) for d in model.on])
        coefficients = fitted(model.fit, features, labels, model.name)
        residuals = (labels - features @ coefficients).sum(axis=1)
        for key in model.forget:
            self._held.pop(key, None)
            self._trained.pop(key[1], None) if key[0] == "model" else None
        result = _Trained(model.fit, coefficients, float(np.mean(residuals**2)))
        self._trained[model.name] = result
        return result

    def _draw_teachers(self) -> dict[str, Array]:
        dim = self.plan.dim
        teachers: dict[str, Array] = {}
        for plan in self.plan.teachers:
            weights = np.zeros((dim, len(self.columns))) if plan.near is None else teachers[plan.near].copy()
            own = plan.vector
            if own is None:
                own = arrays.multiply(plan.factor, self._normal(("teacher", plan.name), dim, 1))
            weights[:, self.columns[plan.name]] = own[:, 0]
            teachers[plan.name] = weights
        return teachers

    def _labels(self, data: DataPlan) -> Array:
        return self._once(("labels", data.name), lambda key: self._draw_labels(key, data))

    def _draw_labels(self, key: Key, data: DataPlan) -> Array:
        if data.source in self._teachers:
            labels = self._inputs(data.design) @ self._teachers[data.source]
        else:
            model = self._trained[data.source]
            labels = self._features(model.fit, data.design) @ model.coefficients
        if data.is_noisy:
            labels[:, self.columns[data.name]] += data.noise * self._normal(key, data.design.size, 1)[:, 0]
        return labels

    def _features(self, fit: FitPlan, design: DesignPlan) -> Array:
        """What a model sees of a design; models of one projection see the same."""
        inputs, plan = self._inputs(design), fit.features
        if plan is None:
            return inputs
        result = plan.linear * (inputs @ self.projection(plan.projection, plan.width).T)
        if plan.nonlinear:
            shape = (design.size, plan.width)
            own = self._once(("own", plan.projection, design.name), lambda key: self._normal(key, *shape))
            result += plan.nonlinear * own
        return result

    def _inputs(self, design: DesignPlan) -> Array:
        return self._once(("inputs", design.name), lambda key: self._draw_inputs(key, design))

    def _draw_inputs(self, key: Key, design: DesignPlan) -> Array:
        z = self._normal(key, design.size, self.plan.dim)
        return arrays.multiply(z, arrays.transpose(design.factor))

    def _normal(self, key: Key, rows: int, cols: int) -> Array:
        name = int.from_bytes("\0".join(key).encode(), "big")
        stream = np.random.SeedSequence(self._seed, spawn_key=(self._trial, name))
        return np.random.default_rng(stream).standard_normal((rows, cols))

    def _once(self, key: Key, compute: Callable[[Key], Array]) -> Array:
        if key not in self._held:
            self._held[key] = compute(key)
        return self._held[key]


def _excess_risks(draw: _Draw, tested: _Trained) -> Array:
    """``E |f(x) - x'w0|^2`` over test inputs, of all sources, of the teachers, of the noises, and of each source."""
    residual = _residual(draw, tested)
    teachers, sources = len(draw.plan.teachers), len(draw.columns)
    together = np.zeros((sources, 3))
    together[:, 0] = 1.0
    together[:teachers, 1] = 1.0
    together[teachers:, 2] = 1.0
    return np.sum((residual @ np.hstack([together, np.eye(sources)])) ** 2, axis=0)


def _residual(draw: _Draw, tested: _Trained) -> Array:
    """An array whose squared columns sum to excess risks: of the weights, and of the features' own noise at test."""
    plan, w0 = tested.fit.features, draw.teacher(draw.plan.against)
    weigh = arrays.transpose(draw.plan.test_factor)
    if plan is None:
        return arrays.multiply(weigh, tested.coefficients - w0)
    weights = plan.linear * (draw.projection(plan.projection, plan.width).T @ tested.coefficients)
    return np.vstack([arrays.multiply(weigh, weights - w0), plan.nonlinear * tested.coefficients])
