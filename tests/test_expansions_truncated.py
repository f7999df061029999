"""Spectra that end at d: the three regimes against sums term by term."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import mpmath
import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fpt_calc.errors import InputError
from fpt_calc.scaling.expansions import (
    Functional,
    Regime,
    bias,
    crossover,
    df,
    enclose_truncated,
    expand_truncated,
    resolvent_trace,
    truncation_regime,
)
from fpt_calc.scaling.expansions.crossover import crossover_integral
from fpt_calc.scaling.expansions.power_sums import constant_term, upper_terms
from fpt_calc.scaling.spectra import Exponential, PowerLaw, PowerSource, Truncated, WithTail
from tests.expansion_sums import finite_sum, number

R = sympy.Rational

CASES = [
    (df(1), PowerLaw("3/2")),
    (df(2), PowerLaw("1/2", 2)),  # sigma = 1: a double pole at the edge
    (df(1), PowerLaw("1/2")),
    (df(1), PowerLaw(1, 2)),  # sigma = 1
    (resolvent_trace(1), PowerLaw("1/3", 3)),
    (resolvent_trace(2), PowerLaw("3/2")),
    (Functional(-1, 2), PowerLaw(1)),
    (Functional(-1, 2), PowerLaw("1/2")),
    (bias(PowerSource(1)), PowerLaw("3/2")),  # s* = 0
    (bias(PowerSource("1/2")), WithTail((5, 2), PowerLaw("3/2"))),  # s* = 1
    (bias(PowerSource("3/2")), PowerLaw(2, 3)),  # s* = -1
    (bias(PowerSource("1/4")), PowerLaw("6/5")),
]


def law_of(spectrum: Any) -> PowerLaw:
    return spectrum.tail if isinstance(spectrum, WithTail) else spectrum


def size_of(order: Any, kappa: mpmath.mpf, d: int) -> mpmath.mpf:
    """A stated order as a number."""
    logs = abs(mpmath.log(kappa)) ** order.log * mpmath.log(d) ** order.size_log
    return kappa ** number(order.power) * mpmath.mpf(d) ** number(order.size) * logs


@pytest.mark.parametrize(("functional", "spectrum"), CASES, ids=str)
@pytest.mark.parametrize(("regime", "step"), [(Regime.RESOLVED, 2), (Regime.CUT, -2)], ids=str)
def test_the_error_scales_like_the_stated_orders(
    functional: Functional, spectrum: Any, regime: Regime, step: int
) -> None:
    law, constants = law_of(spectrum), []
    with mpmath.workdps(30):
        for n in (4, 5, 6):  # kappa d^beta = 4^step .. along d = 2^n
            d = 2**n
            kappa = number(law.scale) * mpmath.mpf(2) ** (step * (n - 2)) / mpmath.mpf(d) ** number(law.beta)
            expansion = expand_truncated(functional, Truncated(spectrum, d), regime, 2, 3)
            exact = finite_sum(functional, spectrum, kappa, d)
            constants.append(abs(exact - expansion.at(kappa, 30)) / sum(size_of(o, kappa, d) for o in expansion.orders))
    assert max(constants) < 10  # while the orders fall by a factor of 30 and more


@pytest.mark.parametrize(("functional", "spectrum"), CASES, ids=str)
@pytest.mark.parametrize(("regime", "y"), [(Regime.RESOLVED, 32), (Regime.CUT, R(1, 32))], ids=str)
def test_many_terms_give_the_number(functional: Functional, spectrum: Any, regime: Regime, y: Any) -> None:
    law, d = law_of(spectrum), 150
    kappa = number(law.scale) * number(y) / mpmath.mpf(d) ** number(law.beta)
    has_room = 32 ** (1 / number(law.beta)) < d / 4  # else kappa is not small against the first eigenvalues
    if regime == Regime.RESOLVED and not has_room:
        pytest.skip("no room between the first and the last eigenvalue")
    value = expand_truncated(functional, Truncated(spectrum, d), regime, 4, 5).at(kappa)
    exact = finite_sum(functional, spectrum, kappa, d)
    assert abs(value / exact - 1) < 50 * mpmath.mpf(32) ** -4


@pytest.mark.parametrize(("functional", "spectrum"), CASES, ids=str)
@pytest.mark.parametrize("y", ["1/2", "2"])
def test_the_crossover_scales_like_the_stated_orders(functional: Functional, spectrum: Any, y: str) -> None:
    law, constants = law_of(spectrum), []
    with mpmath.workdps(30):
        for d in (64, 256):
            kappa = number(law.scale) * number(y) / mpmath.mpf(d) ** number(law.beta)
            expansion = crossover(functional, Truncated(spectrum, d), 2, 3)
            exact = finite_sum(functional, spectrum, kappa, d)
            error = abs(exact - expansion.at(kappa, 30))
            constants.append(error / sum(mpmath.mpf(d) ** number(size) for size in expansion.orders))
    assert constants[1] <= max(3, 1.2 * constants[0])  # the orders fall by a factor of 8 and more


@pytest.mark.parametrize(("functional", "spectrum"), CASES, ids=str)
def test_balls_hold_the_sums(functional: Functional, spectrum: Any) -> None:
    with mpmath.workdps(40):
        for d, y in ((50, 3), (200, 9)):
            kappa = number(law_of(spectrum).scale) * y / mpmath.mpf(d) ** number(law_of(spectrum).beta)
            value = enclose_truncated(functional, Truncated(spectrum, d), kappa, 2, 30)
            middle, radius = (mpmath.mpf(v.str(40, radius=False)) for v in (value.mid(), value.rad()))
            exact = finite_sum(functional, spectrum, kappa, d)
            assert abs(middle - exact) <= radius * (1 + mpmath.mpf(10) ** -9) + abs(exact) * mpmath.mpf(10) ** -33
    assert radius < abs(exact) / 20


@given(st.fractions(Fraction(1, 3), 3, max_denominator=5), st.integers(-1, 2), st.integers(1, 3), st.booleans())
@settings(max_examples=6, deadline=None)
def test_balls_of_any_exponents_hold_the_sums(beta: Fraction, power: int, m: int, sourced: bool) -> None:
    functional = Functional(power, m, PowerSource("1/2") if sourced else None)
    spectrum = PowerLaw(beta, 2)
    with mpmath.workdps(40):
        kappa = mpmath.mpf(8) / mpmath.mpf(60) ** number(beta)
        assume(kappa < 1.5)
        value = enclose_truncated(functional, Truncated(spectrum, 60), kappa, 2, 30)
        middle, radius = (mpmath.mpf(v.str(40, radius=False)) for v in (value.mid(), value.rad()))
        exact = finite_sum(functional, spectrum, kappa, 60)
        assert abs(middle - exact) <= radius * (1 + mpmath.mpf(10) ** -9) + abs(exact) * mpmath.mpf(10) ** -33


@given(st.integers(0, 8), st.integers(1, 40))
def test_sums_of_whole_powers_are_exact(u: int, d: int) -> None:
    tau = sympy.Integer(-u)
    total = constant_term(tau, 1) + sum(c * R(d) ** size for c, size, _ in upper_terms(tau, u // 2 + 4))
    assert total == sum(k**u for k in range(1, d + 1))


@given(st.fractions(-3, 4, max_denominator=5), st.integers(1, 4))
@settings(max_examples=30, deadline=None)
def test_sums_of_powers_leave_out_less_than_their_next_term(tau: Fraction, start: int) -> None:
    t, d = R(str(tau)), 40
    *terms, (c, size, _) = upper_terms(t, 7)
    exact = mpmath.fsum(mpmath.mpf(k) ** -number(t) for k in range(start, d + 1))
    value = constant_term(t, start) + sum(c * sympy.S(d) ** s * sympy.log(d) ** log for c, s, log in terms)
    left_out = abs(sympy.N(c * sympy.S(d) ** size))
    assert abs(mpmath.mpf(sympy.N(value, 20)) - exact) <= left_out + abs(exact) * 1e-13


@pytest.mark.parametrize("s", ["-2", "-1", "0", "1", "3", "1/2", "-1/2", "-7/3"])
@pytest.mark.parametrize("m", [1, 2, 3])
def test_the_crossover_integral(s: str, m: int) -> None:
    power, (low, high) = number(s), (mpmath.mpf("0.3"), mpmath.mpf(4))
    at_low, at_high = (mpmath.mpf(sympy.N(crossover_integral(R(s), m, R(y)), 20)) for y in ("0.3", "4"))
    # term by term at a small y; 1/v contributes nothing
    series = sum(mpmath.binomial(-m, i) * low**i / (power + i) for i in range(80) if power + i != 0)
    assert abs(at_low - series) < 1e-13 * abs(series)
    # y^s times it is the integral over v from 0 to y, but for log(y) where 1/v occurs
    step = mpmath.quad(lambda v: v ** (power - 1) * (1 + v) ** -m, [low, 1, high])
    if power <= 0 and power == int(power):
        step -= mpmath.binomial(-m, int(-power)) * mpmath.log(high / low)
    assert abs(at_high * high**power - at_low * low**power - step) < 1e-12 * (1 + abs(at_low * low**power))


LAWS = [  # ridge, size, regime, exponent of df(1), of resolvent_trace(1), of the bias with r = 1/4; beta = 3/2
    ("1", "1", Regime.RESOLVED, "2/3", "1", "-1/2"),
    ("1", "2/3", Regime.CROSSOVER, "2/3", "2/3", "-1/2"),
    ("1", "1/3", Regime.CUT, "1/3", "-1/6", "-5/4"),
]


@pytest.mark.parametrize(("ridge", "size", "regime", "dimension", "trace", "error"), LAWS)
def test_regimes_and_exponents(ridge: str, size: str, regime: Regime, dimension: str, trace: str, error: str) -> None:
    for functional, exponent in ((df(1), dimension), (resolvent_trace(1), trace), (bias(PowerSource("1/4")), error)):
        law = truncation_regime(functional, PowerLaw("3/2"), ridge, size)
        assert (law.regime, law.exponent, law.log) == (regime, R(exponent), 0)


@pytest.mark.parametrize(("functional", "spectrum"), CASES, ids=str)
@pytest.mark.parametrize("gap", ["-1/2", "0", "1/2"])
def test_the_leading_term_is_approached(functional: Functional, spectrum: Any, gap: str) -> None:
    beta = law_of(spectrum).beta
    ridge = (1 - R(gap)) * beta
    law = truncation_regime(functional, spectrum, ridge, 1, 3, 2)
    deviations = []
    for t in (2**6, 2**9):
        d, kappa, log = 2 * t, 3 * mpmath.mpf(t) ** -number(ridge), mpmath.log(t) ** law.log
        leading = mpmath.mpf(sympy.N(law.coefficient, 20)) * mpmath.mpf(t) ** number(law.exponent) * log
        deviations.append(abs(finite_sum(functional, spectrum, kappa, d) / leading - 1))
    assert deviations[1] < 0.95 * deviations[0] or deviations[1] < 0.1


d = sympy.Symbol("d", positive=True)
BAD: list[tuple[Any, str]] = [
    (lambda: expand_truncated(df(1), Truncated(PowerLaw(2), d), Regime.CROSSOVER), "crossover"),
    (lambda: expand_truncated(df(1), Truncated(PowerLaw(2), d), Regime.CUT, 0), "terms"),
    (lambda: expand_truncated(df(1), Truncated(PowerLaw(2), d), Regime.CUT).at("1/2"), "put in numbers"),
    (lambda: expand_truncated(df(1), Truncated(PowerLaw(d), 5), Regime.RESOLVED), "rational"),
    (lambda: crossover(df(1), PowerLaw(2)), "Truncated"),  # type: ignore[arg-type]
    (lambda: enclose_truncated(df(1), Truncated(PowerLaw(2), d), 1), "no number"),
    (lambda: enclose_truncated(resolvent_trace(1), Truncated(PowerLaw("1/4"), 50), 1, 2, 3), "tail"),
    (lambda: truncation_regime(df(1), PowerLaw(d), 1, 1), "symbols"),
    (lambda: truncation_regime(df(1), Exponential(1), 1, 1), "power law"),  # type: ignore[arg-type]
    (lambda: truncation_regime(df(1), PowerLaw(2), 0, 1), "ridge"),
]


@pytest.mark.parametrize(("call", "message"), BAD, ids=range(len(BAD)))
def test_bad_input_is_one_line_with_a_remedy(call: Any, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        call()
    assert caught.value.remedy
    assert "\n" not in str(caught.value)
