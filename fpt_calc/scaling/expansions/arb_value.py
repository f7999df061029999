"""Closed forms as balls that hold their exact values."""

from __future__ import annotations

import flint
import sympy
from sympy import Expr

from fpt_calc.errors import CannotDecideError, InputError

CONSTANTS = {
    sympy.pi: flint.arb.pi,
    sympy.EulerGamma: flint.arb.const_euler,
    sympy.E: flint.arb.const_e,
}


def ball(expression: Expr) -> flint.acb:
    """A ball around the value of a closed form, at the precision of `flint.ctx`.

    Parameters
    ----------
    expression : numbers, sums, products, powers, and the functions of the expansions (gamma, zeta, digamma, log, ...).

    Raises `InputError` for symbols and for other functions.

    >>> abs(ball(sympy.zeta(2) - sympy.pi**2/6)) < 1e-14
    True
    """
    match expression:
        case sympy.Rational():
            return flint.acb(flint.fmpq(int(expression.p), int(expression.q)))
        case sympy.Add():
            return sum((ball(e) for e in expression.args), start=flint.acb(0))
        case sympy.Mul():
            product = flint.acb(1)
            for e in expression.args:
                product *= ball(e)
            return product
        case sympy.Pow(base=base, exp=exponent):
            return ball(base) ** (int(exponent) if exponent.is_Integer else ball(exponent))
        case _ if expression == sympy.I:
            return flint.acb(0, 1)
        case _ if expression in CONSTANTS:
            return flint.acb(CONSTANTS[expression]())
    return _function(expression)


def _function(expression: Expr) -> flint.acb:
    values = [ball(e) for e in expression.args]
    match expression:
        case sympy.zeta():
            return values[0].zeta(values[1]) if len(values) == 2 else values[0].zeta()
        case sympy.gamma():
            return values[0].gamma()
        case sympy.polygamma() if expression.args[0] == 0:
            return values[1].digamma()
        case sympy.log():
            return values[0].log()
        case sympy.exp():
            return values[0].exp()
        case sympy.sin():
            return values[0].sin()
        case sympy.cos():
            return values[0].cos()
        case sympy.sinh():
            return values[0].sinh()
    remedy = "put in numbers for symbols"
    raise InputError(f"{expression} has no ball", where=str(expression), remedy=remedy)


def real_ball(expression: Expr) -> flint.arb:
    """`ball` of what is known to be real.

    >>> real_ball(sympy.sqrt(2)).overlaps(flint.arb(2).sqrt())
    True
    """
    value = ball(expression).real
    if not value.is_finite():
        what = f"no finite ball around {expression}"
        raise CannotDecideError(what, where=str(expression), remedy="raise flint.ctx.prec")
    return value
