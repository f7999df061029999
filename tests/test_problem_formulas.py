"""Formulas: what they mean, that printed ones parse back, and that bad or hostile text ends in one helpful line."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fpt_calc.ensembles import Gaussian, Wigner
from fpt_calc.errors import ComputationError, InputError, ShapeError
from fpt_calc.expr import (
    Adjoint,
    Atom,
    EntrywiseConjugate,
    Expr,
    Inverse,
    Power,
    PrimeModel,
    Product,
    ScalarMatrix,
    Scaled,
    SquareRoot,
    Sum,
    Tr,
    Transpose,
    evaluate,
    identity,
    tau,
    try_models,
)
from fpt_calc.problem import Value, parse_formula
from fpt_calc.scalars import (
    IMAGINARY_UNIT,
    Parameter,
    Scalar,
    ScalarLike,
    dimension,
    generator_scalar,
    scalar,
    square_root,
)

n, d = dimension("n"), dimension("d")
lam = generator_scalar(Parameter("lam", "positive"))
x = generator_scalar(Parameter("x", "real"))
z = generator_scalar(Parameter("z", "complex"))
X = Atom("X", n, d, law=Gaussian(1 / n))
Y = Atom("Y", n, d, law=Gaussian(1 / n, "complex"))
W = Atom("W", d, d, law=Wigner(1 / d, "complex"))
S = Atom("S", d, d, facts=frozenset({"psd"}))
A = Atom("A", d, d)
B = Atom("B", n, n, entries="complex")
w = Atom("w", d, scalar(1))
NAMES: dict[str, Value] = {"n": n, "d": d, "lam": lam, "x": x, "z": z, **{a.name: a for a in (X, Y, W, S, A, B, w)}}


def read(text: str) -> Value:
    return parse_formula(text, NAMES, "p.toml: let.f")


# formulas --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("X.T @ X + lam", Product((X.T, X)) + lam),
        ("inv(X.T @ X + lam)", Inverse(X.T @ X + lam)),
        ("X.H", Adjoint(X)),
        ("conj(A)", EntrywiseConjugate(A)),
        ("sqrt(S)", SquareRoot(S)),
        ("A**3", Power(A, 3)),
        ("A**0", Power(A, 0)),
        ("A**-1", Inverse(A)),
        ("A**-2", Power(Inverse(A), 2)),
        ("-A**2", -(A**2)),
        ("2*A/n", (2 * A) / n),
        ("1 - A", 1 - A),
        ("A - 1/2", A - scalar(1) / 2),
        ("eye(d)", identity(d)),
        ("2*eye(2*n)", Scaled(scalar(2), identity(2 * n))),
        ("tau(S)*A", Scaled(tau(S), A)),
        ("A\n  + A", A + A),
    ],
)
def test_matrix_formulas(text: str, expected: Expr) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tau(A)", tau(A)),
        ("Tr(A @ S)", Tr(A @ S)),
        ("tau(X @ X.T)**2", tau(X @ X.T) ** 2),
        ("0.1", Fraction(1, 10)),
        ("1e-3 + .5", Fraction(501, 1000)),
        ("12345678901234567890.123456789012345678901", Fraction("12345678901234567890.123456789012345678901")),
        ("0x10", 16),
        ("1j*1j", -1),
        ("2.5j", IMAGINARY_UNIT * 5 / 2),
        ("sqrt(8*lam)", 2 * square_root(scalar(2)) * square_root(lam)),
        ("sqrt(0)", 0),
        ("sqrt(-4)", 2 * IMAGINARY_UNIT),
        ("sqrt(-lam)", IMAGINARY_UNIT * square_root(lam)),
        ("conj(z)", z.conjugate()),
        ("conj(conj(z)) + conj(x)", z + x),
        ("inv(2*lam)", 1 / (2 * lam)),
        ("-2**2", -4),
        ("2**-3", Fraction(1, 8)),
        ("tau(3*eye(n))", tau(3 * identity(n))),
        ("+".join(["1"] * 500), 500),
    ],
)
def test_scalar_formulas(text: str, expected: ScalarLike) -> None:
    assert read(text) == expected


# what is printed parses back -------------------------------------------------------------------------------------

numbers = st.fractions(min_value=-3, max_value=3, max_denominator=4).map(scalar)
given_scalars = [lam, x, z, z.conjugate(), IMAGINARY_UNIT, n / d, 1 / n, tau(S), tau(A @ S)]
leaves = st.one_of(numbers, st.sampled_from(given_scalars))


@st.composite
def scalars(draw: st.DrawFn) -> Scalar:
    a, b = draw(leaves), draw(leaves)
    match draw(st.sampled_from("=+*/r")):
        case "+":
            return a + b
        case "*":
            return a * b
        case "/" if not b.is_zero:
            return a / b
        case "r":
            return a * square_root(lam + draw(st.integers(0, 2)))
    return a


@st.composite
def expressions(draw: st.DrawFn, rows: Scalar = d, cols: Scalar = d, depth: int = 4) -> Expr:
    """A random expression of the given shape, every node type included."""

    def sub(rows: Scalar, cols: Scalar) -> Expr:
        return draw(expressions(rows, cols, depth - 1))

    fitting = [a for a in (X, Y, W, S, A, B, w) if a.shape == (rows, cols)]
    kinds = ["atom"] * bool(fitting) + ["scalar", "root"] * (rows == cols == d) + ["scalar"] * (rows == cols != d)
    if depth > 0 or not kinds:
        kinds += ["sum", "product", "scaled", "T", "H", "conj"] + ["inverse", "power"] * (rows == cols)
    match draw(st.sampled_from(kinds)):
        case "atom":
            return draw(st.sampled_from(fitting))
        case "scalar":
            return ScalarMatrix(draw(scalars()), rows)
        case "root":
            return SquareRoot(S)
        case "sum":
            return Sum(tuple(sub(rows, cols) for _ in range(draw(st.integers(2, 3)))))
        case "product":
            inner = draw(st.sampled_from([n, d]))
            return Product((sub(rows, inner), sub(inner, cols)))
        case "scaled":
            return Scaled(draw(scalars()), sub(rows, cols))
        case "T":
            return Transpose(sub(cols, rows))
        case "H":
            return Adjoint(sub(cols, rows))
        case "conj":
            return EntrywiseConjugate(sub(rows, cols))
        case "inverse":
            return Inverse(sub(rows, cols))
    return Power(sub(rows, cols), draw(st.integers(0, 3)))


def same_meaning(a: Expr, b: Expr) -> bool:
    """Whether two expressions agree in a random model over a prime field, entrywise conjugates included."""

    def attempt(model: PrimeModel) -> bool:
        left, right = evaluate(a, model), evaluate(b, model)
        return bool(left.value == right.value and left.conjugate == right.conjugate)

    return try_models(attempt, tries=8)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(expressions())
def test_printed_expressions_parse_back(expr: Expr) -> None:
    try:
        back = read(str(expr))
    except InputError as error:
        assume("nested deeper" not in str(error))  # the limit of problem files, which an expression may exceed
        raise
    assert isinstance(back, Expr)
    assert back.shape == expr.shape
    if back == expr:
        return
    try:
        assert same_meaning(back, expr), str(expr)
    except ComputationError:  # an inverse that is singular in every model has no value to compare
        assume(False)


@settings(max_examples=150, deadline=None)
@given(scalars(), scalars())
def test_printed_scalars_parse_back(a: Scalar, b: Scalar) -> None:
    for value in (a, a * b, a + b, tau(Scaled(a, S)) * b):
        assert read(str(value)) == value


# bad formulas ------------------------------------------------------------------------------------------------------

_LONG_ROOTS = "1/(" + " + ".join(f"sqrt({p})" for p in (2, 3, 5, 7, 11, 13, 17, 19)) + ")"
_EIGHT = "(lam + x + z + n + d + tau(S) + tau(A) + 1)"

BAD_FORMULAS: list[tuple[str, tuple[str, ...]]] = [
    # names
    ("lamm*X", ("unknown name 'lamm'", "did you mean 'lam'?")),
    ("Q @ X", ("unknown name 'Q'", "declare it under")),
    ("__import__", ("unknown name '__import__'",)),
    # shapes
    ("X @ X", ("(X) @ (X)", "shapes n x d and n x d do not multiply", "transpose")),
    ("X + A", ("(X) + (A)", "do not add")),
    ("inv(X)", ("inv(X)", "n x d", "only square matrices")),
    ("X**2", ("(X)**2", "only square")),
    ("X + 1", ("a number can be added to a square matrix only",)),
    ("tau(X)", ("tau(X)", "only square matrices have a trace")),
    # wrong kinds
    ("sqrt(A)", ("sqrt(A)", "not a psd deterministic matrix", "declare the matrix with psd = true")),
    ("sqrt(X.T @ X)", ("sqrt(X.T@X)", "psd")),
    ("A * A", ("two matrices multiplied with *", "use @")),
    ("A @ lam", ("A @ lam", "@ between a matrix and a scalar", "use *")),
    ("2 @ 3", ("2 @ 3", "use *")),
    ("1 / A", ("division by a matrix", "use inv(...)")),
    ("tau(lam)", ("tau(lam)", "tau of a scalar", "eye(d)")),
    ("eye(A)", ("eye of a matrix",)),
    ("eye(lam)", ("eye(lam)", "no declared dimension")),
    ("eye(0)", ("dimension 0 is not a positive integer",)),
    ("lam.T", (".T of a scalar", "remove it")),
    ("lam.H", ("use conj(...)",)),
    ("tau(X.T @ X) * A", ("tau(X.T@X)", "trace of a random matrix as a coefficient", "target of its own")),
    ("A + sqrt(tau(W))", ("tau(W)", "trace of a random matrix")),
    ("inv(lam - lam)", ("division by a scalar that is identically zero",)),
    # syntax
    ("__import__('os')", ("__import__('os')", "called like a function", "the functions are tau")),
    ("X.__class__", ("X.__class__", "unknown attribute .__class__", ".T and .H")),
    ("X.dot(X)", ("X.dot(X)", "called like a function")),
    ("lam(X)", ("lam(X)", "called like a function")),
    ("f'{X}'", ("f'{X}'", "not part of formulas")),
    ("'X'", ("'X'", "not part of formulas")),
    ("lambda q: q", ("lambda q: q", "write lam")),
    ("lambda * X", ("lambda * X", "write lam")),
    ("[A for A in X]", ("[A for A in X]", "not part of formulas")),
    ("X[0]", ("X[0]", "not part of formulas")),
    ("A if x else S", ("A if x else S", "not part of formulas")),
    ("A == A", ("A == A", "not part of formulas")),
    ("(q := 2)", ("q := 2", "not part of formulas")),
    ("tau(A, S)", ("tau(A, S)", "takes one argument")),
    ("tau(A=A)", ("takes one argument",)),
    ("tau(*A)", ("*A", "not part of formulas")),
    ("tau * 2", ("tau is a function", "write tau(...)")),
    ("A^2", ("A^2", "^ is not a power", "write **")),
    ("A % 2", ("A % 2", "not part of formulas")),
    ("True", ("True", "not part of formulas")),
    ("2 X", ("not a formula", "products are written with * or @")),
    ("(A", ("'(' was never closed",)),
    ("", ("an empty formula",)),
    ("A # + S", ("# + S", "a comment in a formula")),
    ("1if x else 2", ("not part of formulas",)),
    # exponents and hostile text
    ("A**x", ("A**x", "not an integer literal", "sqrt(...)")),
    ("A**2.0", ("not an integer literal",)),
    ("A**True", ("not an integer literal",)),
    ("A**65", ("an exponent beyond 64",)),
    ("9**9**9", ("9**9**9", "not an integer literal")),
    ("((9**64)**64)**64", ("binary digits",)),
    ("9" * 400, ("an integer of more than 300 digits", "round it")),
    ("9" * 9000, ("an integer of more than 300 digits",)),
    ("1e999", ("more than 300 digits",)),
    ("1e-99999999999", ("is not a number",)),
    ("(" * 4000 + "A" + ")" * 4000, ("brackets nested deeper than 50",)),
    ("-" * 9000 + "A", ("nested too deeply",)),
    ("-" * 100 + "A", ("nested deeper than 50",)),
    ("A" + ".T" * 4000, ("nested",)),
    ("+".join(["A"] * 4000), ("nested too deeply", "[let]")),
    ("A" * 20_000, ("a formula of 20000 characters",)),
    (f"{_EIGHT}**64", ("terms when multiplied out",)),
    ("*".join([_EIGHT] * 64), ("terms when multiplied out",)),
    (_LONG_ROOTS, ("a denominator with more than 4 square roots",)),
    (f"sqrt({'9' * 80})", ("too large to factor",)),
    ("sqrt(1 + " * 22 + "x" + ")" * 22, ("more than", "make it shorter")),
    ("A\0", ("not a formula",)),
    ("A\ud800", ("characters that cannot be read",)),
]


@pytest.mark.parametrize(("text", "fragments"), BAD_FORMULAS, ids=[text[:30] for text, _ in BAD_FORMULAS])
def test_bad_formulas(text: str, fragments: tuple[str, ...]) -> None:
    with pytest.raises(InputError) as error:
        read(text)
    line = str(error.value)
    assert line.startswith("p.toml: let.f: ")
    assert "\n" not in line
    assert len(line) < 600
    for fragment in fragments:
        assert fragment in line


def test_shape_errors_stay_shape_errors() -> None:
    with pytest.raises(ShapeError) as error:
        parse_formula("X @ X", NAMES, "ridge.toml: targets.bias")
    expected = "ridge.toml: targets.bias: (X) @ (X): shapes n x d and n x d do not multiply; transpose one of them"
    assert str(error.value).startswith(expected)
