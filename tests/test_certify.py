"""Certified balls: they hold what mpmath computes from textbook formulas, and wrong roots have none."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import flint
import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpc, mpf

import fpt_calc as fc
from fpt_calc.certify import Certified, certify
from fpt_calc.derivation import derive_law
from fpt_calc.errors import CannotDecideError, ComputationError, InputError
from fpt_calc.export import ball_json, ball_radius
from fpt_calc.point import Eigenvalues, Multiple, NumericModel, Point
from fpt_calc.scalars import Scalar
from fpt_calc.solve import Result, solve
from fpt_calc.solve.blocks import Blocks, NumericSystem
from fpt_calc.system import FixedPointSystem, Unknown
from tests.certify_cases import (
    CASES,
    MANY,
    C,
    Case,
    R,
    Sigma,
    Theta,
    W,
    Z,
    d,
    lam,
    marchenko_pastur,
    semicircle,
    x,
    z,
)
from tests.commands import PROBLEMS, run
from tests.generators import problem


@pytest.fixture(autouse=True)
def _many_digits() -> Any:
    with mp.workdps(MANY):
        yield


def certified(case: Case, digits: int) -> tuple[Certified, FixedPointSystem]:
    system = fc.derive({"t": case.target()}).derived.system
    return certify(system, case.point, solve(system, case.point).values, digits), system


def holds(ball: Any, value: Any) -> bool:
    """Whether a ball contains a number of mpmath that is right to `MANY` digits."""
    with flint.ctx.workprec(4 * MANY):
        margin = abs(ball).upper() * flint.arb(10) ** (20 - MANY)
        parts = [(ball.real, mpmath.re(value)), (ball.imag, mpmath.im(value))]
        return all(
            part.overlaps(flint.arb(mpmath.nstr(x, MANY), margin)) for part, x in parts
        )  # the margin is far below all radii here


@pytest.mark.parametrize("digits", [15, 50, 200])
@pytest.mark.parametrize("name", CASES)
def test_the_ball_holds_the_independent_value(name: str, digits: int) -> None:
    found, _ = certified(CASES[name], digits)
    ball = found.outputs["t"]
    assert found.digits == {"t": digits}
    assert holds(ball, CASES[name].value())
    assert ball.rad() <= abs(ball.mid()) * flint.arb(10) ** (1 - digits)
    assert found.stability < 1


@pytest.mark.parametrize("name", CASES)
def test_balls_are_nested_for_growing_digits(name: str) -> None:
    balls = [certified(CASES[name], digits)[0].outputs["t"] for digits in (10, 60, 150)]
    with flint.ctx.workprec(800):
        assert all(wide.contains(narrow) for wide, narrow in pairwise(balls))


@pytest.mark.parametrize("name", CASES)
def test_the_bound_is_near_the_spectral_radius_of_the_solver(name: str) -> None:
    found, system = certified(CASES[name], 15)
    radius = solve(system, CASES[name].point).stability
    assert radius * (1 - 1e-9) <= float(found.stability) <= radius + 0.1 * min(radius, 1 - radius) + 1e-9


# what has no certificate ---------------------------------------------------------------------------------------------

SPURIOUS: dict[str, tuple[Callable[[], Scalar], Point, Callable[[float], Any]]] = {
    # m m' = 1/(shape lam) for the two roots of shape lam m^2 + (1 - shape + lam) m - 1
    "negative root of Marchenko-Pastur": (
        lambda: fc.tau(fc.inv(Z.T @ Z + lam)),
        Point({"n": 3, "d": 2}, {"lam": Fraction(1, 2)}),
        lambda value: -3 / value,
    ),
    "growing root of the semicircle": (
        lambda: fc.tau(fc.inv(W - x)), Point({"d": 9}, {"x": Fraction(3)}), lambda value: 1 / value
    ),
    "lower half-plane": (
        lambda: fc.tau(fc.inv(W - z)), Point({"d": 9}, {"z": 0.5 + 0.25j}), lambda value: 1 / value
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SPURIOUS)
def test_spurious_roots_are_refused(name: str) -> None:
    """They are roots indeed: without the covariance map they would have an enclosure."""
    target, point, other = SPURIOUS[name]
    system = fc.derive({"t": target()}).derived.system
    good = solve(system, point)
    (own,) = system.outputs["t"].gens
    sign = good.outputs["t"] / good.values[own]
    wrong = _other_root(system, point, own, other(good.outputs["t"]) / sign)
    assert max(abs(wrong[u] - good.values[u]) for u in wrong) > 0.1
    with pytest.raises(CannotDecideError, match="spectral radius"):
        certify(system, point, wrong, 30)


def _other_root(system: FixedPointSystem, point: Point, own: Any, value: Any) -> dict[Unknown, Any]:
    """All unknowns at a root, from the one that the target is: the other one, if any, follows from its equation."""
    numeric = NumericSystem(system, NumericModel(point))
    values = dict.fromkeys(system.unknowns, value)
    for u in values:
        if u != own:
            values[u] = Blocks(numeric, values, 1.0).average(u)
    residual = max(abs(Blocks(numeric, values, 1.0).average(u) - values[u]) for u in values)
    assert residual < 1e-9 * max(map(abs, values.values()))
    return values


@pytest.mark.parametrize("at", [0.5, 0.3 + 0.4j, 0.999])
def test_the_spurious_value_inside_the_circular_law_is_refused(at: complex) -> None:
    system = fc.derive(fc.tau(fc.inv(z - C))).derived.system
    with pytest.raises(CannotDecideError, match="spectral radius"):
        certify(system, Point({"d": 9}, {"z": at}), dict.fromkeys(system.unknowns, -1 / at), 20)


@pytest.mark.parametrize("at", [Fraction(1), Fraction(0), 2 - Fraction(1, 10**6), Fraction(2)])
def test_real_points_inside_a_spectrum_are_refused(at: Fraction) -> None:
    system = fc.derive(fc.tau(fc.inv(W - x))).derived.system
    value = complex(semicircle(mpc(float(at), 1e-30)))
    for start in (value, value.conjugate(), value.real):
        with pytest.raises(CannotDecideError):
            certify(system, Point({"d": 9}, {"x": at}), dict.fromkeys(system.unknowns, start), 20)


def test_points_inside_the_spectrum_of_a_part_that_no_target_sees_are_refused() -> None:
    """The limit does not depend on the inner resolvent, but has no meaning where that is unbounded."""
    left, right = (fc.gaussian(name, d, d, variance=Fraction(1, 10) / d, field="complex") for name in ("A", "B"))
    inner = fc.inv(fc.wigner("V", d, variance=1 / d, field="complex") - x)
    law = fc.derive(fc.tau(fc.inv(Z.T @ Z + lam - left @ inner @ right)))
    at = {"n": 100, "d": 60, "lam": 2}
    assert law.solve(**at, x=Fraction(3, 2)).result is Result.UNBOUNDED
    assert holds(law.certified(20, **at, x=3).ball, marchenko_pastur(mpf(3) / 5, mpf(2)))


@pytest.mark.parametrize("name", ["mean resolvent", "two groups", "random features", "two resolvents"])
@pytest.mark.parametrize("size", [1e-3, 0.3, 10.0])
def test_perturbed_approximations_lead_to_the_same_ball_or_are_refused(name: str, size: float) -> None:
    case = CASES[name]
    system = fc.derive({"t": case.target()}).derived.system
    good = solve(system, case.point).values
    rng = np.random.default_rng(5)
    for _ in range(3):
        moved = {u: v * (1 + size * rng.standard_normal()) for u, v in good.items()}
        try:
            found = certify(system, case.point, moved, 20)
        except CannotDecideError:
            assert size > 1e-2  # a small perturbation is mended
        else:
            assert holds(found.outputs["t"], case.value())


@pytest.mark.parametrize("place", [0, 1])
def test_a_system_that_lost_or_changed_a_coupling_is_refused(place: int) -> None:
    case = CASES["mean resolvent"]
    system = fc.derive({"t": case.target()}).derived.system
    values = solve(system, case.point).values
    certify(system, case.point, values, 20)
    coupling = system.couplings[place]
    for other in ([], [replace(coupling, coefficient=coupling.coefficient * 2)]):
        changed = replace(system, couplings=(*other, *(c for c in system.couplings if c is not coupling)))
        with pytest.raises(CannotDecideError):
            certify(changed, case.point, values, 20)


def test_every_unknown_needs_an_approximation() -> None:
    system = fc.derive(fc.tau(fc.inv(W - 3))).derived.system
    with pytest.raises(InputError, match="no approximation of g1"):
        certify(system, Point({"d": 9}), {}, 20)


REFUSED = {
    "large": ({"Sigma": np.eye(100)}, 100, "dense matrix of 100 x 100"),
    "projection by rounding": ({"Sigma": np.full((3, 3), 1 / 3)}, 3, "projection up to rounding"),
}


@pytest.mark.parametrize(("values", "size", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_matrices_without_certificates_say_why(values: dict[str, Any], size: int, message: str) -> None:
    P = fc.matrix("Sigma", d, d, "projection")
    law = fc.derive(fc.tau(fc.inv(Z.T @ Z + P + lam)))
    with pytest.raises(CannotDecideError, match=message):
        law.certified(30, n=4, d=size, lam=1, **values)


def test_exact_projections_and_square_roots() -> None:
    P = fc.matrix("P", d, d, "projection")
    law = fc.derive(fc.tau(fc.inv(Z.T @ Z + P + lam)))
    dense, spectral = (
        law.certified(30, n=4, d=3, lam=1, P=P_data).ball for P_data in (np.diag([1.0, 0, 1]), Eigenvalues((1, 0, 1)))
    )
    assert dense.overlaps(spectral)
    root = fc.derive(fc.tau(fc.inv(Z.T @ Z + fc.sqrt(Sigma) + lam)))
    assert root.certified(30, n=4, d=3, lam=1, Sigma=Multiple(2)).digits == 30
    assert root.certified(30, n=4, d=3, lam=1, Sigma=2 * np.eye(3)).digits == 30
    with pytest.raises(CannotDecideError, match="square root of the singular dense matrix Sigma"):
        root.certified(30, n=4, d=3, lam=1, Sigma=np.diag([1.0, 1.0, 0.0]))


def test_matrices_symmetric_up_to_rounding_mean_their_symmetric_part() -> None:
    law = fc.derive(fc.tau(fc.inv(Z.T @ Z + 2 + Theta) @ Theta))
    skew = np.array([[1.0, 0.5 + 2.0**-50], [0.5, 0.25]])
    at = {"n": 4, "d": 2}
    balls = [law.certified(40, **at, Theta=a).ball for a in (skew, (skew + skew.T) / 2)]
    assert balls[0].overlaps(balls[1])
    assert not balls[0].overlaps(law.certified(40, **at, Theta=np.array([[1.0, 0.5], [0.5, 0.25]])).ball)


def test_dense_and_spectral_data_agree() -> None:
    """A rotation by dyadic numbers: the same matrices, in another basis."""
    law = fc.derive(lam**2 * fc.tau(R @ Theta @ R @ Sigma))
    turn = np.array([[1.0, 1.0], [1.0, -1.0]])
    spectra = {"Sigma": (2.0, 0.5), "Theta": (-1.0, 0.25)}
    at = {"n": 5, "d": 2, "lam": "1/7"}
    dense = {name: turn @ np.diag(s) @ turn / 2 for name, s in spectra.items()}
    diagonal = {name: Eigenvalues(s) for name, s in spectra.items()}
    a, b, mixed = (law.certified(60, **at, **data).ball for data in (dense, diagonal, {**dense, "Theta": Multiple(3)}))
    assert a.overlaps(b)
    assert mixed.overlaps(law.certified(60, **at, **{**diagonal, "Theta": Multiple(3)}).ball)


# random problems -------------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6))
def test_random_problems(seed: int) -> None:
    """A certificate or a reason that names the matrix; balls hold the solver's value within its own error."""
    case = problem(seed)
    system = derive_law(case.targets).system
    solution = solve(system, case.point)
    if solution.result is not Result.SUCCESS:
        return
    try:
        found = certify(system, case.point, solution.values, 30)
    except CannotDecideError as reason:
        assert any(text in str(reason) for text in ("up to rounding", "square root of the singular"))
        return
    for name, ball in found.outputs.items():
        value, error = solution.outputs[name], 100 * solution.output_errors[name]
        assert abs(complex(ball) - value) <= error + 1e-13 * abs(value)
    assert float(found.stability) >= solution.stability * (1 - 1e-9)


