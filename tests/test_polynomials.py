"""The minimal polynomials of targets: known ones, values as roots, moments, minimality, refusals."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import fpt_calc as fc
from fpt_calc.api.result import Law
from fpt_calc.errors import CannotDecideError, InputError
from fpt_calc.reduce import Quantity, TargetPolynomial, quantity, target_polynomial
from fpt_calc.reduce.interpolation import interpolate
from fpt_calc.scalars import Scalar, numerator, scalar, substitute

n, d, m, k = fc.dims("n d m k")
lam, mu, s, u = fc.scalars("lam mu s u", "positive")
eta, zeta = fc.scalars("eta zeta", "positive")
(z,) = fc.scalars("z", "upper")
W = fc.wigner("W", d, variance=s / d)
X = fc.gaussian("X", n, d, variance=1 / n)
Y = fc.gaussian("Y", m, d, variance=1 / m)
V = fc.gaussian("V", k, d, variance=1 / k)
XS = fc.gaussian("XS", n, d, variance=s / n)
YU = fc.gaussian("YU", m, d, variance=u / m)
A1 = fc.gaussian("A1", n, d, variance=1 / n)
A2 = fc.gaussian("A2", m, n, variance=1 / m)
A3 = fc.gaussian("A3", k, m, variance=1 / k)
RX = fc.gaussian("RX", d, n, variance=1 / d)
RF = fc.gaussian("RW", m, d, variance=zeta / m) @ RX + fc.gaussian("RT", m, n, variance=(eta - zeta) / m)
COMMUTATOR = Path(__file__).parent / "problems" / "commutator.toml"
Y_ = quantity("y")


@dataclass(frozen=True)
class Case:
    """A target, the degree of its polynomial, the names of its parameters, and the polynomial where it is known."""

    target: object
    degree: int
    names: str
    known: Scalar | None = None


CASES: Mapping[str, Case] = {
    "semicircle": Case(fc.tau(fc.inv(W - z)), 2, "d s z", s * Y_**2 + z * Y_ + 1),
    "Marchenko-Pastur": Case(
        fc.tau(fc.inv(X.T @ X + lam)), 2, "n d lam", d / n * lam * Y_**2 + (1 - d / n + lam) * Y_ - 1
    ),
    "two Wisharts": Case(fc.tau(fc.inv(X.T @ X @ Y.T @ Y + lam)), 3, "n d m lam"),
    "Wigner and Wishart": Case(
        fc.tau(fc.inv(W + X.T @ X - z)), 3, "n d s z", (s * Y_ + z) * (d * Y_ + n) * Y_ + d * Y_ + n - n * Y_
    ),
    "three Wisharts": Case(fc.tau(fc.inv(A1.T @ A2.T @ A3.T @ A3 @ A2 @ A1 + lam)), 4, "n d m k lam"),
    "three Wishart matrices": Case(fc.tau(fc.inv(X.T @ X @ Y.T @ Y @ V.T @ V + lam)), 4, "n d m k lam"),
    "random features": Case(fc.tau(fc.inv(RF.T @ RF + lam)), 4, "n d m lam eta zeta"),
    "two groups": Case(fc.tau(fc.inv(XS.T @ XS + YU.T @ YU + lam)), 3, "n d m lam s u"),
    "nested": Case(fc.tau(fc.inv(X.T @ X + fc.inv(Y.T @ Y + lam) + mu)), 5, "n d m lam mu"),
    "two resolvents": Case(fc.tau(fc.inv(X.T @ X + lam) @ fc.inv(Y.T @ Y + mu)), 4, "n d m lam mu"),
}


@cache
def law(name: str) -> Law:
    return fc.derive({"y": CASES[name].target})


@cache
def polynomial(name: str) -> TargetPolynomial:
    return law(name).polynomial()


def coefficients(p: Scalar, values: Mapping[str, complex], target: str = "y") -> list[complex]:
    """The coefficients in the target where the parameters are numbers, highest first."""
    index = p.gens.index(Quantity(target))
    result: dict[int, complex] = {}
    for exponents, c in p.num.to_dict().items():
        term = complex(int(c))
        for position, (g, e) in enumerate(zip(p.gens, exponents, strict=True)):
            term *= 1 if position == index else values[g.name] ** int(e)
        power = int(exponents[index])
        result[power] = result.get(power, 0) + term
    return [result.get(j, 0) for j in range(max(result), -1, -1)]


def random_values(names: str, seed: int) -> dict[str, complex]:
    """An admissible point; eta is larger than zeta."""
    source = random.Random(seed)
    values: dict[str, complex] = {}
    for name in names.split():
        values[name] = source.randrange(50, 150) if name in "ndmk" else round(source.uniform(0.2, 1), 3)
    if "z" in values:
        values["z"] = complex(values["z"], 1.5)
    if "eta" in values:
        values["eta"] = values["eta"] + 1
    return values


@pytest.mark.parametrize("name", CASES)
def test_the_value_is_a_root_and_no_other_root_is_equal(name: str) -> None:
    case, found = CASES[name], polynomial(name)
    assert found.degree == case.degree
    for seed in (1, 2):
        values = random_values(case.names, seed)
        value = complex(law(name).at(**values))
        row = coefficients(found.polynomial, values)
        sizes = [abs(c) * abs(value) ** (len(row) - 1 - j) for j, c in enumerate(row)]
        assert abs(np.polyval(row, value)) < 1e-9 * sum(sizes)
        roots = np.roots(row)
        assert len(roots) == case.degree
        assert sum(abs(roots - value) < 1e-6 * abs(value)) == 1
        gaps = [abs(a - b) for i, a in enumerate(roots) for b in roots[:i]]
        assert min(gaps) > 1e-8, "the conjugates are different"


@pytest.mark.parametrize("name", CASES)
def test_the_polynomial_is_irreducible_and_primitive(name: str) -> None:
    found = polynomial(name)
    content, factors = found.polynomial.num.factor()
    assert abs(int(content)) == 1
    assert [int(e) for _, e in factors] == [1]
    assert "irreducible" in found.evidence


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.known is not None])
def test_the_polynomial_is_the_known_one(name: str) -> None:
    known = CASES[name].known
    assert known is not None
    assert polynomial(name).polynomial in (numerator(known), -numerator(known))


def test_relations_use_the_general_elimination() -> None:
    (relation,) = law("two Wisharts").relations()
    assert relation.polynomial == polynomial("two Wisharts").polynomial
    both = fc.derive({"y": CASES["two Wisharts"].target, "w": CASES["Marchenko-Pastur"].target})
    assert {str(r).count("w") > 0 for r in both.relations()} == {True, False}


def test_the_commutator() -> None:
    law = fc.derive(fc.load(COMMUTATOR))
    found = law.polynomial("resolvent")
    (t,) = fc.scalars("t", "positive")
    y = quantity("resolvent")
    assert found.polynomial == numerator(t**2 * y**3 + t**2 * y**2 + y - 1)


# moments --------------------------------------------------------------------------------------------------------


def series_value(p: Scalar, moments: list[Fraction], variable: str, sign: int) -> list[Fraction]:
    """The polynomial, times a power of x = 1/variable, at ``y = sum_j sign^j m_j x^(j+1)``, truncated."""
    size = len(moments)
    y = [Fraction(0), *(sign**j * c for j, c in enumerate(moments))][:size]
    top = int(p.num.degrees()[[g.name for g in p.gens].index(variable)])
    powers = [[Fraction(int(i == 0)) for i in range(size)]]
    for _ in range(8):
        powers.append([sum((powers[-1][i] * y[j - i] for i in range(j + 1)), Fraction(0)) for j in range(size)])
    total = [Fraction(0)] * size
    for exponents, c in p.num.to_dict().items():
        by_name = {g.name: int(e) for g, e in zip(p.gens, exponents, strict=True)}
        assert set(by_name) <= {variable, "y"}
        shift = top - by_name.get(variable, 0)
        for j in range(shift, size):
            total[j] += int(c) * powers[by_name.get("y", 0)][j - shift]
    return total


def at_one(p: Scalar, keep: str) -> Scalar:
    return numerator(substitute(p, {g: scalar(1) for g in p.gens if g.name not in (keep, "y")}))


@pytest.mark.parametrize(
    ("name", "factors"),
    [("Marchenko-Pastur", 1), ("two Wisharts", 2), ("three Wisharts", 3), ("three Wishart matrices", 3)],
)
def test_products_of_square_matrices_have_fuss_catalan_moments(name: str, factors: int) -> None:
    moments = [Fraction(math.comb((factors + 1) * j, j), factors * j + 1) for j in range(14)]
    p = at_one(polynomial(name).polynomial, "lam")
    assert not any(series_value(p, moments, "lam", -1))
    assert any(series_value(p, [*moments[:5], moments[5] + 1, *moments[6:]], "lam", -1))


def test_wigner_and_wishart_add_their_free_cumulants() -> None:
    cumulants = [Fraction(1 + (j == 2)) for j in range(12)]  # all 1 for the Wishart, one more at second order
    moments = [Fraction(1)]
    for order in range(1, 12):
        total = Fraction(0)
        power = list(moments)  # coefficients of (sum_j m_j x^j)^blocks
        for size in range(1, order + 1):
            total += cumulants[size] * power[order - size]
            power = [sum((power[i] * moments[j - i] for i in range(j + 1)), Fraction(0)) for j in range(order)]
        moments.append(total)
    p = at_one(polynomial("Wigner and Wishart").polynomial, "z")
    assert not any(series_value(p, [-c for c in moments], "z", 1))


# branches and refusals ------------------------------------------------------------------------------------------


def test_a_polynomial_that_splits_at_full_variance_keeps_the_physical_factor() -> None:
    square = fc.gaussian("S", d, d, variance=1 / d)
    target = fc.tau(fc.inv(square.T @ square + Fraction(1, 2)))  # 1 solves y**2/2 + y/2 - 1 = 0
    found = fc.derive({"y": target}).polynomial()
    assert found.polynomial == Y_ - 1
    assert found.removed == ("y + 2",)


def test_a_constant_target() -> None:
    found = fc.derive({"y": fc.tau(X.T @ X)}).polynomial()
    assert (found.degree, found.polynomial) == (1, Y_ - 1)


def test_roots_are_refused() -> None:
    for target, root in [(W - 1j * lam, "1j"), (X.T @ X @ Y.T @ Y + fc.sqrt(mu), r"sqrt\(mu\)")]:
        with pytest.raises(CannotDecideError, match=f"the equations contain {root}"):
            fc.derive({"y": fc.tau(fc.inv(target))}).polynomial()


def test_traces_of_matrices_are_refused() -> None:
    sigma = fc.matrix("Sigma", d, d, "psd")
    with pytest.raises(CannotDecideError, match="traces of deterministic matrices"):
        fc.derive({"y": fc.tau(fc.inv(X.T @ X + sigma + lam))}).polynomial()


def test_unknown_targets_are_refused() -> None:
    with pytest.raises(InputError, match="unknown target 'x'"):
        law("semicircle").polynomial("x")
    with pytest.raises(InputError, match="the targets are y"):
        target_polynomial(law("semicircle").derived.system, "x")


def test_interpolation_where_no_coefficient_is_short() -> None:
    prime = 2**61 - 1

    def sample(point: object) -> list[int]:
        x, y = point  # type: ignore[misc]
        scale = pow(x * y + 3, 5, prime)
        return [scale * (x + 2 * y + 1) % prime, scale * (x * x + y + 7) % prime, scale * (x * y**3 - 5) % prime]

    first, second, third = interpolate(sample, 2, prime)
    assert (first[(0, 1)] * pow(first[(1, 0)], -1, prime)) % prime == 2
    assert set(second) == {(2, 0), (0, 1), (0, 0)}
    assert third[(0, 0)] == -5 * third[(1, 3)] % prime
