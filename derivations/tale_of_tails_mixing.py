"""A learner that remembers: real data mixed with synthetic ones ("grokking").  Each of T training items is real,
p_i = i^-beta/Z, with probability pi, and otherwise from p cut off at k.  With c = 1 - 1/beta and D = Gamma(c)/beta
Z^(-1/beta),

    E ~ D T^-c                                    for T << k^beta,
    E ~ k^-(beta - 1)/((beta - 1) Z)              for k^beta << T << k^beta/pi: the plateau,
    E ~ D (pi T)^-c                               for T >> k^beta/pi: the tail is learned from the real data alone.

Both crossovers are incomplete gamma functions.  Selection that keeps the head with probability phi and the tail with
psi is the same with pi = psi/phi.

Source: Dohmatob, Feng, Yang, Charton and Kempe, A tale of tails (2024); selection: Feng, Dohmatob, Yang, Charton and
Kempe, Beyond model collapse (2024).
"""

import sympy

from fpt_calc.cli.entries import main
from fpt_calc.collection import ScalingEntry
from fpt_calc.scaling.entry import ScalingCheck
from fpt_calc.scaling.findings import converges, equal_expressions, near_estimate
from fpt_calc.scaling.zipf import ZipfLaw, asymptotics, certified_error, cut, expected_error, mixed, selected
from fpt_calc.scaling.zipf.simulate import simulate_error

beta, T, k, pi, phi, psi = sympy.symbols("beta T k pi phi psi", positive=True)
law, numbers = ZipfLaw(beta), ZipfLaw("3/2")
regimes = asymptotics(law, mixed(pi, law, cut(law, k))).regimes
verified = asymptotics(law, selected(law, k, phi, psi)).regimes
uniform = asymptotics(numbers, mixed(pi, numbers, cut(numbers, k)))
learned = sympy.gamma(1 - 1 / beta) / beta * sympy.zeta(beta) ** (-1 / beta) * T ** -(1 - 1 / beta)
plateau = k ** -(beta - 1) / ((beta - 1) * sympy.zeta(beta))
late = learned * pi ** -(1 - 1 / beta)
share, cuts = sympy.Rational(1, 1000), [10**3, 10**4, 10**5]
small = mixed("1/10", numbers, cut(numbers, 50))


def along(power, claim, order):
    """Along T = k^(3/2) pi^-power, with increasing cuts."""
    sizes = [round(last**1.5 * 1000**power) for last in cuts]
    values = [
        certified_error(numbers, mixed(share, numbers, cut(numbers, c)), s) for s, c in zip(sizes, cuts, strict=True)
    ]
    return converges(
        values,
        [claim(s, c) for s, c in zip(sizes, cuts, strict=True)],
        [order(s, c) for s, c in zip(sizes, cuts, strict=True)],
    )


def number(claim):
    return lambda s, c: claim.subs({beta: sympy.Rational(3, 2), pi: share, T: s, k: c}).n(40)


def derived(s, c):
    return uniform.at(T=s, k=c, pi=share, digits=40)


ENTRY = ScalingEntry(
    "A tale of tails: mixing real and synthetic data",
    (
        ScalingCheck("D*T**-c for T << k**beta", lambda: equal_expressions(regimes[0].expression(), learned), "PROVED"),
        ScalingCheck(
            "the plateau for k**beta << T << k**beta/pi",
            lambda: equal_expressions(regimes[1].expression(), plateau),
            "PROVED",
        ),
        ScalingCheck(
            "D*(pi*T)**-c for T >> k**beta/pi", lambda: equal_expressions(regimes[2].expression(), late), "PROVED"
        ),
        ScalingCheck(
            "selection is the same with pi = psi/phi",
            lambda: equal_expressions(verified[2].expression(), late.subs(pi, psi / phi)),
            "PROVED",
        ),
        ScalingCheck("the first crossover, T = k**beta", lambda: along(0, derived, lambda s, c: c**-1.0), "CONSISTENT"),
        ScalingCheck(
            "the second crossover, T = k**beta/pi", lambda: along(1, derived, lambda s, c: c**-1.5), "CONSISTENT"
        ),
        ScalingCheck(
            "the late regime, T = k**beta/pi**2",
            lambda: along(2, number(late), lambda s, c: s ** (-4 / 3)),
            "CONSISTENT",
        ),
        *(
            ScalingCheck(
                f"a learner of {size} items is simulated",
                lambda size=size: near_estimate(
                    expected_error(numbers, small, size), simulate_error(numbers, small, size)
                ),
                "CONSISTENT",
            )
            for size in (100, 1000, 20_000)
        ),
        ScalingCheck(
            "T**-c + k**-(beta - 1) at all T",
            lambda: along(2, number(learned + plateau), lambda s, c: s ** (-4 / 3)),
            "REFUTED",
        ),
        ScalingCheck(
            "T**-c in the late regime, without pi",
            lambda: equal_expressions(regimes[2].expression(), learned),
            "REFUTED",
        ),
        ScalingCheck(
            "a plateau up to k**beta/pi**2", lambda: along(2, number(plateau), lambda s, c: c**-1.5), "REFUTED"
        ),
    ),
)

if __name__ == "__main__":
    main(ENTRY)
