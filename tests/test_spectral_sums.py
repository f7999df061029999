"""Sums over spectra: balls hold what brute force, closed forms and hypergeometric functions give."""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import mpmath
import pytest
from flint import acb, arb, ctx, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

import fpt_calc as fc
from fpt_calc.errors import ComputationError, InputError
from fpt_calc.oracles import ExponentialFactor, ResolventFactor, effective_ridge, exponential_sum, spectral_sum
from fpt_calc.oracles.effective_ridge import Ridge, enclosure
from fpt_calc.oracles.euler_maclaurin import best_cut, comparison, corrections
from fpt_calc.oracles.exact_numbers import bits_of
from fpt_calc.oracles.exponential_sums import prepared, saturated
from fpt_calc.oracles.power_spectra import Summand, summand, term
from fpt_calc.oracles.quadrature import growth_bound, high_bound, integral, low_bound, tail

Factors = Sequence[ResolventFactor]
DPS = 60  # of brute force; far more than the sums below lose


def number(x: Any) -> mpmath.mpf:
    exact = Fraction(repr(x)) if isinstance(x, float) else Fraction(x)
    return mpmath.mpf(exact.numerator) / exact.denominator


def brute(q: Any, factors: Factors, first: int, last: int, log_power: Any = 0) -> mpmath.mpf:
    """The terms from first to last, one by one, in mpmath."""
    with mpmath.workdps(DPS):
        total = mpmath.mpf(0)
        for k in range(first, last + 1):
            log = mpmath.log(k + 1)
            value = mpmath.mpf(k) ** -number(q) * log ** number(log_power)
            for f in factors:
                eigenvalue = number(f.scale) * mpmath.mpf(k) ** -number(f.exponent) * log ** number(f.log_power)
                value /= (eigenvalue + number(f.ridge)) ** f.order
            total += value
        return total


def holds(ball: arb, value: mpmath.mpf, slack: int = 15) -> bool:
    """Whether a ball contains a positive number of mpmath that is right to DPS - slack digits."""
    with ctx.workdps(2 * DPS):
        centre = arb(mpmath.nstr(value, DPS))
        return bool(ball.overlaps(arb(centre, centre * arb(10) ** (slack - DPS))))


def sharp(ball: arb, digits: int) -> bool:
    return bool(ball.rel_accuracy_bits() >= bits_of(digits) - 1)


CASES: dict[str, tuple[Any, Factors, Any]] = {
    "df1": ("1.5", [ResolventFactor("1.5", "1e-3")], 0),
    "df2, scaled": (3, [ResolventFactor("1.5", "1e-4", 2, scale="0.7")], 0),
    "growing terms": (-1, [ResolventFactor("1.2", "1/2", 3)], 0),
    "two spectra": ("2.5", [ResolventFactor("1.25", "1e-2", 2), ResolventFactor(2, "1e-5", 1, scale=3)], 0),
    "close poles": (1, [ResolventFactor("1.2", "1e-3"), ResolventFactor("1.2", "1.0001e-3", 2)], 0),
    "steep": (3, [ResolventFactor(10, "1e-9")], 0),
    "flat": (0, [ResolventFactor("0.1", "0.9")], 0),
    "no ridge": (2, [ResolventFactor("1.3", 0)], 0),
    "large ridge": (2, [ResolventFactor("1.3", 10**9)], 0),
    "logarithms": ("1.5", [ResolventFactor("1.5", "1e-3", log_power=1)], 1),
    "logarithms, inverse": (2, [ResolventFactor("1.5", "1e-2", 2, log_power="-1/2")], "-2.5"),
    "logarithms, tiny ridge": (2, [ResolventFactor("1.5", "1e-90", 2, log_power=1)], 0),
    "plain logarithm": ("0.5", [], 2),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("digits", [4, 30])
def test_the_ball_holds_the_sum_of_all_terms(name: str, digits: int) -> None:
    q, factors, g = CASES[name]
    for terms in (1, 700):
        found = spectral_sum(q, factors, terms=terms, log_power=g, digits=digits)
        assert holds(found, brute(q, factors, 1, terms, g)) and sharp(found, digits)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["df1", "two spectra", "logarithms"])
