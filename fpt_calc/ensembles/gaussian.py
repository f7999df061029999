"""Rectangular Gaussian matrices Z = s C^(1/2) Z0 D^(1/2), Z0 with iid N(0, 1) entries, real or complex.

Complex means E|Z0_ij|^2 = 1 and E[Z0_ij^2] = 0.  C is the row covariance, D the column covariance (of the columns'
indices): a design with rows N(0, Sigma/n) has D = Sigma and s^2 = 1/n.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fpt_calc.ensembles.support import check_covariance
from fpt_calc.errors import InputError
from fpt_calc.expr import EntryMoment, Expr, Operation, Sandwich, Transpose
from fpt_calc.scalars import Scalar, grows


@dataclass(frozen=True)
class Gaussian:
    """The law of a rectangular Gaussian matrix.

    Parameters
    ----------
    variance : s^2, any scalar such as ``1/n``; for complex entries E|Z_ij|^2.
    field : "real" or "complex".
    row_covariance, covariance : C (rows x rows) and D (cols x cols), deterministic psd
        expressions; None is the identity.
    """

    variance: Scalar
    field: str = "real"
    row_covariance: Expr | None = None
    covariance: Expr | None = None

    @property
    def facts(self) -> frozenset[str]:
        return frozenset()

    def check(self, name: str, rows: Scalar, cols: Scalar) -> None:
        if not (grows(rows) or grows(cols)):
            raise InputError(
                f"a random matrix of fixed shape {rows} x {cols} has no deterministic limit",
                where=name,
                remedy="give it at least one symbolic dimension",
            )
        if self.row_covariance is not None:
            check_covariance(name, "row_covariance", self.row_covariance, rows, self.field)
        if self.covariance is not None:
            check_covariance(name, "covariance", self.covariance, cols, self.field)

    def entry_moments(self) -> tuple[EntryMoment, ...]:
        c, d = self.row_covariance, self.covariance
        if self.field == "real":
            return (EntryMoment(False, False, self.variance, c, d), EntryMoment(True, False, self.variance, c, d))
        # E[Z_ij conj(Z_kl)] = s^2 C_ik D_lj, and D_lj = (D^T)_jl for a Hermitian D
        return (EntryMoment(True, False, self.variance, c, None if d is None else Transpose(d)),)

    def sandwich(self, first: Operation, second: Operation) -> Sandwich | None:
        # E[Z W Z^H] = s^2 Tr(W D) C and E[Z^H W Z] = s^2 Tr(W C) D; entrywise conjugation transposes C and D.
        c, d, s2 = self.row_covariance, self.covariance, self.variance
        adjoint: Operation = "T" if self.field == "real" else "H"
        if (first, second) == ("", adjoint):
            return Sandwich(s2, d, c)
        if (first, second) == (adjoint, ""):
            return Sandwich(s2, c, d)
        if self.field == "complex":
            ct, dt = (None if x is None else Transpose(x) for x in (c, d))
            if (first, second) == ("conj", "T"):
                return Sandwich(s2, dt, ct)
            if (first, second) == ("T", "conj"):
                return Sandwich(s2, ct, dt)
        return None

    def sample(self, rng: Any, rows: int, cols: int, variance: float, correlate: Callable[[Expr, Any], Any]) -> Any:
        scale = variance**0.5
        if self.field == "real":
            z = rng.standard_normal((rows, cols)) * scale
        else:
            z = (rng.standard_normal((rows, cols)) + 1j * rng.standard_normal((rows, cols))) * (scale / 2**0.5)
        if self.row_covariance is not None:
            z = correlate(self.row_covariance, z)
        if self.covariance is not None:
            z = correlate(self.covariance, z.conj().T).conj().T
        return z

    def deterministic_parts(self) -> tuple[Expr, ...]:
        return tuple(x for x in (self.row_covariance, self.covariance) if x is not None)

    def scalars(self) -> tuple[Scalar, ...]:
        return (self.variance,)

    def complexified(self) -> Gaussian:
        return Gaussian(self.variance, "complex", self.row_covariance, self.covariance)
