"""The exact minimum of a piecewise affine function over one variable, as a function of the other ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from fpt_calc.errors import CannotDecideError, InputError
from fpt_calc.scaling.polyhedra.affine import Affine, replace_names
from fpt_calc.scaling.polyhedra.chamber import Chamber
from fpt_calc.scaling.polyhedra.description import describe
from fpt_calc.scaling.polyhedra.measure import irredundant
from fpt_calc.scaling.polyhedra.merge import difference, merge
from fpt_calc.scaling.polyhedra.pieces import Pieces
from fpt_calc.scaling.polyhedra.polyhedron import Polyhedron, polyhedron
from fpt_calc.scaling.polyhedra.projection import Fibre, fibre
from fpt_calc.scaling.polyhedra.signs import common, sign_on, split


@dataclass(frozen=True)
class Interval:
    """``low <= name <= high``; None where there is no bound, equal forms for a point."""

    low: Affine | None
    high: Affine | None


@dataclass(frozen=True)
class Minimum:
    """The minimum over one variable, on a cell of the others.

    Attributes
    ----------
    cell : a polyhedron in the other variables.
    value : the minimum.
    intervals : all minimizers; one interval, or several that do not touch, in ascending order.
    """

    cell: Polyhedron
    value: Affine
    intervals: tuple[Interval, ...]

    @property
    def argmin(self) -> Affine | tuple[Affine | None, Affine | None]:
        """The minimizer, or the ends of the interval of minimizers.

        Raises `CannotDecideError` if the minimizers are no interval.
        """
        if len(self.intervals) > 1:
            raise CannotDecideError("the minimizers are no interval", remedy="read .intervals")
        (own,) = self.intervals
        return own.low if own.low is not None and own.low == own.high else (own.low, own.high)


def minimize_over(chamber: Chamber, pieces: Pieces, name: str) -> tuple[Minimum, ...]:
    """The minimum of a piecewise affine function over one variable.

    The cells of the result have the dimension of the shadow of the domain, and cover it; smaller ones are left out.

    Raises
    ------
    InputError
        if the function is unbounded below, has no pieces, or the name is no ambient variable.

    >>> from fractions import Fraction
    >>> from fpt_calc.scalars import Parameter, generator_scalar
    >>> from fpt_calc.scaling.polyhedra.affine import variable
    >>> from fpt_calc.scaling.polyhedra.pieces import pieces_of_maximum
    >>> from fpt_calc.scaling.polyhedra.polyhedron import box
    >>> (b, beta), (q, r) = ((p, generator_scalar(p)) for p in (Parameter("beta"), Parameter("r")))
    >>> chamber, ell = Chamber({b: 2, q: Fraction(1, 3)}), variable("ell")
    >>> error = pieces_of_maximum(chamber, box({"ell": (0, beta)}), [-2 * r * ell, ell / beta - 1])
    >>> (best,) = minimize_over(chamber, error, "ell")
    >>> print(best.argmin, best.value, sep="; ")
    beta/(2*beta*r + 1); -2*beta*r/(2*beta*r + 1)
    >>> [str(c) for c in chamber.conditions({b: (1, None), q: (0, 1)})]
    []
    """
    found = [
        c for cell, form in pieces if not describe(chamber, cell).is_empty for c in _of_cell(chamber, cell, form, name)
    ]
    if not found:
        raise InputError(
            "a minimum of a function that is defined nowhere", where=name, remedy="give a cell with points"
        )
    size = max(describe(chamber, c.cell).dimension for c in found)
    regions: list[Minimum] = []
    for candidate in found:
        if describe(chamber, candidate.cell).dimension == size:
            regions = _lowered(chamber, regions, candidate, size)
    labelled = ((m.cell, (m.value, _ordered(chamber, m.cell, m.intervals))) for m in regions)
    return tuple(Minimum(cell, *label) for cell, label in merge(chamber, labelled))


def _of_cell(chamber: Chamber, cell: Polyhedron, form: Affine, name: str) -> Iterator[Minimum]:
    """The minimum over the part of a line in one cell: at a bound that depends on the other variables."""
    bounds = fibre(chamber, cell, name)
    if bounds.value is not None:
        shadow = irredundant(chamber, polyhedron(bounds.names, bounds.constraints, bounds.equalities))
        yield Minimum(shadow, replace_names(form, {name: bounds.value}), (Interval(bounds.value, bounds.value),))
        return
    sign = chamber.sign(form.coefficient(name))
    if sign == 0:
        yield from _flat(chamber, bounds, form)
        return
    ends = bounds.lowers if sign > 0 else bounds.uppers
    if not ends:
        raise InputError(f"unbounded below over {name}", where=str(form), remedy=f"bound {name}")
    for end in ends:
        low, high = (end, None) if sign > 0 else (None, end)
        for part in _where(chamber, bounds, low, high):
            yield Minimum(part, replace_names(form, {name: end}), (Interval(end, end),))


def _flat(chamber: Chamber, bounds: Fibre, form: Affine) -> Iterator[Minimum]:
    """A form without the variable: the whole fibre is optimal."""
    for low in bounds.lowers or (None,):
        for high in bounds.uppers or (None,):
            for part in _where(chamber, bounds, low, high):
                yield Minimum(part, form, (Interval(low, high),))


def _where(chamber: Chamber, bounds: Fibre, low: Affine | None, high: Affine | None) -> Iterator[Polyhedron]:
    """Where the fibre begins at this lower and ends at this upper bound (None: at any)."""
    above = [] if low is None else [low - other for other in bounds.lowers]
    below = [] if high is None else [other - high for other in bounds.uppers]
    starts, ends = ([low] if low is not None else bounds.lowers), ([high] if high is not None else bounds.uppers)
    between = [end - start for start in starts for end in ends]
    part = polyhedron(bounds.names, (*bounds.constraints, *above, *below, *between), bounds.equalities)
    if not describe(chamber, part).is_empty:
        yield irredundant(chamber, part)


def _lowered(chamber: Chamber, regions: Iterable[Minimum], new: Minimum, size: int) -> list[Minimum]:
    """The minimum of what was found so far and one more candidate, each defined on its own cells."""
    result: list[Minimum] = []
    left = [new.cell]
    for old in regions:
        both = common(old.cell, new.cell)
        if describe(chamber, both).dimension < size:
            result.append(old)
            continue
        result += [replace(old, cell=cell) for cell in difference(chamber, old.cell, new.cell)]
        result += _compared(chamber, irredundant(chamber, both), old, new)
        left = [rest for cell in left for rest in difference(chamber, cell, old.cell)]
    return [*result, *(replace(new, cell=cell) for cell in left)]


def _compared(chamber: Chamber, cell: Polyhedron, old: Minimum, new: Minimum) -> Iterator[Minimum]:
    """The smaller of two values on a cell; both sets of minimizers where they agree."""
    lead = new.value - old.value
    if sign_on(chamber, cell, lead) == 0:
        yield replace(old, cell=cell, intervals=(*old.intervals, *new.intervals))
        return
    above, below = split(chamber, cell, lead)
    yield from (replace(m, cell=part) for m, part in ((old, above), (new, below)) if part is not None)


def _ordered(chamber: Chamber, cell: Polyhedron, intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """The union of intervals: those that touch joined, in ascending order where the cell has one."""
    result: list[Interval] = []
    for interval in dict.fromkeys(intervals):
        joined = interval
        apart = []
        for other in result:
            if _touch(chamber, cell, joined, other):
                joined = _hull(chamber, cell, joined, other)
            else:
                apart.append(other)
        place = sum(1 for other in apart if _before(chamber, cell, other, joined))
        result = [*apart[:place], joined, *apart[place:]]
    return tuple(result)


def _before(chamber: Chamber, cell: Polyhedron, first: Interval, second: Interval) -> bool:
    """Whether the first interval ends before the second begins, everywhere on the cell."""
    if first.high is None or second.low is None:
        return False
    return sign_on(chamber, cell, second.low - first.high) == 1


def _touch(chamber: Chamber, cell: Polyhedron, first: Interval, second: Interval) -> bool:
    return not _before(chamber, cell, first, second) and not _before(chamber, cell, second, first)


def _hull(chamber: Chamber, cell: Polyhedron, first: Interval, second: Interval) -> Interval:
    """From the lower beginning to the upper end."""
    low = high = None
    if first.low is not None and second.low is not None:
        low = first.low if sign_on(chamber, cell, second.low - first.low) in (0, 1) else second.low
    if first.high is not None and second.high is not None:
        high = first.high if sign_on(chamber, cell, first.high - second.high) in (0, 1) else second.high
    return Interval(low, high)
