"""Measured curves and estimates as data, and what is refused about a curve before anything is fitted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fpt_calc.errors import InputError

Array = npt.NDArray[np.float64]
LARGEST = 1e100  # of sizes and losses: squares are taken
MAX_GENERATION = 1000
MIN_SIZES = 4  # one more than amplitude, exponent and floor


@dataclass(frozen=True)
class Estimate:
    """A value with the ends of its 95% interval; an end that the data leave open is infinite."""

    value: float
    low: float
    high: float

    def __contains__(self, x: float) -> bool:
        return self.low <= x <= self.high


@dataclass(frozen=True, eq=False)
class Curve:
    """Losses at sizes; shares of synthetic data, generations and standard errors where they are known.

    Columns that do not vary are kept as zeros by `make_curve`, which says so in ``notes``.
    """

    sizes: Array
    losses: Array
    shares: Array
    generations: Array
    errors: Array | None
    notes: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        return len(self.sizes)

    @property
    def has_shares(self) -> bool:
        return bool(self.shares.any())

    @property
    def has_generations(self) -> bool:
        return bool(self.generations.any())


def make_curve(
    sizes: Sequence[float],
    losses: Sequence[float],
    shares: Sequence[float] | None = None,
    generations: Sequence[float] | None = None,
    errors: Sequence[float] | None = None,
) -> Curve:
    """The curve, checked; raises `InputError` where a column is not what it should be."""
    size, loss = column(sizes, "size"), column(losses, "loss")
    for numbers, name in ((size, "size"), (loss, "loss")):
        _refuse(numbers <= 0, numbers, name, "is not positive", "a power law needs positive numbers; remove the row")
        extreme = (numbers < 1 / LARGEST) | (numbers > LARGEST)
        _refuse(extreme, numbers, name, "is too large or too small", "measure in another unit")
    others = {
        name: None if given is None else column(given, name)
        for name, given in (("share", shares), ("generation", generations), ("standard_error", errors))
    }
    for name, values in (("loss", loss), *others.items()):
        if values is not None and len(values) != len(size):
            raise InputError(
                f"{len(values)} values for {len(size)} sizes", where=name, remedy="give one value for each size"
            )
    share, generation, error = others["share"], others["generation"], others["standard_error"]
    if share is not None:
        remedy = "a share is a fraction of the data; divide percentages by 100"
        _refuse((share < 0) | (share > 1), share, "share", "is not between 0 and 1", remedy)
    if generation is not None:
        wrong = (generation < 0) | (generation != np.round(generation)) | (generation > MAX_GENERATION)
        remedy = f"count generations 0, 1, 2, ..., {MAX_GENERATION} at most"
        _refuse(wrong, generation, "generation", "is not a generation", remedy)
    if error is not None:
        _refuse(error <= 0, error, "standard_error", "is not positive", "remove the row or the column")
    distinct = len(np.unique(size))
    if distinct < MIN_SIZES:
        raise InputError(
            f"{distinct} distinct size{'s' if distinct != 1 else ''}, where amplitude, exponent and floor need "
            f"{MIN_SIZES} at least",
            where="size",
            remedy="measure the loss at more sizes",
        )
    notes: list[str] = []
    return Curve(
        size,
        loss,
        _varying(share, "share", len(size), notes),
        _varying(generation, "generation", len(size), notes),
        error,
        tuple(notes),
    )


def column(values: Sequence[float], name: str) -> Array:
    """Finite numbers, one after the other; raises `InputError` otherwise."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("not a list of numbers", where=name, remedy="give one number for each row") from None
    if array.ndim != 1 or not len(array):
        raise InputError("not a list of numbers", where=name, remedy="give one number for each row")
    _refuse(~np.isfinite(array), array, name, "is not a finite number", "remove the row")
    return array


def _refuse(wrong: npt.NDArray[np.bool_], values: Array, name: str, what: str, remedy: str) -> None:
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InputError(f"{values[row]:.6g} {what}", where=f"{name}, row {row + 1}", remedy=remedy)


def _varying(values: Array | None, name: str, rows: int, notes: list[str]) -> Array:
    """The column, or zeros where it is constant: its effect is then a part of the floor."""
    if values is None:
        return np.zeros(rows)
    if (values == values[0]).all():
        if values[0]:
            notes.append(f"every row has {name} {values[0]:g}: its effect cannot be told from the floor")
        return np.zeros(rows)
    return values


def safe_exp(x: float) -> float:
    """exp(x), infinite where it overflows."""
    return math.exp(x) if x < 709 else math.inf
