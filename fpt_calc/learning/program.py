"""What an error is made of: values, and the named scalars, matrices and loops they are written in, in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from fpt_calc.derivation import LimitLaw
from fpt_calc.expr import Atom
from fpt_calc.learning.combination import Combination, single
from fpt_calc.learning.parameters import StageParameter
from fpt_calc.point import Point
from fpt_calc.scalars import ZERO, Scalar, generator_scalar, scalar_text


@dataclass(frozen=True)
class Named:
    """A scalar with a name of its own, as a generator."""

    name: str

    @property
    def square(self) -> None:
        return None

    def conjugate(self) -> Scalar:
        return generator_scalar(self)


@dataclass(frozen=True)
class PowerOf:
    """``base**exponent`` with a symbolic exponent, as a generator."""

    base: Scalar
    exponent: Scalar

    @property
    def name(self) -> str:
        text = scalar_text(self.base)
        plain = text.isidentifier() or text.isdigit()
        return f"{text if plain else f'({text})'}**{self.exponent}"

    @property
    def square(self) -> None:
        return None

    def conjugate(self) -> Scalar:
        return generator_scalar(self)


@dataclass(frozen=True)
class ScalarDefinition:
    """``symbol = value``"""

    symbol: Named
    value: Scalar


@dataclass(frozen=True)
class MatrixDefinition:
    """``letter = value``"""

    letter: Atom
    value: Combination


@dataclass(frozen=True)
class LawDefinition:
    """Scalars that are limits of traces in several models together.

    Attributes
    ----------
    law : the law of these traces.
    letters : the deterministic matrices in it that come from later stages.
    symbols : the name of each target of the law.
    """

    law: LimitLaw
    letters: Mapping[Atom, Combination]
    symbols: Mapping[Named, str]


@dataclass(frozen=True)
class Loop:
    """``count`` rounds of a linear map on matrices, with sums over the rounds.

    Attributes
    ----------
    name : of the chain of generations.
    count : the number of rounds.
    letters : the matrices, each with its value before the first round; after the loop a letter means its last value.
    definitions : the scalars of one round, in the letters of the round before.
    body : each letter after a round, in the letters before it.
    sums : for each named sum, what one round adds to it.
    sources : the data set whose noise each sum collects.
    """

    name: str
    count: Scalar
    letters: Mapping[Atom, Combination]
    definitions: tuple[ScalarDefinition, ...]
    body: Mapping[Atom, Combination]
    sums: Mapping[Named, Scalar]
    sources: Mapping[Named, str]


Definition = ScalarDefinition | MatrixDefinition | LawDefinition | Loop


@dataclass(frozen=True)
class Program:
    """The values of an error.

    Attributes
    ----------
    parameters : kappa and its like, in the order of time.
    definitions : in the order in which they can be computed.
    bias : what each teacher contributes, by name, and "mixed" what pairs of fixed teachers do.
    variance : what the label noise of each data set contributes, by name.
    positive : numbers of generations that have to be at least one.
    groups : for the data set of a chain that was written out, the names of those drawn for it.
    fixed : the numbers of scalars that stand for ridges given as numbers.
    train_error : the mean squared residual on the data of the tested model; None where it was not derived.
    """

    parameters: tuple[StageParameter, ...]
    definitions: tuple[Definition, ...]
    bias: Mapping[str, Scalar]
    variance: Mapping[str, Scalar]
    positive: tuple[Scalar, ...] = ()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fixed: Mapping[str, Fraction] = field(default_factory=dict)
    train_error: Scalar | None = None

    def completed(self, point: Point) -> Point:
        """The point with the numbers that are part of the program."""
        return replace(point, scalars={**point.scalars, **self.fixed})

    @property
    def values(self) -> dict[str, Scalar]:
        """All values by name: "error", "bias", "variance", and "source.NAME" for each teacher and data set."""
        bias, variance = sum(self.bias.values(), ZERO), sum(self.variance.values(), ZERO)
        values = {"error": bias + variance, "bias": bias, "variance": variance}
        values |= {f"source.{name}": value for name, value in (*self.bias.items(), *self.variance.items())}
        for name, members in self.groups.items():
            found = [self.variance[m] for m in members if m in self.variance]
            values |= {f"source.{name}": sum(found, ZERO)} if found else {}
        return values if self.train_error is None else {**values, "train_error": self.train_error}


@dataclass
class Writer:
    """Collects definitions under names that are not taken; working data."""

    taken: set[str]
    definitions: list[Definition] = field(default_factory=list)
    made: set[str] = field(default_factory=set)

    def fresh(self, wanted: str) -> str:
        """The name with the first number that is free."""
        name = next(n for n in (f"{wanted}{k}" for k in range(1, 10**6)) if n not in self.taken)
        self.taken.add(name)
        self.made.add(name)
        return name

    def matrix(self, value: Combination) -> Combination:
        """A name for a matrix that is a sum, or the matrix itself."""
        if len(value.terms) < 2:
            return value
        facts = frozenset({"symmetric"}) if value == value.T else frozenset[str]()
        letter = Atom(self.fresh("B"), value.rows, value.cols, facts=facts)
        self.definitions.append(MatrixDefinition(letter, value))
        return single(letter)

    def scalar(self, value: Scalar) -> Scalar:
        """A name for a scalar that is a sum, or the scalar itself."""
        if len(value.num) + len(value.den) <= 2 if value.gens else True:
            return value
        symbol = Named(self.fresh("t"))
        self.definitions.append(ScalarDefinition(symbol, value))
        return generator_scalar(symbol)
