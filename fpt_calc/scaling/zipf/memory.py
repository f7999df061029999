"""Associative memory with two outputs: ``f(x) = argmax over y of u_y' W e_x``, ``W = sum of q(i) u_f(i) e_i'``.

Inputs e_i are N(0, I/d), outputs u_1, u_2 are uniform on the unit sphere of R^d; the items i in the sum are those that
were seen.  With a = 1 - u_1'u_2 the score of the right output less that of the other one is, for an item x that was
seen,

    a (q(x) |e_x|^2 + sum over i != x of +-q(i) e_i'e_x),

and e_i'e_x given e_x is N(0, |e_x|^2/d), independently for each i.  So the answer is wrong where a normal variable
exceeds |e_x| q(x) sqrt(d/S), S = sum over i != x of q(i)^2; as d |e_x|^2 is chi-square with d degrees of freedom, the
chance is P(t_d > q(x) sqrt(d/S)) with Student's t_d.  This is exact at every d, given what was seen.  An item that was
not seen has no signal and is wrong with chance 1/2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import flint
import numpy as np
import numpy.typing as npt
import sympy

from fpt_calc.errors import InputError
from fpt_calc.scaling.zipf.laws import TrainingLaw, ZipfLaw
from fpt_calc.scaling.zipf.mellin import NORMAL_TAIL, leading_term
from fpt_calc.scaling.zipf.monomials import Monomial, monomial, order, times
from fpt_calc.scaling.zipf.numbers import count, exact, fraction, symbol
from fpt_calc.scaling.zipf.regimes import Regime, ZipfAsymptotics
from fpt_calc.scaling.zipf.segments import tested

Floats = npt.NDArray[np.float64]

D = symbol("d")
MAX_ITEMS = 20_000
MAX_DIMENSION = 100_000
PRECISION = 128


@dataclass(frozen=True)
class PowerWeights:
    """``q(i) = p_i**rho``; made by `power_weights`."""

    rho: Any


@dataclass(frozen=True)
class Threshold:
    """``q(i) = 1`` for ``i <= stored``, 0 for the others; made by `threshold`."""

    stored: int


Weights = PowerWeights | Threshold


def power_weights(rho: Any) -> PowerWeights:
    """``q(i) = p_i**rho``, with rho >= 0, a number or a symbol.

    >>> power_weights("1/2")
    PowerWeights(rho=1/2)
    """
    power = exact(rho, "rho")
    if power.is_negative:
        raise InputError(f"the power {power} is negative", where="rho", remedy="give rho >= 0")
    return PowerWeights(power)


def threshold(stored: int) -> Threshold:
    """``q(i) = 1`` for the first items, at least one.

    >>> threshold(10)
    Threshold(stored=10)
    """
    return Threshold(count(stored, "stored", 1))


def memory_error(
    test: ZipfLaw, weights: Weights, dimension: int, training: TrainingLaw | None = None, size: int | None = None
) -> float:
    """The expected test error of an associative memory with two outputs.

    Parameters
    ----------
    test : Zipf's law of the test with at most 20000 items.
    weights : of the items in W.
    dimension : d, from 1 to 100000.
    training, size : the law of T training items; None if all items were seen.  The sum S over items that were seen is
        replaced by its mean.

    Raises `InputError` for other numbers.

    >>> memory_error(ZipfLaw(2, items=1000), power_weights(1), 100)
    0.08003...
    """
    d = count(dimension, "dimension", 1)
    if d > MAX_DIMENSION:
        remedy = "give less; the asymptotics hold beyond"
        raise InputError(f"{d} is above {MAX_DIMENSION}", where="dimension", remedy=remedy)
    if test.items is None or test.items > MAX_ITEMS:
        raise InputError("too many items", where="items", remedy=f"give a law with at most {MAX_ITEMS} items")
    if (training is None) != (size is None):
        raise InputError("a training law goes with a number of items", where="training", remedy="give both, or none")
    x = np.arange(1, test.items + 1, dtype=float)
    p = x ** -float(fraction(test.beta, "beta"))
    p /= p.sum()
    seen = np.ones(test.items) if training is None else _seen(test, training, count(size, "samples"), x)
    squares = _weights(weights, x, p) ** 2
    stored = seen * squares
    noise = np.array([math.fsum(stored)]) - stored
    with np.errstate(divide="ignore", invalid="ignore"):  # nothing else is stored: no noise, unless nothing is stored
        signal = np.where(squares > 0, np.sqrt(squares / noise), 0.0)
    return math.fsum(p * (seen * _wrong(d, signal) + (1 - seen) / 2))


def _seen(test: ZipfLaw, training: TrainingLaw, size: int, x: Floats) -> Floats:
    """The chances that items are among the training items."""
    with flint.ctx.workprec(PRECISION):
        parts = tested(test, training)
    found = np.zeros_like(x)
    for s in parts:
        inside = slice(s.first - 1, s.last)
        q = sum((float(w) * x[inside] ** -float(e) for w, e in s.terms), np.zeros_like(x[inside]))
        with np.errstate(divide="ignore"):  # what is always drawn is seen
            found[inside] = -np.expm1(size * np.log1p(-np.minimum(q, 1.0))) if size else 0.0
    return found


def _weights(weights: Weights, x: Floats, p: Floats) -> Floats:
    match weights:
        case PowerWeights(rho=rho):
            return p ** float(fraction(rho, "rho"))
        case Threshold(stored=stored):
            return (x <= stored).astype(float)
    raise TypeError(f"unknown weights {weights!r}")


def _wrong(d: int, signal: Floats) -> Floats:
    """P(t_d > sqrt(d)*signal), as the mean of a normal tail over r with d r^2 chi-square.

    In u = log(r) the density is proportional to exp(d (u - exp(2 u)/2)), below exp(-40) of its maximum outside the
    range (there u - exp(2 u)/2 + 1/2 is at most -u^2 for u > 0, -2 u^2/3 for -1/2 < u < 0, and u + 1/2).  The function
    is analytic, so that the trapezoidal rule converges exponentially.
    """
    is_large = d >= 240
    low, high = -math.sqrt(60 / d) if is_large else -40 / d - 0.5, math.sqrt(40 / d)
    u = np.linspace(low, high, 120 if is_large else 400)
    density = np.exp(d * (u - np.exp(2 * u) / 2 + 0.5))
    erfc = np.vectorize(math.erfc, otypes=[float])
    levels, place = np.unique(signal, return_inverse=True)
    tails = erfc(np.multiply.outer(levels, np.exp(u)) * math.sqrt(d / 2)) / 2
    return np.asarray((tails @ density / density.sum())[place])


def memory_asymptotics(test: ZipfLaw, weights: PowerWeights) -> ZipfAsymptotics:
    """The error for large d, all items seen, infinitely many of them: ``O(d**-((beta - 1)/(2*rho*beta)))``.

    S is the sum of all q^2, which is finite for 2 rho beta > 1, up to q(x)^2, of order 1/d where q(x)^2 d ~ 1; and t_d
    is normal up to O(1/d).

    Raises `InputError` for finitely many items, and where S is not known to be finite.

    >>> print(memory_asymptotics(ZipfLaw(2), power_weights(1)))
    sqrt(3)*5**(3/4)*gamma(3/4)/(5*pi**(3/2)*d**(1/4)) + O(d**(-5/4)) for d -> oo
    """
    if test.items is not None:
        raise InputError("asymptotics are for infinitely many items", where="items", remedy="leave items out")
    e = weights.rho * test.beta
    if (2 * e - 1).is_positive is False:
        what = f"the weights p**rho have squares with no sum: 2*rho*beta = {2 * e}"
        raise InputError(what, where="rho", remedy="give rho > 1/(2*beta)")
    noise = sympy.zeta(2 * e)  # in units of Z^-rho, which cancels
    rate = Monomial(1 / sympy.sqrt(noise), ((D, sympy.Rational(1, 2)),))
    term = leading_term(NORMAL_TAIL, 1 / sympy.zeta(test.beta), test.beta, monomial(1, {}), e, rate)
    remainder = (times(order(term), monomial(1, {D: -1})),)
    regime = Regime("d -> oo", (term,), remainder)
    return ZipfAsymptotics((regime,), regime.expression(), remainder)


def threshold_asymptotics(test: ZipfLaw, ratio: Any = None) -> ZipfAsymptotics:
    """The error for large d if the first P items are stored with weight 1.

    Each of them is wrong with chance P(N(0, 1) > sqrt(d/P)), the most frequent ones too.

    Parameters
    ----------
    test : Zipf's law, with infinitely many items.
    ratio : P/d.  The error then tends to a positive number.  None for ``P = d/(2*(beta - 1)*log(d))``, where
        the chance is about d^-(beta - 1) and the items that are not stored dominate by a power of log(d).

    Raises `InputError` for finitely many items, and a ratio that is not positive.

    >>> print(threshold_asymptotics(ZipfLaw(2), 1))
    erfc(sqrt(2)/2)/2 + O(1/d) for d -> oo
    >>> print(threshold_asymptotics(ZipfLaw(2)))
    6*log(d)/(pi**2*d) + O(1/(d*sqrt(log(d)))) for d -> oo
    """
    if test.items is not None:
        raise InputError("asymptotics are for infinitely many items", where="items", remedy="leave items out")
    power = test.beta - 1
    tail = 1 / (2 * power * sympy.zeta(test.beta))  # half of the sum of p beyond P, in units of P^(1 - beta)
    remainder: tuple[Monomial, ...]
    if ratio is None:
        log = sympy.log(D)
        term = monomial(tail * (2 * power) ** power, {D: -power, log: power})
        remainder = (monomial(1, {D: -power, log: -sympy.Rational(1, 2)}),)
    else:
        share = exact(ratio, "ratio")
        if share.is_positive is False:
            raise InputError(f"the ratio {share} is not positive", where="ratio", remedy="give P/d > 0")
        term = monomial(NORMAL_TAIL.function(1 / sympy.sqrt(share)), {})
        remainder = tuple(monomial(1, {D: -e}) for e in dict.fromkeys((power, sympy.Integer(1))))
    regime = Regime("d -> oo", (term,), remainder)
    return ZipfAsymptotics((regime,), regime.expression(), remainder)
