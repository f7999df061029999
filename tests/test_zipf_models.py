"""Generations, bigrams and associative memory: each against a computation of another kind, and simulated."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import flint
import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from fpt_calc.errors import InputError
from fpt_calc.scaling.findings import as_ball
from fpt_calc.scaling.zipf import (
    Sampling,
    ZipfLaw,
    certified_error,
    certified_generation_error,
    cut,
    generation_asymptotics,
    generation_error,
    linear_statement,
    mixed,
)
from fpt_calc.scaling.zipf.bigram import (
    bigram_asymptotics,
    bigram_error,
    poisson_deviation_transform,
    total_variation,
)
from fpt_calc.scaling.zipf.generations import decay, survival
from fpt_calc.scaling.zipf.memory import (
    Weights,
    memory_asymptotics,
    memory_error,
    power_weights,
    threshold,
    threshold_asymptotics,
)
from fpt_calc.scaling.zipf.monomials import expression
from fpt_calc.scaling.zipf.simulate import simulate_generations
from fpt_calc.scaling.zipf.simulate_models import simulate_associative_memory, simulate_bigram

MAX_Z = 4.0
REAL = ZipfLaw("3/2")
T, T0, n, d, beta, rho = sympy.symbols("T T0 n d beta rho", positive=True)


# generations ----------------------------------------------------------------------------------------------------------


def extinction(generations: int, ratio: float, copies: int = 200) -> float:
    """The chance that the learner misses the line of one copy, by the matrix of Poisson numbers of children."""
    children = np.zeros((copies, copies))
    number = np.arange(copies)
    logarithms = np.array([math.lgamma(m + 1) for m in number])
    children[0, 0] = 1.0
    for parents in number[1:]:
        children[parents] = np.exp(-parents + number * math.log(parents) - logarithms)
    missed = np.exp(-ratio * number)
    for _ in range(generations - 1):
        missed = children @ missed
    return float(missed[1])


@pytest.mark.parametrize("ratio", ["1/10", "1", "3"])
def test_survival_is_that_of_a_branching_process(ratio: str) -> None:
    """Lines of more than 200 copies within 12 generations have chances below 1e-16."""
    for generations in (1, 2, 5, 12):
        direct = extinction(generations, float(sympy.Rational(ratio)))
        assert math.isclose(float(1 - survival(generations, ratio)), direct, rel_tol=1e-12)


def test_the_chance_to_survive_is_two_over_n() -> None:
    """1/u_n - n/2 grows as log(n)/6."""
    assert decay() == (sympy.Rational(1, 2), sympy.Rational(1, 12))
    u, at = 1.0, {}
    for step in range(1, 100_001):
        if step in (1000, 100_000):
            at[step] = 1 / u - step / 2
        u = -math.expm1(-u)
    assert math.isclose(at[100_000] - at[1000], math.log(100) / 6, rel_tol=1e-3)


QUOTED = {1: 0.04327, 2: 0.05050, 4: 0.06023, 8: 0.07316, 16: 0.09007, 32: 0.11193}


@pytest.mark.parametrize(("generations", "value"), QUOTED.items())
def test_quoted_numbers(generations: int, value: float) -> None:
    """3*10^6 items, and a learner that remembers the last list: to the five digits quoted."""
    law = ZipfLaw("3/2", 3 * 10**6)
    ball = certified_generation_error(law, law, 10**4, generations, digits=12)
    assert abs(float(ball) - value) <= 5e-6
    assert math.isclose(generation_error(law, law, 10**4, generations), float(ball), rel_tol=1e-12)


@pytest.mark.parametrize("training", [REAL, mixed("1/10", REAL, cut(REAL, 60))], ids=["real", "mixed"])
def test_generations_are_simulated(training: Any) -> None:
    found = simulate_generations(REAL, training, 1000, (1, 3, 10), 1500, trials=30, tests=3000, seed=1)
    for generations, estimate in found.items():
        value = generation_error(REAL, training, 1000, generations, 1500)
        assert abs(estimate.mean - value) <= MAX_Z * estimate.standard_error
    # the same draws without the branching: the errors of real data are refuted
    fresh = float(certified_error(REAL, training, 1500, digits=10))
    assert abs(found[10].mean - fresh) > MAX_Z * found[10].standard_error


def test_one_generation_of_a_large_list_is_real_data() -> None:
    ball = certified_generation_error(REAL, REAL, 10**17, 1, 10**6)
    fresh = certified_error(REAL, REAL, 10**6, sampling=Sampling.POISSON)
    assert abs(float(ball / fresh) - 1) < 1e-10


@settings(max_examples=20, deadline=None)
@given(st.integers(1000, 10**9), st.integers(1, 400), st.integers(1000, 10**12), st.sampled_from(["5/4", "3/2", "2"]))
def test_the_linear_statement_is_a_bound(size: int, generations: int, samples: int, b: str) -> None:
    """To leading order; what is left at 1000 items is below exp(-25) for exponents up to 2."""
    law = ZipfLaw(b)
    linear = sum(map(expression, linear_statement(law, law))).subs({T: samples, T0: size, n: generations})
    ball = certified_generation_error(law, law, size, generations, samples)
    assert ball < as_ball(linear)


def test_the_linear_statement_is_no_equality() -> None:
    """Its excess grows as n^(1/beta), whatever the constant."""
    linear = sum(map(expression, linear_statement(REAL, REAL)))
    counts, size = (100, 1000, 10_000), 10**12
    ratios = [
        float(linear.subs({T: 10**15, T0: size, n: m})) / generation_error(REAL, REAL, size, m, 10**15) for m in counts
    ]
    assert all(math.isclose(math.log10(b / a), 2 / 3, rel_tol=0.02) for a, b in pairwise(ratios))


def test_asymptotics_of_generations() -> None:
    for m in (1, 3, 10):
        found = generation_asymptotics(REAL, REAL, m)
        ball = certified_generation_error(REAL, REAL, 10**9, m, digits=40)
        with flint.ctx.workprec(200):
            assert abs(ball / as_ball(found.at(T0=10**9, digits=45)) - 1) < flint.arb(10) ** -30
    many = generation_asymptotics(REAL, REAL, sympy.Symbol("n"))
    assert dict(many.regimes[0].terms[0].exponents) == {T0: sympy.Rational(-1, 3), n: sympy.Rational(1, 3)}
    errors = [generation_error(REAL, REAL, 10**15, m) / float(many.at(T0=10**15, n=m)) - 1 for m in (100, 10_000)]
    # relative log(n)/n, with the constant 1/9: c (b/a) log(n)/(a n)
    assert math.isclose(errors[0] * 100 / (errors[1] * 10_000), math.log(100) / math.log(10_000), rel_tol=0.2)


# bigrams --------------------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 40), st.lists(st.integers(1, 30), min_size=1, max_size=5))
def test_total_variation_is_the_sum_over_binomial_numbers(draws: int, weights: list[int]) -> None:
    p = np.array(weights) / sum(weights)
    direct = sum(
        math.comb(draws, m) * x**m * (1 - x) ** (draws - m) * abs(m / draws - x) for x in p for m in range(draws + 1)
    )
    assert math.isclose(total_variation(p, draws), direct / 2, rel_tol=1e-10, abs_tol=1e-14)


@pytest.mark.parametrize("s", [-0.9, -2 / 3, -0.55])
def test_the_transform_of_the_poisson_deviation_is_an_integral(s: float) -> None:
    """The first integral by Euler's incomplete gamma function, the tail by D(x) = sqrt(2 x/pi) (1 + O(1/x))."""

    def deviation(x: Any) -> Any:
        m = mpmath.floor(x)
        return 2 * mpmath.exp(-x + (m + 1) * mpmath.log(x) - mpmath.loggamma(m + 1))

    last = 150
    total = 2 * mpmath.gammainc(s + 1, 0, 1)
    total += mpmath.fsum(mpmath.quad(lambda x: deviation(x) * x ** (s - 1), [m, m + 1]) for m in range(1, last))
    total += mpmath.sqrt(2 / mpmath.pi) * mpmath.mpf(last) ** (s + 0.5) / -(s + 0.5)
    tail = last ** (s - 0.5)
    assert abs(poisson_deviation_transform(s) - float(total)) < tail


