"""Random training pipelines: against simulation, against themselves written differently, against one pencil.

    python -m tests.test_pipeline_fuzz --from 0 --to 200 [--simulate K]

prints how the seeds of `tests.pipeline_generator` ended, and every failure with its seed and pipeline.
"""

from __future__ import annotations

import argparse
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from fpt_calc.api.training import ErrorLaw, point_of
from fpt_calc.errors import CannotDecideError, ComputationError
from fpt_calc.learning.evaluate import evaluate
from fpt_calc.learning.fit import Trainer
from fpt_calc.learning.history import taken_together
from fpt_calc.learning.program import LawDefinition, Program, Writer
from fpt_calc.learning.roots import parameter_values
from fpt_calc.learning.stage_maps import RIDGE
from fpt_calc.learning.tower import test_form as error_form
from fpt_calc.pipeline import (
    Generations,
    RandomFeatures,
    contents,
    datasets_of,
    generations_of,
    is_ridgeless,
    models_of,
    teachers_of,
    unrolled,
)
from fpt_calc.scalars import generator_scalar
from tests.fuzz import TookTooLongError, time_limit
from tests.pipeline_generator import (
    Case,
    backwards,
    random_case,
    rotated,
    split,
    with_noise_times,
    with_random_teachers,
    with_ridges_exchanged,
    with_teachers_times,
)
from tests.printed_pipelines import Numbers, evaluated_print

SUSPECT = 4.5  # standard errors
TRIALS = 60
ROUNDING = 1e-9  # of the error: parameters are solved to 1e-12, thresholds are not near
EQUATION = 1e-4  # weight of residuals: printed polynomials in a parameter cancel to some digits
PATIENCE = 60  # seconds for one seed

Values = dict[str, float]


@dataclass
class Outcome:
    """How one seed ended, by what was done; working data."""

    seed: int
    text: str
    counted: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def expect(self, name: str, found: Values, expected: Values, scale: float) -> None:
        """Two dicts of values are equal up to rounding."""
        self.counted.append(name)
        for key, value in expected.items():
            if not abs(found.get(key, 0.0) - value) <= ROUNDING * scale:
                self.wrong.append(f"{name}: {key} is {found.get(key)} instead of {value}")

    def attempt(self, name: str, work: Callable[[], Values]) -> Values | None:
        """Values, or the reason why there are none."""
        try:
            return work()
        except (CannotDecideError, ComputationError) as error:
            self.refused[name] = f"{type(error).__name__}: {error.what}"
        return None


def values_of(case: Case, factor: int = 1) -> Values:
    """The values of a case."""
    return {name: float(v) for name, v in case.law().at(**case.values(factor)).items()}


def _sums(case: Case, values: Values) -> tuple[Values, Values]:
    """Error, bias and variance as sums of the values of teachers and of data sets."""
    teachers = {t.name for t in teachers_of(case.pipeline)} | {"mixed"}
    own = {d.name for d in datasets_of(case.pipeline)}
    bias = sum(v for k, v in values.items() if k.removeprefix("source.") in teachers)
    variance = sum(v for k, v in values.items() if k.removeprefix("source.") in own)
    found = {"bias": bias, "variance": variance, "error": bias + variance}
    return found, {name: values[name] for name in found}


# written differently -------------------------------------------------------------------------------------------------

Comparison = tuple[Values, Values]  # what the other writing gives, and what it has to be


def _whole(values: Values) -> Values:
    return {name: values[name] for name in ("error", "bias", "variance")}


def _opposite_order(case: Case, values: Values) -> Comparison:
    return values_of(backwards(case)), values


def _ridges_exchanged(case: Case, values: Values) -> Comparison:
    return values_of(with_ridges_exchanged(case)), values


def _split(case: Case, values: Values) -> Comparison:
    found = values_of(split(case))
    for data in datasets_of(case.pipeline):
        parts = [found.pop(f"source.{data.name}_{half}", 0.0) for half in ("one", "two")]
        found[f"source.{data.name}"] = sum(parts)
    return found, {k: v for k, v in values.items() if k in found or k in ("error", "bias", "variance")}


def _rotated(case: Case, values: Values) -> Comparison:
    return values_of(rotated(case, 1)), values


def _written_out(case: Case, values: Values) -> Comparison:
    counts = {c.name: int(case.scalars.get(str(c.count), c.count.constant or 0)) for c in generations_of(case.pipeline)}
    if not counts:
        return {}, {}
    found = values_of(Case(unrolled(case.pipeline, counts), case.dims, case.scalars, case.matrices))
    return found, _whole(values) | {k: v for k, v in values.items() if k in found}


def _random_teachers(case: Case, values: Values) -> Comparison:
    found = values_of(with_random_teachers(case))
    return found, {k: v for k, v in values.items() if k.startswith("source.") and k != "source.mixed"}