# what is shown ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("digits", [1, 15, 50, 200])
def test_the_radius_bounds_the_error_of_the_printed_value(digits: int) -> None:
    target = json.loads(run("derive", PROBLEMS / "wishart.toml", "--digits", str(digits), "--json").stdout)
    (shown,) = target["targets"].values()
    better = json.loads(run("derive", PROBLEMS / "wishart.toml", "--digits", "250", "--json").stdout)
    (reference,) = better["targets"].values()
    error = mpmath.hypot(*(mpf(shown["value"][part]) - mpf(reference["value"][part]) for part in ("re", "im")))
    assert error <= mpf(shown["radius"])
    assert mpf(shown["radius"]) <= mpf(10) ** (1 - digits)


def test_the_radius_contains_the_rounding_of_the_text() -> None:
    for text in ("1/3", "-2/3", "1e-40"):
        ball = flint.arb(flint.fmpq(*map(int, text.split("/")))) if "/" in text else flint.arb(text)
        shown, radius = ball_json(ball, 5), ball_radius(ball, 5)
        assert isinstance(shown, str)
        with flint.ctx.workprec(200):
            assert abs(ball - flint.arb(shown)) <= flint.arb(Decimal(radius).__str__(), 1e-80)
    assert ball_radius(flint.arb(0, 1e-9), 5).startswith("1.1E-9") or ball_radius(flint.arb(0, 1e-9), 5) == "1.0E-9"


