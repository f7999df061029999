"""Letters: an atom (or the square root of one) together with how it occurs, in canonical form.

For a real matrix ``Z.H`` is the letter ``Z.T``; for a symmetric one ``S.T`` is the letter ``S``; a complex Gaussian Z
has four letters Z, Z.T, Z.H, conj(Z).
"""

from __future__ import annotations

from dataclasses import dataclass

from fpt_calc.expr.law import Operation
from fpt_calc.expr.nodes import Adjoint, Atom, EntrywiseConjugate, Expr, SquareRoot, Transpose
from fpt_calc.scalars import Scalar

_BITS: dict[Operation, tuple[bool, bool]] = {
    "": (False, False),
    "T": (True, False),
    "conj": (False, True),
    "H": (True, True),
}
_NAMES = {bits: name for name, bits in _BITS.items()}


def compose(first: Operation, second: Operation) -> Operation:
    """The operation ``first`` after ``second`` (they commute and are involutions)."""
    a, b = _BITS[first], _BITS[second]
    return _NAMES[(a[0] != b[0], a[1] != b[1])]


@dataclass(frozen=True)
class Letter:
    """A matrix as it occurs in words; made by `letter`, which chooses the canonical operation."""

    base: Atom | SquareRoot
    operation: Operation = ""

    @property
    def atom(self) -> Atom:
        return self.base if isinstance(self.base, Atom) else self.base.argument

    @property
    def is_random(self) -> bool:
        return self.atom.is_random

    @property
    def rows(self) -> Scalar:
        return self.base.cols if _BITS[self.operation][0] else self.base.rows

    @property
    def cols(self) -> Scalar:
        return self.base.rows if _BITS[self.operation][0] else self.base.cols

    @property
    def expression(self) -> Expr:
        """The letter as an expression."""
        nodes = {"": lambda x: x, "T": Transpose, "H": Adjoint, "conj": EntrywiseConjugate}
        result: Expr = nodes[self.operation](self.base)
        return result

    def __str__(self) -> str:
        return str(self.expression)


def letter(base: Atom | SquareRoot, operation: Operation = "") -> Letter:
    """The canonical letter for ``operation`` applied to ``base``.

    >>> from fpt_calc.scalars import dimension
    >>> S = Atom("S", dimension("d"), dimension("d"), facts=frozenset({"symmetric"}))
    >>> letter(S, "H") == letter(S)
    True
    """
    atom = base if isinstance(base, Atom) else base.argument
    trivial: list[Operation] = [""]
    if atom.entries == "real":
        trivial.append("conj")
    if "symmetric" in atom.facts:
        trivial.append("T")
    if "hermitian" in atom.facts:
        trivial.append("H")
    trivial += [compose(a, b) for a in trivial for b in trivial]
    order: tuple[Operation, ...] = ("", "T", "H", "conj")
    return Letter(base, min((compose(operation, t) for t in trivial), key=order.index))


def conjugate_letter(value: Letter, operation: Operation) -> Letter:
    """A further operation applied to a letter."""
    return letter(value.base, compose(operation, value.operation))
