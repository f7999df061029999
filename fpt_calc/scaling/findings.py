"""The usual checks of a scaling law: equal expressions, values in balls, rates of convergence, simulations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import flint
import sympy

from fpt_calc.point import Estimate
from fpt_calc.scaling.entry import Finding

MAX_Z = 4.0  # standard errors: a two-sided normal tail of 6e-5
POINTS = ("7/5", "23/11", "31/7", "41/9", "53/8")  # values of symbols at which different expressions are told apart
DIGITS = 30
BITS = 256
RATE = 0.2  # how far the exponent between the last two points may be from the stated one, relatively


def equal_expressions(derived: Any, claimed: Any) -> Finding:
    """Whether two sympy expressions in positive symbols are equal: by simplification, or not by a witness.

    >>> x = sympy.Symbol("x", positive=True)
    >>> equal_expressions((x + 1)**2, x**2 + 2*x + 1).verdict, equal_expressions(x, 2*x).verdict
    ('PROVED', 'REFUTED')
    """
    names = {s.name: sympy.Symbol(s.name, positive=True) for s in (derived.free_symbols | claimed.free_symbols)}
    left, right = (e.xreplace({s: names[s.name] for s in e.free_symbols}) for e in (derived, claimed))
    at = {s: sympy.Rational(POINTS[i % len(POINTS)]) + i for i, (_, s) in enumerate(sorted(names.items()))}
    values = [sympy.N(e.xreplace(at), DIGITS) for e in (left, right)]
    if abs(values[0] - values[1]) > sympy.Float(10) ** (5 - DIGITS) * abs(values[0]):
        where = ", ".join(f"{s} = {v}" for s, v in at.items())
        return Finding("REFUTED", f"derived {values[0].n(8)}, claimed {values[1].n(8)} at {where}")
    if sympy.simplify(sympy.powsimp(sympy.expand_power_base(sympy.simplify(left / right)), force=True) - 1) == 0:
        return Finding("PROVED", f"the derived {derived}")
    return Finding("UNDECIDED", f"equal numbers to {DIGITS - 5} digits, not simplified")


def as_ball(value: Any) -> Any:
    """A ball around a sympy number, a float or an int, to 60 digits; balls stay as they are.

    >>> as_ball(sympy.Rational(1, 4)).str(5)
    '0.25000'
    """
    return value if isinstance(value, flint.arb) else flint.arb(str(sympy.N(value, 2 * DIGITS)))


def near_estimate(value: float, estimate: Estimate) -> Finding:
    """Whether a value is within 4 standard errors of a simulation.

    >>> near_estimate(1.0, Estimate(1.01, 0.01, 10, 0, "model")).verdict
    'CONSISTENT'
    """
    z = abs(float(estimate.mean.real) - value) / estimate.standard_error if estimate.standard_error else math.inf
    text = f"{value:.6g}, simulation {estimate.mean:.6g} +- {estimate.standard_error:.1g} (z = {z:.1f})"
    return Finding("CONSISTENT" if z <= MAX_Z else "REFUTED", text)


def below(smaller: Sequence[Any], larger: Sequence[Any]) -> Finding:
    """Whether balls are below other balls, one by one.

    >>> below([flint.arb(1)], [flint.arb(2)]).verdict, below([flint.arb(2)], [flint.arb(1)]).verdict
    ('CERTIFIED', 'REFUTED')
    """
    pairs = list(zip(smaller, larger, strict=True))
    text = ", ".join(f"{a.str(5, radius=False)} < {b.str(5, radius=False)}" for a, b in pairs)
    if all(a < b for a, b in pairs):
        return Finding("CERTIFIED", text)
    return Finding("REFUTED" if any(a >= b for a, b in pairs) else "UNDECIDED", text.replace("<", "?"))


def converges(values: Sequence[Any], claimed: Sequence[Any], orders: Sequence[Any]) -> Finding:
    """Whether claimed values differ from exact ones at the rate of the stated order, which tends to 0 relative to them.

    Parameters
    ----------
    values : the exact values as balls, towards the limit.
    claimed : what is claimed for them.
    orders : the stated order of the difference at each point.

    The difference over the order has to settle: from the point before the last to the last, the differences must fall
    as the orders do, up to a power of them of 1/5.

    >>> converges([flint.arb(1 + 10**-n) for n in (1, 2, 3)], [1, 1, 1], [.1, .01, .001]).verdict
    'CONSISTENT'
    """
    with flint.ctx.workprec(BITS):
        left = [abs(float(v - as_ball(c))) for v, c in zip(values, claimed, strict=True)]
    ratios = ", ".join(f"{a / float(o):.4g}" for a, o in zip(left, orders, strict=True))
    relative = left[-1] / abs(float(values[-1]))
    text = f"relative difference {relative:.1e} at the last point; differences over the stated order: {ratios}"
    if left[-1] == 0:
        return Finding("CONSISTENT", text)
    found, stated = math.log(left[-2] / left[-1]), math.log(float(orders[-2]) / float(orders[-1]))
    falls = relative < left[0] / abs(float(values[0]))
    return Finding("CONSISTENT" if abs(found - stated) <= RATE * stated and falls else "REFUTED", text)
