"""What claims are tested with: exact points, roots of definitions in balls, names recognized in the derived law."""

from __future__ import annotations

import random
from fractions import Fraction

import flint
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import fpt_calc as fc
from fpt_calc.claims.conditions import compared_names, read_conditions
from fpt_calc.claims.derived import Derivations
from fpt_calc.claims.exact import ExactModel, ball
from fpt_calc.claims.file import Roots
from fpt_calc.claims.identify import identified
from fpt_calc.claims.modular import equal_on_variety
from fpt_calc.claims.points import ExactPoint, exact_point
from fpt_calc.claims.roots import solve_roots
from fpt_calc.claims.symbols import RootSymbol
from fpt_calc.errors import CannotDecideError, InputError
from fpt_calc.expr import Atom
from fpt_calc.point import NumericModel, Point
from fpt_calc.problem import problem_from_dict
from fpt_calc.scalars import Dimension, Parameter, Scalar, dimension, generator_scalar, scalar, square_root

n, d, m = dimension("n"), dimension("d"), dimension("m")
DIMS = [Dimension(name) for name in "dmn"]
FACTS = [{"psd"}, {"symmetric"}, {"projection"}, {"orthogonal"}, {"hermitian"}, set()]
law = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
EMPTY = ExactModel(ExactPoint(Point(), {}))


def atoms(entries: str = "real") -> list[Atom]:
    made = [fc.matrix(f"A{k}", d, d, *sorted(facts)) for k, facts in enumerate(FACTS)]
    own = [Atom(a.name, d, d, facts=a.facts, entries=entries) for a in made]
    return [*own, Atom("B", n, d, entries=entries), Atom("w", d, scalar(1))]


@law
@given(st.integers(0, 200), st.sampled_from(["real", "complex"]))
def test_exact_points_have_the_declared_facts_and_exact_roots(seed: int, entries: str) -> None:
    found = exact_point(atoms(entries), DIMS, (), seed)
    model = NumericModel(found.point)
    for atom in atoms(entries):
        array = model.atom(atom)  # raises for a fact that does not hold
        assert array.shape == tuple(int(found.point.dims[str(x)]) if x != 1 else 1 for x in atom.shape)
        assert np.array_equal(array * 2**12, np.round(array * 2**12)), "entries are dyadic"
        if "psd" in atom.facts:
            root = found.roots[atom.name]
            assert np.array_equal(root @ root, array)


def test_matrices_commute_only_within_their_groups() -> None:
    names = [fc.matrix(x, d, d, "psd") for x in ("P", "Q", "S", "T")]
    for seed in range(20):
        point = exact_point(names, [Dimension("d")], (("P", "Q"), ("S", "T")), seed).point
        p, q, s, t = (np.asarray(point.matrices[x].array) for x in ("P", "Q", "S", "T"))
        assert np.array_equal(p @ q, q @ p) and np.array_equal(s @ t, t @ s)
        assert not np.allclose(p @ s, s @ p) or np.ptp(np.diag(p)) == 0 or np.ptp(np.linalg.eigvalsh(s)) < 1e-9


def test_dimensions_lie_on_both_sides_of_each_other() -> None:
    seen = {(p["n"] > p["d"]) for p in (exact_point(atoms()[:1], DIMS, (), k).point.dims for k in range(20))}
    assert seen == {True, False}


@law
@given(st.integers(0, 50))
def test_exact_values_are_those_of_double_precision(seed: int) -> None:
    point = exact_point(atoms(), [*DIMS, Parameter("lam", "positive")], (), seed)
    lam = generator_scalar(Parameter("lam", "positive"))
    psd, general, rectangular = atoms()[0], atoms()[5], atoms()[6]
    value = (
        lam * fc.tau(fc.inv(psd + lam) @ general @ fc.sqrt(psd) @ general.T) + fc.Tr(rectangular.T @ rectangular) / n
    )
    exact = ExactModel(point).scalar(value + square_root(lam))
    with flint.ctx.workprec(100):
        assert float(ball(exact, {}).mid()) == pytest.approx(NumericModel(point.point).scalar(value + square_root(lam)))


# roots ------------------------------------------------------------------------------------------------------------


def definition(equations: list[Scalar], names: dict[str, Scalar], condition: list[str]) -> Roots:
    symbols = tuple(v.gens[0] for v in names.values())
    assert all(isinstance(s, RootSymbol) for s in symbols)
    return Roots(symbols, tuple(equations), read_conditions(condition, names, "condition"))  # type: ignore[arg-type]


def unknown(name: str, is_real: bool = True) -> Scalar:
    return generator_scalar(RootSymbol(name, is_real))


@law
@given(st.lists(st.fractions(-5, 5, max_denominator=12), min_size=1, max_size=5, unique=True))
def test_all_roots_that_meet_the_condition_are_found(wanted: list[Fraction]) -> None:
    x = unknown("x")
    product = scalar(1)
    for root in wanted:
        product = product * (x - root)
    found = solve_roots((definition([product * (x**2 + 1)], {"x": x}, ["x > 0"]),), EMPTY, {})
    positive = sorted(r for r in wanted if r > 0)
    assert found.complete and len(found.solutions) == len(positive)
    for root, solution in zip(positive, sorted(found.solutions, key=lambda s: float(s[x.gens[0]].mid())), strict=True):
        assert solution[x.gens[0]].overlaps(flint.arb(flint.fmpq(root.numerator, root.denominator)))


