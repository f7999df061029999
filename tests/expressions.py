"""Random expressions in matrices of every kind, for tests of laws that hold for all expressions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from fpt_calc.ensembles import Gaussian, Wigner
from fpt_calc.expr import (
    Adjoint,
    Atom,
    EntrywiseConjugate,
    Expr,
    Inverse,
    Power,
    Product,
    ScalarMatrix,
    Scaled,
    SquareRoot,
    Sum,
    Transpose,
    tau,
)
from fpt_calc.scalars import (
    IMAGINARY_UNIT,
    ONE,
    ZERO,
    Parameter,
    Scalar,
    dimension,
    generator_scalar,
    scalar,
    square_root,
)

n, d = dimension("n"), dimension("d")
DIMENSIONS = (n, d, ONE)
lam, p, r, z = (
    generator_scalar(x)
    for x in (Parameter("lam", "positive"), Parameter("p", "fraction"), Parameter("r"), Parameter("z", "complex"))
)


def known(name: str, rows: Scalar, cols: Scalar, *facts: str, entries: str = "real") -> Atom:
    return Atom(name, rows, cols, facts=frozenset(facts), entries=entries)


S, H = known("S", d, d, "psd"), known("H", d, d, "psd", entries="complex")
A, B = known("A", d, d), known("B", d, d, entries="complex")
M, N = known("M", d, d, "symmetric"), known("N", d, d, "symmetric", entries="complex")
P, Q = known("P", d, d, "projection"), known("Q", d, d, "orthogonal")
U, L = known("U", d, d, "orthogonal", entries="complex"), known("L", d, d, "hermitian", entries="complex")
C, w = known("C", n, d, entries="complex"), known("w", d, ONE)
T = known("T", n, n, "pd")
X, Z = Atom("X", n, d, law=Gaussian(ONE / n)), Atom("Z", n, d, law=Gaussian(ONE / n, "complex", None, H))
W, V = Atom("W", d, d, law=Wigner(ONE / d)), Atom("V", d, d, law=Wigner(ONE / d, "complex"))

DETERMINISTIC = (S, H, A, B, M, N, P, Q, U, L, C, w, T)
ALL = (*DETERMINISTIC, X, Z, W, V)
COEFFICIENTS = (
    scalar(2),
    -ONE,
    ONE,
    ONE / 3,
    lam,
    1 - p,
    r / n,
    z,
    1 + IMAGINARY_UNIT,
    square_root(lam),
    square_root(2 * z),
    lam / (d + 1),
    ZERO,
)
_UNARY: tuple[Callable[[Any], Expr], ...] = (Transpose, Adjoint, EntrywiseConjugate)


@st.composite
def expressions(
    draw: st.DrawFn,
    atoms: tuple[Atom, ...] = ALL,
    coefficients: tuple[Scalar, ...] = COEFFICIENTS,
    rows: Scalar | None = None,
    cols: Scalar | None = None,
    size: int = 8,
    traces: bool = True,
) -> Expr:
    """A random expression of a given (or random) shape; ``size`` bounds its number of leaves."""

    dims = [x for x in DIMENSIONS if any(x in a.shape for a in atoms)]

    def leaf(rows: Scalar, cols: Scalar) -> Expr:
        options: list[Expr] = [a for a in atoms if a.shape == (rows, cols)]
        options += [f(a) for a in atoms if a.shape == (cols, rows) for f in (Transpose, Adjoint)]
        options += [SquareRoot(a) for a in atoms if a.shape == (rows, cols) and "psd" in a.facts and not a.is_random]
        if rows == cols:
            options += [ScalarMatrix(c, rows) for c in (ONE, lam)]
        if options:
            return draw(st.sampled_from(options))
        middle = draw(st.sampled_from([x for x in dims if x not in (rows, cols)]))
        return Product((leaf(rows, middle), leaf(middle, cols)))

    def grow(rows: Scalar, cols: Scalar, size: int) -> Expr:
        if size <= 1:
            return leaf(rows, cols)
        choice = draw(st.integers(0, 8 if rows == cols else 5))
        match choice:
            case 0 | 1:
                middle = draw(st.sampled_from(dims))
                return Product((grow(rows, middle, size // 2), grow(middle, cols, size - size // 2)))
            case 2 | 3:
                return Sum((grow(rows, cols, size // 2), grow(rows, cols, size - size // 2)))
            case 4:
                c = draw(st.sampled_from(coefficients))
                if traces and draw(st.integers(0, 3)) == 0:
                    c = c * tau(grow(d, d, 2))
                return Scaled(c, grow(rows, cols, size - 1))
            case 5:
                f = draw(st.sampled_from(_UNARY))
                flipped = f is not EntrywiseConjugate
                return f(grow(cols, rows, size - 1) if flipped else grow(rows, cols, size - 1))
            case 6:
                return Power(grow(rows, cols, size // 2), draw(st.integers(0, 3)))
        return Inverse(grow(rows, cols, size - 1))

    first = rows if rows is not None else draw(st.sampled_from(dims[:2]))
    second = cols if cols is not None else draw(st.sampled_from(dims))
    return grow(first, second, draw(st.integers(1, size)))
