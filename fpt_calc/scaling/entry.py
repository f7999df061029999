"""An entry of the collection in `derivations/` that states a scaling law: a title, and checks that each end in a
verdict.

The statement and its source are the docstring of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

Word = Literal["PROVED", "CERTIFIED", "CONSISTENT", "REFUTED", "UNDECIDED"]


@dataclass(frozen=True)
class Finding:
    """What a check found.

    Attributes
    ----------
    verdict : PROVED: two exact expressions are equal.  CERTIFIED: shown with balls.  CONSISTENT: numbers that are not
        certified, or simulations, do not contradict it.  REFUTED: they do.  UNDECIDED: neither.
    evidence : what speaks for the verdict, in one line.
    """

    verdict: Word
    evidence: str


@dataclass(frozen=True)
class ScalingCheck:
    """One check of an entry.

    Attributes
    ----------
    name : what is claimed.
    run : does the work; called once for each report.
    expected : the verdict that passes, REFUTED for a claim that is wrong.
    """

    name: str
    run: Callable[[], Finding]
    expected: Word


def claim_checks(
    claims: Mapping[str, tuple[str, Callable[[str], Finding]]], expected: Word
) -> tuple[ScalingCheck, ...]:
    """Checks of claims that are texts, all with the same expected verdict.

    Parameters
    ----------
    claims : what is claimed -> the text of the claim, and what checks it.
    expected : the verdict that passes.

    >>> [check] = claim_checks({"the size": ("T", lambda text: Finding("PROVED", f"{text} = T"))}, "PROVED")
    >>> check.name, check.run().evidence
    ('the size: T', 'T = T')
    """
    return tuple(ScalingCheck(f"{name}: {text}", partial(f, text), expected) for name, (text, f) in claims.items())


@dataclass(frozen=True)
class ScalingEntry:
    """A scaling law of the collection.

    >>> entry = ScalingEntry("one", (ScalingCheck("1 = 1", lambda: Finding("PROVED", "1"), "PROVED"),))
    >>> [check.run().verdict for check in entry.checks]
    ['PROVED']
    """

    title: str
    checks: tuple[ScalingCheck, ...]
