"""Monte Carlo: targets averaged over draws of the model as declared, or of its complex twin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fpt_calc.errors import ComputationError, InputError
from fpt_calc.expr import traces_of
from fpt_calc.oracles.leaves import atoms_behind
from fpt_calc.oracles.sampling import SampledModel
from fpt_calc.oracles.twin import twin
from fpt_calc.point import Estimate, NumericModel, Point, check_draws
from fpt_calc.scalars import Generator, Scalar

ENSEMBLES = ("model", "limit")


def simulate(
    targets: Mapping[str, Scalar], point: Point, *, trials: int = 100, seed: int = 0, ensemble: str = "model"
) -> dict[str, Estimate]:
    """The means of targets over random draws; all targets see the same draws.

    Parameters
    ----------
    targets : scalars by name; they may be any functions of traces, which are evaluated draw by draw.
    point : numbers for dimensions (their values must be integers), scalars and deterministic matrices.
    trials : the number of draws, at least 2.
    seed : the same seed gives the same draws of an atom, whatever the other targets are.
    ensemble : "model" samples the matrices as declared, "limit" the complex twin (`fpt_calc.oracles.twin`), whose
        means lie closer to the limit; real targets then take the real part.

    Raises `InputError` for missing or contradictory numbers, `ComputationError` where an inverse is singular.

    >>> from fpt_calc.ensembles import Wigner
    >>> from fpt_calc.expr import Atom, tau
    >>> from fpt_calc.scalars import ONE, dimension
    >>> d = dimension("d")
    >>> W = Atom("W", d, d, law=Wigner(ONE / d))
    >>> estimate = simulate({"second": tau(W @ W)}, Point(dims={"d": 50}), trials=20)["second"]
    >>> abs(estimate.mean - (1 + 1/50)) < 5 * estimate.standard_error
    True
    """
    _check(trials, seed, ensemble)
    sampled = dict(targets) if ensemble == "model" else {name: twin(target) for name, target in targets.items()}
    model = SampledModel(point, atoms_behind(sampled.values()), seed)
    draws: dict[str, list[Any]] = {name: [] for name in targets}
    for trial in range(trials):
        model.draw(trial)
        for name, target in sampled.items():
            draws[name].append(_value(name, target, model, trial))
    result = {}
    for name, target in targets.items():
        values = np.array(draws[name])
        mean, error = _average(values.real if target.conjugate() == target else values)
        result[name] = Estimate(mean, error, trials, seed, ensemble)
    return result


def _check(trials: int, seed: int, ensemble: str) -> None:
    check_draws(trials, seed)
    if ensemble not in ENSEMBLES:
        raise InputError(f"unknown ensemble {ensemble!r}", where="ensemble", remedy=f"use {' or '.join(ENSEMBLES)}")


def _value(name: str, target: Scalar, model: SampledModel, trial: int) -> float | complex:
    where = f"targets.{name}"
    try:
        traces: dict[Generator, Any] = {trace: model.trace(trace) for trace in traces_of(target)}
        value: float | complex = NumericModel(model.point, traces).scalar(target)
    except ComputationError as error:
        raise ComputationError(f"in draw {trial} {error.what}", where=where, remedy=error.remedy) from None
    if not np.isfinite(value):
        raise ComputationError(f"draw {trial} gives {value}", where=where, remedy="look for a division by zero")
    return value


def _average(values: Any) -> tuple[float | complex, float]:
    """The mean and its standard error; imaginary parts that are rounding only are dropped."""
    rounding = 1e4 * np.finfo(float).eps * np.abs(values).max()
    if np.iscomplexobj(values) and np.abs(values.imag).max() <= rounding:
        values = values.real
    if np.all(values == values[0]):
        return values[0].item(), 0.0
    return values.mean().item(), float(values.std(ddof=1) / len(values) ** 0.5)