@pytest.mark.parametrize(("b", "exponent"), [("5/4", "1/5"), ("3/2", "1/3"), ("5/2", "1/2"), ("4", "1/2")])
def test_exponents_of_bigrams(b: str, exponent: str) -> None:
    """The local exponent of the exact error, extrapolated: E T^exponent tends to the constant as the second term."""
    found = bigram_asymptotics(ZipfLaw(b), ["1/2", "1/2"])
    assert dict(found.regimes[0].terms[0].exponents) == {T: -sympy.Rational(exponent)}
    law = ZipfLaw(b, 4000)
    lost = float(flint.arb(float(law.beta)).zeta(flint.arb(4001)) / flint.arb(float(law.beta)).zeta(flint.arb(1)))
    value = bigram_error(law, ["1/2", "1/2"], 400)
    # the mass beyond 4000 items is missed either way; what is left is of relative order 1/T
    assert abs(value - float(found.at(T=400))) < 2 * lost + 10 * value / 400


def test_bigrams_at_two_have_a_logarithm() -> None:
    found = bigram_asymptotics(ZipfLaw(2), [1])
    p = np.arange(1, 10**6 + 1, dtype=float) ** -2.0 / (math.pi**2 / 6)
    values = [total_variation(p, 10**m) * 10 ** (m / 2) for m in (2, 3, 4)]
    constant = float(found.at(T=10**4)) * 100 / math.log(10**4)
    # E sqrt(T) = C log(T) + D + ...
    assert all(math.isclose((b - a) / math.log(10), constant, rel_tol=0.03) for a, b in pairwise(values))