def test_a_hundred_thousand_terms(name: str) -> None:
    q, factors, g = CASES[name]
    assert holds(spectral_sum(q, factors, terms=10**5, log_power=g), brute(q, factors, 1, 10**5, g))


decimals = st.integers(10, 400).map(lambda k: Fraction(k, 100))
factors_of_any_kind = st.builds(
    ResolventFactor,
    exponent=decimals,
    ridge=st.builds(lambda m, e: Fraction(m) * Fraction(10) ** e, st.integers(0, 9), st.integers(-12, 3)),
    order=st.integers(0, 4),
    scale=decimals,
    log_power=st.sampled_from([0, 0, 0, 1, -2, Fraction(1, 2)]),
)


@settings(max_examples=40, deadline=None)
@given(
    q=st.integers(-300, 500).map(lambda k: Fraction(k, 100)),
    factors=st.lists(factors_of_any_kind, max_size=3),
    log_power=st.sampled_from([0, 0, -1, 2]),
    terms=st.integers(100, 300),
)
def test_any_parameters(q: Fraction, factors: list[ResolventFactor], log_power: int, terms: int) -> None:
    found = spectral_sum(q, factors, terms=terms, log_power=log_power, digits=6)
    assert holds(found, brute(q, factors, 1, terms, log_power)) and sharp(found, 6)


@settings(max_examples=30, deadline=None)
@given(
    q=st.integers(-100, 400).map(lambda k: Fraction(k, 100)),
    factors=st.lists(factors_of_any_kind, max_size=2),
    start=st.sampled_from([300, 10**4, 10**9, 10**15]),
)
def test_sums_of_more_terms_are_larger_by_these_terms(q: Fraction, factors: list[ResolventFactor], start: int) -> None:
    few, more = (spectral_sum(q, factors, terms=n, digits=50) for n in (start, start + 40))
    with ctx.workdps(2 * DPS):
        difference = more - few
        assert difference > 0 or difference.contains(0)
        assert holds(difference, brute(q, factors, start + 1, start + 40))


@settings(max_examples=15, deadline=None)
@given(factors=st.lists(factors_of_any_kind, max_size=2), q=st.integers(110, 400).map(lambda k: Fraction(k, 100)))
def test_sums_grow_to_the_infinite_one(factors: list[ResolventFactor], q: Fraction) -> None:
    shift = sum((f.order * Fraction(f.exponent) for f in factors), start=Fraction(0))  # so that the terms are <= k^-q
    sums = [spectral_sum(q + shift, factors, terms=n, digits=25) for n in (10, 1000, 10**9, 10**40, None)]
    with ctx.workdps(2 * DPS):
        assert all(b > a or a.overlaps(b) for a, b in pairwise(sums))
        assert sums[1] > sums[0]


# closed forms: for beta = 2 the poles are those of the digamma function -------------------------------------------


def two_spectrum(kappa: arb, terms: int | None) -> arb:
    """``sum 1/(1 + kappa k^2)``: 1/(k^2 + c^2) = Im (1/(k - ic))/c, and digamma sums 1/(k + z)."""
    c = 1 / kappa.sqrt()
    if terms is None:
        x = arb.pi() * c
        return (x * x.coth() - 1) / 2
    difference = acb(terms + 1, c).digamma() - acb(1, c).digamma()
    return -difference.imag * c


@pytest.mark.parametrize("terms", [None, 10**3, 10**12, 10**30])
@pytest.mark.parametrize("kappa", ["1e-60", "1e-21", "1e-3", "7", "1e20"])
def test_every_ridge_at_exponent_two(kappa: str, terms: int | None) -> None:
    found = spectral_sum(2, [ResolventFactor(2, kappa)], terms=terms, digits=60)
    with ctx.workdps(150):
        expected = two_spectrum(arb(kappa), terms)
        assert found.overlaps(expected)
    assert sharp(found, 60) and sharp(expected, 60)


@pytest.mark.parametrize("terms", [None, 10**12])
def test_two_poles_by_partial_fractions(terms: int | None) -> None:
    first, second = "1e-8", "3e-8"
    poles = [ResolventFactor(2, first), ResolventFactor(2, second)]
    found = spectral_sum(2, poles, terms=terms)  # 1/(l+a) - 1/(l+b) = (b-a)/((l+a)(l+b))
    with ctx.workdps(100):
        a, b = arb(first), arb(second)
        assert found.overlaps((two_spectrum(a, terms) - two_spectrum(b, terms)) / (b - a))


