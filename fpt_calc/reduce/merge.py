"""Equal unknowns: the coarsest partition that the fixed-point map respects, up to sign, zeros included.

As in the minimization of automata: start from "all unknowns are zero" and split whatever the right-hand sides tell
apart.  The unknowns with one value per class (and sign) form a subspace that the map leaves invariant and that contains
the start 0 of the Dyson iteration; hence the formal solution in the variance, and so the physical one, lies in it.
Right-hand sides are compared exactly in a random model modulo a 61-bit prime.
"""

from __future__ import annotations

from dataclasses import dataclass

from fpt_calc.expr import PRIME
from fpt_calc.self_energy import ModularSystem, Residue
from fpt_calc.system import Unknown


@dataclass(frozen=True)
class Partition:
    """For each unknown its representative and sign, or None if it is zero."""

    representative: dict[Unknown, tuple[Unknown, int] | None]

    @property
    def classes(self) -> tuple[Unknown, ...]:
        return tuple(u for u, r in self.representative.items() if r is not None and r[0] == u)


def merge_equal(modular: ModularSystem) -> Partition:
    """The partition of the unknowns of a system."""
    labels: dict[Unknown, tuple[int, int] | None] = dict.fromkeys(modular.system.unknowns)
    while True:
        values = assign(modular, labels)
        blocks = modular.blocks(values)
        keys: dict[tuple[int | None, int], int] = {}
        refined: dict[Unknown, tuple[int, int] | None] = {}
        for unknown, label in labels.items():
            residue = int(modular.average(modular.system.averages[unknown], blocks))
            if residue == 0 and label is None:
                refined[unknown] = None
                continue
            old, old_sign = label or (None, 1)
            oriented = residue * old_sign % PRIME  # the value that the representative would have
            canonical = min(oriented, PRIME - oriented)
            number = keys.setdefault((old, canonical), len(keys))
            refined[unknown] = (number, old_sign if oriented == canonical else -old_sign)
        stable = len(keys) == len({label[0] for label in labels.values() if label}) and all(
            (label is None) == (labels[u] is None) for u, label in refined.items()
        )
        labels = refined
        if stable:
            return _partition(labels)


def assign(modular: ModularSystem, labels: dict[Unknown, tuple[int, int] | None]) -> dict[Unknown, Residue]:
    """A random value for each class, with the sign of each member; zero for the zero class."""
    drawn: dict[int, Residue] = {}
    values: dict[Unknown, Residue] = {}
    for unknown, label in labels.items():
        if label is None:
            values[unknown] = modular.model.residue() * 0
        else:
            number, sign = label
            if number not in drawn:
                drawn[number] = modular.model.residue()
            values[unknown] = drawn[number] * sign
    return values


def _partition(labels: dict[Unknown, tuple[int, int] | None]) -> Partition:
    first: dict[int, tuple[Unknown, int]] = {}
    result: dict[Unknown, tuple[Unknown, int] | None] = {}
    for unknown, label in labels.items():
        if label is None:
            result[unknown] = None
        else:
            leader, sign = first.setdefault(label[0], (unknown, label[1]))
            result[unknown] = (leader, sign * label[1])
    return Partition(result)
