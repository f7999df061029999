r"""Upper bounds of Mellin-Barnes integrals over a vertical line, in ball arithmetic.

On ``Re s = -c`` the remainder of ``sum_k k^-sigma (k^-beta + x)^-m`` is
``1/(2 pi) int |x^-s Gamma(s) Gamma(m - s)/Gamma(m) Z(s)| |ds| <= C x^c`` with

    C = 1/pi int_0^oo |Gamma(s) Gamma(m - s)/Gamma(m)| |Z(s)| dt,      s = -c + i t,

the integrand being even in t.  There ``Gamma(s) Gamma(m - s)/Gamma(m) = prod_{l < m} (l - s)/(m-1)! pi/sin(pi s)``,
where ``|l - s|`` grows with t and ``|sin(pi s)|^2 = sin(pi c)^2 + sinh(pi t)^2`` too.  So each is bounded on an
interval by its value at an end; Z is bounded by a ball over the interval, halved until that is good.  Beyond T,

    |zeta(w, q)| <= q^(1-u)/|w - 1| + q^-u/2 + sum_{k=1}^M |B_2k|/(2k)! |(w)_{2k-1}| q^(1-u-2k)
                    + |B_2M|/(2M)! |(w)_2M| q^(1-u-2M)/(u+2M-1),        u = Re w,  u + 2M > 1

(the summation formula of Euler and Maclaurin, whose periodic Bernoulli function is at most |B_2M| in modulus), with
``|(w)_n| <= (A + beta t)^n``, ``A = max |u + l|``: polynomials in t, which are integrated against
``1/sinh(pi t) <= 2 exp(-pi t)/(1 - exp(-2 pi T))``.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

import flint
from flint import acb, arb

from fpt_calc.errors import CannotDecideError

CUT = 12  # T: exp(-pi T) is below 1e-16; more where the polynomials in front of it are of high degree
STEP = 8  # intervals per unit of t (of beta t, if beta > 1), before they are halved
DEPTH = 7  # how often an interval is halved at most
MAX_INTERVALS = 50_000  # some seconds
GOOD = 2  # halve while the bound on an interval exceeds the value in its middle by this factor


def hurwitz_line(m: int, sigma: arb, beta: arb, start: int, c: arb) -> arb:
    """An upper bound of C with ``Z(s) = zeta(sigma - beta*m + beta*s, start)``.

    >>> hurwitz_line(1, arb(2), arb(2), 1, arb("0.25")) < 1
    True
    """
    u = sigma - beta * (m + c)

    def z(t: arb) -> arb:
        w = acb(u, beta * t)
        return abs(w.zeta() - sum((acb(k) ** -w for k in range(1, start)), start=acb(0)))

    cut = CUT + m + max(0, ceil(-float(u)))
    step = STEP * max(1, ceil(float(beta)))
    if cut * step > MAX_INTERVALS:
        remedy = "ask for fewer terms"
        raise CannotDecideError("the bound would take too long", where="remainder_bound", remedy=remedy)
    total = _up_to(cut, step, m, c, z)
    return (total + _tail_integral(_product(m, c) * _zeta_polynomial(u, beta, start, cut), arb(cut))) / arb.pi()


def plain_line(m: int, c: arb) -> arb:
    """An upper bound of C with ``Z = 1``.

    >>> plain_line(1, arb("0.5")) < 1          # int_0^oo dt/cosh(pi t) = 1/2
    True
    """

    def one(t: arb) -> arb:
        return arb(1)

    cut = CUT + m
    return (_up_to(cut, STEP, m, c, one) + _tail_integral(_product(m, c), arb(cut))) / arb.pi()


def _up_to(cut: int, step: int, m: int, c: arb, z: Callable[[arb], arb]) -> arb:
    total = arb(0)
    for n in range(cut * step):
        total += _interval(m, c, z, arb(n) / step, arb(n + 1) / step, DEPTH)
    return total


def _interval(m: int, c: arb, z: Callable[[arb], arb], low: arb, high: arb, depth: int) -> arb:
    middle = (low + high) / 2
    bound = _kernel(m, c, low, high) * z(low.union(high)) * (high - low)
    point = _kernel(m, c, middle, middle) * z(middle) * (high - low)
    if depth == 0 or bound < GOOD * point:
        return arb(bound.abs_upper())
    return _interval(m, c, z, low, middle, depth - 1) + _interval(m, c, z, middle, high, depth - 1)


def _kernel(m: int, c: arb, low: arb, high: arb) -> arb:
    """``prod |l - s|/(m-1)! pi/|sin(pi s)|``, the product at the upper and the sine at the lower end."""
    value = arb.pi() / ((arb.pi() * c).sin() ** 2 + (arb.pi() * low).sinh() ** 2).sqrt()
    for i in range(1, m):
        value *= ((i + c) ** 2 + high**2).sqrt() / i
    return value


def _product(m: int, c: arb) -> flint.arb_poly:
    """``prod_{l < m} (l + c + t)/l pi``, a bound of the kernel without its sine."""
    poly = flint.arb_poly([arb.pi()])
    for i in range(1, m):
        poly *= flint.arb_poly([(i + c) / i, arb(1) / i])
    return poly


def _zeta_polynomial(u: arb, beta: arb, start: int, cut: int) -> flint.arb_poly:
    """A polynomial in t that bounds ``|zeta(u + i beta t, start)|`` for t >= cut."""
    terms = max(1, ceil((2 - float(u)) / 2) + 1)  # M, so that u + 2M > 2
    q = arb(start)
    reach = max(abs(u), abs(u + 2 * terms))
    base = flint.arb_poly([arb(reach.abs_upper()), beta])
    poly = flint.arb_poly([q ** (1 - u) / (beta * cut) + q**-u / 2])
    power, factorial = base, arb(1)
    for k in range(1, terms + 1):
        factorial *= (2 * k - 1) * (2 * k)
        number = abs(arb.bernoulli(2 * k)) / factorial * q ** (1 - u - 2 * k)
        poly += power * number
        if k == terms:
            poly += power * base * (number / (u + 2 * k - 1))
        power *= base**2
    return poly


def _tail_integral(poly: flint.arb_poly, cut: arb) -> arb:
    """``int_cut^oo poly(t)/sinh(pi t) dt`` or more.

    ``int_T^oo t^n exp(-pi t) dt = exp(-pi T) sum_i n!/(n-i)! T^(n-i)/pi^(i+1)``.
    """
    total = arb(0)
    for n, coefficient in enumerate(poly.coeffs()):
        part = term = cut**n / arb.pi()
        for i in range(n):
            term *= (n - i) / (arb.pi() * cut)
            part += term
        total += coefficient * part
    return 2 * total * (-arb.pi() * cut).exp() / (1 - (-2 * arb.pi() * cut).exp())
