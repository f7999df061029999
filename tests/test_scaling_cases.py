"""Scaling laws of pipelines: cases and their conditions, what is left beyond a floor, optima at an edge."""

from __future__ import annotations

from functools import cache
from itertools import combinations, product

import pytest
import sympy

import fpt_calc as fc
from fpt_calc.api.scaling import ScalingLaw
from fpt_calc.api.training import ErrorLaw
from fpt_calc.errors import CannotDecideError, InputError
from fpt_calc.scaling.shown.presentation import conditions_expression

n, d, T0 = fc.dims("n d T0")
lam, sigma0 = fc.scalars("lam sigma0", "positive")
(p2,) = fc.scalars("p2", "fraction")
(g,) = fc.scalars("g", "generations")
Sigma, Gamma, Delta = (fc.matrix(name, d, d, "psd") for name in ("Sigma", "Gamma", "Delta"))
BETA = fc.spectrum("beta")


@cache
def mixture() -> ErrorLaw:
    w1 = fc.teacher("w1", d, covariance=Gamma)
    w2 = fc.teacher("w2", d, covariance=Delta, near=w1)
    data = [
        fc.data("real", (1 - p2) * n, covariance=Sigma, labels=w1),
        fc.data("fake", p2 * n, covariance=Sigma, labels=w2),
    ]
    return fc.pipeline(fc.model("student", fc.ridge(lam), data), against=w1, covariance=Sigma).test_error()


@cache
def beyond(floor: str = "ell < beta") -> ScalingLaw:
    law = mixture().scaling(
        "n", lam="n**-ell", Sigma=BETA, Gamma=fc.source("r"), Delta=fc.source("rho"), assume=[floor]
    )
    return law.beyond_floor()


def test_cases_exclude_each_other_and_cover_the_parameters() -> None:
    """Two points decide nothing about a cell: a grid of parameters that are no special ones."""
    r, rho, beta = (sympy.Symbol(name, positive=True) for name in ("r", "rho", "beta"))
    conditions = [conditions_expression(c.conditions) for c in beyond().law.cases]
    assert len(conditions) >= 3
    for x in (0.21, 0.43, 0.77, 1.31):
        for y in (0.17, 0.39, 0.81, 1.27):
            holding = [bool(c.subs({r: x, rho: y, beta: 1.57})) for c in conditions]
            assert sum(holding) == 1, (x, y, conditions)


def test_no_two_cases_are_equal() -> None:
    for one, other in combinations(beyond().law.cases, 2):
        laws = [{(r.exponent, str(r.constant)) for r in case.regimes} for case in (one, other)]
        assert laws[0] != laws[1]


def test_a_floor_that_the_size_itself_fixes_is_not_taken_away() -> None:
    """Without a ridge df_2/n tends to 1 - 1/beta; what is left beyond that is not known, and nothing else is said."""
    with pytest.raises(CannotDecideError, match=r"tends to its floor; assume a ridge"):
        beyond("ell > beta")


def test_what_is_left_beyond_a_floor_decays() -> None:
    for case in beyond().law.cases:
        assert all(not r.exponent.constant.is_zero or r.exponent.terms for r in case.regimes)


def test_an_optimum_at_the_edge_keeps_its_exponent() -> None:
    """With more than T generations no ridge that decays helps: ell = 0, where a trace diverges with d."""
    w0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
    generator = fc.model(
        "generation", fc.ols(), [fc.data("synthetic", T0, covariance=Sigma, labels=fc.previous, noise=sigma0)]
    )
    real = fc.data("real", n, covariance=Sigma, labels=fc.generations(generator, g, w0))
    error = fc.pipeline(fc.model("student", fc.ridge(lam), [real]), against=w0, covariance=Sigma).test_error()
    law = error.scaling(
        "n", lam="n**-ell", T0="n", d="T0/2", g="n**h", Sigma=BETA, w0=fc.source("1/2"), assume=["ell < beta"]
    )
    edge = [o for o in law.optimal("ell") if o.best[0].low is not None and o.best[0].low == o.best[0].high]
    assert {str(o.exponent) for o in edge} >= {"h - 1"}
    assert all(not o.regimes and o.constant is None for o in edge if str(o.exponent) == "h - 1")


def test_the_best_prefactor_of_two_models_is_a_minimum() -> None:
    """Terms such as c**(2*r + 1)/c belong together; the value is stationary there and larger beside it."""
    w0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
    first = fc.model("first", fc.ridge(lam), [fc.data("one", n, covariance=Sigma, labels=w0, noise=sigma0)])
    second = fc.model("second", fc.ridge(lam), [fc.data("two", n, covariance=Sigma, labels=first, noise=sigma0)])
    error = fc.pipeline(second, against=w0, covariance=Sigma).test_error()
    law = error.scaling("n", lam="n**-ell", Sigma=BETA, w0=fc.source("r"), assume=["ell < beta", "r < 1"])
    (best,) = law.optimal("ell")
    assert best.prefactor is not None and best.constant is not None
    names = {sympy.Symbol(k, positive=True): sympy.Rational(v) for k, v in (("beta", 2), ("r", "2/5"), ("sigma0", 1))}
    c = sympy.Symbol("c_lam", positive=True)
    value, least, constant = (e.subs(names) for e in (best.regimes[0].constant, best.prefactor, best.constant))
    assert abs(value.diff(c).subs(c, least).n(30)) < 1e-25
    assert abs((constant - value.subs(c, least)).n(30)) < 1e-25
    curve, middle = sympy.lambdify(c, value, "mpmath"), float(least)
    assert all(curve(middle * k) > float(constant) for k in (0.9, 1.1))


