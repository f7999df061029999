"""The effective ridge of kernel ridge regression on a power-law spectrum, in a proved ball."""

from __future__ import annotations

import math
from dataclasses import dataclass

from flint import arb, ctx, fmpq

from fpt_calc.errors import ComputationError, InputError
from fpt_calc.oracles.exact_numbers import Exact, bits_of, checked_count, checked_digits, exact, positive_exact
from fpt_calc.oracles.power_spectra import ResolventFactor
from fpt_calc.oracles.spectral_sums import spectral_sum

COARSE = 20  # digits of the search for the root
CLOSE = 1e-8  # of the logarithm of kappa, where Newton's method is left to double its digits
STEPS = 200
ATTEMPTS = 4


@dataclass(frozen=True)
class Ridge:
    """``lam = kappa (1 - df1(kappa)/n)`` for eigenvalues ``scale k^-exponent log(k+1)^log_power``, k = 1 .. terms."""

    lam: fmpq
    n: fmpq
    exponent: Exact
    scale: Exact | arb
    terms: int | None
    log_power: Exact


def effective_ridge(
    lam: Exact,
    n: Exact,
    exponent: Exact,
    *,
    scale: Exact | arb = 1,
    terms: int | None = None,
    log_power: Exact = 0,
    digits: int = 30,
) -> arb:
    """The ball around the kappa > 0 with ``lam = kappa (1 - df1(kappa)/n)``, ``df1 = sum_k l_k/(l_k + kappa)``.

    Parameters
    ----------
    lam : the ridge, >= 0, in the normalization of the loss |X w - y|^2/n + lam |w|^2; at 0 kappa solves df1 = n.
    n : the number of samples, > 0.
    exponent : beta of the eigenvalues l_k = scale k^-beta log(k+1)^log_power.
    scale : a > 0; a number, or a ball which has to be narrow enough for the digits.
    terms : the number of eigenvalues, or None for infinitely many (trace class: beta > 1, or beta = 1 and
        log_power < -1).
    log_power : gamma.
    digits : the radius is at most 10^-digits kappa.

    Raises
    ------
    InputError
        for numbers out of range, an infinite trace, and lam = 0 with no more eigenvalues than samples: kappa = 0.
    ComputationError
        where the signs on both sides are not decided in balls.

    ``lam/kappa + df1/n - 1`` decreases in kappa, so that opposite signs at two points enclose the only root.

    >>> kappa = effective_ridge(0, 10**6, "1.5", digits=20)
    >>> kappa.str(15, radius=False)
    '3.76089879835273e-9'
    """
    wanted = checked_digits(digits)
    limit = None if terms is None else checked_count(terms, "terms", 1)
    problem = _checked(Ridge(exact(lam, "lam"), positive_exact(n, "n"), exponent, scale, limit, log_power))
    with ctx.workprec(bits_of(wanted) + 64):
        kappa = _approximate(problem)
        for attempt in range(ATTEMPTS):
            accuracy = wanted + COARSE * 2**attempt
            with ctx.workprec(bits_of(accuracy) + 64):
                kappa = _polished(problem, kappa, accuracy)
                found = enclosure(problem, kappa, wanted, accuracy)
                if found is not None:
                    return found
    remedy = "ask for fewer digits, or give an exact scale"
    raise ComputationError("the signs around the root are not decided", where="effective ridge", remedy=remedy)


def enclosure(problem: Ridge, kappa: arb, digits: int, accuracy: int) -> arb | None:
    """The ball of relative radius 10^-(digits + 1) around kappa if the signs at its ends prove a root in it."""
    margin = arb(10) ** -(digits + 1)
    low, high = (kappa * (1 - margin)).mid(), (kappa * (1 + margin)).mid()
    proved = _excess(problem, low, accuracy) > 0 and _excess(problem, high, accuracy) < 0
    return low.union(high) if proved else None


def _checked(problem: Ridge) -> Ridge:
    if problem.lam < 0:
        raise InputError(f"{problem.lam} is negative", where="lam", remedy="give lam >= 0")
    if problem.lam == 0 and problem.terms is not None and problem.n >= problem.terms:
        remedy = "give lam > 0, or more eigenvalues than samples"
        what = f"df1 = n has no solution with {problem.terms} eigenvalues"
        raise InputError(what, where="effective ridge", remedy=remedy)
    return problem


def _sum(problem: Ridge, kappa: arb | None, order: int, digits: int) -> arb:
    """``sum_k l_k/(l_k + kappa)^order``."""
    p = problem
    factors = [] if kappa is None else [ResolventFactor(p.exponent, kappa, order, p.scale, p.log_power)]
    return spectral_sum(p.exponent, factors, terms=p.terms, scale=p.scale, log_power=p.log_power, digits=digits)


def _excess(problem: Ridge, kappa: arb, digits: int) -> arb:
    """``lam/kappa + df1/n - 1``."""
    return arb(problem.lam) / kappa + _sum(problem, kappa, 1, digits) / arb(problem.n) - 1


def _newton_step(problem: Ridge, kappa: arb, digits: int) -> tuple[arb, arb]:
    """The excess, and the step in log kappa that makes ``log(lam/kappa + df1/n)`` zero to first order.

    In log kappa this is nearly a straight line for a power law.  Minus its slope is ``lam/kappa + (df1 - df2)/n`` over
    its argument, df1 - df2 = kappa sum l/(l + kappa)^2.
    """
    excess = _excess(problem, kappa, digits)
    slope = arb(problem.lam) / kappa + kappa * _sum(problem, kappa, 2, digits) / arb(problem.n)
    return excess, (1 + excess) * excess.log1p() / slope


def _approximate(problem: Ridge) -> arb:
    """Newton's method in log kappa within a bracket, to about eight digits.

    kappa <= lam + trace/n, as kappa df1 <= trace.
    """
    upper = (arb(problem.lam) + _sum(problem, None, 0, COARSE) / arb(problem.n)).log().upper()
    lower = _lower(problem, upper)
    point = upper
    for _ in range(STEPS):
        excess, step = _newton_step(problem, point.exp().mid(), COARSE)
        lower, upper = (point, upper) if excess > 0 else (lower, point)
        target = (point + step).mid()
        if abs(step) < CLOSE:
            return target.exp().mid()
        point = target if lower < target < upper else ((lower + upper) / 2).mid()
    raise ComputationError("no convergence", where="effective ridge", remedy="report this case")


def _lower(problem: Ridge, upper: arb) -> arb:
    """Below log kappa: lam is, as 1 - df1/n <= 1; without a ridge, by steps that double."""
    if problem.lam != 0:
        return arb(problem.lam).log().lower()
    for k in range(STEPS):
        point = (upper - arb(2) ** k).mid()
        if _excess(problem, point.exp().mid(), COARSE) > 0:
            return point
    raise ComputationError("no lower bound", where="effective ridge", remedy="report this case")


def _polished(problem: Ridge, kappa: arb, digits: int) -> arb:
    """Newton's method at full precision, as often as doubling of eight digits needs."""
    for _ in range(1 + math.ceil(math.log2(digits / 8))):
        _, step = _newton_step(problem, kappa, digits)
        kappa = (kappa * step.exp()).mid()
    return kappa