def test_a_target_that_vanishes_is_certified_to_be_small() -> None:
    V = fc.wigner("V", d, variance=1 / d)
    law = fc.derive(fc.tau(fc.inv(V @ V + Sigma)) - fc.tau(fc.inv(V @ V + Theta)))
    third = Multiple(Fraction(1, 3))
    found = law.certified(20, d=4, Sigma=third, Theta=third)
    assert (found.value, found.digits) == ("0", 0)
    assert Decimal(found.radius) < Decimal("1e-20")


def test_several_targets_are_a_dict_and_unsolvable_points_raise() -> None:
    law = fc.derive({"a": fc.tau(R), "b": fc.tau(R @ R)})
    found = law.certified(n=4, d=3, lam=1, Sigma=Eigenvalues((1, 2, 3)))
    assert {name: value.digits for name, value in found.items()} == {"a": 15, "b": 15}
    with pytest.raises(ComputationError):
        fc.derive(fc.tau(fc.inv(W - x))).certified(d=9, x=1)
    with pytest.raises(InputError, match="at least one"):
        law.certified(0, n=4, d=3, lam=1, Sigma=Eigenvalues((1, 2, 3)))


def test_the_text_says_whether_a_value_is_certified(tmp_path: Path) -> None:
    text = run("derive", PROBLEMS / "ridge.toml", "--digits", "30").stdout
    assert "certified: bias within " in text
    assert "physical branch: the covariance map has spectral radius at most 0.1" in text
    file = tmp_path / "large.toml"
    file.write_text((PROBLEMS / "ridge.toml").read_text().replace("d = 200", "d = 5000"), encoding="utf-8")
    text = run("derive", file).stdout
    assert "not certified: not tried for matrices of this size" in text
    assert all(t["radius"] is None for t in json.loads(run("derive", file, "--json").stdout)["targets"].values())