@cache
def shift() -> ScalingLaw:
    """A ridge on one power law that is tested on another."""
    w0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
    student = fc.model("student", fc.ridge(lam), [fc.data("real", n, covariance=Sigma, labels=w0, noise=sigma0)])
    error = fc.pipeline(student, against=w0, covariance=Gamma).test_error()
    source = {"source": "r", "of": "Gamma"}
    return error.scaling("n", lam="n**-ell", sigma0="n**-s", Sigma=BETA, Gamma=fc.spectrum("gamma"), w0=source)


@pytest.mark.parametrize("gamma, r", [("4", "2/5"), ("4", "9/20"), ("5/2", "1"), ("7/2", "7/10")])
def test_a_case_says_nothing_of_parameters_where_its_law_fails(gamma: str, r: str) -> None:
    """gamma > beta + 1 with a small source is a small part of the parameters, where the noise falls like 1/n."""
    at = {"beta": sympy.Integer(2), "gamma": sympy.Rational(gamma), "r": sympy.Rational(r)}
    symbols = {sympy.Symbol(name, positive=True): value for name, value in at.items()}
    alone = shift().at(**at)
    for ell, s in product(("3/7", "9/5", "13/6"), ("1/11", "3/8", "5/3")):
        point = {sympy.Symbol(x, positive=True): sympy.Rational(v) for x, v in (("ell", ell), ("s", s))}
        exponent = shift().exponent.subs({**symbols, **point})
        assert exponent in (sympy.nan, alone.exponent.subs(point)), (gamma, r, ell, s)


def test_an_optimum_at_measured_parameters_has_a_readable_constant() -> None:
    """Roots of rational numbers are not joined to one root of an integer with as many digits as its degree."""
    at = {"beta": "1.373", "r": "0.617"}
    w0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
    student = fc.model("student", fc.ridge(lam), [fc.data("real", n, covariance=Sigma, labels=w0, noise=sigma0)])
    error = fc.pipeline(student, against=w0, covariance=Sigma).test_error()
    law = error.scaling("n", lam="n**-ell", Sigma=BETA, w0=fc.source("r"), assume=["ell < beta", "r < 1"])
    (own,), (general,) = law.at(**at).optimal("ell"), law.optimal("ell")
    assert own.prefactor is not None and general.prefactor is not None
    assert len(str(own.prefactor)) < 400
    numbers = {sympy.Symbol(name, positive=True): sympy.Float(value, 40) for name, value in at.items()}
    numbers[sympy.Symbol("sigma0", positive=True)] = sympy.Float("0.3", 40)
    for one, other in ((own.prefactor, general.prefactor), (own.constant, general.constant)):
        assert one is not None and other is not None
        ratio = sympy.N(one.subs(numbers), 30) / sympy.N(other.subs(numbers), 30)
        assert abs(ratio - 1) < sympy.Float(10, 30) ** -25  # thirty digits, of which a few are lost to large exponents


def test_a_floor_at_measured_parameters_is_told_from_zero() -> None:
    """At ell = 0 the constant is a series over k to powers that are fractions of large numbers."""
    law = mixture().scaling("n", lam="n**-ell", Sigma=BETA, Gamma=fc.source("r"), Delta=fc.source("rho"))
    (best,) = law.at(beta="497/101", r="21/101", rho="524/101").optimal("ell")
    (regime,) = best.regimes
    assert best.exponent.constant.is_zero and not best.exponent.terms
    assert set(regime.dominant) == {"w1", "w2"} and regime.constant.has(sympy.Sum)


def test_powers_that_differ_by_whole_ones_are_collected() -> None:
    """Two terms b X^(2 beta) and b X^(2 beta - 1) of one order, of which a factor beta - (beta - 1) is left."""
    beta = sympy.Symbol("beta", positive=True)
    law = shift().at(gamma="beta + 2", r="2")
    (regime,) = (r for r in law.regimes if r.dominant == ("w0",) and not r.exponent.terms)
    x = sympy.pi / (beta * sympy.sin(sympy.pi / beta))
    assert sympy.simplify(regime.constant / x ** (2 * beta)) == sympy.zeta(2 * (beta + 2) * 2 + 1 - 2 * beta)


def test_values_may_name_each_other_but_not_in_a_circle() -> None:
    """s = r ell with r = 2/5 is s = 2 ell/5."""
    together, direct = shift().at(s="r*ell", r="2/5", gamma=2), shift().at(s="2*ell/5", r="2/5", gamma=2)
    assert [r.exponent for r in together.regimes] == [r.exponent for r in direct.regimes]
    with pytest.raises(InputError, match="defined by itself"):
        shift().at(s="ell", ell="s")


def test_a_constant_is_positive() -> None:
    law = mixture().scaling("n", lam="n**-ell", Sigma=BETA, Gamma=fc.source("r", "b"), Delta=fc.source("rho"))
    with pytest.raises(InputError, match="b = 0; constants are positive"):
        law.at(b=0)


def test_cells_of_one_law_with_a_logarithm_are_joined() -> None:
    """Its constant depends on the exponents: it is the same law wherever the witness is."""
    w0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
    student = fc.model("student", fc.ridge(lam), [fc.data("real", n, covariance=Sigma, labels=w0, noise=sigma0)])
    error = fc.pipeline(student, against=w0, covariance=Sigma).test_error()
    law = error.scaling("n", lam="n**-ell", d="n**a", Sigma=fc.spectrum("1/2"), w0=fc.source("2"))
    with_logarithm = [(r.exponent, r.constant) for r in law.regimes if r.logs]
    assert len(with_logarithm) == len(set(with_logarithm)) == 2
