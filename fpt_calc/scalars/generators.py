"""The named generators of the coefficient field that users declare.

Higher floors add generators of their own (a trace, an unknown of a fixed-point system); all that the field asks of
one is the protocol `Generator`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from fpt_calc.errors import InputError
from fpt_calc.scalars.field import Generator, Scalar, generator_scalar

Kind = Literal["positive", "nonnegative", "real", "fraction", "integer", "generations", "complex", "upper"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Parameter:
    """A free scalar with an assumption: one of `KINDS` (``upper`` means Im > 0, ``fraction`` means in [0, 1])."""

    name: str
    kind: Kind = "real"

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError(
                f"unknown kind {self.kind!r} of scalar", where=self.name, remedy=f"use one of {', '.join(KINDS)}"
            )

    @property
    def square(self) -> None:
        return None

    @property
    def nonnegative(self) -> bool:
        return self.kind in ("positive", "nonnegative", "fraction", "generations")

    @property
    def is_real(self) -> bool:
        return self.kind not in ("complex", "upper")

    def conjugate(self) -> Scalar:
        return generator_scalar(self if self.is_real else Conjugate(self))


@dataclass(frozen=True)
class Conjugate:
    """The complex conjugate of a generator, algebraically independent of it: of a complex parameter, or of the square
    root of a real scalar of unknown sign."""

    of: Generator

    @property
    def name(self) -> str:
        return f"conj({self.of.name})"

    @property
    def square(self) -> Scalar | None:
        return None if self.of.square is None else self.of.square.conjugate()

    def conjugate(self) -> Scalar:
        return generator_scalar(self.of)


@dataclass(frozen=True)
class Dimension:
    """A dimension that grows; its ratio to the other growing dimensions stays fixed."""

    name: str

    @property
    def square(self) -> None:
        return None

    @property
    def nonnegative(self) -> bool:
        return True

    def conjugate(self) -> Scalar:
        return generator_scalar(self)


def without_conjugate(generator: Generator) -> Generator:
    """The generator itself, or what it is the conjugate of.

    >>> z = Parameter("z", "complex")
    >>> without_conjugate(Conjugate(z)) == without_conjugate(z) == z
    True
    """
    return generator.of if isinstance(generator, Conjugate) else generator
