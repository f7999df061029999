"""Learners that remember, simulated: items are drawn, remembered, and asked for.  No probability is computed.

Zipf's law is drawn by NumPy's rejection sampler; cuts, selections and weights are further rejections, mixtures are coin
tosses, and the test error is the share of test items that the learner has not seen.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from fpt_calc.errors import ComputationError, InputError
from fpt_calc.point import Estimate, check_draws
from fpt_calc.scaling.zipf.laws import Cut, Mixed, Reweighted, Selected, TrainingLaw, ZipfLaw, unknown
from fpt_calc.scaling.zipf.numbers import count, fraction, whole

Items = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

MAX_DRAWS = 10**8  # items of one draw, those that are rejected included
MIN_EXPONENT = 1.25


def simulate_error(
    test: ZipfLaw, training: TrainingLaw, size: int, *, trials: int = 20, tests: int = 20_000, seed: int = 0
) -> Estimate:
    """The test error of a learner that remembers.

    Parameters
    ----------
    test, training : the laws, with numbers.
    size : T, the number of training items.
    trials : training sets that are drawn, at least 2.
    tests : test items for each of them.
    seed : of the random numbers; a trial has its own stream.

    Raises `InputError` for other numbers, `ComputationError` where nearly all that is drawn is rejected.

    >>> law = ZipfLaw("3/2")
    >>> found = simulate_error(law, law, 1000, trials=4, tests=1000)
    >>> bool(abs(found.mean - 0.0939) < 5*found.standard_error)
    True
    """
    number, asked = drawable(size, "samples"), drawable(tests, "tests", 1)
    check_draws(trials, seed)
    errors = [_unseen(draw(training, number, stream), draw(test, asked, stream)) for stream in streams(seed, trials)]
    return estimate(np.array(errors), seed)


def simulate_generations(
    test: ZipfLaw,
    law: TrainingLaw,
    size: int,
    generations: Sequence[int],
    last: int | None = None,
    *,
    trials: int = 20,
    tests: int = 20_000,
    seed: int = 0,
) -> dict[int, Estimate]:
    """The test error after each of some numbers of generations; all see the same draws.

    Parameters
    ----------
    test, law : the laws, with numbers.
    size : T0, the items of each list.
    generations : the numbers n of lists, each at least 1.
    last : T, the number of items that the learner draws from the last list; None if it remembers all of it.
    trials, tests, seed : as for `simulate_error`.

    >>> law = ZipfLaw("3/2")
    >>> found = simulate_generations(law, law, 100, [1, 4], trials=4, tests=500)
    >>> bool(found[4].mean > found[1].mean)
    True
    """
    number, asked = drawable(size, "size", 1), drawable(tests, "tests", 1)
    drawn = None if last is None else drawable(last, "samples")
    counts = sorted({count(n, "generations", 1) for n in generations})
    if not counts:
        raise InputError("no number of generations", where="generations", remedy="give one or more, such as [1, 2, 4]")
    check_draws(trials, seed)
    errors = np.empty((trials, len(counts)))
    for row, stream in zip(errors, streams(seed, trials), strict=True):
        asks = draw(test, asked, stream)
        known = draw(law, number, stream)
        for n in range(1, counts[-1] + 1):
            if n > 1:
                known = stream.choice(known, number)
            if n in counts:
                row[counts.index(n)] = _unseen(known if drawn is None else stream.choice(known, drawn), asks)
    return {n: estimate(column, seed) for n, column in zip(counts, errors.T, strict=True)}


def draw(law: TrainingLaw, size: int, stream: np.random.Generator) -> Items:
    """Items of a law."""
    match law:
        case ZipfLaw(beta=beta, items=items):
            power = float(fraction(beta, "beta"))
            if items is None:
                _check_range(power)
                return stream.zipf(power, size)
            bound = items
            return _kept(lambda n: stream.zipf(power, n), lambda i: i <= bound, size)
        case Cut(law=ZipfLaw(beta=beta, items=items), last=last):
            return draw(ZipfLaw(beta, whole(last) if items is None else min(items, whole(last))), size, stream)
        case Cut(law=inner, last=last):
            border = whole(last)
            return _kept(lambda n: draw(inner, n, stream), lambda i: i <= border, size)
        case Reweighted(law=inner, gamma=gamma):
            g = float(fraction(gamma, "gamma"))
            return _kept(lambda n: draw(inner, n, stream), lambda i: stream.random(i.size) < i ** (-g), size)
        case Selected(law=inner, last=last, head=head, tail=tail):
            keep, border = (float(fraction(head, "head")), float(fraction(tail, "tail"))), whole(last)
            return _kept(
                lambda n: draw(inner, n, stream),
                lambda i: stream.random(i.size) < np.where(i <= border, keep[0], keep[1]),
                size,
            )
        case Mixed(share=share, law=first, other=second):
            number = stream.binomial(size, float(fraction(share, "share")))
            return np.concatenate([draw(first, int(number), stream), draw(second, int(size - number), stream)])
    raise unknown(law)


def drawable(value: int, where: str, least: int = 0) -> int:
    """A number of items that fit into memory."""
    found = count(value, where, least)
    if found > MAX_DRAWS:
        raise InputError(f"{found} items are too many to draw", where=where, remedy="give at most 10^8")
    return found


def _check_range(power: float) -> None:
    """NumPy draws items below 2^63 only; what is beyond must not be seen in a simulation.

    Its probability is about 2^(63 (1 - beta)), 2e-5 at the bound.
    """
    if power < MIN_EXPONENT:
        remedy = f"give a number of items, or an exponent from {MIN_EXPONENT} on"
        raise InputError(f"the exponent {power} with infinitely many items to draw", where="beta", remedy=remedy)


def _kept(offer: Callable[[int], Items], keep: Callable[[Items], Any], size: int) -> Items:
    """Items that are offered until enough of them are kept."""
    found: list[Items] = []
    missing, offered, accepted = size, 0, 1
    while missing > 0:
        number = min(MAX_DRAWS, math.ceil(1.1 * missing * (offered + 1) / accepted) + 16)
        if offered + number > 2 * MAX_DRAWS:
            what = f"{offered} items were drawn and {size - missing} kept"
            raise ComputationError(what, where="samples", remedy="ask for fewer samples, or a law that keeps more")
        items = offer(number)
        items = items[keep(items)]
        offered += number
        accepted += items.size
        found.append(items[:missing])
        missing -= found[-1].size
    return np.concatenate(found) if found else np.empty(0, dtype=np.int64)


def _unseen(known: Items, asks: Items) -> float:
    return float(np.mean(~np.isin(asks, known)))


def streams(seed: int, trials: int) -> Iterator[np.random.Generator]:
    """One stream of random numbers for each trial."""
    return (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(trials))


def estimate(errors: Floats, seed: int) -> Estimate:
    """The mean over trials with its standard error."""
    deviation = float(np.std(errors, ddof=1)) / math.sqrt(errors.size)
    return Estimate(float(np.mean(errors)), deviation, errors.size, seed, "model")
