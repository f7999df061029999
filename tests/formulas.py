"""Random formulas in scalars, and random admissible points to evaluate them at: an oracle for the scalar field."""

from __future__ import annotations

import operator
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import mpmath
from hypothesis import assume
from hypothesis import strategies as st

from fpt_calc.errors import InputError
from fpt_calc.scalars import (
    IMAGINARY_UNIT,
    ZERO,
    Conjugate,
    Dimension,
    Generator,
    ImaginaryUnit,
    Kind,
    Parameter,
    Root,
    Scalar,
    dimension,
    evaluate_scalar,
    generator_scalar,
    scalar,
    square_root,
)

MP = mpmath.mp.clone()  # a context of its own: the precision of others is not touched
MP.dps = 60


def parameter(name: str, kind: Kind = "real") -> Scalar:
    return generator_scalar(Parameter(name, kind))


lam, mu = parameter("lam", "positive"), parameter("mu", "nonnegative")
r, s = parameter("r"), parameter("s")
p, q = parameter("p", "fraction"), parameter("q", "fraction")
k, t = parameter("k", "integer"), parameter("t", "generations")
z, w = parameter("z", "complex"), parameter("w", "upper")
n, d = dimension("n"), dimension("d")

RATIONAL = (lam, mu, r, s, p, q, k, t, z, w, n, d)
ROOTS = (IMAGINARY_UNIT, *map(square_root, (scalar(2), lam, lam + 1, z, r, 1 - p, n * (n + 1) / 2, 1 + z * r)))


# formulas -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Formula:
    """A formula: a leaf, or an operation on formulas."""

    operation: str
    leaf: Scalar = ZERO
    parts: tuple[Formula, ...] = ()
    exponent: int = 1


BINARY: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


def formulas(leaves: tuple[Scalar, ...], size: int = 5, operations: str = "+-*/^~") -> st.SearchStrategy[Formula]:
    """Formulas in these leaves and small numbers; ``^`` are powers, ``~`` the complex conjugate."""
    numbers = st.fractions(-4, 4, max_denominator=3).map(scalar)
    leaf = st.one_of(st.sampled_from(leaves), st.sampled_from(leaves), numbers).map(lambda x: Formula("leaf", x))

    def extend(inner: st.SearchStrategy[Formula]) -> st.SearchStrategy[Formula]:
        pairs = st.tuples(inner, inner)
        kinds = [pairs.map(lambda x, o=o: Formula(o, parts=x)) for o in operations if o in BINARY]
        if "^" in operations:
            exponents = st.integers(-2 if "/" in operations else 0, 3)
            kinds.append(st.builds(lambda x, e: Formula("^", parts=(x,), exponent=e), inner, exponents))
        if "~" in operations:
            kinds.append(inner.map(lambda x: Formula("~", parts=(x,))))
        return st.one_of(kinds)

    return st.recursive(leaf, extend, max_leaves=size)


def value(formula: Formula, leaf: Callable[[Scalar, bool], Any], conjugated: bool = False) -> Any:
    """The value of a formula, given the values of leaves and of their conjugates."""
    if formula.operation == "leaf":
        return leaf(formula.leaf, conjugated)
    if formula.operation == "~":
        return value(formula.parts[0], leaf, not conjugated)
    parts = [value(x, leaf, conjugated) for x in formula.parts]
    if formula.operation == "^" and formula.exponent < 0:
        return (parts[0] ** 0 / parts[0]) ** -formula.exponent
    if formula.operation == "^":
        return parts[0] ** formula.exponent
    return BINARY[formula.operation](*parts)


def built(formula: Formula) -> Scalar:
    """The formula computed by the operators of `Scalar`; an example that divides by zero is dropped."""
    try:
        return value(formula, lambda x, conjugated: x.conjugate() if conjugated else x)
    except InputError as error:
        assume("identically zero" not in str(error))
        raise


everything = formulas(RATIONAL + ROOTS)


# points -------------------------------------------------------------------------------------------------------------


class Place:
    """A random admissible value for every generator, and the principal branch for roots."""

    def __init__(self, seed: int, prescribed: Mapping[Generator, Any] | None = None) -> None:
        self._random = random.Random(seed)
        self._known: dict[Generator, Any] = dict(prescribed or {})

    def __call__(self, x: Scalar, conjugated: bool = False) -> Any:
        result = evaluate_scalar(x, self.generator, MP.mpf)
        return MP.conj(result) if conjugated else result

    def generator(self, g: Generator) -> Any:
        match g:
            case ImaginaryUnit():
                return MP.mpc(0, 1)
            case Conjugate(of=other):
                return MP.conj(self.generator(other))
            case Root(radicand=radicand):
                return MP.sqrt(self(radicand))
        if g not in self._known:
            self._known[g] = self._draw(g)
        return self._known[g]

    def _draw(self, g: Generator) -> Any:
        x = MP.mpf(self._random.randint(1, 400)) / 100
        sign = self._random.choice((1, -1))
        if isinstance(g, Dimension):
            return MP.mpf(self._random.choice((1, 2, 3, 50)))
        assert isinstance(g, Parameter)
        return {
            "positive": x,
            "nonnegative": self._random.choice((x, MP.mpf(0))),
            "real": sign * x,
            "fraction": self._random.choice((x / 4, MP.mpf(0), MP.mpf(1))),
            "integer": MP.mpf(self._random.randint(-3, 3)),
            "generations": MP.mpf(self._random.randint(0, 4)),
            "complex": MP.mpc(sign * x, self._random.choice((1, -1)) * (1 + x / 7)),
            "upper": MP.mpc(sign * x, 1 + x / 7),
        }[g.kind]


def at(place: Place, x: Scalar) -> Any:
    """The value at a place; an example with a pole there is dropped."""
    try:
        return place(x)
    except ZeroDivisionError:
        assume(False)


def close(a: Any, b: Any) -> bool:
    """Equal at 60 digits, of which cancellation between the few terms of these formulas costs fewer than 30."""
    return bool(abs(a - b) <= MP.mpf(10) ** -30 * (1 + abs(a) + abs(b)))


seeds = st.integers(0, 10**6)
