"""The scalar field: field axioms, canonical form, text, dimensions, against two oracles.

A random formula is built as a `Scalar` and, separately, evaluated leaf by leaf: exactly modulo a prime (which cannot
know branches or signs), and with 60 digits at a random admissible point (which can).
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fpt_calc.errors import InputError
from fpt_calc.expr import Atom, PrimeModel, tau, try_models
from fpt_calc.scalars import (
    IMAGINARY_UNIT,
    KINDS,
    ONE,
    ZERO,
    Dimension,
    Parameter,
    Scalar,
    as_dimension,
    evaluate_scalar,
    generators_of,
    grows,
    is_fixed,
    is_nonnegative,
    scalar,
    scalar_text,
    square_root,
)
from tests.formulas import (
    MP,
    RATIONAL,
    Formula,
    Place,
    at,
    built,
    close,
    d,
    everything,
    lam,
    n,
    p,
    parameter,
    r,
    s,
    seeds,
    value,
    z,
)

law = settings(max_examples=60, deadline=None, derandomize=True)
many = settings(law, max_examples=150)


# arithmetic ---------------------------------------------------------------------------------------------------------


@many
@given(everything, st.integers(1, 1000))
def test_arithmetic_agrees_with_residues(formula: Formula, seed: int) -> None:
    x = built(formula)

    def agree(model: PrimeModel) -> bool:
        expected = value(formula, lambda y, conjugated: model.scalar(y.conjugate() if conjugated else y))
        return bool(model.scalar(x) == expected)

    assert try_models(agree, seed=seed, tries=2000)


@law
@given(everything, seeds)
def test_arithmetic_agrees_with_numbers(formula: Formula, seed: int) -> None:
    x, place = built(formula), Place(seed)
    try:
        expected = value(formula, place)
    except ZeroDivisionError:
        assume(False)
    assert close(at(place, x), expected)


def _identical(a: Scalar, b: Scalar) -> bool:
    return a == b and hash(a) == hash(b) and str(a) == str(b) and a.gens == b.gens and (a - b).is_zero


@law
@given(everything, everything, everything)
def test_field_axioms(f: Formula, g: Formula, h: Formula) -> None:
    a, b, c = map(built, (f, g, h))
    assert _identical(a + b, b + a)
    assert _identical((a + b) + c, a + (b + c))
    assert _identical((a * b) * c, c * (b * a))
    assert _identical(a * (b + c), a * b + a * c)
    assert _identical(a - b, -(b - a))
    assert _identical(a + ZERO, a)
    assert _identical(a * ONE, a)
    assert _identical((a + b) ** 2, a**2 + 2 * a * b + b**2)


@law
@given(everything, everything)
def test_division_undoes_multiplication(f: Formula, g: Formula) -> None:
    a, b = built(f), built(g)
    if b.is_zero:
        with pytest.raises(InputError, match="identically zero"):
            a / b
        return
    assert _identical(a * b / b, a)
    assert _identical(b**-2, 1 / (b * b))
    assert _identical(1 / (1 / b), b)


@law
@given(everything, everything, seeds)
def test_conjugation(f: Formula, g: Formula, seed: int) -> None:
    a, b = built(f), built(g)
    assert _identical(a.conjugate().conjugate(), a)
    assert _identical((a * b + a).conjugate(), a.conjugate() * b.conjugate() + a.conjugate())
    place = Place(seed)
    assert close(at(place, a.conjugate()), MP.conj(at(place, a)))


@law
@given(everything)
def test_denominators_are_positive_and_free_of_roots(formula: Formula) -> None:
    x = built(formula)
    assert [g.name for g in x.gens] == sorted({g.name for g in x.gens})
    if x.gens:
        assert x.den.leading_coefficient() > 0
        assert x.num.gcd(x.den) == 1
        degrees = zip(x.gens, x.num.degrees(), x.den.degrees(), strict=True)
        assert all(top or bottom for _, top, bottom in degrees)
        roots = [(int(top), int(bottom)) for g, top, bottom in degrees if g.square is not None]
        assert all(top <= 1 and bottom == 0 for top, bottom in roots)


@pytest.mark.parametrize(
    ("given_value", "expected"),
    [
        (0.1, Fraction(1, 10)),
        (1e-7, Fraction(1, 10**7)),
        (Fraction(6, -4), Fraction(-3, 2)),
        (np.float64(0.3), Fraction(3, 10)),
        (np.int64(-3), Fraction(-3)),
        (2**200, Fraction(2**200)),
        (complex(2, 0), Fraction(2)),
    ],
)
def test_numbers_are_read_exactly(given_value: Any, expected: Fraction) -> None:
    assert scalar(given_value).constant == expected
    assert scalar(given_value) == expected
    assert hash(scalar(given_value)) == hash(expected)


def test_numbers_and_comparisons() -> None:
    assert scalar(2 - 0.5j) == 2 - IMAGINARY_UNIT / 2
    assert lam.constant is None
    assert not ZERO
    assert bool(lam)
    assert scalar(1) != math.nan  # noqa: PLW0177  # that this is a comparison and not an error is the point
    assert scalar(1) != math.inf
    assert scalar(1) != "1"
    assert lam != Parameter("lam", "positive")
    assert 1 - lam == -(lam - 1)
    assert 2 / lam == 2 * lam**-1
    assert Fraction(1, 2) * lam == lam / 2
    assert np.float64(0.5) * lam == lam / 2


# text ---------------------------------------------------------------------------------------------------------------

_OPERATORS: Mapping[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_DECLARED = {str(x): x for x in RATIONAL}


def read(node: ast.expr) -> Scalar:
    """A tiny evaluator of the printed syntax."""
    match node:
        case ast.Constant(value=number):
            return scalar(number)
        case ast.Name(id=name):
            return _DECLARED[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -read(operand)
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int(exponent))):
            return read(left) ** exponent
        case ast.BinOp(left=left, op=operation, right=right):
            return _OPERATORS[type(operation)](read(left), read(right))
        case ast.Call(func=ast.Name(id="sqrt"), args=[argument]):
            return square_root(read(argument))
        case ast.Call(func=ast.Name(id="conj"), args=[argument]):
            return read(argument).conjugate()
    raise AssertionError(ast.dump(node))


@many
@given(everything)
def test_text_parses_back(formula: Formula) -> None:
    x = built(formula)
    assert read(ast.parse(scalar_text(x), mode="eval").body) == x


@pytest.mark.parametrize(
    ("x", "text"),
    [
        ((n + 1) ** 2 / (2 * n), "(n**2 + 2*n + 1)/(2*n)"),
        (-lam / 3, "-lam/3"),
        (1 / (lam * n), "1/(lam*n)"),
        (scalar(-1) / 2, "-1/2"),
        (z.conjugate() * z, "conj(z)*z"),
        (1 - 2j * square_root(lam + 1), "1 - 2*1j*sqrt(lam + 1)"),
        (square_root(r).conjugate(), "conj(sqrt(r))"),
        (ZERO, "0"),
    ],
)
def test_text(x: Scalar, text: str) -> None:
    assert str(x) == repr(x) == text


def test_evaluation_in_several_rings() -> None:
    x = (lam + 1) / (2 * n)
    values = {Parameter("lam", "positive"): 3, Dimension("n"): 4}
    assert evaluate_scalar(x, lambda g: Fraction(values[g]), Fraction) == Fraction(1, 2)
    assert evaluate_scalar(x, lambda g: float(values[g]), float) == 0.5
    assert evaluate_scalar(scalar(Fraction(1, 3)), lambda g: Fraction(0), Fraction) == Fraction(1, 3)
    with pytest.raises(ZeroDivisionError):
        evaluate_scalar(x, lambda g: Fraction(0), Fraction)


def test_generators_of_looks_under_roots() -> None:
    names = {
        g.name for g in generators_of(square_root(r + square_root(z)) / n + z.conjugate() + square_root(s).conjugate())
    }
    assert names == {"r", "z", "n", "conj(z)", "s"}


# dimensions and kinds -----------------------------------------------------------------------------------------------


def test_dimensions() -> None:
    assert is_fixed(scalar(3))
    assert not is_fixed(n)
    assert grows(p * n + 1)
    assert as_dimension(4) == 4
    assert as_dimension((1 - p) * n) == n - p * n


@pytest.mark.parametrize("kind", KINDS)
def test_kinds(kind: str) -> None:
    x = parameter("x", kind)
    assert (x.conjugate() == x) == (kind not in ("complex", "upper"))
    assert is_nonnegative(x) == (kind in ("positive", "nonnegative", "fraction", "generations"))


BAD_INPUT: Mapping[str, tuple[Callable[[], object], str]] = {
    "no number": (lambda: scalar("1"), "'1' is not a scalar; give a number or a declared scalar"),  # type: ignore[arg-type]
    "truth value": (lambda: scalar(True), "True is not a scalar; give a number or a declared scalar"),
    "nan": (lambda: scalar(float("nan")), "nan is not a finite number; give a finite value"),
    "infinite": (lambda: lam * float("inf"), "inf is not a finite number; give a finite value"),
    "zero division": (lambda: lam / (n - n), "division by a scalar that is identically zero; check the denominator"),
    "negative power": (lambda: ZERO**-1, "division by a scalar that is identically zero; check the denominator"),
    "two kinds": (lambda: lam + parameter("lam"), "the name 'lam' is declared in two ways; rename one"),
    "two roles": (lambda: n + parameter("n"), "the name 'n' is declared in two ways; rename one"),
    "unknown kind": (lambda: parameter("x", "posiitve"), "x: unknown kind 'posiitve' of scalar; use one of positive,"),
    "half a dimension": (lambda: as_dimension(2.5), "dimension 5/2 is not a positive integer; give a positive"),
    "no dimension": (lambda: as_dimension(0, "X"), "X: dimension 0 is not a positive integer; give a positive"),
    "undeclared": (lambda: as_dimension(lam, "X"), "X: shape lam contains no declared dimension; declare it under"),
}


@pytest.mark.parametrize(("action", "message"), BAD_INPUT.values(), ids=BAD_INPUT.keys())
def test_bad_input_gives_one_line(action: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError) as caught:
        action()
    text = str(caught.value)
    assert text.startswith(message)
    assert "\n" not in text


def test_unsupported_operands_are_type_errors() -> None:
    for action in (lambda: lam + "a", lambda: lam**0.5, lambda: lam * None, lambda: "a" / lam):  # type: ignore[operator]
        with pytest.raises(TypeError):
            action()


def test_traces_are_generators_too() -> None:
    A = Atom("A", d, d, entries="complex")
    S = Atom("S", d, d, facts=frozenset({"psd"}))
    x = (tau(A) + 1) / (tau(S) * lam)
    assert x * tau(S) * lam == tau(A) + 1
    assert x.conjugate().conjugate() == x
    assert tau(S).conjugate() == tau(S)
    assert tau(A).conjugate() != tau(A)
