"""A learner that remembers: synthetic data with a narrower tail.  Tested on p_i = i^-beta/Z, trained on T items from
q_i = i^-beta'/Z', beta' > beta, as sampling at a low temperature gives:

    E ~ Gamma(c)/beta' Z'^c/Z T^-c,        c = (beta - 1)/beta'.

The Mellin transform is Gamma(s) Z'^s/Z zeta(beta - beta' s), with its pole at s = c.  Selection by a verifier that
keeps item i with probability i^-gamma is the same with beta' = beta + gamma.

Source: Dohmatob, Feng, Yang, Charton and Kempe, A tale of tails (2024).
"""

import sympy

from fpt_calc.cli.entries import main
from fpt_calc.collection import ScalingEntry
from fpt_calc.scaling.entry import ScalingCheck
from fpt_calc.scaling.findings import converges, equal_expressions, near_estimate
from fpt_calc.scaling.zipf import ZipfLaw, asymptotics, certified_error, expected_error, narrowed, reweighted
from fpt_calc.scaling.zipf.simulate import simulate_error

beta, gamma, T = sympy.symbols("beta gamma T", positive=True)
law, numbers = ZipfLaw(beta), ZipfLaw("3/2")
narrow = narrowed(numbers, "5/2")
sizes = [10**4, 10**7, 10**10]
power = (beta - 1) / (beta + gamma)
claimed = sympy.gamma(power) / (beta + gamma) * sympy.zeta(beta + gamma) ** power / sympy.zeta(beta) * T**-power
at = {beta: sympy.Rational(3, 2), gamma: 1}


def settles(claim):
    values = [certified_error(numbers, narrow, size) for size in sizes]
    return converges(values, [claim.subs({**at, T: size}).n(40) for size in sizes], [size**-1.2 for size in sizes])


ENTRY = ScalingEntry(
    "A tale of tails: a narrowed tail",
    (
        ScalingCheck(
            "E ~ Gamma(c)/beta'*Z'**c/Z*T**-c, c = (beta - 1)/beta', beta' = beta + gamma",
            lambda: equal_expressions(asymptotics(law, narrowed(law, beta + gamma)).expression(), claimed),
            "PROVED",
        ),
        ScalingCheck(
            "selection with probability i**-gamma is the same",
            lambda: equal_expressions(asymptotics(law, reweighted(law, gamma)).expression(), claimed),
            "PROVED",
        ),
        ScalingCheck("the sums tend to it at the rate T**-(c + 1)", lambda: settles(claimed), "CONSISTENT"),
        ScalingCheck(
            "a learner is simulated",
            lambda: near_estimate(
                expected_error(numbers, narrow, 3000), simulate_error(numbers, reweighted(numbers, 1), 3000)
            ),
            "CONSISTENT",
        ),
        ScalingCheck(
            "the exponent 1 - 1/beta' of a test on the narrow law",
            lambda: settles(claimed * T**power * T ** (1 / (beta + gamma) - 1)),
            "REFUTED",
        ),
        ScalingCheck("the exponent 1 - 1/beta", lambda: settles(claimed * T**power * T ** (1 / beta - 1)), "REFUTED"),
    ),
)

if __name__ == "__main__":
    main(ENTRY)
