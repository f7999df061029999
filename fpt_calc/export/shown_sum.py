"""A sum over eigenvalues as it is printed."""

from __future__ import annotations

from dataclasses import dataclass

from fpt_calc.scalars import Scalar, generator_scalar


@dataclass(frozen=True)
class ShownSum:
    """A sum over eigenvalues, as a generator whose name is its LaTeX."""

    name: str

    @property
    def square(self) -> None:
        return None

    def conjugate(self) -> Scalar:
        return generator_scalar(self)