@pytest.mark.parametrize("digits", [10, 40, 120])
@pytest.mark.parametrize("q", ["1.01", 2, "3.5", 20])
def test_zeta_values(q: str | int, digits: int) -> None:
    found = spectral_sum(q, digits=digits)
    with ctx.workdps(2 * digits):
        exponent = arb(fmpq(*Fraction(q).as_integer_ratio()))
        assert found.overlaps(exponent.zeta())
        lifted = spectral_sum(
            Fraction(q) + 3, [ResolventFactor("1.5", 0, 2, scale=5), ResolventFactor(1, 1, 0)], digits=digits
        )
        assert (25 * lifted).overlaps(exponent.zeta())
    assert sharp(found, digits) and sharp(lifted, digits)


@pytest.mark.parametrize("beta", ["0.4", "1.5", "7"])
@pytest.mark.parametrize("kappa", ["1e-40", "1e-5", "1", "1e10"])
@pytest.mark.parametrize("order", [1, 3])
def test_the_integral_is_hypergeometric(beta: str, kappa: str, order: int) -> None:
    lower, q = 50, Fraction(7, 3)
    with ctx.workdps(50):
        _, f = summand(q, 0, [ResolventFactor(beta, kappa, order, scale=2)])
        found = integral(f, lower, None, bits_of(30))
    with ctx.workdps(200):  # (q-1)/beta and its successor are parameters: x^-q kappa^-m (1 + a x^-beta/kappa)^-m
        excess, exponent = arb(fmpq(q.numerator, q.denominator)) - 1, arb(beta)
        z = -2 * arb(lower) ** -exponent / arb(kappa)
        c = excess / exponent
        value = z.hypgeom_2f1(arb(order), c, c + 1) * arb(kappa) ** -order * arb(lower) ** -excess / excess
        assert value.is_finite() and found.overlaps(value)
    assert sharp(found, 30)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("bits", [1, 4, 12])
def test_the_remainder_bound_holds_where_it_matters(name: str, bits: int) -> None:
    """Few corrections and early cuts: the ball around the formula, as wide as the bound, holds the terms."""
    q, factors, g = CASES[name]
    with ctx.workdps(40):
        _, f = summand(q, g, factors)
        cut = best_cut(f, bits)
        assert cut is not None
        end = cut.head + 200
        pairs = cut.pairs
        first, low = corrections(f, cut.head, pairs)
        last, high = corrections(f, end, pairs)
        bound = (first * cut.remainder).upper()
        exact = sum((term(f, k) for k in range(cut.head, end + 1)), start=arb(0))
        formula = integral(f, cut.head, end, 100) + (first + last) / 2 + high - low
        assert abs(exact - formula) <= bound and cut.remainder <= arb(2) ** -bits


def modulus(f: Summand, z: complex, log: complex) -> float:
    """|f(z)|, given the branch of log(1 + z)."""
    value = cmath.exp(-float(f.exponent) * cmath.log(z) + float(f.log_power) * cmath.log(log))
    for x in f.factors:
        eigenvalue = cmath.exp(-float(x.exponent) * cmath.log(z) + float(x.log_power) * cmath.log(log))
        value /= (float(x.scale) * eigenvalue + float(x.ridge)) ** x.order
    return abs(value)


analytic = st.tuples(
    st.integers(-300, 500).map(lambda k: Fraction(k, 100)),
    st.lists(factors_of_any_kind, max_size=3),
    st.sampled_from([0, 0, -1, 2]),
)
ROUNDING = 1e-9  # of double precision: some ten operations on numbers below e^700


@settings(max_examples=60, deadline=None)
@given(given_f=analytic, head=st.integers(30, 300), far=st.integers(1, 1000), angle=st.floats(0, 6.3))
def test_discs_are_compared_with_their_centres(given_f: Any, head: int, far: int, angle: float) -> None:
    """|f(z)| <= K f(x), and x f'/f <= p, as `best_cut` proves."""
    _, f = summand(given_f[0], given_f[2], given_f[1])
    alpha = 0.8 * min(1.0, math.pi / max((float(x.exponent) for x in f.factors), default=1.0))
    constant, power = comparison(f, head, arb(alpha))
    if constant.is_finite():
        x = head * far
        z = x * (1 + math.sin(alpha) * cmath.exp(1j * angle))
        bound = float(constant) * modulus(f, x, math.log(1 + x))
        assert modulus(f, z, cmath.log(1 + z)) <= bound * (1 + ROUNDING)
        growth = modulus(f, 2 * x, math.log(1 + 2 * x)) / modulus(f, x, math.log(1 + x))
        assert growth <= 2 ** float(power) * (1 + ROUNDING)


