"""The bigram version.  A context x has probability w_x; its items follow Zipf's law p_j = j^-beta/Z after a permutation
of its own.  The learner predicts the frequencies among T pairs; its error is the expected total variation:

    E ~ C T^-min(1 - 1/beta, 1/2),    beta != 2,        E ~ C log(T) T^(-1/2),    beta = 2,

C = sum of w^(1/beta) * M(-1/beta)/(2 beta Z^(1/beta)) for beta < 2, where M is the Mellin transform of the mean
absolute deviation of a Poisson variable, and sum of w^(1/2) * sum of sqrt(p (1 - p)) / sqrt(2 pi) for beta > 2.  The
other of the two terms is the next one.  The contexts are finitely many: with contexts from Zipf's law of the same
exponent, beta < 2, the sum of w^(1/beta) diverges like a logarithm.

Source: Dohmatob, Feng, Yang, Charton and Kempe, A tale of tails (2024), for the exponents.
"""

import flint
import numpy as np
import sympy

from fpt_calc.cli.entries import main
from fpt_calc.collection import ScalingEntry
from fpt_calc.scaling.entry import Finding, ScalingCheck
from fpt_calc.scaling.findings import converges, equal_expressions, near_estimate
from fpt_calc.scaling.zipf import ZipfLaw
from fpt_calc.scaling.zipf.bigram import bigram_asymptotics, bigram_error, total_variation
from fpt_calc.scaling.zipf.simulate_models import simulate_bigram

sizes, items = [10**2, 10**3, 10**4], 10**6
weights = ["1/2", "1/4", "1/4"]
small, half = ZipfLaw("3/2", items=500), sympy.Rational(1, 2)


def exponent(beta):
    ((_, power),) = [pair for pair in bigram_asymptotics(ZipfLaw(beta), [1]).regimes[0].terms[0].exponents]
    return power


def exact(beta, size):
    """One context; of items beyond 10^6 each is drawn at most once, and adds its p."""
    p = np.arange(1, items + 1, dtype=float) ** -float(beta) / float(sympy.zeta(beta))
    return flint.arb(total_variation(p, size) + 1 - float(np.sum(p)))


def settles(beta, claim, order):
    return converges([exact(beta, s) for s in sizes], [claim(s) for s in sizes], [order(s) for s in sizes])


def next_term():
    """Half of the order 1/T^(1 + c) of what follows both terms, T^(1/2) times smaller than the second one."""
    found = bigram_asymptotics(ZipfLaw("5/4"), [1])
    left = [abs(float(exact(1.25, s)) - float(found.at(T=s))) * s**1.2 for s in sizes]
    text = "differences over T**-(c + 1): " + ", ".join(f"{x:.3f}" for x in left)
    return Finding("CONSISTENT" if max(left) < 0.5 else "REFUTED", text)


def lead(beta):
    regime = bigram_asymptotics(ZipfLaw(beta), [1]).regimes[0]
    return lambda size: regime.at(T=size)


ENTRY = ScalingEntry(
    "A tale of tails: bigrams",
    (
        *(
            ScalingCheck(
                f"the exponent min(1 - 1/beta, 1/2) at beta = {b}",
                lambda b=b: equal_expressions(-exponent(b), sympy.Min(1 - 1 / sympy.Rational(b), half)),
                "PROVED",
            )
            for b in ("5/4", "3/2", "7/4", "5/2", "4")
        ),
        ScalingCheck(
            "the leading term at beta = 3/2", lambda: settles(1.5, lead("3/2"), lambda s: s**-0.5), "CONSISTENT"
        ),
        ScalingCheck(
            "the leading term at beta = 5/2", lambda: settles(2.5, lead("5/2"), lambda s: s**-0.6), "CONSISTENT"
        ),
        ScalingCheck("both terms at beta = 5/4", next_term, "CONSISTENT"),
        ScalingCheck(
            "three contexts are simulated",
            lambda: near_estimate(bigram_error(small, weights, 1000), simulate_bigram(small, weights, 1000)),
            "CONSISTENT",
        ),
        ScalingCheck(
            "the exponent 1 - 1/beta at beta = 5/2",
            lambda: equal_expressions(-exponent("5/2"), 1 - 1 / sympy.Rational(5, 2)),
            "REFUTED",
        ),
        ScalingCheck(
            "T**(-1/2) at beta = 3/2",
            lambda: settles(
                1.5, lambda s: lead("3/2")(s) * sympy.Integer(s) ** sympy.Rational(-1, 6), lambda s: s**-0.5
            ),
            "REFUTED",
        ),
    ),
)

if __name__ == "__main__":
    main(ENTRY)
