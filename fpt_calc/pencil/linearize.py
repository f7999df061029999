"""From an expression to a minimal linear pencil."""

from __future__ import annotations

from collections.abc import Mapping

from fpt_calc.ensembles import is_psd
from fpt_calc.errors import NotInvertibleError
from fpt_calc.expr import (
    Adjoint,
    Atom,
    EntrywiseConjugate,
    Expr,
    Inverse,
    Letter,
    Power,
    Product,
    ScalarMatrix,
    Scaled,
    SquareRoot,
    Sum,
    Transpose,
    atoms,
    fold,
    is_deterministic,
    is_real,
    letter,
    postorder,
    rebuild,
)
from fpt_calc.pencil import algebra
from fpt_calc.pencil.minimize import minimize
from fpt_calc.pencil.present import affine
from fpt_calc.pencil.realization import Monic, Realization
from fpt_calc.pencil.rewrite import normalize
from fpt_calc.scalars import ZERO, Scalar, scalar

_CENTERS = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29)


class _SingularAtCenter(Exception):
    """An inverse whose argument vanishes at the centre of expansion; another centre may do."""

    def __init__(self, node: Inverse) -> None:
        super().__init__(str(node))
        self.node = node


Memo = dict[Expr, Monic]


def linearize(expr: Expr, roots: frozenset[Atom] = frozenset(), memo: Memo | None = None) -> Realization:
    """A minimal realization of ``expr``.

    Parameters
    ----------
    expr : any rational expression.
    roots : psd atoms whose square root occurs in related expressions, to be written as products of roots.
    memo : realizations found before with the same ``roots``; new ones are added.

    Raises
    ------
    NotInvertibleError
        for an inverse whose argument has no constant or deterministic part.

    >>> from fpt_calc.ensembles import Gaussian
    >>> from fpt_calc.scalars import ONE, Parameter, dimension, generator_scalar
    >>> n, d, lam = dimension("n"), dimension("d"), generator_scalar(Parameter("lam", "positive"))
    >>> X = Atom("X", n, d, law=Gaussian(ONE / n))
    >>> linearize(Inverse(X.T @ X + lam)).states
    2
    """
    plain = normalize(expr)
    roots = roots | square_roots(plain)
    try:
        return affine(_realize(plain, roots, {}, {} if memo is None else memo), {})
    except _SingularAtCenter as first:
        failed = first
    for candidate, opaque in ((plain, {}), _fold_deterministic(plain)):
        for centers in ({}, _centers(candidate, roots)):
            try:
                return affine(_realize(candidate, roots, centers, {}), centers, opaque)
            except _SingularAtCenter as again:
                failed = again
    raise NotInvertibleError(
        f"{failed.node.argument} has no constant or positive definite part",
        where=str(failed.node),
        remedy=f"add a ridge: inv({failed.node.argument} + lam), and take lam -> 0 afterwards",
    )


def square_roots(expr: Expr) -> frozenset[Atom]:
    """The atoms whose square root occurs."""
    return frozenset(node.argument for node in postorder(expr) if isinstance(node, SquareRoot))


def _realize(expr: Expr, roots: frozenset[Atom], centers: Mapping[Letter, Scalar], memo: Memo) -> Monic:
    def base(node: Atom | SquareRoot) -> Monic:
        if isinstance(node, Atom) and node in roots:
            return base_product(SquareRoot(node))
        x = letter(node)
        return algebra.from_letter(x, centers.get(x, ZERO))

    def base_product(node: SquareRoot) -> Monic:
        return minimize(algebra.multiply(base(node), base(node)))

    def combine(node: Expr, parts: tuple[Monic, ...]) -> Monic:
        if node not in memo:
            memo[node] = realize(node, parts)
        return memo[node]

    def realize(node: Expr, parts: tuple[Monic, ...]) -> Monic:
        match node:
            case Atom() | SquareRoot():
                return base(node)
            case ScalarMatrix(value=value, rows=dim):
                return algebra.constant(value, dim)
            case Scaled(coefficient=c):
                return algebra.scale(c, parts[0])
            case Sum():
                return minimize(algebra.add(parts))
            case Product():
                return _product(node.factors, parts, memo)
            case Power(exponent=k):
                return _power(parts[0], k)
            case Transpose():
                return algebra.transpose(parts[0], "T")
            case Adjoint():
                return algebra.transpose(parts[0], "H")
            case EntrywiseConjugate():
                return algebra.transpose(parts[0], "conj")
            case Inverse():
                value = algebra.dot(parts[0].u, parts[0].v)
                if value.is_zero:
                    raise _SingularAtCenter(node)
                return minimize(algebra.inverse(parts[0], value))
        raise TypeError(f"cannot linearize {type(node).__name__}")

    return fold(expr, combine)


def _product(factors: tuple[Expr, ...], parts: tuple[Monic, ...], memo: Memo) -> Monic:
    """From left to right; prefixes are remembered, since the rotations of one trace share them."""
    total = parts[0]
    for k in range(1, len(parts)):
        prefix = Product(factors[: k + 1])
        if prefix not in memo:
            memo[prefix] = minimize(algebra.multiply(total, parts[k]))
        total = memo[prefix]
    return total


def _power(base: Monic, exponent: int) -> Monic:
    """By squaring; exponents this large are not spelled out by `normalize`."""
    if exponent == 1:
        return base
    half = _power(base, exponent // 2)
    square = minimize(algebra.multiply(half, half))
    return minimize(algebra.multiply(square, base)) if exponent % 2 else square


def _centers(expr: Expr, roots: frozenset[Atom]) -> dict[Letter, Scalar]:
    """Different rational centres for the square deterministic letters; everything else stays expanded around zero."""
    found: dict[Letter, Scalar] = {}
    bases = [n for n in postorder(expr) if isinstance(n, Atom | SquareRoot)] + [SquareRoot(a) for a in roots]
    for k, node in enumerate(dict.fromkeys(bases)):
        if node.rows == node.cols and not letter(node).is_random:
            value = scalar(_CENTERS[k % len(_CENTERS)])
            for operation in ("", "T", "H", "conj"):
                found[letter(node, operation)] = value
    return found


def _fold_deterministic(expr: Expr) -> tuple[Expr, dict[Atom, Expr]]:
    """Replace the maximal deterministic subexpressions by atoms that name them; numbers stay numbers."""
    opaque: dict[Atom, Expr] = {}

    def named(old: Expr, new: Expr) -> Expr:
        if new is not old or isinstance(old, Atom) or not atoms(old) or not is_deterministic(old):
            return new
        facts = frozenset({"psd"}) if is_psd(old) else frozenset()
        entries = "real" if is_real(old) else "complex"
        atom = Atom(f"({old})", old.rows, old.cols, facts=facts, entries=entries)
        opaque[atom] = old
        return atom

    def combine(node: Expr, children: tuple[Expr, ...]) -> Expr:
        if is_deterministic(node):
            return node
        return rebuild(node, tuple(named(a, b) for a, b in zip(node.children, children, strict=True)))

    return fold(expr, combine), opaque
