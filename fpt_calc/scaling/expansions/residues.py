r"""The residues behind the expansion of ``H(x) = sum_{k >= q} k^-sigma (k^-beta + x)^-m`` as x -> 0.

The Mellin-Barnes integral ``(1 + y)^-m = 1/(2 pi i) int Gamma(s) Gamma(m - s)/Gamma(m) y^-s ds`` over ``Re s = c``,
``0 < c < m``, with ``y = x k^beta`` and the sum under the integral give

    H(x) = 1/(2 pi i) int x^-s Gamma(s) Gamma(m - s)/Gamma(m) zeta(sigma - beta m + beta s, q) ds

for ``sigma > 1`` and c next to m.  The line is moved to the left.  It crosses the pole of the Hurwitz zeta function at
``s* = m - (sigma - 1)/beta`` (a power of x) and those of Gamma at ``s = -i`` (the Taylor series of a summand, summed
term by term by analytic continuation); where they coincide the pole is double and a logarithm appears.  See Flajolet,
Gourdon, Dumas, Mellin transforms and asymptotics: harmonic sums, Theoretical Computer Science 144 (1995).

All parameters are sympy expressions or exact numbers.
"""

from __future__ import annotations

import sympy
from sympy import Expr

from fpt_calc.errors import InputError


def pole_of_zeta(sigma: Expr, beta: Expr, m: Expr) -> Expr:
    """``s*``: the power term is ``power_coefficient(...) * x**-s*``.

    >>> beta, r = sympy.symbols("beta r", positive=True)
    >>> pole_of_zeta(beta, beta, 1), pole_of_zeta(1 + 2*beta*r, beta, 2)
    (1/beta, 2 - 2*r)
    """
    return sympy.expand(sympy.cancel(m - (sympy.S(sigma) - 1) / sympy.S(beta)))


def beta_integral(s: Expr, m: Expr) -> Expr:
    """``Gamma(s) Gamma(m - s)/Gamma(m) = int_0^oo y^(s-1) (1 + y)^-m dy`` and its continuation in s.

    By the reflection formula for m = 1 and for numbers that are no integers; else the Gamma functions are kept, since
    the sine would vanish where they are finite.  Raises `InputError` at a pole, an integer outside of 1 .. m-1.

    >>> s = sympy.Symbol("s")
    >>> beta_integral(s, 1), beta_integral(s, 2), beta_integral(sympy.Rational(1, 2), 2), beta_integral(1, 3)
    (pi/sin(pi*s), gamma(s)*gamma(2 - s), pi/2, 1/2)
    """
    s, m = sympy.S(s), sympy.S(m)
    if s.is_integer and m.is_integer and (s <= 0 or s >= m):
        remedy = "two poles coincide: take log_coefficients, or edge_coefficients for a truncated sum"
        raise InputError(f"the Beta integral B({s}, {m - s}) has a pole", where="s", remedy=remedy)
    if m == 1 or (m.is_Integer and s.is_integer is False and s.is_number):
        product = sympy.Mul(*((i - s) for i in range(1, int(m))))
        return product * sympy.pi / sympy.sin(sympy.pi * s) / sympy.factorial(m - 1)
    return sympy.gamma(s) * sympy.gamma(m - s) / sympy.gamma(m)


def power_coefficient(sigma: Expr, beta: Expr, m: Expr) -> Expr:
    """The coefficient of ``x**-s*`` in H(x), whatever the first index q: ``B(s*, m - s*)/beta``.

    The residue of ``zeta(w, q)`` at w = 1 is 1, and ``w = sigma - beta m + beta s``.

    Parameters
    ----------
    sigma, beta : the exponents of ``k^-sigma (k^-beta + x)^-m``; beta > 0.
    m : the order of the pole, a positive integer.

    Raises `InputError` where ``s*`` is an integer outside of 1 .. m-1 (a double pole: `log_coefficients`).

    >>> beta = sympy.Symbol("beta", positive=True)
    >>> power_coefficient(beta, beta, 1)                  # df(1) of the eigenvalues k^-beta
    pi/(beta*sin(pi/beta))
    >>> power_coefficient(2, sympy.Rational(4, 3), 2)
    3*sqrt(2)*pi/16
    """
    return beta_integral(pole_of_zeta(sigma, beta, m), m) / sympy.S(beta)


