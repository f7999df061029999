"""Polyhedra over QQ(parameters) against brute force, and symbolic results against numeric ones elsewhere in the cell.

The oracle enumerates bases: every point that enough constraints determine, and that satisfies the others.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fpt_calc.errors import CannotDecideError, InputError
from fpt_calc.scalars import IMAGINARY_UNIT, Parameter, Scalar, generator_scalar, scalar, square_root, substitute
from fpt_calc.scaling.polyhedra import (
    Affine,
    Chamber,
    Condition,
    DegenerateSample,
    Minimum,
    Pieces,
    Polyhedron,
    affine,
    affine_form,
    affine_text,
    box,
    constant_sign,
    contains,
    convex_union,
    crossovers,
    describe,
    difference,
    dimension,
    empty,
    equation_text,
    holds,
    interior_point,
    intersection,
    irredundant,
    is_empty,
    is_full_dimensional,
    lines,
    lower_envelope,
    maximum,
    maximum_of,
    merge,
    minimize_over,
    minimum_of,
    pieces_of_maximum,
    pieces_of_minimum,
    polyhedron,
    polyhedron_text,
    projection,
    rays,
    replace_names,
    sign_on,
    solved_for,
    split,
    to_sympy,
    upper_envelope,
    value_at,
    variable,
    vertices,
    with_constraints,
)

BETA, R = Parameter("beta"), Parameter("r")
beta, r = generator_scalar(BETA), generator_scalar(R)
DOMAIN = {BETA: (1, None), R: (0, 1)}
NAMES = ("x", "y", "z")
x, y, z = map(variable, NAMES)
NUMERIC: Mapping[Any, Fraction] = {}
FAR = 10**6  # beyond every vertex of three constraints with coefficients below 7, whose determinants are below 6 * 6**3

Point = dict[str, Fraction]
Forms = Sequence[Affine]
laws = settings(max_examples=30, deadline=None, derandomize=True)


# --- generators ------------------------------------------------------------------------------------------------------


def names_of(size: int) -> tuple[str, ...]:
    return NAMES[:size]


small = st.integers(-4, 4)


@st.composite
def numeric_forms(draw: st.DrawFn, names: Sequence[str], least: int, most: int) -> list[Affine]:
    rows = draw(st.lists(st.tuples(st.integers(-6, 6), *(small for _ in names)), min_size=least, max_size=most))
    return [affine_form(c, dict(zip(names, slopes, strict=True))) for c, *slopes in rows]


@st.composite
def polyhedra(draw: st.DrawFn, bounded: bool | None = None) -> Polyhedron:
    names = names_of(draw(st.integers(1, 3)))
    forms = draw(numeric_forms(names, 0, 6))
    equalities = draw(numeric_forms(names, 0, 1)) if draw(st.integers(0, 3)) == 0 else []
    inside = draw(st.booleans()) if bounded is None else bounded
    return polyhedron(names, [*forms, *(box({n: (-3, 3) for n in names}).constraints if inside else ())], equalities)


def points(names: Sequence[str], reach: int = 3) -> st.SearchStrategy[Point]:
    coordinate = st.fractions(-reach, reach, max_denominator=7)
    return st.fixed_dictionaries({n: coordinate for n in names})


COEFFICIENTS: Sequence[Scalar] = (
    *map(scalar, (-2, -1, 0, 0, 0, 1, 1, 3)),
    beta,
    -r,
    1 - r,
    1 / beta,
    r / beta,
    2 * r * beta - 1,
    1 / (2 * beta * r + 1),
    beta - 2,
)


@st.composite
def symbolic_forms(draw: st.DrawFn, names: Sequence[str], least: int, most: int) -> list[Affine]:
    some = st.sampled_from(COEFFICIENTS)
    rows = draw(st.lists(st.tuples(some, *(some for _ in names)), min_size=least, max_size=most))
    return [affine_form(c, dict(zip(names, slopes, strict=True))) for c, *slopes in rows]


@st.composite
def samples(draw: st.DrawFn) -> tuple[Mapping[Any, Fraction], list[Mapping[Any, Fraction]]]:
    """A sample that no coefficient is special at, and others, some near and some far."""
    b = Fraction(draw(st.integers(1009, 4000)), 997)
    s = Fraction(draw(st.integers(1, 1008)), 1009)
    others = []
    for _ in range(4):
        near = draw(st.booleans())
        other_b = (
            b + Fraction(draw(st.integers(0, 99)), 4999) if near else Fraction(draw(st.integers(1010, 5000)), 1003)
        )
        other_s = (
            s * Fraction(draw(st.integers(900, 999)), 1000) if near else Fraction(draw(st.integers(1, 1012)), 1013)
        )
        others.append({BETA: other_b, R: other_s})
    return {BETA: b, R: s}, others


# --- oracles ---------------------------------------------------------------------------------------------------------


def at(form: Affine, point: Mapping[str, Any]) -> Fraction:
    number = value_at(form, point).constant
    assert number is not None
    return number


def inside(cell: Polyhedron, point: Mapping[str, Any]) -> bool:
    return all(at(c, point) >= 0 for c in cell.constraints) and all(at(e, point) == 0 for e in cell.equalities)


def solution(rows: Forms, names: Sequence[str]) -> Point | None:
    """The point where as many forms as variables vanish, if there is exactly one (Gauss, numbers only)."""
    work = [[*(number(f.coefficient(n)) for n in names), -number(f.constant)] for f in rows]
    for k in range(len(names)):
        pivot = next((i for i in range(k, len(work)) if work[i][k]), None)
        if pivot is None:
            return None
        work[k], work[pivot] = work[pivot], work[k]
        work[k] = [v / work[k][k] for v in work[k]]
        for i in range(len(work)):
            if i != k:
                work[i] = [v - work[i][k] * w for v, w in zip(work[i], work[k], strict=True)]
    return {n: row[-1] for n, row in zip(names, work, strict=False)}


def number(value: Scalar) -> Fraction:
    assert value.constant is not None
    return value.constant


def corners(cell: Polyhedron) -> list[Point]:
    """The vertices, by trying all bases."""
    both = [*cell.constraints, *cell.equalities]
    found = [solution(rows, cell.names) for rows in combinations(both, len(cell.names))]
    unique = {tuple(p.items()): p for p in found if p is not None and inside(cell, p)}
    return list(unique.values())


def rank(vectors: Iterable[Sequence[Fraction]]) -> int:
    return (
        int(sympy.Matrix([list(map(sympy.Rational, v)) for v in vectors]).rank()) if (vectors := list(vectors)) else 0
    )


def affine_dimension(found: Sequence[Point]) -> int:
    if not found:
        return -1
    first, *rest = found
    return rank([p[n] - first[n] for n in first] for p in rest)


def within(cell: Polyhedron, reach: int) -> Polyhedron:
    return with_constraints(cell, *box({n: (-reach, reach) for n in cell.names}).constraints)


def as_set(found: Iterable[Mapping[str, Any]]) -> set[tuple[tuple[str, Any], ...]]:
    return {tuple((n, scalar(v)) for n, v in p.items()) for p in found}


# --- both descriptions -----------------------------------------------------------------------------------------------


@laws
@given(polyhedra(bounded=True))
def test_vertices_are_those_of_all_bases(cell: Polyhedron) -> None:
    chamber, expected = Chamber(NUMERIC), corners(cell)
    assert as_set(vertices(chamber, cell)) == as_set(expected)
    assert rays(chamber, cell) == lines(chamber, cell) == ()
    assert is_empty(chamber, cell) == (not expected)
    assert dimension(chamber, cell) == affine_dimension(expected)
    assert is_full_dimensional(chamber, cell) == (affine_dimension(expected) == len(cell.names))


@laws
@given(polyhedra(bounded=False), st.data())
def test_unbounded_polyhedra_are_cut_off_far_away(cell: Polyhedron, data: st.DataObject) -> None:
    chamber, cut = Chamber(NUMERIC), corners(within(cell, FAR))
    assert dimension(chamber, cell) == affine_dimension(cut)
    (form,) = data.draw(numeric_forms(cell.names, 1, 1))
    if not cut:
        return
    best, further = (max(at(form, p) for p in found) for found in (cut, corners(within(cell, 2 * FAR))))
    found = maximum(chamber, cell, form)
    assert (found.value is None) == (best != further)
    if found.value is not None:
        assert found.value == best == value_at(form, dict(found.point)) and inside(cell, dict(found.point))


@laws
@given(polyhedra(bounded=False), st.data())
def test_hull_of_vertices_rays_and_lines_stays_inside(cell: Polyhedron, data: st.DataObject) -> None:
    chamber = Chamber(NUMERIC)
    assume(not is_empty(chamber, cell))
    corner = data.draw(st.sampled_from(vertices(chamber, cell)))
    steps = [(ray, data.draw(st.integers(0, 50))) for ray in rays(chamber, cell)]
    steps += [(line, data.draw(st.integers(-50, 50))) for line in lines(chamber, cell)]
    moved = {n: corner[n] + sum(step[n] * k for step, k in steps) for n in cell.names}
    assert inside(cell, moved)
    directions = [[number(v) for v in d.values()] for d in lines(chamber, cell)]
    slopes = [[number(c.coefficient(n)) for n in cell.names] for c in (*cell.constraints, *cell.equalities)]
    assert len(directions) == rank(directions) == len(cell.names) - rank(slopes)


@laws
@given(polyhedra(), st.data())
def test_irredundant_form_is_the_same_set_and_needs_every_constraint(cell: Polyhedron, data: st.DataObject) -> None:
    chamber = Chamber(NUMERIC)
    tidy = irredundant(chamber, cell)
    point = data.draw(points(cell.names))
    assert inside(cell, point) == inside(tidy, point)
    assert contains(chamber, cell, tidy) and contains(chamber, tidy, cell)
    if is_empty(chamber, cell):
        assert tidy == empty(cell.names)
        return
    assert len(cell.names) - len(tidy.equalities) == dimension(chamber, cell)
    for constraint in tidy.constraints:
        rest = polyhedron(cell.names, [c for c in tidy.constraints if c != constraint], tidy.equalities)
        assert not contains(Chamber(NUMERIC), tidy, rest)
    middle = interior_point(chamber, cell)
    assert inside(cell, middle) and all(at(c, middle) > 0 for c in tidy.constraints)


# --- signs, splitting, joining ---------------------------------------------------------------------------------------


@laws
@given(polyhedra(), st.data())
def test_signs_and_split(cell: Polyhedron, data: st.DataObject) -> None:
    chamber = Chamber(NUMERIC)
    (form,) = data.draw(numeric_forms(cell.names, 1, 1))
    values = [at(form, p) for p in corners(within(cell, FAR))]
    takes = {1 if v > 0 else -1 for v in values if v}
    sign = sign_on(chamber, cell, form)
    assert sign == (None if len(takes) == 2 else next(iter(takes), 0))
    above, below = split(chamber, cell, form)
    assert (above is None, below is None) == {None: (False, False), -1: (True, False)}.get(sign, (False, True))
    for part in filter(None, (above, below)):
        assert dimension(chamber, part) == dimension(chamber, cell)
    point = data.draw(points(cell.names))
    value = at(form, point)
    if above is not None:
        assert inside(above, point) == (inside(cell, point) and value >= 0)
    if below is not None:
        assert inside(below, point) == (inside(cell, point) and value <= 0)


@laws
@given(polyhedra(), st.data())
def test_cells_cut_apart_are_joined_again(cell: Polyhedron, data: st.DataObject) -> None:
    chamber = Chamber(NUMERIC)
    assume(not is_empty(chamber, cell))
    (form,) = data.draw(numeric_forms(cell.names, 1, 1))
    parts = [(part, "a") for part in split(chamber, cell, form) if part is not None]
    ((joined, label),) = merge(chamber, parts)
    assert label == "a" and contains(chamber, joined, cell) and contains(chamber, cell, joined)
    assert len(merge(chamber, [(part, k) for k, (part, _) in enumerate(parts)])) == len(parts)


@laws
@given(st.data())
def test_union_is_convex_where_the_areas_add_up_to_that_of_the_hull(data: st.DataObject) -> None:
    names = names_of(2)
    chamber = Chamber(NUMERIC)
    whole = box({n: (-3, 3) for n in names})
    wall, *others = data.draw(numeric_forms(names, 2, 4))
    sides = [
        irredundant(chamber, with_constraints(whole, side, *(o for k, o in enumerate(others) if k % 2 == parity)))
        for parity, side in ((0, wall), (1, -wall))
    ]
    assume(wall.terms and all(is_full_dimensional(chamber, s) for s in sides))
    joint = convex_union(chamber, *sides)
    first, second = ([tuple(p.values()) for p in corners(s)] for s in sides)
    assert (joint is not None) == (area([*first, *second]) == area(first) + area(second))
    if joint is not None:
        assert area([tuple(p.values()) for p in corners(joint)]) == area(first) + area(second)


def area(found: Iterable[tuple[Fraction, ...]]) -> Fraction:
    """The area of the convex hull of points of the plane (monotone chain, shoelace formula)."""
    ordered = sorted(set(found))
    hull: list[tuple[Fraction, ...]] = []
    for run in (ordered, ordered[::-1]):
        start = len(hull)
        for p in run:
            while len(hull) >= start + 2 and cross(hull[-2], hull[-1], p) <= 0:
                hull.pop()
            hull.append(p)
        hull.pop()
    return sum((a[0] * b[1] - a[1] * b[0] for a, b in zip(hull, [*hull[1:], hull[0]], strict=True)), Fraction(0)) / 2


def cross(o: tuple[Fraction, ...], a: tuple[Fraction, ...], b: tuple[Fraction, ...]) -> Fraction:
    return (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0])


@laws
@given(polyhedra(), polyhedra(), st.data())
def test_difference_and_intersection_partition(first: Polyhedron, second: Polyhedron, data: st.DataObject) -> None:
    assume(first.names == second.names)
    chamber = Chamber(NUMERIC)
    point = data.draw(points(first.names))
    both = intersection(chamber, first, second)
    assert inside(both, point) == (inside(first, point) and inside(second, point))
    parts = difference(chamber, first, second)
    hits = sum(inside(p, point) for p in parts) + inside(both, point)
    on_wall = any(at(c, point) == 0 for c in (*second.constraints, *second.equalities))
    if dimension(chamber, first) == len(first.names) and not on_wall:
        assert hits == inside(first, point)


# --- envelopes and piecewise functions -------------------------------------------------------------------------------


@laws
@given(polyhedra(), st.data())
def test_envelope_is_the_maximum(cell: Polyhedron, data: st.DataObject) -> None:
    chamber = Chamber(NUMERIC)
    forms = data.draw(numeric_forms(cell.names, 1, 5))
    for envelope, extreme in ((upper_envelope, max), (lower_envelope, min)):
        found = envelope(chamber, cell, forms)
        assert bool(found) != is_empty(chamber, cell)
        for part, indices in found:
            assert dimension(chamber, part) == dimension(chamber, cell)
            for p in (*corners(within(part, FAR)), interior_point(chamber, part)):
                values = [at(f, p) for f in forms]
                assert all(values[k] == extreme(values) for k in indices)
            middle = interior_point(chamber, part)
            values = [at(f, middle) for f in forms]
            assert indices == tuple(k for k, v in enumerate(values) if v == extreme(values))
        point = data.draw(points(cell.names))
        assert any(inside(part, point) for part, _ in found) == inside(cell, point)


@laws
@given(polyhedra(bounded=True), st.data())
def test_minimum_of_maxima(cell: Polyhedron, data: st.DataObject) -> None:
    chamber = Chamber(NUMERIC)
    groups = [data.draw(numeric_forms(cell.names, 1, 3)) for _ in range(2)]
    functions = [pieces_of_maximum(chamber, cell, forms) for forms in groups]
    point = data.draw(points(cell.names))
    expected = [max(at(f, point) for f in forms) for forms in groups]
    for combined, extreme in ((minimum_of, min), (maximum_of, max)):
        pieces = combined(chamber, *functions)
        values = {at(form, point) for part, form in pieces if inside(part, point)}
        assert values == ({extreme(expected)} if inside(cell, point) else set())


@laws
@given(polyhedra(bounded=True), st.data())
def test_crossovers_are_where_the_form_changes(cell: Polyhedron, data: st.DataObject) -> None:
    chamber = Chamber(NUMERIC)
    forms = data.draw(numeric_forms(cell.names, 2, 4))
    pieces = pieces_of_minimum(chamber, cell, forms)
    found = crossovers(chamber, pieces)
    for crossing in found:
        assert dimension(chamber, crossing.facet) == dimension(chamber, cell) - 1
        for p in vertices(chamber, crossing.facet):
            first, second = (pieces[k][1] for k in crossing.between)
            assert at(crossing.equation, p) == 0 and at(first, p) == at(second, p) == min(at(f, p) for f in forms)
    reached = {0}
    for _ in pieces:  # a connected domain: the cells hang together by facets
        reached |= {k for c in found for k in c.between if reached & set(c.between)}
    assert len(reached) == max(len(pieces), 1)


def test_cells_that_meet_in_a_corner_have_no_crossover() -> None:
    chamber = Chamber(NUMERIC)
    pieces = pieces_of_minimum(chamber, box({"x": (-1, 1), "y": (-1, 1)}), [x + y, x - y, y - x, -x - y])
    found = crossovers(chamber, pieces)
    assert sorted(str(c.equation) for c in found) == ["x", "x", "y", "y"] and len(pieces) == 4


def brute_minimum(pieces: Pieces, name: str, others: Point) -> Fraction | None:
    """The least value over the ends of the fibres over a point."""
    values = []
    for cell, form in pieces:
        low, high = fibre_ends(cell, name, others)
        values += [
            at(form, {**others, name: t}) for t in (low, high) if low is not None and high is not None and low <= high
        ]
    return min(values, default=None)


def fibre_ends(cell: Polyhedron, name: str, others: Point) -> tuple[Fraction | None, Fraction | None]:
    """The ends of a bounded fibre; (None, None) if the point is not below the cell."""
    low: Fraction | None = None
    high: Fraction | None = None
    for c in (*cell.constraints, *cell.equalities, *(-e for e in cell.equalities)):
        slope, rest = number(c.coefficient(name)), at(replace_names(c, {name: affine(0)}), others)
        if slope == 0:
            if rest < 0:
                return None, None
        elif slope > 0:
            low = -rest / slope if low is None else max(low, -rest / slope)
        else:
            high = -rest / slope if high is None else min(high, -rest / slope)
    return low, high


@settings(laws, max_examples=20)
@given(polyhedra(bounded=True), st.data())
def test_minimum_over_a_variable(cell: Polyhedron, data: st.DataObject) -> None:
    chamber = Chamber(NUMERIC)
    assume(not is_empty(chamber, cell))
    name = data.draw(st.sampled_from(cell.names))
    others = tuple(n for n in cell.names if n != name)
    pieces = minimum_of(
        chamber, *(pieces_of_maximum(chamber, cell, data.draw(numeric_forms(cell.names, 1, 3))) for _ in range(2))
    )
    found = minimize_over(chamber, pieces, name)
    assert {m.cell.names for m in found} == {others}
    shadow = projection(chamber, cell, others)
    for point in [data.draw(points(others)), *(interior_point(chamber, m.cell) for m in found)]:
        expected = brute_minimum(pieces, name, point)
        here = [m for m in found if inside(m.cell, point)]
        assert (expected is not None) == bool(here) == inside(shadow, point)
        for m in here:
            assert at(m.value, point) == expected
            assert_minimizers(pieces, name, point, m, expected)


def assert_minimizers(pieces: Pieces, name: str, point: Point, m: Minimum, expected: Fraction | None) -> None:
    """The function has its minimum at the ends and in the middle of each interval."""
    for interval in m.intervals:
        assert interval.low is not None and interval.high is not None
        low, high = at(interval.low, point), at(interval.high, point)
        assert low <= high
        for t in (low, (low + high) / 2, high):
            full = {**point, name: t}
            assert expected in {at(form, full) for part, form in pieces if inside(part, full)}


@laws
@given(polyhedra(bounded=True), st.data())
def test_all_minimizers_are_found(cell: Polyhedron, data: st.DataObject) -> None:
    """Over the interior of a cell of the result, every minimizer among the ends of fibres is in an interval."""
    chamber = Chamber(NUMERIC)
    assume(not is_empty(chamber, cell))
    name = cell.names[0]
    pieces = pieces_of_minimum(chamber, cell, data.draw(numeric_forms(cell.names, 1, 3)))
    for m in minimize_over(chamber, pieces, name):
        point = interior_point(chamber, m.cell)
        value = at(m.value, point)
        ends = [(t, form) for part, form in pieces for t in fibre_ends(part, name, point) if t is not None]
        for t, form in ends:
            if at(form, {**point, name: t}) == value and any(
                inside(p, {**point, name: t}) for p, f in pieces if f == form
            ):
                spans = [(at(i.low, point), at(i.high, point)) for i in m.intervals if i.low and i.high]
                assert any(low <= t <= high for low, high in spans)


@laws
@given(polyhedra(), st.data())
def test_projection_is_the_shadow(cell: Polyhedron, data: st.DataObject) -> None:
    chamber = Chamber(NUMERIC)
    kept = tuple(n for n in cell.names if data.draw(st.booleans()))
    shadow = projection(chamber, cell, kept)
    assert shadow.names == kept
    point = data.draw(points(kept))
    over = polyhedron(cell.names, cell.constraints, [*cell.equalities, *(variable(n) - v for n, v in point.items())])
    assert inside(shadow, point) == bool(corners(within(over, 10**9)))


# --- symbolic results hold in the whole cell -------------------------------------------------------------------------


def at_sample(form: Affine, sample: Mapping[Any, Fraction]) -> Affine:
    images = {g: scalar(v) for g, v in sample.items()}
    return affine_form(substitute(form.constant, images), {n: substitute(c, images) for n, c in form.terms})


def cell_at(cell: Polyhedron, sample: Mapping[Any, Fraction]) -> Polyhedron:
    return polyhedron(
        cell.names, (at_sample(c, sample) for c in cell.constraints), (at_sample(e, sample) for e in cell.equalities)
    )


def valid(
    conditions: Iterable[Condition], others: Iterable[Mapping[Any, Fraction]]
) -> Iterator[Mapping[Any, Fraction]]:
    yield from (other for other in others if all(holds(c, other) for c in conditions))


def same(first: Polyhedron, second: Polyhedron) -> bool:
    chamber = Chamber(NUMERIC)
    return contains(chamber, first, second) and contains(chamber, second, first)


def numbers_at(found: Iterable[Mapping[str, Scalar]], sample: Mapping[Any, Fraction]) -> set[Any]:
    images = {g: scalar(v) for g, v in sample.items()}
    return {tuple((n, substitute(v, images)) for n, v in p.items()) for p in found}


@st.composite
def symbolic_polyhedra(draw: st.DrawFn) -> Polyhedron:
    names = names_of(draw(st.integers(1, 3)))
    bounded = draw(st.booleans())
    walls = box({n: (0, draw(st.sampled_from([scalar(1), beta, 1 / beta]))) for n in names}).constraints
    equalities = draw(symbolic_forms(names, 1, 1)) if draw(st.integers(0, 4)) == 0 else []
    return polyhedron(names, [*draw(symbolic_forms(names, 0, 4)), *(walls if bounded else walls[::2])], equalities)


def attempt(sample: Mapping[Any, Fraction], compute: Callable[[Chamber], Any]) -> tuple[Chamber, Any]:
    """What is computed at a sample; the example is given up where the sample is not generic."""
    chamber = Chamber(sample)
    try:
        return chamber, compute(chamber)
    except DegenerateSample:
        assume(False)
        raise


@settings(laws, max_examples=50)
@given(symbolic_polyhedra(), samples())
def test_descriptions_hold_in_the_whole_cell(cell: Polyhedron, places: Any) -> None:
    sample, others = places
    chamber, found = attempt(sample, lambda c: describe(c, cell))
    for other in (sample, *valid(chamber.conditions(DOMAIN), others)):
        numeric, there = Chamber(NUMERIC), cell_at(cell, other)
        assert dimension(numeric, there) == found.dimension
        tidy = irredundant(numeric, there)
        assert found.is_empty or len(tidy.constraints) == len(found.facets)
        assert same(cell_at(irredundant(chamber, cell), other), there)
        if not found.lines:
            assert numbers_at(vertices(chamber, cell), other) == as_set(vertices(numeric, there))
        assert len(rays(chamber, cell)) == len(rays(numeric, there))
        assert len(found.lines) == len(lines(numeric, there))


@settings(laws, max_examples=50)
@given(symbolic_polyhedra(), samples(), st.data())
def test_signs_envelopes_and_maxima_hold_in_the_whole_cell(cell: Polyhedron, places: Any, data: st.DataObject) -> None:
    sample, others = places
    forms = data.draw(symbolic_forms(cell.names, 1, 4))

    def everything(c: Chamber) -> Any:
        best = None if is_empty(c, cell) else maximum(c, cell, forms[0])
        return upper_envelope(c, cell, forms), sign_on(c, cell, forms[0]), best, split(c, cell, forms[0])

    chamber, (envelope, sign, best, (above, below)) = attempt(sample, everything)
    for other in (sample, *valid(chamber.conditions(DOMAIN), others)):
        numeric, there = Chamber(NUMERIC), cell_at(cell, other)
        concrete = [at_sample(f, other) for f in forms]
        expected = {indices: part for part, indices in upper_envelope(numeric, there, concrete)}
        assert set(expected) == {indices for _, indices in envelope}
        assert all(same(cell_at(part, other), expected[indices]) for part, indices in envelope)
        assert sign_on(numeric, there, concrete[0]) == sign
        for part, other_part in zip((above, below), split(numeric, there, concrete[0]), strict=True):
            assert (part is None) == (other_part is None)
            assert part is None or other_part is None or same(cell_at(part, other), other_part)
        if best is not None:
            again = maximum(numeric, there, concrete[0])
            assert (best.value is None) == (again.value is None)
            assert best.value is None or substitute(best.value, {g: scalar(v) for g, v in other.items()}) == again.value


@settings(laws, max_examples=30)
@given(symbolic_polyhedra(), samples(), st.data())
def test_minima_and_shadows_hold_in_the_whole_cell(cell: Polyhedron, places: Any, data: st.DataObject) -> None:
    sample, others = places
    name, *rest = cell.names
    whole = with_constraints(cell, variable(name), 5 - variable(name))
    forms = data.draw(symbolic_forms(cell.names, 1, 3))

    def everything(c: Chamber) -> Any:
        assume(not is_empty(c, whole))
        pieces = pieces_of_maximum(c, whole, forms)
        return pieces, minimize_over(c, pieces, name), projection(c, cell, rest), crossovers(c, pieces)

    chamber, (pieces, found, shadow, crossings) = attempt(sample, everything)
    for other in (sample, *valid(chamber.conditions(DOMAIN), others)):
        numeric = Chamber(NUMERIC)
        concrete = tuple((cell_at(part, other), at_sample(form, other)) for part, form in pieces)
        assert same(cell_at(shadow, other), projection(numeric, cell_at(cell, other), rest))
        assert len(crossings) == len(crossovers(numeric, concrete))
        for m in found:
            part = cell_at(m.cell, other)
            point = interior_point(numeric, part)
            numbers = {n: number(v) for n, v in point.items()}
            moved = Minimum(
                part,
                at_sample(m.value, other),
                tuple(
                    type(i)(*(None if e is None else at_sample(e, other) for e in (i.low, i.high))) for i in m.intervals
                ),
            )
            expected = brute_minimum(concrete, name, numbers)
            assert at(moved.value, numbers) == expected
            assert_minimizers(concrete, name, numbers, moved, expected)


def test_chamber_records_what_was_used_and_nothing_else() -> None:
    chamber = Chamber({BETA: Fraction(3), R: Fraction(1, 3)})
    assert chamber.sign(scalar(-2)) == -1 and chamber.conditions() == ()
    assert chamber.sign((1 - r) ** 2 / (beta - 2)) == 1 and chamber.sign(r * 0) == 0
    assert {str(c) for c in chamber.conditions()} == {"r < 1", "beta > 2"}
    assert {str(c) for c in chamber.conditions(DOMAIN)} == {"beta > 2"}
    assert chamber.conditions({BETA: (2, None), R: (0, 1)}) == ()


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (polyhedron(("x",), (), (x * (2 * r - 1) - 1,)), {"r < 1/2"}),  # empty at r = 1/2
        (polyhedron(("x", "y"), (x, y * (2 * r - 1))), {"r < 1/2"}),
        (polyhedron(("x", "y"), (x * (2 * r - 1) + y,)), set()),
        (polyhedron(("x",), (x * r - 1, 1 - x)), set()),  # empty for all 0 < r < 1
        (polyhedron(("x",), (x * beta * r - 1, 1 - x)), {"beta*r < 1"}),
        (polyhedron(("x",), (x - r, 1 - x, 5 - x)), set()),  # 5 - x is redundant for all r
        (box({"x": (0, 1 - 2 * r)}), {"r < 1/2"}),
    ],
)
def test_conditions_of_a_description(cell: Polyhedron, expected: set[str]) -> None:
    chamber = Chamber({BETA: Fraction(3, 2), R: Fraction(1, 3)})
    describe(chamber, cell)
    assert {str(c) for c in chamber.conditions(DOMAIN)} == expected


C = generator_scalar(Parameter("c"))


@pytest.mark.parametrize(
    ("positive", "expected"),
    [
        ((beta - 1, beta - 2, 5 - beta, 4 - beta), {"beta > 2", "beta < 4"}),
        ((beta + r - 1, beta + r - 3), {"3 < beta + r"}),
        ((beta * r - 1, 2 * beta * r - 1, beta * r - r / 2), {"beta > 1/2", "beta*r > 1"}),
        ((C + r, 2 * C + 3 * r), {"0 < c + r"}),
        ((C + r, 2 * C + r), {"0 < 2*c + r"}),
        ((beta * r - 1, 2 * beta * r - r**2 - 1), {"beta*r > 1", "r**2 + 1 < 2*beta*r"}),
        ((4 - beta, 5 + r - beta), {"beta < 4"}),
        ((beta - 2, beta + r - 2), {"beta > 2"}),
    ],
)
def test_conditions_that_imply_others(positive: Sequence[Scalar], expected: set[str]) -> None:
    sample = {BETA: Fraction(3), R: Fraction(5, 4), C.gens[0]: Fraction(7)}
    for order in (positive, positive[::-1]):
        chamber = Chamber(sample)
        assert [chamber.sign(p) for p in order] == [1] * len(order)
        assert {str(c) for c in chamber.conditions({BETA: (0, None), R: (0, None)})} == expected


UNIT, TRIANGLE = box({"x": (0, 1)}), polyhedron(("x", "y"), (x, y, 1 - x - y))


@pytest.mark.parametrize(
    ("compute", "expected"),
    [
        (lambda c: sign_on(c, UNIT, x - 2 * r), {"r < 1/2"}),  # both signs
        (lambda c: sign_on(c, UNIT, x - 2 * r + 1), {"r < 1/2"}),
        (lambda c: sign_on(c, UNIT, x + r), set()),
        (lambda c: maximum(c, TRIANGLE, x * r + y * (1 - r)), {"r < 1/2"}),  # at y = 1
        (lambda c: maximum(c, TRIANGLE, x * r + y), set()),
        (lambda c: maximum(c, box({"x": (0, None)}), x * (2 * r - 1)), {"r < 1/2"}),  # bounded
        (lambda c: maximum(c, box({"x": (0, None)}), x * (1 - 2 * r)), {"r < 1/2"}),  # unbounded
        (lambda c: upper_envelope(c, UNIT, [affine(r), affine(1 - r)]), {"r < 1/2"}),
        (lambda c: upper_envelope(c, UNIT, [x, affine(2 * r)]), {"r < 1/2"}),
        (lambda c: projection(c, polyhedron(("x", "y"), (y, x - y * (1 - 2 * r), 1 - y)), ["x"]), {"r < 1/2"}),
        (lambda c: polyhedron_text(c, polyhedron(("x",), (x * (1 - 2 * r) - 1,))), {"r < 1/2"}),
        (lambda c: merge(c, [(UNIT, "a"), (box({"x": (1, 2)}), "a")]), set()),
    ],
)
def test_conditions_of_an_answer(compute: Callable[[Chamber], Any], expected: set[str]) -> None:
    chamber = Chamber({BETA: Fraction(3, 2), R: Fraction(1, 3)})
    compute(chamber)
    assert {str(c) for c in chamber.conditions(DOMAIN)} == expected


@laws
@given(samples(), st.lists(st.tuples(*(st.integers(-3, 3) for _ in range(6))), min_size=1, max_size=8))
def test_conditions_imply_all_recorded_signs(places: Any, rows: list[tuple[int, ...]]) -> None:
    sample, others = places
    monomials = (scalar(1), beta, r, beta * r, r**2, beta**2)
    polynomials = [sum((m * c for m, c in zip(monomials, row, strict=True)), scalar(0)) for row in rows]
    chamber, signs = attempt(sample, lambda c: [c.sign(p) for p in polynomials])
    images = [{g: scalar(v) for g, v in other.items()} for other in others]
    for other in images:
        values = [number(substitute(p, other)) for p in polynomials]
        for p, v in zip(polynomials, values, strict=True):
            assert constant_sign(p, DOMAIN) in (0, (v > 0) - (v < 0)) or p.is_zero
    for other in valid(chamber.conditions(DOMAIN), images):
        values = [number(substitute(p, other)) for p in polynomials]
        assert [(v > 0) - (v < 0) for v in values] == signs


@pytest.mark.parametrize(
    ("polynomial", "expected"),
    [
        (beta - 1, 1),
        (beta - 2, 0),
        (beta * r - beta - 1, -1),
        (1 - r**2, 1),
        (2 * beta * r + 1, 1),
        (beta**2 - r, 1),
        (scalar(-3), -1),
        (generator_scalar(Parameter("c")), 0),
        (generator_scalar(Parameter("c")) ** 2 + 1, 1),
        (generator_scalar(Parameter("c")) ** 2, 0),
    ],
)
def test_signs_that_are_constant_on_a_domain(polynomial: Scalar, expected: int) -> None:
    assert constant_sign(polynomial, DOMAIN) == expected


# --- the example of the regime calculus ------------------------------------------------------------------------------


def test_optimal_ridge_exponent() -> None:
    """Variance and bias of ridge regression with power laws balance at ell = beta/(2 beta r + 1)."""
    ell, chamber = variable("ell"), Chamber({BETA: Fraction(2), R: Fraction(1, 3)})
    pieces = pieces_of_maximum(chamber, box({"ell": (0, beta)}), [-2 * r * ell, ell / beta - 1])
    (best,) = minimize_over(chamber, pieces, "ell")
    assert (best.argmin, best.value) == (affine(beta / (2 * beta * r + 1)), affine(-2 * beta * r / (2 * beta * r + 1)))
    assert best.cell == Polyhedron(())
    assert chamber.conditions(DOMAIN) == ()
    assert [equation_text(c.equation) for c in crossovers(chamber, pieces)] == ["ell = beta/(2*beta*r + 1)"]
    assert [polyhedron_text(chamber, part) for part, _ in pieces] == [
        "0 < ell < beta/(2*beta*r + 1)",
        "beta/(2*beta*r + 1) < ell < beta",
    ]


def test_optimal_ridge_exponent_with_synthetic_data() -> None:
    """With T0 = T**a generators the noise of the generators stops the gain at a = 1: ell_crit = min(a, 1) ell*."""
    ell, a = variable("ell"), variable("a")
    chamber = Chamber({BETA: Fraction(2), R: Fraction(1, 3)})
    domain = box({"ell": (0, beta), "a": (0, None)})
    # max(1, T**(1 - 2 r ell - ell/beta)) T**-(1 - ell/beta) + max(T/T0, 1) T**-(1 - ell/beta)
    rate = ell / beta - 1
    pieces = pieces_of_maximum(chamber, domain, [rate, -2 * r * ell, rate + 1 - a])
    found = minimize_over(chamber, pieces, "ell")
    clean = beta / (2 * beta * r + 1)
    assert {(polyhedron_text(chamber, m.cell), str(m.argmin)) for m in found} == {
        ("0 < a < 1", str(a * clean)),
        ("a > 1", str(affine(clean))),
    }
    assert chamber.conditions(DOMAIN) == ()


def test_minimizers_that_are_intervals_or_several() -> None:
    chamber = Chamber(NUMERIC)
    flat = pieces_of_maximum(chamber, box({"x": (0, 4)}), [1 - x, affine(0), x - 3])
    (best,) = minimize_over(chamber, flat, "x")
    assert best.argmin == (affine(1), affine(3))
    unbounded = pieces_of_maximum(chamber, box({"x": (0, None)}), [1 - x, affine(0)])
    (best,) = minimize_over(chamber, unbounded, "x")
    assert best.argmin == (affine(1), None)
    steps: Pieces = tuple((box({"x": (k, k + 1)}), affine(0)) for k in range(4))
    for order in (steps, steps[::-1], (steps[0], steps[2], steps[1], steps[3])):
        (best,) = minimize_over(chamber, order, "x")
        assert best.argmin == (affine(0), affine(4))
    for order in ((steps[0], steps[3]), (steps[3], steps[0])):
        (best,) = minimize_over(chamber, order, "x")
        assert [(i.low, i.high) for i in best.intervals] == [(affine(0), affine(1)), (affine(3), affine(4))]
    tent = pieces_of_minimum(chamber, box({"x": (0, 2)}), [x, 2 - x])
    (best,) = minimize_over(chamber, tent, "x")
    assert [(i.low, i.high) for i in best.intervals] == [(affine(0), affine(0)), (affine(2), affine(2))]
    with pytest.raises(CannotDecideError, match=r"\.intervals"):
        _ = best.argmin


# --- affine forms and text -------------------------------------------------------------------------------------------

_OPERATORS: Mapping[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


def read(node: ast.expr) -> Any:
    """Text as a form, by Python's own grammar."""
    match node:
        case ast.Constant(value=value):
            return value if isinstance(value, int) else scalar(value)
        case ast.Name(id=name):
            return {"beta": beta, "r": r}.get(name) or variable(name)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -read(operand)
        case ast.BinOp(left=left, op=op, right=ast.Constant(value=int(right))) if isinstance(op, ast.Div):
            return read(left) * Fraction(1, right)
        case ast.BinOp(left=left, op=op, right=right):
            return _OPERATORS[type(op)](read(left), read(right))
    raise ValueError(ast.dump(node))


