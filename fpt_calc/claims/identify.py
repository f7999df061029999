"""What the roots of a claim file are in the derived law: guessed from numbers, then proved.

A root is compared with the parameters and unknowns of the derived law and their inverses, up to a monomial in the
scalars and dimensions of its equation, and up to 1 or a scalar added before or after.  What fits at some points is put
into the equation of the root, which has to vanish exactly.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice, product
from typing import Any

import flint
import numpy as np

from fpt_calc.claims.derived import Derived, SolvedPoint
from fpt_calc.claims.file import Roots
from fpt_calc.claims.symbols import RootSymbol
from fpt_calc.closed_form import Coordinates, vanishes
from fpt_calc.errors import CannotDecideError, FptError
from fpt_calc.expr import inside_traces, substitute_everywhere
from fpt_calc.point import NumericModel
from fpt_calc.scalars import ONE, Dimension, Generator, Parameter, Scalar, generator_scalar, scalar

CLOSE = 1e-7  # relative; the numbers are right to about 1e-10
CHOICES = 4  # candidates for a name that are put into its equations at most
Images = dict[Generator, Scalar]


def identified(
    derived: Derived,
    definitions: Sequence[Roots],
    points: Sequence[SolvedPoint],
    values: Sequence[Mapping[Generator, Any]],
) -> Images:
    """Every defined name as a scalar of the derived law, the equations of the definitions being satisfied exactly.

    Parameters
    ----------
    points, values : some points, and what the names are there.

    Raises `CannotDecideError` for a name that was not recognized, or whose equation was not shown to hold.
    """
    if not points:
        raise CannotDecideError("the names of the claim have no clear meaning", remedy="write sharper conditions")
    found: Images = {}
    for definition in definitions:
        chosen = _recognized(derived, definition, points, values, found)
        if chosen is None:
            names = ", ".join(s.name for s in definition.symbols)
            raise CannotDecideError(f"{names} was not recognized in the derived law", remedy="use its own parameters")
        found |= chosen
    return found


def _recognized(
    derived: Derived,
    definition: Roots,
    points: Sequence[SolvedPoint],
    values: Sequence[Mapping[Generator, Any]],
    known: Images,
) -> Images | None:
    """The names of a definition in the derived law, the simplest scalars that satisfy its equations."""
    options: list[list[Scalar]] = [[] for _ in definition.symbols]
    tried: set[tuple[Scalar, ...]] = set()
    for bases, shifted in product((_parameters(derived), _unknowns(derived)), (0, 1, 2)):
        for pool, symbol in zip(options, definition.symbols, strict=True):
            found = _candidates(bases, symbol, definition, points, values, shifted)
            pool.extend(islice((c for c in found if c not in pool), CHOICES - len(pool)))
        chosen = _proved(derived.coordinates, definition, options, known, tried)
        if chosen is not None:
            return chosen
    return None


def _proved(
    coordinates: Coordinates,
    definition: Roots,
    options: Sequence[Sequence[Scalar]],
    known: Images,
    tried: set[tuple[Scalar, ...]],
) -> Images | None:
    """The first new candidates (one for each name) with which the equations vanish in free coordinates."""
    for choice in product(*options):
        if choice in tried:
            continue
        tried.add(choice)
        images = known | dict(zip(definition.symbols, choice, strict=True))
        try:
            if all(vanishes(coordinates, substitute_everywhere(e, images)) for e in definition.equations):
                return images
        except FptError:
            continue
    return None


def _candidates(
    bases: Sequence[tuple[Scalar, Scalar]],
    symbol: RootSymbol,
    definition: Roots,
    points: Sequence[SolvedPoint],
    values: Sequence[Mapping[Generator, Any]],
    shifted: int,
) -> Iterator[Scalar]:
    """Scalars made of some quantities that have the values of a root at all points, with this many shifts.

    bases : what a root can be up to a monomial and shifts, each with its meaning in the unknowns.
    """
    models = [NumericModel(p.exact.point, p.solution.values) for p in points]
    monomials = _Monomials(_given(definition), models)
    wanted = np.array([complex(_number(v[symbol])) for v in values])
    shifts = [scalar(0), scalar(1), scalar(-1), *(sign * g for g in monomials.scalars for sign in (1, -1))]
    numbers = [np.array([complex(m.scalar(s)) for m in models]) for s in shifts]
    numbered = [(b, np.array([complex(m.scalar(meaning)) for m in models])) for b, meaning in bases]
    pairs = [(i, j) for i, j in product(range(len(shifts)), repeat=2) if (i > 0) + (j > 0) == shifted]
    seen: set[Scalar] = set()
    for (i, j), (base, at), exponent in product(pairs, numbered, (1, -1)):
        below = (at + numbers[j]) ** exponent if np.all(at + numbers[j] != 0) else np.zeros(len(at))
        factor = monomials.fitted(wanted - numbers[i], below)
        if factor is None:
            continue
        candidate = factor * (base + shifts[j]) ** exponent + shifts[i]
        if candidate not in seen:
            seen.add(candidate)
            yield candidate


def _given(definition: Roots) -> list[Generator]:
    """The dimensions and scalars in the equations of a definition."""
    found = {g for e in definition.equations for g in (*e.gens, *inside_traces(e))}
    return sorted((g for g in found if isinstance(g, Dimension | Parameter)), key=lambda g: g.name)


def _parameters(derived: Derived) -> list[tuple[Scalar, Scalar]]:
    """One and the parameters of the closed form, in coordinates and in the unknowns of the system."""
    return [(ONE, ONE), *((generator_scalar(p.symbol), p.meaning) for p in derived.coordinates.parameters)]


def _unknowns(derived: Derived) -> list[tuple[Scalar, Scalar]]:
    """The unknowns of the system and the values of its targets."""
    system = derived.law.system
    values = [*(generator_scalar(u) for u in system.unknowns), *system.outputs.values()]
    return [(value, value) for value in values]


class _Monomials:
    """Monomials in some scalars and dimensions, with the coefficients 1, 2 and 1/2, by their values at points."""

    def __init__(self, gens: Sequence[Generator], models: Sequence[NumericModel]) -> None:
        rows = {g: np.array([complex(m.scalar(generator_scalar(g))) for m in models]) for g in gens}
        self.scalars = [generator_scalar(g) for g in gens if isinstance(g, Parameter)]
        self._rows = {g: row for g, row in rows.items() if np.all(row != 0)}
        self._table = np.array([np.log(np.abs(row)) for row in self._rows.values()]).T.reshape(len(models), -1)

    def fitted(self, above: Any, below: Any) -> Scalar | None:
        """The monomial that is the quotient of two numbers at every point, if there is one."""
        if not (np.all(np.isfinite(above) & np.isfinite(below)) and np.all(above != 0) and np.all(below != 0)):
            return None
        ratios = above / below
        for coefficient in (Fraction(1), Fraction(2), Fraction(1, 2)):
            exponents = self._exponents(np.log(np.abs(ratios)) - math.log(coefficient))
            value = np.prod([row**e for row, e in zip(self._rows.values(), exponents, strict=True)], axis=0)
            for sign in (1, -1):
                if np.all(np.abs(ratios - sign * float(coefficient) * value) <= CLOSE * np.abs(ratios)):
                    gens = [generator_scalar(g) ** e for g, e in zip(self._rows, exponents, strict=True)]
                    return math.prod(gens, start=scalar(sign * coefficient))
        return None

    def _exponents(self, logarithms: Any) -> list[int]:
        """The nearest integers to a least-squares fit; none where there are too few points to test it."""
        points, gens = self._table.shape
        if points <= gens or np.abs(logarithms).max() <= CLOSE:
            return [0] * gens
        solution = np.linalg.lstsq(self._table, logarithms, rcond=None)[0]
        return [round(float(x)) for x in solution]


def _number(value: Any) -> complex:
    return complex(value.mid()) if isinstance(value, flint.acb) else float(value.mid())
