"""A learner that remembers: generations.  The first data are T0 items from Zipf's law p_i = i^-beta/Z; each further
generation draws T0 items, with repetition, from the list of the one before; after n lists the learner draws T items
from the last one, or remembers all of it (T = oo).  With c = 1 - 1/beta, D the constant of real data and

    h_1 = exp(-T/T0), h_{m+1} = exp(h_m - 1):    E ~ sum of p_i exp(-T0 p_i (1 - h_n)) ~ D (T0 (1 - h_n))^-c,

since the copies of an item are a branching process with Poisson(1) children.  1 - h_n ~ 2/n, so that for 1 << n << T0

    E ~ D (n/(2 T0))^c:

sublinear in n.  The usual statement T^-c + n T0^-c, with the constant D, is an upper bound and no equality.

Source: Dohmatob, Feng, Yang, Charton and Kempe, A tale of tails (2024), for the bound; Kolmogorov (1938) for 2/n.
"""

import math

import flint
import sympy

from fpt_calc.cli.entries import main
from fpt_calc.collection import ScalingEntry
from fpt_calc.scaling.entry import Finding, ScalingCheck
from fpt_calc.scaling.findings import below, converges, equal_expressions, near_estimate
from fpt_calc.scaling.zipf import (
    ZipfLaw,
    certified_generation_error,
    generation_asymptotics,
    generation_error,
    linear_statement,
)
from fpt_calc.scaling.zipf.generations import decay
from fpt_calc.scaling.zipf.monomials import expression
from fpt_calc.scaling.zipf.simulate import simulate_generations

beta, T, T0, n = sympy.symbols("beta T T0 n", positive=True)
law, numbers = ZipfLaw(beta), ZipfLaw("3/2")
c = 1 - 1 / beta
constant = sympy.gamma(c) / beta * sympy.zeta(beta) ** (-1 / beta)
counts = (1, 2, 4, 8, 16, 32)
QUOTED = (0.04327, 0.05050, 0.06023, 0.07316, 0.09007, 0.11193)  # of 3*10^6 items, T0 = 10^4, the last list remembered
linear = sum(map(expression, linear_statement(numbers, numbers)))
bounds = [(10**4, m, size) for m in (1, 4, 32, 256) for size in (10**3, 10**4, 10**5, 10**7)]


def quoted():
    found = [certified_generation_error(ZipfLaw("3/2", 3 * 10**6), ZipfLaw("3/2", 3 * 10**6), 10**4, m) for m in counts]
    agrees = all(abs(v - q) < 5e-6 for v, q in zip(found, QUOTED, strict=True))
    return Finding("CERTIFIED" if agrees else "REFUTED", ", ".join(v.str(6, radius=False) for v in found))


def first_lists():
    """Three lists, T = T0/2: h_3 written out."""
    found = generation_asymptotics(law, law, 3, "1/2").expression()
    h = sympy.exp(sympy.exp(sympy.exp(-sympy.Rational(1, 2)) - 1) - 1)
    return equal_expressions(found, constant * (T0 * (1 - h)) ** -c)


def many(claim):
    """n = T0^(1/2), so that n/T0 tends to 0: the stated order is log(n)/n relative to the error."""
    sizes = [10**6, 10**8, 10**9]
    values = [certified_generation_error(numbers, numbers, s, math.isqrt(s)) for s in sizes]
    at = [claim.subs({beta: sympy.Rational(3, 2), T0: s, n: math.isqrt(s)}).n(40) for s in sizes]
    orders = [float(v) * math.log(math.isqrt(s)) / math.isqrt(s) for v, s in zip(values, sizes, strict=True)]
    return converges(values, at, orders)


def linear_bound():
    values = [certified_generation_error(numbers, numbers, *at) for at in bounds]
    return below(values, [flint.arb(str(linear.subs({T0: a, n: b, T: s}).n(30))) for a, b, s in bounds])


def simulated(m):
    estimates = simulate_generations(numbers, numbers, 2000, (1, 4, 16), 4000, trials=30)
    return near_estimate(generation_error(numbers, numbers, 2000, m, 4000), estimates[m])


ENTRY = ScalingEntry(
    "A tale of tails: generations",
    (
        ScalingCheck(
            "1/(1 - h_n) grows by 1/2 in each generation",
            lambda: equal_expressions(decay()[0], sympy.Rational(1, 2)),
            "PROVED",
        ),
        ScalingCheck("E ~ D*(T0*(1 - h_3))**-c for T = T0/2", first_lists, "PROVED"),
        ScalingCheck(
            "E ~ D*(n/(2*T0))**c for 1 << n << T0",
            lambda: equal_expressions(generation_asymptotics(law, law, n).expression(), constant * (n / (2 * T0)) ** c),
            "PROVED",
        ),
        ScalingCheck(
            "the sums tend to it, relatively as log(n)/n", lambda: many(constant * (n / (2 * T0)) ** c), "CONSISTENT"
        ),
        ScalingCheck("n = 1, 2, 4, 8, 16, 32 at beta = 3/2, T0 = 10^4", quoted, "CERTIFIED"),
        *(ScalingCheck(f"generation {m} is simulated", lambda m=m: simulated(m), "CONSISTENT") for m in (1, 4, 16)),
        ScalingCheck("D*T**-c + D*n*T0**-c is an upper bound", linear_bound, "CERTIFIED"),
        ScalingCheck("D*n*T0**-c as an equality", lambda: many(constant * n * T0**-c), "REFUTED"),
        ScalingCheck("D*(n/T0)**c, without the 2", lambda: many(constant * (n / T0) ** c), "REFUTED"),
    ),
)

if __name__ == "__main__":
    main(ENTRY)
