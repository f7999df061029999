"""Asymptotics of learners that remember: constants and remainders against balls, exponents against claims."""

from __future__ import annotations

import math
from typing import Any

import flint
import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from fpt_calc.errors import CannotDecideError, InputError
from fpt_calc.scaling.findings import as_ball, below, converges, equal_expressions, near_estimate
from fpt_calc.scaling.zipf import (
    Regime,
    Sampling,
    TrainingLaw,
    ZipfAsymptotics,
    ZipfLaw,
    asymptotics,
    certified_error,
    cut,
    mixed,
    narrowed,
    reweighted,
    selected,
)
from fpt_calc.scaling.zipf.mellin import EXPONENTIAL, NORMAL_TAIL, Kernel, leading_term
from fpt_calc.scaling.zipf.monomials import expression, monomial
from fpt_calc.scaling.zipf.simulate import estimate

T, k, pi, beta, gamma = sympy.symbols("T k pi beta gamma", positive=True)


def difference(law: TrainingLaw, test: ZipfLaw, found: Regime | ZipfAsymptotics, **at: Any) -> float:
    """The asymptotic value less the ball."""
    with flint.ctx.workprec(300):
        value = certified_error(test, law, at["T"], digits=30)
        return abs(float(value - as_ball(found.at(digits=40, **at))))


def size_of(found: Regime | ZipfAsymptotics, **at: Any) -> float:
    numbers = {sympy.Symbol(name, positive=True): value for name, value in at.items()}
    return float(sum(expression(r) for r in found.remainder).subs(numbers))


@settings(max_examples=8, deadline=None)
@given(
    st.fractions("8/7", 2, max_denominator=7),
    st.sampled_from([0, "1/3", 1]),
)
def test_without_a_cut_the_remainder_is_of_the_stated_order(b: Any, g: Any) -> None:
    """The next term is c(c + 1)/(2 T) of the first; both relative to it, so at T = 10^8 to 7 digits."""
    test = ZipfLaw(b)
    law = reweighted(test, g)
    found = asymptotics(test, law)
    c = (test.beta - 1) / (test.beta + law.gamma)
    (term,) = found.regimes[0].terms
    assert dict(term.exponents) == {T: -c}
    left = difference(law, test, found, T=10**8) / float(found.at(T=10**8))
    assert math.isclose(left, float(c * (c + 1) / 2) * 1e-8, rel_tol=1e-7)
    assert [dict(r.exponents) for r in found.remainder] == [{T: -c - 1}]


@pytest.mark.parametrize("b", ["5/4", "3/2", "2", "3"])
def test_poisson_sampling_has_no_remainder_in_powers(b: str) -> None:
    test = ZipfLaw(b)
    found = asymptotics(test, test, sampling=Sampling.POISSON)
    assert found.remainder == ()
    value = certified_error(test, test, 10**12, digits=50, sampling=Sampling.POISSON)
    with flint.ctx.workprec(300):
        assert abs(value / as_ball(found.at(T=10**12, digits=60)) - 1) < flint.arb(10) ** -45


