"""What tests of simulated training are written with: short pipelines, means over chi-square variables, comparison."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from fpt_calc.expr import Atom
from fpt_calc.pipeline import (
    PREVIOUS,
    Dataset,
    Design,
    Generations,
    Learner,
    MinNorm,
    Model,
    Pipeline,
    Projection,
    RandomFeatures,
    Ridge,
    Teacher,
)
from fpt_calc.point import Dense, Estimate, MatrixData, Multiple, Point
from fpt_calc.scalars import Parameter, Scalar, dimension, generator_scalar, scalar

d = dimension("d")
HALF = Fraction(1, 2)
SIGMA = Fraction(3, 4)  # a label noise
LAM = scalar(Fraction(3, 10))
COVARIANCE = Atom("Sigma", d, d)
TEST = Atom("SigmaTest", d, d)
W0 = Teacher("w0", d, covariance=Atom("C0", d, d))  # a random teacher
FIXED = Teacher("w", d, vector=Atom("v", d, scalar(1)))


def symbol(name: str) -> Scalar:
    """A positive scalar that needs a value."""
    return generator_scalar(Parameter(name, "positive"))


def design(name: str, size: int, covariance: Atom | None = None) -> Design:
    return Design(name, scalar(size), d, covariance)


def data(name: str, inputs: Design, labels: Any = W0, noise: Fraction = SIGMA) -> Dataset:
    return Dataset(name, inputs, labels, scalar(noise))


def pipeline(learner: Learner, *on: Dataset, against: Teacher = W0, test: Atom | None = None) -> Pipeline:
    return Pipeline(Model("fit", learner, on), against, test)


def at(dim: int, scalars: dict[str, Any] | None = None, **matrices: MatrixData) -> Point:
    """A point where the random teacher w0 is N(0, 1/d), unless told."""
    return Point({"d": dim}, scalars or {}, {"C0": Multiple(Fraction(1, dim))} | matrices)


def spd(dim: int, seed: int) -> Dense:
    """A dense covariance with eigenvalues from 1/5 to 3."""
    basis = np.linalg.qr(np.random.default_rng(seed).standard_normal((dim, dim)))[0]
    return Dense((basis * np.linspace(0.2, 3.0, dim)) @ basis.T)


def chain(
    learner: Learner, count: Scalar, inputs: Design, start: Any = W0, reused: frozenset[str] = frozenset()
) -> Generations:
    """Generations of one data set each, called synthetic."""
    return Generations("chain", Model("student", learner, (data("synthetic", inputs, PREVIOUS),)), count, start, reused)


def rich_pipeline() -> Pipeline:
    """Ridge generations on real and synthetic data, labelled by displaced teachers, then random features."""
    delta = Teacher("delta", d, covariance=Atom("Delta", d, d), near=W0)
    on = data("synthetic", design("X", 14, COVARIANCE), PREVIOUS), data("real", design("R", 9))
    start = Model("zeroth", MinNorm(), (data("first", design("F", 8), delta),))
    generations = Generations("chain", Model("step", Ridge(LAM), on), scalar(3), start)
    learner = RandomFeatures(LAM, Projection("S", scalar(7)), scalar(HALF), scalar(HALF))
    return pipeline(learner, data("last", design("L", 20), generations, noise=Fraction(2)), test=COVARIANCE)


def rich_point() -> Point:
    return at(10, Sigma=spd(10, 6), Delta=Multiple(HALF))


def agrees(estimate: Estimate, exact: float, power: float = 0.2) -> bool:
    """Within 4.5 standard errors, which are small enough to tell the exact value from others."""
    assert 0 < estimate.standard_error < power * abs(exact)
    return abs(estimate.mean - exact) < 4.5 * estimate.standard_error


def chi_square_mean(degrees: tuple[int, ...], f: Callable[..., Any]) -> float:
    """The mean of f over independent chi-square variables of these degrees of freedom (>= 2), by the midpoint rule."""
    points = 400_000 if len(degrees) == 1 else 1500
    grids, weights = [], []
    for k in degrees:
        top = k + 12 * math.sqrt(2 * k) + 40
        x = (np.arange(points) + 0.5) * (top / points)
        density = np.exp((k / 2 - 1) * np.log(x) - x / 2)
        grids.append(x)
        weights.append(density / density.sum())
    if len(degrees) == 1:
        return float(weights[0] @ f(grids[0]))
    return float(weights[0] @ f(grids[0][:, None], grids[1][None, :]) @ weights[1])