@pytest.mark.parametrize("b", ["5/4", "2", "3"])
def test_bigrams_are_simulated(b: str) -> None:
    law, weights = ZipfLaw(b, items=300), ["1/2", "3/10", "1/5"]
    found = simulate_bigram(law, weights, 500, trials=40, seed=2)
    assert abs(found.mean - bigram_error(law, weights, 500)) <= MAX_Z * found.standard_error


# associative memory ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dim", [1, 2, 7, 300, 5000])
def test_one_stored_item_against_another_is_students_law(dim: int) -> None:
    """Two items: x is wrong if t_d > sqrt(d) q(x)/q(other)."""
    law = ZipfLaw(2, items=2)
    p = np.array([0.8, 0.2])
    with mpmath.workdps(30):
        tail = [mpmath.betainc(dim / 2, 0.5, 0, 1 / (1 + (p[i] / p[1 - i]) ** 2), regularized=True) / 2 for i in (0, 1)]
    direct = float(p[0] * tail[0] + p[1] * tail[1])
    # exponents of size d are rounded
    assert math.isclose(memory_error(law, power_weights(1), dim), direct, rel_tol=1e-13 * (10 + dim))


MEMORIES: dict[str, tuple[Weights, tuple[Any, ...]]] = {
    "power": (power_weights("1/2"), ()),
    "large power": (power_weights(1), ()),
    "stored": (threshold(30), ()),
    "seen": (power_weights("1/2"), (cut(ZipfLaw(2, items=400), 60), 200)),
    "nothing seen": (power_weights("1/2"), (ZipfLaw(2, items=400), 0)),
}


