"""Simulated training as a computation: reproducible, indifferent to executors, frugal, and clear about bad input."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context
from typing import Any

import numpy as np
import pytest

from fpt_calc.errors import ComputationError, InputError
from fpt_calc.expr import Atom
from fpt_calc.pipeline import (
    OLS,
    PREVIOUS,
    Dataset,
    Design,
    Generations,
    Learner,
    MinNorm,
    Model,
    Pipeline,
    Ridge,
)
from fpt_calc.point import Dense, Eigenvalues, Multiple, Point
from fpt_calc.scalars import ONE, Scalar, scalar
from fpt_calc.training import progress as progress_line
from fpt_calc.training import simulate_pipeline
from fpt_calc.training.plan import Plan
from fpt_calc.training.prepare import make_plan
from fpt_calc.training.trial import ERRORS, run_trials
from tests.training_cases import (
    COVARIANCE,
    LAM,
    SIGMA,
    TEST,
    W0,
    agrees,
    at,
    chain,
    data,
    design,
    pipeline,
    rich_pipeline,
    rich_point,
    symbol,
)

NOISE = float(SIGMA) ** 2


def rich_plan() -> Plan:
    return make_plan(rich_pipeline(), rich_point(), {})


# reproducibility ----------------------------------------------------------------------------------------------------


@contextmanager
def pools() -> Iterator[list[Executor]]:
    with ThreadPoolExecutor(3) as threads, ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        yield [threads, processes]


def test_results_do_not_depend_on_the_executor() -> None:
    point = rich_point()
    with pools() as executors:
        for trials in (2, 41, 90):  # fewer and more than there are chunks
            alone = simulate_pipeline(rich_pipeline(), point, trials=trials, seed=7)
            assert {e.trials for e in alone.values()} == {trials}
            for executor in executors:
                assert simulate_pipeline(rich_pipeline(), point, trials=trials, seed=7, executor=executor) == alone


def test_an_error_in_a_task_is_that_of_the_serial_run() -> None:
    singular = Eigenvalues((1.0, 1.0, 0.0))
    asked = pipeline(OLS(), data("D", design("X", 9, COVARIANCE)))
    with ThreadPoolExecutor(2) as threads:
        for executor in (None, threads):
            with pytest.raises(ComputationError, match="fit: least squares on inputs of rank 2 in 3 dimensions"):
                simulate_pipeline(asked, at(3, Sigma=singular), executor=executor)


def test_seeds() -> None:
    asked = pipeline(OLS(), data("D", design("X", 20)))
    first, again, other = (simulate_pipeline(asked, at(5), trials=5, seed=s)["error"] for s in (1, 1, 2))
    assert first == again
    assert first.mean != other.mean
    assert (first.seed, first.trials, first.ensemble) == (1, 5, "model")


def test_draws_depend_on_names_alone() -> None:
    """The noise of the first data set is the same draw, whether or not another one comes before or after it."""
    one, two = data("D", design("X", 20)), data("E", design("Y", 20))
    apart = simulate_pipeline(pipeline(OLS(), one), at(5), trials=5)
    student = Model("student", OLS(), (data("E", design("Y", 20), Model("fit", OLS(), (one,))),))
    after = simulate_pipeline(Pipeline(student, W0), at(5), trials=5)
    assert after["source.D"].mean == pytest.approx(apart["source.D"].mean, rel=1e-9)  # noiseless OLS changes nothing
    both = [simulate_pipeline(pipeline(OLS(), *on), at(5), trials=5)["error"].mean for on in ((one, two), (two, one))]
    assert both[0] == pytest.approx(both[1], rel=1e-9)


def test_trials_are_independent() -> None:
    """Averages over trials of one seed have the spread that the standard error says (a chi-square of 19 degrees)."""
    asked = pipeline(OLS(), data("D", design("X", 40)))
    results = [simulate_pipeline(asked, at(5), trials=50, seed=s)["error"] for s in range(20)]
    ratio = np.var([r.mean for r in results], ddof=1) / np.mean([r.standard_error**2 for r in results])
    assert 0.25 < ratio < 2.6  # probability about 1e-4 each


def test_the_standard_error_of_two_trials_is_half_of_their_distance() -> None:
    result = simulate_pipeline(rich_pipeline(), rich_point(), trials=2, seed=3)
    first, second = run_trials(rich_plan(), 3, range(2))[:, ERRORS.index("error")]
    assert result["error"].mean == pytest.approx((first + second) / 2)
    assert result["error"].standard_error == pytest.approx(abs(first - second) / 2)


def test_forgetting_changes_nothing() -> None:
    plan = rich_plan()
    keeping = replace(plan, models=tuple(replace(m, forget=()) for m in plan.models))
    assert sum(len(m.forget) for m in plan.models) > 20
    assert np.array_equal(run_trials(plan, 3, range(4)), run_trials(keeping, 3, range(4)))


def test_what_is_forgotten_is_everything_at_its_last_use() -> None:
    plan = rich_plan()
    forgotten = [key for m in plan.models for key in m.forget]
    assert len(forgotten) == len(set(forgotten))
    kinds = {kind: {key[1] for key in forgotten if key[0] == kind} for kind in ("inputs", "labels", "model")}
    data_sets = {d.name for m in plan.models for d in m.on}
    assert kinds["labels"] == data_sets
    assert kinds["inputs"] == {d.design.name for m in plan.models for d in m.on}
    assert kinds["model"] == {m.name for m in plan.models[:-1]}


@pytest.mark.parametrize("given", ["number", "counts"])
def test_no_generations_are_their_start(given: str) -> None:
    count, counts = (scalar(0), None) if given == "number" else (symbol("k"), {"chain": 0})
    start = Model("start", MinNorm(), (data("D", design("Z", 6)),))
    empty = chain(OLS(), count, design("X", 20), start)
    results = [
        simulate_pipeline(pipeline(Ridge(LAM), data("E", design("Y", 9), source)), at(8), trials=4, counts=c)
        for source, c in ((empty, counts), (start, None))
    ]
    assert results[0].pop("source.synthetic").mean == 0
    assert results[0] == results[1]


def test_only_ancestors_are_trained() -> None:
    """The step of no generations may be impossible to train."""
    impossible = chain(OLS(), scalar(0), design("X", 2))
    result = simulate_pipeline(pipeline(OLS(), data("E", design("Y", 20), impossible)), at(8), trials=2)
    assert "source.synthetic_1" not in result
    assert [m.name for m in make_plan(rich_pipeline(), at(10, Sigma=Multiple(1), Delta=Multiple(1)), {}).models] == [
        *("zeroth", "step_1", "step_2", "step_3", "fit")
    ]


def test_many_generations() -> None:
    asked = Pipeline(chain(OLS(), symbol("k"), design("X", 12)), W0)
    result = simulate_pipeline(asked, at(2), trials=60, counts={"chain": 100})
    assert agrees(result["error"], 100 * NOISE * 2 / (12 - 2 - 1))


def test_the_sum_over_generations_includes_the_data_set_outside_of_them() -> None:
    real = data("real", design("X", 20))
    step = Model("step", OLS(), (real, data("synthetic", design("Y", 20), PREVIOUS)))
    start = Model("start", OLS(), (real,))
    result = simulate_pipeline(Pipeline(Generations("chain", step, scalar(1), start), W0), at(5), trials=300)
    alone = simulate_pipeline(Pipeline(step_one(real, start), W0), at(5), trials=300)
    both = alone["source.real"].mean + alone["source.real_1"].mean
    assert result["source.real"].mean == pytest.approx(both, rel=1e-9)


def step_one(real: Dataset, start: Model) -> Model:
    """The first generation of the chain above, written by hand."""
    return Model("step_1", OLS(), (data("real_1", design("X_1", 20)), data("synthetic_1", design("Y_1", 20), start)))


# progress -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terminal", "patience", "progress", "shown"),
    [(True, -1.0, None, True), (True, -1.0, False, False), (False, -1.0, None, False), (True, 1e9, None, False)],
)
def test_progress(
    terminal: bool, patience: float, progress: Any, shown: bool, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(progress_line, "PATIENCE", patience)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    simulate_pipeline(pipeline(OLS(), data("D", design("X", 20))), at(5), trials=7, progress=progress)
    written = capsys.readouterr()
    assert written.out == ""
    assert ("7/7 draws" in written.err) is shown
    assert written.err == "" or written.err.endswith("\r\033[K")


# bad input ----------------------------------------------------------------------------------------------------------

SYMBOLIC = Design("X", symbol("T"), W0.dim, COVARIANCE)


def noisy(noise: Scalar) -> Pipeline:
    return pipeline(OLS(), Dataset("D", design("X", 20), W0, noise))


def taught_by_generations() -> Dataset:
    return data("E", design("Y", 9), chain(OLS(), ONE, design("X", 8)))


def learned(learner: Learner, size: int = 20) -> Pipeline:
    return pipeline(learner, data("D", design("X", size)))


GOOD: dict[str, Any] = {"T": 20, "Sigma": Multiple(1)}
BAD: dict[str, tuple[Pipeline, Point, dict[str, Any], str]] = {
    "no value for a size": (pipeline(OLS(), data("D", SYMBOLIC)), at(5, Sigma=Multiple(1)), {}, "'T'"),
    "size that is no integer": (
        *(pipeline(OLS(), data("D", SYMBOLIC)), at(5, {"T": 20.5}, Sigma=Multiple(1)), {}),
        "T = 20.5 is not a positive integer",
    ),
    "no dimension": (learned(OLS()), Point(matrices={"C0": Multiple(1)}), {}, "dimension 'd'"),
    "no covariance": (pipeline(OLS(), data("D", SYMBOLIC)), at(5, {"T": 20}), {}, "matrix 'Sigma'"),
    "no teacher": (learned(OLS()), Point({"d": 5}), {}, "matrix 'C0'"),
    "no noise": (noisy(symbol("s")), at(5), {}, "'s'"),
    "noise of a wrong sign": (noisy(-symbol("s")), at(5, {"s": 1}), {}, "negative"),
    "negative noise at the point": (noisy(1 - symbol("s")), at(5, {"s": 2}), {}, "D: the noise -1 is negative"),
    "no ridge": (learned(Ridge(symbol("l"))), at(5), {}, "'l'"),
    "negative ridge at the point": (learned(Ridge(1 - symbol("l"))), at(5, {"l": 1}), {}, "fit: a ridge of 0"),
    "too few samples": (learned(OLS(), 5), at(5), {}, "5 different inputs in 5 dimensions"),
    "too few different inputs": (
        *(pipeline(OLS(), data("D", design("X", 4)), data("E", design("X", 4))), at(5), {}),
        "4 different inputs in 5 dimensions",
    ),
    "one trial": (learned(OLS()), at(5), {"trials": 1}, "trials: 1 trials"),
    "negative seed": (learned(OLS()), at(5), {"seed": -1}, "seed: the seed -1"),
    "limiting spectrum": (
        *(learned(OLS()), at(5, C0=Eigenvalues((1.0, 2.0), (0.5, 0.5))), {}),
        "at.C0: a limiting spectrum",
    ),
    "limiting design": (
        *(pipeline(OLS(), data("D", design("X", 9, COVARIANCE))), at(5, Sigma=Eigenvalues((1.0,), (1.0,))), {}),
        "at.Sigma: a limiting spectrum",
    ),
    "indefinite covariance": (
        *(pipeline(OLS(), data("D", design("X", 9, COVARIANCE))), at(2, Sigma=Eigenvalues((1.0, -1.0))), {}),
        "at.Sigma: not a covariance",
    ),
    "indefinite dense covariance": (
        *(learned(OLS()), at(2, C0=Dense(np.array([[1.0, 2.0], [2.0, 1.0]]))), {}),
        "at.C0: not a covariance",
    ),
    "covariance that is not symmetric": (
        *(learned(OLS()), at(2, C0=Dense(np.array([[1.0, 0.5], [0.0, 1.0]]))), {}),
        "at.C0: not a covariance",
    ),
    "test covariance": (
        *(replace(learned(OLS()), covariance=TEST), at(5, SigmaTest=Multiple(-1)), {}),
        "at.SigmaTest: not a covariance",
    ),
    "complex covariance": (
        *(replace(learned(OLS()), covariance=Atom("K", W0.dim, W0.dim, entries="complex")), at(1, K=Multiple(1j)), {}),
        "at.K: complex",
    ),
    "no number of generations": (Pipeline(chain(OLS(), symbol("k"), design("X", 20)), W0), at(5), {}, "'k'"),
    "part of a generation": (
        *(Pipeline(chain(OLS(), symbol("k"), design("X", 20)), W0), at(5, {"k": 1.5}), {}),
        "chain: 1.5 generations",
    ),
    "negative generations": (
        *(Pipeline(chain(OLS(), symbol("k"), design("X", 20)), W0), at(5), {"counts": {"chain": -1}}),
        "chain: -1 generations",
    ),
    "unknown generations": (learned(OLS()), at(5), {"counts": {"chain": 2}}, "counts.chain: no generations"),
    "no generations tested": (
        *(Pipeline(chain(OLS(), scalar(0), design("X", 20)), W0), at(5), {}),
        "not a model",
    ),
    "too large": (learned(MinNorm(), 10**6), at(10**4), {}, "1000000 x 10000 is too large"),
    "name of a generation": (
        pipeline(OLS(), data("synthetic_1", design("Z", 9)), taught_by_generations()),
        *(at(5), {}),
        "synthetic_1: two things of one name",
    ),
    "name of the design of a generation": (
        pipeline(OLS(), data("D", design("X_1", 9)), taught_by_generations()),
        *(at(5), {}),
        "X_1: two designs of one name",
    ),
    "bad pipeline": (pipeline(OLS()), at(5), {}, "a model without data"),
}


@pytest.mark.parametrize(("asked", "point", "options", "message"), BAD.values(), ids=BAD.keys())
def test_bad_input(asked: Pipeline, point: Point, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        simulate_pipeline(asked, point, **{"trials": 2} | options)
    text = str(caught.value)
    assert message in text
    assert "\n" not in text
    assert caught.value.remedy


def test_numbers_that_overflow_are_reported(recwarn: pytest.WarningsRecorder) -> None:
    with pytest.raises(ComputationError, match="not a finite number"):
        simulate_pipeline(noisy(symbol("s")), at(5, {"s": 1e200}), trials=2)
    assert not recwarn.list
