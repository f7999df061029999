"""Laws of items i = 1, 2, ...: Zipf's law, and the training laws made from it.

The nodes are data.  A learner is trained on items drawn from a training law and tested on items drawn from Zipf's law;
it answers correctly exactly the items that it has seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fpt_calc.errors import InputError
from fpt_calc.scaling.zipf.numbers import count, count_or_symbol, exact, share


@dataclass(frozen=True)
class ZipfLaw:
    """``p_i = i**-beta / Z`` for ``i = 1, 2, ...``, where Z makes the sum 1.

    Parameters
    ----------
    beta : the exponent, larger than 1: an int, a Fraction, a float (the decimal that it prints), a text such as "3/2",
        or a sympy symbol.
    items : the number of items; None for infinitely many.

    Raises `InputError` for an exponent that is not above 1, and a number of items that is not a positive whole number.

    >>> ZipfLaw("3/2"), ZipfLaw(1.5, items=1000)
    (ZipfLaw(beta=3/2, items=None), ZipfLaw(beta=3/2, items=1000))
    >>> ZipfLaw(1)
    Traceback (most recent call last):
    ...
    fpt_calc.errors.InputError: beta: the exponent 1 is not above 1; give beta > 1, for which the weights have a sum
    """

    beta: Any
    items: int | None = None

    def __post_init__(self) -> None:
        beta = exact(self.beta, "beta")
        if (beta - 1).is_nonpositive:
            remedy = "give beta > 1, for which the weights have a sum"
            raise InputError(f"the exponent {beta} is not above 1", where="beta", remedy=remedy)
        object.__setattr__(self, "beta", beta)
        if self.items is not None:
            object.__setattr__(self, "items", count(self.items, "items", 1))


@dataclass(frozen=True)
class Cut:
    """A law given that the item is at most ``last``; made by `cut`."""

    law: TrainingLaw
    last: Any


@dataclass(frozen=True)
class Reweighted:
    """A law with weights times ``i**-gamma``; made by `reweighted`."""

    law: TrainingLaw
    gamma: Any


@dataclass(frozen=True)
class Selected:
    """A law whose items up to ``last`` are kept with probability ``head``, the others with ``tail``; see `selected`."""

    law: TrainingLaw
    last: Any
    head: Any
    tail: Any


@dataclass(frozen=True)
class Mixed:
    """A share of items from one law, the rest from another; made by `mixed`."""

    share: Any
    law: TrainingLaw
    other: TrainingLaw


TrainingLaw = ZipfLaw | Cut | Reweighted | Selected | Mixed


def unknown(law: object) -> InputError:
    """The error for what is no training law."""
    return InputError(
        f"{law!r} is no law", where="law", remedy="give ZipfLaw(beta) or what cut(...) and others make of it"
    )


def cut(law: TrainingLaw, last: Any) -> Cut:
    """The law with its tail cut off: items up to ``last`` only, with weights that sum to 1 again.

    Parameters
    ----------
    law : the law.
    last : the last item that is left, at least 1; or a sympy symbol, for asymptotics.

    Raises `InputError` for another ``last``.

    Source: Dohmatob, Feng, Yang, Charton and Kempe, A tale of tails (2024).

    >>> cut(ZipfLaw(2), 100)
    Cut(law=ZipfLaw(beta=2, items=None), last=100)
    >>> cut(ZipfLaw(2), 0)
    Traceback (most recent call last):
    ...
    fpt_calc.errors.InputError: cut: 0 is below 1; give a whole number from 1 on
    """
    return Cut(law, count_or_symbol(last, "cut"))


def narrowed(law: ZipfLaw, beta: Any) -> ZipfLaw:
    """Zipf's law with a larger exponent, which is what sampling at a low temperature gives.

    Raises `InputError` for an exponent that is not above that of the law.

    >>> narrowed(ZipfLaw("3/2"), 2)
    ZipfLaw(beta=2, items=None)
    """
    result = ZipfLaw(beta, law.items)
    if (result.beta - law.beta).is_nonpositive:
        remedy = "a wider law is a ZipfLaw of its own"
        raise InputError(f"{result.beta} is not above the exponent {law.beta}", where="beta", remedy=remedy)
    return result


def reweighted(law: TrainingLaw, gamma: Any) -> Reweighted:
    """The law with weights times ``i**-gamma``: items are kept with probability ``i**-gamma``.

    Raises `InputError` for a negative ``gamma``, which is no probability.

    >>> reweighted(ZipfLaw("3/2"), "1/2").gamma
    1/2
    """
    power = exact(gamma, "gamma")
    if power.is_negative:
        remedy = "give gamma >= 0: items are kept with probability i**-gamma"
        raise InputError(f"the exponent {power} is negative", where="gamma", remedy=remedy)
    return Reweighted(law, power)


def selected(law: TrainingLaw, last: Any, head: Any = 1, tail: Any = 0) -> Selected:
    """The law of the items that a verifier keeps, which knows the head of the law better than the tail.

    Parameters
    ----------
    law : the law of the items that are offered.
    last : the last item of the head, at least 1; or a sympy symbol.
    head, tail : the probabilities to keep an item of the head and of the tail, from 0 to 1; the first is not 0.

    Samples are counted after the selection.  Raises `InputError` for other numbers.

    >>> selected(ZipfLaw(2), 100, head="9/10", tail="1/10").tail
    1/10
    """
    kept = share(head, "head")
    if kept.is_zero:
        raise InputError("no item of the head is kept", where="head", remedy="give a probability above 0")
    return Selected(law, count_or_symbol(last, "last"), kept, share(tail, "tail"))


def mixed(part: Any, law: TrainingLaw, other: TrainingLaw) -> Mixed:
    """Each training item is from ``law`` with probability ``part``, otherwise from ``other``.

    Raises `InputError` for a share outside [0, 1].

    >>> real = ZipfLaw("3/2")
    >>> mixed("1/10", real, cut(real, 50)).share
    1/10
    """
    return Mixed(share(part, "share"), law, other)