@pytest.mark.parametrize("name", MEMORIES)
def test_memories_are_simulated(name: str) -> None:
    weights, training = MEMORIES[name]
    law = ZipfLaw(2, items=400)
    found = simulate_associative_memory(law, weights, 32, *training, trials=60, seed=5)
    value = memory_error(law, weights, 32, *training)
    assert abs(found.mean - value) <= MAX_Z * found.standard_error + 1e-12 * value


def test_exponents_of_memories() -> None:
    found = memory_asymptotics(ZipfLaw(beta), power_weights(rho))
    (power,) = dict(found.regimes[0].terms[0].exponents).values()
    assert sympy.simplify(power + (beta - 1) / (2 * rho * beta)) == 0
    law = ZipfLaw(3, items=20_000)
    value = memory_error(law, power_weights("1/2"), 10_000)
    assert math.isclose(value, float(memory_asymptotics(ZipfLaw(3), power_weights("1/2")).at(d=10_000)), rel_tol=1e-4)


def test_a_threshold_in_proportion_to_the_dimension_leaves_an_error() -> None:
    law, whole = ZipfLaw(2, items=10_000), ZipfLaw(2)
    floor = float(threshold_asymptotics(whole, 1).expression())
    assert math.isclose(floor, 0.158655, rel_tol=1e-5)
    values = [memory_error(law, threshold(dim), dim) for dim in (100, 1000)]
    assert all(abs(v - floor) < 2 / dim for v, dim in zip(values, (100, 1000), strict=True))
    log = threshold_asymptotics(whole)
    ratios = [memory_error(law, threshold(round(s / (2 * math.log(s)))), s) / float(log.at(d=s)) for s in (100, 1000)]
    assert all(abs(r - 1) < 1 / math.log(s) for r, s in zip(ratios, (100, 1000), strict=True))


BAD = {
    "no generation": lambda: generation_error(REAL, REAL, 10, 0),
    "an empty list": lambda: generation_error(REAL, REAL, 0, 1),
    "too many generations": lambda: generation_error(REAL, REAL, 10, 10**7),
    "too many nested": lambda: survival(1000),
    "many generations of a cut": lambda: generation_asymptotics(REAL, cut(REAL, sympy.Symbol("k")), n),
    "linear with a cut": lambda: linear_statement(REAL, cut(REAL, sympy.Symbol("k"))),
    "no counts": lambda: simulate_generations(REAL, REAL, 10, []),
    "contexts of sum 2": lambda: bigram_error(ZipfLaw(2, 10), [1, 1], 10),
    "no contexts": lambda: bigram_error(ZipfLaw(2, 10), [], 10),
    "infinitely many items of bigrams": lambda: bigram_error(REAL, [1], 10),
    "finitely many in asymptotics": lambda: bigram_asymptotics(ZipfLaw(2, 10), [1]),
    "too much work": lambda: bigram_error(ZipfLaw(2, 10**5), ["1/2", "1/2"], 10**6),
    "negative power": lambda: power_weights(-1),
    "nothing stored": lambda: threshold(0),
    "no dimension": lambda: memory_error(ZipfLaw(2, 10), threshold(1), 0),
    "huge dimension": lambda: memory_error(ZipfLaw(2, 10), threshold(1), 10**9),
    "memory of infinitely many": lambda: memory_error(REAL, threshold(1), 10),
    "training without a size": lambda: memory_error(ZipfLaw(2, 10), threshold(1), 5, ZipfLaw(2, 10)),
    "squares with no sum": lambda: memory_asymptotics(ZipfLaw(2), power_weights("1/4")),
    "no ratio": lambda: threshold_asymptotics(ZipfLaw(2), 0),
}


@pytest.mark.parametrize("make", BAD.values(), ids=BAD.keys())
def test_bad_input_is_told_in_one_line(make: Any) -> None:
    with pytest.raises(InputError) as found:
        make()
    assert found.value.remedy and found.value.where and "\n" not in str(found.value)
