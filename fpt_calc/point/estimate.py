"""What a simulation returns, and the check of what it is asked for."""

from __future__ import annotations

from dataclasses import dataclass

from fpt_calc.errors import InputError

MAX_ENTRIES = 10**8  # of one random matrix: just under a gigabyte


@dataclass(frozen=True)
class Estimate:
    """A mean over draws with its standard error, and what is needed to repeat it."""

    mean: float | complex
    standard_error: float
    trials: int
    seed: int
    ensemble: str


def check_draws(trials: int, seed: int) -> None:
    """Raise `InputError` unless there are two trials and a seed that numpy accepts.

    >>> check_draws(1, 0)
    Traceback (most recent call last):
    ...
    fpt_calc.errors.InputError: trials: 1 trials give no standard error; use at least 2
    """
    if trials < 2:
        raise InputError(f"{trials} trials give no standard error", where="trials", remedy="use at least 2")
    if seed < 0:
        raise InputError(f"the seed {seed} is negative", where="seed", remedy="use a nonnegative integer")


def check_entries(name: str, rows: int, cols: int) -> None:
    """Raise `InputError` for a random matrix that does not fit into memory."""
    if rows * cols > MAX_ENTRIES:
        raise InputError(
            f"{rows} x {cols} is too large to simulate",
            where=f"at.{name}",
            remedy="reduce the dimensions at the same ratios",
        )
