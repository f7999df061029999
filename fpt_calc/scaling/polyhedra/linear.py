"""Linear algebra over the scalars, with pivots that do not vanish at the sample."""

from __future__ import annotations

from collections.abc import Sequence

from fpt_calc.scalars import ONE, ZERO, Scalar, denominator, numerator
from fpt_calc.scaling.polyhedra.chamber import Chamber, DegenerateSample
from fpt_calc.scaling.polyhedra.polyhedron import Vector


def product(row: Vector, vector: Vector) -> Scalar:
    """The inner product."""
    total = ZERO
    for a, b in zip(row, vector, strict=True):
        if a and b:
            total = total + a * b
    return total


def kernel(chamber: Chamber, rows: Sequence[Vector], size: int, avoided: Sequence[int] = ()) -> list[Vector]:
    """A basis of the kernel: for each column without pivot the vector that is zero at the other such columns.

    Entries are coprime polynomials.  Nothing is recorded; whoever uses a vector tests what it needs of it.  Raises
    `DegenerateSample` if the rank at the sample is not the rank.
    """
    places, work = echelon(chamber, rows, size, avoided)
    pivots = [column for column, _ in places]
    result = []
    for column in range(size):
        if column not in pivots:
            entries = [ZERO] * size
            entries[column] = ONE
            for pivot, row in zip(pivots, work, strict=True):
                entries[pivot] = -row[column]
            result.append(primitive(tuple(entries)))
    return result


def echelon(
    chamber: Chamber, rows: Sequence[Vector], size: int, avoided: Sequence[int] = ()
) -> tuple[list[tuple[int, Scalar]], list[list[Scalar]]]:
    """The pivots (column, entry it had) and the reduced rows, one for each pivot.

    Pivots do not vanish at the sample; those outside the avoided columns come first, and then rational ones.  Raises
    `DegenerateSample` where what remains vanishes at the sample, but not identically.
    """
    work = [list(row) for row in rows]
    pivots: list[tuple[int, Scalar]] = []
    for done in range(len(rows)):
        place = _pivot(chamber, work, done, size, avoided)
        if place is None:
            break
        index, column = place
        work[done], work[index] = work[index], work[done]
        pivots.append((column, work[done][column]))
        inverse = work[done][column].inverse()
        work[done] = [x * inverse if x else x for x in work[done]]
        for i, row in enumerate(work):
            if i != done and (factor := row[column]):
                work[i] = [x - factor * y if y else x for x, y in zip(row, work[done], strict=True)]
    return pivots, work[: len(pivots)]


def _pivot(
    chamber: Chamber, work: list[list[Scalar]], done: int, size: int, avoided: Sequence[int]
) -> tuple[int, int] | None:
    """The simplest entry below the finished rows that does not vanish at the sample; None if all are zero.

    A column that is to be avoided is used only where the others have nothing but zeros left.
    """
    places = sorted(
        (column in avoided, len(work[i][column].gens), i, column)
        for i in range(done, len(work))
        for column in range(size)
        if work[i][column]
    )
    if not places:
        return None
    last = places[0][0]
    for late, _, i, column in places:
        if late == last and chamber.value(work[i][column]):
            return i, column
    _, _, i, column = places[0]
    raise DegenerateSample(work[i][column])


def primitive(vector: Vector) -> Vector:
    """The vector, not zero, times a scalar (of either sign) that makes its entries coprime integer polynomials.

    >>> from fpt_calc.scalars import Parameter, generator_scalar
    >>> r = generator_scalar(Parameter("r"))
    >>> primitive((ONE / r, (1 - r) / (2 * r)))
    (-2, r - 1)
    """
    common = ONE
    for x in vector:
        common = common * denominator(x * common)
    whole = [x * common for x in vector]
    divisor = next(x for x in whole if x)
    for x in whole:
        if x:
            divisor = divisor / numerator(divisor / x)  # the greatest common divisor of both
    return tuple(x / divisor if x else x for x in whole)
