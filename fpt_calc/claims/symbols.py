"""The quantities that a claim file defines as roots of equations, as generators of the scalar field."""

from __future__ import annotations

from dataclasses import dataclass

from fpt_calc.expr import Trace, is_deterministic, traces_of
from fpt_calc.scalars import Scalar, generator_scalar, generators_of
from fpt_calc.spectral import inner_scalars


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
    found: set[RootSymbol] = set()
    for g in generators_of(value):
        if isinstance(g, Trace):
            found.update(r for inner in inner_scalars(g.argument) for r in root_symbols(inner))
        elif isinstance(g, RootSymbol | ConjugateRoot):
            found.add(g.of if isinstance(g, ConjugateRoot) else g)
    return found


def random_traces(value: Scalar) -> tuple[Trace, ...]:
    """The traces of random matrices in a scalar, in the order of their names."""
    return tuple(t for t in traces_of(value) if not is_deterministic(t.argument))