def zeta_coefficient(i: int, sigma: Expr, beta: Expr, m: Expr, start: Expr = 1) -> Expr:
    """The coefficient of ``x**i`` in H(x): ``(-1)^i binom(m+i-1, i) zeta(sigma - beta (m+i), start)``.

    Parameters
    ----------
    i : the power of x.
    sigma, beta, m : as in `power_coefficient`.
    start : the first index q of the sum.

    Raises `InputError` where the argument of zeta is 1 (a double pole: `log_coefficients`).

    >>> zeta_coefficient(0, 2, 2, 1), zeta_coefficient(1, 3, sympy.Rational(3, 2), 1, 2)
    (-1/2, 3/2)
    """
    sigma, beta, m = sympy.S(sigma), sympy.S(beta), sympy.S(m)
    argument = sympy.expand(sigma - beta * (m + i))
    if argument == 1:
        where = f"x**{i}"
        raise InputError("the coefficient has a pole", where=where, remedy="a double pole: take log_coefficients")
    return (-1) ** i * rising_binomial(m, i) * hurwitz(argument, start)


def zeta_coefficients(sigma: Expr, beta: Expr, m: Expr, count: int, start: Expr = 1) -> tuple[Expr, ...]:
    """`zeta_coefficient` for i = 0 .. count-1.

    >>> zeta_coefficients(2, 2, 1, 3)          # H(x) = sum 1/(1 + x k^2) = pi/(2 sqrt x) - 1/2 + exponentially small
    (-1/2, 0, 0)
    """
    return tuple(zeta_coefficient(i, sigma, beta, m, start) for i in range(count))


def log_coefficients(i: int, beta: Expr, m: Expr, start: Expr = 1) -> tuple[Expr, Expr]:
    """The coefficients of ``x**i`` and of ``x**i log(x)`` in H(x) where ``s* = -i``.

    With ``s = -i + e`` the factors of the integrand are, up to higher powers of e, ``(-1)^i/i! (1/e + psi(i+1))``,
    ``Gamma(m+i) (1 - e psi(m+i))``, ``1/(beta e) - psi(q)`` and ``x^i (1 - e log x)``.

    >>> log_coefficients(0, sympy.Rational(3, 2), 2)
    (-2/3 + EulerGamma, -2/3)
    """
    beta, m = sympy.S(beta), sympy.S(m)
    sign = (-1) ** i * rising_binomial(m, i)
    digammas = sympy.digamma(i + 1) - sympy.digamma(m + i)
    return sympy.expand(sign * (digammas / beta - sympy.digamma(start))), -sign / beta


def edge_coefficients(i: int, beta: Expr, m: Expr) -> tuple[Expr, Expr]:
    """The coefficients of ``x**-(m+i)`` and of ``x**-(m+i) log(x)`` in a sum up to d where ``sigma = 1 - beta i``.

    The sum up to d is ``H(x) - sum_i (-1)^i binom(m+i-1, i) x^-(m+i) zeta(sigma + beta i, d + 1)``, continued in sigma.
    At ``sigma = 1 - beta i + e`` the power term of H and the tail term i have poles that cancel: up to higher powers
    of e, ``Gamma(m - s*) = (-1)^i/i! (beta/e + psi(i+1))``, ``Gamma(s*) = Gamma(m+i) (1 - e psi(m+i)/beta)``,
    ``x^-s* = x^-(m+i) (1 + e log(x)/beta)`` and ``zeta = 1/e - psi(d+1)``.  What depends on d,
    ``(-1)^i binom(m+i-1, i) psi(d+1)``, is left to the caller.

    >>> edge_coefficients(0, 2, 1)
    (0, 1/2)
    """
    beta, m = sympy.S(beta), sympy.S(m)
    sign = (-1) ** i * rising_binomial(m, i)
    return sympy.expand(sign * (sympy.digamma(i + 1) - sympy.digamma(m + i)) / beta), sign / beta


def rising_binomial(m: Expr, i: int) -> Expr:
    """``binom(m+i-1, i)``, so that ``(1 + y)^-m = sum (-y)^i binom(m+i-1, i)``.

    >>> rising_binomial(2, 3)
    4
    """
    return sympy.ff(sympy.S(m) + i - 1, i) / sympy.factorial(i)


def hurwitz(argument: Expr, start: Expr) -> Expr:
    """``zeta(argument, start)``, continued; exact values at integers are taken at once.

    >>> hurwitz(-2, 1), hurwitz(2, 3), hurwitz(sympy.Rational(1, 2), 1)
    (0, -5/4 + pi**2/6, zeta(1/2))
    """
    return sympy.zeta(argument) if start == 1 else sympy.zeta(argument, start)
