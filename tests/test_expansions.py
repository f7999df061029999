"""Expansions as kappa -> 0: against sums in multiprecision, and against each other."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

import flint
import mpmath
import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fpt_calc.errors import CannotDecideError, InputError
from fpt_calc.scaling.expansions import (
    Functional,
    bias,
    df,
    enclose,
    expand,
    expand_cases,
    expand_truncated,
    leading_log_power,
    remainder_bound,
    resolvent_trace,
)
from fpt_calc.scaling.expansions.arb_value import ball
from fpt_calc.scaling.expansions.line_integral import hurwitz_line, plain_line
from fpt_calc.scaling.expansions.residues import (
    beta_integral,
    log_coefficients,
    pole_of_zeta,
    power_coefficient,
    zeta_coefficient,
)
from fpt_calc.scaling.spectra import Exponential, FiniteRank, LogPowerLaw, PowerLaw, PowerSource, Truncated, WithTail
from tests.expansion_sums import DIGITS, infinite_sum, number

R = sympy.Rational

POWER_LAWS = [  # functional, spectrum; where s* is given, two poles coincide
    (df(1), PowerLaw("6/5")),
    (df(1), PowerLaw("3/2", 2)),
    (df(2), PowerLaw("3/2")),
    (df(3), PowerLaw("7/3", "1/2")),
    (df(2), PowerLaw(6)),
    (Functional(1, 2), PowerLaw("5/4")),
    (Functional(3, 2), PowerLaw("5/2")),
    (Functional(2, 1), PowerLaw(1)),  # s* = 0: double pole
    (Functional("5/3", 1), PowerLaw("3/2")),  # s* = 0
    (Functional(4, 2), PowerLaw(1)),  # s* = -1
    (bias(PowerSource("1/2")), PowerLaw("3/2")),
    (bias(PowerSource("2/3", 3)), PowerLaw("6/5", 2)),
    (bias(PowerSource(1)), PowerLaw("3/2")),  # s* = 0
    (bias(PowerSource(1)), PowerLaw("13/10", 3)),  # s* = 0
    (bias(PowerSource("3/2")), PowerLaw("3/2")),  # s* = -1
    (bias(PowerSource(2)), PowerLaw("6/5")),  # s* = -2
    (bias(PowerSource("7/4")), PowerLaw("4/3")),
    (Functional(2, 3, PowerSource("1/4"), 1), PowerLaw("9/5")),
    (df(1), WithTail((5, 3), PowerLaw("3/2"))),
    (bias(PowerSource(1)), WithTail((5, "1/3"), PowerLaw("6/5", 2))),  # s* = 0
]
OTHERS = [
    (df(1), FiniteRank((2, "1/3", 1))),
    (Functional("1/2", 3, None, -1), FiniteRank((2,))),
    (df(1), Exponential("1/2")),
    (df(2), Exponential(3, 2)),
    (Functional(1, 3), Exponential(2)),
    (Functional(3, 1), Exponential(1, "1/3")),
    (Functional("3/2", 2), Exponential("5/2")),
    (df(1), WithTail((7, 4), Exponential(2))),
]


@pytest.mark.parametrize(("functional", "spectrum"), POWER_LAWS + OTHERS, ids=str)
def test_the_error_is_within_its_bound_and_the_bound_is_sharp(functional: Functional, spectrum: Any) -> None:
    kappas = [mpmath.mpf(4), mpmath.mpf(2) ** -3, mpmath.mpf(2) ** -8]  # the bound holds for every kappa
    with mpmath.workdps(DIGITS):
        sums = [infinite_sum(functional, spectrum, kappa) for kappa in kappas]
        for terms in (1, 3):
            expansion, bound = expand(functional, spectrum, terms), remainder_bound(functional, spectrum, terms)
            for kappa, exact in zip(kappas, sums, strict=True):
                error = abs(exact - expansion.at(kappa, DIGITS))
                rounding = abs(exact) * mpmath.mpf(10) ** (5 - DIGITS)
                assert error <= bound.at(kappa) + rounding
            # at 1/256 the next term dominates the line behind it, unless all that is left oscillates
            if expansion.remainder != sympy.oo and expansion.ripple is None:
                assert bound.at(kappas[-1]) <= 3 * error + rounding


@pytest.mark.parametrize(("functional", "spectrum"), POWER_LAWS, ids=str)
def test_the_error_scales_like_the_stated_remainder(functional: Functional, spectrum: Any) -> None:
    expansion, more = expand(functional, spectrum, 2), expand(functional, spectrum, 3)
    if expansion.remainder == sympy.oo:
        pytest.skip("nothing is left to scale")
    with mpmath.workdps(DIGITS):
        kappas = [mpmath.mpf(2) ** -n for n in (6, 8, 10)]
        errors = [infinite_sum(functional, spectrum, k) - expansion.at(k, DIGITS) for k in kappas]
        scaled = [e / k ** number(expansion.remainder) for e, k in zip(errors, kappas, strict=True)]
        # c0 + c1 log(kappa), up to the relative size of the terms behind
        rate = remainder_bound(functional, spectrum, 3).at(kappas[0]) / abs(errors[0])
        steps = [b - a for a, b in pairwise(scaled)]
        spread = 4 * rate * max(map(abs, scaled))
        assert rate < 0.5
        if expansion.remainder_log:
            assert abs(steps[1] - steps[0]) <= spread
            assert abs(steps[1]) > spread
            (slope,) = [t.coefficient for t in more.terms if t.log and t.power == expansion.remainder]
            assert abs(steps[1] / mpmath.log(kappas[2] / kappas[1]) - mpmath.mpf(sympy.N(slope, 20))) <= spread
        else:
            assert max(map(abs, steps)) <= spread


rationals = st.fractions(Fraction(8, 7), 5, max_denominator=7)
sources = st.one_of(st.none(), st.fractions(Fraction(1, 4), 3, max_denominator=6))


@given(rationals, sources, st.integers(1, 3), st.integers(0, 2), st.integers(1, 3), st.integers(1, 3))
@settings(max_examples=6, deadline=None)
def test_balls_hold_the_sums(beta: Fraction, r: Fraction | None, m: int, p: int, scale: int, terms: int) -> None:
    assume(r is None or 2 * r + p > 1)  # else the sum diverges
    functional = Functional(p if r is not None else p + 1, m, None if r is None else PowerSource(r, 2), 1)
    spectrum = PowerLaw(beta, scale)
    with mpmath.workdps(25):
        kappa = mpmath.mpf(2) ** -6
        exact = infinite_sum(functional, spectrum, kappa)
        value = enclose(functional, spectrum, kappa, terms)
        assert (
            abs(exact - mpmath.mpf(value.mid().str(25, radius=False)))
            <= mpmath.mpf(value.rad().str(10, radius=False)) * (1 + mpmath.mpf(10) ** -9)
            + abs(exact) * mpmath.mpf(10) ** -20
        )


@given(st.fractions(Fraction(1, 20), 4, max_denominator=20), rationals)
@settings(max_examples=30, deadline=None)
def test_r_prime_is_the_smaller_of_r_and_one(r: Fraction, beta: Fraction) -> None:
    leading = expand(bias(PowerSource(r)), PowerLaw(beta), 1).leading
    assert leading.power == 2 * min(R(str(r)), sympy.S.One)
    assert leading.log == (r == 1)


@given(rationals, st.fractions(Fraction(1, 4), 3, max_denominator=6))
@settings(max_examples=10, deadline=None)
def test_cases_with_numbers_put_in_are_the_expansion(beta: Fraction, r: Fraction) -> None:
    b, s, a, kappa = sympy.symbols("b s a kappa", positive=True)
    values = {b: R(str(beta)), s: R(str(r))}
    for functional, numeric in [(df(2), df(2)), (bias(PowerSource(s)), bias(PowerSource(r)))]:
        leading = expand_cases(functional, PowerLaw(b, a)).leading(kappa).subs(values)
        expected = expand(numeric, PowerLaw(beta, a), 1).leading.expression(kappa)
        assert abs(sympy.N((leading / expected).subs({a: 2, kappa: R(1, 3)}), 20) - 1) < 1e-15


def test_cases_for_a_diverging_taylor_series_of_the_spectrum() -> None:
    beta, kappa = sympy.symbols("beta kappa", positive=True)
    cases = expand_cases(Functional(3, 1), PowerLaw(beta))
    assert [case.condition for case in cases.cases] == [beta < R(1, 2), sympy.Eq(beta, R(1, 2)), beta > R(1, 2)]
    assert cases.requires == (beta > R(1, 3))
    for value in ("2/5", "1/2", "3/4"):
        expected = expand(Functional(3, 1), PowerLaw(value), 1).leading.expression(kappa)
        assert sympy.N(
            (cases.leading(kappa).subs(beta, R(value)) / expected).subs(kappa, R(1, 7)), 15
        ) == pytest.approx(1, rel=1e-13)


@given(rationals, st.integers(1, 3), st.integers(1, 4))
@settings(max_examples=30, deadline=None)
def test_the_derivative_in_kappa_is_the_functional_of_one_order_more(beta: Fraction, m: int, p: int) -> None:
    a = sympy.Symbol("a", positive=True)
    below, above = (expand(Functional(p, order), PowerLaw(beta, a), 4) for order in (m, m + 1))
    coefficients: dict[Any, Any] = {}
    for t in below.terms:  # the derivative of c kappa^p log(kappa)^l, l = 0 or 1
        for log, c in ((t.log, t.power * t.coefficient), (0, t.log * t.coefficient)):
            coefficients[t.power - 1, log] = coefficients.get((t.power - 1, log), 0) - c / m
    for t in above.terms:
        coefficients[t.power, t.log] = coefficients.get((t.power, t.log), 0) - t.coefficient
    reach = min(below.remainder - 1, above.remainder)
    sizes = {(t.power, t.log): abs(sympy.N(t.coefficient.subs(a, 2), 20)) for t in above.terms}
    for key, c in coefficients.items():
        if key[0] < reach:
            assert c == 0 or abs(sympy.N(c.subs(a, 2), 20)) <= sizes.get(key, 0) * sympy.Float("1e-15")


def test_the_square_law_in_closed_form() -> None:
    expansion = expand(df(1), PowerLaw(2), 5)
    kappa = sympy.Symbol("kappa", positive=True)
    assert expansion.expression(kappa) == sympy.pi / (2 * sympy.sqrt(kappa)) - R(1, 2)
    assert expansion.remainder == sympy.oo
    with mpmath.workdps(30):  # pi/(2 sqrt(kappa)) coth(pi/sqrt(kappa)) - 1/2
        root = mpmath.pi * 10
        exact = root / 2 * mpmath.coth(root) - mpmath.mpf(1) / 2
        assert abs(exact - expansion.at("1/100", 30)) == pytest.approx(root * mpmath.exp(-2 * root), rel=1e-2)


@pytest.mark.parametrize("functional", [df(1), df(2), bias(PowerSource("3/4")), bias(PowerSource("3/2"))], ids=str)
def test_a_head_that_continues_the_law_changes_nothing(functional: Functional) -> None:
    plain, split = PowerLaw("3/2", 2), WithTail((2, 2 * R(1, 2) ** R(3, 2), 2 * R(1, 3) ** R(3, 2)), PowerLaw("3/2", 2))
    a, b = (expand(functional, spectrum, 3) for spectrum in (plain, split))
    assert [(t.power, t.log) for t in a.terms] == [(t.power, t.log) for t in b.terms]
    for s, t in zip(a.terms, b.terms, strict=True):
        assert abs(sympy.N(s.coefficient - t.coefficient, 20)) < 1e-18 * abs(sympy.N(s.coefficient))


@given(st.integers(1, 5), rationals)
@settings(max_examples=15, deadline=None)
def test_scaling_of_the_eigenvalues(factor: int, beta: Fraction) -> None:
    one, scaled = (expand(bias(PowerSource(1)), PowerLaw(beta, a), 3) for a in (1, factor))
    # kappa^2 w'S(S + kappa)^-2 w with lambda w^2 fixed is a function of kappa/a
    with mpmath.workdps(25):
        x = mpmath.mpf(1) / 64
        assert abs(scaled.at(factor * x, 20) - one.at(x, 20)) < mpmath.mpf(10) ** -18


@pytest.mark.parametrize("rate", ["1/2", 2, 8, 20])
@pytest.mark.parametrize("harmonics", [0, 1, 3])
def test_what_oscillates_is_within_the_ripple(rate: Any, harmonics: int) -> None:
    expansion = expand(df(2), Exponential(rate), 12, harmonics)
    assert expansion.ripple is not None
    with mpmath.workdps(DIGITS):
        sizes = []
        for n in range(12):  # kappa over one period and more
            kappa = mpmath.mpf(2) ** -20 * mpmath.exp(-number(rate) * n / 11)
            sizes.append(abs(infinite_sum(df(2), Exponential(rate), kappa) - expansion.at(kappa, DIGITS)))
        amplitude = mpmath.mpf(sympy.N(expansion.ripple.coefficient, 20))
        rest = mpmath.mpf(2) ** (-20 * 12)  # exp(-20 e) in the Taylor series that is left out
        assert max(sizes) <= amplitude + rest + mpmath.mpf(10) ** (5 - DIGITS)
        if amplitude > 1e-30:
            assert max(sizes) >= amplitude / 100


@pytest.mark.parametrize("m", [1, 2, 3])
@pytest.mark.parametrize("i", [0, 1, 2])
@pytest.mark.parametrize("start", [1, 3])
def test_double_poles_are_limits_of_pairs_of_simple_ones(m: int, i: int, start: int) -> None:
    beta, step, x = R(3, 2), R(1, 10**12), R(1, 50)
    sigma = 1 + beta * (m + i)  # s* = -i
    near = [
        power_coefficient(sigma + e, beta, m) * x ** -pole_of_zeta(sigma + e, beta, m)
        + zeta_coefficient(i, sigma + e, beta, m, start) * x**i
        for e in (step, -step)
    ]
    plain, log = log_coefficients(i, beta, m, start)
    exact = sympy.N((plain + log * sympy.log(x)) * x**i, 30)
    # the mean of the two sides is the limit up to step^2 times a second derivative
    assert abs(sympy.N(sum(near) / 2, 40) - exact) < 1e-20 * abs(exact)


@given(st.fractions(Fraction(1, 10), Fraction(19, 10), max_denominator=10), st.integers(2, 3))
@settings(max_examples=8, deadline=None)
def test_the_beta_integral_is_the_integral(s: Fraction, m: int) -> None:
    power = number(R(str(s)))
    value = mpmath.quad(
        lambda u: mpmath.exp(u * power) / (1 + mpmath.exp(u)) ** m, mpmath.linspace(-400, 400, 41), maxdegree=4
    )
    assert mpmath.mpf(sympy.N(beta_integral(R(str(s)), m))) == pytest.approx(value, rel=1e-12)


LINES = [(1, "2", "2", 1, "1/4"), (2, "4", "3/2", 1, "9/2"), (2, "5", "6", 3, "3/2"), (3, "9/2", "3/2", 2, "1/2")]


@pytest.mark.parametrize(("m", "sigma", "beta", "start", "c"), LINES)
def test_line_integrals_are_bounded(m: int, sigma: str, beta: str, start: int, c: str) -> None:
    values = [number(v) for v in (sigma, beta, c)]

    def integrand(t: mpmath.mpf) -> mpmath.mpf:
        s = mpmath.mpc(-values[2], t)
        zeta = mpmath.zeta(values[0] - values[1] * (m - s), start)
        return abs(mpmath.gamma(s) * mpmath.gamma(m - s) / mpmath.gamma(m) * zeta)

    exact = mpmath.quad(integrand, [0, 0.5, 1, 2, 4, 8, 14], maxdegree=4) / mpmath.pi
    bound = hurwitz_line(
        m,
        *(flint.arb(flint.fmpq(*Fraction(v).as_integer_ratio())) for v in (sigma, beta)),
        start,
        flint.arb(flint.fmpq(*Fraction(c).as_integer_ratio())),
    )
    assert exact * (1 - 1e-6) <= float(bound.abs_upper()) <= 2 * exact


def test_the_plain_line_is_bounded() -> None:
    exact = mpmath.quad(lambda t: mpmath.sech(mpmath.pi * t), [0, 1, 3, 9])  # m = 1, c = 1/2
    assert exact <= float(plain_line(1, flint.arb("0.5")).abs_upper()) <= 1.5 * exact


@given(st.fractions(-6, 6, max_denominator=6), st.integers(1, 5))
@settings(max_examples=40, deadline=None)
def test_balls_of_closed_forms(s: Fraction, start: int) -> None:
    if s in (0, 1) or (s <= 0 and s.denominator == 1):
        return
    value = R(str(s))
    expression = sympy.gamma(value) * sympy.zeta(value, start) + sympy.digamma(start + R(1, 3)) * sympy.log(3) ** R(
        1, 2
    )
    with mpmath.workdps(20):
        exact = mpmath.mpf(sympy.N(expression, 20))
    assert ball(expression).real.overlaps(
        flint.arb(mpmath.nstr(exact, 18), mpmath.nstr(abs(exact) * mpmath.mpf(10) ** -16))
    )


def test_a_ball_of_a_symbol_is_refused() -> None:
    with pytest.raises(InputError, match="put in numbers"):
        ball(sympy.Symbol("x") + 1)


SLOW = [  # functional, spectrum, the relative error as a function of L, how far down from N(kappa) summands matter
    (df(1), LogPowerLaw(2, -2), lambda size: mpmath.log(size) / size, 80),
    (df(2), LogPowerLaw("3/2", 1, 3), lambda size: mpmath.log(size) / size, 80),
    (bias(PowerSource("1/2")), LogPowerLaw("3/2", "1/2", 2), lambda size: mpmath.log(size) / size, 80),
    (bias(PowerSource(1)), LogPowerLaw(2, "1/4"), lambda size: size ** -mpmath.mpf("0.5"), 1000),  # s* = 0, theta < 1
]


@pytest.mark.parametrize(("functional", "law", "rate", "reach"), SLOW, ids=range(len(SLOW)))
def test_slowly_varying_laws_approach_their_leading_term(
    functional: Functional, law: LogPowerLaw, rate: Callable[[int], mpmath.mpf], reach: int
) -> None:
    leading = leading_log_power(functional, law)
    kappa = sympy.Symbol("kappa", positive=True)
    expression = sympy.lambdify(kappa, leading.expression(kappa), "mpmath")
    errors = []
    for size in (200, 2000):  # kappa = exp(-size)
        k = mpmath.exp(-size)
        ratio = _log_sum(functional, law, k, reach) / expression(k)
        errors.append(abs(ratio - 1) / rate(size))
    assert errors[0] < 3
    assert errors[1] < 1.2 * errors[0]


def test_a_head_does_not_change_the_leading_term() -> None:
    law = LogPowerLaw(2, -2)
    assert leading_log_power(df(1), WithTail((9, 4), law)) == leading_log_power(df(1), law)


def _log_sum(functional: Functional, law: LogPowerLaw, kappa: mpmath.mpf, reach: int) -> mpmath.mpf:
    """The sum over k, as an integral over log k: the difference is a bounded multiple of one summand."""
    beta, gamma, a = number(law.beta), number(law.gamma), number(law.scale)
    source = functional.source

    def summand(u: mpmath.mpf) -> mpmath.mpf:
        value = a * mpmath.exp(-beta * u) * mpmath.log(mpmath.exp(u) + 1) ** gamma
        weight = (
            1 if source is None else number(source.scale) * mpmath.exp(-u * (1 + 2 * beta * number(source.r))) / value
        )
        return weight * value ** number(functional.power) / (value + kappa) ** functional.order * mpmath.exp(u)

    end = -mpmath.log(kappa) / beta
    nodes = [mpmath.mpf(0), *(end + mpmath.mpf(j) for j in range(-reach, 81, 10) if end + j > 0)]
    return mpmath.quad(summand, sorted(nodes), maxdegree=4) * kappa ** number(functional.kappa_power)


def test_slowly_varying_laws_with_a_limit() -> None:
    leading = leading_log_power(bias(PowerSource(2)), LogPowerLaw(2, "1/2"))
    assert (leading.power, leading.log, leading.loglog) == (2, 0, 0)
    direct = mpmath.nsum(lambda k: k ** (-mpmath.mpf(9)) * k**4 / mpmath.log(k + 1), [1, mpmath.inf])
    assert mpmath.mpf(sympy.N(leading.coefficient, 12)) == pytest.approx(direct, rel=1e-9)
    assert leading_log_power(bias(PowerSource(1)), LogPowerLaw(2, "1/2")).loglog == 1


x = sympy.Symbol("x")
BAD: list[tuple[Any, str]] = [
    (lambda: PowerLaw(0), "beta"),
    (lambda: PowerLaw("abc"), "no number"),
    (lambda: PowerLaw(float("nan")), "number"),
    (lambda: PowerLaw(x), "not known to be real"),
    (lambda: PowerLaw(sympy.Symbol("y", real=True)), "not known to be positive"),
    (lambda: PowerLaw(True), "truth value"),
    (lambda: PowerLaw(2, -1), "scale"),
    (lambda: PowerLaw([2]), "number"),
    (lambda: PowerSource("1/0"), "number"),
    (lambda: Exponential(sympy.I), "real"),
    (lambda: FiniteRank(()), "eigenvalues"),
    (lambda: FiniteRank((1, 0)), r"eigenvalues\[1\]"),
    (lambda: WithTail((1,), FiniteRank((1,))), "tail"),
    (lambda: Truncated(Exponential(1), 5), "truncated"),
    (lambda: Truncated(PowerLaw(2), "5/2"), "dimension"),
    (lambda: Truncated(WithTail((1, 2), PowerLaw(2)), 2), "exceed"),
    (lambda: df(0), "integer >= 1"),
    (lambda: Functional(1, "1"), "integer >= 1"),
    (lambda: Functional(1, 1, "source"), "source"),
    (lambda: expand(df(1), PowerLaw(1)), "diverges"),
    (lambda: expand(df(1), PowerLaw("1/2")), "diverges"),
    (lambda: expand(resolvent_trace(1), Exponential(1)), "diverges"),
    (lambda: expand(df(1), PowerLaw(2), 0), "terms"),
    (lambda: expand(df(1), PowerLaw(sympy.Symbol("b", positive=True))), "expand_cases"),
    (lambda: expand(df(1), PowerLaw(sympy.sqrt(2))), "rational"),
    (lambda: expand(df(1), Truncated(PowerLaw(2), 5)), "expand_truncated"),
    (lambda: expand(df(1), LogPowerLaw(2, 1)), "leading_log_power"),
    (lambda: expand(df(1), "power"), "spectrum"),
    (lambda: expand(bias(PowerSource(1)), Exponential(1)), "source"),
    (lambda: expand_cases(df(1), Exponential(1)), "power law"),
    (lambda: expand_truncated(df(1), PowerLaw(2), None), "Truncated"),  # type: ignore[arg-type]
    (lambda: expand(df(1), PowerLaw(2)).at(0), "positive"),
    (lambda: expand(df(1), PowerLaw(2)).at(sympy.Symbol("k", positive=True)), "no number"),
    (lambda: expand(df(1), PowerLaw(2)).at(1, 0), "digits"),
    (lambda: expand(df(1), PowerLaw(2, sympy.Symbol("a", positive=True))).at(1), "put in numbers"),
    (lambda: remainder_bound(df(1), PowerLaw("3/2", sympy.Symbol("a", positive=True))), "numbers for symbols"),
    (lambda: leading_log_power(df(1), PowerLaw(2)), "take expand"),
    (lambda: leading_log_power(df(1), LogPowerLaw(1, -3)), "diverges"),
    (lambda: leading_log_power(df(1), LogPowerLaw(sympy.Symbol("b", positive=True), 1)), "numbers"),
    (lambda: zeta_coefficient(0, sympy.S(3), sympy.S(2), sympy.S(1)), "double pole"),
    (lambda: power_coefficient(sympy.S(3), sympy.S(2), sympy.S(1)), "coincide"),
]


@pytest.mark.parametrize(("call", "message"), BAD, ids=range(len(BAD)))
def test_bad_input_is_one_line_with_a_remedy(call: Any, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        call()
    assert caught.value.remedy
    assert "\n" not in str(caught.value)


def test_bounds_that_would_take_too_long_are_refused() -> None:
    with pytest.raises(CannotDecideError, match="fewer terms"):
        remainder_bound(df(1), PowerLaw(1000), 9)