def _noise_doubled(case: Case, values: Values) -> Comparison:
    noisy = [d.name for d in datasets_of(case.pipeline) if not d.noise.is_zero]
    if not noisy:
        return {}, {}
    name = f"source.{noisy[0]}"
    found = values_of(with_noise_times(case, noisy[0], 2))
    return found, {**_whole(values), **_raised(values, 3 * values[name]), name: 4 * values[name]}


def _raised(values: Values, by: float) -> Values:
    return {name: values[name] + by for name in ("error", "variance")}


def _teachers_doubled(case: Case, values: Values) -> Comparison:
    found = values_of(with_teachers_times(case, 2.0))
    return found, {"bias": 4 * values["bias"], "variance": values["variance"]}


def _in_one_pencil(case: Case, values: Values) -> Comparison:
    """No stage averaged out on its own: the whole history as traces in one pencil."""
    counts = {c.name: int(case.scalars.get(str(c.count), c.count.constant or 0)) for c in generations_of(case.pipeline)}
    pipeline = unrolled(case.pipeline, counts)
    models = models_of(pipeline)
    if any(is_ridgeless(m.learner) for m in models) or len(models) > 2 or isinstance(pipeline.model, Generations):
        return {}, {}
    trainer = Trainer(generator_scalar(RIDGE), name_numbers=False)
    for model in models:
        trainer.train(model)
    fits, tested = trainer.fits(), pipeline.model.learner
    width = tested.projection.width if isinstance(tested, RandomFeatures) else None
    state = error_form(pipeline.model.name, pipeline.against, pipeline.covariance, width)
    writer = Writer(set(contents(pipeline)[0]))
    bias, noises = taken_together(state, fits, {t.name: t for t in teachers_of(pipeline)}, writer)
    program = Program((), tuple(writer.definitions), bias, noises)
    written = Case(pipeline, case.dims, case.scalars, case.matrices)
    return evaluate(program, point_of(written.law(), written.values())), _whole(values)


def _printed(case: Case, values: Values) -> Comparison:
    """The printed formulas, evaluated by Python, with the parameters of the engine put into their equations."""
    values_at = case.values()
    point = point_of(case.law(), values_at)
    law = ErrorLaw(case.pipeline, point)
    if any(isinstance(item, LawDefinition) for item in law.derived.program.definitions):
        return {}, {}
    parameters = parameter_values(law.derived.program.parameters, law.derived.program.completed(point))
    given: dict[str, Any] = {symbol.name: value for symbol, value in parameters.items()}
    for name, value in values_at.items():
        array = np.asarray(value)
        square = np.diag(array) if array.ndim == 1 else array
        given[name] = float(value) if array.ndim == 0 else Numbers(square)
    given["I"] = Numbers(np.eye(values_at["d"]))
    found, residuals = evaluated_print(str(law), given)
    found |= {f"residual {k}": EQUATION * values["error"] * value for k, value in enumerate(residuals)}
    expected = {name: values[name] for name in found if name in values}
    return found, expected | {f"residual {k}": 0.0 for k in range(len(residuals))}


WRITINGS: dict[str, Callable[[Case, Values], Comparison]] = {
    "opposite order": _opposite_order,
    "ridges exchanged": _ridges_exchanged,
    "rotated": _rotated,
    "written out": _written_out,
    "random teachers": _random_teachers,
    "noise doubled": _noise_doubled,
    "teachers doubled": _teachers_doubled,
    "one pencil": _in_one_pencil,
    "printed": _printed,
    "split": _split,
}


# against simulation --------------------------------------------------------------------------------------------------


def _compare_simulation(outcome: Outcome, case: Case, values: Values) -> None:
    """Values that are off at one size are extrapolated from two: offsets of finite dimensions halve, errors do not."""
    first = _gaps(case, 1, TRIALS, values)
    outcome.counted.append("simulation")
    suspects = {name for name, (gap, error) in first.items() if abs(gap) > SUSPECT * error}
    if not suspects:
        return
    second, third = (_gaps(case, factor, TRIALS, values_of(case, factor)) for factor in (2, 4))
    outcome.counted.append("simulation at larger sizes")
    for name in sorted(suspects):
        (middle, spread), (gap, error) = second[name], third[name]
        rest, doubt = 2 * gap - middle, np.hypot(2 * error, spread)
        if abs(rest) > SUSPECT * doubt and abs(gap) > 0.35 * abs(first[name][0]):
            sizes = ", ".join(f"{g:.2e} +- {e:.1e}" for g, e in (first[name], second[name], third[name]))
            outcome.wrong.append(f"simulation: {name} = {values[name]:.5g} is off by {sizes}")


