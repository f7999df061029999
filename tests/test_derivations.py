"""The collection: every entry is derived and passes its checks, and a claim with one coefficient changed does not."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

import fpt_calc as fc
from fpt_calc import claims
from fpt_calc.claims import Statement, compare_claim, declared, renaming
from fpt_calc.cli.sources import is_pipeline_file, is_scaling_file
from fpt_calc.closed_form import SolvedPoints, Verdict, solved_points
from fpt_calc.collection import Entry, PipelineEntry, ScalingEntry, entry_outcomes, verify
from fpt_calc.derivation import derive_law
from fpt_calc.errors import InputError, ZeroDenominatorError
from fpt_calc.learning.compare import compare_error
from fpt_calc.learning.derived import DerivedError
from fpt_calc.learning.growth import generation_limit
from fpt_calc.pipeline import contents
from fpt_calc.reduce import follows, relations
from fpt_calc.scalars import ONE, Dimension, Scalar, canonical, ring
from fpt_calc.system import FixedPointSystem

FOLDER = Path(__file__).parents[1] / "derivations"
FILES = sorted(FOLDER.glob("*.py"))
PIPELINES = [f.stem for f in FILES if is_pipeline_file(f)]
SCALING = [f.stem for f in FILES if is_scaling_file(f)]
NAMES = [f.stem for f in FILES if not is_pipeline_file(f) and not is_scaling_file(f)]


def load(name: str) -> Entry:
    entry = runpy.run_path(str(FOLDER / f"{name}.py"))["ENTRY"]
    assert isinstance(entry, Entry)
    return entry


@cache
def pipeline_entry(name: str) -> PipelineEntry:
    entry = runpy.run_path(str(FOLDER / f"{name}.py"))["ENTRY"]
    assert isinstance(entry, PipelineEntry)
    return entry


def test_the_collection_is_complete() -> None:
    assert set(PIPELINES) >= {
        "model_collapse_ols",
        "model_collapse_ridge",
        "model_collapse_interpolators",
        "interpolating_generators_ridge",
        "interpolating_generations",
        "one_design",
        "ridge_generations",
        "strong_collapse_pipeline",
        "strong_collapse_projections_pipeline",
    }
    assert set(SCALING) >= {
        "tale_of_tails_pure",
        "tale_of_tails_cut",
        "tale_of_tails_narrowed",
        "tale_of_tails_mixing",
        "tale_of_tails_generations",
        "tale_of_tails_bigram",
        "tale_of_tails_memory",
        "power_law_ridge",
        "power_law_collapse",
        "power_law_shift",
        "power_law_generations",
        "power_law_projections",
        "strong_collapse_scaling",
    }
    assert set(NAMES) >= {
        "semicircle",
        "marchenko_pastur",
        "anisotropic_marchenko_pastur",
        "two_groups",
        "ridge_bias",
        "ridge_variance",
        "random_features",
        "projected_two_groups",
        "deterministic_equivalents",
        "ridge",
        "optimal_ridge",
        "ridgeless",
        "covariate_shift",
        "random_projections",
        "several_groups",
        "strong_collapse",
        "strong_collapse_projections",
    }


@pytest.mark.parametrize("name", NAMES)
def test_entry_passes_all_its_checks(name: str) -> None:
    entry = load(name)
    assert entry.statement or entry.relations or entry.closed, "an entry states its target"
    report = verify(entry, trials=12)
    assert report.passed, str(report)


@pytest.mark.parametrize("name", PIPELINES)
def test_a_pipeline_passes_all_its_checks(name: str) -> None:
    entry = pipeline_entry(name)
    assert entry.claims or entry.limits, "an entry states its target"
    outcomes = list(entry_outcomes(entry, name))
    assert all(o.passed for o in outcomes), [o for o in outcomes if not o.passed]
    proved = sum(o.verdict is claims.Verdict.PROVED for o in outcomes)
    assert proved == len(entry.claims) + sum(len(c) for c in entry.limits.values())
    sources = {o.target for o in outcomes if o.target.startswith("simulation of source.")}
    own = {k for k in entry.law.derived.program.values if k.startswith("source.")}
    assert sources >= {f"simulation of {name}" for name in own}
    assert any(o.verdict is claims.Verdict.CERTIFIED for o in outcomes)


# the checks of these take longer; `fpt-calc check derivations/` in .ci/run makes them all
SECONDS = {
    *("strong_collapse_scaling", "power_law_collapse", "power_law_shift", "power_law_generations"),
    *("power_law_projections", "tale_of_tails_generations", "tale_of_tails_memory", "tale_of_tails_cut"),
}
QUICK = [n for n in SCALING if n not in SECONDS]
LAWS = [pytest.param(n, marks=pytest.mark.slow if n in SECONDS else ()) for n in SCALING]


@cache
def scaling_file(name: str) -> dict[str, Any]:
    return runpy.run_path(str(FOLDER / f"{name}.py"))


@pytest.mark.parametrize("name", QUICK)
def test_a_scaling_law_comes_out_as_stated(name: str) -> None:
    entry = scaling_file(name)["ENTRY"]
    assert isinstance(entry, ScalingEntry)
    outcomes = list(entry_outcomes(entry, name))
    assert all(o.passed for o in outcomes), [o for o in outcomes if not o.passed]
    verdicts = [o.verdict for o in outcomes]
    assert claims.Verdict.PROVED in verdicts and verdicts.count(claims.Verdict.REFUTED) >= 2
    assert any("simulated" in o.target for o in outcomes if o.verdict is claims.Verdict.CONSISTENT)


@pytest.mark.parametrize("name", [law for law in LAWS if "CLAIMS = {" in (FOLDER / f"{law.values[0]}.py").read_text()])
def test_a_changed_claim_about_an_exponent_is_refuted(name: str) -> None:
    for claim, compare in scaling_file(name)["CLAIMS"].values():
        for mutant in changed_text(claim, []):
            assert compare(mutant).verdict == "REFUTED", f"{mutant} was accepted for {claim}"


def changed(value: Scalar) -> Iterator[Scalar]:
    """The scalar with one integer coefficient of its numerator or denominator changed, each in turn."""
    context = ring(value.gens)
    for side in ("num", "den"):
        terms = {tuple(map(int, e)): int(c) for e, c in getattr(value, side).to_dict().items()}
        if side == "den" and len(terms) == 1 and value.den == 1:
            continue
        for key, coefficient in terms.items():
            mutated = context.from_dict({**terms, key: coefficient + 1 if coefficient != -1 else -2})
            num, den = (mutated, value.den) if side == "num" else (value.num, mutated)
            new = canonical(value.gens, num, den)
            # a single term changed is a factor: still another formula, unless it equals the old one
            if new != value:
                yield new


LONG = {"projected_two_groups", "several_groups"}  # each changed claim costs a second


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=pytest.mark.slow if n in LONG else ()) for n in NAMES if load(n).statement is not None],
)
def test_a_changed_coefficient_in_a_statement_is_refused(name: str) -> None:
    entry = load(name)
    statement = entry.statement
    assert statement is not None
    law = derive_law(entry.targets)
    assert renaming(law, statement) is not None
    mutants = [
        Statement({**statement.parameters, key: new}, statement.values)
        for key, value in statement.parameters.items()
        for new in changed(value)
    ]
    mutants += [
        Statement(statement.parameters, {**statement.values, key: new})
        for key, value in statement.values.items()
        for new in list(changed(value))[:6]  # the long second-order formula has dozens: each costs a second
    ]
    assert mutants
    for mutant in mutants:
        assert renaming(law, mutant) is None, f"{mutant} was accepted"


@pytest.mark.parametrize("name", [n for n in NAMES if load(n).relations])
def test_a_changed_coefficient_in_a_relation_is_refused(name: str) -> None:
    entry = load(name)
    law = derive_law(entry.targets)
    known = relations(law.system, tuple(law.targets))
    for claim in entry.relations:
        assert follows(claim, known)
        numerator = canonical(claim.gens, claim.num, ring(claim.gens).constant(1))
        mutants = list(changed(numerator))
        assert mutants
        for mutant in mutants:
            assert not follows(mutant, known), f"{mutant} was accepted"


def changed_text(claim: str, dims: list[str]) -> Iterator[str]:
    """The claim with one integer, index of df, sign or dimension changed, each in turn."""
    for found in re.finditer(r"(?<![\w.])\d+|\bdf\d| [+-] |(?<!\.)\b[A-Za-z]\w*\b", claim):
        old = found.group()
        if old.isdigit():
            new = str(int(old) + 1)
        elif old.startswith("df"):
            new = "df2" if old == "df1" else "df1"
        elif old in (" + ", " - "):
            new = " - " if old == " + " else " + "
        elif old in dims and len(dims) > 1:
            new = next(name for name in dims if name != old)
        else:
            continue
        yield claim[: found.start()] + new + claim[found.end() :]


@pytest.fixture
def solved_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The random points of a law are solved once, not for each changed claim."""
    module = sys.modules["fpt_calc.closed_form.compare"]
    known: dict[int, tuple[FixedPointSystem, SolvedPoints]] = {}

    def solved(system: FixedPointSystem, *commute: Any) -> SolvedPoints:
        if id(system) not in known:
            known[id(system)] = (
                system,
                solved_points(system, *commute),
            )  # kept, so that its id stays its own
        return known[id(system)][1]

    monkeypatch.setattr(module, "solved_points", solved)


