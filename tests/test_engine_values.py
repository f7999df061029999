"""The engine's numbers: against dense fixed-point iteration, Monte Carlo, exact cases and many digits."""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest

from fpt_calc.derivation import derive_law
from fpt_calc.ensembles import Gaussian, Wigner
from fpt_calc.errors import InputError
from fpt_calc.expr import Atom, Expr, Inverse, SquareRoot, tau
from fpt_calc.oracles import simulate
from fpt_calc.point import Dense, Eigenvalues, Multiple, NumericModel, Point, PowerLaw
from fpt_calc.scalars import IMAGINARY_UNIT, ONE, Parameter, Scalar, dimension, generator_scalar, scalar
from fpt_calc.solve import Result, Solution, solve
from fpt_calc.system import FixedPointSystem
from tests.generators import dense, problem

n, d, k = (dimension(name) for name in "ndk")
lam = generator_scalar(Parameter("lam", "positive"))
x = generator_scalar(Parameter("x", "real"))
z = generator_scalar(Parameter("z", "complex"))
inv, i = Inverse, IMAGINARY_UNIT


def known(name: str, rows: Scalar = d, cols: Scalar = d, *facts: str) -> Atom:
    return Atom(name, rows, cols, facts=frozenset(facts))


S, T, A = known("S", d, d, "psd"), known("T", d, d, "psd"), known("A")
X, Y = (Atom(name, n, d, law=Gaussian(ONE / n)) for name in "XY")
Xs = Atom("Xs", n, d, law=Gaussian(ONE / n, "real", None, S))
Yt = Atom("Yt", n, d, law=Gaussian(ONE / n, "real", None, T))
W = Atom("W", d, d, law=Wigner(ONE / d))
U = Atom("U", d, d, law=Wigner(ONE / d, "complex"))
Z = Atom("Z", d, d, law=Gaussian(ONE / d, "complex"))
ridge = inv(X.T @ X + lam)


def value(target: Scalar, point: Point) -> Any:
    """The value of a single target, which has to succeed."""
    solution = solved(target, point)
    assert solution.result is Result.SUCCESS, solution.result
    return solution.outputs["t"]


def solved(target: Scalar, point: Point) -> Solution:
    return solve(derive_law({"t": target}).system, point)


# dense fixed-point iteration -------------------------------------------------------------------------------------


class DenseDyson:
    """``G = (F - t eta(g))^-1`` as one dense matrix, iterated while t grows to 1; nothing is shared with the solver."""

    def __init__(self, system: FixedPointSystem, point: Point) -> None:
        self.model = NumericModel(point)
        self.system = system
        sizes = [self.model.size(dim) for dim in system.dims]
        starts = np.cumsum([0, *sizes])
        self.places = [slice(a, b) for a, b in zip(starts, starts[1:], strict=False)]
        self.fixed = np.zeros((starts[-1], starts[-1]), dtype=complex)
        for term in system.terms:
            self.fixed[self.places[term.row], self.places[term.col]] += self._block(term, sizes)
        self.couplings = [(c, self._block(c, sizes)) for c in system.couplings]
        self.weights = {
            u: None if a.weight is None else self._matrix(a.weight, (sizes[a.col], sizes[a.row]))
            for u, a in system.averages.items()
        }

    def _block(self, entry: Any, sizes: list[int]) -> Any:
        shape = (sizes[entry.row], sizes[entry.col])
        coefficient = self.model.scalar(entry.coefficient)
        return coefficient * (np.eye(shape[0]) if entry.matrix is None else self._matrix(entry.matrix, shape))

    def _matrix(self, expr: Expr, shape: tuple[int, int]) -> Any:
        found = np.asarray(self.model.matrix(expr))
        return found if found.ndim == 2 else np.diag(np.broadcast_to(found, shape[:1]))

    def averages(self, known_values: dict[Any, Any], ramp: float) -> dict[Any, Any]:
        matrix = self.fixed.copy()
        for coupling, block in self.couplings:
            matrix[self.places[coupling.row], self.places[coupling.col]] -= ramp * known_values[coupling.unknown] * block
        inverse = np.linalg.inv(matrix)
        result = {}
        for unknown, average in self.system.averages.items():
            block = inverse[self.places[average.row], self.places[average.col]]
            weight = self.weights[unknown]
            result[unknown] = np.trace(block if weight is None else weight @ block) / self._columns(average.col)
        return result

    def _columns(self, state: int) -> int:
        return self.places[state].stop - self.places[state].start

    def outputs(self) -> dict[str, Any]:
        values = self.averages(dict.fromkeys(self.system.unknowns, 0.0), 0.0)
        for ramp in (0.2, 0.4, 0.6, 0.8, 1.0):
            for _ in range(400):
                new = self.averages(values, ramp)
                gap = max((abs(new[u] - values[u]) for u in values), default=0.0)
                values = {u: (new[u] + values[u]) / 2 for u in values}
                if gap < (1e-13 if ramp == 1 else 1e-3):
                    break
            else:
                raise AssertionError(f"no convergence at t = {ramp}")
        at = NumericModel(self.model.point, values)
        return {name: at.scalar(target) for name, target in self.system.outputs.items()}


