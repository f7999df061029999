"""Closed forms: what is printed, that it is the derived value, and that wrong claims are told different."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import fpt_calc as fc
from fpt_calc.closed_form import OrderParameter, Verdict, closed_form
from fpt_calc.closed_form.bases import Style
from fpt_calc.closed_form.equation import root_condition
from fpt_calc.derivation import derive_law
from fpt_calc.errors import CannotDecideError, InputError
from fpt_calc.scalars import generator_scalar, numerator
from fpt_calc.spectral import normal_scalar
from fpt_calc.system import BRANCH, Unknown
from tests.generators import problem

n, d, m = fc.dims("n d m")
lam, sigma = fc.scalars("lam sigma", "positive")
(p2,) = fc.scalars("p2", "fraction")
Sigma, Theta, Test, Gamma, Delta = (
    fc.matrix(name, d, d, "psd") for name in ["Sigma", "Theta", "Test", "Gamma", "Delta"]
)
w0 = fc.matrix("w0", d, 1)
X = fc.gaussian("X", n, d, variance=1 / n, covariance=Sigma)
Z = fc.gaussian("Z", n, d, variance=1 / n)
W = fc.wigner("W", d, variance=1 / d)
P = fc.gaussian("P", m, d, variance=1 / d)
X1 = fc.gaussian("X1", (1 - p2) * n, d, variance=1 / n, covariance=Sigma)
X2 = fc.gaussian("X2", p2 * n, d, variance=1 / n, covariance=Sigma)
M, M1, M2 = X.T @ X, X1.T @ X1, X2.T @ X2
R, R12 = fc.inv(M + lam), fc.inv(M1 + M2 + lam)
Rt, Rz = fc.inv(X @ X.T + lam), fc.inv(Z.T @ Z + lam)
Q = P.T @ fc.inv(P @ M @ P.T + lam) @ P

# target and closed form as a theorist writes it
PRINTED = {
    "bias": (lam**2 * fc.tau(R @ Theta @ R @ Sigma), "kappa**2*tau(Theta@Sigma@inv(Sigma + kappa)**2)/(1 - df2/n)"),
    "variance": (sigma**2 / n * fc.Tr(R @ M @ R @ Sigma), "sigma**2*df2/(n - df2)"),
    "vector": (
        lam**2 * fc.tau(w0.T @ R @ Sigma @ R @ w0),
        "kappa**2*(w0.T@Sigma@inv(Sigma + kappa)**2@w0)/(1 - df2/n)",
    ),
    "covariate shift": (
        sigma**2 / n * fc.Tr(R @ M @ R @ Test),
        "sigma**2*Tr(Test@Sigma@inv(Sigma + kappa)**2)/(n - df2)",
    ),
    "training bias": (lam**2 * fc.tau(Theta @ R @ M @ R), "lam**2*tau(Theta@Sigma@inv(Sigma + kappa)**2)/(1 - df2/n)"),
    "companion": (lam * fc.tau(Rt), "lam/kappa"),
    "degrees of freedom": (fc.Tr(M @ R), "df1"),
    "isotropic bias": (lam**2 * fc.tau(Rz @ Rz), "n*kappa**2/(n*(1 + kappa)**2 - d)"),
    "collapse": (
        fc.Tr(Delta @ M2 @ R12 @ Sigma @ R12 @ M2),
        "p2**2*(n*Tr(Delta@Sigma**3@inv(Sigma + kappa)**2) - 2*Tr(Delta@Sigma**2@inv(Sigma + kappa))*df2)/(n - df2) "
        "+ p2*Tr(Delta@Sigma)*df2/(n - df2)",
    ),
}


@pytest.mark.parametrize(("target", "text"), PRINTED.values(), ids=PRINTED.keys())
def test_the_closed_form_is_what_the_field_writes(target: fc.Law, text: str) -> None:
    assert fc.derive(target).closed_form.text("value") == text


def test_the_parameter_and_its_equation() -> None:
    closed = fc.derive(lam**2 * fc.tau(R @ Theta @ R @ Sigma)).closed_form
    assert closed.where() == [
        "lam = kappa*(1 - df1/n), kappa > 0",
        "df1 = Tr(Sigma@inv(Sigma + kappa))",
        "df2 = Tr((Sigma@inv(Sigma + kappa))**2)",
    ]
    projected = fc.derive(fc.Tr(Q @ M)).closed_form
    assert projected.where()[0] == "lam = theta*(1 - df1/n)*(m - df1)/d, the largest root theta > 0"


def test_explicit_radicals_in_the_isotropic_case() -> None:
    law = fc.derive({"m": fc.tau(fc.inv(Z.T @ Z + lam))})
    (equation,) = law.closed_form.parameters
    assert str(equation) == "d*lam*m**2 + lam*m*n - d*m + m*n - n = 0"
    for values in ({"n": 300, "d": 200, "lam": 0.3}, {"n": 100, "d": 300, "lam": 0.01}):
        assert equation.explicit is not None
        names = {"sqrt": lambda x: x**0.5, **values}
        explicit = eval(str(equation.explicit), {"__builtins__": {}}, names)  # our own program's output, on purpose
        assert explicit == pytest.approx(law.at(**values), rel=1e-9)


CLAIMS = {
    "bias": (
        "bias",
        "kappa**2*(Tr(Theta@inv(Sigma+kappa)@Test@inv(Sigma+kappa)) + Tr(Theta@inv(Sigma+kappa)@Sigma@inv(Sigma+kappa))"
        "*Tr(Test@inv(Sigma+kappa)@Sigma@inv(Sigma+kappa))/(n-df2))",
    ),
    "variance": ("variance", "sigma**2*Tr(Test@Sigma@inv(Sigma+kappa)**2)/(n-df2)"),
}
CHANGES = [("**2", "**3"), ("df2", "df1"), ("n-df", "d-df"), ("-df2", "+df2"), ("Test", "Sigma"), ("sigma**2", "sigma")]


def test_every_change_changes_a_claim() -> None:
    claims = [claim for _, claim in CLAIMS.values()]
    assert all(any(old in claim for claim in claims) for old, _ in CHANGES)
    assert all(any(old in claim for old, _ in CHANGES) for claim in claims)


@pytest.fixture(scope="module")
def ridge() -> fc.Law:
    return fc.derive(Path(__file__).parent / "problems" / "ridge.toml")


@pytest.mark.parametrize(("name", "claim"), CLAIMS.values(), ids=CLAIMS.keys())
def test_right_claims_are_equal_and_changed_ones_different(ridge: fc.Law, name: str, claim: str) -> None:
    assert ridge.compare(claim, name).verdict is Verdict.EQUAL
    for old, new in CHANGES:
        for k in range(claim.count(old)):
            parts = claim.split(old)
            wrong = old.join(parts[: k + 1]) + new + old.join(parts[k + 1 :])
            found = ridge.compare(wrong, name)
            assert found.verdict is Verdict.DIFFERENT, wrong
            assert found.witness is not None
            point = found.witness.point
            assert ridge.solve(**point.dims, **point.scalars, **point.matrices).outputs[name] == pytest.approx(
                found.witness.derived, rel=1e-9
            )
            assert abs(found.witness.derived - found.witness.claimed) > 1e-6 * abs(found.witness.derived)


def test_groups_that_do_not_commute() -> None:
    S1, S2 = fc.matrix("S1", d, d, "psd"), fc.matrix("S2", d, d, "psd")
    A = fc.gaussian("A", (1 - p2) * n, d, variance=1 / n, covariance=S1)
    B = fc.gaussian("B", p2 * n, d, variance=1 / n, covariance=S2)
    law = fc.derive(fc.tau(fc.inv(A.T @ A + B.T @ B + lam)))
    K = "inv(lam + (1 - p2)*e1*S1 + p2*e2*S2)"
    for claim in (
        "tau(inv(K))",
        f"tau({K})",
        f"(1 - (1-p2)*e1*tau(S1@{K}) - p2*e2*tau({K}@S2))/lam",
        "(1 - n/d*((1-p2)*(1-e1) + p2*(1-e2)))/lam",
    ):
        assert law.compare(claim).verdict is Verdict.EQUAL, claim
    assert law.compare("(1 - n/d*((1-p2)*(1-e1) + p2*(1-e1)))/lam").verdict is Verdict.DIFFERENT


def test_wrong_claims_are_bad_input(ridge: fc.Law) -> None:
    for claim, name, match in [
        ("foo", "bias", "unknown name"),
        ("Sigma", "bias", "matrix"),
        ("kappa", "x", "no target"),
        ("kappa", None, "no target"),
        ("kappa +", "bias", "claim"),
    ]:
        with pytest.raises(InputError, match=match):
            ridge.compare(claim, name)


def test_what_is_printed_parses_back_to_an_equal_claim(ridge: fc.Law) -> None:
    for name, formula in ridge.closed_form.values.items():
        assert ridge.compare(str(formula), name).verdict is Verdict.EQUAL


# each is checked against the solver and in free coordinates where it is made; refusals are honest
@pytest.mark.parametrize("seed", [3, 7, 11, 14, 21, 25, 38, 60, 94, 105, 613])
def test_random_problems_have_a_checked_closed_form_or_none(seed: int) -> None:
    law = derive_law(problem(seed).targets)
    try:
        form = closed_form(law.system)
    except CannotDecideError:
        return
    assert set(form.values) == set(law.targets)
    assert not any(re.search(r"pole \d", line) for line in [*form.lines(), *form.where()])


def test_declared_commutation_merges_functions_of_one_matrix() -> None:
    target = lam**2 * fc.tau(R @ Theta @ R @ Test)
    free = fc.derive(target).closed_form
    together = fc.derive(target, commute=[[Sigma, Theta]]).closed_form
    assert "inv(Sigma + kappa)@Theta@inv(Sigma + kappa)" in str(free["value"])
    assert "Theta@inv(Sigma + kappa)**2" in str(together["value"])
    law = fc.derive(target, commute=[[Sigma, Theta, Test]])
    claim = (
        "kappa**2*(tau(Theta@Test@inv(Sigma+kappa)**2) + d*"
        "tau(Theta@Sigma@inv(Sigma+kappa)**2)*tau(Test@Sigma@inv(Sigma+kappa)**2)/(n-df2))"
    )
    assert law.compare(claim).verdict is Verdict.EQUAL
    assert fc.derive(target).compare(claim).verdict is Verdict.DIFFERENT
    with pytest.raises(InputError, match="commuting group"):
        fc.derive(target, commute=[[Sigma, X]])


def test_no_principal_root_for_a_complex_scalar_and_no_claim_about_coupled_roots() -> None:
    (z,) = fc.scalars("z", "upper")
    (semicircle,) = fc.derive({"m": fc.tau(fc.inv(W - z))}).closed_form.parameters
    assert semicircle.explicit is None
    assert str(semicircle) == "m**2 + m*z + 1 = 0"
    Row = fc.matrix("Row", n, n, "psd")
    Y = fc.gaussian("Y", n, d, variance=1 / n, covariance=Sigma, row_covariance=Row)
    for equation in fc.derive(fc.tau(fc.inv(Y.T @ Y + lam))).closed_form.parameters:
        assert equation.condition == "continuation from zero variance"


def test_radicals_are_given_only_where_one_branch_is_physical_everywhere() -> None:
    (y,) = fc.scalars("y", "real")
    for target in (fc.tau(fc.inv(W - y)), fc.tau(fc.inv(lam - Z.T @ Z))):
        (equation,) = fc.derive({"v": target}).closed_form.parameters
        assert equation.explicit is None
    (ridge_like,) = fc.derive({"v": fc.tau(Rz)}).closed_form.parameters
    assert ridge_like.explicit is not None


def test_a_falling_relation_claims_no_positive_root() -> None:
    (equation,) = fc.derive(fc.tau(fc.inv(M - lam))).closed_form.parameters
    assert equation.condition == "continuation from zero variance"


def test_names_of_the_problem_are_not_used_twice() -> None:
    (s,) = fc.scalars("df1", "positive")
    law = fc.derive({"b": s * fc.tau(fc.inv(M + s) @ Theta)})
    assert law.closed_form.where()[0] == "df1 = kappa*(1 - df1_kappa/n), kappa > 0"
    assert law.compare(str(law.closed_form["b"])).verdict is Verdict.EQUAL
    for name in ("n", "lam", "Sigma"):
        with pytest.raises(InputError, match="name of the declared"):
            fc.derive({name: fc.tau(R @ Sigma)})


def test_two_parameters_give_products_that_are_regular_where_they_coincide() -> None:
    (mu,) = fc.scalars("mu", "positive")
    Y = fc.gaussian("Y", m, d, variance=1 / m, covariance=Sigma)
    for ridge in (mu, lam):
        law = fc.derive(lam * ridge * fc.Tr(R @ Theta @ fc.inv(Y.T @ Y + ridge) @ Sigma))
        text = "kappa*kappa1*Tr(Theta@Sigma@inv(Sigma + kappa)@inv(Sigma + kappa1))"
        assert str(law.closed_form["value"]) == text
        assert {e.condition for e in law.closed_form.parameters} == {"kappa > 0", "kappa1 > 0"}


def test_a_positive_root_is_claimed_only_where_the_saturation_is_known_to_increase() -> None:
    kappa, other = generator_scalar(Unknown("kappa")), generator_scalar(Unknown("other"))
    plain = fc.matrix("H", d, d, "symmetric")
    for base, pole, claimed in ((Sigma, kappa, True), (plain, kappa, False), (Sigma, other, False)):
        saturation = 1 - d / n * fc.tau(base @ fc.inv(base + pole))
        relation = numerator(normal_scalar(lam - kappa * saturation))
        style = Style(frozenset({base}), (((base, pole), ""),), False)
        condition = root_condition(OrderParameter(Unknown("kappa"), kappa, base), relation, style)
        assert condition == ("kappa > 0" if claimed else BRANCH)
