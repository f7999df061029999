"""Associative memory: f(x) = argmax over y of u_y' W e_x, W = sum of q(i) u_f(i) e_i' over the items seen, with random
vectors in R^d, here with two outputs; test on p_i = i^-beta/Z.  Items are wrong where the noise of the others exceeds
q(x): the chance is a normal tail of q(x) sqrt(d/S), S the sum of q^2.

- q = p^rho, 2 rho beta > 1: E ~ C d^-c_q, c_q = (beta - 1)/(2 rho beta), by the Mellin transform of the normal tail.
- q = 1 for the first P items: all of them are wrong with the chance of a normal tail at sqrt(d/P).  For P = const d
  this does not tend to 0.  The exponent c_q = beta - 1 needs P = d/(g log(d)), and comes with log(d)^(beta - 1).
- T training items from a law cut at k: E is T^-c + d^-c_q + k^-(beta - 1) with constants, up to a factor 3.  An item
  that was not seen is wrong with chance 1/2: half the error of the learner that remembers, which is within a factor 2,
  and the error of the memory of all items, are both below E.

Source: Cabannes, Dohmatob and Bietti, Scaling laws for associative memories (2023); Dohmatob, Feng, Yang, Charton and
Kempe, A tale of tails (2024).
"""

import itertools
import math

import flint
import sympy

from fpt_calc.cli.entries import main
from fpt_calc.collection import ScalingEntry
from fpt_calc.scaling.entry import Finding, ScalingCheck
from fpt_calc.scaling.findings import converges, equal_expressions, near_estimate
from fpt_calc.scaling.zipf import ZipfLaw, asymptotics, cut
from fpt_calc.scaling.zipf.memory import (
    memory_asymptotics,
    memory_error,
    power_weights,
    threshold,
    threshold_asymptotics,
)
from fpt_calc.scaling.zipf.simulate_models import simulate_associative_memory

beta, rho, d = sympy.symbols("beta rho d", positive=True)
law, items = ZipfLaw(beta), ZipfLaw(2, items=1000)
weights = power_weights("1/2")


def exponent(asymptotic):
    return -dict(asymptotic.regimes[0].terms[0].exponents)[d]


def large_memory(factor):
    """beta = 3, rho = 1/2: the items beyond 8000 weigh 3e-9."""
    found, sizes = memory_asymptotics(ZipfLaw(3), weights), [50, 500, 5000]
    values = [flint.arb(memory_error(ZipfLaw(3, items=8000), weights, s)) for s in sizes]
    return converges(values, [found.at(d=s) * factor(s) for s in sizes], [s ** (-5 / 3) for s in sizes])


def stored(number):
    """Half of the mass that is not stored, times a constant, has to bound the error if the exponent is beta - 1."""
    test = ZipfLaw(2, items=20_000)
    found = [(s, memory_error(test, threshold(number(s)), s)) for s in (64, 512, 4096)]
    slopes = [math.log(a[1] / b[1]) / math.log(b[0] / a[0]) for a, b in itertools.pairwise(found)]
    text = (
        ", ".join(f"E = {e:.4g} at d = {s}" for s, e in found) + f"; local exponents {slopes[0]:.3f}, {slopes[1]:.3f}"
    )
    # log(d) to the power beta - 1 = 1 lowers the local exponent by about 1/log(d)
    return Finding("CONSISTENT" if abs(slopes[-1] + 1 / math.log(1448) - 1) < 0.1 else "REFUTED", text)


def triplet():
    test, whole = ZipfLaw("3/2", items=6000), ZipfLaw("3/2")
    k = sympy.Symbol("k", positive=True)
    learned, lost = (r.expression() for r in asymptotics(whole, cut(whole, k)).regimes)
    ratios = []
    for size, dim, last in (
        (300, 2000, 5000),
        (3000, 20, 5000),
        (100_000, 2000, 30),
        (3000, 200, 300),
        (1000, 1000, 100),
    ):
        value = memory_error(test, weights, dim, cut(test, last), size)
        both = (learned + lost).subs({sympy.Symbol("T", positive=True): size, k: last}).n()
        ratios.append(float((both / 2 + memory_asymptotics(whole, weights).at(d=dim)) / value))
    text = "sum over error: " + ", ".join(f"{r:.3f}" for r in ratios)
    return Finding("CONSISTENT" if all(1 < r < 3 for r in ratios) else "REFUTED", text)


def simulated(w, dim, *training):
    return near_estimate(
        memory_error(items, w, dim, *training), simulate_associative_memory(items, w, dim, *training, trials=40)
    )


ENTRY = ScalingEntry(
    "A tale of tails: associative memory",
    (
        ScalingCheck(
            "c_q = (beta - 1)/(2*rho*beta) for q = p**rho",
            lambda: equal_expressions(
                exponent(memory_asymptotics(law, power_weights(rho))), (beta - 1) / (2 * rho * beta)
            ),
            "PROVED",
        ),
        ScalingCheck("the errors tend to it", lambda: large_memory(lambda s: 1), "CONSISTENT"),
        ScalingCheck(
            "c_q = beta - 1 for P = d/(2*(beta - 1)*log(d)), with log(d)**(beta - 1)",
            lambda: equal_expressions(exponent(threshold_asymptotics(law)), beta - 1),
            "PROVED",
        ),
        ScalingCheck("the errors for this P", lambda: stored(lambda s: round(s / (2 * math.log(s)))), "CONSISTENT"),
        ScalingCheck("T**-c + d**-c_q + k**-(beta - 1) with constants is E up to a factor 3", triplet, "CONSISTENT"),
        ScalingCheck("a memory with q = p**(1/2) is simulated", lambda: simulated(weights, 64), "CONSISTENT"),
        ScalingCheck("a memory of the first 20 items is simulated", lambda: simulated(threshold(20), 64), "CONSISTENT"),
        ScalingCheck(
            "a memory of what was seen is simulated", lambda: simulated(weights, 64, cut(items, 100), 300), "CONSISTENT"
        ),
        ScalingCheck("c_q = beta - 1 for P = d", lambda: stored(lambda s: s), "REFUTED"),
        ScalingCheck("c_q = (beta - 1)/(rho*beta)", lambda: large_memory(lambda s: s ** (-1 / 3)), "REFUTED"),
    ),
)

if __name__ == "__main__":
    main(ENTRY)
