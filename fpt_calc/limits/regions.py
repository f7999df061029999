"""Where a case of a limit applies: regions of dimensions, found at solved points and stated as inequalities."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations

import numpy as np

from fpt_calc.closed_form import sample_point
from fpt_calc.errors import CannotDecideError, FptError
from fpt_calc.expr import atoms
from fpt_calc.limits.branches import Branch, derivative
from fpt_calc.limits.setting import Approach, Stratum
from fpt_calc.point import Dense, Eigenvalues, MatrixData, NumericModel, Point
from fpt_calc.scalars import (
    ZERO,
    Dimension,
    Generator,
    Parameter,
    Scalar,
    denominator,
    evaluate_scalar,
    from_polynomial,
    generator_scalar,
    is_nonnegative,
    numerator,
    ordered_terms,
    ring,
    scalar,
    substitute,
)
from fpt_calc.solve import Result, solve
from fpt_calc.spectral import Commutation
from fpt_calc.system import FixedPointSystem, Unknown

SMALL = Fraction(1, 10**7)
CLOSE = 3e-2  # relative distance of a leading term at a small quantity of that size
SEEDS = 240
PER_CELL = 2
MAX_CELLS = 30

Signs = tuple[int, ...]


@dataclass(frozen=True)
class Region:
    """Sign conditions ``sign * threshold > 0``, all of which hold."""

    conditions: tuple[tuple[Scalar, int], ...]

    def contains(self, dims: Mapping[Generator, Fraction]) -> bool:
        """Whether dimensions (and fractions) satisfy the conditions strictly."""
        return all(_sign(t, dims) == s for t, s in self.conditions)

    def positive(self) -> list[Scalar]:
        """What is positive in the region."""
        return [t if s > 0 else -t for t, s in self.conditions]

    def texts(self) -> list[str]:
        """``d < n`` for each condition."""
        return [inequality(t if s > 0 else -t) for t, s in self.conditions]


def inequality(positive: Scalar) -> str:
    """``positive > 0`` with positive terms on both sides.

    >>> from fpt_calc.scalars import dimension
    >>> inequality(dimension("n") - dimension("d"))
    'd < n'
    """
    top = numerator(positive)
    context = ring(top.gens)
    parts = {1: ZERO, -1: ZERO}
    for exponents, c in ordered_terms(top.num):
        term = from_polynomial(top.gens, context.from_dict({tuple(map(int, exponents)): int(c)}))
        parts[1 if int(c) > 0 else -1] += term
    return f"{-parts[-1]} < {parts[1]}"


def thresholds(values: Iterable[Scalar], found: Sequence[Branch], fixed: Iterable[Generator]) -> list[Scalar]:
    """What can decide between branches: which of two dimensions is larger, and the signs of leading coefficients."""
    gone = set(fixed)
    dims = sorted({g for v in values for g in v.gens if isinstance(g, Dimension)} - gone, key=lambda g: g.name)
    result = [generator_scalar(b) - generator_scalar(a) for a, b in combinations(dims, 2)]
    for branch in found:
        if branch.root is None:
            continue
        for factor in _prime_factors(branch.root):
            of_sizes = all(isinstance(g, Dimension) or getattr(g, "kind", "") == "fraction" for g in factor.gens)
            certain = is_nonnegative(factor) or is_nonnegative(-factor)
            if of_sizes and not certain and factor not in result and -factor not in result:
                result.append(factor)
    return result


def _prime_factors(value: Scalar) -> Iterator[Scalar]:
    for part in (numerator(value), denominator(value)):
        if part.gens:
            for polynomial, _ in part.num.factor()[1]:
                yield from_polynomial(part.gens, polynomial)


def sizes(point: Point) -> dict[Generator, Fraction]:
    """The dimensions and real scalars of a point."""
    result: dict[Generator, Fraction] = {Dimension(name): Fraction(k) for name, k in point.dims.items()}
    for name, number in point.scalars.items():
        if isinstance(number, int | Fraction):
            result[Parameter(name, "fraction")] = Fraction(number)
    return result


def _sign(value: Scalar, known: Mapping[Generator, Fraction]) -> int:
    number = evaluate_scalar(value, lambda g: known[g], Fraction)
    return (number > 0) - (number < 0)


@dataclass(frozen=True)
class Cell:
    """A sign pattern of the thresholds, with points in it."""

    signs: Signs
    points: tuple[Point, ...]


def sample(system: FixedPointSystem, groups: Commutation, extra: Iterable[Scalar]) -> tuple[Point, ...]:
    """Random admissible points, with ties among the dimensions."""
    extra = tuple(extra)
    return tuple(sample_point(system, groups, seed, extra, ties=True) for seed in range(SEEDS))


def cells(points: Iterable[Point], stratum: Stratum, tests: Sequence[Scalar]) -> list[Cell]:
    """The sign patterns that occur at the points on a stratum."""
    found: dict[Signs, list[Point]] = {}
    for point in points:
        known = sizes(point)
        if any(g in known and _sign(generator_scalar(g) - v, known) for g, v in stratum.images.items()):
            continue
        signs = tuple(_sign(t, known) for t in tests)
        if 0 not in signs and len(own := found.setdefault(signs, [])) < PER_CELL:
            own.append(point)
    if len(found) > MAX_CELLS:
        raise CannotDecideError("too many orders of the dimensions", remedy="give equal dimensions one name")
    return [Cell(signs, tuple(own)) for signs, own in found.items()]


def chosen(
    system: FixedPointSystem, found: Sequence[Branch], approach: Approach, stratum: Stratum, cell: Cell
) -> Branch:
    """The branch that the solver follows near the limit in a cell.

    Raises `CannotDecideError` where none does, or points of one cell disagree.
    """
    picked = [_at_point(system, found, approach, stratum, p) for p in cell.points]
    if len(found) == 1 and all(b is None for b in picked):
        return found[0]  # nothing to tell apart, where no number can be put in for a dimension
    best = next((b for b in picked if b is not None), None)
    if best is None or any(b is not best for b in picked if b is not None):
        where = ", ".join(stratum.conditions()) or "one order of the dimensions"
        raise CannotDecideError(f"the limit at {where} is not clear", remedy="evaluate the law near the limit")
    return best


def _at_point(
    system: FixedPointSystem, found: Sequence[Branch], approach: Approach, stratum: Stratum, point: Point
) -> Branch | None:
    """The nearest branch, None where the solver fails."""
    near = moved(approach, point, SMALL, _moving(system, approach.generator))
    if near is None:
        return None
    try:
        solution = solve(_of_parameters(system), near)
    except (FptError, ValueError):  # a weighted spectrum may meet blocks of another length
        return None
    if solution.result is not Result.SUCCESS:
        return None
    numbers = NumericModel(near, solution.values)
    distances = [_distance(numbers, b) for b in found]
    best = min(range(len(found)), key=lambda k: distances[k])
    return found[best] if distances[best] < CLOSE else None


def _of_parameters(system: FixedPointSystem) -> FixedPointSystem:
    """The part of a system that determines its parameters: without targets and what only they depend on."""
    nonlinear = [c for c in system.components if not c.linear]
    needed = {u for c in nonlinear for u in (*c.unknowns, *c.depends_on)}
    components = tuple(c for c in system.components if needed & set(c.unknowns))
    kept = {u for c in components for u in c.unknowns}
    averages = {u: a for u, a in system.averages.items() if u in kept}
    return replace(system, outputs={}, components=components, averages=averages)


def _moving(system: FixedPointSystem, g: Generator) -> frozenset[str]:
    """The deterministic matrices of a system whose size depends on a generator."""
    found = {a for m in system.matrices for a in atoms(m)}
    return frozenset(a.name for a in found if any(g in dim.gens for dim in a.shape))


def moved(approach: Approach, point: Point, eps: Fraction, moving: Container[str] = ()) -> Point | None:
    """The point with the generator near its limit; None where it is no admissible number there.

    ``moving``: the matrices whose size depends on the generator; symmetric ones become spectra.
    """
    known = sizes(point)
    g = approach.generator
    value = substitute(approach.value(eps), {h: scalar(known[h]) for h in approach.factor.gens if h in known})
    number = value.constant
    if number is None:
        return None
    if isinstance(g, Dimension):
        if number.denominator != 1 or number < 1:
            return None
        matrices = {name: _spectrum(data) if name in moving else data for name, data in point.matrices.items()}
        return Point({**point.dims, g.name: int(number)}, point.scalars, matrices, point.commute)
    return Point(point.dims, {**point.scalars, g.name: number}, point.matrices, point.commute)


def _spectrum(data: MatrixData) -> MatrixData:
    """A symmetric matrix as a spectrum with weights, which has no dimension; others as they are."""
    if not isinstance(data, Dense) or data.array.shape[0] != data.array.shape[1]:
        return data
    values = np.linalg.eigvalsh((data.array + data.array.T.conj()) / 2)
    return Eigenvalues(tuple(values.tolist()), (Fraction(1, len(values)),) * len(values))


def _distance(numbers: NumericModel, branch: Branch) -> float:
    """How far the solved parameter is from a branch, relative to the size of its last coefficient."""
    rest = numbers.scalar(branch.parameter.meaning)
    extra: dict[Unknown, complex] = {}
    if (implicit := branch.implicit) is not None:
        size = _power(implicit.exponent)
        model = NumericModel(numbers.point, {implicit.symbol: rest / size})
        slope = model.scalar(derivative(implicit.equation, implicit.symbol))
        step = complex(model.scalar(implicit.equation) / slope) if slope else float("inf")
        if implicit is branch:
            return abs(step / complex(rest / size))
        extra = {implicit.symbol: rest / size - step}
    model = NumericModel(numbers.point, extra)
    try:
        for exponent, c in branch.prefix.items():
            rest = rest - model.scalar(c) * _power(exponent)
        expected, found = complex(model.scalar(branch.coefficient)), complex(rest / _power(branch.exponent))
    except FptError:
        return float("inf")
    return float(abs(expected - found) / max(abs(expected), abs(found)))


def _power(exponent: Fraction) -> float:
    return float(float(SMALL) ** float(exponent))


def region(signs: set[Signs], others: set[Signs], tests: Sequence[Scalar]) -> Region | None:
    """The shortest conjunction of inequalities that holds in these cells and in no other; None if there is none."""
    common = [k for k in range(len(tests)) if len({s[k] for s in signs}) == 1]
    first = next(iter(signs))

    def excludes(chosen_tests: Sequence[int]) -> bool:
        return not any(all(o[k] == first[k] for k in chosen_tests) for o in others)

    if not excludes(common):
        return None
    for k in list(reversed(common)):
        shorter = [c for c in common if c != k]
        if excludes(shorter):
            common = shorter
    return Region(tuple((tests[k], first[k]) for k in common))
