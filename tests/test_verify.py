"""The checker of certificates: what is derived passes, and a certificate with any false statement is refused."""

from __future__ import annotations

import ast
import copy
import json
import random
import re
import runpy
import sys
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import fpt_calc as fc
from fpt_calc.derivation import LimitLaw, derive_law
from fpt_calc.errors import ComputationError, FptError, InputError
from fpt_calc.export import certificate
from fpt_calc.point import Dense, Point
from fpt_calc.problem import problem_from_dict
from fpt_calc.verify import Report, verify
from fpt_calc.verify.model import PRIME, Dimensions, random_model, random_scalars, random_square
from tests.commands import is_law_file, run
from tests.mutations import ABSENT, Mutant, mutants

exporter = import_module("fpt_calc.export.certificate")  # the package has a function of this name
ROOT = Path(__file__).parents[1]
FILES = [
    *(f for f in sorted((ROOT / "derivations").glob("*.py")) if is_law_file(f)),
    *sorted((ROOT / "tests" / "problems").glob("*.toml")),
]
ENOUGH = 60  # mutants of each certificate by default; all of them with `-m slow`

n, d, m = fc.dims("n d m")
(lam,), (z,) = fc.scalars("lam", "positive"), fc.scalars("z", "complex")
S, T = fc.matrix("S", d, d, "psd"), fc.matrix("T", d, d, "psd")
A, C = fc.matrix("A", m, d), fc.matrix("C", d, d, "psd", field="complex")
Z = fc.gaussian("Z", n, d, variance=1 / n)
Y = fc.gaussian("Y", n, d, variance=1 / n, field="complex", covariance=C)
G = fc.gaussian("G", d, d, variance=1 / d)
H = fc.gaussian("H", d, d, variance=1 / d, field="complex")
W = fc.wigner("W", d, variance=1 / d, field="complex")
X = Z @ fc.sqrt(S)
R = fc.inv(X.T @ X + lam)
SPECTRA: dict[str, Any] = {"n": 30, "d": 20, "lam": "1/2", "S": fc.power_law(1), "T": fc.power_law("1/2")}

# what the files do not have: absorbed letters, complex Gaussian matrices, letters beside their transposes,
# no normality, commuting groups, square roots, several traces in a target, nothing random
CASES: Mapping[str, tuple[Callable[[], Any], Mapping[str, Any]]] = {
    "absorbed": (lambda: fc.derive(fc.tau(R @ T @ R @ S)), SPECTRA),
    "rectangular": (lambda: fc.derive(fc.tau(fc.inv(A @ Z.T @ Z @ A.T + lam))), {}),
    "complex": (
        lambda: fc.derive(fc.tau(fc.inv(Y.T @ fc.conj(Y) + lam) @ T)),
        {"n": 30, "d": 20, "lam": 1, "C": fc.power_law(1), "T": fc.power_law(2)},
    ),
    "real sum": (lambda: fc.derive(fc.tau(fc.inv(1 + (G + G.T) @ (G + G.T)))), {"d": 20}),
    "complex sum": (lambda: fc.derive(fc.tau(fc.inv(1 + (H + H.H) @ (H + H.T)))), {"d": 20}),
    "unitary": (lambda: fc.derive(fc.tau(fc.inv(1 + (W + W.T) @ (W + W.T)))), {"d": 20}),
    "not normal": (lambda: fc.derive(fc.tau(fc.inv(z - G))), {"d": 20, "z": 3}),
    "shifted": (lambda: fc.derive(fc.tau(fc.inv(lam + (1 - H) @ (1 - H.H)))), {"d": 20, "lam": 1}),
    "commuting": (
        lambda: fc.derive(fc.tau(R @ T @ R @ S), commute=[[S, T]]),
        SPECTRA,
    ),
    "zero": (lambda: fc.derive({"a": fc.tau(R @ T), "b": fc.tau(R @ S @ T - R @ T @ S)}, commute=[[S, T]]), SPECTRA),
    "functions of traces": (
        lambda: fc.derive({"a": fc.tau(R) ** 2 + fc.tau(R @ S) / fc.tau(S), "b": fc.sqrt(lam) * fc.tau(R)}),
        {k: v for k, v in SPECTRA.items() if k != "T"},
    ),
    "conjugate": (lambda: fc.derive(fc.tau(fc.inv(z - W) @ fc.inv(fc.conj(z) - W))), {"d": 20, "z": 3 + 1j}),
    "moments": (lambda: fc.derive(fc.tau(X.T @ X @ X.T @ X)), {"n": 30, "d": 20, "S": fc.power_law(1)}),
    "deterministic": (lambda: fc.derive(fc.tau(S @ T)), {"d": 4, "S": fc.power_law(1), "T": fc.power_law(2)}),
}