def test_the_comparison_of_discs_is_needed() -> None:
    """Opposite to the pole the modulus is larger than at the centre by nearly 1/cos(angle/2) to the order."""
    _, f = summand(0, 0, [ResolventFactor("2.5", "1e-3", 4)])
    x = 1e-3 ** (-1 / 2.5)  # the transition
    z = x * cmath.exp(0.9j)
    constant, _ = comparison(f, 1, arb(1))
    ratio = modulus(f, z, cmath.log(1 + z)) / modulus(f, x, math.log(1 + x))
    assert abs(z - x) < x * math.sin(1) * 1.04 and 5 < ratio < float(constant)


@settings(max_examples=60, deadline=None)
@given(
    given_f=analytic,
    start=st.floats(3.5, 20),
    half=st.floats(0.05, 1.2),
    rho=st.floats(1.2, 4),
    angle=st.floats(0, 6.3),
)
def test_ellipses_are_compared_with_their_centres(
    given_f: Any, start: float, half: float, rho: float, angle: float
) -> None:
    """|g(t)| <= K g(c) on the ellipse in t = log x."""
    _, f = summand(given_f[0], given_f[2], given_f[1])
    bound = growth_bound(f, arb(start), arb(half), arb(rho))
    if bound.is_finite():
        c = start + half
        t = c + half * (rho * cmath.exp(1j * angle) + cmath.exp(-1j * angle) / rho) / 2

        def value(t: complex) -> float:
            return modulus(f, cmath.exp(t), cmath.log(1 + cmath.exp(t))) * math.exp(t.real)

        assert value(t) <= float(bound) * value(complex(c)) * (1 + ROUNDING)


@pytest.mark.parametrize("power", [0, 3, -2])
@pytest.mark.parametrize("start", [0.2, 4.0])
def test_distant_factors_are_within_their_bounds(power: int, start: float) -> None:
    """kappa over the eigenvalue, and the eigenvalue over kappa, on an interval of t and beyond."""
    _, f = summand(0, 0, [ResolventFactor("1.5", "0.3", log_power=power, scale=2)])
    (factor,), end = f.factors, start + 2

    def ratio(t: float) -> float:
        return 2 * math.exp(-1.5 * t) * math.log1p(math.exp(t)) ** power / 0.3

    low, high, beyond = (
        low_bound(factor, arb(start), arb(end)),
        high_bound(factor, arb(start), arb(end)),
        high_bound(factor, arb(start), None),
    )
    for step in range(101):
        t = start + 2 * step / 100
        assert 1 / ratio(t) <= low * (1 + ROUNDING) and ratio(t) <= high * (1 + ROUNDING)
        assert ratio(start + step / 5) <= beyond * (1 + ROUNDING)
    if power == 3 and start < 1:
        assert not beyond.is_finite()  # it grows there first


@pytest.mark.parametrize(("q", "g"), [("1.7", "1.5"), ("1.7", "-1.5"), ("1.2", 0)])
def test_tails_where_the_logarithm_is_not_yet_t(q: str, g: str | int) -> None:
    """The incomplete Gamma function times a ball, which quadrature in t leaves no larger than it has to be."""
    _, f = summand(q, g, [])
    for start in (2, 5):
        found = tail(f, arb(start))
        slope, power = 1 - mpmath.mpf(q), mpmath.mpf(g)
        cuts = [start, 10, 40, 400]  # beyond, exp(-0.2 t) t^2 is below 1e-29
        value = mpmath.quad(lambda t: mpmath.exp(slope * t) * mpmath.log1p(mpmath.exp(t)) ** power, cuts)  # noqa: B023
        assert found.overlaps(arb(float(value), 1e-12))
        assert found.rad() <= abs(float(power)) * math.exp(-start) / start * found.mid() + arb(1e-12)


