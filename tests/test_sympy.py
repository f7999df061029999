"""Sympy and back: nothing changes its meaning, neither our expressions nor those that sympy users write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sympy
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fpt_calc.errors import ComputationError, InputError, ShapeError
from fpt_calc.expr import (
    Adjoint,
    Atom,
    EntrywiseConjugate,
    Expr,
    Inverse,
    Power,
    PrimeModel,
    ScalarMatrix,
    SquareRoot,
    Tr,
    evaluate,
    from_sympy,
    identity,
    tau,
    to_sympy,
    try_models,
)
from fpt_calc.scalars import (
    IMAGINARY_UNIT,
    KINDS,
    ONE,
    Parameter,
    Scalar,
    dimension,
    generator_scalar,
    scalar,
    square_root,
)
from tests.expressions import ALL, A, B, C, S, U, W, X, Z, d, expressions, lam, n, p, r, w, z
from tests.formulas import RATIONAL, Formula, built, everything

law = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
SCALARS = (lam, p, r, z)


def read(value: Any) -> Expr | Scalar:
    return from_sympy(value, ALL, SCALARS)


def same(a: Expr, b: Expr, seed: int) -> bool:
    """Whether two expressions agree in a random model modulo a prime."""
    assert a.shape == b.shape

    def equal(model: PrimeModel) -> bool:
        x, y = evaluate(a, model), evaluate(b, model)
        return bool(x.value == y.value and x.conjugate == y.conjugate)

    try:
        return try_models(equal, seed=seed, tries=40)
    except ComputationError:  # an inverse of what is singular
        assume(False)
        raise


# our expressions ----------------------------------------------------------------------------------------------------


@settings(law, max_examples=150)
@given(expressions(), st.integers(1, 100))
def test_expressions_return_from_sympy(expr: Expr, seed: int) -> None:
    returned = read(to_sympy(expr))
    assert isinstance(returned, Expr)
    assert same(returned, expr, seed)


@law
@given(expressions(traces=False), st.integers(1, 100))
def test_expressions_return_after_sympy_has_simplified_them(expr: Expr, seed: int) -> None:
    converted = to_sympy(expr)
    assume(not converted.has(sympy.ZeroMatrix, sympy.S.Zero))  # sympy inverts zero without complaint
    returned = read(converted.doit())
    assert isinstance(returned, Expr)
    assert same(returned, expr, seed)


@law
@given(everything)
def test_scalars_return_from_sympy(formula: Formula) -> None:
    x = built(formula)
    assert from_sympy(to_sympy(x), (), RATIONAL) == x


@pytest.mark.parametrize(
    "expr",
    [
        X,
        X.T @ X,
        Inverse(X.T @ X + lam),
        Power(Inverse(S), 2),
        SquareRoot(S) @ A @ SquareRoot(S),
        EntrywiseConjugate(Z),
        Adjoint(X @ U),
        ScalarMatrix(lam, d),
        identity(n),
        w.T @ A @ w,
        tau(A @ S) * A,
        X.T @ C + B,
    ],
)
def test_structure_is_kept(expr: Expr) -> None:
    assert read(to_sympy(expr)) == expr


def test_sympy_forms() -> None:
    m, k, ell = sympy.Symbol("n", integer=True, positive=True), sympy.Symbol("d", integer=True, positive=True), _lam
    x, s = sympy.MatrixSymbol("X", m, k), sympy.MatrixSymbol("S", k, k)
    assert to_sympy(X) == x
    assert to_sympy(Inverse(X.T @ X + lam)).doit() == sympy.Inverse(x.T * x + ell * sympy.Identity(k))
    assert to_sympy(SquareRoot(S)) == s ** sympy.Rational(1, 2)
    assert to_sympy(EntrywiseConjugate(X)) == x.conjugate()
    assert to_sympy(Adjoint(X)) == sympy.Adjoint(x)
    assert to_sympy(Tr(S)) == sympy.Trace(s)
    assert to_sympy(tau(S) ** 2 / 2) == sympy.Trace(s) ** 2 / (2 * k**2)
    assert to_sympy(scalar(1) / 3 - 2 * IMAGINARY_UNIT) == sympy.Rational(1, 3) - 2 * sympy.I
    assert to_sympy(square_root(lam + 1)) == sympy.sqrt(ell + 1)
    assert to_sympy(z.conjugate()) == sympy.conjugate(sympy.Symbol("z", complex=True))


@pytest.mark.parametrize("kind", KINDS)
def test_assumptions_follow_the_kind(kind: Any) -> None:
    symbol = to_sympy(generator_scalar(Parameter("x", kind)))
    assert symbol.is_positive == (True if kind == "positive" else None)
    assert bool(symbol.is_nonnegative) == (kind in ("positive", "nonnegative", "fraction", "generations"))
    assert bool(symbol.is_real) == (kind not in ("complex", "upper"))
    assert bool(symbol.is_integer) == (kind in ("integer", "generations"))
    assert symbol.is_complex


# what sympy users write ---------------------------------------------------------------------------------------------

_n, _d, _lam, _r, _z = sympy.symbols("n d lam r z")  # without the assumptions that to_sympy would give them
_lam = sympy.Symbol("lam", positive=True)
_X, _C = sympy.MatrixSymbol("X", _n, _d), sympy.MatrixSymbol("C", _n, _d)
_S, _A, _B, _W = (sympy.MatrixSymbol(name, _d, _d) for name in "SABW")
_w = sympy.MatrixSymbol("w", _d, 1)
_I = sympy.Identity(_d)
_half = sympy.Rational(1, 2)

WRITTEN: list[tuple[Any, Expr]] = [
    ((_X.T * _X + _lam * _I).inv(), Inverse(X.T @ X + lam)),
    (sympy.Inverse(_X * _S * _X.T + _lam * sympy.Identity(_n)), Inverse(X @ S @ X.T + lam)),
    ((_X.T * _X) ** -2, Power(Inverse(X.T @ X), 2)),
    ((_S * _A).inv(), Inverse(S @ A)),
    ((_lam * _S).inv(), Inverse(lam * S)),
    (sympy.Inverse(sympy.Trace(_A) * _S), Inverse(Tr(A) * S)),
    ((_S * _X.T).T, X @ S.T),
    (sympy.Transpose(_S * _X.T), X @ S.T),
    (sympy.Transpose(_X * _A).doit(), A.T @ X.T),
    ((_X.T * _X).T, X.T @ X),
    (sympy.Adjoint(2 * sympy.I * _B), -2 * IMAGINARY_UNIT * Adjoint(B)),
    (sympy.Adjoint(2 * sympy.I * _B).doit(), -2 * IMAGINARY_UNIT * Adjoint(B)),
    ((sympy.I * _B).conjugate(), -IMAGINARY_UNIT * EntrywiseConjugate(B)),
    (_S**_half * _A * _S**_half, SquareRoot(S) @ A @ SquareRoot(S)),
    (_S**_half * _S**_half, S),
    (_S ** (3 * _half), SquareRoot(S) @ S),
    (_S**-_half, Inverse(SquareRoot(S))),
    ((_S**_half).T, SquareRoot(S)),
    (sympy.sqrt(_S), SquareRoot(S)),
    (_S * _S * _A * _A.inv(), S @ S),
    (_S**0, identity(d)),
    (_S - _S, 0 * S),
    (sympy.ZeroMatrix(_n, _d), 0 * X),
    (sympy.ZeroMatrix(1, _n), 0 * (w.T @ X.T)),
    (_X - _X, X - X),
    (_A + _A + 3 * _I, 2 * A + 3),
    (_w.T * _S * _w, w.T @ S @ w),
    (_X + sympy.Float(0.1) * _C, X + C / 10),
    (sympy.Float("0.1", 40) * _X, X / 10),
    (sympy.Trace(_A) / _d * _I, ScalarMatrix(tau(A), d)),
    ((_r + _lam) ** 2 / _lam * _A, (r + lam) ** 2 / lam * A),
    (sympy.sqrt(_lam**2 * _n) * _A, lam * square_root(n) * A),
    (_z * sympy.conjugate(_z) * _A, z * z.conjugate() * A),
    ((_W - _z * _I).inv(), Inverse(W - z)),
]


@pytest.mark.parametrize(("written", "meant"), WRITTEN, ids=[str(x) for x, _ in WRITTEN])
def test_written_expressions(written: Any, meant: Expr) -> None:
    result = read(written)
    assert isinstance(result, Expr)
    assert same(result, meant, seed=3)


def test_written_scalars() -> None:
    assert read(sympy.Trace(_S * _A) / _d) == tau(S @ A)
    assert read(sympy.Trace(_X * _X.T)) == Tr(X @ X.T)
    assert read(sympy.Trace(_I)) == d
    assert read(sympy.sqrt(_z) / 2) == square_root(z) / 2
    assert read(_lam ** sympy.Rational(-3, 2)) == 1 / (lam * square_root(lam))
    assert read(sympy.conjugate(sympy.sqrt(_z))) == square_root(z).conjugate()
    assert read(sympy.Integer(3) / 7) == ONE * 3 / 7
    assert read(sympy.Float(0.1) + sympy.I) == ONE / 10 + IMAGINARY_UNIT


BAD: dict[str, tuple[Callable[[], Any], str]] = {
    "close matrix": (
        lambda: sympy.MatrixSymbol("XX", _n, _d),
        "sympy expression: unknown matrix 'XX'; did you mean 'X'",
    ),
    "unknown matrix": (
        lambda: sympy.MatrixSymbol("Sigma", _d, _d) * _S,
        "sympy expression: unknown matrix 'Sigma'; decl",
    ),
    "close scalar": (lambda: sympy.Symbol("lamb") * _A, "sympy expression: unknown scalar 'lamb'; did you mean"),
    "unknown dimension": (
        lambda: sympy.Identity(sympy.Symbol("q")),
        "sympy expression: unknown scalar 'q'; declare it",
    ),
    "other shape": (
        lambda: sympy.MatrixSymbol("X", _d, _n),
        "X: a matrix symbol of shape d x n, declared as n x d; use",
    ),
    "matrix as scalar": (
        lambda: sympy.Symbol("A") * _S,
        "A: a matrix used as a scalar symbol; write it as a MatrixSymbol",
    ),
    "inverse": (_X.inv, "inv(X): the inverse of a matrix of shape n x d; only square matrices"),
    "power": (lambda: _X**2, "(X)**2: a power of a matrix of shape n x d; only square"),
    "trace": (lambda: sympy.Trace(_X), "tau(X): the trace of a matrix of shape n x d; only square"),
    "product": (lambda: _S * _X, "(S) @ (X): shapes d x d and n x d do not multiply; transpose"),
    "sum": (lambda: _X + _S, "(S) + (X): shapes d x d and n x d do not add; transpose"),
    "symbolic power": (lambda: _S**_n, "S**n: the exponent n of a matrix; use an integer, or 1/2"),
    "root of a sum": (
        lambda: (_S + _I) ** _half,
        "sqrt(1 + S): sqrt of something that is not a psd deterministic matrix;",
    ),
    "root of any": (lambda: _A**_half, "sqrt(A): sqrt of something that is not a psd deterministic matrix; declare"),
    "entrywise": (
        lambda: sympy.HadamardProduct(_S, _A),
        "HadamardProduct(S, A): HadamardProduct has no meaning here; use",
    ),
    "ones": (lambda: sympy.OneMatrix(_n, _d), "1: OneMatrix has no meaning here; use sums, products"),
    "blocks": (lambda: sympy.BlockMatrix([[_S, _A]]), "Matrix([[S, A]]): BlockMatrix has no meaning here; use"),
    "numbers": (
        lambda: sympy.Matrix([[1, 2], [3, 4]]),
        "Matrix([[1, 2], [3, 4]]): an explicit matrix; declare a named",
    ),
    "determinant": (lambda: sympy.det(_S), "Determinant(S): Determinant has no meaning here; use rational"),
    "entry": (lambda: _S[0, 0], "S[0, 0]: MatrixElement has no meaning here; use rational"),
    "function": (lambda: sympy.exp(_lam) * _S, "exp(lam): exp has no meaning here; use rational numbers"),
    "pi": (lambda: sympy.pi * _S, "pi: Pi has no meaning here; use rational numbers"),
    "infinity": (lambda: sympy.oo, "oo: Infinity has no meaning here; use rational numbers"),
    "division by zero": (lambda: _S * (1 / sympy.Integer(0)), "zoo: ComplexInfinity has no meaning here; use"),
    "absolute value": (
        lambda: sympy.sqrt(_z**2),
        "sqrt(z**2): the square root of z**2, a square of something of unknown",
    ),
    "equation": (lambda: sympy.Eq(_lam, 1), "Eq(lam, 1): Equality has no meaning here; use rational numbers"),
    "no zero": (lambda: sympy.ZeroMatrix(_n, 2), "0: a zero matrix of shape n x 2, a shape of no product of"),
    "empty sum": (sympy.MatAdd, "0: GenericZeroMatrix has no meaning here; use sums"),
    "text": (
        lambda: "X + 1",
        "'X + 1' of type str is not a sympy expression; build it from sympy symbols; text is not read",
    ),
    "long": (lambda: sympy.exp(sum(sympy.Symbol(f"x{i}") for i in range(99))), "exp(x0 + x1 + x10 + x11 + x12"),
}


@pytest.mark.parametrize(("build", "message"), BAD.values(), ids=BAD.keys())
def test_what_has_no_meaning_is_refused_in_one_line(build: Callable[[], Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        read(build())
    text = str(caught.value)
    assert text.startswith(message)
    assert "\n" not in text
    assert len(text) < 300


def test_shapes_are_shape_errors() -> None:
    with pytest.raises(ShapeError):
        read(_S * _X)


def test_ambiguous_declarations_are_refused() -> None:
    with pytest.raises(InputError, match="A: this name stands for two matrices"):
        from_sympy(_A, [A, Atom("A", n, n)])
    with pytest.raises(InputError, match="n: this name stands for two scalars"):
        from_sympy(_A, [A], [n, generator_scalar(Parameter("n", "positive"))])


def test_shapes_that_sympy_refuses() -> None:
    with pytest.raises(InputError, match=r"^Y: sympy refuses the shape \(2\*n \+ 1\)/2 x d"):
        to_sympy(Atom("Y", n + scalar(0.5), dimension("d")))