@cache
def law_of(file: Path) -> tuple[LimitLaw, Point | None]:
    if file.suffix == ".py":
        entry = runpy.run_path(str(file))["ENTRY"]
        return derive_law(entry.targets), entry.point
    problem = fc.load(file)
    return derive_law(problem.targets, commute=problem.commute), problem.point


@cache
def text_of(name: str) -> str:
    """The certificate of a file or of a case."""
    if name in CASES:
        law, values = CASES[name]
        text: str = law().certificate(20, **values)
        return text
    return json.dumps(certificate(*law_of(next(f for f in FILES if f.name == name))))


def data_of(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(text_of(name))
    return data


def refused(data: dict[str, Any]) -> str:
    """Why a certificate is not accepted; empty if it is."""
    try:
        report = verify(json.dumps(data))
    except InputError as error:
        return f"bad input: {error}"
    return "; ".join(f.text for f in report.findings if f.status == "REFUSED")


# what is derived passes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.name)
def test_the_certificate_of_a_file_passes(file: Path) -> None:
    law, point = law_of(file)
    data = data_of(file.name)
    assert verify(text_of(file.name)).accepted
    assert ("closed_form" in data) == (law.closed_form is not None)
    dense = point is None or any(isinstance(value, Dense) for value in point.matrices.values())
    assert ("balls" in data) != dense


@pytest.mark.parametrize("case", CASES)
def test_the_certificate_of_a_case_passes(case: str) -> None:
    report = verify(text_of(case))
    assert report.accepted
    assert ("point" in data_of(case)) == bool(CASES[case][1])


def test_the_exporter_leaves_out_what_the_checker_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    law, point = law_of(ROOT / "derivations" / "marchenko_pastur.py")
    good = data_of("marchenko_pastur.py")
    wrong = {"closed_form": {**good["closed_form"], "targets": {"m": "2*m"}}}
    monkeypatch.setattr(exporter, "_closed_form", lambda task: wrong)
    data = certificate(law, point)
    assert "the formula is not the value" in data["omitted"]["closed_form"] and "balls" in data
    unread = {"closed_form": {**good["closed_form"], "targets": {"m": "+".join(["m"] * 10_000)}}}
    monkeypatch.setattr(exporter, "_closed_form", lambda task: unread)
    data = certificate(law, point)
    assert "closed_form" in data["omitted"] and "balls" in data


def test_a_derivation_that_the_checker_refuses_is_not_exported(monkeypatch: pytest.MonkeyPatch) -> None:
    law, point = law_of(ROOT / "derivations" / "marchenko_pastur.py")
    full = exporter._Writer._self_energy
    monkeypatch.setattr(exporter._Writer, "_self_energy", lambda writer: full(writer)[1:])
    with pytest.raises(ComputationError, match="the checker"):
        certificate(law, point)


def test_new_letters_are_in_the_certificates() -> None:
    assert data_of("absorbed")["letters"] == {"L1": {"letter": "Z", "right": "sqrt(S)"}}
    assert data_of("rectangular")["letters"]["L1"]["right"] == "A.T"


@pytest.mark.parametrize(
    "case", ["absorbed", "complex", "not normal", "conjugate", "semicircle.py", "ridge_variance.py"]
)
def test_balls_contain_what_the_engine_finds_and_the_bound_its_stability(case: str) -> None:
    balls = data_of(case)["balls"]["targets"]
    if case in CASES:
        solution = CASES[case][0]().solve(**CASES[case][1])
    else:
        law, point = law_of(next(f for f in FILES if f.name == case))
        solution = fc.Law(law, point).solve()
    for name, ball in balls.items():
        centre = ball["centre"]
        parts = (centre["re"], centre["im"]) if isinstance(centre, dict) else (centre, "0")
        value = complex(*(float(Fraction(x)) for x in parts))
        assert abs(value - solution.outputs[name]) <= 1e3 * solution.output_errors[name] + 1e-14 * abs(value)
    line = next(f.text for f in verify(text_of(case)).findings if "covariance map" in f.text)
    bound = float(line.rpartition("< ")[2])
    assert solution.stability - 1e-4 <= bound < 1  # printed with four digits


# a changed certificate is refused -----------------------------------------------------------------------------------


def is_harmless(mutant: Mutant, data: dict[str, Any]) -> bool:
    """Whether the changed certificate states something that is true as well.

    - It states less: the closed form is left out, or a formula for an unknown that the others determine, or a remark.
    - A ball is wider; zero has another sign or factor.
    - A relation is multiplied by a number, and has the same zeros.
    - Something symmetric is transposed, or an operation gives the same letter; or the trace of a transpose is taken.
    - A scalar is of another kind: the law is rational, and says the same about other values.
    - Another fact, field or variance, where the engine derives the same law.
    - A Gaussian letter has another sign, and the target is even in it.
    - No matrices commute, and there is no closed form, which is where it matters, or one that holds without it.
    - A dimension of the point, where the law does not depend on it; shares of eigenvalues stated once instead of twice.
    """
    path, old, new = mutant.path, mutant.old, mutant.new
    if path[0] == "omitted" or (
        new is ABSENT and (path == ("closed_form",) or path[:2] == ("closed_form", "unknowns"))
    ):
        return True
    if new in ("-0", "-(0)", "2*(0)"):
        return True
    if path[-1] == "radius":
        return Fraction(new) > Fraction(old)
    if path[:2] == ("closed_form", "relations") and new in (f"-({old})", f"2*({old})"):
        return True
    if path[:2] == ("problem", "scalars"):
        return True
    if path[0] == "letters":
        return bool(new == f"-({old})")
    if path[-1] in ("field", "variance") or "facts" in path:
        return same_law(data["problem"], mutant.data["problem"])
    if path[:2] == ("pencil", "random") and path[-1] == 4:
        if len(data["pencil"]["states"]) == 1 and "weight" not in data["pencil"]["traces"]["h1"]:
            return True
        return same_letter(data["problem"], data["pencil"]["random"][path[2]][3], old, new)
    if path[:2] == ("problem", "commute"):
        return "closed_form" not in data or holds_without_commuting(data)
    if path[:2] == ("point", "dims"):
        return len(data["problem"]["dims"]) == 1
    if path[:2] == ("point", "matrices"):
        weights = [table.get("weights") for table in data["point"]["matrices"].values()]
        return new is ABSENT and path[-1] == "weights" and weights.count(old) > 1
    return isinstance(old, str) and isinstance(new, str) and transposed_only(data, old, new)


def holds_without_commuting(data: dict[str, Any]) -> bool:
    plain = copy.deepcopy({k: v for k, v in data["problem"].items() if k != "commute"})
    for table in plain["matrices"].values():
        table.update({fact: True for fact in table.pop("facts", ())})
    law = fc.derive(problem_from_dict(plain, None, "problem"))
    return all(
        law.compare(text, name).verdict.value == "equal" for name, text in data["closed_form"]["targets"].items()
    )


def same_law(one: dict[str, Any], other: dict[str, Any]) -> bool:
    laws = []
    for tables in (one, other):
        plain = copy.deepcopy(tables)
        for table in plain["matrices"].values():
            table.update({fact: True for fact in table.pop("facts", ())})
        try:
            law = derive_law(problem_from_dict(plain, None, "problem").targets)
        except FptError:
            return False
        laws.append((law.lines(), {name: str(value) for name, value in law.system.outputs.items()}))
    return laws[0] == laws[1]


def same_letter(problem: dict[str, Any], letter: str, old: str, new: str) -> bool:
    table = problem["matrices"].get(letter, {"law": "gaussian", "field": "real"})
    if table["field"] == "real":
        return table["law"] == "wigner" or {old, new} in ({"", "conj"}, {"T", "H"})
    return table["law"] == "wigner" and {old, new} in ({"", "H"}, {"T", "conj"})


def transposed_only(data: dict[str, Any], old: str, new: str) -> bool:
    matrices = data["problem"]["matrices"]

    def is_symmetric(name: str) -> bool:
        table = matrices.get(name, {"field": "real", "facts": ["symmetric"]})  # a named sum of symmetric matrices
        return table["field"] == "real" and bool(table.get("facts") or table.get("law") == "wigner")

    def plain(text: str) -> str:
        # traces of transposes: of one matrix, of one beside a symmetric one
        text = re.sub(r"tau\((T@)?inv\((\w+)\.T \+ kappa\)\)", r"tau(\1inv(\2 + kappa))", text)
        text = text.replace("tau(inv(z - G.T))", "tau(inv(z - G))")
        text = re.sub(r"Tr\(w0\.T@", "tau(w0.T@", text)  # of a 1 x 1 matrix
        return re.sub(r"([A-Za-z_]\w*)\.T", lambda x: x[1] if is_symmetric(x[1]) else x[0], text)

    return plain(old) == plain(new)


MUTATED = ["semicircle.py", "marchenko_pastur.py", "ridge_bias.py", "commutator.toml", "wishart.toml", "two_groups.py"]
MUTATED += [
    "random_features.toml",
    "absorbed",
    "commuting",
    "complex",
    "complex sum",
    "not normal",
    "conjugate",
    "functions of traces",
]


def check_mutants(name: str, chosen: list[Mutant]) -> None:
    data = data_of(name)
    for mutant in chosen:
        if not refused(mutant.data):
            assert is_harmless(mutant, data), f"accepted: {mutant}"


@pytest.mark.parametrize("name", MUTATED)
def test_changed_certificates_are_refused(name: str) -> None:
    found = list(mutants(data_of(name)))
    check_mutants(name, random.Random(name).sample(found, min(ENOUGH, len(found))))


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTATED)
def test_all_changed_certificates_are_refused(name: str) -> None:
    check_mutants(name, list(mutants(data_of(name))))


