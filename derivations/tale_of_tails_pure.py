"""A learner that remembers: Zipf's law.  Items i = 1, 2, ... have p_i = i^-beta/Z, Z = zeta(beta), beta > 1; the
learner answers correctly what it has seen among T items.  With c = 1 - 1/beta,

    E(T) = sum of p_i (1 - p_i)^T = Gamma(1 - 1/beta)/beta * Z^(-1/beta) * T^-c (1 + O(1/T)).

The Mellin transform of the sum of p_i exp(-T p_i) is Gamma(s) Z^(s-1) zeta(beta - beta s); its first pole to the right
is that of zeta, at s = c.  There is no other one: what is left comes from the fixed number T alone.  By
E = integral of b^c/beta q^(c-1) (1 - q)^T it is the factor T!/Gamma(T + 1 + c) * T^c = 1 - c (c + 1)/(2 T) + ...

Source: Hutter, Learning curve theory (2021); Dohmatob, Feng, Yang, Charton and Kempe, A tale of tails (2024).
"""

import flint
import sympy

from fpt_calc.cli.entries import main
from fpt_calc.collection import ScalingEntry
from fpt_calc.scaling.entry import ScalingCheck
from fpt_calc.scaling.findings import below, converges, equal_expressions, near_estimate
from fpt_calc.scaling.zipf import ZipfLaw, asymptotics, certified_error, expected_error
from fpt_calc.scaling.zipf.simulate import simulate_error

beta, T = sympy.symbols("beta T", positive=True)
law, numbers = ZipfLaw(beta), ZipfLaw("3/2")
sizes = [10**4, 10**7, 10**10]

derived = asymptotics(law, law)
claimed = sympy.gamma(1 - 1 / beta) / beta * sympy.zeta(beta) ** (-1 / beta) * T ** -(1 - 1 / beta)


def settles(claim):
    values = [certified_error(numbers, numbers, size) for size in sizes]
    at = [claim.subs({beta: sympy.Rational(3, 2), T: size}).n(40) for size in sizes]
    return converges(values, at, [size ** (-4 / 3) for size in sizes])


def enclosed():
    with flint.ctx.workprec(200):
        return below(*bounds())


def bounds():
    leads = [flint.arb(str(asymptotics(numbers, numbers).at(T=size, digits=40))) for size in sizes]
    values = [certified_error(numbers, numbers, size) for size in sizes]
    c = flint.arb(1) / 3
    low = [a * (1 - c * (c + 1) / (2 * size) * (1 + flint.arb(1) / size)) for a, size in zip(leads, sizes, strict=True)]
    return [*low, *values], [*values, *leads]


ENTRY = ScalingEntry(
    "A tale of tails: Zipf's law",
    (
        ScalingCheck(
            "E ~ Gamma(1 - 1/beta)/beta*Z**(-1/beta)*T**-c",
            lambda: equal_expressions(derived.expression(), claimed),
            "PROVED",
        ),
        ScalingCheck("the sums tend to it at the rate T**-(c + 1)", lambda: settles(claimed), "CONSISTENT"),
        ScalingCheck("the relative difference is -c*(c + 1)/(2*T) to leading order", enclosed, "CERTIFIED"),
        ScalingCheck(
            "a learner is simulated",
            lambda: near_estimate(expected_error(numbers, numbers, 3000), simulate_error(numbers, numbers, 3000)),
            "CONSISTENT",
        ),
        ScalingCheck(
            "the exponent beta - 1 in place of c",
            lambda: settles(claimed * T ** (1 - 1 / beta) * T ** (1 - beta)),
            "REFUTED",
        ),
        ScalingCheck(
            "the constant without Z",
            lambda: equal_expressions(derived.expression(), claimed * sympy.zeta(beta) ** (1 / beta)),
            "REFUTED",
        ),
    ),
)

if __name__ == "__main__":
    main(ENTRY)
