"""Rewritings before linearization: flat products, powers spelled out, projections and orthogonal matrices simplified.

The pencil treats letters as free; the few relations that facts impose (``P @ P == P``, ``O.T @ O == 1``) are applied
here, to adjacent factors.  Square roots are handled by writing S as sqrt(S) @ sqrt(S) in the linearization.
"""

from __future__ import annotations

from fpt_calc.expr import (
    Adjoint,
    Atom,
    EntrywiseConjugate,
    Expr,
    Inverse,
    Letter,
    Operation,
    Power,
    Product,
    ScalarMatrix,
    Scaled,
    SquareRoot,
    Sum,
    Transpose,
    compose,
    conjugate_letter,
    factors_of,
    flat_product,
    flat_sum,
    fold,
    identity,
    letter,
    rebuild,
    scaled,
)

MAX_POWER = 64


def normalize(expr: Expr) -> Expr:
    """An equal expression with flat products and sums, short powers spelled out, and the relations of facts applied."""
    return fold(expr, _combine)


def _combine(node: Expr, children: tuple[Expr, ...]) -> Expr:
    match node:
        case Product():
            return product(children)
        case Sum():
            return flat_sum(children)
        case Power(exponent=k) if k <= MAX_POWER:
            return product((children[0],) * k) if k else identity(node.rows)
        case Scaled(coefficient=c):
            return scaled(c, children[0])
        case Transpose():
            return _moved("T", children[0])
        case Adjoint():
            return _moved("H", children[0])
        case EntrywiseConjugate():
            return _moved("conj", children[0])
    return rebuild(node, children)


def product(factors: tuple[Expr, ...]) -> Expr:
    """A flat product: scalars in front, identities dropped, adjacent letters simplified by their facts."""
    coefficient, flat = factors_of(*factors)
    kept: list[Expr] = []
    for factor in flat:
        if not (kept and _cancels(kept, factor)):
            kept.append(factor)
    return flat_product((ScalarMatrix(coefficient, factors[0].rows), *kept))


def _cancels(flat: list[Expr], factor: Expr) -> bool:
    """Apply ``P P = P`` or ``O O^H = 1`` to the last factor and the next one; whether the next one is used up."""
    left, right = as_letter(flat[-1]), as_letter(factor)
    if left is None or right is None or left.base != right.base or not isinstance(left.base, Atom):
        return False
    facts = left.atom.facts
    if "projection" in facts and left == right:
        return True
    if "orthogonal" in facts and letter(left.base, compose("H", left.operation)) == right:
        flat.pop()
        return True
    return False


def _moved(operation: Operation, argument: Expr) -> Expr:
    """Transposes, adjoints and conjugates move inwards, so that rotations of traces see all factors."""
    match argument:
        case Product(factors=factors):
            moved = tuple(_moved(operation, f) for f in factors)
            return product(moved if operation == "conj" else moved[::-1])
        case Sum(terms=terms):
            return Sum(tuple(_moved(operation, t) for t in terms))
        case Scaled(coefficient=c, argument=inner):
            return scaled(c if operation == "T" else c.conjugate(), _moved(operation, inner))
        case ScalarMatrix(value=c, rows=dim):
            return argument if operation == "T" else ScalarMatrix(c.conjugate(), dim)
        case Inverse(argument=inner):
            return Inverse(_moved(operation, inner))
        case Transpose() | Adjoint() | EntrywiseConjugate() | Atom() | SquareRoot():
            found = as_letter(argument)
            if found is not None:
                return conjugate_letter(found, operation).expression
    return _NODES[operation](argument)


_NODES: dict[Operation, type[Transpose] | type[Adjoint] | type[EntrywiseConjugate]] = {
    "T": Transpose,
    "H": Adjoint,
    "conj": EntrywiseConjugate,
}


def as_letter(expr: Expr) -> Letter | None:
    """The letter that an expression is, if it is one."""
    match expr:
        case Atom() | SquareRoot():
            return letter(expr)
        case Transpose(argument=(Atom() | SquareRoot()) as base):
            return letter(base, "T")
        case Adjoint(argument=(Atom() | SquareRoot()) as base):
            return letter(base, "H")
        case EntrywiseConjugate(argument=(Atom() | SquareRoot()) as base):
            return letter(base, "conj")
    return None
