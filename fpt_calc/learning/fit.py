"""Trained models as random matrices: ``w = sum of A_s s + sum of N_k e_k`` over what is outside of their stage.

Shapes: the rows of X_k are samples/sqrt(n), n the number of samples of the first model that sees them, so that
``M = X'X`` is the covariance of the sample; e_k is the label noise of data set k divided by its standard deviation
and by sqrt(n).  A model has two parts: its weights on x, and for random features those on their nonlinear part, of
which the test error is made as of weights on inputs of covariance one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from fpt_calc.ensembles import Gaussian
from fpt_calc.errors import CannotDecideError
from fpt_calc.expr import Atom, Expr, Inverse, flat_sum, identity, scaled
from fpt_calc.pipeline import (
    Dataset,
    Design,
    Generations,
    LabelSource,
    Model,
    Previous,
    ProjectedRidge,
    Projection,
    RandomFeatures,
    Ridge,
    Teacher,
)
from fpt_calc.scalars import ZERO, Parameter, Scalar, generator_scalar


class Part(NamedTuple):
    """A vector of weights: on the inputs, or on the nonlinear part of random features."""

    name: str
    nonlinear: bool = False


PREVIOUS_NAME = "the model before"  # no name that a user could declare


@dataclass(frozen=True)
class Weights:
    """A vector as a random linear combination of others: of the signals by part, of the noises by data set."""

    signals: Mapping[Part, Expr] = field(default_factory=dict)
    noises: Mapping[str, Expr] = field(default_factory=dict)

    def times(self, matrix: Expr) -> Weights:
        """``matrix @ self``"""
        return Weights(
            {k: matrix @ a for k, a in self.signals.items()}, {k: matrix @ a for k, a in self.noises.items()}
        )

    def scaled(self, factor: Scalar) -> Weights:
        if factor == 1:
            return self
        signals = {k: scaled(factor, a) for k, a in self.signals.items()}
        return Weights(signals, {k: scaled(factor, a) for k, a in self.noises.items()})


def total(parts: list[Weights]) -> Weights:
    """The sum of vectors."""
    signals: dict[Part, list[Expr]] = {}
    noises: dict[str, list[Expr]] = {}
    for part in parts:
        for key, a in part.signals.items():
            signals.setdefault(key, []).append(a)
        for name, a in part.noises.items():
            noises.setdefault(name, []).append(a)
    return Weights({k: _sum(v) for k, v in signals.items()}, {k: _sum(v) for k, v in noises.items()})


def _sum(terms: list[Expr]) -> Expr:
    return terms[0] if len(terms) == 1 else flat_sum(terms)


class Rough(NamedTuple):
    """The nonlinear part of labels by random features: whose it is, and with which projection."""

    part: Part
    projection: Projection


@dataclass(frozen=True)
class Fits:
    """The models of one stage.

    Attributes
    ----------
    weights : of each part of each model, in what is outside the stage.
    scales : ``E[e_k e_k'] = scale * noise**2`` for each data set: the variance of its noise in these units.
    noises : the data sets of the stage, by name.
    rough : the nonlinear part of labels by random features of an earlier stage, which is noise here, by a name of its
        own: data sets with the same inputs and the same source of labels share it.
    fixed : what stands for ridges that are numbers; equivalents read better in symbols.
    """

    weights: Mapping[Part, Weights]
    scales: Mapping[str, Scalar]
    noises: Mapping[str, Dataset]
    rough: Mapping[str, Rough] = field(default_factory=dict)
    fixed: Mapping[Parameter, Fraction] = field(default_factory=dict)


@dataclass
class Trainer:
    """Builds the random matrices of one stage; working data.

    ``ridge`` stands for the ridge of learners that have none.  ``name_numbers``: whether ridges that are numbers get
    symbols.
    """

    ridge: Scalar
    name_numbers: bool = True
    done: dict[Part, Weights] = field(default_factory=dict)
    letters: dict[tuple[str, ...], Atom] = field(default_factory=dict)
    counts: dict[str, Scalar] = field(default_factory=dict)
    noises: dict[str, Dataset] = field(default_factory=dict)
    scales: dict[str, Scalar] = field(default_factory=dict)
    rough: dict[str, Rough] = field(default_factory=dict)
    fixed: dict[Parameter, Fraction] = field(default_factory=dict)

    def train(self, model: Model) -> None:
        """Add the weights of a model whose labels come from outside or from models that were trained before."""
        size = sum((d.design.size for d in model.on), ZERO)
        for data in model.on:
            self.counts.setdefault(data.design.name, size)
            self.noises.setdefault(data.name, data)
            self.scales.setdefault(data.name, 1 / self.counts[data.design.name])
        match model.learner:
            case ProjectedRidge(lam=lam, projection=projection):
                S = self._projection(projection, model)
                features = {d.name: self.inputs(d.design) @ S.T for d in model.on}
                self.done[Part(model.name)] = self._ridge(model, features, self._symbol(lam, model), size).times(S.T)
            case RandomFeatures(lam=lam, projection=projection, linear=linear, nonlinear=nonlinear):
                S = self._projection(projection, model)
                features = {
                    d.name: scaled(linear, self.inputs(d.design) @ S.T)
                    + scaled(nonlinear, self._noise(d.design, projection))
                    for d in model.on
                }
                v = self._ridge(model, features, self._symbol(lam, model), size)
                self.done[Part(model.name)] = v.times(S.T).scaled(linear)
                self.done[Part(model.name, True)] = v.scaled(nonlinear)
            case learner:
                lam = self._symbol(learner.lam, model) if isinstance(learner, Ridge) else self.ridge
                features = {d.name: self.inputs(d.design) for d in model.on}
                self.done[Part(model.name)] = self._ridge(model, features, lam, size)

    def _symbol(self, lam: Scalar, model: Model) -> Scalar:
        number = lam.constant
        if number is None or not self.name_numbers:
            return lam
        symbol = Parameter(f"the ridge of {model.name}", "positive")
        self.fixed[symbol] = number
        return generator_scalar(symbol)

    def _ridge(self, model: Model, features: Mapping[str, Expr], lam: Scalar, size: Scalar) -> Weights:
        """``(sum Phi'Phi + lam)^-1 sum Phi'(labels)``, every data set scaled to the size of all data of this model."""
        scale = {d.name: self.counts[d.design.name] / size for d in model.on}
        gram = _sum([scaled(scale[name], F.T @ F) for name, F in features.items()])
        R = Inverse(gram + lam)
        return total([self.labels(d).times(scaled(scale[d.name], R @ features[d.name].T)) for d in model.on])

    def labels(self, data: Dataset) -> Weights:
        """The labels of a data set, divided by sqrt(n)."""
        X = self.inputs(data.design)
        found = [Weights({part: X for part in linear_parts(data.labels)})]
        source, known = data.labels, False
        if isinstance(source, Model | Generations) and Part(source.name) in self.done:
            known = True
            found = [self.done[Part(source.name)].times(X)]
            if Part(source.name, True) in self.done:
                assert isinstance(source, Model) and isinstance(source.learner, RandomFeatures)
                Xi = self._noise(data.design, source.learner.projection)
                found.append(self.done[Part(source.name, True)].times(Xi))
        if not data.noise.is_zero:
            found.append(Weights({}, {data.name: identity(data.design.size)}))
        if is_rough(source) and not known:
            found.append(Weights({}, {self._roughness(data.design, source): identity(data.design.size)}))
        return total(found)

    def _roughness(self, design: Design, source: LabelSource) -> str:
        """The name of the nonlinear part of labels, which has a form ``v'v`` in the weights v of its features."""
        assert isinstance(source, Model) and isinstance(source.learner, RandomFeatures), "only features are rough"
        name = f"{source.name} on {design.name}"
        new = Rough(Part(source.name, True), source.learner.projection)
        for other, known in self.rough.items():
            if other != name and other.endswith(f" on {design.name}") and known.projection == new.projection:
                raise CannotDecideError(
                    "labels for one design by two models with one projection",
                    where=f"{known.part.name}, {source.name}",
                    remedy="give them projections of their own",
                )
        self.rough[name] = new
        self.scales[name] = 1 / self.counts[design.name]
        return name

    def inputs(self, design: Design) -> Atom:
        """The inputs of a design, divided by sqrt(n)."""
        n = self.counts[design.name]
        law = Gaussian(1 / n, covariance=design.covariance)
        return self.letters.setdefault(("X", design.name), Atom(f"X_{design.name}", design.size, design.dim, law=law))

    def _noise(self, design: Design, projection: Projection) -> Atom:
        """The nonlinear part of the features of these inputs."""
        n = self.counts[design.name]
        name = f"Xi_{design.name}_{projection.name}"
        letter = Atom(name, design.size, projection.width, law=Gaussian(1 / n))
        return self.letters.setdefault(("Xi", design.name, projection.name), letter)

    def _projection(self, projection: Projection, model: Model) -> Atom:
        dim = model.on[0].design.dim
        letter = Atom(projection.name, projection.width, dim, law=Gaussian(1 / dim))
        return self.letters.setdefault(("S", projection.name), letter)

    def fits(self) -> Fits:
        """What was trained."""
        return Fits(self.done, self.scales, self.noises, self.rough, self.fixed)


def linear_parts(source: LabelSource) -> Iterator[Part]:
    """The vectors that a source of labels is the sum of."""
    match source:
        case Teacher(name=name, near=near):
            yield Part(name)
            if near is not None:
                yield from linear_parts(near)
        case Previous():
            yield Part(PREVIOUS_NAME)
        case Model(name=name) | Generations(name=name):
            yield Part(name)


def is_rough(source: LabelSource) -> bool:
    """Whether labels by this source have a nonlinear part, which acts as noise where its features are new."""
    model = source.step if isinstance(source, Generations) else source
    if isinstance(source, Generations) and isinstance(source.step.learner, RandomFeatures):
        raise CannotDecideError(
            "random features in every generation", where=source.name, remedy="write the generations out as models"
        )
    return isinstance(model, Model) and isinstance(model.learner, RandomFeatures)
