"""The bigram learner and the associative memory, simulated: pairs are drawn and counted, vectors are drawn and read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fpt_calc.errors import InputError
from fpt_calc.point import Estimate, check_draws, check_entries
from fpt_calc.scaling.zipf.bigram import contexts
from fpt_calc.scaling.zipf.laws import TrainingLaw, ZipfLaw
from fpt_calc.scaling.zipf.memory import PowerWeights, Weights
from fpt_calc.scaling.zipf.numbers import count, fraction
from fpt_calc.scaling.zipf.simulate import Floats, draw, drawable, estimate, streams


def simulate_bigram(law: ZipfLaw, weights: Sequence[object], size: int, *, trials: int = 20, seed: int = 0) -> Estimate:
    """The total variation of a learner that predicts the frequencies of items in each context.

    Parameters
    ----------
    law : Zipf's law with finitely many items; each context permutes them.
    weights : the probabilities of the contexts.
    size : T, the number of pairs.
    trials, seed : as for `fpt_calc.scaling.zipf.simulate_error`.

    >>> found = simulate_bigram(ZipfLaw("3/2", items=100), ["1/2", "1/2"], 1000, trials=4)
    >>> bool(0.08 < found.mean < 0.16)
    True
    """
    number, shares = drawable(size, "samples"), [float(w) for w in contexts(weights)]
    check_draws(trials, seed)
    items, p = _probabilities(law)
    check_entries("items", items, len(shares))
    return estimate(np.array([_bigram_trial(p, shares, number, s) for s in streams(seed, trials)]), seed)


def _bigram_trial(p: Floats, shares: list[float], size: int, stream: np.random.Generator) -> float:
    """Pairs are a context and an item; the table of their counts is the model."""
    truth = np.array([stream.permutation(p) for _ in shares])
    context = stream.choice(len(shares), size, p=shares)
    error = 0.0
    for c, share in enumerate(shares):
        draws = stream.choice(p.size, int(np.sum(context == c)), p=truth[c])
        seen = np.bincount(draws, minlength=p.size)
        error += share * (0.5 * float(np.sum(np.abs(seen / draws.size - truth[c]))) if draws.size else 1.0)
    return error


def simulate_associative_memory(
    test: ZipfLaw,
    weights: Weights,
    dimension: int,
    training: TrainingLaw | None = None,
    size: int | None = None,
    *,
    trials: int = 20,
    seed: int = 0,
) -> Estimate:
    """The test error of an associative memory with two outputs; parameters as for `fpt_calc.scaling.zipf.memory_error`.

    >>> from fpt_calc.scaling.zipf.memory import threshold
    >>> found = simulate_associative_memory(ZipfLaw(2, items=100), threshold(4), 50, trials=4)
    >>> bool(0 < found.mean < 0.3)
    True
    """
    d, number = count(dimension, "dimension", 1), None if size is None else drawable(size, "samples")
    if (training is None) != (number is None):
        raise InputError("a training law goes with a number of items", where="training", remedy="give both, or none")
    check_draws(trials, seed)
    items, p = _probabilities(test)
    check_entries("items", items, d)
    if isinstance(weights, PowerWeights):
        q = p ** float(fraction(weights.rho, "rho"))
    else:
        q = (np.arange(1, items + 1) <= weights.stored).astype(float)
    errors = []
    for stream in streams(seed, trials):
        seen = np.ones(items)
        if training is not None and number is not None:
            known = draw(training, number, stream)
            seen = np.isin(np.arange(1, items + 1), known).astype(float)
        errors.append(_memory_trial(p, q * seen, d, stream))
    return estimate(np.array(errors), seed)


def _memory_trial(p: Floats, q: Floats, d: int, stream: np.random.Generator) -> float:
    """W is built from vectors, and each item is asked for; a tie is broken by a coin."""
    inputs = stream.standard_normal((d, p.size)) / np.sqrt(d)
    outputs = stream.standard_normal((d, 2))
    outputs /= np.linalg.norm(outputs, axis=0)
    right = stream.integers(2, size=p.size)
    matrix = (outputs[:, right] * q) @ inputs.T
    score = outputs.T @ matrix @ inputs
    lead = score[right, np.arange(p.size)] - score[1 - right, np.arange(p.size)]
    return float(np.sum(p * np.where(lead == 0, 0.5, lead < 0)))


def _probabilities(law: ZipfLaw) -> tuple[int, Floats]:
    if law.items is None:
        raise InputError("infinitely many items", where="items", remedy="give a number of items")
    check_entries("items", law.items, 1)
    p = np.arange(1, law.items + 1, dtype=float) ** -float(fraction(law.beta, "beta"))
    return law.items, p / p.sum()
