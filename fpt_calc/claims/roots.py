"""The roots that a claim file defines, at an exact point, as balls: all those that meet the condition.

This knows nothing of the derived law: what a name means in a claim is decided by its equation and condition alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import flint

from fpt_calc.claims.exact import ExactModel, ball
from fpt_calc.claims.file import Roots
from fpt_calc.claims.points import ExactPoint
from fpt_calc.claims.symbols import RootSymbol, root_symbols
from fpt_calc.claims.systems import Known, by_exponents, system_roots
from fpt_calc.errors import CannotDecideError
from fpt_calc.scalars import Generator, Scalar, denominator, numerator

Ball = Any

MAX_SOLUTIONS = 50  # at one point


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
    return system_roots(symbols, equations, known)


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
    return {k: c for (k,), c in by_exponents(equation, (symbol,)).items()}
