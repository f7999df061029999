"""The quantities that a claim file defines as roots of equations, as generators of the scalar field."""

from __future__ import annotations

from dataclasses import dataclass

from fpt_calc.expr import Trace, is_deterministic, reached, traces_of
from fpt_calc.scalars import Scalar, generator_scalar, generators_of


@dataclass(frozen=True)
class RootSymbol:
    """A root of an equation, by the name that the claim file gives it.

    ``is_real`` : a condition compares it, so that it is real.
    """

    name: str
    is_real: bool = True

    @property
    def square(self) -> None:
        return None

    def conjugate(self) -> Scalar:
        return generator_scalar(self if self.is_real else ConjugateRoot(self))


@dataclass(frozen=True)
class ConjugateRoot:
    """The complex conjugate of a root."""

    of: RootSymbol

    @property
    def name(self) -> str:
        return f"conj({self.of.name})"

    @property
    def square(self) -> None:
        return None

    def conjugate(self) -> Scalar:
        return generator_scalar(self.of)


def root_symbols(value: Scalar) -> set[RootSymbol]:
    """The roots on which a scalar depends, those inside its traces included."""
    found = {g for item in reached([value]) if isinstance(item, Scalar) for g in generators_of(item)}
    bare = {g.of if isinstance(g, ConjugateRoot) else g for g in found}
    return {g for g in bare if isinstance(g, RootSymbol)}


def random_traces(value: Scalar) -> tuple[Trace, ...]:
    """The traces of random matrices in a scalar, in the order of their names."""
    return tuple(t for t in traces_of(value) if not is_deterministic(t.argument))
