"""Errors of a training pipeline averaged over draws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from typing import Literal

import numpy as np

from fpt_calc.errors import ComputationError
from fpt_calc.pipeline import Pipeline
from fpt_calc.point import Estimate, Point, check_draws
from fpt_calc.training.plan import Array, Plan
from fpt_calc.training.prepare import make_plan
from fpt_calc.training.progress import reported
from fpt_calc.training.trial import ERRORS, run_trials

CHUNKS = 40  # tasks for an executor: enough to keep workers equally busy


def simulate_pipeline(
    pipeline: Pipeline,
    point: Point,
    *,
    trials: int = 100,
    seed: int = 0,
    counts: Mapping[str, int] | None = None,
    executor: Executor | None = None,
    progress: Literal[False] | None = None,
) -> dict[str, Estimate]:
    """The errors of the tested model over random draws of all data; all errors see the same draws.

    Parameters
    ----------
    pipeline : generations are written out; only models that the tested one descends from are trained.
    point : numbers for sizes, scalars and deterministic matrices.  A covariance that is None is the identity.
    trials : the number of draws, at least 2.
    seed : every trial and every name of a data set, design, teacher or projection has its own stream.
    counts : numbers of generations by the name of the chain; they override those of the point.
    executor : runs chunks of trials, in threads or processes; the result is the same without it.
    progress : None shows a line on a terminal once a second has passed, False never.

    Returns
    -------
    Estimates by name.  With w = w_signal + w_noise (every learner is linear in the labels), w0 the teacher compared
    with and Sigma the covariance of test inputs:

    - ``error``: ``|w - w0|^2_Sigma``; ``bias``: ``|w_signal - w0|^2_Sigma``, with the same designs and teachers but no
      label noise; ``variance``: ``|w_noise|^2_Sigma``.  Random features add ``nonlinear^2 |v|^2`` to each.
    - ``source.NAME`` for each data set whose noise is not identically zero: only its noise is on.  For a data set
      of a generation, ``source.NAME_k`` for generation k, and ``source.NAME`` for the sum over all drawn for it.
    - ``source.NAME`` for each teacher: only its own part is on, here and in w0, and there is no noise.
    - ``train_error``: the mean of ``(y - f(x))^2`` over all samples of the tested model.

    Raises `InputError` for missing or contradictory numbers, `ComputationError` where a fit fails.

    >>> from fpt_calc.expr import Atom
    >>> from fpt_calc.pipeline import OLS, Dataset, Design, Model, Teacher
    >>> from fpt_calc.point import Multiple
    >>> from fpt_calc.scalars import dimension, scalar
    >>> from fractions import Fraction
    >>> d, n = dimension("d"), dimension("n")
    >>> w0 = Teacher("w0", d, covariance=Atom("C", d, d))
    >>> data = Dataset("data", Design("X", n, d), w0, noise=scalar(Fraction(1, 2)))
    >>> point = Point(dims={"d": 10, "n": 40}, matrices={"C": Multiple(1)})
    >>> result = simulate_pipeline(Pipeline(Model("fit", OLS(), (data,)), w0), point)
    >>> sorted(result)
    ['bias', 'error', 'source.data', 'source.w0', 'train_error', 'variance']
    >>> exact = 0.25 * 10 / (40 - 10 - 1)
    >>> abs(result["error"].mean - exact) < 4 * result["error"].standard_error
    True
    """
    check_draws(trials, seed)
    plan = make_plan(pipeline, point, counts or {})
    chunks = reported(_results(plan, seed, _chunks(trials), executor), trials, progress)
    samples = _samples(plan, np.concatenate(list(chunks)))
    return {name: _estimate(name, values, seed) for name, values in samples.items()}


def _chunks(trials: int) -> list[range]:
    size = -(-trials // CHUNKS)
    return [range(start, min(start + size, trials)) for start in range(0, trials, size)]


def _results(plan: Plan, seed: int, chunks: list[range], executor: Executor | None) -> Iterator[Array]:
    if executor is None:
        yield from (run_trials(plan, seed, chunk) for chunk in chunks)
        return
    tasks = [executor.submit(run_trials, plan, seed, chunk) for chunk in chunks]
    try:
        for task in tasks:
            yield task.result()
    finally:
        for task in tasks:
            task.cancel()


def _samples(plan: Plan, values: Array) -> dict[str, Array]:
    """The values of every target, one for each trial."""
    errors = len(ERRORS)
    samples = dict(zip(ERRORS, values.T[:errors], strict=True))
    sources = dict(zip(plan.sources, values.T[errors:], strict=True))
    totals = {name: sum((sources[s] for s in drawn), np.zeros(len(values))) for name, drawn in plan.totals.items()}
    return samples | {f"source.{name}": value for name, value in (sources | totals).items()}


def _estimate(name: str, values: Array, seed: int) -> Estimate:
    if not np.all(np.isfinite(values)):
        remedy = "look for numbers that are very large or very small"
        raise ComputationError("a draw is not a finite number", where=name, remedy=remedy)
    error = float(values.std(ddof=1) / len(values) ** 0.5)
    return Estimate(float(values.mean()), error, len(values), seed, "model")