def test_saturated_factors_hold_all_later_terms() -> None:
    given_factors = [ExponentialFactor("0.3", "0.2", 2), ExponentialFactor(1, 3, scale=5)]
    _, _, kept = prepared(fmpq(0), given_factors)
    for k in (1, 4, 12):
        ball_of_all = saturated(kept, k)
        for later in range(k, k + 60):
            value = arb(1)
            for f in kept:
                value /= (f.scale * (-arb(f.rate * later)).exp() + f.ridge) ** f.order
            assert ball_of_all.overlaps(value)


def test_balls_of_ridges_are_respected() -> None:
    low, high = arb("1e-5") * arb("0.999"), arb("1e-5") * arb("1.001")
    wide = spectral_sum(2, [ResolventFactor("1.5", low.union(high), 2)], terms=10**9)
    ends = [spectral_sum(2, [ResolventFactor("1.5", kappa, 2)], terms=10**9) for kappa in (low, high)]
    assert all(wide.overlaps(x) for x in ends)
    assert wide.rad() < 0.1 * wide.mid()


LOGARITHMIC = {"at one": (1, -2), "at one, slowly": (1, "-1.2"), "above one": ("1.25", 3)}


@pytest.mark.parametrize("name", LOGARITHMIC)
def test_infinite_sums_with_logarithms(name: str) -> None:
    """The rest of the sum lies between integrals, which mpmath computes in log x."""
    q, g = LOGARITHMIC[name]
    total, few = spectral_sum(q, log_power=g), spectral_sum(q, terms=10**8, log_power=g)
    rest = float((total - few).mid())

    def tail(lower: float) -> float:
        exponent, power = 1 - float(q), float(g)
        head = mpmath.quad(lambda t: mpmath.exp(exponent * t) * mpmath.log1p(mpmath.exp(t)) ** power, [lower, 50, 500])
        rest = mpmath.mpf(500) ** (power + 1) / (-power - 1) if exponent == 0 else 0  # below e^-100 otherwise
        return float(head + rest)

    start = float(mpmath.log(10**8))
    between = (tail(start) * (1 - 2e-8), tail(start) * (1 + 2e-8))  # one term is 1e-8 of the integral, or less
    assert between[0] < rest < between[1]


# bad input --------------------------------------------------------------------------------------------------------

