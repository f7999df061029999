"""How many items are drawn: a fixed number, or a Poisson number of the same mean."""

from __future__ import annotations

from enum import Enum
from typing import Any


class Sampling(Enum):
    """The chance that an item of probability q is missed; the value of a member says it.

    The second is the first as T grows with T q fixed: 0 <= exp(-T q) - (1 - q)^T <= T q^2 exp(-T q), so that the errors
    differ by a relative O(1/T).
    """

    FIXED = "(1 - q)^T: T items are drawn"
    POISSON = "exp(-T q): a Poisson number of items of mean T is drawn"


def missed(sampling: Sampling, q: Any, samples: Any) -> Any:
    """The chance as a ball; ``q`` is a ball inside [0, 1] up to its radius."""
    return (1 - q) ** samples if sampling is Sampling.FIXED else (-samples * q).exp()


def next_coefficient(sampling: Sampling, order: int, coefficient: Any, samples: Any) -> Any:
    """From the coefficient of q^order in the series of the chance, up to sign, the next one: C(T, m), or T^m / m!."""
    remaining = samples - order if sampling is Sampling.FIXED else samples
    return coefficient * remaining / (order + 1)
