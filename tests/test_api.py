"""The Python API as a user meets it: right input of every form, wrong input of every kind."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy

import fpt_calc as fc
from fpt_calc.problem import problem_from_dict
from fpt_calc.solve import Result

PROBLEMS = Path(__file__).parent / "problems"

n, d = fc.dims("n, d")
(lam,) = fc.scalars("lam", "positive")
(x,) = fc.scalars("x", "real")
S = fc.matrix("S", d, d, "psd")
T = fc.matrix("T", d, d, "symmetric")
X = fc.gaussian("X", n, d, variance=1 / n, covariance=S)
Z = fc.gaussian("Z", n, d, variance=1 / n)
W = fc.wigner("W", d, variance=1 / d, field="complex")
R = fc.inv(X.T @ X + lam)

TRACE = fc.derive(fc.tau(R))
PAIR = fc.derive({"trace": fc.tau(R), "bias": lam**2 * fc.tau(R @ S @ R @ T)})
MARCHENKO_PASTUR = fc.derive(fc.tau(fc.inv(Z.T @ Z + lam)))
SEMICIRCLE = fc.derive(fc.tau(fc.inv(W - x)))

AT: dict[str, Any] = {"n": 30, "d": 20, "lam": 0.1, "S": fc.power_law(1), "T": 1}


def marchenko_pastur(ratio: float, z: float) -> float:
    """The positive root of ratio*z*g**2 + (z + 1 - ratio)*g - 1 = 0."""
    b = z + 1 - ratio
    return float((np.sqrt(b * b + 4 * ratio * z) - b) / (2 * ratio * z))


def fixed_point(spectrum: np.ndarray, n: float, lam: float) -> float:
    """tau(R) from its textbook equation, by iteration."""
    kappa = lam
    for _ in range(3000):
        kappa = lam + kappa * np.sum(spectrum / (spectrum + kappa)) / n
    return float(np.mean(kappa / (spectrum + kappa)) / lam)


# Values


def test_numbers_in_every_form_are_the_same_number() -> None:
    expected = fixed_point(1 / np.arange(1, 21), 30, 0.1)
    for value in (0.1, "0.1", "1/10", "1e-1", Decimal("0.1"), Fraction(1, 10), np.float64(0.1), np.array(0.1)):
        assert TRACE.at(n=30, d=20, lam=value, S=fc.power_law(1)) == pytest.approx(expected, rel=1e-13)
    for size in (30, 30.0, "30", np.int64(30), Fraction(30)):
        assert TRACE.at(n=size, d=20, lam=0.1, S=fc.power_law("1.0")) == pytest.approx(expected, rel=1e-13)


def test_spectra_and_arrays_are_the_same_matrix() -> None:
    spectrum = 1 / np.arange(1, 21)
    basis, _ = np.linalg.qr(np.random.default_rng(1).standard_normal((20, 20)))
    forms = [
        *(fc.power_law(1), fc.eigenvalues(spectrum), fc.eigenvalues([f"1/{k}" for k in range(1, 21)])),
        *(spectrum, list(spectrum), tuple(spectrum), np.diag(spectrum), np.diag(spectrum).tolist()),
        *(basis * spectrum @ basis.T, fc.eigenvalues(spectrum, [Fraction(1, 20)] * 20)),
    ]
    for form in forms:
        assert TRACE.at(n=30, d=20, lam=0.1, S=form) == pytest.approx(fixed_point(spectrum, 30, 0.1), rel=1e-12)
    for form in (2, 2.0, "2", fc.eigenvalues([2], ["1"]), 2 * np.eye(20, dtype=int)):
        assert TRACE.at(n=30, d=20, lam=1, S=form) == pytest.approx(marchenko_pastur(2 / 3, 0.5) / 2, rel=1e-13)


def test_sweeps_broadcast() -> None:
    values = np.array([0.1, 0.5, 2])
    swept = MARCHENKO_PASTUR.at(n=30, d=20, lam=values)
    assert swept == pytest.approx([marchenko_pastur(2 / 3, v) for v in values], rel=1e-13)
    table = MARCHENKO_PASTUR.at(n=[10, 20], d=20, lam=values[:, None])
    assert table.shape == (3, 2)
    assert table[1, 0] == pytest.approx(marchenko_pastur(2, 0.5), rel=1e-13)
    exact = MARCHENKO_PASTUR.at(n=30, d=20, lam=["1/10", "1/2"])
    assert exact == pytest.approx(swept[:2], rel=1e-14)
    pair = PAIR.at(**{**AT, "lam": values})
    assert {name: array.shape for name, array in pair.items()} == {"trace": (3,), "bias": (3,)}


def test_a_mapping_of_targets_gives_a_mapping_of_values() -> None:
    both = PAIR.at(**AT)
    assert list(both) == ["trace", "bias"]
    assert both["trace"] == pytest.approx(TRACE.at(**{k: v for k, v in AT.items() if k != "T"}), rel=1e-14)


def test_conditioning_makes_a_random_matrix_an_argument() -> None:
    data = np.random.default_rng(2).standard_normal((30, 20)) / np.sqrt(30)
    exact = np.trace(np.linalg.inv(data.T @ data + 0.1 * np.eye(20))) / 20
    for given in ([X], (X,), X):
        conditional = fc.derive(fc.tau(R), given=given)
        assert conditional.at(n=30, d=20, lam=0.1, X=data) == pytest.approx(exact, rel=1e-12)
        assert conditional.unknowns == 0


def test_a_target_may_be_deterministic_or_one_by_one_or_a_number() -> None:
    assert fc.derive(fc.tau(S) ** 2).at(d=3, S=2) == 4
    assert fc.derive(lam).at(lam=3) == 3
    w = fc.matrix("w", d, 1)
    law = fc.derive(w.T @ R @ w)
    assert law.at(n=30, d=2, lam=1, S=1, w=[3, 4]) == pytest.approx(25 * marchenko_pastur(2 / 30, 1), rel=1e-13)


def test_problems_and_files_are_derived_and_their_values_replaced() -> None:
    path = PROBLEMS / "ridge.toml"
    for what in (path, str(path), fc.load(path)):
        law = fc.derive(what)
        assert law.at() == law.at(lam="1/10") == law.at(n=300, d=200, sigma=0.5)
        assert law.at(lam=[0.1, 1])["bias"][0] == law.at()["bias"]
    data = {"dims": ["d"], "targets": {"t": "tau(A)"}, "matrices": {"A": {"shape": ["d", "d"]}}}
    assert fc.derive(problem_from_dict(data, None, "a dict")).at(d=2, A=[1, 2]) == 1.5


def test_sympy_expressions_are_derived() -> None:
    rows, cols, ridge = sympy.symbols("n d lam")
    design = sympy.MatrixSymbol("X", rows, cols)
    expression = sympy.Trace((design.T * design + ridge * sympy.Identity(cols)).inv()) / cols
    law = fc.derive(expression, matrices=[X], scalars=[lam, n, d])
    assert law.equations == TRACE.equations
    with pytest.raises(fc.InputError, match=r"unknown scalar 'd'; declare it"):
        fc.derive(expression)


# What a law shows


def test_a_law_in_text_latex_and_python() -> None:
    assert str(PAIR) == repr(PAIR)
    assert str(PAIR).startswith("trace = tau(inv(X.T@X + lam))\n")
    assert PAIR._repr_latex_().startswith("$$\\begin{aligned}")
    assert PAIR._repr_latex_().endswith("\\end{aligned}$$")
    assert PAIR.latex().startswith("\\documentclass")
    assert [line.split(" = ")[0] for line in PAIR.equations[-2:]] == ["trace", "bias"]
    for line in PAIR.equations:
        ast.parse(line)
    assert (PAIR.unknowns, PAIR.pencil_states(), PAIR.pencil_states("trace")) == (2, 4, 2)
    assert all(step.evidence.passed for step in PAIR.derivation.steps)


def test_the_solution_tells_how_it_went() -> None:
    solution = PAIR.solve(**AT)
    assert solution.result is Result.SUCCESS
    assert solution.residual < 1e-12
    assert solution.stability < 1
    assert set(solution.outputs) == set(solution.output_errors) == {"trace", "bias"}


def test_a_failure_is_told_by_solve_and_raised_by_at() -> None:
    solution = SEMICIRCLE.solve(d=10, x=0.5)
    assert solution.result is not Result.SUCCESS
    assert solution.outputs == {}
    with pytest.raises(fc.ComputationError, match=r"^value: the inverse .*; move the spectral parameter .*$"):
        SEMICIRCLE.at(d=10, x=0.5)
    with pytest.raises(fc.ComputationError):
        SEMICIRCLE.at(d=10, x=[3, 0.5])
    assert SEMICIRCLE.at(d=10, x=2.5) == pytest.approx(-0.5, rel=1e-13)


def test_simulation_agrees() -> None:
    estimate = TRACE.simulate(trials=60, seed=1, ensemble="limit", n=60, d=40, lam=0.5, S=fc.power_law(1))["value"]
    exact = TRACE.at(n=60, d=40, lam=0.5, S=fc.power_law(1))
    assert abs(estimate.mean - exact) < 4.5 * estimate.standard_error  # a two-sided normal tail of 7e-6


# Wrong input

BAD_VALUES: dict[str, tuple[dict[str, Any], str]] = {
    "nan": ({"lam": float("nan")}, "at.lam: nan is not a number"),
    "infinite": ({"lam": np.inf}, "at.lam: inf is not a number"),
    "text": ({"lam": "a tenth"}, "at.lam: 'a tenth' is not a number"),
    "nothing": ({"lam": None}, "at.lam: None is not a number"),
    "truth": ({"lam": True}, "at.lam: True is not a number"),
    "negative": ({"lam": -1}, "at.lam: value -1 contradicts lam = 'positive'"),
    "complex": ({"lam": 1j}, "at.lam: complex value 1j for a positive scalar"),
    "too large": ({"lam": 1e300}, "beyond double precision"),
    "one of several": ({"lam": [0.1, "x"]}, "at.lam: 'x' is not a number"),
    "none of several": ({"lam": []}, "at.lam: an empty array"),
    "arrays that do not fit": ({"lam": [1, 2], "n": [1, 2, 3]}, "n (3,)"),
    "zero dimension": ({"n": 0}, "at.n: dimension 0 is not a positive integer"),
    "broken dimension": ({"n": 1.5}, "at.n: dimension 1.5 is not a positive integer"),
    "not square": ({"S": np.ones((2, 3))}, "at.S: an array of shape (2, 3)"),
    "three axes": ({"S": np.ones((2, 2, 2))}, "at.S: an array of shape (2, 2, 2)"),
    "ragged": ({"S": [[1, 2], [3]]}, "at.S: rows of different lengths"),
    "not symmetric": ({"S": np.triu(np.ones((20, 20)))}, "at.S: the numbers are not symmetric"),
    "not psd": ({"S": -1}, "at.S: the numbers are not psd"),
    "nan inside": ({"S": [np.nan] * 20}, "at.S: values that are not finite"),
    "objects": ({"S": [None] * 20}, "at.S: an array that is not numeric"),
    "a table": ({"S": {"identity": 1}}, "at.S: {'identity': 1} is not a number"),
    "short": ({"S": [1] * 19}, "at.S: 19 eigenvalues for dimension d = 20"),
    "heavy": ({"S": fc.eigenvalues([1, 2], [1, 1])}, "at.S: weights that are negative or do not sum to 1"),
    "unknown": ({"sS": 1}, "at: unknown name 'sS'; did you mean 'S'?"),
    "random": ({"X": np.ones((30, 20))}, "at.X: a value for X, which is random; condition on it with derive("),
}


@pytest.mark.parametrize(("values", "message"), BAD_VALUES.values(), ids=BAD_VALUES.keys())
def test_bad_values_are_one_line(values: dict[str, Any], message: str) -> None:
    with pytest.raises(fc.InputError) as caught:
        PAIR.at(**{**AT, **values})
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("missing", AT)
def test_a_missing_value_is_named(missing: str) -> None:
    with pytest.raises(fc.InputError, match=rf"at\.{missing}: no value"):
        PAIR.at(**{name: value for name, value in AT.items() if name != missing})


def test_negative_variances_and_dimensions_are_refused_at_their_values() -> None:
    law = fc.derive(fc.tau(fc.inv(lam + fc.wigner("V", d, variance=x / d) ** 2)))
    with pytest.raises(fc.InputError, match=r"the variance x/d of V is -0\.1 at these values"):
        law.at(d=10, x=-1, lam=1)
    Y = fc.gaussian("Y", n - d, d, variance=1 / n)
    with pytest.raises(fc.InputError, match=r"dimension n - d = -1 is not positive"):
        fc.derive(fc.tau(fc.inv(Y.T @ Y + lam))).at(n=3, d=4, lam=1)
    assert fc.derive(fc.tau(fc.inv(W - x))).at(x=2.5) == pytest.approx(-0.5)  # d cancels and need not be given


BAD_DECLARATIONS: dict[str, tuple[Callable[[], Any], str]] = {
    "negative variance": (lambda: fc.gaussian("Y", n, d, variance=-1 / n), "Y: the negative variance -1/n"),
    "text as variance": (lambda: fc.wigner("Y", d, variance="1/d"), "'1/d' is not a scalar"),
    "matrix as variance": (lambda: fc.wigner("Y", d, variance=S), "S is not a scalar"),
    "number as covariance": (lambda: fc.gaussian("Y", n, d, variance=1, covariance=2), "Y: the covariance 2 is not"),
    "covariance of rows": (lambda: fc.gaussian("Y", d, n, variance=1, covariance=S), "covariance acts on the columns"),
    "indefinite covariance": (lambda: fc.gaussian("Y", n, d, variance=1, covariance=T), "T is not known to be psd"),
    "field": (lambda: fc.wishart("Y", d, n, field="quaternion"), "Y: unknown field 'quaternion'"),
    "fact": (lambda: fc.matrix("A", d, d, "pssd"), "A: unknown fact 'pssd'"),
    "kind": (lambda: fc.scalars("a", "postive"), "a: unknown kind 'postive'"),
    "Greek letter": (lambda: fc.scalars("lambda"), "'lambda' is a word of Python's own; use lam"),
    "a name with a space": (lambda: fc.matrix("my matrix", d), "'my matrix' is not a name"),
    "a name that is none": (lambda: fc.dims(3), "3 is not a string of names"),
    "a function as a name": (lambda: fc.matrix("tau", d), "'tau' is a function of formulas"),
    "no columns": (lambda: fc.matrix("A", d, 0), "A: dimension 0 is not a positive integer"),
    "a rectangle squared": (lambda: X**2, "only square matrices have powers"),
    "a rectangle inverted": (lambda: fc.inv(X), "did you mean inv(A.T @ A + lam)?"),
    "entrywise product": (lambda: S * T, "use @ for the matrix product"),
    "a number added to a rectangle": (lambda: X + 1, "a number can be added to a square matrix only"),
    "a root of randomness": (lambda: fc.sqrt(X), "sqrt of something that is not a psd deterministic matrix"),
    "a trace of a number": (lambda: fc.tau(3), "the trace of 3, which is not a matrix"),
    "a spectrum in words": (lambda: fc.eigenvalues(["one"]), "'one' is not a number"),
    "a power in words": (lambda: fc.power_law("steep"), "'steep' is not a number"),
    "a matrix as a target": (lambda: fc.derive(R), "take tau(...) or Tr(...) of it"),
    "a number as a target": (lambda: fc.derive(3), "value: 3 is not scalar"),
    "no target": (lambda: fc.derive({}), "no targets"),
    "a target without a name": (lambda: fc.derive({1: fc.tau(R)}), "targets: 1 is not a name"),
    "no file": (lambda: fc.derive("tau(R)"), "cannot be read"),
    "no ridge": (lambda: fc.derive(fc.tau(fc.inv(X.T @ X))), "add a ridge: inv(X.T@X + lam)"),
    "two matrices of one name": (lambda: fc.derive(fc.tau(R @ fc.matrix("S", d))), "two different matrices are named"),
    "two matrices of one name in a factor": (
        lambda: fc.derive(fc.tau(fc.tau(fc.matrix("S", n)) * R @ S)),
        "two different matrices are named",
    ),
    "condition on the absent": (lambda: fc.derive(fc.tau(R), given=[Z]), "Z does not occur in the targets; give some"),
    "condition on a constant": (lambda: fc.derive(fc.tau(R), given=[S]), "S is not random"),
    "condition on a string": (lambda: fc.derive(fc.tau(R), given=["X"]), "'X' does not occur"),
    "states of no target": (lambda: PAIR.pencil_states("bais"), "no target 'bais'"),
    "relations of no target": (lambda: PAIR.relations("bais"), "unknown target 'bais'"),
    "draws of nothing": (lambda: PAIR.simulate(trials=0, **AT), "0 trials"),
    "draws of what": (lambda: PAIR.simulate(trials=2, ensemble="GOE", **AT), "unknown ensemble 'GOE'"),
}


@pytest.mark.parametrize(("call", "message"), BAD_DECLARATIONS.values(), ids=BAD_DECLARATIONS.keys())
def test_bad_calls_are_one_line(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(fc.InputError) as caught:
        call()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


# Ten things that nobody thought of, and that mean something


def test_a_ratio_far_from_one() -> None:
    assert MARCHENKO_PASTUR.at(n=10**30, d=1, lam=1) == pytest.approx(0.5, rel=1e-14)
    assert MARCHENKO_PASTUR.at(n=1, d=10**12, lam=1) == pytest.approx(marchenko_pastur(1e12, 1), rel=1e-12)


def test_a_matrix_minus_itself() -> None:
    assert fc.derive(fc.tau(R - R)).at(**{k: v for k, v in AT.items() if k != "T"}) == 0


def test_two_equal_draws_are_one_draw() -> None:
    again = fc.gaussian("X", n, d, variance=1 / n, covariance=S)
    law = fc.derive(fc.tau(R @ (again.T @ again + lam)))
    assert law.at(n=30, d=20, lam=0.1, S=fc.power_law(1)) == pytest.approx(1, rel=1e-12)


def test_an_inverse_of_an_inverse() -> None:
    assert fc.derive(fc.tau(fc.inv(R))).at(n=30, d=20, lam=0.1, S=2) == pytest.approx(2.1, rel=1e-13)


def test_zero_covariance() -> None:
    assert TRACE.at(n=30, d=20, lam=0.5, S=0) == 2


def test_a_scalar_and_an_unknown_of_one_name() -> None:
    (g1,) = fc.scalars("g1", "positive")
    law = fc.derive({"g2": fc.tau(fc.inv(Z.T @ Z + g1))})
    assert law.at(n=3, d=2, g1=0.5) == pytest.approx(marchenko_pastur(2 / 3, 0.5), rel=1e-13)
    assert not any(line.startswith(("g1 =", "g2 = 1")) for line in law.equations)


def test_a_complex_twin_of_a_real_law() -> None:
    V = fc.gaussian("V", n, d, variance=1 / n, field="complex")
    law = fc.derive(fc.tau(fc.inv(V.H @ V + lam)))
    assert law.at(n=3, d=2, lam=0.5) == pytest.approx(marchenko_pastur(2 / 3, 0.5), rel=1e-13)


def test_a_complex_ridge() -> None:
    (z,) = fc.scalars("z", "upper")
    value = fc.derive(fc.tau(fc.inv(W - z))).at(z=0.3 + 0.4j)
    assert value**2 + (0.3 + 0.4j) * value + 1 == pytest.approx(0, abs=1e-14)
    assert value.imag > 0


def test_numpy_numbers_in_expressions() -> None:
    law = fc.derive(fc.tau(fc.inv(np.float64(0.5) * Z.T @ Z + np.int64(2))))
    assert law.at(n=3, d=2) == pytest.approx(2 * marchenko_pastur(2 / 3, 4), rel=1e-13)


def test_a_law_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        PAIR.point = None  # type: ignore[misc]  # the point of the test


# The public list


def test_public_names_are_functions_whatever_was_imported_before() -> None:
    code = (
        "import fpt_calc.scalars.field, fpt_calc.derivation, fpt_calc.api.entry, fpt_calc as fc\n"
        "from fpt_calc import derive, scalars\n"
        "assert fc.scalars is scalars and fc.derive is derive\n"
        "assert all(not isinstance(getattr(fc, name), type(fc)) for name in fc.__all__)\n"
        "assert set(fc.__all__) <= set(dir(fc))\n"
        "exec('from fpt_calc import *'); print(scalars('lam'))"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "(lam,)\n"


def test_importing_one_module_does_not_import_all() -> None:
    code = "import sys, fpt_calc.errors; print(sorted(m for m in sys.modules if m.startswith('fpt_calc')))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "['fpt_calc', 'fpt_calc.errors']\n"


def test_an_unknown_public_name() -> None:
    with pytest.raises(AttributeError, match="module 'fpt_calc' has no attribute 'dervie'"):
        fc.dervie  # noqa: B018  # the attribute access is the test


def test_no_equation_is_printed_that_nothing_refers_to() -> None:
    law = fc.derive(str(Path(__file__).parent / "problems" / "ridge.toml"))
    for line in law.equations:
        name = line.split(" = ")[0]
        if name not in law.derived.targets:
            assert any(re.search(rf"\b{name}\b", other) for other in law.equations if other != line), line
