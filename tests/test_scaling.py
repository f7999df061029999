"""Scaling laws of pipelines: claims about exponents, symbols against numbers, optima, floors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from typing import Any

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import fpt_calc as fc
from fpt_calc.api import ErrorLaw, ScalingLaw
from fpt_calc.scalars import Parameter, generator_scalar, scalar
from fpt_calc.scaling.polyhedra import Affine, Chamber, box, contains, polyhedron, value_at
from fpt_calc.scaling.regimes import Monomial, OrderParameter, RightHandSide, Setting
from fpt_calc.scaling.regimes.change import changes
from fpt_calc.scaling.regimes.curve import exact_values
from fpt_calc.scaling.regimes.explore import Question, regimes
from fpt_calc.scaling.regimes.powers import powers
from fpt_calc.scaling.regimes.witness import INFINITE
from fpt_calc.scaling.shown.presentation import affine_expression
from fpt_calc.system import Unknown

T, T0, n, d, m = fc.dims("T T0 n d m")
lam, mu, sigma, sigma0 = fc.scalars("lam mu sigma sigma0", "positive")
(p2,) = fc.scalars("p2", "fraction")
(g,) = fc.scalars("g", "generations")
Sigma, Test, Delta = (fc.matrix(name, d, d, "psd") for name in ("Sigma", "Test", "Delta"))
w0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
SPECTRA: Mapping[str, Any] = {"Sigma": fc.spectrum("beta"), "w0": fc.source("r", "b")}


def error_of(*data: Any, fit: Any = None, covariance: Any = Sigma) -> ErrorLaw:
    return fc.pipeline(fc.model("student", fit or fc.ridge(lam), data), against=w0, covariance=covariance).test_error()


def real(size: Any = T, labels: Any = w0, covariance: Any = Sigma, noise: Any = sigma) -> Any:
    return fc.data("real", size, covariance=covariance, labels=labels, noise=noise)


def chain(fit: Any, count: Any) -> Any:
    synthetic = fc.data("synthetic", T0, covariance=Sigma, labels=fc.previous, noise=sigma0)
    return fc.generations(fc.model("generator", fit, [synthetic]), count, w0)


def clean() -> ErrorLaw:
    return error_of(real())


def collapsed() -> ErrorLaw:
    return error_of(real(labels=chain(fc.ols(), g)))


def mixed() -> ErrorLaw:
    other = fc.teacher("other", d, covariance=Delta, near=w0)
    return error_of(real((1 - p2) * T), fc.data("fake", p2 * T, covariance=Sigma, labels=other, noise=sigma))


def shifted() -> ErrorLaw:
    return error_of(real(), covariance=Test)


def projected() -> ErrorLaw:
    return error_of(real(), fit=fc.projections(lam, m, name="S"))


def ridges() -> ErrorLaw:
    return error_of(real(labels=chain(fc.ridge(mu), 1)))


Texts = tuple[str, ...]


@cache
def law_of(
    make: Callable[[], ErrorLaw], value: str, assume: tuple[str, ...], given: tuple[tuple[str, str], ...]
) -> Any:
    spectra = dict(SPECTRA)
    if make is mixed:
        spectra["Delta"] = fc.source("r", "delta")
    if make is shifted:
        spectra |= {"Test": fc.spectrum("gamma"), "w0": {"source": "r", "of": "Sigma"}}
    return make().scaling("T", value, assume, **spectra, **dict(given))


def law(make: Callable[[], ErrorLaw], value: str = "error", assume: tuple[str, ...] = (), **given: str) -> ScalingLaw:
    found = law_of(make, value, assume, tuple(given.items()))
    assert isinstance(found, ScalingLaw)
    return found


RIDGE = {"lam": "T**-ell"}
FOUR = {"lam": "T**-ell", "sigma": "T**(-s/2)"}
FAKE = {"lam": "T**-ell", "T0": "T**a", "d": "T**a/2"}
WIDE = {"lam": "T**-ell*m/d", "m": "T**q"}
TWO = {"lam": "T**-ell", "mu": "T**-ell", "T0": "T**a"}

# Known rates, and rates that are often confused with them.
CLAIMS: list[tuple[Callable[[], ErrorLaw], str, dict[str, str], tuple[str, ...], str, str]] = [
    (clean, "bias", RIDGE, (), "-2*min(r, 1)*min(ell, beta)", "PROVED"),
    (clean, "bias", RIDGE, (), "-2*r*min(ell, beta)", "REFUTED"),
    (clean, "variance", RIDGE, (), "min(0, ell/beta - 1)", "PROVED"),
    (clean, "variance", RIDGE, (), "ell/beta - 1", "REFUTED"),
    # the four regimes of kernel ridge regression (Cui, Loureiro, Krzakala, Zdeborova 2021)
    (clean, "error", FOUR, (), "max(-2*min(r, 1)*min(ell, beta), min(0, ell/beta - 1) - s)", "PROVED"),
    (clean, "error", FOUR, (), "max(-2*min(r, 1)*ell, min(0, ell/beta - 1) - s)", "REFUTED"),
    # least squares in all generations, then a ridge (Dohmatob, Feng, Kempe 2024)
    (collapsed, "error", FAKE, ("r < 1",), "max(-2*r*ell, min(0, ell/beta - 1), min(0, ell/beta - a))", "PROVED"),
    (collapsed, "error", FAKE, ("r < 1",), "max(-2*r*ell, min(0, ell/beta - 1))", "REFUTED"),
    (collapsed, "source.synthetic", FAKE | {"g": "T**h"}, (), "h + min(0, ell/beta - min(a, 1))", "PROVED"),
    # a share of displaced labels
    (mixed, "error", RIDGE, (), "0", "PROVED"),
    (mixed, "source.other", RIDGE | {"p2": "T**-q"}, ("ell < beta",), "max(-2*q, -q + ell/beta - 1)", "PROVED"),
    (mixed, "source.other", RIDGE | {"p2": "T**-q"}, ("ell < beta",), "-2*q", "REFUTED"),
    # covariate shift between power laws
    (shifted, "variance", RIDGE, ("gamma < beta + 1",), "min(beta - gamma, ell*(beta + 1 - gamma)/beta - 1)", "PROVED"),
    (shifted, "variance", RIDGE, ("gamma > beta + 1",), "-1", "PROVED"),
    # width and data: the smaller one limits
    (projected, "variance", WIDE, (), "min(ell/beta, q) - 1", "REFUTED"),
    (projected, "variance", WIDE, (), "min(ell/beta, q, 1) - 1", "PROVED"),
    (projected, "bias", WIDE, ("r < 1/2",), "-2*r*min(ell, beta*q, beta)", "PROVED"),
    (projected, "bias", WIDE, ("r > 1/2",), "-2*r*min(ell, beta*q, beta)", "REFUTED"),
    # the noise of the first ridge: what the second one does not resolve adds to its own noise
    (ridges, "source.synthetic", TWO, (), "min(0, ell/beta - a)", "PROVED"),
    (ridges, "source.synthetic", TWO, (), "min(0, min(ell, beta)/beta - a)", "REFUTED"),
]


@pytest.mark.parametrize(("make", "value", "given", "assume", "claim", "verdict"), CLAIMS)
def test_rates(
    make: Callable[[], ErrorLaw], value: str, given: dict[str, str], assume: tuple[str, ...], claim: str, verdict: str
) -> None:
    found = law(make, value, assume, **given)
    assert found.compare(claim).verdict == verdict, found


def number(form: Affine, **point: Fraction) -> Fraction:
    value = value_at(form, {n: scalar(v) for n, v in point.items()}).constant
    assert value is not None, "a number"
    return value


def exponent_at(found: ScalingLaw, point: Mapping[str, Fraction]) -> set[Fraction]:
    """The exponents of all regimes whose closure has a point; the law has no symbols but its exponents."""
    regimes = [r for r in found.regimes if all(number(c, **point) >= 0 for c in r.cell.constraints)]
    return {number(r.exponent, **point) for r in regimes}


def exact(value: Fraction) -> sympy.Rational:
    return sympy.Rational(value.numerator, value.denominator)


def symbol(name: str) -> sympy.Symbol:
    return sympy.Symbol(name, positive=True)


def fractions(low: Fraction, high: Fraction) -> st.SearchStrategy[Fraction]:
    return st.fractions(low, high, max_denominator=60)


@settings(max_examples=12, deadline=None)
@given(fractions(Fraction(11, 10), Fraction(5)), fractions(Fraction(1, 10), Fraction(3)), st.data())
def test_symbols_and_numbers_agree(beta: Fraction, r: Fraction, data: st.DataObject) -> None:
    """The law of numeric beta and r, derived anew, is the symbolic law there; also where logarithms occur."""
    ell, s = (data.draw(fractions(Fraction(1, 50), Fraction(4))) for _ in range(2))
    numeric = law(clean, **FOUR).at(beta=beta, r=r)
    claim = max(-2 * min(r, 1) * min(ell, beta), min(Fraction(0), ell / beta - 1) - s)
    assert exponent_at(numeric, {"ell": ell, "s": s}) == {claim}


def test_saturation_has_a_logarithm_at_its_threshold() -> None:
    for r, logs in (("1", 1), ("9/10", 0), ("11/10", 0)):
        (regime,) = law(clean, "bias", ("ell < beta",), **RIDGE).at(beta=2, r=r).regimes
        assert regime.logs == logs


def test_optimum_is_the_minimum_over_a_grid() -> None:
    found = law(collapsed, "error", ("r < 1",), **FAKE).at(beta=Fraction(3, 2), r=Fraction(1, 2))
    for a in (Fraction(1, 3), Fraction(2, 3), Fraction(4, 3)):
        (best,) = [o for o in found.optimal("ell") if all(number(c, a=a) >= 0 for c in o.cell.constraints)]
        value, low = number(best.exponent, a=a), best.best[0].low
        grid = [max(exponent_at(found, {"a": a, "ell": Fraction(k, 240)})) for k in range(1, 480)]
        assert min(grid) >= value
        assert low is not None
        assert exponent_at(found, {"a": a, "ell": number(low, a=a)}) == {value}


def test_the_best_prefactor_is_a_minimum_of_exact_values() -> None:
    """At the best ridge a tenth more or less of it is worse, in the exact error."""
    found = law(clean, "error", ("r < 1",), **RIDGE)
    (best,) = found.optimal("ell")
    assert best.prefactor is not None
    numbers = {"beta": Fraction(3, 2), "r": Fraction(2, 5), "sigma": Fraction(1, 2), "b": Fraction(1)}
    best_c = float(best.prefactor.subs({symbol(k): exact(v) for k, v in numbers.items()}))
    ell = Fraction(15, 22)  # beta/(2 beta r + 1)
    free = clean().scaling("T", lam="c*T**-ell", **SPECTRA)

    def error(factor: float) -> float:
        return free.exact(10**24, digits=12, ell=ell, c=Fraction(str(round(best_c * factor, 12))), **numbers)["error"]

    assert error(1.0) < min(error(0.9), error(1.1))


def test_floors_are_approached_as_stated() -> None:
    found = law(mixed, "error", ("ell < beta", "r < 1"), **RIDGE)
    beyond = found.beyond_floor()
    assert [str(r.exponent) for r in found.regimes] == ["0"]
    numbers = {"beta": "3/2", "r": "3/4", "ell": "1/4", "b": 1, "delta": 2, "p2": "1/10", "sigma": 1}
    floor = 2 * sympy.Rational(1, 100) * sympy.zeta(1 + sympy.Rational(9, 4))
    totals = [exact_values(found.law.side, found.law.request.setting, 10**k, numbers, 30).total for k in (20, 24)]
    rest = [abs(sympy.Float(t.str(30, radius=False), 40) - sympy.N(floor, 40)) for t in totals]
    slope = sympy.log(rest[1] / rest[0]) / sympy.log(10**4)
    regime = beyond.at(beta="3/2", r="3/4", ell="1/4").regimes
    assert len(regime) == 1
    assert float(slope) == pytest.approx(float(affine_expression(regime[0].exponent)), abs=0.02)


def test_crossovers_lie_between_regimes() -> None:
    found = law(clean, "error", ("r < 1",), **FOUR)
    ell, s, beta, r = sympy.symbols("ell s beta r", positive=True)
    equations = {sympy.simplify(e.lhs).as_numer_denom()[0].expand() for e in found.crossover()}
    wall = sympy.expand(beta * (1 + s) - ell - 2 * beta * r * ell)
    assert wall in equations or -wall in equations


def test_a_kernel_on_a_manifold_has_the_rate_of_its_dimension() -> None:
    """Minimax rate 2 t/(2 t + D) for a target of Sobolev smoothness t (below saturation): r = t/(D + 2 s)."""
    error = clean()
    found = error.scaling("T", lam="T**-ell", Sigma=fc.manifold("s", "D"), w0=fc.source("r"), assume=["r < 1"])
    (best,) = found.optimal("ell")
    s, D, t, r = sympy.symbols("s D t r", positive=True)
    rate = affine_expression(best.exponent).subs(r, t / (D + 2 * s))
    assert sympy.simplify(rate + 2 * t / (2 * t + D)) == 0


def test_the_domain_is_covered_once() -> None:
    """Cells do not overlap, and lie in the domain."""
    found = law(collapsed, "error", ("r < 1",), **FAKE)
    for case in found.law.cases:
        domain = found.law.request.domain
        for k, regime in enumerate(case.regimes):
            assert contains(case.chamber, domain, regime.cell)
            for other in case.regimes[:k]:
                both = polyhedron(domain.names, (*regime.cell.constraints, *other.cell.constraints))
                assert not contains(case.chamber, both, regime.cell)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"lam": "T**-ell + 1"}, "the sum"),
        ({"lam": "T**-ell", "mu": "T"}, "no quantity 'mu'"),
        ({"lam": "sin(T)"}, "no product of powers"),
        ({"lam": "T**(1/0)"}, "no exponent"),
        ({"lam": "-T"}, "no product of powers"),
        ({"lam": "lam*T"}, "defined by itself"),
        ({"lam": "T**-w0"}, "a quantity and an exponent"),
        ({"lam": "T**-b"}, "a constant and an exponent"),
        ({"lam": "T**-ell", "Sigma": 3}, "no spectrum"),
        ({"lam": "T**-ell", "Sigma": fc.spectrum(1)}, "infinite"),
        ({"lam": "T**-ell", "w0": {"source": 0}}, "r = 0"),
        ({"lam": "T**-ell", "assume": ["ell < foo"]}, "no exponent or parameter 'foo'"),
        ({"lam": "T**-ell", "assume": ["ell"]}, "no inequality"),
        ({"lam": "T**-ell", "assume": 3}, "no list of inequalities"),
        ({"lam": "T**-ell", "size": "N"}, "no size"),
        ({"lam": "T**-ell", "value": "eror"}, "no value"),
    ],
)
def test_bad_requests_say_what_is_wrong(given: dict[str, Any], message: str) -> None:
    arguments = {"size": "T", **SPECTRA, **given}
    size = arguments.pop("size")
    with pytest.raises(fc.InputError, match=message):
        clean().scaling(size, **arguments)


def test_what_a_law_does_not_have_is_refused() -> None:
    found = law(clean, **RIDGE)
    with pytest.raises(fc.InputError, match="no exponent 'q'"):
        found.optimal("q")
    with pytest.raises(fc.InputError, match="no exponent or parameter 'q'"):
        found.at(q=1)
    with pytest.raises(fc.InputError, match="beta"):
        found.at(beta="1/2")
    with pytest.raises(fc.InputError, match="outside"):
        found.at(ell=-1)
    for values in ({"beta": "x"}, {"ell": "x"}, {"beta": "beta + q"}, {"beta": float("nan")}):
        with pytest.raises(fc.InputError, match="no exponent or parameter"):
            found.at(**values)
    assert found.at(ell="beta/2").compare("max(-2*min(r, 1)*beta/2, -1/2)").verdict == "PROVED"


def test_the_change_against_true_labels_is_stated() -> None:
    """Fake labels of T^a samples: the clean choice of ell decays slower, and not at all for small a."""
    (wide, narrow) = changes((found := law(collapsed, "error", ("r < 1",), **FAKE)).law, found.clean.law, "ell")
    assert str(wide.choice) == "beta/(2*beta*r + 1)"
    assert {str(e) for _, e in wide.kept} == {"-2*beta*r/(2*beta*r + 1)", "1/(2*beta*r + 1) - a"}
    assert {str(e) for _, e in narrow.kept} == {"0"}
    assert {str(e) for _, e, _ in wide.best} == {"-2*beta*r/(2*beta*r + 1)", "-2*beta*r*a/(2*beta*r + 1)"}
    assert "these labels at best" in found.change("ell")
    with pytest.raises(fc.InputError, match="nothing to compare with"):
        _ = law(clean, **RIDGE).clean


def test_assumptions_may_be_any_iterable() -> None:
    """They are read twice: for the law, and for the law with true labels."""
    assume = ("r < 1", "ell < 1/4")
    once = collapsed().scaling("T", assume=iter(assume), **FAKE, **SPECTRA)
    assert once.clean.regimes == law(collapsed, "error", assume, **FAKE).clean.regimes


def test_slopes_of_numbers_approach_the_exponent() -> None:
    """An error without a closed form (data are kept for the next model), and one with it for comparison."""
    one = fc.data("one", T, covariance=Sigma, labels=w0, noise=sigma)
    two = fc.data("two", T, covariance=Sigma, labels=fc.model("first", fc.ridge(lam), [one]), noise=sigma)
    given = {"lam": "T**(-1/2)", "sigma": "1/2", "Sigma": fc.spectrum("3/2"), "w0": fc.source("1/2")}
    with pytest.raises(fc.CannotDecideError, match="slopes"):
        error_of(one, two).scaling("T", lam="T**-ell", **SPECTRA)
    for error in (clean(), error_of(one, two)):
        slopes = error.slopes("T", [100, 200, 400], **given).slopes
        distances = [abs(s + 0.5) for s in slopes]  # -2 r ell: the bias leads
        assert distances[1] < distances[0] < 0.1
    with pytest.raises(fc.InputError, match="growing"):
        clean().slopes("T", [100, 100], **given)
    with pytest.raises(fc.InputError, match="no number for ell"):
        clean().slopes("T", [100, 200], **{**given, "lam": "T**-ell"})


def test_a_notebook_shows_the_power() -> None:
    shown = law(clean, "variance", ("ell < beta",), **RIDGE)._repr_latex_()
    assert shown.startswith(r"$\displaystyle T^{") and r"\ell" in shown and r"\beta" in shown


def test_the_larger_of_two_sizes_counts() -> None:
    """One model on data of sizes T and T0 = T^a: terms of one slope lead in the relation of kappa."""
    two = fc.data("two", T0, covariance=Sigma, labels=w0, noise=sigma)
    found = error_of(real(), two).scaling("T", lam="T**-ell", T0="T**a", assume=["r < 1"], **SPECTRA)
    claim = "max(-2*r*min(ell, beta*max(1, a)), min(0, ell/beta - max(1, a)))"
    assert found.compare(claim).verdict == "PROVED", found
    assert found.compare(claim.replace("max(1, a)", "1")).verdict == "REFUTED"


def test_terms_of_one_slope_are_compared() -> None:
    """kappa (T^a + T^b) = 1/T: the larger of a and b decides, and both are in the cells."""
    kappa = generator_scalar(unknown := Unknown("kappa"))
    a, b = (generator_scalar(Parameter(name, "positive")) for name in "ab")
    A, B, lam = (generator_scalar(Parameter(name, "positive")) for name in ("A", "B", "lam"))
    side = RightHandSide((OrderParameter(unknown, kappa * (A + B) - lam),), (), {"kappa": kappa})
    sizes = {"A": a, "B": b, "lam": scalar(-1)}
    quantities = {name: Monomial(powers=powers({"T": e})) for name, e in sizes.items()}
    setting = Setting("T", {}, quantities, Monomial(powers=powers({"T": generator_scalar(INFINITE)})))
    question = Question(side, setting, box({"a": (0, 2), "b": (0, 2)}), {}, ("kappa",))
    found = regimes(question, Chamber({}))
    assert {str(r.exponent) for r in found} == {"-1 - a", "-1 - b"}