def changed(name: str, *path: Any, to: Any) -> dict[str, Any]:
    data = data_of(name)
    node = data
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = to
    return data


def test_the_spurious_solution_of_a_matrix_that_is_not_normal_is_refused() -> None:
    """1/z solves the Dyson equation of tau(inv(z - G)) for all z, and is the limit only for |z| > 1."""
    data = changed("not normal", "point", "scalars", "z", to="1/2")
    for table in data["balls"].values():
        for ball in table.values():
            ball["centre"] = "2" if Fraction(ball["centre"]) > 0 else "-2"
    assert "not the physical solution" in refused(data)


def semicircle_at(centre: Any, radius: str, point: Any) -> dict[str, Any]:
    data = changed("semicircle.py", "point", "scalars", "z", to=point)
    for table in data["balls"].values():
        for ball in table.values():
            ball |= {"centre": centre, "radius": radius}
    return data


def test_the_other_root_and_points_inside_the_spectrum_are_refused() -> None:
    """m**2 + m*z + 1 at z = 3j/2 has the roots 1j/2, the limit, and -2j; at z = 1 both have modulus one."""
    upper = {"re": "0", "im": "3/2"}
    assert not refused(semicircle_at({"re": "0", "im": "1/2"}, "1e-20", upper))
    assert "not the physical solution" in refused(semicircle_at({"re": "0", "im": "-2"}, "1e-20", upper))
    assert "does not contain" in refused(semicircle_at({"re": "0", "im": "51/100"}, "1e-4", upper))
    inside = semicircle_at({"re": "-1/2", "im": "0.86602540378443864676"}, "1e-18", "1")
    inside["problem"]["scalars"]["z"] = "real"
    assert "not the physical solution" in refused(inside)