MANY = {"random_projections", "strong_collapse_projections"}  # with dozens of changes


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.slow if n in MANY else ()) for n in NAMES if load(n).closed]
)
@pytest.mark.usefixtures("solved_once")
def test_a_changed_closed_claim_is_refuted_by_a_witness(name: str) -> None:
    entry = load(name)
    law = derive_law(entry.targets)
    form = law.find_closed_form()
    dims = sorted(g.name for g in declared(law)[1] if isinstance(g, Dimension))
    for target, claim in entry.closed.items():
        mutants = list(changed_text(claim, dims))
        assert mutants
        for mutant in mutants:
            found = compare_claim(law, form, target, mutant)
            assert found.verdict is Verdict.DIFFERENT and found.witness, f"{mutant}: {found}"


@pytest.fixture
def points_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The random points of an error are solved once, not for each changed claim."""
    module = sys.modules["fpt_calc.learning.compare"]
    original = module._solved_points
    known: dict[int, tuple[DerivedError, list[Any]]] = {}

    def solved(derived: DerivedError) -> Iterator[Any]:
        if id(derived) not in known:
            known[id(derived)] = derived, list(islice(original(derived), module.POINTS))
        return iter(known[id(derived)][1])

    monkeypatch.setattr(module, "_solved_points", solved)


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.slow if "projections" in n else ()) for n in PIPELINES]
)
@pytest.mark.usefixtures("points_once")
def test_a_changed_claim_about_a_pipeline_is_refuted_by_a_witness(name: str) -> None:
    entry = pipeline_entry(name)
    derived = entry.law.derived
    dims = sorted(g.name for g in contents(entry.law.pipeline)[1] if isinstance(g, Dimension))
    limits = {count: generation_limit(derived, count).derived for count in entry.limits}
    stated = [(derived, target, claim) for target, claim in entry.claims.items()]
    stated += [(limits[c], target, claim) for c, found in entry.limits.items() for target, claim in found.items()]
    mutants = [(error, target, mutant) for error, target, claim in stated for mutant in changed_text(claim, dims)]
    assert len(mutants) > len(stated)
    for error, target, mutant in mutants:
        try:
            found = compare_error(error, target, mutant)
        except ZeroDenominatorError:
            continue  # no formula at all: T - d became d - d
        assert found.verdict is Verdict.DIFFERENT and found.witness, f"{mutant}: {found}"


@pytest.mark.parametrize("name", ["random_projections", "strong_collapse_projections"])
def test_a_formula_that_is_often_quoted_is_refuted(name: str) -> None:
    file = runpy.run_path(str(FOLDER / f"{name}.py"))
    law = derive_law(file["ENTRY"].targets)
    form = law.find_closed_form()
    for target, claim in file["REFUTED"].items():
        assert compare_claim(law, form, target, file[target]).verdict is Verdict.EQUAL
        refuted = compare_claim(law, form, target, claim)
        assert refuted.verdict is Verdict.DIFFERENT and "derived" in str(refuted.witness)


def test_ridgeless_regression_has_two_descents() -> None:
    law = fc.derive(load("ridgeless").targets)
    lines = str(law.limit(lam="0+")).splitlines()
    more, fewer = lines.index("  if n < d"), lines.index("  if d < n")
    assert "    bias = gamma*(d - n)/d + O(lam)" in lines[more:fewer]
    assert "    variance = n*sigma**2/(d - n) + O(lam)" in lines[more:fewer]
    assert "    variance = d*sigma**2/(n - d) + O(lam)" in lines[fewer:]


def test_the_best_ridge_is_found() -> None:
    error = runpy.run_path(str(FOLDER / "optimal_ridge.py"))["error"]
    assert str(fc.derive({"error": error}).minimize(over="lam")) == "lam = d*noise/(n*gamma)"


def test_a_statement_has_a_value_for_each_target() -> None:
    entry = load("ridge_bias")
    assert entry.statement is not None
    with pytest.raises(InputError, match="the targets are bias"):
        renaming(derive_law(entry.targets), Statement(entry.statement.parameters, {"variance": ONE}))


def test_a_file_runs_alone() -> None:
    done = subprocess.run(
        [sys.executable, str(FOLDER / "marchenko_pastur.py")], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "FAILED" not in done.stdout and "follows from the eliminated system" in done.stdout
