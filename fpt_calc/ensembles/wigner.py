"""Wigner matrices: GOE (real symmetric) and GUE (complex Hermitian)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fpt_calc.errors import InputError, ShapeError
from fpt_calc.expr import EntryMoment, Expr, Operation, Sandwich
from fpt_calc.scalars import Scalar, grows


@dataclass(frozen=True)
class Wigner:
    """The Gaussian orthogonal (real) or unitary (complex) ensemble.

    Parameters
    ----------
    variance : s^2 = E|W_ij|^2 off the diagonal (on it 2 s^2 for GOE, s^2 for GUE);
        with s^2 = 1/d the semicircle has radius 2.
    field : "real" (GOE) or "complex" (GUE).
    """

    variance: Scalar
    field: str = "real"

    @property
    def facts(self) -> frozenset[str]:
        return frozenset({"symmetric", "hermitian"} if self.field == "real" else {"hermitian"})

    def check(self, name: str, rows: Scalar, cols: Scalar) -> None:
        if rows != cols:
            raise ShapeError(
                f"a Wigner matrix of shape {rows} x {cols}", where=name, remedy="Wigner matrices are square"
            )
        if not grows(rows):
            raise InputError(
                f"a random matrix of fixed size {rows} has no deterministic limit",
                where=name,
                remedy="give it a symbolic dimension",
            )

    def entry_moments(self) -> tuple[EntryMoment, ...]:
        s2 = self.variance
        if self.field == "real":  # E[W_ij W_kl] = s^2 (d_ik d_jl + d_il d_jk)
            return tuple(EntryMoment(c, crossed, s2) for c in (False, True) for crossed in (False, True))
        return (EntryMoment(False, True, s2), EntryMoment(True, False, s2))

    def sandwich(self, first: Operation, second: Operation) -> Sandwich | None:
        # E[W A W] = s^2 Tr(A); for GUE the transposed letter pairs with itself only.
        return Sandwich(self.variance, None, None) if first == second else None

    def sample(self, rng: Any, rows: int, cols: int, variance: float, correlate: Callable[[Expr, Any], Any]) -> Any:
        a = rng.standard_normal((rows, cols))
        if self.field == "real":
            return (a + a.T) * (variance / 2) ** 0.5
        a = a + 1j * rng.standard_normal((rows, cols))
        return (a + a.conj().T) * (variance / 4) ** 0.5

    def deterministic_parts(self) -> tuple[Expr, ...]:
        return ()

    def scalars(self) -> tuple[Scalar, ...]:
        return (self.variance,)

    def complexified(self) -> Wigner:
        return Wigner(self.variance, "complex")