def parsed(text: str) -> Affine:
    return affine(read(ast.parse(text, mode="eval").body))


@laws
@given(symbolic_forms(NAMES, 2, 2), points(NAMES), st.sampled_from(COEFFICIENTS))
def test_affine_forms(forms: list[Affine], point: Point, factor: Scalar) -> None:
    f, g = forms
    a, b = value_at(f, point), value_at(g, point)
    assert parsed(str(f)) == f and repr(f) == str(f) == affine_text(f)
    assert (value_at(f + g, point), value_at(f - g, point), value_at(-f, point)) == (a + b, a - b, -a)
    assert value_at(f * factor, point) == value_at(factor * f, point) == a * factor
    assert value_at(1 - f, point) == 1 - a and value_at(f + factor, point) == a + factor
    assert f + g == g + f and hash(f + g) == hash(g + f) and (f - f).is_zero
    assert value_at(replace_names(f, {"x": g}), point) == value_at(f, {**point, "x": b})
    if "x" in f.names:
        assert value_at(f, {**point, "x": value_at(solved_for(f, "x"), point)}) == 0
    images = {sympy.Symbol(n, real=True): sympy.Rational(v) for n, v in point.items()}
    symbols = {
        s: {"beta": sympy.Rational(7, 5), "r": sympy.Rational(2, 7)}.get(s.name, s) for s in to_sympy(f).free_symbols
    }
    exact = number(substitute(a, {BETA: scalar(Fraction(7, 5)), R: scalar(Fraction(2, 7))}))
    assert to_sympy(f).subs(images).subs(symbols) == sympy.Rational(exact)


