"""A bound for the degree of the entries of an expression as rational functions of what a model draws."""

from __future__ import annotations

from dataclasses import dataclass

from fpt_calc.expr import (
    Atom,
    Expr,
    Inverse,
    Power,
    Product,
    ScalarMatrix,
    Scaled,
    Sum,
    Trace,
    fold,
)
from fpt_calc.identities.sizes import Sizes, size_of
from fpt_calc.scalars import Conjugate, Generator, Root, Scalar


@dataclass(frozen=True)
class Degree:
    """Degrees of numerator and common denominator of the entries of a matrix."""

    num: int
    den: int

    def __add__(self, other: Degree) -> Degree:
        """The degree of a sum."""
        return Degree(max(self.num + other.den, other.num + self.den), self.den + other.den)

    def __mul__(self, other: Degree) -> Degree:
        """The degree of a product."""
        return Degree(self.num + other.num, self.den + other.den)


_NUMBER = Degree(0, 0)


def degree_bound(value: Expr | Scalar, sizes: Sizes) -> Degree:
    """A bound for the degrees at these sizes, in the random residues of `fpt_calc.expr.PrimeModel`.

    >>> from fpt_calc.scalars import dimension
    >>> d = dimension("d")
    >>> X = Atom("X", d, d)
    >>> degree_bound(X @ X + Inverse(X), {d.gens[0]: 3})
    Degree(num=5, den=3)
    """
    if isinstance(value, Scalar):
        return _scalar(value, sizes)

    def combine(node: Expr, parts: tuple[Degree, ...]) -> Degree:
        match node:
            case Atom():
                return _atom(node, int(size_of(node.rows, sizes)))
            case ScalarMatrix(value=number):
                return _scalar(number, sizes)
            case Scaled(coefficient=c):
                return _scalar(c, sizes) * parts[0]
            case Sum():
                total = parts[0]
                for part in parts[1:]:
                    total = total + part
                return total
            case Product():
                return Degree(sum(p.num for p in parts), sum(p.den for p in parts))
            case Power(exponent=k):
                return Degree(k * parts[0].num, k * parts[0].den)
            case Inverse():  # q adj(P) / det(P) for entries P / q
                size = int(size_of(node.rows, sizes))
                return Degree(parts[0].den + (size - 1) * parts[0].num, size * parts[0].num)
        return parts[0]  # transposes, conjugates, square roots of matrices

    return fold(value, combine)


def _atom(atom: Atom, size: int) -> Degree:
    if {"projection", "orthogonal"} & atom.facts:  # rational in what is drawn
        return Degree(2 * size, 2 * size)
    return Degree(2 if "psd" in atom.facts else 1, 0)


def _scalar(value: Scalar, sizes: Sizes) -> Degree:
    if not value.gens:
        return _NUMBER
    degrees = [_generator(g, sizes) for g in value.gens]
    num, den = (_polynomial(p.degrees(), degrees) for p in (value.num, value.den))
    return Degree(num.num + den.den, num.den + den.num)


def _polynomial(exponents: tuple[int, ...], degrees: list[Degree]) -> Degree:
    pairs = list(zip(map(int, exponents), degrees, strict=True))
    return Degree(sum(e * max(g.num, g.den) for e, g in pairs), sum(e * g.den for e, g in pairs))


def _generator(generator: Generator, sizes: Sizes) -> Degree:
    if generator in sizes:
        return _NUMBER
    match generator:
        case Trace(argument=argument):
            return degree_bound(argument, sizes)
        case Root(radicand=radicand) | Conjugate(of=Root(radicand=radicand)):
            return _scalar(radicand, sizes)
    return Degree(2, 0)  # models draw squares
