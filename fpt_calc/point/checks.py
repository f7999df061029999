"""Do the numbers have the facts that were declared?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fpt_calc.errors import InputError
from fpt_calc.expr import Atom
from fpt_calc.point import arrays

Array = Any


def check_facts(atom: Atom, value: Array) -> None:
    """Raise `InputError` naming the first declared fact that the numbers contradict."""
    if not np.all(np.isfinite(value)):
        raise InputError("values that are not finite", where=f"at.{atom.name}", remedy="remove nan and inf")
    for fact in ("symmetric", "hermitian", "psd", "pd", "projection", "orthogonal"):
        if fact in atom.facts and not _holds(fact, value):
            raise InputError(
                f"the numbers are not {fact}, as {atom.name} was declared",
                where=f"at.{atom.name}",
                remedy="mend the numbers or remove the fact",
            )


def check_groups(groups: tuple[tuple[str, ...], ...], values: Mapping[str, Array]) -> None:
    """Raise `InputError` if matrices declared to commute do not."""
    for group in groups:
        present = [name for name in group if name in values]
        for i, first in enumerate(present):
            for second in present[i + 1 :]:
                a, b = values[first], values[second]
                if max(a.ndim, b.ndim) < 2:
                    continue
                gap = arrays.multiply(a, b) - arrays.multiply(b, a)
                if np.abs(gap).max() > _rounding(a) * float(np.abs(b).max()) * len(gap):
                    raise InputError(
                        f"the numbers of {first} and {second} do not commute",
                        where=f"at.{second}",
                        remedy="remove them from commute, or give both in one eigenbasis",
                    )


def _holds(fact: str, value: Array) -> bool:
    tolerance = _rounding(value)
    if fact == "symmetric":
        return value.ndim < 2 or bool(np.abs(value - value.T).max() <= tolerance)
    adjoint = np.conj(arrays.transpose(value))
    if fact == "hermitian":
        return bool(np.abs(value - adjoint).max() <= tolerance)
    if fact in ("psd", "pd"):
        # eigenvalues may be negative by rounding in double precision, not more
        spectrum = np.linalg.eigvalsh(value) if value.ndim == 2 else np.real(value)
        return bool(spectrum.min() > 0) if fact == "pd" else bool(spectrum.min() >= -tolerance * max(1, value.ndim))
    square = arrays.multiply(value, value if fact == "projection" else adjoint)
    target = value if fact == "projection" else np.asarray(1.0)
    return bool(np.abs(arrays.add(square, -target)).max() <= tolerance * max(1.0, len(np.atleast_1d(value)) ** 0.5))


def _rounding(value: Array) -> float:
    """What rounding of the entries in double precision can explain, generously: size * max|entry| * 1e-13."""
    size = value.shape[0] if value.ndim else 1
    return 1e-13 * max(10, size) * float(np.abs(value).max(initial=0.0))
