"""Problem files: what they mean, and that every part of one prints as text that parses back."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fpt_calc
from fpt_calc.ensembles import Gaussian, Wigner
from fpt_calc.expr import (
    Expr,
    Inverse,
    PrimeModel,
    Tr,
    evaluate,
    tau,
    try_models,
)
from fpt_calc.point import Dense, Eigenvalues, Multiple, PowerLaw
from fpt_calc.problem import (
    Problem,
    Value,
    exact_decimal,
    load_problem,
    names_of,
    parse_formula,
    problem_from_dict,
    read_number,
)
from fpt_calc.scalars import (
    IMAGINARY_UNIT,
    generator_scalar,
)

PROBLEMS = sorted((Path(__file__).parent / "problems").glob("*.toml"))


def residues(value: Value, model: PrimeModel) -> object:
    return evaluate(value, model).value if isinstance(value, Expr) else model.scalar(value)


@pytest.mark.parametrize("path", PROBLEMS, ids=[path.stem for path in PROBLEMS])
def test_every_part_of_a_problem_parses_back(path: Path) -> None:
    problem = load_problem(path)
    assert problem.source == path.name
    assert problem.point is not None
    for value in (*problem.targets.values(), *problem.definitions.values(), *problem.ratios.values()):
        back = parse_formula(str(value), names_of(problem), "again")
        assert isinstance(back, Expr) == isinstance(value, Expr)
        if back != value:  # what differs by nesting only has the same value in every model
            assert try_models(partial(same_residues, value, back))


def same_residues(a: Value, b: Value, model: PrimeModel) -> bool:
    return residues(a, model) == residues(b, model)


def problem(name: str) -> Problem:
    return load_problem(Path(__file__).parent / "problems" / f"{name}.toml")


def test_ridge() -> None:
    ridge = problem("ridge")
    design, theta, test = (ridge.atoms[name] for name in ("X", "Theta", "Test"))
    sizes, lam = (generator_scalar(ridge.dims[k]) for k in "nd"), generator_scalar(ridge.scalars["lam"])
    rows, cols = sizes
    resolvent = Inverse(design.T @ design + lam)
    assert ridge.title == "Ridge regression: bias, variance, test error under covariate shift"
    assert design.law == Gaussian(1 / rows, "real", None, ridge.atoms["Sigma"])
    assert design.shape == (rows, cols)
    assert "symmetric" in ridge.atoms["Sigma"].facts
    assert ridge.definitions == {"R": resolvent}
    assert ridge.targets["bias"] == lam**2 * Tr(theta @ resolvent @ test @ resolvent)
    assert list(ridge.targets) == ["bias", "variance"]
    assert ridge.point is not None
    assert ridge.point.dims == {"n": 300, "d": 200}
    assert ridge.point.scalars == {"lam": Fraction(1, 10), "sigma": Fraction(1, 2)}
    assert ridge.point.matrices["Sigma"] == PowerLaw(Fraction(3, 2))
    assert ridge.point.matrices["Test"] == Multiple(1)


def test_two_groups() -> None:
    groups = problem("two_groups")
    share = 1 - generator_scalar(groups.scalars["p2"])
    assert groups.definitions["p1"] == share
    assert groups.atoms["X1"].rows == share * generator_scalar(groups.dims["n"])
    assert groups.targets["gap"] == (groups.targets["bias1"] - groups.targets["bias2"]) / groups.ratios["phi"]
    assert groups.point is not None
    assert groups.point.matrices["S1"] == Eigenvalues((2, Fraction(1, 2)))
    assert isinstance(dense := groups.point.matrices["S2"], Dense)
    assert dense.array.tolist() == [[1, 0.5], [0.5, 1]]


def test_commutator_is_complex() -> None:
    commutator = problem("commutator")
    a, b = commutator.atoms["A"], commutator.atoms["B"]
    assert a.law == Wigner(1 / a.rows, "complex")
    assert commutator.definitions["C"] == IMAGINARY_UNIT * (a @ b - b @ a)


def test_random_features_resolves_in_any_order() -> None:
    features = problem("random_features")
    z_law = features.atoms["Z"].law
    assert isinstance(z_law, Gaussian)
    assert z_law.covariance == features.definitions["Half"]
    assert z_law.row_covariance == features.atoms["Row"]
    assert features.commute == (("Sigma", "Test"),)
    product = features.definitions["P"]
    w0, test = features.atoms["w0"], features.atoms["Test"]
    assert isinstance(product, Expr)
    assert features.targets["fit"] == tau(w0.T @ product @ test @ product @ w0)


def test_wishart_stands_for_its_expression() -> None:
    wishart = problem("wishart")
    factor = wishart.atoms["V_factor"]
    assert wishart.definitions == {"V": factor.H @ factor}
    assert factor.law == Gaussian(1 / generator_scalar(wishart.dims["n"]), "real", None, wishart.atoms["Sigma"])
    assert wishart.point is not None
    assert wishart.point.scalars["z"] == 0.5 + 0.1j
    assert wishart.point.matrices["Sigma"] == Eigenvalues((1, 3), (Fraction(3, 4), Fraction(1, 4)))


@pytest.mark.parametrize(
    ("declaration", "data", "entries"),
    [
        ({}, {"identity": 1}, "real"),
        ({}, {"identity": "1j"}, "complex"),
        ({"hermitian": True}, {"identity": 1}, "complex"),
        ({"hermitian": True, "field": "real"}, {"identity": 1}, "real"),
        ({"field": "complex"}, {"identity": 1}, "complex"),
        ({"psd": True}, {"matrix": [[1, "1j"], ["-1j", 1]]}, "complex"),
        ({"psd": True}, {"matrix": [[1, "0j"], [0, 1]]}, "real"),
        ({}, {"eigenvalues": [1, {"re": 0, "im": "1/2"}]}, "complex"),
        ({"symmetric": False}, {"eigenvalues": [1, 2]}, "real"),
    ],
)
def test_field_of_deterministic_matrices(declaration: dict[str, Any], data: dict[str, Any], entries: str) -> None:
    tables = {
        "dims": ["d"],
        "matrices": {"M": {"shape": ["d", "d"], **declaration}},
        "targets": {"t": "tau(M)"},
        "at": {"d": 2, "M": data},
    }
    assert problem_from_dict(tables, None, "p.toml").atoms["M"].entries == entries


def test_arrays_are_read_beside_the_file(tmp_path: Path) -> None:
    array = np.array([[2, 1], [1, 2]], dtype=np.int32)
    np.save(tmp_path / "theta.npy", array)
    text = (Path(__file__).parent / "problems" / "ridge.toml").read_text()
    text = text.replace("d = 200", "d = 2").replace("{ power_law = 0.5 }", '{ matrix = "theta.npy" }')
    (tmp_path / "p.toml").write_text(text)
    point = load_problem(tmp_path / "p.toml").point
    assert point is not None
    assert isinstance(data := point.matrices["Theta"], Dense)
    assert np.array_equal(data.array, array)


def test_a_target_may_ask_for_a_definition_by_its_name() -> None:
    tables = {"let": {"a": "2 + 3"}, "targets": {"a": "a", "b": "a/2"}}
    assert problem_from_dict(tables, None, "p.toml").targets == {"a": 5, "b": Fraction(5, 2)}


def test_numbers() -> None:
    assert exact_decimal("0.1") == Fraction(1, 10)
    assert read_number(0.1) == read_number("0.1") == read_number("1/10") == Fraction(1, 10)
    assert read_number("1e-3") == Fraction(1, 1000)
    assert read_number("-1j") == -1j
    assert read_number({"re": "1/2", "im": 0}) == Fraction(1, 2)


def test_import_is_light() -> None:
    # a bare package stands for fpt_calc, whose own __init__ may import the floors above this one
    code = f"""
import sys, types
package = sys.modules["fpt_calc"] = types.ModuleType("fpt_calc")
package.__path__ = [{str(Path(fpt_calc.__file__).parent)!r}]
import fpt_calc.problem
print([name for name in ("numpy", "sympy", "mpmath") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_one_by_one_matrix_beside_a_random_trace_is_its_entry() -> None:
    data = {
        "dims": ["n", "d"],
        "matrices": {
            "X": {"shape": ["n", "d"], "law": "gaussian", "variance": "1/n"},
            "e": {"shape": ["n", 1], "law": "gaussian", "variance": 1},
        },
        "targets": {"gap": "Tr(X @ X.T) - e.T @ X @ X.T @ e", "same": "Tr(X @ X.T) - tau(e.T @ X @ X.T @ e)"},
    }
    targets = problem_from_dict(data, None, "p").targets
    assert targets["gap"] == targets["same"]
