"""Generations of resampling: each generator is trained on items drawn from what the one before has seen.

The first data are T0 items of the real law q; each further generation draws T0 items from the list of the one before,
with repetition; after n lists, a learner draws T items from the last one (or remembers all of it).  An item with N
copies in a list has about Poisson(N) copies in the next, since T0 draws hit it with probability N/T0 each; copies are a
branching process with Poisson(1) children, started by Poisson(T0 q_i) copies.  With h the chance that the line of one
copy is missed by the learner,

    h_1 = exp(-T/T0) (0 if it remembers the last list),    h_{m+1} = g(h_m),    g(z) = exp(z - 1),

and the item is missed with probability exp(-T0 q_i (1 - h_n)).  Poisson for multinomial numbers is an error of relative
order 1/T0.
"""

from __future__ import annotations

from typing import Any

import flint
import sympy

from fpt_calc.errors import InputError
from fpt_calc.scaling.zipf.asymptotics import asymptotics
from fpt_calc.scaling.zipf.certified import certified_sum
from fpt_calc.scaling.zipf.laws import TrainingLaw, ZipfLaw
from fpt_calc.scaling.zipf.monomials import Monomial, monomial, order, times
from fpt_calc.scaling.zipf.numbers import count, exact, symbol
from fpt_calc.scaling.zipf.regimes import Regime, ZipfAsymptotics
from fpt_calc.scaling.zipf.sampling import Sampling
from fpt_calc.scaling.zipf.sums import mean_error

T0 = symbol("T0")
MAX_GENERATIONS = 100_000
MAX_NESTED = 50  # exponentials in one expression
PRECISION = 128  # bits, for the chance that a line dies out


def children(z: Any) -> Any:
    """The generating function of the number of copies of one copy: E z^Poisson(1)."""
    return sympy.exp(z - 1)


def generation_error(test: ZipfLaw, law: TrainingLaw, size: int, generations: int, samples: int | None = None) -> float:
    """The expected test error after generations of resampling, in double precision.

    Parameters
    ----------
    test : Zipf's law of the test, with numbers.
    law : the law of the first, real data.
    size : T0, the number of items of each list, at least 1.
    generations : n, the number of lists, at least 1.
    samples : T, the number of items that the learner draws from the last list; None if it remembers all of that list.

    Raises `InputError` for other numbers, or laws with symbols.

    >>> law = ZipfLaw("3/2")
    >>> [round(generation_error(law, law, 10**4, n), 5) for n in (1, 2, 4)]
    [0.0437, 0.05092, 0.06065]
    """
    with flint.ctx.workprec(PRECISION):
        mean = float(_mean(*_checked(size, generations, samples)))
    return mean_error(test, law, mean, Sampling.POISSON)


def certified_generation_error(
    test: ZipfLaw, law: TrainingLaw, size: int, generations: int, samples: int | None = None, *, digits: int = 30
) -> Any:
    """`generation_error` as a ball.

    >>> law = ZipfLaw("3/2")
    >>> certified_generation_error(law, law, 10**4, 32, 10**4, digits=10).str(10)
    '[0.1134447254 +/- 3.03e-12]'
    """
    numbers = _checked(size, generations, samples)
    return certified_sum(test, law, lambda: _mean(*numbers), digits=digits, sampling=Sampling.POISSON)


def _checked(size: Any, generations: Any, samples: Any) -> tuple[int, int, int | None]:
    lists = count(generations, "generations", 1)
    if lists > MAX_GENERATIONS:
        what = f"{lists} generations are more than {MAX_GENERATIONS}"
        raise InputError(what, where="generations", remedy="the asymptotics hold there")
    return count(size, "size", 1), lists, None if samples is None else count(samples, "samples")


def _mean(size: int, generations: int, samples: int | None) -> Any:
    """T0 (1 - h_n) as a ball.  With u = 1 - h the step is u -> 1 - exp(-u), which keeps digits where u is small."""
    chance = flint.arb(1) if samples is None else -(flint.arb(-samples) / size).expm1()
    for _ in range(generations - 1):
        chance = -(-chance).expm1()
    return size * chance


