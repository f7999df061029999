"""Theorems: only from checked steps, the status that of the worst, and JSON that is derived anew on import."""

from __future__ import annotations

import copy
import json
import re
import runpy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import fpt_calc as fc
from fpt_calc.closed_form import holds_on_variety, matrix_form_is_correct
from fpt_calc.derivation import LimitLaw, derive_law
from fpt_calc.errors import ComputationError, InputError
from fpt_calc.export import read_theorem, theorem_json
from fpt_calc.expr import Atom, flatten
from fpt_calc.logic import (
    Citation,
    Condition,
    Derivation,
    Evidence,
    Statement,
    Status,
    Step,
    Theorem,
    checked_step,
    gap,
    theorem,
)
from fpt_calc.scalars import Scalar, dimension, generator_scalar, scalar
from fpt_calc.system import Unknown
from tests.commands import is_law_file

ROOT = Path(__file__).parents[1]
FILES = [
    *(f for f in sorted((ROOT / "derivations").glob("*.py")) if is_law_file(f)),
    *sorted((ROOT / "tests" / "problems").glob("*.toml")),
]
IDS = [f.name for f in FILES]
QUICK = [f for f in FILES if f.name not in ("projected_two_groups.py", "random_features.toml")]


@cache
def law_of(file: Path) -> LimitLaw:
    return derive_law(runpy.run_path(str(file))["ENTRY"].targets if file.suffix == ".py" else fc.load(file).targets)


@cache
def exported(name: str) -> str:
    return theorem_json(law_of(next(f for f in FILES if f.name == name)).theorem)


# the laws of theorems -----------------------------------------------------------------------------------------------


def passing(before: str, after: str, status: Status, *rests_on: Citation | Theorem) -> Step:
    return checked_step("rule", before, after, "why", status, Evidence("a test", True), rests_on)


ONE_IS_ONE = Statement({"t": scalar(1)}, {"t": scalar(1)})


def test_the_status_is_that_of_the_worst_step() -> None:
    for statuses in ([Status.EXACT], [Status.EXACT, Status.NUMERICAL, Status.ASYMPTOTIC], [Status.ASYMPTOTIC] * 2):
        steps = tuple(passing("t = 1", "t = 1", s) for s in statuses)
        assert theorem(ONE_IS_ONE, (), Derivation(steps)).status == max(statuses)


def test_what_rests_on_a_citation_is_no_better_than_cited() -> None:
    step = passing("t = 1", "t = 1", Status.EXACT, Citation("a lemma", "a book"))
    assert step.own_status is Status.EXACT
    assert theorem(ONE_IS_ONE, (), Derivation((step,))).status is Status.ASYMPTOTIC


def test_gaps_and_ancestors_are_inherited() -> None:
    cited = passing("t = 1", "t = 1", Status.EXACT, Citation("a lemma", "a book"))
    hole = gap("leap", "t = 1", "t = 1", "it seems so")
    first = theorem(ONE_IS_ONE, (), Derivation((cited, hole)))
    second = theorem(ONE_IS_ONE, (), Derivation((passing("t = 1", "t = 1", Status.EXACT, first),)))
    assert second.status is Status.GAP and second.gaps == (hole,)
    assert second.ancestors == (first, Citation("a lemma", "a book"))
    assert "Gaps: leap: it seems so" in str(second)


def test_a_checker_that_did_not_pass_makes_no_step() -> None:
    with pytest.raises(ComputationError, match="the check of the step 'rule' failed"):
        checked_step("rule", "a", "b", "why", Status.EXACT, Evidence("a test", False))


def test_forged_steps_and_theorems_are_refused() -> None:
    good = law_of(FILES[0]).theorem
    step = good.derivation.steps[0]
    forgeries: list[Callable[[], object]] = [
        lambda: Step("rule", "a", "b", "why", Status.EXACT, Evidence("invented", True)),
        lambda: Step("rule", "a", "b", "why", Status.EXACT, Evidence("invented", True), (), object()),
        lambda: replace(step, after="something better"),
        lambda: replace(step, own_status=Status.EXACT),
        lambda: Theorem(good.statement, (), good.derivation),
        lambda: replace(good, conditions=()),
    ]
    for forge in forgeries:
        with pytest.raises(InputError, match="cannot be written down without its checker"):
            forge()


