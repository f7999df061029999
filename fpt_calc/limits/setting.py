"""What tends to its limit: the small quantity, and the generators as powers of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from fpt_calc.expr import Atom, Expr, ScalarMatrix, map_traces, replace_nodes, substitute_everywhere
from fpt_calc.limits.series import Series, constant, monomial
from fpt_calc.scalars import Generator, Scalar, substitute


@dataclass(frozen=True)
class Approach:
    """A generator of the problem on the way to its limit: ``generator = start + factor * eps**exponent``.

    Attributes
    ----------
    name : as the user writes what tends to its limit.
    to : the limit as the user writes it.
    small : the small quantity eps in terms of the problem, such as lam, 1/n or d/n.
    generator, start, factor, exponent : which generator that makes depend on eps, and how.
    """

    name: str
    to: str
    small: Scalar
    generator: Generator
    start: Scalar
    factor: Scalar
    exponent: int

    def series(self, depth: Fraction) -> Series:
        """The generator as a series in eps."""
        return constant(self.start, depth) + monomial(self.factor, Fraction(self.exponent), depth)

    def value(self, eps: Fraction) -> Scalar:
        """The generator at a number eps."""
        return self.start + self.factor * Fraction(eps) ** self.exponent

    def __str__(self) -> str:
        return f"{self.name} -> {self.to}"


@dataclass(frozen=True)
class Stratum:
    """Dimensions that are expressed by others, as at a threshold d = n; none in the generic case."""

    images: Mapping[Generator, Scalar] = field(default_factory=dict)

    def apply(self, value: Scalar) -> Scalar:
        """The scalar on the stratum."""
        return substitute_everywhere(map_traces(value, self.resized), self.images) if self.images else value

    def resized(self, expr: Expr) -> Expr:
        """A matrix with its dimensions on the stratum, so that it prints with them."""
        return replace_nodes(expr, self._node) if self.images else expr

    def _node(self, node: Expr) -> Expr | None:
        match node:
            case Atom(rows=rows, cols=cols):
                return replace(node, rows=substitute(rows, self.images), cols=substitute(cols, self.images))
            case ScalarMatrix(value=value, rows=rows):
                return ScalarMatrix(value, substitute(rows, self.images))
        return None

    def on(self, generator: Generator, image: Scalar) -> Stratum:
        """The stratum where one more dimension is expressed by others."""
        new = {generator: image}
        return Stratum({g: substitute(v, new) for g, v in self.images.items()} | new)

    def conditions(self) -> list[str]:
        """``d = n`` for each dimension that is expressed."""
        return [f"{g.name} = {v}" for g, v in self.images.items()]