def survival(generations: int, ratio: Any = None) -> Any:
    """``1 - h_n`` as an exact expression: the chance that the line of one copy of the first list reaches the learner.

    Parameters
    ----------
    generations : n, from 1 to 50.
    ratio : T/T0, a number or an expression; None if the learner remembers the last list.

    >>> survival(2), survival(1, "1/2")
    (1 - exp(-1), 1 - exp(-1/2))
    """
    lists = count(generations, "generations", 1)
    if lists > MAX_NESTED:
        remedy = "give a symbol for the limit of many generations"
        raise InputError(f"{lists} nested exponentials", where="generations", remedy=remedy)
    missed = sympy.Integer(0) if ratio is None else sympy.exp(-exact(ratio, "ratio"))
    for _ in range(lists - 1):
        missed = children(missed)
    return 1 - missed


def decay() -> tuple[Any, Any]:
    """(a, b) such that 1/u - steps of ``u = 1 - h`` are ``a + b*u + O(u**2)``, for small u.

    From u' = 1 - g(1 - u), with g of mean 1: 1/u' - 1/u tends to g''(1)/2 = a.  Hence 1/u_n = a n + (b/a) log(n) + O(1)
    and the chance to survive n generations is 1/(a n) (Kolmogorov 1938).

    >>> decay()
    (1/2, 1/12)
    """
    u = sympy.Dummy("u", positive=True)
    step = sympy.series(1 / (1 - children(1 - u)) - 1 / u, u, 0, 2).removeO()
    return step.coeff(u, 0), step.coeff(u, 1)


def generation_asymptotics(test: ZipfLaw, law: TrainingLaw, generations: Any, ratio: Any = None) -> ZipfAsymptotics:
    """The error after n generations for large T0.

    Parameters
    ----------
    test, law : as for `fpt_calc.scaling.zipf.asymptotics`.
    generations : n, a number from 1 to 50; or a symbol, for many generations, 1 << n << T0.
    ratio : T/T0 as for `survival`; it does not matter for many generations.

    Raises `InputError` and `CannotDecideError` as `fpt_calc.scaling.zipf.asymptotics`.

    >>> law = ZipfLaw("3/2")
    >>> print(generation_asymptotics(law, law, sympy.Symbol("n")))
    2**(2/3)*n**(1/3)*gamma(1/3)/(3*T0**(1/3)*zeta(3/2)**(2/3)) + O(log(n)/(T0**(1/3)*n**(2/3)))
    + O(n**(4/3)/T0**(4/3)) for 1 << n << T0
    """
    if not isinstance(generations, sympy.Symbol):
        rate = monomial(survival(generations, ratio), {T0: 1})
        return asymptotics(test, law, rate=rate)
    n = symbol(generations.name)
    found = asymptotics(test, law, rate=monomial(1 / decay()[0], {T0: 1, n: -1}))
    if len(found.regimes) > 1:
        what = "many generations of a law with a cut"
        raise InputError(what, where="generations", remedy="give a number of generations")
    (regime,) = found.regimes
    slow = [times(order(term), monomial(1, {n: -1, sympy.log(n): 1})) for term in regime.terms]
    remainder = (*slow, *regime.remainder)
    return ZipfAsymptotics((Regime(f"1 << {n} << T0", regime.terms, remainder),), regime.expression(), remainder)


def linear_statement(test: ZipfLaw, law: TrainingLaw) -> tuple[Monomial, Monomial]:
    """The two terms of the statement ``C*T**-c + C*n*T0**-c``, C T^-c being the error of T real items.

    It is an upper bound to leading order.  1 - exp(-u) >= u/(1 + u) gives 1/u_{m+1} <= 1/u_m + 1 and
    1/u_1 <= 1 + T0/T, so that T0 u_n >= 1/(n/T0 + 1/T), and (x + y)^c <= x^c + y^c, n^c <= n for c <= 1.
    It is no equality: 1 - h_n ~ 2/n makes the error grow like n^c.

    Raises `InputError` where the law has a cut, or the exponent is above 1.
    """
    found = asymptotics(test, law)
    (regime, *more) = found.regimes
    (term,) = regime.terms
    ((_, c),) = term.exponents
    if more or (c + 1).is_negative:
        remedy = "give a law without a cut, with an exponent of at least that of the test less 1"
        raise InputError("the linear statement is for laws whose error is C*T**-c, c <= 1", where="law", remedy=remedy)
    n = symbol("n")
    return term, monomial(term.coefficient, {T0: c, n: 1})
