"""Sympy expressions as expressions and scalars of this package; names are matched to declared quantities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

from fpt_calc.errors import InputError
from fpt_calc.expr.nodes import (
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
    identity,
)
from fpt_calc.expr.trace import Tr, Trace
from fpt_calc.scalars import (
    IMAGINARY_UNIT,
    ONE,
    ZERO,
    Generator,
    Scalar,
    generator_scalar,
    generators_of,
    scalar,
    square_root,
)


@dataclass(frozen=True)
class _Names:
    """The declared quantities by name."""

    atoms: Mapping[str, Atom]
    scalars: Mapping[str, Scalar]


def from_sympy(value: Any, atoms: Iterable[Atom], scalars: Iterable[Scalar] = ()) -> Expr | Scalar:
    """What a sympy matrix expression or scalar expression means, in the declared ``atoms`` and ``scalars``.

    Matrix symbols are matched by name and shape, scalar symbols by name (their sympy assumptions are not read); the
    dimensions of the atoms need not be repeated in ``scalars``.  ``Trace`` is `Tr`, ``MatPow(S, 1/2)`` the square
    root of a psd atom.  Raises `InputError` for undeclared names, shapes that do not fit, and anything else that
    has no meaning here; the message names the piece.

    >>> import sympy
    >>> from fpt_calc.scalars import Parameter, dimension
    >>> n, d, lam = sympy.symbols("n d lam")
    >>> X = sympy.MatrixSymbol("X", n, d)
    >>> declared = [Atom("X", dimension("n"), dimension("d"))], [generator_scalar(Parameter("lam", "positive"))]
    >>> from_sympy((X.T * X + lam * sympy.Identity(d)).inv(), *declared)
    inv(lam + X.T@X)
    >>> from_sympy(sympy.Trace(X.T * X) / n, *declared)
    d*tau(X.T@X)/n
    """
    import sympy

    if not isinstance(value, sympy.Basic | sympy.MatrixBase):
        raise InputError(
            f"{value!r} of type {type(value).__name__} is not a sympy expression",
            remedy="build it from sympy symbols; text is not read",
        )
    names = _declared(tuple(atoms), tuple(scalars))
    return _matrix(value, names) if getattr(value, "is_Matrix", False) else _scalar(value, names)


def _declared(atoms: tuple[Atom, ...], scalars: tuple[Scalar, ...]) -> _Names:
    matrices: dict[str, Atom] = {}
    for atom in atoms:
        if matrices.setdefault(atom.name, atom) != atom:
            raise InputError("this name stands for two matrices", where=atom.name, remedy="rename one of them")
    generators: dict[str, Generator] = {}
    for value in (*scalars, *(dim for atom in atoms for dim in atom.shape)):
        for generator in generators_of(value):
            if generators.setdefault(generator.name, generator) != generator:
                raise InputError("this name stands for two scalars", where=generator.name, remedy="rename one of them")
    named = {name: generator_scalar(g) for name, g in generators.items() if not isinstance(g, Trace)}
    return _Names(matrices, named)


# matrices -----------------------------------------------------------------------------------------------------------


def _matrix(node: Any, names: _Names) -> Expr:
    import sympy

    match node:
        case sympy.MatrixSymbol():
            return _atom(node, names)
        case sympy.Identity() if node.args:
            return identity(_scalar(node.args[0], names))
        case sympy.ZeroMatrix() if node.args:
            return _zero(node, names)
        case sympy.MatAdd() if node.args:
            terms = tuple(_matrix(arg, names) for arg in node.args)
            return Sum(terms) if len(terms) > 1 else terms[0]
        case sympy.MatMul() if node.args:
            return _product(node, names)
        case sympy.MatPow():  # sympy.Inverse is one of these
            return _power(node, names)
        case sympy.Transpose(arg=sympy.Adjoint(arg=inner)) | sympy.Adjoint(arg=sympy.Transpose(arg=inner)):
            return EntrywiseConjugate(_matrix(inner, names))
        case sympy.Transpose(arg=inner):
            return Transpose(_matrix(inner, names))
        case sympy.Adjoint(arg=inner):
            return Adjoint(_matrix(inner, names))
    if isinstance(node, sympy.MatrixBase):
        raise InputError(
            "an explicit matrix",
            where=_text(node),
            remedy="declare a named matrix, and give its numbers where it is used",
        )
    raise _unsupported(node, "sums, products, powers, inverses, transposes, adjoints, Identity and ZeroMatrix")


def _atom(node: Any, names: _Names) -> Atom:
    name = str(node.name)
    if name not in names.atoms:
        raise _unknown("matrix", name, names.atoms)
    atom = names.atoms[name]
    shape = tuple(_scalar(dim, names) for dim in node.shape)
    if shape != atom.shape:
        raise InputError(
            f"a matrix symbol of shape {shape[0]} x {shape[1]}, declared as {atom.rows} x {atom.cols}",
            where=name,
            remedy="use one shape in both places",
        )
    return atom


def _product(node: Any, names: _Names) -> Expr:
    coefficient = ONE
    factors: list[Expr] = []
    for arg in node.args:
        if getattr(arg, "is_Matrix", False):
            factors.append(_matrix(arg, names))
        else:
            coefficient = coefficient * _scalar(arg, names)
    product = Product(tuple(factors)) if len(factors) > 1 else factors[0]
    if product == identity(product.rows):
        return ScalarMatrix(coefficient, product.rows)
    return product if coefficient == 1 else Scaled(coefficient, product)


def _power(node: Any, names: _Names) -> Expr:
    exponent = node.exp
    if exponent.is_Rational and exponent.q == 2:
        base, k = _root(node.base, names), int(exponent.p)
    elif exponent.is_Integer:
        base, k = _matrix(node.base, names), int(exponent)
    else:
        raise InputError(
            f"the exponent {_text(exponent)} of a matrix",
            where=_text(node),
            remedy="use an integer, or 1/2 for the square root of a psd matrix",
        )
    if k < 0:
        base, k = Inverse(base), -k
    return base if k == 1 else Power(base, k)


def _root(node: Any, names: _Names) -> Expr:
    """The psd square root of an atom; that of a transpose is the transpose of the root."""
    base = _matrix(node, names)
    match base:
        case (
            Transpose(argument=Atom() as atom)
            | Adjoint(argument=Atom() as atom)
            | EntrywiseConjugate(argument=Atom() as atom)
        ):
            return type(base)(SquareRoot(atom))
    return SquareRoot.of(base)


def _zero(node: Any, names: _Names) -> Expr:
    """A zero matrix: square, or zero times a product of declared matrices that has its shape."""
    rows, cols = (_scalar(dim, names) for dim in node.shape)
    if rows == cols:
        return ScalarMatrix(ZERO, rows)
    found: dict[Scalar, Expr | None] = {rows: None}
    pending = [rows]
    while pending and cols not in found:
        start = pending.pop(0)
        left = found[start]
        for atom in names.atoms.values():
            for step in (atom, Transpose(atom)):
                if step.rows == start and step.cols not in found:
                    found[step.cols] = step if left is None else left @ step
                    pending.append(step.cols)
    product = found.get(cols)
    if product is None:
        raise InputError(
            f"a zero matrix of shape {rows} x {cols}, a shape of no product of declared matrices",
            where=_text(node),
            remedy="declare a matrix of this shape",
        )
    return Scaled(ZERO, product)


# scalars ------------------------------------------------------------------------------------------------------------


def _scalar(node: Any, names: _Names) -> Scalar:
    import sympy

    match node:
        case sympy.Symbol():
            return _named(node, names)
        case sympy.Rational():
            return scalar(Fraction(int(node.p), int(node.q)))
        case sympy.Float():  # 15 digits are what sympy prints of a double, which knows 17
            return scalar(float(node)) if node._prec == 53 else scalar(Fraction(str(node)))
        case sympy.core.numbers.ImaginaryUnit():
            return IMAGINARY_UNIT
        case sympy.Add():
            return sum((_scalar(arg, names) for arg in node.args), ZERO)
        case sympy.Mul():
            total = ONE
            for arg in node.args:
                total = total * _scalar(arg, names)
            return total
        case sympy.Pow(base=base, exp=exponent) if exponent.is_Integer:
            return _scalar(base, names) ** int(exponent)
        case sympy.Pow(base=base, exp=exponent) if exponent.is_Rational and exponent.q == 2:
            return square_root(_scalar(base, names)) ** int(exponent.p)
        case sympy.conjugate():
            return _scalar(node.args[0], names).conjugate()
        case sympy.Trace():
            return Tr(_matrix(node.arg, names))
    raise _unsupported(node, "rational numbers, I, + - * /, integer powers, sqrt, conjugate and Trace")


def _named(node: Any, names: _Names) -> Scalar:
    if node.name in names.scalars:
        return names.scalars[node.name]
    if node.name in names.atoms:
        raise InputError(
            "a matrix used as a scalar symbol", where=node.name, remedy="write it as a MatrixSymbol with its shape"
        )
    raise _unknown("scalar", node.name, names.scalars)


# messages -----------------------------------------------------------------------------------------------------------


def _unknown(what: str, name: str, declared: Iterable[str]) -> InputError:
    close = get_close_matches(name, list(declared), 1)
    remedy = f"did you mean {close[0]!r}?" if close else "declare it"
    return InputError(f"unknown {what} {name!r}", where="sympy expression", remedy=remedy)


def _unsupported(node: Any, known: str) -> InputError:
    return InputError(f"{type(node).__name__} has no meaning here", where=_text(node), remedy=f"use {known}")


def _text(node: Any) -> str:
    text = str(node)
    return text if len(text) <= 80 else f"{text[:77]}..."
