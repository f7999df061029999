"""Errors of learners that remember: balls, double precision, sums written out, and simulation."""

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

from fpt_calc.errors import CannotDecideError, InputError
from fpt_calc.scaling.zipf import (
    Sampling,
    TrainingLaw,
    ZipfLaw,
    certified_error,
    cut,
    expected_error,
    mixed,
    narrowed,
    reweighted,
    selected,
)
from fpt_calc.scaling.zipf.simulate import simulate_error
from tests.zipf_cases import TABLE, finite_laws, written_out

SIZES = (0, 1, 3, 100, 10**5, 10**9, 10**12)
MAX_Z = 4.0


def contains(ball: Any, value: Any) -> bool:
    """Whether a ball contains an mpmath number, whose own error is below 1e-45 of it."""
    text = mpmath.nstr(value, 50)
    with flint.ctx.workprec(300):
        around = flint.arb(text) * (1 + flint.arb(0, 1e-45))
        return bool(ball.overlaps(around))


def rounding(value: float) -> float:
    """What double precision loses: the error is the exponential of a rounded number."""
    return 2e-14 * (1 - math.log(max(value, 1e-300)))


@settings(max_examples=150, deadline=None)
@given(finite_laws(), st.sampled_from(SIZES), st.sampled_from(list(Sampling)))
def test_both_sums_are_the_sum_written_out(laws: tuple[ZipfLaw, TrainingLaw], size: int, sampling: Sampling) -> None:
    test, training = laws
    assert test.items is not None
    ball = certified_error(test, training, size, digits=25, sampling=sampling)
    with mpmath.workdps(60):
        p, q = written_out(test, test.items), written_out(training, test.items)
        missed = [(1 - x) ** size if sampling is Sampling.FIXED else mpmath.exp(-size * x) for x in q]
        value = mpmath.fsum(a * b for a, b in zip(p, missed, strict=True))
        assert contains(ball, value)
    number = expected_error(test, training, size, sampling=sampling)
    assert abs(number - float(value)) <= rounding(float(value)) * float(value) + 1e-290


LONG = ("two powers", "nested")  # series in two powers


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow if n in LONG else ()) for n in TABLE])
@pytest.mark.parametrize("beta", ["21/20", "3/2", "3"])
def test_infinitely_many_items(name: str, beta: str) -> None:
    test = ZipfLaw(beta)
    training = TABLE[name](test, 10**4)
    for size in (0, 7, 10**4, 10**9):
        ball = certified_error(test, training, size, digits=18)
        assert ball.rel_accuracy_bits() > 18 * math.log2(10)
        number = expected_error(test, training, size)
        assert abs(number - float(ball)) <= rounding(number) * number
    assert certified_error(test, training, 10**4, digits=25).overlaps(certified_error(test, training, 10**4, digits=18))


@pytest.mark.parametrize("name", ["real", "cut", "mixed", "reweighted"])
@pytest.mark.parametrize("items", [5000, 10**6])
def test_many_items_are_the_sum_one_by_one(name: str, items: int) -> None:
    """The tolerance is the rounding of a sum by pairs, and of exponents."""
    test = ZipfLaw("3/2", items)
    training = TABLE[name](test, 300)
    i = np.arange(1, items + 1, dtype=float)
    p = i**-1.5 / np.sum(i**-1.5)
    head = np.where(i <= 300, p, 0.0) / np.sum(p[:300])
    q = {"real": p, "cut": head, "mixed": p / 20 + head * 19 / 20, "reweighted": i**-2 / np.sum(i**-2)}[name]
    for size in (10, 10**4, 10**8):
        direct = float(np.sum(p * np.exp(size * np.log1p(-q))))
        assert abs(expected_error(test, training, size) - direct) <= 10 * rounding(direct) * direct


@pytest.mark.slow
def test_ten_million_items() -> None:
    test = ZipfLaw("3/2", 10**7)
    p = np.arange(1, 10**7 + 1, dtype=float) ** -1.5
    p /= np.sum(p)
    for size in (10**3, 10**7, 10**11):
        direct = float(np.sum(p * np.exp(size * np.log1p(-p))))
        assert abs(expected_error(test, test, size) - direct) <= 10 * rounding(direct) * direct


def test_the_two_ways_of_sampling() -> None:
    """0 <= exp(-T q) - (1 - q)^T <= T q^2 exp(-T q); for Zipf's law the sum is c(c + 1)/(2 T) of the error."""
    law = ZipfLaw("3/2")
    for size in (10**2, 10**4, 10**8):
        fixed, poisson = (certified_error(law, law, size, sampling=s) for s in (Sampling.FIXED, Sampling.POISSON))
        difference = (poisson - fixed) / poisson * size
        assert abs(float(difference) - (1 / 3) * (4 / 3) / 2) < 1 / size


SAME = {
    "narrowed is reweighted": (lambda law: narrowed(law, "5/2"), lambda law: reweighted(law, 1)),
    "selected without its tail is cut": (lambda law: selected(law, 20, "1/2", 0), lambda law: cut(law, 20)),
    "selected alike is the law": (lambda law: selected(law, 20, "1/2", "1/2"), lambda law: law),
    "mixed with itself": (lambda law: mixed("1/3", law, law), lambda law: law),
    "a share of 0": (lambda law: mixed(0, law, cut(law, 9)), lambda law: cut(law, 9)),
    "a share of 1": (lambda law: mixed(1.0, law, cut(law, 9)), lambda law: law),
    "cut twice": (lambda law: cut(cut(law, 30), 9), lambda law: cut(law, 9)),
}


