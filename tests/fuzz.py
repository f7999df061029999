"""Random well-posed problems through the whole chain, compared with moments, balls and simulation.

    python -m tests.fuzz --from 0 --to 1000 [--depth D] [--simulate K] [--closed K]

prints how the seeds of `tests.wide_generator` ended, and every failure with its seed and text.  A refusal at any stage
but the closed form counts as refused: the problems are well posed.
"""

from __future__ import annotations

import argparse
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

import flint
import numpy as np

from fpt_calc.certify import certify
from fpt_calc.claims.moments import moments_agree
from fpt_calc.claims.points import exact_point
from fpt_calc.closed_form import closed_form_evidence
from fpt_calc.derivation import LimitLaw, derive_law
from fpt_calc.errors import CannotDecideError, FptError
from fpt_calc.expr import constituents
from fpt_calc.oracles import simulate
from fpt_calc.oracles.leaves import atoms_behind
from fpt_calc.point import Point
from fpt_calc.scalars import Dimension, Parameter, Scalar
from fpt_calc.solve import Result, Solution, solve
from tests.generators import point_for
from tests.wide_generator import wide_problem

T = TypeVar("T")
Targets = Mapping[str, Scalar]

DIGITS = 20
HONEST = 10  # times its own error estimate a value in double precision may be off
SIZES = {"n": 72, "d": 60, "k": 48}
TRIALS = 24
SUSPECT = 4.5  # standard errors
SHRINKS = 0.7  # times what it was, at most: an offset of finite dimensions when these are doubled
PATIENCE = 40  # seconds for one seed


class TookTooLongError(Exception):
    """A seed used up its time."""


@dataclass
class Outcome:
    """How one seed ended: what each stage says, by stage; working data.

    ``words`` : by stage, "ok" or another short word.  ``refused`` : by stage, the reason.  ``wrong`` : findings.
    """

    seed: int | str
    text: str
    words: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    z: list[float] = field(default_factory=list)

    def stage(self, name: str, work: Callable[[], T]) -> T | None:
        """The result of a stage; None where it refuses, and then the reason is kept."""
        start = time.perf_counter()
        try:
            return work()
        except FptError as error:
            self.refused[name] = f"{type(error).__name__}: {error.what}"
        finally:
            self.seconds[name] = time.perf_counter() - start
        return None

    def expect(self, stage: str, good: bool, what: str) -> None:
        """Note a result, and a finding if it is not good."""
        self.words[stage] = "agrees" if good and self.words.get(stage) != "WRONG" else "WRONG"
        if not good:
            self.wrong.append(f"{stage}: {what}")


def run_seed(seed: int, simulated: bool = False, closed: bool = False, depth: int = 3) -> Outcome:
    """One seed through the chain."""
    return run_targets(wide_problem(seed, depth), seed, simulated, closed)


def run_targets(targets: Targets, seed: int, simulated: bool = False, closed: bool = False) -> Outcome:
    """Some targets through the chain; the seed draws the points."""
    outcome = Outcome(seed, "; ".join(f"{name} = {target}" for name, target in targets.items()))
    law = outcome.stage("derive", lambda: derive_law(targets))
    if law is None:
        return outcome
    _compare_moments(outcome, law)
    _compare_balls(outcome, law, seed)
    if simulated:
        _compare_simulation(outcome, law, seed)
    if closed:
        _closed_form(outcome, law)
    return outcome


def _compare_moments(outcome: Outcome, law: LimitLaw) -> None:
    states = len(law.raw.dims)
    order = 6 if states <= 10 else 4 if states <= 30 else 3
    agree = outcome.stage("moments", lambda: moments_agree(law, order))
    if agree is not None:
        outcome.expect("moments", agree, f"different up to order {order}")
    elif "moments" not in outcome.refused:
        outcome.refused["moments"] = "every model has a pole"


