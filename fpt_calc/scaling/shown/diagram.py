"""The regimes of a law with one or two exponents as exact polygons in a window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

from fpt_calc.errors import InputError
from fpt_calc.scalars import Generator, Scalar, evaluate_scalar, scalar
from fpt_calc.scaling.polyhedra import (
    Affine,
    Interval,
    Polyhedron,
    box,
    describe,
    holds,
    intersection,
    value_at,
    vertices,
)
from fpt_calc.scaling.regimes.cases import Case
from fpt_calc.scaling.regimes.explore import Regime
from fpt_calc.scaling.regimes.law import Law, substituted
from fpt_calc.scaling.regimes.optimum import optimal

Point = tuple[Fraction, ...]
Window = tuple[tuple[Fraction, Fraction], ...]  # a range for each axis
MARGIN = Fraction(5, 4)  # how far a window reaches beyond the last corner of a regime


@dataclass(frozen=True)
class Cell:
    """A regime in the window.

    Attributes
    ----------
    corners : of the polygon, counterclockwise; the two ends where there is one axis.
    exponent : of the value, in numbers.
    shown : the same exponent in the symbols of the law, where a regime of it was recognized.
    logs : the power of the logarithm.
    dominant : the sources that lead.
    """

    corners: tuple[Point, ...]
    exponent: Affine
    shown: Affine
    logs: int
    dominant: tuple[str, ...]


@dataclass(frozen=True)
class Diagram:
    """Regimes in a window.

    Attributes
    ----------
    axes : one or two exponents.
    window : their ranges.
    cells : the regimes; their interiors are disjoint.
    best : polygons and line segments on which the exponent of an axis is chosen best.
    fixed : the numbers of everything else.
    """

    axes: tuple[str, ...]
    window: Window
    cells: tuple[Cell, ...]
    best: tuple[tuple[Point, ...], ...]
    fixed: Mapping[str, Fraction]


def diagram(
    law: Law,
    axes: Sequence[str],
    numbers: Mapping[str, Any] | None = None,
    window: Sequence[tuple[Any, Any]] | None = None,
    optimum: str | None = None,
) -> Diagram:
    """The regimes over one or two exponents, all other exponents and parameters being numbers.

    Parameters
    ----------
    law : the law.
    axes : names of exponents.
    numbers : for the other exponents and for the parameters; ints, Fractions, floats or strings.
    window : a range for each axis; by default from 0 to beyond the corners of all regimes.
    optimum : an axis whose best choice is added.

    Raises `InputError` for names that the law does not have, missing numbers and empty windows.
    """
    given = {name: _number(value, name) for name, value in (numbers or {}).items()}
    _check(law, axes, given, optimum)
    special = substituted(law, {n: scalar(v) for n, v in given.items()}) if given else law
    (case,) = special.cases
    names = special.request.domain.names
    found = _window(case, axes, window)
    within = _box(names, axes, found)
    symbols = _symbolic(law, given)
    cells = []
    for regime in case.regimes:
        corners = _corners(case, regime.cell, within, axes)
        if len(corners) > len(axes):
            shown = symbols.get((regime.exponent, regime.dominant, regime.logs), regime.exponent)
            cells.append(Cell(corners, regime.exponent, shown, regime.logs, regime.dominant))
    best = _best(special, case, axes, found, optimum) if optimum else ()
    return Diagram(tuple(axes), found, tuple(cells), best, given)


def _number(value: Any, name: str) -> Fraction:
    try:
        return Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        raise InputError(f"{value!r} is no number", where=name, remedy='write 1.5 or "3/2"') from None


def _check(law: Law, axes: Sequence[str], given: Mapping[str, Fraction], optimum: str | None) -> None:
    names, parameters = law.request.domain.names, [p.name for p in law.request.bounds]
    for name in axes:
        if name not in names:
            remedy = f"there are {', '.join(names)}" if names else "let a quantity depend on one, such as T**-ell"
            raise InputError(f"no exponent {name!r}", where="diagram", remedy=remedy)
    if not 1 <= len(set(axes)) == len(axes) <= 2:
        raise InputError(f"{len(set(axes))} axes", where="diagram", remedy="give one or two different exponents")
    for name in given:
        if name in axes:
            raise InputError(f"{name} is an axis and a number", where="diagram", remedy="leave its number out")
    for name in (*names, *parameters):
        if name not in axes and name not in given:
            raise InputError(f"{name} has no number", where="diagram", remedy=f"give {name}=...")
    if optimum is not None and optimum not in axes:
        raise InputError(f"{optimum!r} is no axis", where="diagram", remedy=f"choose among {', '.join(axes)}")


def _window(case: Case, axes: Sequence[str], given: Sequence[tuple[Any, Any]] | None) -> Window:
    """The window that was asked for, or one that shows all corners."""
    if given is not None:
        found = tuple((_number(a, "window"), _number(b, "window")) for a, b in given)
        if len(found) != len(axes) or any(a >= b for a, b in found):
            remedy = "give a pair (low, high) for each axis"
            raise InputError(f"{given!r} is no window", where="window", remedy=remedy)
        return found
    ranges = []
    for name in axes:
        values = [case.chamber.value(v[name]) for r in case.regimes for v in vertices(case.chamber, r.cell)]
        low, high = min(values, default=Fraction(0)), max(values, default=Fraction(0))
        top = low + (high - low) * MARGIN if high > low else low + 1
        ranges.append((low, Fraction(ceil(20 * top), 20)))
    return tuple(ranges)


def _box(names: Sequence[str], axes: Sequence[str], window: Window) -> Polyhedron:
    sides = dict(zip(axes, window, strict=True))
    return box({n: (scalar(sides[n][0]), scalar(sides[n][1])) for n in names})


def _corners(case: Case, cell: Polyhedron, within: Polyhedron, axes: Sequence[str]) -> tuple[Point, ...]:
    """The corners of a cell in the window, around it; none where it has no interior there."""
    chamber = case.chamber
    part = intersection(chamber, cell, within)
    if describe(chamber, part).dimension < len(axes):
        return ()
    points = [tuple(chamber.value(v[n]) for n in axes) for v in vertices(chamber, part)]
    return tuple(sorted(points)) if len(axes) == 1 else around(points)


def around(points: Sequence[Point]) -> tuple[Point, ...]:
    """The corners of a convex polygon counterclockwise from the lowest left one, in exact arithmetic.

    >>> around([(Fraction(x), Fraction(y)) for x, y in [(0, 0), (1, 1), (1, 0), (0, 1)]])[2]
    (Fraction(1, 1), Fraction(1, 1))
    """
    first = min(points)
    rest = [p for p in points if p != first]

    def slope(p: Point) -> tuple[bool, Fraction]:
        dx, dy = p[0] - first[0], p[1] - first[1]
        return (True, Fraction(0)) if not dx else (False, dy / dx)

    return (first, *sorted(rest, key=slope))


def area(corners: Sequence[Point]) -> Fraction:
    """The area of a polygon, or the length of an interval.

    >>> area([(Fraction(0), Fraction(0)), (Fraction(1), Fraction(0)), (Fraction(0), Fraction(1))])
    Fraction(1, 2)
    """
    if len(corners[0]) == 1:
        return corners[1][0] - corners[0][0]
    following = [*corners[1:], corners[0]]
    return sum((a[0] * b[1] - b[0] * a[1] for a, b in zip(corners, following, strict=True)), Fraction(0)) / 2


def _symbolic(law: Law, given: Mapping[str, Fraction]) -> dict[tuple[Affine, tuple[str, ...], int], Affine]:
    """The exponents of the law by what they are at these numbers, where its conditions hold."""
    values: dict[Generator, Scalar] = {p: scalar(given[p.name]) for p in law.request.bounds}
    case = next((c for c in law.cases if all(holds(k, values) for k in c.conditions)), None)
    return {} if case is None else {_at(r, given): r.exponent for r in case.regimes}


def _at(regime: Regime, given: Mapping[str, Fraction]) -> tuple[Affine, tuple[str, ...], int]:
    def number(value: Scalar) -> Scalar:
        return scalar(evaluate_scalar(value, lambda g: given[g.name], Fraction))

    constant = number(regime.exponent.constant)
    slopes: list[tuple[str, Scalar]] = []
    for name, slope in regime.exponent.terms:
        if name in given:
            constant = constant + number(slope) * given[name]
        elif not number(slope).is_zero:
            slopes.append((name, number(slope)))
    return Affine(constant, tuple(slopes)), regime.dominant, regime.logs


def _best(law: Law, case: Case, axes: Sequence[str], window: Window, optimum: str) -> tuple[tuple[Point, ...], ...]:
    """Where the exponent is smallest over one axis, in the window."""
    found = []
    for o in optimal(law, optimum):
        for interval in o.best:
            corners = _stretch(case, o.cell, interval, axes, window, optimum)
            found += [corners] if corners else []
    return tuple(found)


def _stretch(
    case: Case, cell: Polyhedron, interval: Interval, axes: Sequence[str], window: Window, optimum: str
) -> tuple[Point, ...]:
    """The points ``(other axis, best choice)`` as a segment or a polygon."""
    ranges = dict(zip(axes, window, strict=True))
    bottom, top = ranges[optimum]
    others = [a for a in axes if a != optimum]
    ends: list[dict[str, Fraction]] = [{}]
    if others:
        (other,) = others
        part = intersection(case.chamber, cell, _box(others, others, (ranges[other],)))
        ends = [{other: case.chamber.value(v[other])} for v in vertices(case.chamber, part)]
    points: list[Point] = []
    for end in ends:
        at = {n: scalar(v) for n, v in end.items()}
        low = bottom if interval.low is None else case.chamber.value(value_at(interval.low, at))
        high = top if interval.high is None else case.chamber.value(value_at(interval.high, at))
        for value in sorted({max(low, bottom), min(high, top)}):
            point = {**end, optimum: value}
            points.append(tuple(point[a] for a in axes))
    inside = [p for p in dict.fromkeys(points) if all(a <= x <= b for x, (a, b) in zip(p, window, strict=True))]
    return around(inside) if len(axes) == 2 and len(inside) > 2 else tuple(inside)
