"""Monte Carlo against exact values and against the series oracle; what targets share; bad input."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt
from typing import Any

import flint
import numpy as np
import pytest

from fpt_calc.ensembles import Gaussian, Wigner
from fpt_calc.errors import ComputationError, InputError
from fpt_calc.expr import PRIME, Atom, EntrywiseConjugate, Expr, Inverse, ModularMatrix, PrimeModel, tau
from fpt_calc.oracles import Estimate, moment_series, simulate
from fpt_calc.point import Dense, Eigenvalues, Multiple, Point, PowerLaw
from fpt_calc.scalars import ONE, Dimension, Parameter, Scalar, dimension, generator_scalar, scalar, square_root

n, d = dimension("n"), dimension("d")
lam, t = (generator_scalar(Parameter(name, "positive")) for name in ("lam", "t"))
inv = Inverse

A = Atom("A", d, d)
S = Atom("S", d, d, facts=frozenset({"psd"}))
H = Atom("H", d, d, facts=frozenset({"psd"}), entries="complex")
K = Atom("K", n, n, facts=frozenset({"psd"}))

Z = Atom("Z", d, d, law=Gaussian(ONE / d))
Zi = Atom("Zi", d, d, law=Gaussian(ONE / d, "complex"))
Zc = Atom("Zc", d, d, law=Gaussian(ONE / d, "complex", None, H))
X = Atom("X", n, d, law=Gaussian(ONE / n, "real", K, S))
G = Atom("G", n, d, law=Gaussian(ONE / n))
V = Atom("V", d, d, law=Wigner(ONE / d))
W = Atom("W", d, d, law=Wigner(ONE / d))
U = Atom("U", d, d, law=Wigner(ONE / d, "complex"))


def within(estimate: Estimate, value: complex, bias: float = 0.0) -> bool:
    """Whether a value lies within 5 standard errors and a known bias of an estimate."""
    return abs(estimate.mean - value) <= 5 * estimate.standard_error + bias


def test_simulation_of_the_model_as_declared() -> None:
    size = 200
    # W + W.T is 2 W for GOE and a semicircle of variance 2 for GUE
    targets = {
        "GOE": tau(inv(1 + (W + W.T) ** 2)),
        "GUE": tau(inv(1 + (U + U.T) ** 2)),
        "real": tau(Z @ Z.T),
        "complex": tau(Zi @ Zi.T),
    }
    found = simulate(targets, Point(dims={"d": size}), trials=10)
    for name, value in {"GOE": (17**0.5 - 1) / 8, "GUE": 0.5, "real": 1, "complex": 0}.items():
        assert within(found[name], value, bias=1 / size)
    assert isinstance(found["GUE"].mean, float)  # complex draws of a real number
    assert isinstance(found["complex"].mean, complex)


def rational(residue: Any) -> Fraction:
    """The fraction of small numerator and denominator that a residue stands for (Euclid, stopped half way)."""
    a, b, u, v = PRIME, int(residue), 0, 1
    while b > isqrt(PRIME // 2):
        a, b, u, v = b, a % b, v, u - a // b * v
    return Fraction(b, v)


SMALL_MATRICES = {"A": np.array([[1, 2], [0, 3]]), "S": np.array([[2, 1], [1, 1]])}


@pytest.mark.parametrize("kind", ["one matrix", "commutator", "rectangular", "deterministic", "mixed fields"])
def test_simulation_of_the_limit_agrees_with_the_series(kind: str) -> None:
    def expression(variance: Scalar) -> Expr:
        v, w = (Atom(name, d, d, law=Wigner(variance / d)) for name in "VW")
        z, g = Atom("Z", d, d, law=Gaussian(variance / d)), Atom("G", n, d, law=Gaussian(variance / n))
        x = Atom("X", n, d, law=Gaussian(variance / n, covariance=S))
        c = Atom("C", d, d, law=Gaussian(variance / d, "complex", S))
        return {
            "one matrix": inv(1 + g.T @ g),
            "commutator": inv(1 + 2 * (v @ w - w @ v)),
            "rectangular": inv(1 + w @ g.T @ inv(1 + g @ z @ v @ g.T) @ g @ w),
            "deterministic": A @ inv(S + A @ w @ A.T @ w + x.T @ x) @ A @ S,
            "mixed fields": inv(2 + (z @ c @ A).T @ EntrywiseConjugate(z @ c) + c.H @ z.T @ z @ c),
        }[kind]

    order, ramp, size = 5, Fraction(1, 200), 60  # numerators and denominators must fit below sqrt(PRIME)
    model = PrimeModel(0, sizes=(2,))
    for name, residue in (("n", 2), ("d", 1)):
        model.set_generator(Dimension(name), model.scalar(scalar(residue)))
    for atom in (A, S):
        value = flint.nmod_mat(SMALL_MATRICES[atom.name].tolist(), PRIME)
        model.set_atom(atom, ModularMatrix(value, value))
    terms = [float(rational(c) * ramp**k) for k, c in enumerate(moment_series(expression(ONE), order, model))]
    large = {name: Dense(np.kron(small, np.eye(size))) for name, small in SMALL_MATRICES.items()}
    point = Point(dims={"n": 4 * size, "d": 2 * size}, scalars={"t": ramp}, matrices=large)
    found = simulate({"x": tau(expression(t))}, point, trials=40, ensemble="limit")["x"]
    assert isinstance(found.mean, float) == (kind != "mixed fields")
    assert abs(sum(terms[1:])) > 20 * found.standard_error
    # neglected: the series beyond its last terms, and 1/d^2 corrections of the size of the random part
    assert within(found, sum(terms), bias=abs(terms[-1]) + abs(terms[-2]) + abs(sum(terms[1:])) / size**2)


def test_deterministic_matrices_of_all_kinds() -> None:
    rng = np.random.default_rng(0)
    a = rng.standard_normal((6, 6))
    h = a @ a.T + 1j * (np.triu(a, 1) - np.triu(a, 1).T)
    h = h @ h.conj().T
    point = Point(
        dims={"d": 6, "n": 4},
        scalars={"lam": Fraction(1, 2)},
        matrices={"A": Dense(a), "H": Dense(h), "S": PowerLaw(Fraction(1)), "K": Multiple(3)},
    )
    power = 1 / np.arange(1, 7)
    exact = {
        "trace": (tau(inv(S + lam) @ A @ S), np.trace(np.diag(power / (power + 0.5)) @ a) / 6),
        "complex": (tau(H @ A), np.trace(h @ a) / 6),
        "nonlinear": (square_root(tau(S)) / (1 + tau(S)), power.mean() ** 0.5 / (1 + power.mean())),
    }
    found = simulate({name: target for name, (target, _) in exact.items()}, point, trials=3)
    for name, (_, value) in exact.items():
        assert found[name].mean == pytest.approx(value, rel=1e-12)
        assert found[name].standard_error == 0
    means = simulate({"real": tau(X.T @ X @ A), "complex": tau(Zc.H @ Zc @ A)}, point, trials=400)
    assert within(means["real"], 3 * np.trace(np.diag(power) @ a) / 6)
    assert within(means["complex"], np.trace(h @ a) / 6)


def test_targets_share_draws_and_do_not_disturb_each_other() -> None:
    point = Point(dims={"n": 8, "d": 5})
    alone = simulate({"x": tau(G.T @ G)}, point, trials=5, seed=3)
    both = simulate(
        {"v": tau(V @ V), "y": d / n * tau(G.T @ G), "x": tau(G @ G.T), "z": tau(G.T @ G)}, point, trials=5, seed=3
    )
    assert both["z"] == alone["x"] == Estimate(alone["x"].mean, alone["x"].standard_error, 5, 3, "model")
    assert both["x"].mean == pytest.approx(both["y"].mean, rel=1e-12)
    assert simulate({"x": tau(G.T @ G)}, point, trials=5, seed=4)["x"].mean != alone["x"].mean


def test_nonlinear_targets_are_evaluated_draw_by_draw() -> None:
    square = tau(W @ W)
    targets = {"x": square, "xx": square**2, "inside": tau(square * (W @ W)), "shift": tau((W @ W + square) @ (W @ W))}
    found = simulate(targets, Point(dims={"d": 4}), trials=50)
    assert found["xx"].mean > found["x"].mean ** 2
    assert found["inside"].mean == pytest.approx(found["xx"].mean, rel=1e-12)
    fourth = simulate({"x": tau(W**4)}, Point(dims={"d": 4}), trials=50)["x"].mean
    assert found["shift"].mean == pytest.approx(fourth + found["xx"].mean, rel=1e-12)


def test_limiting_spectra_are_realized_by_shares() -> None:
    point = Point(
        dims={"d": 7},
        matrices={
            "S": Eigenvalues((1, 2, 5), (Fraction(1, 2), Fraction(1, 4), Fraction(1, 4))),
            "A": Eigenvalues((10, 20, 30), (0.5, 0.25, 0.25)),
        },
    )
    found = simulate({"S": tau(S), "SA": tau(S @ A)}, point, trials=2)
    assert found["S"].mean == pytest.approx((3 * 1 + 2 * 2 + 2 * 5) / 7, rel=1e-14)
    assert found["SA"].mean == pytest.approx((3 * 10 + 2 * 40 + 2 * 150) / 7, rel=1e-14)


class EntrywiseOnly(Gaussian):
    """A law that keeps its operator form to itself."""

    def sandwich(self, first: str, second: str) -> None:
        raise AssertionError("an oracle must not ask for the operator form")


def test_oracles_do_not_use_the_operator_form() -> None:
    g = Atom("G", n, d, law=EntrywiseOnly(ONE / n))
    assert moment_series(inv(1 - g.T @ g), 1, PrimeModel(0)) == [1, 1]
    assert within(simulate({"x": tau(g.T @ g)}, Point(dims={"n": 9, "d": 5}), trials=20)["x"], 1)


# bad input ----------------------------------------------------------------------------------------------------------


SMALL = Point(dims={"n": 3, "d": 5})


def _simulated(target: Scalar, point: Point = SMALL, **options: Any) -> Any:
    return lambda: simulate({"x": target}, point, **options)


Y = Atom("Y", n / 2, d, law=Gaussian(ONE / n))
other = Atom("W", d, d, law=Wigner(ONE / d, "complex"))
weighted = Point(
    dims={"d": 2}, matrices={"S": Eigenvalues((1, 2), (0.5, 0.5)), "A": Dense(np.array([[0.0, 1.0], [2.0, 3.0]]))}
)


@pytest.mark.parametrize(
    ("attempt", "error", "words"),
    [
        (_simulated(tau(W), trials=1), InputError, "standard error"),
        (_simulated(tau(W), seed=-1), InputError, "seed"),
        (_simulated(tau(W), ensemble="gue"), InputError, "'gue'; use model or limit"),
        (_simulated(tau(W), Point()), InputError, "at.d: no value"),
        (_simulated(tau(W @ S)), InputError, "at.S"),
        (_simulated(tau(Y.T @ Y)), InputError, "dimension n/2 = 1.5 is not a positive integer"),
        (_simulated(tau(W) + tau(other @ A)), InputError, "stands for two matrices"),
        (_simulated(tau(S @ A), weighted), InputError, "at.A: a dense matrix"),
        (_simulated(tau(inv(G.T @ G))), ComputationError, "targets.x: in draw 0 .* singular .*; add"),
        (_simulated(tau(Atom("N", d, d, law=Wigner(-ONE / d)))), InputError, "variance"),
        (_simulated(1 / (tau(W) - tau(W.T))), InputError, "at: division by zero"),
    ],
)
def test_bad_input_is_named_in_one_line(attempt: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        attempt()
    assert "\n" not in str(caught.value)