def _compare_balls(outcome: Outcome, law: LimitLaw, seed: int) -> None:
    """At an exact point: certified, and the value in double precision within its own error."""
    point = outcome.stage("exact point", lambda: exact_numbers(law.targets, seed))
    solution = None if point is None else _solved(outcome, "solve", law, point)
    if point is None or solution is None:
        return

    def balls() -> Any:
        return certify(law.system, point, solution.values, DIGITS)

    certified = outcome.stage("balls", balls)
    if certified is None:
        return
    for name, ball in certified.outputs.items():
        value, error = solution.outputs[name], solution.output_errors[name]
        gap = float(abs(flint.acb(ball) - complex(value)).abs_lower())  # beyond the radius of the ball
        times = gap / max(error, 1e-300)
        outcome.expect("error", times <= HONEST, f"{name} = {value} is off by {gap:.1e}, {times:.3g} estimates")
    gap_stability = solution.stability - float(certified.stability.upper())
    outcome.expect("stability", gap_stability <= 1e-9 * solution.stability, f"{gap_stability:.1e} above the bound")


def exact_numbers(targets: Targets, seed: int) -> Point:
    """A random exact point for all names in the targets."""
    found = list(constituents(targets.values()))
    generators = {g for g in found if isinstance(g, Dimension | Parameter) and not is_fixed_number(g)}
    matrices = {a for a in atoms_behind(targets.values()) if not a.is_random}
    return exact_point(matrices, generators, (), seed).point


def _solved(outcome: Outcome, stage: str, law: LimitLaw, point: Point) -> Solution | None:
    solution = outcome.stage(stage, lambda: solve(law.system, point))
    if solution is not None and solution.result is not Result.SUCCESS:
        outcome.refused[stage] = solution.result.name
        return None
    return solution


def _compare_simulation(outcome: Outcome, law: LimitLaw, seed: int) -> None:
    """At dense matrices of larger dimensions; a suspect is drawn again at twice the size.

    A twin is off its limit by O(1/n^2), or O(1/n) where fixed dimensions occur, which halves at least; errors do not.
    Nor do variances that a product of two traces has for a mean, as the matrices differ: these are below 1/n^2.
    """
    first = _deviations(outcome, law, SIZES, seed)
    outcome.z += [z for _, z in first.values()]
    suspects = {name: gap for name, (gap, z) in first.items() if z > SUSPECT}
    second = _deviations(outcome, law, {k: 2 * v for k, v in SIZES.items()}, seed) if suspects else {}
    both = {name: (first[name], second[name]) for name in suspects if name in second}
    floor = min(SIZES.values()) ** -2
    wrong = {
        name: (gap, again)
        for name, (gap, again) in both.items()
        if again[1] > SUSPECT and again[0] > max(SHRINKS * gap[0], floor)
    }
    if first:
        outcome.expect("simulation", not wrong, f"gaps and standard errors at two sizes: {wrong}")
    if suspects:
        outcome.words["simulation, suspects"] = "smaller at twice the size" if not wrong else "WRONG"


def _deviations(outcome: Outcome, law: LimitLaw, sizes: dict[str, int], seed: int) -> dict[str, tuple[float, float]]:
    """How much each target is off, and how many standard errors that is."""
    point = point_for(law.targets, seed, sizes)
    solution = _solved(outcome, "solve larger", law, point)
    if solution is None:
        return {}
    found = outcome.stage("simulate", lambda: simulate(law.targets, point, trials=TRIALS, seed=seed, ensemble="limit"))
    result = {}
    for name, estimate in (found or {}).items():
        value = solution.outputs[name]
        gap = abs(estimate.mean - value)
        result[name] = float(gap), float(gap / max(estimate.standard_error, 1e-12 * (1 + abs(value))))
    return result


def is_fixed_number(generator: Dimension | Parameter) -> bool:
    return isinstance(generator, Dimension) and generator.name.isdigit()