def test_a_self_energy_without_the_pairs_of_transposes_is_refused() -> None:
    """Consistent equations, but those of the other field: real Z and Z.T pair, complex ones do not."""
    for case, letter, other in (("real sum", "G", "complex"), ("complex sum", "H", "real"), ("unitary", "W", "real")):
        data = changed(case, "problem", "matrices", letter, "field", to=other)
        del data["point"], data["balls"]
        data.pop("closed_form", None)
        assert "E[H G H]" in refused(data)


def test_a_ball_smaller_than_any_precision_is_refused() -> None:
    data = changed("marchenko_pastur.py", "balls", "targets", "m", "radius", to="1e-999")
    assert "the ball does not contain" in refused(data)


def test_letters_made_of_one_matrix_are_not_independent() -> None:
    data = data_of("absorbed")
    data["letters"]["L2"] = dict(data["letters"]["L1"])
    data["pencil"]["random"][0][3] = "L2"
    assert "not independent" in refused(data)


def test_letters_have_the_covariance_that_their_definition_implies() -> None:
    for sides in ({"left": "sqrt(S)"}, {"right": "S"}, {"right": "sqrt(T)"}, {}):
        assert refused(changed("absorbed", "letters", "L1", to={"letter": "Z", **sides}))


def test_a_real_letter_with_complex_neighbours_is_refused() -> None:
    data = data_of("absorbed")
    data["problem"]["matrices"]["S"]["field"] = "complex"
    assert "a real letter with complex neighbours" in refused(data)