@laws
@given(polyhedra(), st.data())
def test_text_of_a_polyhedron_is_its_interior(cell: Polyhedron, data: st.DataObject) -> None:
    chamber = Chamber(NUMERIC)
    text = polyhedron_text(chamber, cell)
    point = data.draw(points(cell.names))
    if text in ("nothing", "everything"):
        assert inside(cell, point) == (text == "everything")
        return
    tidy = irredundant(chamber, cell)
    interior = all(at(c, point) > 0 for c in tidy.constraints) and all(at(e, point) == 0 for e in tidy.equalities)
    assert all(_is_true(part, point) for part in text.split(", ")) == interior
    closed = to_sympy(cell).subs({sympy.Symbol(n, real=True): sympy.Rational(v) for n, v in point.items()})
    assert bool(closed) == inside(cell, point)


def _is_true(relation: str, point: Point) -> bool:
    compare: Mapping[str, Callable[[Any, Any], bool]] = {"<": operator.lt, ">": operator.gt, "=": operator.eq}
    pieces = relation.replace("<", " < ").split()
    places = [k for k, word in enumerate(pieces) if word in compare]
    starts, ends = [-1, *places], [*places, len(pieces)]
    values = [at(parsed(" ".join(pieces[i + 1 : j])), point) for i, j in zip(starts, ends, strict=True)]
    return all(compare[pieces[k]](values[i], values[i + 1]) for i, k in enumerate(places))


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (1 - x * (2 * r) - x / beta, "1 - 2*r*x - x/beta"),
        (affine(0), "0"),
        (x / beta - 1, "x/beta - 1"),
        (-x - 1, "-1 - x"),
        (x * ((beta + 1) / (beta + 2)), "(beta + 1)*x/(beta + 2)"),
        (-x / (1 - r), "x/(r - 1)"),
        (x / (1 - r), "x/(1 - r)"),
        (affine(beta / (2 * beta * r + 1)), "beta/(2*beta*r + 1)"),
        (x * (1 / (2 * beta)), "x/(2*beta)"),
    ],
)
def test_text_of_forms(form: Affine, text: str) -> None:
    assert str(form) == text