ONE = ResolventFactor("1.5", "1e-3")
BAD: dict[str, tuple[dict[str, Any], str]] = {
    "divergent": ({"exponent": 1, "factors": [ONE]}, "diverges"),
    "divergent without ridge": ({"exponent": 2, "factors": [ResolventFactor(1, 0)]}, "diverges"),
    "divergent logarithm": ({"exponent": 1, "log_power": -1}, "diverges"),
    "no terms": ({"exponent": 2, "terms": 0}, "terms"),
    "half a term": ({"exponent": 2, "terms": 1.5}, "terms"),
    "no digits": ({"exponent": 2, "digits": 0}, "digits"),
    "text": ({"exponent": "two"}, "exponent"),
    "infinite": ({"exponent": float("inf")}, "exponent"),
    "truth": ({"exponent": True}, "exponent"),
    "negative ridge": ({"exponent": 2, "factors": [ResolventFactor(1, -1)]}, "factor 1, ridge"),
    "undecided ridge": ({"exponent": 2, "factors": [ResolventFactor(1, arb(0, 1))]}, "sign"),
    "negative order": ({"exponent": 2, "factors": [ONE, ResolventFactor(1, 1, -1)]}, "factor 2, order"),
    "zero scale": ({"exponent": 2, "factors": [ResolventFactor(1, 1, scale=0)]}, "factor 1, scale"),
    "growing spectrum": ({"exponent": 2, "factors": [ResolventFactor(-1, 1)]}, "factor 1, exponent"),
    "infinite scale": ({"exponent": 2, "scale": arb.pos_inf()}, "scale"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused_in_one_line(name: str) -> None:
    arguments, part = BAD[name]
    with pytest.raises(InputError) as caught:
        spectral_sum(**arguments)
    assert part in str(caught.value) and caught.value.remedy and "\n" not in str(caught.value)


def test_out_of_reach_is_said() -> None:
    with pytest.raises(ComputationError):
        spectral_sum(2, [ResolventFactor(10**8, "1e-3")])
    with pytest.raises(ComputationError):
        exponential_sum(1, [ExponentialFactor("1e-6", "1e-3")])


# exponential spectra ----------------------------------------------------------------------------------------------


def brute_exponential(c: Any, factors: Sequence[ExponentialFactor], terms: int) -> mpmath.mpf:
    with mpmath.workdps(DPS):
        total = mpmath.mpf(0)
        for k in range(1, terms + 1):
            value = mpmath.exp(-number(c) * k)
            for f in factors:
                value /= (number(f.scale) * mpmath.exp(-number(f.rate) * k) + number(f.ridge)) ** f.order
            total += value
        return total


exponential_factors = st.builds(
    ExponentialFactor,
    rate=st.integers(5, 300).map(lambda k: Fraction(k, 100)),
    ridge=st.builds(lambda m, e: Fraction(m) * Fraction(10) ** e, st.integers(0, 9), st.integers(-12, 3)),
    order=st.integers(0, 3),
    scale=decimals,
)


@settings(max_examples=25, deadline=None)
@given(
    c=st.integers(-50, 300).map(lambda k: Fraction(k, 100)),
    factors=st.lists(exponential_factors, max_size=2),
    terms=st.integers(1, 400),
)
def test_exponential_spectra(c: Fraction, factors: list[ExponentialFactor], terms: int) -> None:
    found = exponential_sum(c, factors, terms=terms, digits=8)
    assert holds(found, brute_exponential(c, factors, terms)) and sharp(found, 8)
    decay = c - sum((f.order * f.rate for f in factors if f.ridge == 0), start=Fraction(0))
    if decay > Fraction(1, 2):  # the terms after the last one are below those of a geometric series
        whole = exponential_sum(c, factors, digits=8)
        assert whole > found or whole.overlaps(found)
    elif decay <= 0:
        with pytest.raises(InputError, match="diverges"):
            exponential_sum(c, factors)


def test_an_exponential_spectrum_without_end() -> None:
    factors = [ExponentialFactor("0.5", "1e-20", 2)]
    found = exponential_sum(1, factors)
    assert holds(found, brute_exponential(1, factors, 400), slack=20)  # the 400th term is e^-400/kappa^2 = 1e-134


# the effective ridge ----------------------------------------------------------------------------------------------

RIDGES: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "plain": ("1e-2", 50, {"exponent": "1.5", "terms": 400}),
    "no ridge": (0, 50, {"exponent": "1.5", "terms": 400}),
    "no ridge, nearly as many samples": (0, 399, {"exponent": 2, "terms": 400}),
    "more samples than eigenvalues": ("1e-9", 1000, {"exponent": 2, "terms": 400}),
    "not of trace class": ("1e-5", 100, {"exponent": "0.5", "terms": 400}),
    "large ridge": (10**9, 3, {"exponent": 3, "terms": 10, "scale": 7}),
    "logarithms": ("1e-3", "30.5", {"exponent": "1.2", "terms": 400, "log_power": -1}),
}


@pytest.mark.parametrize("name", RIDGES)
def test_the_effective_ridge_solves_its_equation(name: str) -> None:
    lam, n, spectrum = RIDGES[name]
    kappa = effective_ridge(lam, n, digits=25, **spectrum)
    with mpmath.workdps(DPS), ctx.workdps(DPS):
        low, high = (mpmath.mpf(x.str(40, radius=False)) for x in (kappa.lower(), kappa.upper()))
        values = [mpmath.log(k + 1) ** number(spectrum.get("log_power", 0)) for k in range(1, spectrum["terms"] + 1)]
        powers = [mpmath.mpf(k) ** -number(spectrum["exponent"]) for k in range(1, spectrum["terms"] + 1)]
        spectrum_values = [spectrum.get("scale", 1) * a * b for a, b in zip(powers, values, strict=True)]

        def excess(x: mpmath.mpf) -> mpmath.mpf:
            return x * (1 - sum(v / (v + x) for v in spectrum_values) / number(n)) - number(lam)

        assert excess(low) < 0 < excess(high)
        assert (high - low) / low < mpmath.mpf(10) ** -25


@pytest.mark.parametrize(("lam", "n"), [(0, 10**3), (0, 10**30), ("1e-50", 10**30), ("1e-3", 10**12), (2, "0.5")])
def test_the_effective_ridge_of_an_infinite_spectrum(lam: Any, n: Any) -> None:
    """For beta = 2 the equation is elementary."""
    kappa = effective_ridge(lam, n, 2)
    with ctx.workdps(120):
        ends = [
            x * (1 - two_spectrum(x, None) / arb(n)) - arb(lam) if lam else two_spectrum(x, None) - arb(n)
            for x in (kappa.lower(), kappa.upper())
        ]
        assert (ends[0] < 0 < ends[1]) if lam else (ends[1] < 0 < ends[0])


def test_a_wrong_root_has_no_enclosure() -> None:
    problem = Ridge(fmpq(1, 100), fmpq(50), 2, 1, None, 0)
    kappa = effective_ridge("1e-2", 50, 2)
    with ctx.workdps(60):
        assert enclosure(problem, kappa.mid(), 20, 40) is not None
        for digit in (arb(1), arb(-1)):
            assert enclosure(problem, kappa.mid() * (1 + digit * arb(10) ** -20), 20, 40) is None


BAD_RIDGES: dict[str, tuple[dict[str, Any], str]] = {
    "negative": ({"lam": -1, "n": 10, "exponent": 2}, "lam"),
    "no samples": ({"lam": 1, "n": 0, "exponent": 2}, "n"),
    "no solution": ({"lam": 0, "n": 10, "exponent": 2, "terms": 10}, "df1 = n"),
    "infinite trace": ({"lam": 1, "n": 10, "exponent": 1}, "diverges"),
    "no eigenvalues": ({"lam": 1, "n": 10, "exponent": 2, "terms": 0}, "terms"),
    "no digits": ({"lam": 1, "n": 10, "exponent": 2, "digits": -1}, "digits"),
}


@pytest.mark.parametrize("name", BAD_RIDGES)
def test_bad_ridges_are_refused_in_one_line(name: str) -> None:
    arguments, part = BAD_RIDGES[name]
    with pytest.raises(InputError) as caught:
        effective_ridge(**arguments)
    assert part in str(caught.value) and caught.value.remedy and "\n" not in str(caught.value)


def ridge_error(lam: Any, n: int, beta: str, target: str, noise: Any, terms: int) -> tuple[arb, arb]:
    """Bias and variance of ridge regression: Sigma = diag(k^-beta), Theta = diag(k^-target), noise sigma^2.

    ``kappa^2 Tr(Theta Sigma G^2)/(1 - df2/n)`` and ``sigma^2 (df2/n)/(1 - df2/n)``, G = (Sigma + kappa)^-1.
    """
    kappa = effective_ridge(lam, n, beta, terms=terms)
    pole = [ResolventFactor(beta, kappa, 2)]
    df2 = spectral_sum(2 * Fraction(beta), pole, terms=terms)
    signal = spectral_sum(Fraction(beta) + Fraction(target), pole, terms=terms)
    with ctx.workdps(40):
        rest = 1 - df2 / n
        return kappa**2 * signal / rest, arb(noise) * df2 / n / rest


def test_the_test_error_is_the_derived_one() -> None:
    n, d = fc.dims("n d")
    lam, sigma = fc.scalars("lam sigma", "positive")
    Sigma, Theta = fc.matrix("Sigma", d, d, "psd"), fc.matrix("Theta", d, d, "psd")
    X = fc.gaussian("X", n, d, variance=1 / n, covariance=Sigma)
    R = fc.inv(X.T @ X + lam)
    bias, variance = lam**2 * d * fc.tau(R @ Theta @ R @ Sigma), sigma**2 * d / n * fc.tau(R @ X.T @ X @ R @ Sigma)
    point = {"n": 300, "d": 200, "lam": "1/10", "Sigma": fc.power_law(1.5)}
    expected = ridge_error("1/10", 300, "1.5", "0.5", "1/4", 200)
    found = (fc.derive(bias).at(**point, Theta=fc.power_law(0.5)), fc.derive(variance).at(**point, sigma="1/2"))
    for a, b in zip(found, expected, strict=True):
        assert abs(a - float(b)) < 1e-13 * a  # the digits that are believed
