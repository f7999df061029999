"""Square roots are principal branches, signs are never claimed falsely, substitution commutes with evaluation."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from fpt_calc.errors import InputError
from fpt_calc.scalars import (
    IMAGINARY_UNIT,
    ONE,
    ZERO,
    Conjugate,
    Dimension,
    Parameter,
    Root,
    Scalar,
    generators_of,
    is_nonnegative,
    scalar,
    square_root,
    substitute,
)
from tests.formulas import (
    MP,
    RATIONAL,
    ROOTS,
    Formula,
    Place,
    at,
    built,
    close,
    d,
    formulas,
    k,
    lam,
    mu,
    n,
    p,
    q,
    r,
    s,
    seeds,
    t,
    w,
    z,
)

law = settings(max_examples=60, deadline=None, derandomize=True)
many = settings(law, max_examples=150)


# square roots -------------------------------------------------------------------------------------------------------


def _rooted(x: Scalar) -> Scalar:
    try:
        return square_root(x)
    except InputError as error:
        assume("unknown sign" not in str(error))
        raise


@many
@given(formulas((*RATIONAL, *ROOTS[:5])), seeds)
@example(Formula("leaf", z * square_root(z)), 2)
@example(Formula("leaf", -lam / (r * z)), 3)
@example(Formula("leaf", (p - 1) * (mu + 1) * r), 3)
@example(Formula("leaf", -(r**2) * (r + 1)), 4)
@example(Formula("leaf", 8 * IMAGINARY_UNIT / 9), 4)
def test_square_root_is_the_principal_branch(formula: Formula, seed: int) -> None:
    x = built(formula)
    root, place = _rooted(x), Place(seed)
    assert root**2 == x
    inside = at(place, x)
    assume(abs(MP.im(inside)) > 1e-20 or abs(MP.im(inside)) == 0)  # on the cut only where exactly real
    assert close(at(place, root), MP.sqrt(inside))


@pytest.mark.parametrize(
    ("x", "root"),
    [
        (ZERO, ZERO),
        (scalar(Fraction(49, 4)), scalar(Fraction(7, 2))),
        (scalar(-4), 2 * IMAGINARY_UNIT),
        (lam**2 * n, lam * square_root(n)),
        ((lam + 1) ** 2, lam + 1),
        ((1 - p) ** 2, 1 - p),
        ((p - 1) ** 2 * lam, (1 - p) * square_root(lam)),
        (-lam, IMAGINARY_UNIT * square_root(lam)),
        (-((lam + 1) ** 2) / 9, IMAGINARY_UNIT * (lam + 1) / 3),
        ((lam + 1) * (lam + 2), square_root(lam + 1) * square_root(lam + 2)),
        (lam**3 / n, lam * square_root(lam) * square_root(n) / n),
        (z**2 * lam**2 * r, lam * square_root(z**2 * r)),
        (1 / lam**4, lam**-2),
        (scalar(10**30), scalar(10**15)),
    ],
)
def test_square_root_table(x: Scalar, root: Scalar) -> None:
    assert square_root(x) == root


@pytest.mark.parametrize("x", [r**2, -(r**2), 4 * r**2 / 9, (r - s) ** 2, z**4, (lam - 1) ** 2 * lam, 1 / (z - 1) ** 2])
def test_absolute_values_are_refused(x: Scalar) -> None:
    with pytest.raises(InputError, match=r"^sqrt\(.*: the square root of .* unknown sign; .* positive$"):
        square_root(x)


def test_roots_in_denominators() -> None:
    a, b = square_root(scalar(2)), square_root(lam)
    assert 1 / (a - 1) == a + 1
    assert 1 / (a + b) == (b - a) / (lam - 2)
    nested = square_root(1 + a)
    assert nested**4 == 2 * nested**2 + 1
    assert (1 / nested) * nested == 1


def test_conjugates_of_roots() -> None:
    assert square_root(lam).conjugate() == square_root(lam)
    assert square_root(z).conjugate() == square_root(z.conjugate())
    assert square_root(r).conjugate() != square_root(r)  # it is minus that for r < 0
    assert square_root(r).conjugate() ** 2 == r
    assert IMAGINARY_UNIT.conjugate() == -IMAGINARY_UNIT


# signs --------------------------------------------------------------------------------------------------------------

SIGNED = (lam, mu, r, p, q, t, k, n, square_root(lam + 1), square_root(1 - p))
UNSIGNED = (square_root(r), z, w, IMAGINARY_UNIT, square_root(z), z.conjugate())


@settings(law, max_examples=250)
@given(formulas(SIGNED, size=6), seeds)
def test_is_nonnegative_never_claims_falsely(formula: Formula, seed: int) -> None:
    _check_claim(built(formula), seed)


@law
@given(formulas(SIGNED[:3] + UNSIGNED, size=4), seeds)
def test_is_nonnegative_never_claims_falsely_of_what_may_be_complex(formula: Formula, seed: int) -> None:
    _check_claim(built(formula), seed)


def _check_claim(x: Scalar, seed: int) -> None:
    if is_nonnegative(x):
        for shift in range(10):
            try:
                number = Place(seed + shift)(x)
            except ZeroDivisionError:
                continue
            assert abs(MP.im(number)) < 1e-30
            assert MP.re(number) > -1e-30


@pytest.mark.parametrize(
    "x",
    [
        ZERO,
        scalar(Fraction(2, 3)),
        lam,
        mu,
        n,
        t,
        p,
        1 - p,
        2 - p,
        (1 - p) * n,
        lam / (1 - p),
        (p - 1) / (p - 2),
        lam**2 + 1,
        r**2,
        r**2 + s**2 * lam,
        r**2 - 2 * r + 1,
        (r - s) ** 2 * (1 - p) / n,
        1 - p * q,
        1 - p**2,
        p + q - p * q,
        p * (1 - p) * lam / n,
        n - 1,
        1 / (n * d - 1) * lam,
        square_root(lam + 1) * lam,
        square_root(1 - p) / 2,
        k**2,
        scalar(2) ** -3,
    ],
)
def test_is_nonnegative_knows(x: Scalar) -> None:
    assert is_nonnegative(x)


@pytest.mark.parametrize(
    "x",
    [
        scalar(-1),
        r,
        lam - 1,
        1 - p - q,
        p - 1,
        n - 2,
        -lam,
        square_root(r),
        z,
        z**2,
        IMAGINARY_UNIT,
        r**3,
        k,
        -mu,
        1 - r,
    ],
)
def test_is_nonnegative_does_not_claim(x: Scalar) -> None:
    assert not is_nonnegative(x)


# substitution and evaluation ----------------------------------------------------------------------------------------


@many
@given(formulas((*RATIONAL, *ROOTS)), formulas((lam, r, z, n), size=3), st.sampled_from(("r", "z")), seeds)
def test_substitution_commutes_with_evaluation(f: Formula, g: Formula, name: str, seed: int) -> None:
    x, place = built(f), Place(seed)
    replaced = Parameter(name, "complex" if name == "z" else "real")
    image = built(g) if name == "z" else seed % 7 - 3 - lam * s  # a real one for the real parameter
    free = {h.of if isinstance(h, Conjugate) else h for h in generators_of(x)} - {replaced}
    moved = Place(seed, {replaced: at(place, image), **{h: place.generator(h) for h in free}})
    try:
        result = substitute(x, {replaced: image})
    except InputError:  # a pole, or the square root of a square
        assume(False)
    number = at(moved, x)
    inside = [MP.im(at(moved, root.radicand)) for root in _roots(x)]
    assume(all(y == 0 or abs(y) > 1e-20 for y in inside))  # on the cut only where exactly real
    assert close(at(place, result), number)


def _roots(x: Scalar) -> list[Root]:
    bare = [g.of if isinstance(g, Conjugate) else g for g in x.gens]
    return [g for g in bare if isinstance(g, Root)]


def test_substitution_reaches_roots_and_conjugates() -> None:
    positive = Parameter("lam", "positive")
    assert substitute(square_root(lam + 1), {positive: scalar(3)}) == 2
    assert substitute(square_root(1 + square_root(lam)), {positive: scalar(9)}) == 2
    assert substitute(z * z.conjugate(), {Parameter("z", "complex"): 1 + IMAGINARY_UNIT}) == 2
    assert substitute(square_root(r).conjugate(), {Parameter("r"): scalar(-1)}) == -IMAGINARY_UNIT
    assert substitute(lam / n, {Dimension("n"): 2 * d}) == lam / (2 * d)
    assert substitute(lam, {Parameter("mu"): r}) is lam
    with pytest.raises(InputError, match="identically zero"):
        substitute(1 / (lam - 1), {positive: ONE})
