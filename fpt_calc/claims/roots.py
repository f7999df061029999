"""The roots that a claim file defines, at an exact point, as balls: all those that meet the condition.

This knows nothing of the derived law: what a name means in a claim is decided by its equation and condition alone.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import flint
import numpy as np

from fpt_calc.claims.exact import ExactModel, ball
from fpt_calc.claims.file import Roots
from fpt_calc.claims.points import ExactPoint
from fpt_calc.claims.symbols import RootSymbol, root_symbols
from fpt_calc.errors import CannotDecideError
from fpt_calc.scalars import Generator, Scalar, denominator, from_polynomial, numerator

Ball = Any
Known = Mapping[Any, Ball]

STARTS = 60  # of Newton's method for systems
STEPS = 60
MAX_SOLUTIONS = 50  # at one point
TINY = 1e-30  # what counts as zero against other roots
ROUGH = 1e-6  # relative step at which double precision has found a root that Newton's method on balls improves
SAME = 1e-9  # relative distance below which two limits of Newton's method are one root


@dataclass(frozen=True)
class Solved:
    """Everything that the defined names can be at a point.

    ``complete`` : no other roots meet the conditions; systems are searched from random starts, which shows less.
    """

    solutions: tuple[dict[Generator, Ball], ...]
    complete: bool


Memo = dict[tuple[ExactPoint, tuple[Roots, ...]], Solved]


def solve_roots(definitions: tuple[Roots, ...], model: ExactModel, memo: Memo) -> Solved:
    """All roots that meet their conditions, those of later definitions for each of the earlier ones.

    Raises `CannotDecideError` where the roots cannot be isolated, or a condition cannot be told.
    """
    key = (model.exact, definitions)
    if key not in memo:
        memo[key] = _solved(definitions, model)
    return memo[key]


def _solved(definitions: Iterable[Roots], model: ExactModel) -> Solved:
    found: list[dict[Generator, Ball]] = [{}]
    complete = True
    for definition in definitions:
        new: list[dict[Generator, Ball]] = []
        exact = [model.scalar(e) for e in definition.equations]
        equations = [numerator(e) for e in exact]
        for known in found:
            candidates = [known | c for c in _candidates(definition.symbols, equations, known)]
            proper = (c for c in candidates if not any(_is_pole(e, c) for e in exact))
            new += [c for c in proper if _admissible(definition, model, c)]
        found, complete = new, complete and len(equations) == 1
        if len(found) > MAX_SOLUTIONS:
            raise CannotDecideError("too many roots meet the conditions", remedy="give a sharper condition")
    return Solved(tuple(found), complete)


def _is_pole(equation: Scalar, at: Known) -> bool:
    """Whether a root of a numerator is one of the denominator too.

    Fractions with a complex denominator are stored over a real one: both are multiplied by its conjugate.
    """
    return bool(ball(denominator(equation), at).contains(0))


def needed_roots(definitions: Sequence[Roots], scalars: Iterable[Scalar]) -> tuple[Roots, ...]:
    """The definitions on which scalars depend, in order."""
    wanted = {s for value in scalars for s in root_symbols(value)}
    needed: list[Roots] = []
    for definition in reversed(definitions):
        if wanted & set(definition.symbols):
            needed.insert(0, definition)
            inner = [*definition.equations, *(s for c in definition.conditions for s in c.scalars)]
            wanted |= {s for value in inner for s in root_symbols(value)}
    return tuple(needed)


def _admissible(definition: Roots, model: ExactModel, known: Known) -> bool:
    answers = [c.holds(lambda s: ball(model.scalar(s), known)) for c in definition.conditions]
    if None in answers and False not in answers:
        raise CannotDecideError("whether a root meets its condition cannot be told", remedy="change the condition")
    return all(answers)


def _candidates(
    symbols: tuple[RootSymbol, ...], equations: Sequence[Scalar], known: Known
) -> list[dict[Generator, Ball]]:
    if len(symbols) == 1:
        return [{symbols[0]: root} for root in _polynomial_roots(equations[0], symbols[0], known)]
    return _system_roots(symbols, equations, known)


def _polynomial_roots(equation: Scalar, symbol: RootSymbol, known: Known) -> list[Ball]:
    """All roots of a polynomial; exact coefficients give exact multiplicities and real roots."""
    if symbol not in equation.gens:
        raise CannotDecideError(f"the equation of {symbol.name} does not determine it", remedy="change the equation")
    table = _by_powers(equation, symbol)
    if equation.gens == (symbol,):
        integers = flint.fmpz_poly([int(table[k].constant or 0) if k in table else 0 for k in range(max(table) + 1)])
        pairs: Any = integers.complex_roots()
        isolated: list[Ball] = [pair[0] for pair in pairs]
        return [_plain(root) for root in isolated]
    balls = [ball(table[k], known) if k in table else flint.arb(0) for k in range(max(table) + 1)]
    try:
        polynomial = flint.acb_poly(balls)
        roots = [_refined(root, polynomial) for root in polynomial.roots()]
    except (ValueError, ArithmeticError):
        remedy = "write an equation whose roots are simple"
        raise CannotDecideError(f"the roots for {symbol.name} cannot be isolated", remedy=remedy) from None
    real = not any(isinstance(b, flint.acb) and b.imag != 0 for b in balls)
    return [_plain(r, real and not any(r.conjugate().overlaps(s) for s in roots if s is not r)) for r in roots]


def _refined(root: Ball, polynomial: Any) -> Ball:
    """A ball that holds the same root, by Newton's method on balls for as long as it becomes smaller.

    The mean of the derivative between the middle and the root lies in the derivative's box, which is convex.
    """
    slope = polynomial.derivative()
    while True:
        middle = flint.acb(root.mid())
        smaller = middle - polynomial(middle) / slope(root)
        if not (smaller.is_finite() and smaller.rad() < root.rad()):
            return root
        root = smaller


def _plain(root: Ball, own_conjugate: bool = False) -> Ball:
    """A real root as a real ball: one that is isolated together with its conjugate is real."""
    if root.imag == 0 or (own_conjugate and root.imag.contains(0)):
        return root.real
    return root


def _by_powers(equation: Scalar, symbol: Generator) -> dict[int, Scalar]:
    """The coefficients by powers of a generator."""
    return {k: c for (k,), c in _by_exponents(equation, (symbol,)).items()}


def _by_exponents(equation: Scalar, symbols: Sequence[Generator]) -> dict[tuple[int, ...], Scalar]:
    """The coefficients by the exponents of some generators."""
    places = [equation.gens.index(s) if s in equation.gens else None for s in symbols]
    parts: dict[tuple[int, ...], dict[tuple[int, ...], int]] = {}
    for exponents, c in equation.num.to_dict().items():
        rest = tuple(0 if k in places else int(e) for k, e in enumerate(exponents))
        key = tuple(0 if k is None else int(exponents[k]) for k in places)
        parts.setdefault(key, {})[rest] = int(c)
    context = equation.num.context()
    return {key: from_polynomial(equation.gens, context.from_dict(terms)) for key, terms in parts.items()}


# systems ----------------------------------------------------------------------------------------------------------


def _system_roots(
    symbols: tuple[RootSymbol, ...], equations: Sequence[Scalar], known: Known
) -> list[dict[Generator, Ball]]:
    """Roots of a polynomial system by Newton's method from random starts, each enclosed by a Krawczyk test."""
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
            powers = _by_exponents(equation, self.symbols)
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
        return _kind(entries)(len(x), len(x), entries)

    def newton(self, x: list[Ball]) -> list[Ball] | None:
        """A numerical root near the start, or None."""
        for _ in range(STEPS):
            values = self.values(x)
            try:
                step = self.jacobian(x).solve(_kind(values)(len(x), 1, values)).entries()
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


def _kind(entries: Iterable[Ball]) -> Any:
    return flint.acb_mat if any(isinstance(e, flint.acb) for e in entries) else flint.arb_mat