def _gaps(case: Case, factor: int, trials: int, values: Values) -> dict[str, tuple[float, float]]:
    """How much each simulated value is above the limit, with its standard error."""
    found = case.law().simulate(trials=trials, seed=outcome_seed(case), progress=False, **case.values(factor))
    floor = max(1e-10 * values["error"], 1e-14)  # of rounding; teachers are of size one
    return {
        name: (estimate.mean - values.get(name, 0.0), max(estimate.standard_error, floor))
        for name, estimate in found.items()
        if name != "train_error" and (name in values or name.count("_") == 0)
    }


def outcome_seed(case: Case) -> int:
    """A seed for draws, the same for all sizes."""
    return len(str(case))


# one seed -------------------------------------------------------------------------------------------------------------


def run_seed(seed: int, simulated: bool = False, writings: int = len(WRITINGS)) -> Outcome:
    """One seed: derived, added up, compared with simulation, and written differently in so many ways."""
    case = random_case(seed)
    outcome = Outcome(seed, str(case))
    start = time.perf_counter()
    try:
        with time_limit(PATIENCE):
            _compare(outcome, case, simulated, writings)
    except TookTooLongError:
        outcome.refused["time"] = f"more than {PATIENCE} s after {outcome.counted[-1:]}"
    outcome.seconds = time.perf_counter() - start
    return outcome


def _compare(outcome: Outcome, case: Case, simulated: bool, writings: int) -> None:
    values = outcome.attempt("values", lambda: values_of(case))
    if values is None:
        return
    scale = max(values["error"], ROUNDING)  # teachers are of size one
    outcome.expect("additivity", *_sums(case, values), scale)
    if min(values["bias"], values["variance"]) < -ROUNDING * scale:
        outcome.wrong.append(f"negative: {values}")
    if simulated:
        _compare_simulation(outcome, case, values)
    chosen = [*WRITINGS, *WRITINGS][outcome.seed % len(WRITINGS) :][:writings]
    for name, work in ((name, WRITINGS[name]) for name in chosen):
        made = outcome.attempt(name, lambda work=work: work(case, values))  # type: ignore[misc]  # called at once
        if made is not None and made[1]:
            outcome.expect(name, *made, scale)


# tests ---------------------------------------------------------------------------------------------------------------

QUICK = (0, 4, 9, 12, 14, 17, 24, 25, 151)  # of all kinds, and short
LONG = range(100, 108)


@pytest.mark.parametrize("seed", [*QUICK, *(pytest.param(s, marks=pytest.mark.slow) for s in LONG)])
def test_random_pipelines(seed: int) -> None:
    outcome = run_seed(seed, simulated=True, writings=2)
    assert not outcome.wrong, f"{outcome.wrong}\n{outcome.text}"


# many seeds ----------------------------------------------------------------------------------------------------------


def guarded(seed: int, simulated: bool, writings: int) -> Outcome:
    """One seed; an exception is a finding."""
    try:
        return run_seed(seed, simulated, writings)
    except Exception:  # any exception is what is looked for
        return Outcome(seed, str(random_case(seed)), wrong=[traceback.format_exc(limit=-4)])


def table(outcomes: list[Outcome]) -> str:
    """Counts of all that was seen."""
    counts = Counter(name for o in outcomes for name in o.counted)
    lines = [f"seeds {len(outcomes)}, wrong {sum(bool(o.wrong) for o in outcomes)}"]
    lines += [f"{count:7d}  compared: {name}" for name, count in counts.most_common()]
    reasons = Counter(f"{name}: {why}" for o in outcomes for name, why in o.refused.items())
    lines += [f"{count:7d}  refused, {text}" for text, count in reasons.most_common()]
    seconds = np.quantile([o.seconds for o in outcomes], [0.5, 0.9, 1])
    return "\n".join([*lines, "seconds: median {:.1f}, 90% {:.1f}, max {:.1f}".format(*seconds)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--from", dest="first", type=int, default=0)
    parser.add_argument("--to", dest="last", type=int, default=100)
    parser.add_argument("--simulate", type=int, default=1, metavar="K", help="simulate every K-th seed")
    parser.add_argument("--writings", type=int, default=2, help="of each pipeline, compared with it")
    options = parser.parse_args()
    outcomes: list[Outcome] = []
    with suppress(KeyboardInterrupt):
        for seed in range(options.first, options.last):
            outcome = guarded(seed, options.simulate > 0 and seed % options.simulate == 0, options.writings)
            outcomes.append(outcome)
            print(f"{seed} [{outcome.seconds:.1f} s] {outcome.refused or ''}", flush=True)
            for finding in outcome.wrong:
                print(f"WRONG {seed} {finding}\n{outcome.text}", flush=True)
    print(table(outcomes))


if __name__ == "__main__":
    main()