@pytest.mark.parametrize(("first", "second"), SAME.values(), ids=SAME.keys())
@pytest.mark.parametrize("items", [None, 25])
def test_laws_that_are_the_same(first: Any, second: Any, items: int | None) -> None:
    law = ZipfLaw("3/2", items)
    for size in (1, 50, 10**6):
        a, b = (certified_error(law, make(law), size, digits=20) for make in (first, second))
        assert a.overlaps(b)


def test_monotone_in_the_number_of_items_and_a_plateau() -> None:
    law = ZipfLaw("3/2")
    training = mixed("1/50", law, cut(law, 100))
    values = [certified_error(law, training, 4**n) for n in range(20)]
    assert all(b < a for a, b in pairwise(values))
    assert certified_error(law, cut(law, 100), 10**9).overlaps(
        flint.arb(flint.fmpq(3, 2)).zeta(flint.arb(101)) / flint.arb(flint.fmpq(3, 2)).zeta(flint.arb(1))
    )
    assert certified_error(law, law, 0).overlaps(flint.arb(1))


@pytest.mark.parametrize("name", TABLE)
def test_learners_are_simulated(name: str) -> None:
    test = ZipfLaw("3/2")
    training = TABLE[name](test, 50)
    found = simulate_error(test, training, 2000, trials=12, tests=4000, seed=3)
    assert abs(found.mean - expected_error(test, training, 2000)) <= MAX_Z * found.standard_error
    assert found == simulate_error(test, training, 2000, trials=12, tests=4000, seed=3)
    assert found.mean != simulate_error(test, training, 2000, trials=12, tests=4000, seed=4).mean


REAL = ZipfLaw("3/2")
BAD = {
    "exponent 1": lambda: ZipfLaw(1),
    "exponent below 1": lambda: ZipfLaw(0.5),
    "negative exponent": lambda: ZipfLaw("-2"),
    "exponent that is no number": lambda: ZipfLaw("two"),
    "exponent that is a call": lambda: ZipfLaw("__import__('os')"),
    "exponent nan": lambda: ZipfLaw(math.nan),
    "exponent infinite": lambda: ZipfLaw(math.inf),
    "exponent True": lambda: ZipfLaw(True),
    "exponent huge": lambda: ZipfLaw("1e100000000"),
    "exponent 1/0": lambda: ZipfLaw("1/0"),
    "no items": lambda: ZipfLaw(2, 0),
    "items not whole": lambda: ZipfLaw(2, 2.5),  # type: ignore[arg-type]
    "cut at 0": lambda: cut(REAL, 0),
    "cut below 0": lambda: cut(REAL, -1),
    "cut not whole": lambda: cut(REAL, 1.5),
    "share above 1": lambda: mixed(1.01, REAL, REAL),
    "share below 0": lambda: mixed("-1/10", REAL, REAL),
    "narrowed to a wider law": lambda: narrowed(REAL, "5/4"),
    "narrowed to itself": lambda: narrowed(REAL, "3/2"),
    "negative gamma": lambda: reweighted(REAL, -1),
    "nothing kept": lambda: selected(REAL, 10, 0, 1),
    "kept twice": lambda: selected(REAL, 10, 2, 1),
    "samples below 0": lambda: expected_error(REAL, REAL, -1),
    "samples not whole": lambda: certified_error(REAL, REAL, 1.5),  # type: ignore[arg-type]
    "more than can be drawn": lambda: simulate_error(REAL, REAL, 10**12),
    "items beyond 2^63 to draw": lambda: simulate_error(ZipfLaw("11/10"), REAL, 10),
    "items beyond counting": lambda: ZipfLaw(2, 10**400),
    "no law": lambda: expected_error("law", REAL, 10),  # type: ignore[arg-type]
    "no training law": lambda: certified_error(REAL, None, 10),  # type: ignore[arg-type]
    "nothing to cut": lambda: simulate_error(REAL, cut("law", 5), 10),  # type: ignore[arg-type]
    "samples beyond counting": lambda: expected_error(REAL, REAL, 10**19),
    "no digits": lambda: certified_error(REAL, REAL, 5, digits=0),
    "one trial": lambda: simulate_error(REAL, REAL, 5, trials=1),
    "negative seed": lambda: simulate_error(REAL, REAL, 5, seed=-1),
    "no tests": lambda: simulate_error(REAL, REAL, 5, tests=0),
}


@pytest.mark.parametrize("make", BAD.values(), ids=BAD.keys())
def test_bad_input_is_told_in_one_line(make: Any) -> None:
    with pytest.raises(InputError) as found:
        make()
    assert found.value.remedy and found.value.where and "\n" not in str(found.value)


def test_symbols_have_no_numbers() -> None:
    for law in (ZipfLaw(sympy.Symbol("beta")), cut(REAL, sympy.Symbol("k")), mixed(sympy.Symbol("s"), REAL, REAL)):
        for ask in (expected_error, certified_error, simulate_error):
            with pytest.raises(InputError, match="not a number"):
                ask(REAL, law, 10)


def test_a_hopeless_ball_is_refused_not_guessed() -> None:
    law = ZipfLaw("3/2", 10**7)
    with pytest.raises(CannotDecideError, match="too small for a series"):
        certified_error(law, law, 10**15)
    steep = ZipfLaw(1000)
    assert abs(float(certified_error(steep, steep, 10**6) * 2**1000) - 1) < 1e-12
    assert 0 <= expected_error(law, law, 10**15) < 1e-300