def _closed_form(outcome: Outcome, law: LimitLaw) -> None:
    """No closed form is no refusal; one that fails its check is wrong."""
    start = time.perf_counter()
    try:
        form = law.find_closed_form()
        outcome.expect("closed form", closed_form_evidence(law.system, form).passed, "does not hold")
    except CannotDecideError:
        outcome.words["closed form"] = "none"
    except FptError as error:
        outcome.expect("closed form", False, error.what)
    outcome.seconds["closed form"] = time.perf_counter() - start


# many seeds --------------------------------------------------------------------------------------------------------


@contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    """Raise `TookTooLongError` in the body after so many seconds."""

    def ring(*_: Any) -> None:
        raise TookTooLongError

    previous = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)


def guarded(seed: int, simulated: bool, closed: bool, depth: int) -> Outcome:
    """One seed; what should never happen, an exception or no end, is a finding."""
    start = time.perf_counter()
    try:
        with time_limit(PATIENCE):
            outcome = run_seed(seed, simulated, closed, depth)
    except TookTooLongError:
        outcome = Outcome(seed, str(wide_problem(seed, depth)), refused={"time": f"more than {PATIENCE} s"})
    except Exception as error:  # any exception is what is looked for
        outcome = Outcome(seed, str(wide_problem(seed, depth)), wrong=[f"exception: {error!r}"])
    outcome.seconds["all"] = time.perf_counter() - start
    return outcome


def table(outcomes: Iterable[Outcome]) -> str:
    """Counts of all that was seen."""
    seen = list(outcomes)
    refused = [o for o in seen if o.refused]
    lines = [f"seeds {len(seen)}, refused {len(refused)} ({len(refused) / max(1, len(seen)):.1%})"]
    counts = Counter(f"refused by {stage}: {why}" for o in seen for stage, why in o.refused.items())
    counts.update(f"{stage}: {word}" for o in seen for stage, word in o.words.items())
    lines += [f"{count:7d}  {text}" for text, count in sorted(counts.items())]
    z = np.array([v for o in seen for v in o.z])
    if len(z):
        bins = [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, SUSPECT, np.inf]
        shares = zip(bins, np.histogram(z, bins)[0], strict=False)
        lines.append("|z| from: " + ", ".join(f"{low}: {count}" for low, count in shares))
    for stage in sorted({s for o in seen for s in o.seconds}):
        spent = [o.seconds[stage] for o in seen if stage in o.seconds]
        marks = np.quantile(spent, [0.5, 0.9, 0.99, 1])
        lines.append(
            f"seconds, {stage}: median {marks[0]:.2f}, 90% {marks[1]:.2f}, 99% {marks[2]:.2f}, max {marks[3]:.1f}"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--from", dest="first", type=int, default=0)
    parser.add_argument("--to", dest="last", type=int, default=100)
    parser.add_argument("--depth", type=int, default=3, help="inverses nested at most so deep")
    parser.add_argument("--simulate", type=int, default=0, metavar="K", help="simulate every K-th seed")
    parser.add_argument("--closed", type=int, default=0, metavar="K", help="ask every K-th seed for a closed form")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a run that is ended tells what it has seen
    outcomes: list[Outcome] = []
    with suppress(KeyboardInterrupt):
        _run(options, outcomes)
    print(table(outcomes))


def _run(options: argparse.Namespace, outcomes: list[Outcome]) -> None:
    for seed in range(options.first, options.last):
        simulated, closed = (every > 0 and seed % every == 0 for every in (options.simulate, options.closed))
        outcome = guarded(seed, simulated, closed, options.depth)
        outcomes.append(outcome)
        for finding in outcome.wrong:
            print(f"WRONG {seed} {finding}\n      {outcome.text}", flush=True)
        for stage, why in outcome.refused.items():
            print(f"refused {seed} {stage}: {why} [{outcome.seconds['all']:.1f} s]", flush=True)


if __name__ == "__main__":
    main()