UNIFORM: dict[str, Any] = {
    "cut": lambda law, k, pi: cut(law, k),
    "mixed": lambda law, k, pi: mixed(pi, law, cut(law, k)),
    "selected": lambda law, k, pi: selected(law, k, "1/2", pi),
    "favoured": lambda law, k, pi: selected(law, k, "1/10", "9/10"),
    "reweighted": lambda law, k, pi: reweighted(mixed(pi, law, cut(law, k)), "1/2"),
}
LONG = ("favoured", "selected")


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow if n in LONG else ()) for n in UNIFORM])
@pytest.mark.parametrize("b", ["3/2", pytest.param("2", marks=pytest.mark.slow)])
def test_with_a_cut_one_expression_holds_everywhere(name: str, b: str) -> None:
    """Below, at and beyond both crossovers the difference is within the stated orders, with a constant below 3."""
    test = ZipfLaw(b)
    found = asymptotics(test, UNIFORM[name](test, k, pi))
    share = sympy.Rational(1, 100)
    for last in (10**2, 10**4):
        law = UNIFORM[name](test, last, share)
        for size in (last // 10, round(last ** float(test.beta)), 100 * round(last ** float(test.beta)), last**4):
            numbers = {"T": size, "k": last, "pi": share}
            names = {s.name for s in found.uniform.free_symbols}
            left = difference(law, test, found, **{key: v for key, v in numbers.items() if key in names})
            assert left < 3 * size_of(found, **numbers), (last, size)


@pytest.mark.parametrize("name", UNIFORM)
def test_each_regime_holds_in_its_middle(name: str) -> None:
    """Far from the crossovers the terms are right within the stated orders."""
    test, last, share = ZipfLaw("3/2"), 10**4, sympy.Rational(1, 10**6)
    found = asymptotics(test, UNIFORM[name](test, k, pi))
    law = UNIFORM[name](test, last, share)
    start = 10**8 if name == "reweighted" else 10**6
    sizes = [10**3, 10**3 * start, 10**10 * start] if len(found.regimes) == 3 else [10**3, 10**3 * start]
    for regime, size in zip(found.regimes, sizes, strict=True):
        at = {"T": size, "k": last, "pi": share}
        names = {s.name for s in regime.expression().free_symbols}
        value = float(certified_error(test, law, size))
        left = abs(value - float(regime.at(**{key: v for key, v in at.items() if key in names})))
        assert left < 3 * size_of(regime, **at) + 1e-13 * value, str(regime)
        assert left < 0.05 * value
        assert all(term.coefficient.is_positive is not False for term in regime.terms)


def test_thresholds_are_told() -> None:
    law = ZipfLaw(beta)
    conditions = [r.condition for r in asymptotics(law, mixed(pi, law, cut(law, k))).regimes]
    assert conditions == ["T << k**beta", "k**beta << T << k**beta/pi", "k**beta/pi << T"]
    assert [r.condition for r in asymptotics(law, cut(law, k)).regimes] == ["T << k**beta", "k**beta << T"]


@pytest.mark.slow
def test_two_powers_the_wider_leads() -> None:
    law = ZipfLaw("3/2")
    training = mixed("1/3", law, narrowed(law, 3))
    found = asymptotics(law, training)
    assert dict(found.regimes[0].terms[0].exponents) == {T: sympy.Rational(-1, 3)}
    lefts = [difference(training, law, found, T=10**n) for n in (6, 8)]
    # the stated order is T^(-1/3 - 1)
    assert math.isclose(math.log10(lefts[0] / lefts[1]) / 2, 4 / 3, rel_tol=0.02)


@pytest.mark.parametrize(
    ("kernel", "strip"), [(EXPONENTIAL, (0.2, 1.0, 2.5)), (NORMAL_TAIL, (0.2, 1.0, 2.5))], ids=["exp", "normal"]
)
def test_mellin_transforms_are_integrals(kernel: Kernel, strip: tuple[float, ...]) -> None:
    x = sympy.Symbol("x", positive=True)
    function = sympy.lambdify(x, kernel.function(x), "mpmath")
    for s in strip:
        # y = x^s removes the pole at 0
        value = mpmath.quad(lambda y, s=s: function(y ** (1 / s)) / s, [0, 0.1, 1, 5, 40, mpmath.inf])
        assert math.isclose(float(kernel.transform(sympy.Float(s))), float(value), rel_tol=1e-9)


@pytest.mark.parametrize("kernel", [EXPONENTIAL, NORMAL_TAIL], ids=["exp", "normal"])
def test_the_residue_is_the_sum(kernel: Kernel) -> None:
    """Both functions fall faster than any power, so at a rate of 10^4 the term is exact to double precision."""
    x = sympy.Symbol("x", positive=True)
    function = sympy.lambdify(x, kernel.function(x), "mpmath")
    term = leading_term(kernel, 2, 3, monomial(sympy.Rational(1, 2), {}), 2, monomial(1, {T: 1}))
    last = 4000
    direct = mpmath.fsum(2 * mpmath.mpf(i) ** -3 * function(5000 * mpmath.mpf(i) ** -2) for i in range(1, last + 1))
    rest = mpmath.quad(lambda y: 2 * y**-3 * function(5000 * y**-2), [last, 10 * last, mpmath.inf])
    edge = last**-3.0 * float(function(5000 * mpmath.mpf(last) ** -2))  # half of the last one
    assert math.isclose(float(expression(term).subs(T, 10**4)), float(direct + rest - edge), rel_tol=1e-6)


EXPONENTS = {
    "pure": (ZipfLaw(beta), 1 - 1 / beta, beta - 1),
    "narrowed": (narrowed(ZipfLaw(beta), beta + gamma), (beta - 1) / (beta + gamma), 1 - 1 / (beta + gamma)),
}


@pytest.mark.parametrize(("law", "right", "wrong"), EXPONENTS.values(), ids=EXPONENTS.keys())
def test_exponents_are_decided(law: ZipfLaw, right: Any, wrong: Any) -> None:
    found = asymptotics(ZipfLaw(beta), law).expression()
    constant = found.subs(T, 1)
    assert equal_expressions(found, constant * T**-right).verdict == "PROVED"
    assert equal_expressions(found, constant * T**-wrong).verdict == "REFUTED"


BAD = {
    "finite test": lambda: asymptotics(ZipfLaw(2, 10), ZipfLaw(2)),
    "finite training": lambda: asymptotics(ZipfLaw(2), ZipfLaw(2, 10)),
    "cut at a number": lambda: asymptotics(ZipfLaw(2), cut(ZipfLaw(2), 10)),
    "no number for T": lambda: asymptotics(ZipfLaw(2), ZipfLaw(2)).at(),
    "T = 0": lambda: asymptotics(ZipfLaw(2), ZipfLaw(2)).at(T=0),
    "T negative": lambda: asymptotics(ZipfLaw(2), ZipfLaw(2)).regimes[0].at(T=-1),
    "no such symbol": lambda: asymptotics(ZipfLaw(2), ZipfLaw(2)).at(T=10, k=3),
    "an exponent below 1": lambda: asymptotics(ZipfLaw(beta), cut(ZipfLaw(beta), k)).at(T=100, k=10, beta="1/2"),
    "no law": lambda: asymptotics("law", ZipfLaw(2)),  # type: ignore[arg-type]
    "no training law": lambda: asymptotics(ZipfLaw(2), "law"),  # type: ignore[arg-type]
    "T no number": lambda: asymptotics(ZipfLaw(2), ZipfLaw(2)).at(T="many"),
}


@pytest.mark.parametrize("make", BAD.values(), ids=BAD.keys())
def test_bad_input_is_told_in_one_line(make: Any) -> None:
    with pytest.raises(InputError) as found:
        make()
    assert found.value.remedy and found.value.where and "\n" not in str(found.value)


def test_what_is_not_known_is_not_guessed() -> None:
    law = ZipfLaw(beta)
    with pytest.raises(CannotDecideError, match="which of the cuts"):
        asymptotics(law, cut(cut(law, k), sympy.Symbol("m")))
    with pytest.raises(CannotDecideError, match="which of the exponents"):
        asymptotics(law, mixed(pi, law, ZipfLaw(gamma)))
    with pytest.raises(CannotDecideError, match="two exponents"):
        asymptotics(law, mixed(pi, law, cut(reweighted(law, 1), k)))


def test_findings_say_no() -> None:
    """A check that cannot fail shows nothing: each is fed what is wrong."""
    x = sympy.Symbol("x", positive=True)
    assert equal_expressions(x ** sympy.Rational(1, 3), x ** sympy.Rational(1, 2)).verdict == "REFUTED"
    assert equal_expressions(x, x + sympy.Rational(1, 10**20)).verdict == "REFUTED"
    balls = [flint.arb(1) + flint.arb(10) ** -n for n in (1, 2, 3)]
    assert converges(balls, [1, 1, 1], [1e-1, 1e-2, 1e-3]).verdict == "CONSISTENT"
    assert converges(balls, [1, 1, 1], [1e-1, 1e-3, 1e-5]).verdict == "REFUTED"
    assert converges(balls, [2, 2, 2], [1e-1, 1e-2, 1e-3]).verdict == "REFUTED"
    assert below([flint.arb(1, 1)], [flint.arb(1.5)]).verdict == "UNDECIDED"
    found = estimate(np.array([1.0, 1.1, 0.9, 1.0]), 0)
    assert near_estimate(1.0, found).verdict == "CONSISTENT" and near_estimate(2.0, found).verdict == "REFUTED"
