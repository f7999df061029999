"""`deterministic_equivalent`: what a random matrix is close to, as the user holds it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fpt_calc.api.values import declared_in, point_from_values
from fpt_calc.closed_form import ParameterEquation
from fpt_calc.derivation import LimitLaw
from fpt_calc.equivalent import Equivalent, equivalent
from fpt_calc.errors import InputError
from fpt_calc.expr import Atom, Expr
from fpt_calc.formula import Formula
from fpt_calc.logic import Status
from fpt_calc.scalars import Generator, Scalar


@dataclass(frozen=True)
class DeterministicEquivalent:
    """The deterministic matrix to which a random one is equivalent; prints the statement and evaluates it.

    ``limit`` holds everything; the properties are what it is printed from.
    """

    limit: Equivalent

    @property
    def expr(self) -> Expr:
        """The random matrix."""
        return self.limit.expr

    @property
    def terms(self) -> tuple[tuple[Formula, Expr], ...]:
        """Coefficients and deterministic matrices; none where the equivalent is zero."""
        return self.limit.terms

    @property
    def parameters(self) -> tuple[ParameterEquation, ...]:
        """The equations of kappa and other parameters."""
        return self.limit.parameters

    @property
    def abbreviations(self) -> tuple[tuple[Generator, Formula | Scalar], ...]:
        """Names such as df2, with what they stand for."""
        return self.limit.abbreviations

    @property
    def matrices(self) -> tuple[tuple[Atom, Expr], ...]:
        """Named matrices such as G, with their definitions."""
        return self.limit.matrices

    @property
    def law(self) -> LimitLaw:
        """The law of ``tau(probe @ expr)`` for a generic matrix, from which the equivalent is read off."""
        return self.limit.law

    @property
    def status(self) -> Status:
        """How much is known: that of the derivation."""
        return self.limit.status

    def at(self, **values: Any) -> Any:
        """The equivalent at a point, an array; where all matrices are spectra, its diagonal.

        Raises `InputError` for missing or contradictory values, `ComputationError` if no solution was found.
        """
        return self.limit.at(point_from_values(declared_in(self.law), None, values))

    def __str__(self) -> str:
        return str(self.limit)

    def __repr__(self) -> str:
        return str(self)


def deterministic_equivalent(expr: Expr, *, given: Iterable[Atom] | Atom = ()) -> DeterministicEquivalent:
    """The deterministic equivalent of a matrix expression, for all values of the deterministic matrices in it.

    ``A ≃ B`` means that ``Tr(C (A - B)) -> 0`` for every deterministic C of bounded nuclear norm, so that
    ``tau(C A) - tau(C B) -> 0`` for C of bounded operator norm.  It is read off the limit of ``tau(T @ expr)`` with a
    generic matrix T, in which it is linear.

    Equivalents cannot be multiplied: with R = inv(X.T@X + lam) the equivalent of R@A@R is not that of R twice.  Ask
    for the product as a whole.

    Parameters
    ----------
    expr : the random matrix; it may be rectangular.
    given : random matrices to condition on.

    Raises
    ------
    InputError
        where the expression cannot be meant.
    CannotDecideError
        where there is no closed form, or none that can be read.

    >>> import fpt_calc as fc
    >>> n, d = fc.dims("n d")
    >>> (lam,) = fc.scalars("lam", "positive")
    >>> Sigma, A = fc.matrix("Sigma", d, d, "psd"), fc.matrix("A", d, d)
    >>> X = fc.gaussian("X", n, d, variance=1/n, covariance=Sigma)
    >>> R = fc.inv(X.T @ X + lam)
    >>> fc.deterministic_equivalent(R)
    inv(X.T@X + lam) ≃ kappa/lam*inv(Sigma + kappa)
    lam = kappa*(1 - df1/n), kappa > 0
    df1 = Tr(Sigma@inv(Sigma + kappa))
    >>> print(fc.deterministic_equivalent(lam**2 * R @ A @ R))
    lam**2*inv(X.T@X + lam)@A@inv(X.T@X + lam) ≃ kappa**2*G@A@G + kappa**2*Tr(A@Sigma@G**2)/(n - df2)*Sigma@G**2
    lam = kappa*(1 - df1/n), kappa > 0
    df1 = Tr(Sigma@G)
    df2 = Tr((Sigma@G)**2)
    G = inv(Sigma + kappa)
    >>> fc.deterministic_equivalent(R).at(n=300, d=3, lam=1, Sigma=[1, 2, 3]).round(3)
    array([0.502, 0.335, 0.251])
    """
    if not isinstance(expr, Expr):
        raise InputError(f"{expr!r} is not a matrix", where="deterministic_equivalent", remedy="derive scalars instead")
    return DeterministicEquivalent(equivalent(expr, (given,) if isinstance(given, Atom) else tuple(given)))