def test_steps_have_to_lead_from_the_claim_to_the_statement() -> None:
    good = law_of(FILES[0]).theorem
    steps = good.derivation.steps
    other = replace(good.statement, limits={name: scalar(1) for name in good.statement.limits})
    for statement, chosen in (
        (other, steps),
        (good.statement, ()),
        (good.statement, steps[1:]),
        (good.statement, steps[:-1]),
        (good.statement, steps[:1] + steps[2:]),
        (replace(good.statement, limits={}), steps),
        (replace(good.statement, targets={**good.statement.targets, "more": scalar(1)}), steps),
    ):
        with pytest.raises(InputError):
            theorem(statement, good.conditions, Derivation(chosen))


# the theorems of the engine -----------------------------------------------------------------------------------------


def test_a_law_prints_as_a_theorem() -> None:
    text = str(law_of(ROOT / "derivations" / "ridge_variance.py").theorem)
    for line in (
        "    -> sigma**2*df2/(n - df2)",
        "    lam = kappa*(1 - df1/n), kappa > 0",
        "  lam > 0",
        "  Sigma is deterministic, real, d x d, positive semidefinite, and bounded in norm",
        "  kappa > 0",
        "Status: asymptotic (cited)",
        "Gaps: none",
    ):
        assert line in text.split("\n")
    assert re.findall(r"^  (\d\. [a-z -]+):", text, re.M) == [
        "1. linearize",
        "2. self-energy",
        "3. reduce",
        "4. equations",
        "5. closed form",
    ]


@pytest.mark.parametrize("file", FILES, ids=IDS)
def test_every_law_is_a_theorem_without_gaps(file: Path) -> None:
    found = law_of(file).theorem
    assert found.status is Status.ASYMPTOTIC and found.gaps == ()
    assert [type(a) for a in found.ancestors] == [Citation]
    assert found.derivation.steps[: len(law_of(file).derivation.steps)] == law_of(file).derivation.steps
    assert len(set(found.conditions)) == len(found.conditions)


def test_a_deterministic_target_is_a_theorem() -> None:
    S = fc.matrix("S", *fc.dims("d d"), "psd")
    found = fc.derive({"t": fc.tau(S @ S)}).theorem
    assert found.statement.conclusion == "t = tau(S@S)"
    assert fc.load_theorem(theorem_json(found)) == found


def test_the_relations_satisfy_the_dyson_system_modulo_a_prime() -> None:
    law = law_of(ROOT / "tests" / "problems" / "ridge.toml")
    assert law.closed_form is not None
    coordinates = law.closed_form.coordinates
    assert holds_on_variety(law.system, coordinates) is True
    for unknown, value in coordinates.unknowns.items():
        changed = replace(coordinates, unknowns={**coordinates.unknowns, unknown: value + 1})
        if unknown in law.system.unknowns:
            assert holds_on_variety(law.system, changed) is False
    kappa, lam = generator_scalar(Unknown("kappa")), fc.scalars("lam", "positive")[0]
    wrong = replace(coordinates, relations=(coordinates.relations[0] + kappa * lam,))
    assert holds_on_variety(law.system, wrong) is False


def test_relations_that_can_only_be_solved_for_traces_are_not_decided() -> None:
    law = law_of(ROOT / "derivations" / "two_groups.py")
    assert law.closed_form is not None
    assert holds_on_variety(law.system, law.closed_form.coordinates) is None


def test_an_algebraic_relation_is_solved_modulo_the_prime() -> None:
    law = law_of(ROOT / "tests" / "problems" / "commutator.toml")
    assert law.closed_form is not None and law.closed_form.coordinates.algebraic
    assert holds_on_variety(law.system, law.closed_form.coordinates) is True


def test_equations_too_long_to_read_are_stated_in_matrix_form() -> None:
    law = law_of(ROOT / "derivations" / "two_groups.py")
    assert matrix_form_is_correct(law.system)
    short = LimitLaw(
        law.targets, law.pencils, law.raw, law.system, None, Derivation(law.derivation.steps[:3]), law.seconds
    )
    object.__setattr__(short, "closed_form", None)
    found = short.theorem
    assert found.derivation.steps[-1].rule == "matrix form"
    assert "G = inv(M)" in found.statement.matrix_form and "continuation from zero variance" in str(found)
    json.loads(theorem_json(found))


def test_flat_products_are_told_apart_by_their_text() -> None:
    d = dimension("d")
    A, B, C = (Atom(name, d, d) for name in "ABC")
    for one, other in (
        (A @ (B @ C), (A @ B) @ C),
        (A + (B + C), (A + B) + C),
        (2 * A @ B, 2 * (A @ B)),
        (-(A @ B), (-A) @ B),
        (2 * (3 * A), 6 * A),
    ):
        assert one != other and flatten(one) == flatten(other)