def test_covariances_have_to_be_psd() -> None:
    for covariance, psd in (("Sigma", True), ("Sigma@Sigma", True), ("2*Sigma + 1", True), ("-Sigma", False)):
        data = data_of("ridge_bias.py")
        data["problem"]["matrices"]["X"]["covariance"] = covariance
        assert ("not known to be psd" in refused(data)) != psd
    data = data_of("ridge_bias.py")
    data["problem"]["matrices"]["Sigma"]["facts"] = ["symmetric"]
    assert "not known to be psd" in refused(data)


# models -------------------------------------------------------------------------------------------------------------


def test_weights_give_every_dimension_its_value() -> None:
    draw = random.Random(3)
    dimensions = Dimensions(("n", "d", "p"), draw)
    texts = ("n", "d", "(1 - p)*n", "1")
    keys = [dimensions.key(ast.parse(t, mode="eval").body, new=True) for t in texts]
    assert [dimensions.is_fixed(k) for k in keys] == [False, False, False, True]
    made = random_model(dimensions, frozenset(), {}, draw, 2)
    model = made.at(random_scalars(dict.fromkeys("ndp", "real"), draw), [random_square(draw) for _ in range(2)])
    for key in keys:
        assert sum(int(w) * s for w, s in zip(model.weights, model.sizes[key], strict=True)) % PRIME == int(
            model.lengths[key]
        )
    n_, p_ = model.scalars["n"][0], model.scalars["p"][0]
    assert model.lengths[keys[2]] == (1 - p_) * n_ and model.lengths[keys[3]] == 1


# input that is no certificate ---------------------------------------------------------------------------------------


def with_target(text: str) -> str:
    return json.dumps(changed("marchenko_pastur.py", "problem", "targets", "m", to=text))


def with_radius(text: str) -> str:
    return json.dumps(changed("marchenko_pastur.py", "balls", "targets", "m", "radius", to=text))


