"""Roots of polynomial systems in balls: Newton's method from random starts, and Krawczyk's test."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import flint
import numpy as np

from fpt_calc.claims.exact import ball
from fpt_calc.claims.symbols import RootSymbol
from fpt_calc.point.ball_arrays import matrix_of
from fpt_calc.scalars import Generator, Scalar, from_polynomial, numerator

Ball = Any
Known = Mapping[Any, Ball]

STARTS = 60  # of Newton's method for systems
STEPS = 60
ROUGH = 1e-6  # relative step at which double precision has found a root that Newton's method on balls improves
TINY = 1e-30  # what counts as zero against other roots
SAME = 1e-9  # relative distance below which two limits of Newton's method are one root


def system_roots(
    symbols: tuple[RootSymbol, ...], equations: Sequence[Scalar], known: Known
) -> list[dict[Generator, Ball]]:
    """Roots of a polynomial system: those found from random starts, each in a ball that contains exactly one.

    Parameters
    ----------
    equations : as many polynomials in the symbols (and in what is known) as there are symbols.
    known : balls for the other generators.
    """
    system = _System(symbols, tuple(equations), known)
    draw, found = random.Random(0), list[list[Ball]]()
    for k in range(STARTS):
        near = system.near([draw.choice([1, -1] if k % 2 else [1]) * 10 ** draw.uniform(-2, 2) for _ in symbols])
        if near is None or any(_same(near, other) for other in found):
            continue
        root = system.newton(near)
        if root is not None and not any(_same(root, other) for other in found):
            found.append(root)
    enclosed = [r for r in (system.enclosed(root) for root in found) if r is not None]
    return [dict(zip(symbols, root, strict=True)) for root in enclosed]


def _same(a: list[Ball], b: list[Ball]) -> bool:
    return all(abs(x - y).upper() <= SAME * (abs(x).upper() + SAME) for x, y in zip(a, b, strict=True))


@dataclass(frozen=True)
class _System:
    symbols: tuple[RootSymbol, ...]
    equations: tuple[Scalar, ...]
    known: Known

    @cached_property
    def derivatives(self) -> list[Scalar]:
        """Row by row."""
        return [_derivative(e, s) for e in self.equations for s in self.symbols]

    @cached_property
    def rounded(self) -> list[tuple[Any, Any]]:
        """The equations in double precision, each as the exponents of the symbols and the coefficients."""
        found = []
        for equation in self.equations:
            powers = by_exponents(equation, self.symbols)
            numbers = [ball(c, self.known) for c in powers.values()]
            size = max(abs(c).upper() for c in numbers)
            coefficients = [complex((c / size).mid()) for c in numbers]
            found.append((np.array(list(powers), dtype=int), np.array(coefficients)))
        return found

    def near(self, start: Sequence[float]) -> list[Ball] | None:
        """A root in double precision, or None."""
        x = np.array(start, dtype=complex)
        with np.errstate(all="ignore"):
            for _ in range(STEPS):
                terms = [c * np.prod(x**e, axis=1) for e, c in self.rounded]
                slopes = [(t @ e) / x for t, (e, _) in zip(terms, self.rounded, strict=True)]
                try:
                    step = np.linalg.solve(np.array(slopes), np.array([t.sum() for t in terms]))
                except np.linalg.LinAlgError:
                    return None
                x = x - step
                if not np.all(np.isfinite(x) & (x != 0)):
                    return None
                if np.all(np.abs(step) <= ROUGH * np.abs(x)):
                    return [flint.arb(z.real) if z.imag == 0 else flint.acb(z) for z in x]
        return None

    def values(self, x: Sequence[Ball]) -> list[Ball]:
        at = {**self.known, **dict(zip(self.symbols, x, strict=True))}
        return [ball(e, at) for e in self.equations]

    def jacobian(self, x: Sequence[Ball]) -> Any:
        at = {**self.known, **dict(zip(self.symbols, x, strict=True))}
        entries = [ball(d, at) for d in self.derivatives]
        return matrix_of(len(x), len(x), entries)

    def newton(self, x: list[Ball]) -> list[Ball] | None:
        """A numerical root near the start, or None."""
        for _ in range(STEPS):
            values = self.values(x)
            try:
                step = self.jacobian(x).solve(matrix_of(len(x), 1, values)).entries()
            except ZeroDivisionError:
                return None
            x = [(a - s).mid() for a, s in zip(x, step, strict=True)]
            if not all(a.is_finite() for a in x):
                return None
            small = flint.arb(2) ** -(flint.ctx.prec // 2)
            if all(abs(s) <= small * (abs(a) + TINY) for a, s in zip(x, step, strict=True)):
                return x
        return None

    def enclosed(self, x: list[Ball]) -> list[Ball] | None:
        """A box that contains exactly one root, by the Krawczyk operator; None if the test fails."""
        size = len(x)
        try:
            middle = self.jacobian(x).inv()
        except ZeroDivisionError:
            return None
        inverse = [[middle[i, j].mid() for j in range(size)] for i in range(size)]
        values = self.values(x)
        step = [sum((inverse[i][j] * values[j] for j in range(size)), start=flint.arb(0)) for i in range(size)]
        rounding = flint.arb(2) ** -(flint.ctx.prec - 8)
        radius = [4 * abs(s).upper() + abs(a).upper() * rounding for a, s in zip(x, step, strict=True)]
        box = [_around(a, r) for a, r in zip(x, radius, strict=True)]
        slopes = self.jacobian(box)
        result = []
        for i in range(size):
            total = x[i] - step[i]
            for j in range(size):
                entry = (i == j) - sum((inverse[i][k] * slopes[k, j] for k in range(size)), start=flint.arb(0))
                total = total + entry * (box[j] - x[j])
            result.append(total)
        inside = all(_interior(b, r) for b, r in zip(box, result, strict=True))
        return result if inside else None


def _around(a: Ball, radius: Ball) -> Ball:
    margin = flint.arb(0, radius)
    return a + (flint.acb(margin, margin) if isinstance(a, flint.acb) else margin)


def _interior(box: Ball, inner: Ball) -> bool:
    if isinstance(box, flint.acb) or isinstance(inner, flint.acb):
        a, b = flint.acb(box), flint.acb(inner)
        return bool(a.real.contains_interior(b.real) and a.imag.contains_interior(b.imag))
    return bool(box.contains_interior(inner))


def _derivative(value: Scalar, symbol: Generator) -> Scalar:
    """The partial derivative of a polynomial."""
    if symbol not in value.gens:
        return value - value
    return numerator(from_polynomial(value.gens, value.num.derivative(value.gens.index(symbol))))


def by_exponents(equation: Scalar, symbols: Sequence[Generator]) -> dict[tuple[int, ...], Scalar]:
    """The coefficients by the exponents of some generators."""
    places = [equation.gens.index(s) if s in equation.gens else None for s in symbols]
    parts: dict[tuple[int, ...], dict[tuple[int, ...], int]] = {}
    for exponents, c in equation.num.to_dict().items():
        rest = tuple(0 if k in places else int(e) for k, e in enumerate(exponents))
        key = tuple(0 if k is None else int(exponents[k]) for k in places)
        parts.setdefault(key, {})[rest] = int(c)
    context = equation.num.context()
    return {key: from_polynomial(equation.gens, context.from_dict(terms)) for key, terms in parts.items()}
