"""Enclosed integrals of summands over power-law spectra: Gauss-Legendre quadrature in t = log x.

In t a factor is a logistic function, ``(a e^(-beta t) L^gamma + kappa)^-m`` with L = log(1 + e^t).  Far from its
transition it is a power or a constant up to rounding, and is replaced by that times a ball; near it, it is analytic in
a strip whose height does not depend on kappa.  So the cost grows with the digits only, not with the number of terms
or with 1/kappa.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from flint import arb, ctx, fmpq

from fpt_calc.errors import ComputationError
from fpt_calc.oracles.power_spectra import Factor, Summand

ANGLE = 0.85 * math.pi  # of a e^(-beta t) on the ellipses; at pi there are poles
LOG_HEIGHT = 1.4  # of the ellipses where there are logarithms: below pi/2, where Re e^t >= 0
HALF_WIDTH = 0.75  # of a panel, relative to the height of its ellipse
MAX_PANELS = 20000


def integral(f: Summand, lower: int, upper: int | None, bits: int) -> arb:
    """``int_lower^upper f(x) dx``, upper = None for infinity; with a relative error of about 2^-bits.

    Raises `ComputationError` where that takes more than some ten thousand panels.
    """
    start, end = arb(lower).log(), None if upper is None else arb(upper).log()
    cuts: list[arb | None] = [start, *(arb(c) for c in _breakpoints(f, start, end, bits)), end]
    return sum((_piece(f, a, b, bits) for a, b in pairwise(cuts) if a is not None), start=arb(0))


def _breakpoints(f: Summand, start: arb, end: arb | None, bits: int) -> list[float]:
    """Where a factor becomes or stops being a power or a constant up to 2^-bits, approximately."""
    first, found = float(start.upper()), set[float]()
    for factor in f.factors:
        offset = float((factor.scale / factor.ridge).log())
        for side in (-1, 1):
            t = first
            for _ in range(30 if factor.log_power else 1):
                log = math.log(_softplus(max(t, first))) if factor.log_power else 0.0
                t = (offset + float(factor.log_power) * log + side * bits * math.log(2)) / float(factor.exponent)
            found.add(t)
    if f.has_logs and end is None:
        found.add(bits * math.log(2))  # beyond, log(1 + e^t) is t
    last = math.inf if end is None else float(end.lower())
    return sorted(t for t in found if first < t < last)


def _softplus(t: float) -> float:
    return t + math.log1p(math.exp(-t)) if t > 0 else math.log1p(math.exp(t))


def _piece(f: Summand, start: arb, end: arb | None, bits: int) -> arb:
    """The integral over an interval of t on which each factor is near its transition, or far from it."""
    exponent, log_power, active, scale = f.exponent, f.log_power, [], arb(1)
    middle = None if end is None else (start + end) / 2
    for factor in f.factors:
        below = middle is not None and _log_ratio(factor, middle) < 0
        bound = low_bound(factor, start, end) if below and end is not None else high_bound(factor, start, end)
        if end is not None and not bound < arb(2) ** (8 - bits):
            active.append(factor)
            continue
        # a positive function times a factor in [(1 + bound)^-m, 1]: so is its integral
        scale *= ((1 + bound) ** -factor.order).union(arb(1))
        if below:
            scale *= factor.scale**-factor.order
            exponent -= factor.order * factor.exponent
            log_power -= factor.order * factor.log_power
        else:
            scale *= factor.ridge**-factor.order
    g = Summand(exponent, log_power, tuple(active))
    if end is None:
        return scale * tail(g, start)
    if not g.has_logs and not active:
        return scale * _exponential(_slope(g), start, end)
    return scale * _quadrature(g, start, end, bits)


def _slope(g: Summand) -> fmpq:
    """``g(x) dx = e^(slope t) ... dt``."""
    return 1 - g.exponent


def _log_ratio(factor: Factor, t: arb) -> arb:
    """``log(kappa / (a e^(-beta t) L^gamma))``."""
    value = (factor.ridge / factor.scale).log() + arb(factor.exponent) * t
    return value - arb(factor.log_power) * t.exp().log1p().log() if factor.log_power != 0 else value


def low_bound(factor: Factor, start: arb, end: arb) -> arb:
    """Above ``kappa / (a e^(-beta t) L^gamma)`` on [start, end]: both factors are monotone."""
    ratio = factor.ridge / factor.scale * (arb(factor.exponent) * end).exp()
    if factor.log_power == 0:
        return ratio.upper()
    return (ratio * _log_bound(-factor.log_power, start, end)).upper()


def high_bound(factor: Factor, start: arb, end: arb | None) -> arb:
    """Above ``a e^(-beta t) L^gamma / kappa`` on [start, end]."""
    ratio = factor.scale / factor.ridge * (-arb(factor.exponent) * start).exp()
    if factor.log_power == 0:
        return ratio.upper()
    if end is not None:
        return (ratio * _log_bound(factor.log_power, start, end)).upper()
    log = start.exp().log1p()
    # the derivative of the logarithm is at most -beta + gamma/L
    if not arb(factor.exponent) * log > arb(factor.log_power):
        return arb.pos_inf()
    return (ratio * log ** arb(factor.log_power)).upper()


def _log_bound(power: fmpq, start: arb, end: arb) -> arb:
    """The largest value of L^power on [start, end]."""
    return arb((end if power > 0 else start).exp().log1p() ** arb(power))


def _exponential(slope: fmpq, start: arb, end: arb) -> arb:
    """``int e^(slope t) dt``."""
    if slope == 0:
        return end - start
    s = arb(slope)
    return (s * start).exp() * (s * (end - start)).expm1() / s


def tail(g: Summand, start: arb) -> arb:
    """``int_start^oo e^(slope t) L^log_power dt``, by the incomplete Gamma function."""
    s, p = -arb(_slope(g)), arb(g.log_power)
    if g.log_power == 0:
        return (-s * start).exp() / s
    # L = t (1 + log(1 + e^-t)/t), and the second factor is between 1 and its value at the start
    correction = (1 + (-start).exp().log1p() / start) ** p
    scale = correction.union(arb(1))
    if _slope(g) == 0:
        return scale * start ** (p + 1) / (-p - 1)
    return scale * (s * start).gamma_upper(p + 1) / s ** (p + 1)


@lru_cache(maxsize=64)
def _nodes(count: int, bits: int) -> tuple[tuple[arb, arb], ...]:
    """Nodes and weights of Gauss-Legendre quadrature on [-1, 1] at a precision."""
    with ctx.workprec(bits):
        return tuple(arb.legendre_p_root(count, k, weight=True) for k in range(count))


def _quadrature(g: Summand, start: arb, end: arb, bits: int) -> arb:
    """Gauss-Legendre quadrature on panels of one width.

    Its error for a function analytic and bounded by M on and in the ellipse with foci -1, 1 and sum of half-axes rho is
    at most 8 M rho^-2n / (1 - 1/rho): the Chebyshev coefficients are at most 2 M rho^-k, those below 2n are integrated
    exactly, and integral and quadrature of the others are at most 2 each.
    """
    panels, half, rho, growth = _ellipse(g, start, end)
    constant = 8 * growth / (1 - 1 / rho)
    count = 2 + math.ceil((bits * math.log(2) + float(constant.log())) / (2 * math.log(float(rho))))
    error = constant * rho ** (-2 * count)
    total, size = arb(0), arb(0)
    evaluate = _panel_logs if g.has_logs else _panel_powers
    for value, middle in evaluate(g, start, half, panels, count):
        total, size = total + value, size + middle
    return half * (total + arb(0, (error * size).upper()))


def _ellipse(g: Summand, start: arb, end: arb) -> tuple[int, arb, arb, arb]:
    """How many panels, half their width, the sum of half-axes of their ellipses, and the bound of `growth_bound`."""
    height = min([ANGLE / float(f.exponent) for f in g.factors] + [LOG_HEIGHT] * g.has_logs)
    length = float((end - start).upper())
    while (panels := max(1, math.ceil(length / (2 * HALF_WIDTH * height)))) <= MAX_PANELS:
        half = (end - start) / (2 * panels)
        slack = arb(height / float(half.upper()))
        rho = (slack + (slack**2 + 1).sqrt()).mid()
        growth = growth_bound(g, start, half, rho)
        if growth.is_finite():
            return panels, half, rho, growth
        height *= 0.7  # logarithms turn the angle further
    remedy = "ask for fewer digits or smaller exponents"
    raise ComputationError("too many panels of quadrature", where="spectral sum", remedy=remedy)


def growth_bound(g: Summand, start: arb, half: arb, rho: arb) -> arb:
    """Above |g(t)| / g(c) on the ellipse around the centre c of any panel; infinite where it may meet a pole.

    With t = x + iy, |y| <= Y < pi/2 where there are logarithms: L(x) - log(2)/2 <= Re L(t) <= |L(t)| <= L(x) + Y and
    |arg(1 + e^t)| <= Y, so |L(t)| is L(x) up to a factor r, and a e^(-beta t) L^gamma has an angle of at most phi.
    |u e^(i phi) + kappa| >= (u + kappa) cos(phi/2) for u > 0, |phi| < pi compares with the value at x, and the
    logarithmic derivative of g on the real line compares that with the value at c.
    """
    height, width = half * (rho - 1 / rho) / 2, half * (rho + 1 / rho) / 2
    result, log_slope = arb(1), fmpq(0)
    ratio = angle = arb(0)
    least = arb(1)
    if g.has_logs:
        least = (start + half - width).exp().log1p()
        low = least - arb(2).log() / 2
        if not (low > 0 and height < arb.pi() / 2):
            return arb.pos_inf()
        ratio, angle = (1 + height / least).max(least / low).log(), (height / low).atan()
        result *= (ratio * arb(abs(g.log_power))).exp()
        log_slope += abs(g.log_power)
    for f in g.factors:
        phi = arb(f.exponent) * height + arb(abs(f.log_power)) * angle
        if not phi < arb.pi():
            return arb.pos_inf()
        result *= ((ratio * arb(abs(f.log_power))).exp() / (phi / 2).cos()) ** f.order
        log_slope += f.order * abs(f.log_power)
    steepest = _slope(g) + sum((f.order * f.exponent for f in g.factors), start=fmpq(0))
    slope = arb(max(abs(_slope(g)), abs(steepest))) + arb(log_slope) / least
    return (result * (slope * width).exp()).upper()


def _panel_powers(g: Summand, start: arb, half: arb, panels: int, count: int) -> Iterator[tuple[arb, arb]]:
    """Quadrature sum on [-1, 1] and central value of each panel; all panels share exponentials at their nodes."""
    s = arb(_slope(g))
    nodes = _nodes(count, ctx.prec)
    weights = [w * (s * half * x).exp() for x, w in nodes]
    powers = [[f.scale * (-arb(f.exponent) * half * x).exp() for x, _ in nodes] for f in g.factors]
    for k in range(panels):
        centre = start + (2 * k + 1) * half
        values, middle = weights, arb(1)
        for f, at_nodes in zip(g.factors, powers, strict=True):
            u, kappa, m = (-arb(f.exponent) * centre).exp(), f.ridge, f.order
            values = [v / (u * p + kappa) ** m for v, p in zip(values, at_nodes, strict=True)]
            middle /= (f.scale * u + kappa) ** m
        scale = (s * centre).exp()
        yield scale * sum(values, start=arb(0)), scale * middle


def _panel_logs(g: Summand, start: arb, half: arb, panels: int, count: int) -> Iterator[tuple[arb, arb]]:
    """As `_panel_powers`, with logarithms."""
    nodes = _nodes(count, ctx.prec)
    for k in range(panels):
        centre = start + (2 * k + 1) * half
        yield sum((w * _value(g, centre + half * x) for x, w in nodes), start=arb(0)), _value(g, centre)


def _value(g: Summand, t: arb) -> arb:
    log = t.exp().log1p()
    result = (arb(_slope(g)) * t).exp() * log ** arb(g.log_power)
    for f in g.factors:
        result /= (f.scale * (-arb(f.exponent) * t).exp() * log ** arb(f.log_power) + f.ridge) ** f.order
    return result