def test_roots_may_depend_on_earlier_roots_and_be_complex() -> None:
    x, y = unknown("x"), unknown("y", is_real=False)
    first = definition([x**2 - 2], {"x": x}, ["x > 0"])
    second = definition([y**2 + x], {"y": y, "x": x}, ["Im(y) > 0"])
    second = Roots((y.gens[0],), second.equations, second.conditions)  # type: ignore[arg-type]
    with flint.ctx.workprec(150):
        (solution,) = solve_roots((first, second), EMPTY, {}).solutions
        root = solution[y.gens[0]]
        assert root.imag.overlaps(flint.arb(2).root(4)) and root.rad() < 1e-30


def test_systems_find_every_real_root_in_reach_and_say_that_it_is_a_search() -> None:
    x, y = unknown("x"), unknown("y")
    one = definition([x**2 + y**2 - 5, x * y - 2], {"x": x, "y": y}, ["x > 0", "y > 0"])
    found = solve_roots((one,), EMPTY, {})
    assert not found.complete
    pairs = sorted((round(float(s[x.gens[0]].mid())), round(float(s[y.gens[0]].mid()))) for s in found.solutions)
    assert pairs == [(1, 2), (2, 1)]


def test_an_equation_that_leaves_its_name_free_is_refused() -> None:
    x = unknown("x")
    with pytest.raises(CannotDecideError, match="does not determine"):
        solve_roots((definition([x - x + 1], {"x": x}, ["x > 0"]),), EMPTY, {})


def test_conditions_read_comparisons_only() -> None:
    names = {"x": unknown("x")}
    chain, part = read_conditions(["0 < x <= 1", "Im(x) >= -1"], names, "c")
    assert [chain.holds(lambda _, v=v: v) for v in (flint.arb(0.5), flint.arb(2))] == [False, False]  # constants too
    assert part.holds(lambda s: flint.acb(0, 3) if s.gens else flint.arb(-1)) is True
    assert compared_names(["0 < x", "Im(y) > 0"]) == {"x"}
    for bad in ("x", "x == 1", "x >", 3):
        with pytest.raises(InputError):
            read_conditions(bad, names, "c")


# recognition ------------------------------------------------------------------------------------------------------

RIDGE = {
    "dims": ["n", "d"],
    "scalars": {"lam": "positive"},
    "matrices": {
        "X": {"shape": ["n", "d"], "law": "gaussian", "covariance": "Sigma", "variance": "1/n"},
        "Sigma": {"shape": ["d", "d"], "psd": True},
    },
    "targets": {"t": "tau(inv(X.T@X + lam))", "s": "tau(Sigma@inv(X.T@X + lam))"},
}


@pytest.mark.parametrize(("power", "n_power"), [(1, 0), (-1, 0), (1, -1), (-1, 2)])
def test_names_are_recognized_up_to_monomials_and_proved(power: int, n_power: int) -> None:
    problem = problem_from_dict(RIDGE, None, "test")
    derived = Derivations(problem).of(*problem.targets.values())
    points = [p for seed in range(30) if (p := derived.solved(seed)) is not None][:6]
    (parameter,) = derived.coordinates.parameters
    size, lam = generator_scalar(problem.dims["n"]), generator_scalar(problem.scalars["lam"])
    x = unknown("x")
    kappa = (x / size**n_power) ** power  # what the claim calls x is n^k kappa^(+-1)
    sigma = problem.atoms["Sigma"]
    equation = kappa - lam - kappa * fc.Tr(sigma @ fc.inv(sigma + kappa)) / size
    values = []
    for p in points:
        meaning = NumericModel(p.exact.point, p.solution.values).scalar(parameter.meaning)
        values.append({x.gens[0]: flint.arb(meaning**power * p.exact.point.dims["n"] ** n_power)})
    one = definition([equation], {"x": x}, ["x > 0"])
    found = identified(derived, (one,), points, values)
    assert found[x.gens[0]] == generator_scalar(parameter.symbol) ** power * size**n_power
    wrong = definition([equation + 1], {"x": x}, ["x > 0"])
    with pytest.raises(CannotDecideError, match="not recognized"):
        identified(derived, (wrong,), points, values)


def test_equality_on_the_variety_is_told_from_difference() -> None:
    problem = problem_from_dict(RIDGE, None, "test")
    t, s = problem.targets.values()
    derived = Derivations(problem).of(t, s)
    (parameter,) = derived.coordinates.parameters
    lam, kappa = generator_scalar(problem.scalars["lam"]), generator_scalar(parameter.symbol)
    sigma = problem.atoms["Sigma"]
    right = kappa / lam * fc.tau(fc.inv(sigma + kappa))
    assert equal_on_variety(derived, derived.limit(t), right)
    assert not equal_on_variety(derived, derived.limit(t), right * kappa / lam)
    assert not equal_on_variety(derived, derived.limit(s), right)


def test_points_are_drawn_from_the_seed_alone() -> None:
    a, b = (exact_point(atoms(), DIMS, (), 7) for _ in range(2))
    assert a.point.dims == b.point.dims
    assert all(np.array_equal(a.point.matrices[k].array, b.point.matrices[k].array) for k in a.point.matrices)
    assert random.Random(7).random() == random.Random(7).random()
