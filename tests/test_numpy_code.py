"""Exported code computes what the solver computes; the tests run it, the program never does."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fpt_calc as fc
from fpt_calc.api.values import declared
from fpt_calc.cli.sources import load_law
from fpt_calc.errors import CannotDecideError, InputError
from fpt_calc.expr import Atom
from fpt_calc.scalars import Dimension, Parameter, evaluate_scalar
from tests.commands import PROBLEMS, is_law_file, run

GOLDEN = Path(__file__).parent / "golden"
DERIVATIONS = Path(__file__).parents[1] / "derivations"
FILES = [
    *(PROBLEMS / f"{name}.toml" for name in ("commutator", "ridge", "two_groups", "wishart")),
    *(f for f in sorted(DERIVATIONS.glob("*.py")) if is_law_file(f)),
]
REGIMES = {"more samples": (5, 1.0), "fewer samples": (1, 1.0), "small ridge": (3, 1e-7), "large ridge": (2, 1e4)}

n, d, m = fc.dims("n d m")
lam, sigma = fc.scalars("lam sigma", "positive")
Sigma, Test = fc.matrix("Sigma", d, d, "psd"), fc.matrix("Test", d, d, "psd")
Theta = fc.matrix("Theta", d, d, "symmetric")
w = fc.matrix("w", d, 1)


def function(law: fc.Law, spectra: bool = True) -> Callable[..., Any]:
    space: dict[str, Any] = {}
    exec(law.code("limit", spectra), space)
    found: Callable[..., Any] = space["limit"]
    return found


def called(f: Callable[..., Any], values: Mapping[str, Any]) -> Any:
    return f(**{name: values[name] for name in inspect.signature(f).parameters})


def random_values(law: fc.Law, seed: int, regime: str, spectra: bool) -> dict[str, Any]:
    """Values for every name of a law; the matrices are dense or spectra."""
    rng = np.random.default_rng(seed)
    factor, ridge = REGIMES[regime]
    matrices, generators, _ = declared(law.derived)
    values: dict[str, Any] = {}
    for g in sorted(generators, key=lambda g: g.name):
        if isinstance(g, Dimension):
            values[g.name] = 12 * int(rng.integers(1, 5)) * (factor if g.name.startswith("n") else 2)
        elif isinstance(g, Parameter):
            values[g.name] = _scalar(g, rng) * (ridge if g.name == "lam" else 1) + (g.name == "eta")
    dims = {**values}
    for atom in matrices.values():
        shape = tuple(int(evaluate_scalar(s, lambda g: dims[g.name], float)) for s in atom.shape)
        values[atom.name] = _matrix(atom, shape, rng, spectra)
    return values


def _scalar(parameter: Parameter, rng: np.random.Generator) -> Any:
    if not parameter.is_real:
        return complex(round(rng.uniform(-2, 2), 3), round(rng.uniform(0.2, 2), 3))
    return round(rng.uniform(0.1, 0.9), 3)


def _matrix(atom: Atom, shape: tuple[int, ...], rng: np.random.Generator, spectra: bool) -> Any:
    if shape[0] != shape[1]:
        return rng.standard_normal(max(shape)) if spectra else rng.standard_normal(shape)
    if "projection" in atom.facts:
        return np.arange(shape[0]) % 3 // 2.0 if spectra else np.diag(np.arange(shape[0]) % 3 // 2.0)
    if spectra:
        return rng.uniform(0.2, 2, shape[0]) * (1 if "psd" in atom.facts else rng.choice([-1, 1], shape[0]))
    a = rng.standard_normal(shape) / shape[0] ** 0.5
    return a @ a.T + np.eye(shape[0]) / 5 if "psd" in atom.facts else a + a.T


def agrees_with_the_solver(law: fc.Law, found: Any, values: Mapping[str, Any]) -> None:
    """Within what the solver believes of its own value; a printed form may cancel where the solver does not."""
    solution = law.solve(**values)
    for name, expected in solution.outputs.items():
        value = found[name] if isinstance(found, dict) else found
        error = 1e-8 * abs(expected) + 10 * solution.output_errors[name]
        assert abs(value - expected) <= error, (name, value, expected, values)


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_the_code_of_files_agrees_with_the_solver(file: Path) -> None:
    law, _ = load_law(file, lambda targets: targets)
    if law.derived.closed_form is None:
        pytest.skip("no closed form")
    for spectra in (True, False):
        f = function(law, spectra)
        for seed, regime in enumerate(REGIMES):
            values = random_values(law, seed, regime, spectra)
            agrees_with_the_solver(law, called(f, values), values)


X = fc.gaussian("X", n, d, variance=1 / n, covariance=Sigma)
R = fc.inv(X.T @ X + lam)
(z,) = fc.scalars("z", "upper")
P = fc.gaussian("P", m, d, variance=1 / d)
X1 = fc.gaussian("X1", n, d, variance=1 / n, covariance=Sigma)
X2 = fc.gaussian("X2", n, d, variance=1 / n, covariance=Test)
V = fc.gaussian("V", n, d, variance=1 / n)

LAWS: dict[str, dict[str, Any]] = {
    "shift": {"bias": lam**2 * fc.Tr(R @ Theta @ R @ Test), "variance": fc.Tr(R @ X.T @ X @ R @ Test) * sigma**2 / n},
    "vector": {"bilinear": fc.Tr(w.T @ R @ Test @ R @ w), "linear": fc.Tr(w.T @ Theta @ R @ w) + fc.tau(R)},
    "complex argument": {"m": fc.tau(fc.inv(X.T @ X - z))},
    "projections": {"value": fc.tau(P.T @ fc.inv(P @ X.T @ X @ P.T + lam) @ P @ Sigma)},
    "two groups": {"value": fc.tau(fc.inv(X1.T @ X1 + X2.T @ X2 + lam) @ Theta)},
    "isotropic": {"value": fc.tau(fc.inv(V.T @ V + lam) @ fc.inv(V.T @ V + lam))},
    "added": {"value": fc.tau(fc.inv(V.T @ V + Sigma + lam) @ Theta)},
    "square root": {"value": fc.tau(fc.sqrt(Sigma) @ fc.inv(V.T @ V + lam) @ fc.sqrt(Sigma) @ R)},
}


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize("spectra", [True, False], ids=["spectra", "dense"])
def test_the_code_agrees_with_the_solver(name: str, spectra: bool) -> None:
    law = fc.derive(LAWS[name])
    f = function(law, spectra)
    for seed, regime in enumerate(REGIMES):
        values = random_values(law, seed, regime, spectra)
        agrees_with_the_solver(law, called(f, values), values)


SPECTRUM = np.arange(1, 81) ** -1.5
WEIGHTS = np.linspace(1, 2, 80)


@pytest.fixture(scope="module")
def ridge() -> fc.Law:
    return fc.derive({"bias": lam**2 * fc.tau(R @ Theta @ R @ Sigma), "variance": fc.tau(R @ X.T @ X @ R @ Sigma)})


@pytest.mark.parametrize("spectra", [True, False], ids=["spectra", "dense"])
def test_numbers_may_be_arrays(ridge: fc.Law, spectra: bool) -> None:
    matrices = {"Sigma": SPECTRUM, "Theta": WEIGHTS}
    given = matrices if spectra else {name: np.diag(v) for name, v in matrices.items()}
    f, ridges, samples = function(ridge, spectra), np.geomspace(1e-6, 10, 50), np.array([20, 80, 200])
    found = f(lam=ridges, n=samples[:, None], **given)
    expected = ridge.at(lam=ridges, n=samples[:, None], d=80, **matrices)
    for name in expected:
        assert found[name].shape == (3, 50)
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-9)


@pytest.mark.parametrize("spectra", [True, False], ids=["spectra", "dense"])
def test_spectra_may_be_batches(ridge: fc.Law, spectra: bool) -> None:
    batch = np.stack([SPECTRUM, 2 * SPECTRUM, np.sqrt(SPECTRUM)])
    given = batch if spectra else np.stack([np.diag(s) for s in batch])
    other = WEIGHTS if spectra else np.diag(WEIGHTS)
    found = function(ridge, spectra)(n=60, lam=np.array([0.1, 0.2, 0.3]), Sigma=given, Theta=other)
    for k, ridge_value in enumerate((0.1, 0.2, 0.3)):
        expected = ridge.at(n=60, d=80, lam=ridge_value, Sigma=batch[k], Theta=WEIGHTS)
        for name in expected:
            np.testing.assert_allclose(found[name][k], expected[name], rtol=1e-9)


def test_iterated_parameters_may_be_arrays() -> None:
    law = fc.derive(LAWS["two groups"])
    values = {"n": 60, "Sigma": SPECTRUM, "Test": SPECTRUM[::-1].copy(), "Theta": WEIGHTS}
    ridges = np.geomspace(1e-4, 10, 20)
    expected = law.at(lam=ridges, d=80, **values)
    np.testing.assert_allclose(function(law)(lam=ridges, **values), expected, rtol=1e-9)


def test_followed_roots_may_be_arrays() -> None:
    law, _ = load_law(DERIVATIONS / "semicircle.py", lambda targets: targets)
    grid = np.linspace(-3, 3, 13)[:, None] + 1j * np.array([1e-2, 0.5, 4.0])
    root = np.sqrt(grid - 2) * np.sqrt(grid + 2)
    np.testing.assert_allclose(function(law)(z=grid), (root - grid) / 2, rtol=1e-9)


def test_a_root_is_followed_in_the_upper_half_plane_only() -> None:
    law, _ = load_law(DERIVATIONS / "semicircle.py", lambda targets: targets)
    with pytest.raises(ValueError, match="upper half-plane"):
        function(law)(z=1 - 1j)


def test_quadratic_roots_do_not_cancel() -> None:
    law, _ = load_law(DERIVATIONS / "marchenko_pastur.py", lambda targets: targets)
    found = function(law)(n=300, d=200, lam=1e-14)
    np.testing.assert_allclose(found, float(law.digits(17, n=300, d=200, lam="1e-14")), rtol=1e-14)


def test_the_code_for_ridge_is_what_it_was() -> None:
    law = fc.derive({"bias": lam**2 * fc.tau(R @ Theta @ R @ Sigma)})
    assert law.code() == (GOLDEN / "ridge_code.py.txt").read_text(encoding="utf-8")


def test_names_of_python_are_evaded() -> None:
    follow, x = fc.scalars("follow x", "positive")
    (np_,) = fc.dims("np")
    M = fc.matrix("sum", np_, np_, "psd")
    G = fc.gaussian("G", n, np_, variance=1 / n, covariance=M)
    law = fc.derive({"float": x * fc.tau(fc.inv(G.T @ G + follow))})
    space: dict[str, Any] = {}
    exec(law.code(), space)
    found = space["float_1"](n=50, follow_1=0.3, x=2, sum_1=SPECTRUM)
    np.testing.assert_allclose(found, law.at(n=50, np=80, follow=0.3, x=2, sum=SPECTRUM), rtol=1e-12)


def test_what_has_no_code_says_so() -> None:
    A = fc.matrix("A", d, m)
    law = fc.derive(fc.tau(A.T @ R @ A))
    with pytest.raises(CannotDecideError, match=r"no function of spectra; .*spectra=False"):
        law.code()
    assert "np.swapaxes(A" in law.code(spectra=False)
    with pytest.raises(InputError, match="no name of a function"):
        law.code("my law", spectra=False)
    (t,) = fc.scalars("t", "real")
    U, V = (fc.wigner(name, d, variance=1 / d, field="complex") for name in "UV")
    law = fc.derive({"m": fc.tau(fc.inv(1 + t * (U @ V - V @ U)))})
    with pytest.raises(CannotDecideError, match=r'no code for the equation of m; declare .* "positive"'):
        law.code()


def test_command_line(tmp_path: Path) -> None:
    out = tmp_path / "ridge.py"
    assert run("derive", PROBLEMS / "ridge.toml", "--code", out).exit_code == 0
    text = out.read_text(encoding="utf-8")
    assert "eigenvalues, an array of shape (..., d)" in text
    compile(text, "ridge.py", "exec")
    assert run("derive", PROBLEMS / "two_groups.toml", "--code", out).exit_code == 0
    assert "np.linalg.inv" in out.read_text(encoding="utf-8"), "its [at] has dense arrays"
    result = run("derive", PROBLEMS / "ridge.toml", "--code", tmp_path / "no" / "code.py")
    assert result.exit_code == 2
    assert "--code: cannot write code.py" in result.stderr