# --- what cannot be meant --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "part"),
    [
        (lambda: Polyhedron(("x", "x")), "named twice"),
        (lambda: Polyhedron(("x",), (y,)), "no ambient variable 'y'"),
        (lambda: Polyhedron(("r",), (variable("r") - r,)), "named like a parameter"),
        (lambda: variable("2x"), "no name"),
        (lambda: variable(""), "no name"),
        (lambda: affine("x"), "not a scalar"),
        (lambda: x * y, "product of two"),
        (lambda: x / y, "quotient of two"),
        (lambda: x / 0, "division by"),
        (lambda: value_at(x, {}), "no value"),
        (lambda: solved_for(y, "x"), "does not occur"),
        (lambda: Chamber({IMAGINARY_UNIT.gens[0]: 1}), "no real parameter"),
        (lambda: Chamber({square_root(r).gens[0]: 1}), "no real parameter"),
        (lambda: Chamber({}).sign(r), "without a sample"),
        (lambda: Chamber({R: Fraction(2)}).conditions(DOMAIN), "outside its domain"),
        (lambda: projection(Chamber({}), box({"x": (0, 1)}), ["y"]), "no ambient variable"),
        (lambda: intersection(Chamber({}), box({"x": (0, 1)}), box({"y": (0, 1)})), "different variables"),
        (lambda: interior_point(Chamber({}), empty(["x"])), "empty"),
        (lambda: maximum(Chamber({}), empty(["x"]), x), "empty"),
        (lambda: minimize_over(Chamber({}), ((box({"x": (None, 1)}), x),), "x"), "unbounded below"),
        (lambda: minimize_over(Chamber({}), ((box({"x": (0, 1)}), x),), "y"), "no ambient variable"),
        (lambda: minimize_over(Chamber({}), (), "x"), "defined nowhere"),
        (lambda: minimum_of(Chamber({})), "no function"),
    ],
)
def test_wrong_input_is_told_in_one_line(wrong: Callable[[], Any], part: str) -> None:
    with pytest.raises(InputError, match=part) as caught:
        wrong()
    assert caught.value.remedy and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "compute",
    [
        lambda c: c.sign(r - Fraction(1, 2)),
        lambda c: c.sign(1 / (2 * r - 1)),
        lambda c: dimension(c, box({"x": (0, 2 * r - 1)})),
        lambda c: vertices(c, polyhedron(("x", "y"), (x, y, 1 - x - y, r - x * Fraction(1, 2) - y * Fraction(1, 2)))),
        lambda c: dimension(c, polyhedron(("x",), (), (x * (2 * r - 1) - 1,))),
        lambda c: lines(c, polyhedron(("x", "y"), (x, y * (2 * r - 1)))),
    ],
)
def test_samples_that_are_not_generic_are_refused(compute: Callable[[Chamber], Any]) -> None:
    with pytest.raises(DegenerateSample):
        compute(Chamber({R: Fraction(1, 2)}))
    compute(Chamber({R: Fraction(2, 3)}))


