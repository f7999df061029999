"""A learner that remembers: synthetic data whose tail is cut off at item k.  p_i = i^-beta/Z; the T training items are
drawn from p given i <= k; c = 1 - 1/beta.

    E ~ Gamma(c)/beta Z^(-1/beta) T^-c            for T << k^beta,
    E ~ k^-(beta - 1)/((beta - 1) Z)              for T >> k^beta: the plateau,

and in between E = K T^-c Gamma(c, T/(Z k^beta)) + plateau with the incomplete gamma function.  So E is T^-c +
k^-(beta-1) with these constants up to a factor that is between 1/2 and 1, since x^c/c > gamma(c, x): a bound on both
sides, no equality.  A generator trained on T0 items, which knows what it has seen, loses the mass of a cut at k = const
T0^(1/beta).

Source: Dohmatob, Feng, Yang, Charton and Kempe, A tale of tails (2024).
"""

import flint
import sympy

from fpt_calc.cli.entries import main
from fpt_calc.collection import ScalingEntry
from fpt_calc.scaling.entry import ScalingCheck
from fpt_calc.scaling.findings import below, converges, equal_expressions, near_estimate
from fpt_calc.scaling.zipf import ZipfLaw, asymptotics, certified_error, cut, expected_error
from fpt_calc.scaling.zipf.simulate import simulate_error

beta, T, k, T0, ratio = sympy.symbols("beta T k T0 ratio", positive=True)
law, numbers = ZipfLaw(beta), ZipfLaw("3/2")
few, many = asymptotics(law, cut(law, k)).regimes
pure = asymptotics(law, law)
uniform = asymptotics(numbers, cut(numbers, k))
plateau = k ** -(beta - 1) / ((beta - 1) * sympy.zeta(beta))
learned = sympy.gamma(1 - 1 / beta) / beta * sympy.zeta(beta) ** (-1 / beta) * T ** -(1 - 1 / beta)
cuts = [10**2, 10**4, 10**6]


def error(size, last):
    return certified_error(numbers, cut(numbers, last), size)


def sum_of_both(size, last):
    value = (learned + plateau).subs({beta: sympy.Rational(3, 2), T: size, k: last})
    return flint.arb(str(value.n(40)))


def crossover(claim):
    """Along T = k^(3/2), where neither term is small; the weight at the cut changes by a relative k^(-1/2)."""
    sizes = [round(last**1.5) for last in cuts]
    values = [error(size, last) for size, last in zip(sizes, cuts, strict=True)]
    return converges(values, [claim(size, last) for size, last in zip(sizes, cuts, strict=True)], [1 / c for c in cuts])


def both_sides():
    grid = [(size, last) for size in (10**3, 10**5, 10**7, 10**9) for last in (10**3, 10**4, 10**5)]
    values, sums = [error(*at) for at in grid], [sum_of_both(*at) for at in grid]
    return below([*values, *(s / 2 for s in sums)], [*sums, *values])


def level(claim):
    at = [claim.subs({beta: sympy.Rational(3, 2), k: last}).n(40) for last in cuts]
    return converges([error(10**15, last) for last in cuts], at, [last**-1.5 for last in cuts])


def effective_cut():
    """Plateau over error of T0 items, at k = ratio T0^(1/beta), holds T0 no more."""
    quotient = sympy.simplify(plateau.subs(k, ratio * T0 ** (1 / beta)) / learned.subs(T, T0))
    free = ratio ** (1 - beta) * sympy.zeta(beta) ** (1 / beta - 1) * beta / ((beta - 1) * sympy.gamma(1 - 1 / beta))
    return equal_expressions(quotient, free)


ENTRY = ScalingEntry(
    "A tale of tails: a tail that is cut off",
    (
        ScalingCheck(
            "for T << k**beta as without a cut",
            lambda: equal_expressions(few.expression(), pure.expression()),
            "PROVED",
        ),
        ScalingCheck(
            "the plateau k**-(beta - 1)/((beta - 1)*Z)", lambda: equal_expressions(many.expression(), plateau), "PROVED"
        ),
        ScalingCheck("the sums tend to the plateau at the rate k**-beta", lambda: level(plateau), "CONSISTENT"),
        ScalingCheck(
            "the crossover is an incomplete gamma function",
            lambda: crossover(lambda s, c: uniform.at(T=s, k=c, digits=40)),
            "CONSISTENT",
        ),
        ScalingCheck("T**-c + k**-(beta - 1) with constants is E up to a factor 2", both_sides, "CERTIFIED"),
        ScalingCheck("a generator trained on T0 items cuts at k = const*T0**(1/beta)", effective_cut, "PROVED"),
        ScalingCheck(
            "a learner is simulated",
            lambda: near_estimate(
                expected_error(numbers, cut(numbers, 100), 3000), simulate_error(numbers, cut(numbers, 100), 3000)
            ),
            "CONSISTENT",
        ),
        ScalingCheck(
            "T**-c + k**-(beta - 1) as an equality",
            lambda: crossover(lambda s, c: sum_of_both(s, c).str(40, radius=False)),
            "REFUTED",
        ),
        ScalingCheck("a plateau k**-beta", lambda: level(k**-beta / ((beta - 1) * sympy.zeta(beta))), "REFUTED"),
    ),
)

if __name__ == "__main__":
    main(ENTRY)
