"""Rigorous numbers for spectra that end at a d of any size, where kappa exceeds the smallest eigenvalue."""

from __future__ import annotations

from math import ceil, log2

import flint
import mpmath
import sympy
from sympy import Expr

from fpt_calc.errors import InputError
from fpt_calc.scaling.expansions.arb_value import real_ball
from fpt_calc.scaling.expansions.bounds import WORKING_PRECISION, sum_ball
from fpt_calc.scaling.expansions.expand import expand_sum
from fpt_calc.scaling.expansions.functional import Functional, PowerTail
from fpt_calc.scaling.expansions.poles import check_exponents
from fpt_calc.scaling.expansions.residues import edge_coefficients, rising_binomial
from fpt_calc.scaling.expansions.result import number_of
from fpt_calc.scaling.expansions.truncated import truncated_sum
from fpt_calc.scaling.spectra.data import Truncated
from fpt_calc.scaling.spectra.parameters import Parameter, whole


def enclose_truncated(
    functional: Functional, spectrum: Truncated, kappa: Parameter | mpmath.mpf, terms: int = 3, tail_terms: int = 20
) -> flint.arb:
    """A ball that holds ``sum_{k <= d}`` at kappa, in a time that does not depend on d.

    The infinite sum, continued, by `expand` and its remainder (the line integral is analytic in sigma as long as s*
    stays on its right, and s* moves to the right as sigma decreases), minus the sum over k > d in powers of
    ``1/(kappa d^beta)`` with exact Hurwitz zeta functions.  For ``y > 0`` the series of ``(1 + y)^-m`` leaves out at
    most its next term; summed over k > d that is the next term of the tail, once its zeta function converges.

    Parameters
    ----------
    functional, spectrum : as in `expand_truncated`, with numbers only.
    kappa : any positive number; the ball is short where kappa is small and ``kappa d^beta`` is above ``scale``.
    terms : of the infinite sum.
    tail_terms : of the tail; at least so many that ``sigma + beta*tail_terms > 1``.

    >>> from fpt_calc.scaling.expansions.functional import df
    >>> from fpt_calc.scaling.spectra import PowerLaw
    >>> value = enclose_truncated(df(1), Truncated(PowerLaw(1), 10**12), "1/100000000", terms=2)
    >>> value.str(6)
    '[9.21044e+8 +/- ...]'
    """
    whole(terms, "terms", 1)
    whole(tail_terms, "tail_terms", 1)
    total, number = truncated_sum(functional, spectrum), number_of(kappa)
    check_exponents(total)
    assert isinstance(total.tail, PowerTail)
    if spectrum.d.free_symbols:
        raise InputError(f"d = {spectrum.d} is no number", where="d", remedy="give an integer")
    if total.tail.sigma + total.tail.beta * tail_terms <= 1:
        raise InputError("the tail's bound diverges", where="tail_terms", remedy="ask for more terms of the tail")
    ball = sum_ball(total, expand_sum(total, terms, 0), number, 0)
    # zeta(tau, d + 1) is found to an absolute precision, and is as small as d^-tau
    reach = float(abs(total.tail.sigma) + total.tail.beta * tail_terms + total.order * total.tail.beta)
    with flint.ctx.workprec(WORKING_PRECISION + ceil(reach * log2(spectrum.d + 1))):
        tail = _tail(total.order, total.tail, int(spectrum.d), number, tail_terms)
        return ball + tail * real_ball(number**total.kappa_power)


def _tail(m: int, tail: PowerTail, d: int, kappa: Expr, terms: int) -> flint.arb:
    """Minus the sum over k > d, with what `edge_coefficients` adds."""
    x = kappa / tail.scale
    total = flint.arb(0)
    for i in range(terms + 1):
        tau = sympy.expand(tail.sigma + tail.beta * i)
        factor = real_ball(tail.front * x ** (-m - i) * (-1) ** i * rising_binomial(m, i))
        # the sum over k > d, for tau = 1 without its pole
        beyond = -flint.arb(d + 1).digamma() if tau == 1 else real_ball(tau).zeta(flint.arb(d + 1))
        if i == terms:
            return total + flint.arb(0, (factor * beyond).abs_upper())
        total -= factor * beyond
        if tau == 1:
            plain, log = edge_coefficients(i, tail.beta, m)
            total += real_ball(tail.front * x ** (-m - i) * (plain + log * sympy.log(x)))
    return total
