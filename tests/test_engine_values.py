"""The engine's numbers: against dense fixed-point iteration, Monte Carlo, exact cases and many digits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import mpmath
import numpy as np
import pytest

from fpt_calc.derivation import derive_law
from fpt_calc.ensembles import Gaussian, Wigner
from fpt_calc.errors import InputError
from fpt_calc.expr import Atom, Expr, Inverse, SquareRoot, evaluate, tau
from fpt_calc.oracles import simulate, twin_expression
from fpt_calc.oracles.leaves import atoms_behind
from fpt_calc.oracles.sampling import SampledModel
from fpt_calc.point import Dense, Eigenvalues, Multiple, NumericModel, Point, PowerLaw
from fpt_calc.scalars import IMAGINARY_UNIT, ONE, Parameter, Scalar, dimension, generator_scalar, scalar
from fpt_calc.solve import Result, Solution, solve
from fpt_calc.system import FixedPointSystem
from tests.generators import dense, point_for, problem

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
        self.places = [slice(a, b) for a, b in pairwise(starts)]
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
        for c, block in self.couplings:
            matrix[self.places[c.row], self.places[c.col]] -= ramp * known_values[c.unknown] * block
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
            for _ in range(2000):
                new = self.averages(values, ramp)
                gap = max((abs(new[u] - values[u]) for u in values), default=0.0)
                values = {u: (new[u] + values[u]) / 2 for u in values}
                if gap < (1e-13 if ramp == 1 else 1e-3) * max([1.0, *map(abs, values.values())]):
                    break
            else:
                raise AssertionError(f"no convergence at t = {ramp}")
        at = NumericModel(self.model.point, values)
        return {name: at.scalar(target) for name, target in self.system.outputs.items()}


# of the first problems, those whose pencils have few states: the dense matrices stay small
SMALL = (0, 1, 2, 4, 5, 6, 7, 8, 11, 12, 14, 15, 18, 19, 20, 23, 24, 25, 29, 30, 31, 32, 33, 34, 35)


@pytest.mark.parametrize("seed", SMALL)
def test_values_against_dense_iteration(seed: int) -> None:
    targets = problem(seed).targets
    point = point_for(targets, seed, {"n": 7, "d": 6, "k": 5})
    law = derive_law(targets)
    solution = solve(law.system, point)
    assert solution.result is Result.SUCCESS
    expected = DenseDyson(law.raw, point).outputs()
    for name, known_value in expected.items():
        assert solution.outputs[name] == pytest.approx(known_value, rel=1e-10, abs=1e-10)


def test_a_jump_to_another_branch_is_noticed_and_avoided() -> None:
    """Small ridges inside nested inverses give unknowns of very different sizes; large steps end on a wrong branch."""
    targets = problem(87).targets
    small = {"lam": Fraction(1, 300), "mu": Fraction(1, 40), "z": 0.3 + 0.03j}
    point = replace(point_for(targets, 87, {"n": 7, "d": 6, "k": 5}), scalars=small)
    law = derive_law(targets)
    expected = DenseDyson(law.raw, point).outputs()["t0"]
    assert solve(law.system, point).outputs["t0"] == pytest.approx(expected, rel=1e-9)


# Monte Carlo -----------------------------------------------------------------------------------------------------

SIZES = {"n": 120, "d": 90, "k": 60}
TRIALS = 12


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


# exact cases -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [3.0, -2.1, 2j, -1.5 + 0.01j, 0.3 - 0.7j, 1e-3j])
@pytest.mark.parametrize("wigner", [W, U], ids=["GOE", "GUE"])
def test_semicircle(wigner: Atom, at: complex) -> None:
    root = np.sqrt(at - 2 + 0j) * np.sqrt(at + 2 + 0j)
    assert value(tau(inv(z - wigner)), Point({"d": 50}, {"z": at})) == pytest.approx((at - root) / 2, abs=1e-13)


@pytest.mark.parametrize("at", [0.0, 0.5, -1.9])
def test_inside_the_spectrum_is_refused(at: float) -> None:
    solution = solved(tau(inv(x - U)), Point({"d": 50}, {"x": at}))
    assert solution.result in (Result.UNBOUNDED, Result.SINGULAR_START, Result.NO_CONTINUATION)
    assert solution.outputs == {}


@pytest.mark.parametrize("at", [1.1, -1.01j, 5 + 3j])
def test_ginibre_outside_the_disc(at: complex) -> None:
    assert value(tau(inv(z - Z)), Point({"d": 50}, {"z": at})) == pytest.approx(1 / at, abs=1e-14)


@pytest.mark.parametrize("at", [0.99, 0.2, 0.5 - 0.5j])
def test_ginibre_inside_the_disc_is_refused(at: complex) -> None:
    assert solved(tau(inv(z - Z)), Point({"d": 50}, {"z": at})).result is Result.UNBOUNDED


@pytest.mark.parametrize("at", [0.0, 0.7, -1.5, 4.9 + 2.6])
def test_between_two_parts_of_a_spectrum(at: float) -> None:
    spectrum = Eigenvalues((5.0, -5.0), (0.25, 0.75))
    found = value(tau(inv(x - W - known("M", d, d, "symmetric"))), Point({"d": 50}, {"x": at}, {"M": spectrum}))
    g = 0.0
    for _ in range(2000):
        g = 0.25 / (at - 5 - g) + 0.75 / (at + 5 - g)
    assert found == pytest.approx(g, abs=1e-13)


@pytest.mark.parametrize("lam_value", [Fraction(1, 10**10), Fraction(1, 10**4), Fraction(3)])
@pytest.mark.parametrize("sizes", [(100, 50), (50, 100), (70, 70)])
def test_marchenko_pastur(sizes: tuple[int, int], lam_value: Fraction) -> None:
    point = Point({"n": sizes[0], "d": sizes[1]}, {"lam": lam_value})
    with mpmath.workdps(50):
        c, ridge_value = mpmath.mpf(sizes[1]) / sizes[0], mpmath.mpf(lam_value.numerator) / lam_value.denominator
        b = ridge_value + 1 - c
        expected = 2 / (b + mpmath.sqrt(b**2 + 4 * ridge_value * c))
    assert value(tau(ridge), point) == pytest.approx(float(expected), rel=1e-9)


def test_singular_start_and_bad_points_are_refused() -> None:
    start = solved(tau(inv(X.T @ X + S)), Point({"n": 9, "d": 3}, {}, {"S": Eigenvalues((0.0, 1.0, 2.0))}))
    assert start.result is Result.SINGULAR_START
    spectrum = Eigenvalues((1.0, 2.0), (0.5, 0.5))
    mixed = Point({"n": 4, "d": 2}, {"lam": 1}, {"S": spectrum, "T": Dense(np.eye(2))})
    for first, second in ((Xs, Yt), (Yt, Xs)):
        with pytest.raises(InputError, match="limiting spectrum"):
            solved(tau(inv(first.T @ first + second.T @ second + lam)), mixed)


def test_a_limiting_spectrum_is_its_multiplicities() -> None:
    target = tau(inv(Xs.T @ Xs + S + lam) @ S)
    weighted = {"S": Eigenvalues((1.0, 2.0, 5.0), (0.5, 0.25, 0.25))}
    repeated = {"S": Eigenvalues((1.0,) * 4 + (2.0,) * 2 + (5.0,) * 2)}
    values = [value(target, Point({"n": 12, "d": 8}, {"lam": 1}, matrices)) for matrices in (weighted, repeated)]
    assert values[0] == pytest.approx(values[1], rel=1e-14)


def test_a_real_diagonal_with_complex_scalars() -> None:
    """Numbers without axes: a multiple of the identity times complex numbers."""
    target = tau(inv(z - S @ W @ S) @ inv(i * S + W))
    of_numbers = Point({"d": 4}, {"z": 2 + 1j}, {"S": Multiple(1.5)})
    of_arrays = Point({"d": 4}, {"z": 2 + 1j}, {"S": Dense(1.5 * np.eye(4))})
    assert value(target, of_numbers) == pytest.approx(value(target, of_arrays), rel=1e-12)


# large problems --------------------------------------------------------------------------------------------------


def test_large_dense_problem_is_solved() -> None:
    sizes = {"n": 600, "d": 300}
    law = derive_law({"t": MONTE_CARLO["two groups"]})
    point = Point(sizes, {"lam": Fraction(1, 2)}, numbers(S, T, A, sizes=sizes))
    assert solve(law.system, point).result is Result.SUCCESS


def test_large_spectrum() -> None:
    size = 100_000
    point = Point({"n": size // 2, "d": size}, {"lam": Fraction(1, 100)}, {"S": PowerLaw(Fraction(3, 2))})
    kappa, _ = _kappa(size // 2, np.arange(1, size + 1) ** -1.5, mpmath.mpf(1) / 100)
    expected = kappa * 100 * np.mean(1 / (np.arange(1, size + 1) ** -1.5 + float(kappa)))
    assert value(tau(inv(Xs.T @ Xs + lam)), point) == pytest.approx(float(expected), rel=1e-10)


# honest errors ---------------------------------------------------------------------------------------------------


def _kappa(rows: int, spectrum: Any, ridge_value: Any) -> tuple[Any, Any]:
    """The positive root of ``kappa - lam = kappa*df(1)/n`` by bisection in floats and Newton in many digits."""

    def gap(kappa: Any, values: Any, total: Callable[[Any], Any]) -> Any:
        return kappa - ridge_value - kappa * total(values / (values + kappa)) / rows

    low, high = float(ridge_value), float(ridge_value) + float(np.sum(spectrum)) / rows
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if gap(middle, spectrum, np.sum) < 0 else (low, middle)
    if len(spectrum) > 1000:
        return mpmath.mpf(high), None
    many = np.array([mpmath.mpf(float(s)) for s in spectrum])
    return mpmath.findroot(lambda kappa: gap(kappa, many, np.sum), high), many


RIDGES = [Fraction(1), Fraction(1, 10**3), Fraction(1, 10**8), Fraction(1, 10**12)]


@pytest.mark.parametrize("lam_value", RIDGES, ids=str)
@pytest.mark.parametrize("rows", [30, 59, 60, 61, 200])
@pytest.mark.parametrize("exponent", [0, 1, 3])
def test_error_estimates_are_honest(exponent: int, rows: int, lam_value: Fraction) -> None:
    """Against ``R ≃ kappa/lam (Sigma + kappa)^-1`` and, with P = Sigma (Sigma + kappa)^-1,
    ``lam^2 tau(R Sigma R Sigma) ≃ kappa^2 tau(P^2)/(1 - df(2)/n)``."""
    resolvent = inv(Xs.T @ Xs + lam)
    targets = {
        "first": lam * tau(resolvent),
        "bias": lam**2 * tau(resolvent @ S @ resolvent @ S),
        "ratio": lam * tau(resolvent) / tau(resolvent @ S),
    }
    spectrum = np.arange(1, 61, dtype=float) ** -exponent
    point = Point({"n": rows, "d": 60}, {"lam": lam_value}, {"S": Eigenvalues(tuple(spectrum.tolist()))})
    solution = solve(derive_law(targets).system, point)
    assert solution.result is Result.SUCCESS
    with mpmath.workdps(40):
        ridge_value = mpmath.mpf(lam_value.numerator) / lam_value.denominator
        kappa, many = _kappa(rows, spectrum, ridge_value)
        mean = np.mean(kappa / (many + kappa))
        square = (many / (many + kappa)) ** 2
        expected = {
            "first": mean,
            "bias": kappa**2 * np.mean(square) / (1 - np.sum(square) / rows),
            "ratio": ridge_value * mean / (kappa * np.mean(many / (many + kappa))),
        }
        for name, exact in expected.items():
            error = abs(mpmath.mpf(solution.outputs[name]) - exact)
            assert error <= 3 * solution.output_errors[name], (name, float(error), solution.output_errors[name])
            assert solution.output_errors[name] <= 1e-3 * abs(exact), (name, float(exact))


# bounded or not --------------------------------------------------------------------------------------------------

Q = known("Q")
NOT_NORMAL: dict[str, Expr] = {
    "product": Zr @ W,
    "sum": Zr + W @ Q,
    "with its transpose": Zr @ Q + Q.T @ Zr.T,
    "square": Zr @ Q @ Zr,
    "complex": Z @ Q @ Z.H @ W,
    "commutator": W @ Q - Q @ W,
}


@pytest.mark.parametrize("scale", [0.4, 1.0, 1.6, 2.5])
@pytest.mark.parametrize("matrix", NOT_NORMAL.values(), ids=NOT_NORMAL.keys())
def test_what_is_refused_has_no_bounded_inverse(matrix: Expr, scale: float) -> None:
    """A value is given if and only if the least singular value of draws stays away from zero."""
    argument = z + matrix
    sizes = {"d": 100}
    point = Point(sizes, {"z": scale * (1 + 0.2j)}, numbers(Q, sizes=sizes))
    solution = solved(tau(inv(argument)), point)
    model = SampledModel(point, atoms_behind([tau(argument)]), seed=2)
    model.draw(0)
    least = np.linalg.svd(evaluate(twin_expression(argument), model), compute_uv=False)[-1]
    if least > 0.1:
        assert solution.result is Result.SUCCESS, solution.stability
    if least < 0.01:  # at the very edge of the spectrum draws of this size cannot tell
        assert solution.result is Result.UNBOUNDED or solution.stability > 0.95, solution.stability