# JSON ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", FILES, ids=IDS)
def test_export_and_import_are_inverse(file: Path, tmp_path: Path) -> None:
    text = exported(file.name)
    found = fc.load_theorem(text)
    assert found == law_of(file).theorem
    assert theorem_json(found) == text
    if file.name == "semicircle.py":
        (tmp_path / "semicircle.json").write_text(text, encoding="utf-8")
        assert (
            fc.load_theorem(tmp_path / "semicircle.json") == found == fc.load_theorem(str(tmp_path / "semicircle.json"))
        )


def test_a_law_exports_itself() -> None:
    (z,), (d,) = fc.scalars("z", "upper"), fc.dims("d")
    U = fc.wigner("U", d, variance=1 / d, field="complex")
    law = fc.derive(fc.tau(fc.inv(U - z)))
    assert fc.load_theorem(law.to_json()) == law.theorem


def test_a_conditioned_matrix_is_deterministic_in_the_theorem() -> None:
    n, d = fc.dims("n d")
    (lam,) = fc.scalars("lam", "positive")
    X, W = fc.gaussian("X", n, d, variance=1 / n), fc.gaussian("W", n, d, variance=1 / n)
    law = fc.derive(fc.tau(fc.inv(X.T @ X + W.T @ W + lam)), given=W)
    assert fc.load_theorem(law.to_json()) == law.theorem
    assert "W is deterministic, real, n x d, and bounded in norm" in map(str, law.theorem.conditions)


