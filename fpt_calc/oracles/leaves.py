"""What stands at the leaves of expressions: letters, once operations are pushed down to them, atoms, coefficients."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from fpt_calc.errors import InputError
from fpt_calc.expr import (
    Adjoint,
    Atom,
    EntrywiseConjugate,
    Expr,
    Letter,
    Operation,
    Product,
    ScalarMatrix,
    Scaled,
    SquareRoot,
    Sum,
    Transpose,
    atoms,
    compose,
    letter,
    postorder,
    rebuild,
    traces_of,
)
from fpt_calc.scalars import Scalar

Images = dict[tuple[int, Operation], Expr]


def push_operations(
    expr: Expr,
    letters: Callable[[Letter], Expr] = lambda x: x.expression,
    coefficients: Callable[[Scalar], Scalar] = lambda c: c,
) -> Expr:
    """An equal expression whose operations ``.T``, ``.H``, ``conj`` stand at letters only.

    ``letters`` and ``coefficients`` say what to put for each letter and each scalar (the same thing by default).
    Shared subexpressions stay shared.

    >>> from fpt_calc.scalars import dimension
    >>> A, B = (Atom(name, dimension("n"), dimension("n"), entries="complex") for name in "AB")
    >>> print(push_operations((2j*(A @ B.T) + 1).H))
    -2*1j*conj(B)@A.H + 1
    """
    nodes = list(postorder(expr))
    wanted: dict[int, set[Operation]] = {id(node): set() for node in nodes}
    wanted[id(expr)].add("")
    for node in reversed(nodes):
        for child in node.children:
            wanted[id(child)] |= {compose(operation, _own_operation(node)) for operation in wanted[id(node)]}
    images: Images = {}
    for node in nodes:
        for operation in wanted[id(node)]:
            images[id(node), operation] = _image(node, operation, images, letters, coefficients)
    return images[id(expr), ""]


def as_letter(node: Expr) -> Letter | None:
    """The letter that a leaf of a pushed expression is, or None for any other node."""
    base = node.children[0] if _own_operation(node) else node
    return letter(base, _own_operation(node)) if isinstance(base, Atom | SquareRoot) else None


def coefficients_in(expr: Expr) -> tuple[Scalar, ...]:
    """The scalars that stand in an expression as factors or multiples of the identity."""
    nodes = list(postorder(expr))
    scaled = [node.coefficient for node in nodes if isinstance(node, Scaled)]
    return (*scaled, *(node.value for node in nodes if isinstance(node, ScalarMatrix)))


def atoms_behind(targets: Iterable[Scalar]) -> tuple[Atom, ...]:
    """All atoms that scalars depend on: in their traces, in the coefficients inside these, and in covariances.

    Raises `InputError` if one name stands for two matrices.
    """
    found: dict[str, Atom] = {}
    seen: set[Expr] = set()
    pending = list(targets)
    while pending:
        arguments = {trace.argument for trace in traces_of(pending.pop())} - seen
        while arguments:
            argument = arguments.pop()
            seen.add(argument)
            pending += coefficients_in(argument)
            for atom in atoms(argument):
                if found.setdefault(atom.name, atom) != atom:
                    raise InputError(f"the name {atom.name!r} stands for two matrices", remedy="rename one of them")
                if atom.law is not None:
                    pending += atom.law.scalars()
                    arguments |= {*atom.law.deterministic_parts()} - seen
    return tuple(found.values())


def _own_operation(node: Expr) -> Operation:
    match node:
        case Transpose():
            return "T"
        case Adjoint():
            return "H"
        case EntrywiseConjugate():
            return "conj"
    return ""


def _image(
    node: Expr,
    operation: Operation,
    images: Images,
    letters: Callable[[Letter], Expr],
    coefficients: Callable[[Scalar], Scalar],
) -> Expr:
    def coefficient(value: Scalar) -> Scalar:
        return coefficients(value.conjugate() if operation in ("H", "conj") else value)

    if isinstance(node, Atom | SquareRoot):
        return letters(letter(node, operation))
    children = tuple(images[id(child), compose(operation, _own_operation(node))] for child in node.children)
    match node:
        case Transpose() | Adjoint() | EntrywiseConjugate():
            return children[0]
        case ScalarMatrix(value=value, rows=dim):
            return ScalarMatrix(coefficient(value), dim)
        case Scaled(coefficient=value):
            return Scaled(coefficient(value), children[0])
        case Sum():
            return Sum(children)
        case Product():
            return Product(children[::-1] if operation in ("T", "H") else children)
    return rebuild(node, children)