HOSTILE: Mapping[str, Callable[[], str]] = {
    "not JSON": lambda: "{",
    "nothing": lambda: "{}",
    "deep nesting": lambda: '{"format":' + "[" * 100_000,
    "two keys": lambda: '{"format": "fpt-calc certificate", "format": "fpt-calc certificate"}',
    "NaN": lambda: '{"format": NaN}',
    "a float": lambda: '{"format": 1.5}',
    "a long integer": lambda: '{"format": ' + "9" * 5000 + "}",
    "too long": lambda: "{" + " " * 5_000_000,
    "code": lambda: with_target("__import__('os').system('true')"),
    "attributes": lambda: with_target("X.__class__"),
    "a lambda": lambda: with_target("(lambda: 1)()"),
    "a comprehension": lambda: with_target("[x for x in X]"),
    "a huge power": lambda: with_target("10**10**10"),
    "powers of powers": lambda: with_target("((((lam**64)**64)**64)**64)**1000"),
    "a huge integer": lambda: with_target("9" * 4000),
    "brackets": lambda: with_target("(" * 5000 + "lam" + ")" * 5000),
    "minus signs": lambda: with_target("-" * 20_000 + "lam"),
    "a long sum": lambda: with_target("+".join(["lam"] * 40_000)),
    "a chain": lambda: with_target("+".join(["lam"] * 10_000)),
    "a chain in a shape": lambda: json.dumps(changed("semicircle.py", "pencil", "states", 0, to="+".join("d" * 9999))),
    "powers in a shape": lambda: json.dumps(changed("semicircle.py", "pencil", "states", 0, to="((d**64)**64)**64")),
    "no ASCII": lambda: with_target("λ"),
    "a comment": lambda: with_target("tau(inv(X.T@X + lam)) # true"),
    "NaN as text": lambda: with_radius("nan"),
    "infinity": lambda: with_radius("inf"),
    "a huge exponent": lambda: with_radius("1e999999999"),
    "division by zero": lambda: with_radius("1/0"),
    "negative": lambda: with_radius("-1"),
    "a huge dimension": lambda: json.dumps(changed("ridge_variance.py", "point", "dims", "d", to=10**10)),
    "a huge state": lambda: json.dumps(changed("semicircle.py", "pencil", "states", to=["d"] * 10**5)),
    "true as a state": lambda: json.dumps(changed("semicircle.py", "pencil", "random", 0, 0, to=False)),
    "a list as a table": lambda: json.dumps(changed("semicircle.py", "problem", to=[])),
    "a number as a formula": lambda: json.dumps(changed("semicircle.py", "pencil", "states", to=[1])),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_bad_input(text: Callable[[], str]) -> None:
    with pytest.raises(InputError) as info:
        verify(text())
    assert "\n" not in str(info.value) and len(str(info.value)) < 500


def test_every_missing_and_every_unknown_key_is_refused() -> None:
    data = data_of("wishart.toml")
    for mutant in mutants(data):
        if isinstance(mutant.old, dict) and isinstance(mutant.new, dict):  # one key renamed
            assert refused(mutant.data), str(mutant)


# command line and layers --------------------------------------------------------------------------------------------


def test_the_command_line_writes_and_checks_certificates(tmp_path: Path) -> None:
    target = tmp_path / "ridge.json"
    problem = ROOT / "tests" / "problems" / "wishart.toml"
    assert run("derive", str(problem), "--certificate", str(target)).exit_code == 0
    good = run("verify", str(target))
    assert good.exit_code == 0
    assert {line.partition(":")[0] for line in good.output.splitlines()} == {"stated", "checked", "cited"}
    data = json.loads(target.read_text())
    data["reduction"]["self_energy"][0][2] = "d/n"
    target.write_text(json.dumps(data))
    bad = run("verify", str(target), "--json")
    assert bad.exit_code == 1 and json.loads(bad.output)["accepted"] is False
    target.write_text("[]")
    assert run("verify", str(target)).exit_code == 2
    assert run("verify", str(tmp_path / "missing.json")).exit_code == 2


def test_a_report_says_what_was_checked_cited_and_left_out() -> None:
    report: Report = verify(text_of("ridge_bias.py"))
    statuses = [f.status for f in report.findings]
    assert statuses.count("checked") == 3 and statuses.count("cited") == 1
    text = str(report)
    assert "absent: balls: not certified because the point has dense matrices" in text
    assert "defined: the solution meant is the continuation from zero variance: defined, not checked" in text
    assert "wrong with probability below" in text


def test_the_checker_imports_nothing_of_the_program_but_its_errors() -> None:
    allowed = {"fpt_calc.errors", "flint", "flint.utils.flint_exceptions"} | set(sys.stdlib_module_names)
    for file in (ROOT / "fpt_calc" / "verify").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                own = name.startswith("fpt_calc.verify")
                assert own or name in allowed or name.partition(".")[0] in sys.stdlib_module_names, (file.name, name)
            assert not (isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("eval", "exec", "__import__"))
