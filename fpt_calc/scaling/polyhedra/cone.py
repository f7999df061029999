"""Pointed cones over the integers: extreme rays by double description, and nonnegative combinations by simplex."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction

Row = tuple[int, ...]
Ray = tuple[Row, frozenset[int]]  # the ray, and the rows that vanish on it


def integral(row: Sequence[Fraction]) -> Row:
    """The shortest integer vector that is a positive multiple of a rational one.

    >>> integral([Fraction(1, 2), Fraction(-3)])
    (1, -6)
    """
    scale = math.lcm(*(x.denominator for x in row))
    whole = [int(x * scale) for x in row]
    common = math.gcd(*whole) or 1
    return tuple(x // common for x in whole)


def extreme_rays(rows: Sequence[Row]) -> list[Ray]:
    """The extreme rays of the cone where all rows are >= 0, each with the rows that vanish on it.

    The rows must span the space, so that the cone is pointed.  Double description (Motzkin, Raiffa, Thompson, Thrall
    1953): rows are added one by one to a simplicial cone; a new ray joins two adjacent rays on different sides, and
    rays are adjacent if no third one lies on all the rows they share.

    >>> sorted(ray for ray, _ in extreme_rays([(1, 0), (-1, 2), (5, 1)]))
    [(0, 1), (2, 1)]
    """
    start = independent(rows, len(rows[0]))
    rays = [(ray, frozenset(start) - {k}) for k, ray in zip(start, _dual([rows[k] for k in start]), strict=True)]
    for k in range(len(rows)):
        if k not in start:
            rays = _cut(rays, rows[k], k)
    return rays


def _cut(rays: list[Ray], row: Row, index: int) -> list[Ray]:
    heights = [dot(row, ray) for ray, _ in rays]
    kept = [(ray, zeros if h else zeros | {index}) for (ray, zeros), h in zip(rays, heights, strict=True) if h >= 0]
    above = [(ray, zeros, h) for (ray, zeros), h in zip(rays, heights, strict=True) if h > 0]
    below = [(ray, zeros, h) for (ray, zeros), h in zip(rays, heights, strict=True) if h < 0]
    for up, up_zeros, high in above:
        for down, down_zeros, low in below:
            shared = up_zeros & down_zeros
            if sum(shared <= zeros for _, zeros in rays) == 2:
                joint = [Fraction(high * d - low * u) for u, d in zip(up, down, strict=True)]
                kept.append((integral(joint), shared | {index}))
    return kept


def dot(row: Row, ray: Row) -> int:
    """The inner product."""
    return sum(a * b for a, b in zip(row, ray, strict=True))


def _dual(rows: Sequence[Row]) -> list[Row]:
    """The rays of a simplicial cone: the columns of the inverse, each scaled by a positive number."""
    size = len(rows)
    work = [[Fraction(x) for x in row] + [Fraction(i == k) for k in range(size)] for i, row in enumerate(rows)]
    for column in range(size):
        pivot = next(i for i in range(column, size) if work[i][column])
        work[column], work[pivot] = work[pivot], work[column]
        head = work[column][column]
        work[column] = [x / head for x in work[column]]
        for i in range(size):
            if i != column and (factor := work[i][column]):
                work[i] = [x - factor * y for x, y in zip(work[i], work[column], strict=True)]
    return [integral([work[i][size + k] for i in range(size)]) for k in range(size)]


def independent(rows: Sequence[Row], enough: int, order: Iterable[int] | None = None) -> list[int]:
    """Indices of linearly independent rows, the first ones in the given order, at most ``enough``.

    >>> independent([(1, 1), (2, 2), (0, 1)], 2)
    [0, 2]
    """
    found: list[int] = []
    echelon: list[tuple[int, list[Fraction]]] = []
    for k in range(len(rows)) if order is None else order:
        if len(found) == enough:
            break
        rest = [Fraction(x) for x in rows[k]]
        for column, head in echelon:
            if factor := rest[column]:
                rest = [x - factor * y for x, y in zip(rest, head, strict=True)]
        column = next((i for i, x in enumerate(rest) if x), -1)
        if column >= 0:
            echelon.append((column, [x / rest[column] for x in rest]))
            found.append(k)
    return found


def opposing(rows: Sequence[Row], target: int) -> list[int]:
    """Independent rows of which a positive combination is minus the target row.

    There must be one: the target must vanish wherever all rows are >= 0 (Farkas).  First phase of the simplex method
    with Bland's rule.

    >>> opposing([(1, 0), (0, 1), (-1, -1), (5, 1)], 0)
    [1, 2]
    """
    columns = [k for k in range(len(rows)) if k != target]
    table = []
    for i, head in enumerate(rows[target]):
        sign = -1 if head > 0 else 1
        table.append([Fraction(sign * rows[k][i]) for k in columns] + [Fraction(-sign * head)])
    basis = [-1] * len(table)  # -1: an artificial variable
    cost = [sum((-x for x in column), Fraction(0)) for column in zip(*table, strict=True)]
    while (enter := next((j for j in range(len(columns)) if cost[j] < 0), None)) is not None:
        ratios = [(row[-1] / row[enter], basis[i], i) for i, row in enumerate(table) if row[enter] > 0]
        leave = min(ratios)[2]
        basis[leave] = enter
        pivot = table[leave][enter]
        table[leave] = [x / pivot for x in table[leave]]
        for row in (*(row for i, row in enumerate(table) if i != leave), cost):
            if factor := row[enter]:
                row[:] = [x - factor * y for x, y in zip(row, table[leave], strict=True)]
    assert cost[-1] == 0, "the target does not vanish on the cone"
    return sorted(columns[j] for j, row in zip(basis, table, strict=True) if j >= 0 and row[-1])