def leaves(data: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of a JSON value at which a string, number, truth value or null stands."""
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from leaves(value, (*place, key))
    else:
        yield place


def containers(data: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of all entries of objects and arrays."""
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield (*place, key)
            yield from containers(value, (*place, key))


def at(data: Any, place: tuple[Any, ...]) -> Any:
    for key in place:
        data = data[key]
    return data


def changed(text: str, place: tuple[Any, ...], new: Any) -> str:
    data = copy.deepcopy(json.loads(text))
    at(data, place[:-1])[place[-1]] = new
    return json.dumps(data)


def without(text: str, place: tuple[Any, ...]) -> str:
    data = json.loads(text)
    del at(data, place[:-1])[place[-1]]
    return json.dumps(data)


def refused(text: str) -> str:
    with pytest.raises(InputError) as caught:
        fc.load_theorem(text)
    line = str(caught.value)
    assert "\n" not in line and line.startswith("theorem: ")
    return line


@pytest.fixture
def derived_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Derive each problem once: hundreds of changed files are about the same one."""
    known: dict[Any, LimitLaw] = {}

    def derive_once(targets: Mapping[str, Scalar]) -> LimitLaw:
        key = tuple(targets.items())
        if key not in known:
            known[key] = derive_law(targets)
        return known[key]

    monkeypatch.setattr(read_theorem, "derive_law", derive_once)


MUTATED = ["ridge_variance.py", "marchenko_pastur.py", "wishart.toml", "semicircle.py"]


@pytest.mark.parametrize("name", MUTATED)
def test_every_field_changed_is_refused(name: str, derived_once: None) -> None:
    text = exported(name)
    for place in leaves(json.loads(text)):
        value = at(json.loads(text), place)
        news: list[Any] = [None if value is not None else "x", 0]
        if isinstance(value, str):
            news += [f"{value}0", f"-({value})", value[:-1], ""] if value else ["x"]
        if isinstance(value, bool):
            news.append(not value)
        for new in news:
            same = (type(new) is type(value) and new == value) or (value == "0" and new in ("00", "-(0)"))
            assert same or refused(changed(text, place, new)), (place, new)


@pytest.mark.parametrize("name", MUTATED)
def test_every_field_removed_or_added_is_refused(name: str, derived_once: None) -> None:
    text = exported(name)
    data = json.loads(text)
    for place in containers(data):
        refused(without(text, place))
        if isinstance(at(data, place), dict):
            refused(changed(text, (*place, "more"), "x"))
        if isinstance(at(data, place), list):
            refused(changed(text, place, [*at(data, place), "x"]))
    refused(changed(text, ("more",), "x"))


NUMBER = re.compile(r"(?<![A-Za-z_\d.])\d+")


@pytest.mark.parametrize("file", QUICK, ids=[f.name for f in QUICK])
def test_changed_coefficients_and_signs_in_the_statement_are_refused(file: Path, derived_once: None) -> None:
    text = exported(file.name)
    statement = json.loads(text)["statement"]
    mutants = 0
    for place in leaves(statement):
        if place[0] in ("matrix_form", "branch") or place[-1] in ("condition", "name"):
            continue
        value = at(statement, place)
        news = [value[: m.start()] + str(int(m[0]) + 1) + value[m.end() :] for m in NUMBER.finditer(value or "")]
        for old, new in ((" + ", " - "), (" - ", " + ")):
            news += [value[: m.start()] + new + value[m.end() :] for m in re.finditer(re.escape(old), value or "")]
        for new in news[:12]:
            mutants += 1
            refused(changed(text, ("statement", *place), new))
    assert mutants or file.name in ("anisotropic_marchenko_pastur.py",)


def test_equal_formulas_in_another_form_are_accepted() -> None:
    text = exported("ridge_variance.py")
    n_form = "sigma**2*(df2/n)/(1 - df2/n)"
    by_relation = "sigma**2*df2*lam/(n*lam - df2*kappa*(1 - df1/n))"  # equal where lam = kappa*(1 - df1/n)
    for limit in (n_form, by_relation, "sigma**2*d*tau((Sigma@inv(Sigma + kappa))**2)/(n - df2)"):
        mutant = changed(text, ("statement", "limits", "variance"), limit)
        assert theorem_json(fc.load_theorem(mutant)) == text
    mutant = changed(text, ("statement", "equations", 0, "right"), "kappa - df1*kappa/n")
    assert theorem_json(fc.load_theorem(mutant)) == text


def test_an_equation_that_says_nothing_is_refused() -> None:
    """Both sides are equal where the relation holds, but the relation would be lost."""
    text = exported("ridge_variance.py")
    assert "statement.equations.0.right" in refused(changed(text, ("statement", "equations", 0, "right"), "lam"))
    zero = changed(exported("marchenko_pastur.py"), ("statement", "equations", 0, "left"), "0")
    assert "statement.equations.0.left" in refused(zero)


@pytest.mark.parametrize(
    "formula",
    [
        "tau(inv(Sigma - Sigma))",
        "1/(lam - kappa*(1 - df1/n))",
        "tau(X.T@X)",
        "X",
        "1/0",
        "conj(kappa)",
        "df1**400",
        "((",
    ],
)
def test_formulas_without_a_meaning_are_refused_in_one_line(formula: str, derived_once: None) -> None:
    assert "variance" in refused(changed(exported("ridge_variance.py"), ("statement", "limits", "variance"), formula))


def test_names_may_not_change_their_meaning() -> None:
    text = exported("ridge_variance.py")
    data = json.loads(text)
    data["statement"]["definitions"] = {"n": "2*n", **data["statement"]["definitions"]}
    refused(json.dumps(data))
    data = json.loads(text)
    data["statement"]["definitions"]["df2"] = "2*d*tau((Sigma@inv(Sigma + kappa))**2)"
    data["statement"]["limits"]["variance"] = "sigma**2*(df2/2)/(n - df2/2)"  # the same value, by another df2
    assert "definitions.df2" in refused(json.dumps(data))


def test_a_better_status_is_refused() -> None:
    text = exported("semicircle.py")
    assert "status" in refused(changed(text, ("status",), "exact"))
    assert "steps.1.status" in refused(changed(text, ("steps", 1, "status"), "exact"))
    assert "rests_on" in refused(changed(text, ("rests_on",), []))


def test_a_removed_condition_is_refused() -> None:
    text = exported("ridge_variance.py")
    for k in range(len(json.loads(text)["conditions"])):
        assert "conditions" in refused(without(text, ("conditions", k)))
    assert "psd" in refused(without(text, ("problem", "matrices", "Sigma", "psd")))


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "{}",
        '{"format": "fpt-calc theorem"}',
        '{"format": "fpt-calc theorem", "version": true}',
        '{"format": "fpt-calc theorem", "version": 1}',
        '{"format": "fpt-calc theorem", "version": 1, "problem": []}',
        '{"format": "fpt-calc theorem", "version": 1, "problem": {"at": {}}}',
        '{"format": "fpt-calc theorem", "version": 1, "problem": {"targets": {}}}',
        '{"format": "fpt-calc theorem", "version": NaN}',
        '{"format": "a", "format": "b"}',
        '{"version": ' + "9" * 5000 + "}",
        '{"format": ' + "[" * 100_000,
        '{"format": "fpt-calc theorem", "version": 1, "problem": {"targets": {"t": "__import__(\'os\')"}}}',
    ],
)
def test_malformed_text_is_refused_in_one_line(text: str) -> None:
    refused(text)


def test_unreadable_files_are_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text("[1, 2]")
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe{")
    for name in ("list.json", "bytes.json", "absent.json"):
        with pytest.raises(InputError, match=f"^{name}: "):
            fc.load_theorem(tmp_path / name)


def test_conditions_print_as_their_text() -> None:
    assert str(Condition("scalar", "lam", "lam > 0")) == "lam > 0"
