"""Sums of powers up to d for large d, by the summation formula of Euler and Maclaurin."""

from __future__ import annotations

import sympy
from sympy import Expr

from fpt_calc.scaling.expansions.residues import hurwitz


def upper_terms(tau: Expr, count: int) -> list[tuple[Expr, Expr, int]]:
    """What depends on d in ``sum_{k=1}^d k^-tau``: (coefficient, exponent of d, power of log d), the largest first.

    It is ``-zeta(tau, d + 1)``, for tau = 1 ``psi(d + 1)``: ``d^(1-tau)/(1-tau)`` or ``log d``, then ``d^-tau/2`` and
    ``-B_2k/(2k)! (tau)_{2k-1} d^(1-tau-2k)``.

    Parameters
    ----------
    tau : the exponent, of either sign, may be symbolic.
    count : how many exponents of d, whether or not their coefficients vanish.

    >>> upper_terms(sympy.Integer(-2), 4)                   # d^3/3 + d^2/2 + d/6
    [(1/3, 3, 0), (1/2, 2, 0), (1/6, 1, 0), (0, -1, 0)]
    >>> upper_terms(sympy.Integer(1), 2)
    [(1, 0, 1), (1/2, -1, 0)]
    """
    first = (sympy.S.One, sympy.S.Zero, 1) if tau == 1 else (1 / (1 - tau), 1 - tau, 0)
    terms = [first, (sympy.S.Half, -tau, 0)]
    for k in range(1, count - 1):
        coefficient = -sympy.bernoulli(2 * k) / sympy.factorial(2 * k) * sympy.rf(tau, 2 * k - 1)
        terms.append((coefficient, 1 - tau - 2 * k, 0))
    return terms[:count]


def constant_term(tau: Expr, start: int) -> Expr:
    """``sum_{k=start}^d k^-tau`` without its `upper_terms`: ``zeta(tau, start)``, for tau = 1 ``-psi(start)``.

    >>> constant_term(sympy.Integer(1), 1), constant_term(sympy.Integer(2), 1)
    (EulerGamma, pi**2/6)
    """
    return -sympy.digamma(start) if tau == 1 else hurwitz(tau, start)
