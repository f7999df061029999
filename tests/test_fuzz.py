"""Random well-posed problems through the whole chain: a seeded sample, and every failure that was ever found.

Longer runs: ``python -m tests.fuzz``.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import flint
import numpy as np
import pytest

import fpt_calc as fc
from fpt_calc.balls.linear import solve_linear
from fpt_calc.derivation import derive_law
from fpt_calc.ensembles import Gaussian, Wigner
from fpt_calc.expr import Atom, EntrywiseConjugate, Expr, Inverse, PrimeModel, SquareRoot, tau
from fpt_calc.point import Point
from fpt_calc.point.ball_arrays import conjugate, matrix_of
from fpt_calc.point.ball_roots import positive_root
from fpt_calc.reduce.reduction import model_sizes
from fpt_calc.scalars import ONE, Parameter, Scalar, dimension, generator_scalar, scalar
from fpt_calc.self_energy import MODEL_SIZES
from fpt_calc.solve import Result, solve
from tests.fuzz import Outcome, run_seed, run_targets, table

n, d, k = (dimension(name) for name in "ndk")
lam, mu = (generator_scalar(Parameter(name, "positive")) for name in ("lam", "mu"))
x = generator_scalar(Parameter("x", "real"))
z = generator_scalar(Parameter("z", "upper"))
inv, conj = Inverse, EntrywiseConjugate
X, Y = (Atom(name, n, d, law=Gaussian(ONE / n)) for name in "XY")
W, V = (Atom(name, d, d, law=Wigner(ONE / d)) for name in "WV")
Wn = Atom("Wn", n, n, law=Wigner(ONE / n))
Z1, Z2 = (Atom(name, d, d, law=Gaussian(ONE / d)) for name in ("Z1", "Z2"))
S = Atom("S", d, d, facts=frozenset({"psd"}))
H = Atom("H", d, d, facts=frozenset({"psd"}), entries="complex")
A, B = Atom("A", n, d), Atom("B", d, n, entries="complex")
F = Atom("F", d, scalar(2))
ridge = inv(X.T @ X + lam)

# what once failed, and how
PAST: dict[str, Scalar] = {
    # moments were compared in models where Tr(A B) = Tr(B A) does not hold for rectangular A
    "rectangular matrices between resolvents": tau(ridge @ B @ inv(Wn - z) @ A @ S),
    # balls refused the square roots of dense matrices
    "real square root": tau(inv(SquareRoot(S) @ X.T @ X @ SquareRoot(S) + lam) @ SquareRoot(S)),
    "complex square root": tau(inv(W @ W + SquareRoot(H) + lam) @ SquareRoot(H).T),
    # a real Jacobian with a complex right-hand side was a TypeError in balls
    "linear unknowns with complex inhomogeneities": tau(ridge @ H @ ridge @ conj(H)),
    # printed as -Tr(...) + 1, without the 1/2
    "trace over a fixed dimension": tau(inv(1 + F.H @ ridge @ F)),
}
PAST_SEEDS = {
    # n and d had one size in the model of the reduction: tau(A B) over n and tau(B A) over d were taken for equal
    71: 3,
    # the continuation jumped to another branch, which the stability radius refused
    21108: 3,
    # the solution was polished before it was certified, and the polish left it
    21137: 3,
}


QUICK = {*range(40)} - {7, 30}  # these two take seconds


def ended_well(outcome: Outcome) -> bool:
    """Whether nothing was refused and nothing wrong."""
    return not outcome.refused and not outcome.wrong


@pytest.mark.parametrize("target", PAST.values(), ids=PAST.keys())
def test_past_failures(target: Scalar) -> None:
    outcome = run_targets({"t": target}, seed=1, closed=True)
    assert ended_well(outcome), (outcome.refused, outcome.wrong)


@pytest.mark.parametrize(("seed", "depth"), PAST_SEEDS.items())
def test_seeds_that_failed(seed: int, depth: int) -> None:
    outcome = run_seed(seed, depth=depth)
    assert ended_well(outcome), (outcome.refused, outcome.wrong)


@pytest.mark.parametrize("first", range(20))
def test_dimensions_have_different_sizes_in_models(first: int) -> None:
    model = PrimeModel(first, sizes=(4, 5))
    assert len({model.size(dim) for dim in (n, d, k, n + d)}) == 4


@pytest.mark.parametrize("seed", [s if s in QUICK else pytest.param(s, marks=pytest.mark.slow) for s in range(240)])
def test_random_problems(seed: int) -> None:
    outcome = run_seed(seed, simulated=seed % 10 == 0, depth=1)
    assert ended_well(outcome), (outcome.refused, outcome.wrong)


# past failures that are not seen in one outcome --------------------------------------------------------------------


@pytest.mark.parametrize("power", [1, 2])
@pytest.mark.parametrize(("at", "result"), [(0.3, Result.UNBOUNDED), (2.5, Result.SUCCESS)])
def test_an_unbounded_inverse_that_vanishes_on_average_is_refused(power: int, at: float, result: Result) -> None:
    """``tau(Z1 inv(V - x)^2 Z2)`` has mean zero; inside the spectrum of V it fluctuates without bound as d grows."""
    inner: Expr = inv(V - x) if power == 1 else inv(V - x) @ inv(V - x)
    system = derive_law({"t": tau(ridge + Z1 @ inner @ Z2)}).system
    solution = solve(system, Point({"n": 60, "d": 40}, {"x": at, "lam": Fraction(1, 2)}))
    assert solution.result is result
    plain = solve(derive_law({"t": tau(ridge)}).system, Point({"n": 60, "d": 40}, {"lam": Fraction(1, 2)}))
    assert solution.outputs == (plain.outputs if result is Result.SUCCESS else {})


def test_what_vanishes_does_not_enlarge_the_system() -> None:
    with_part = derive_law({"t": tau(ridge + Z1 @ inv(V - x) @ Z2)}).system
    plain = derive_law({"t": tau(ridge)}).system
    assert (with_part.dims, with_part.unknowns) == (plain.dims, plain.unknowns)
    assert with_part.vanishing is not None
    assert plain.vanishing is None


def test_copies_of_a_resolvent_that_vanish_are_not_judged_again() -> None:
    noise = Atom("e", n, scalar(1), law=Gaussian(ONE / n))
    vector = Atom("w", d, scalar(1))
    fit = ridge @ X.T @ (X @ vector + noise) - vector
    assert derive_law({"t": tau(fit.T @ S @ fit)}).system.vanishing is None


def test_a_real_matrix_solves_for_a_complex_right_hand_side() -> None:
    first, second = solve_linear(
        [flint.arb(2), flint.arb(1), flint.arb(0), flint.arb(1)], [flint.acb(0, 2), flint.arb(2)]
    )
    assert first.contains(flint.acb(-1, 1))
    assert second.contains(flint.acb(2))


@pytest.mark.parametrize("size", [1, 4, 12])
@pytest.mark.parametrize("entries", ["real", "complex"])
def test_square_roots_hold_the_exact_root(entries: str, size: int) -> None:
    rng = np.random.default_rng(size)
    a = rng.integers(-3, 4, (size, size)) + (1j * rng.integers(-3, 4, (size, size)) if entries == "complex" else 0)
    exact = a @ a.conj().T + 2 * np.eye(size)

    def balls(array: Any) -> Any:
        return matrix_of(
            size, size, (flint.acb(complex(v)) if entries == "complex" else flint.arb(v) for v in array.flat)
        )

    with flint.ctx.workprec(200):
        root = positive_root(balls(exact @ exact))
        assert root is not None
        assert all(ball.contains(value) for ball, value in zip(root.entries(), balls(exact).entries(), strict=True))
        assert max(float(ball.rad()) for ball in root.entries()) < 1e-45
        assert positive_root(balls(np.zeros((size, size)))) is None
        assert max(abs(complex(v)) for v in (root - conjugate(root.transpose())).entries()) < 1e-45


# the instrument itself ---------------------------------------------------------------------------------------------


def test_the_table_counts_and_the_generator_is_seeded() -> None:
    good, bad = run_seed(3, depth=1), replace(run_seed(4, depth=1), refused={"balls": "why"}, wrong=["error: off"])
    assert good.text == run_seed(3, depth=1).text != bad.text
    assert "seeds 2, refused 1 (50.0%)" in table([good, bad])
    assert "1  refused by balls: why" in table([good, bad])


@pytest.mark.parametrize("fixed", [1, 4, 5, 7])
def test_no_growing_dimension_of_a_model_looks_like_a_fixed_one(fixed: int) -> None:
    n, d = fc.dims("n d")
    (lam,) = fc.scalars("lam", "positive")
    x, w = fc.gaussian("X", n, d, variance=1 / n), fc.matrix("w", d, fixed)
    raw = fc.derive(fc.tau(w.T @ fc.inv(x.T @ x + lam) @ w)).derived.raw
    sizes = model_sizes(raw)
    assert fixed not in sizes and len(set(sizes)) == len(MODEL_SIZES)