@pytest.mark.parametrize("seed", range(25))
def test_values_against_dense_iteration(seed: int) -> None:
    random_problem = problem(seed)
    law = derive_law(random_problem.targets)
    solution = solve(law.system, random_problem.point)
    assert solution.result is Result.SUCCESS
    expected = DenseDyson(law.raw, random_problem.point).outputs()
    for name, known_value in expected.items():
        assert solution.outputs[name] == pytest.approx(known_value, rel=1e-10, abs=1e-10)


# Monte Carlo -----------------------------------------------------------------------------------------------------

SIZES = {"n": 120, "d": 90, "k": 60}
TRIALS = 24


def numbers(*atoms: Atom, sizes: dict[str, int], seed: int = 1) -> dict[str, Any]:
    """Dense random numbers for some matrices."""
    rng = np.random.default_rng(seed)
    shapes = [[sizes.get(str(dim), 1) for dim in a.shape] for a in atoms]
    return {a.name: Dense(dense(rng, *shape, a.facts, a.entries)) for a, shape in zip(atoms, shapes, strict=True)}


R, P = known("R", k, d), known("P", d, d, "projection")
V = Atom("V", k, d, law=Gaussian(ONE / k))
Zr = Atom("Zr", d, d, law=Gaussian(ONE / d))
w0, e = known("w0", d, scalar(1)), Atom("e", n, scalar(1), law=Gaussian(ONE / n))
group = inv(Xs.T @ Xs + Yt.T @ Yt + lam)
feature = inv(V @ X.T @ X @ V.T + lam)
MONTE_CARLO: dict[str, Scalar] = {
    "dense bias": tau(ridge @ A @ ridge @ S),
    "two groups": tau(group @ A @ group @ S),
    "nested": tau(inv(lam + Y.T @ inv(1 + X @ X.T) @ Y) @ S),
    "commutator": tau(inv(1 + (W @ S - S @ W).T @ (W @ S - S @ W)) @ A),
    "commutator of two": tau(inv(1 + (Zr @ W - W @ Zr).T @ (Zr @ W - W @ Zr))),
    "random features": tau(feature @ V @ S @ V.T @ feature),
    "fixed projection": tau(inv(P @ (X.T @ X + Yt.T @ Yt) @ P + lam) @ A),
    "compression": tau(R.T @ inv(R @ X.T @ X @ R.T + lam) @ R @ A),
    "GUE and its transpose": tau(inv(1 + (U + U.T) @ (U + U.T))),
    "square roots": tau(inv(SquareRoot(S) @ W @ SquareRoot(S) + i * lam) @ SquareRoot(S) @ A),
    "product of resolvents": tau(ridge @ A @ inv(Yt.T @ Yt + 1) @ S @ ridge @ A.T),
    "ratio": tau(ridge @ S) / (1 + tau(ridge @ A)),
}
FORMS: dict[str, Scalar] = {
    "teacher": tau(w0.T @ ridge @ S @ ridge @ w0),
    "noise": tau(e.T @ X @ ridge @ S @ ridge @ X.T @ e),
    "teacher and noise": tau((ridge @ X.T @ (X @ w0 + e) - w0).T @ S @ (ridge @ X.T @ (X @ w0 + e) - w0)),
}


def test_values_against_monte_carlo() -> None:
    atoms = (S, T, A, R, P)
    point = Point(SIZES, {"lam": Fraction(1, 2)}, numbers(*atoms, sizes=SIZES))
    exact = solve(derive_law(MONTE_CARLO).system, point).outputs
    found = simulate(MONTE_CARLO, point, trials=TRIALS, seed=3, ensemble="limit")
    for name, estimate in found.items():
        # a complex Gaussian model is off its limit by O(1/n^2) only, n the smallest dimension
        allowance = 4.5 * estimate.standard_error + 5 / SIZES["k"] ** 2
        assert abs(estimate.mean - exact[name]) < allowance, (name, estimate, exact[name])
        assert estimate.standard_error < 0.02


def test_quadratic_forms_against_monte_carlo() -> None:
    sizes = {"n": 300, "d": 200}
    vector = np.random.default_rng(5).standard_normal((200, 1)) / 200**0.5
    point = Point(sizes, {"lam": Fraction(1, 2)}, {**numbers(S, sizes=sizes), "w0": Dense(vector)})
    exact = solve(derive_law(FORMS).system, point).outputs
    for name, estimate in simulate(FORMS, point, trials=40, seed=4, ensemble="limit").items():
        # cross terms of order fixed/growing are dropped: 1/n of a value of order 1
        assert abs(estimate.mean - exact[name]) < 4.5 * estimate.standard_error + 2 / 200, name
