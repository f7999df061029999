"""Names for the unknowns and the matrices of a reduced system that nothing in the problem has already."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from fpt_calc.expr import Trace, constituents
from fpt_calc.system import FixedPointSystem, Unknown


def fresh_names(prefix: str, taken: frozenset[str]) -> Iterator[str]:
    """The names prefix1, prefix2, ... without those taken.

    >>> names = fresh_names("g", frozenset({"g2"}))
    >>> next(names), next(names)
    ('g1', 'g3')
    """
    return (name for k in count(1) if (name := f"{prefix}{k}") not in taken)


def names_in(system: FixedPointSystem) -> frozenset[str]:
    """The names of targets, dimensions, parameters and matrices of a system; not those of its unknowns."""
    parts = constituents([*system.scalars, *system.matrices, *(r.letter.atom for r in system.random)])
    return frozenset({*system.outputs, *(part.name for part in parts if not isinstance(part, Trace | Unknown))})