def test_no_variables() -> None:
    chamber = Chamber({R: Fraction(1, 3)})
    assert dimension(chamber, Polyhedron(())) == 0 and vertices(chamber, Polyhedron(())) == ({},)
    assert is_empty(chamber, Polyhedron((), (affine(r - 1),))) and not is_empty(
        chamber, Polyhedron((), (affine(1 - r),))
    )
    assert [
        indices for _, indices in upper_envelope(chamber, Polyhedron(()), [affine(r), affine(1 - r), affine(r)])
    ] == [(1,)]
    assert polyhedron_text(chamber, Polyhedron(())) == "everything" and polyhedron_text(chamber, empty(())) == "nothing"
    assert {str(c) for c in chamber.conditions()} == {"r < 1/2"}


def test_the_largest_sizes() -> None:
    """Five variables and thirty constraints."""
    names = tuple("abcde")
    forms = [affine_form(20 + 3 * k, {n: (k * (j + 2)) % 7 - 3 for j, n in enumerate(names)}) for k in range(1, 21)]
    cell = polyhedron(names, [*box({n: (-5, 5) for n in names}).constraints, *forms])
    chamber = Chamber(NUMERIC)
    found = describe(chamber, cell)
    assert found.dimension == 5
    for vertex in vertices(chamber, cell)[:20]:
        assert inside(cell, vertex) and sum(at(c, vertex) == 0 for c in cell.constraints) >= 5


def test_products_of_cells_of_an_envelope_cover_a_grid() -> None:
    chamber = Chamber({BETA: Fraction(217, 100), R: Fraction(37, 100)})
    forms = [x * (-2 * r), x / beta - 1, y * (1 / beta - 1), z - 1 - y * (2 * r), x - y - z * r, affine(-r)]
    found = upper_envelope(chamber, box({n: (0, 1) for n in NAMES}), forms)
    sample = chamber.sample
    cells = [(cell_at(part, sample), indices) for part, indices in found]
    for values in product([Fraction(k, 4) for k in range(5)], repeat=3):
        point = dict(zip(NAMES, values, strict=True))
        numbers = [at(at_sample(f, sample), point) for f in forms]
        owners = [indices for part, indices in cells if inside(part, point)]
        assert owners and all(numbers[k] == max(numbers) for indices in owners for k in indices)


def test_difference_with_a_thin_cell_is_everything() -> None:
    chamber, square = Chamber(NUMERIC), box({"x": (0, 1), "y": (0, 1)})
    for thin in (polyhedron(("x", "y"), square.constraints, (y,)), with_constraints(square, -y)):
        assert difference(chamber, square, thin) == [square]
    assert difference(chamber, square, square) == []
