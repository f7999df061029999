"""What the engine and the oracles may ask of the law of a random matrix.

A law states its second moments twice, independently: entrywise (all that oracles use) and in operator form (what the
engine uses).  `tests/test_laws.py` checks sampler, entries and operator form against each other for every law.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from fpt_calc.scalars import Scalar

if TYPE_CHECKING:
    from fpt_calc.expr.nodes import Expr

Operation = Literal["", "T", "H", "conj"]
"""How a letter occurs: as itself, transposed, adjoint, or entrywise conjugated."""


@dataclass(frozen=True)
class EntryMoment:
    """One term of a second moment of the entries of Z.

    ``conjugated`` says whether it is a term of E[Z_ij conj(Z_kl)] or of E[Z_ij Z_kl].  The term is
    ``variance * left[i,k] * right[j,l]``, or with ``crossed``: ``variance * left[i,l] * right[j,k]``.
    ``left``, ``right``: deterministic matrices; None is the identity.
    """

    conjugated: bool
    crossed: bool
    variance: Scalar
    left: Expr | None = None
    right: Expr | None = None


@dataclass(frozen=True)
class Sandwich:
    """``E[A W B] = variance * Tr(W inner) * outer`` up to terms without a trace; None is the identity."""

    variance: Scalar
    inner: Expr | None
    outer: Expr | None


class Law(Protocol):
    """The law of a centred Gaussian-type random matrix Z; adding one is one file in `fpt_calc/ensembles`."""

    @property
    def field(self) -> str:
        """ "real" or "complex" entries."""

    @property
    def facts(self) -> frozenset[str]:
        """Symmetries that hold almost surely: "symmetric", "hermitian" or none."""

    def check(self, name: str, rows: Scalar, cols: Scalar) -> None:
        """Raise `InputError` if a matrix of this shape cannot have this law."""

    def entry_moments(self) -> tuple[EntryMoment, ...]:
        """The exact second moments of the entries."""

    def sandwich(self, first: Operation, second: Operation) -> Sandwich | None:
        """The operator form of E[first(Z) W second(Z)], or None if it has no trace term."""

    def sample(self, rng: Any, rows: int, cols: int, variance: float, correlate: Callable[[Expr, Any], Any]) -> Any:
        """A draw as a numpy array; ``correlate(C, z)`` is ``B @ z`` for some B where ``B @ B.H == C``."""

    def deterministic_parts(self) -> tuple[Expr, ...]:
        """The deterministic matrices the law depends on."""

    def scalars(self) -> tuple[Scalar, ...]:
        """The scalars the law depends on (its variance)."""

    def complexified(self) -> Law:
        """The complex law with the same moments in operator form: real entries become complex."""
