"""The collection: every entry is derived and passes its checks, and a claim with one coefficient changed does not."""

from __future__ import annotations

import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fpt_calc.claims import Statement, renaming
from fpt_calc.collection import Entry, verify
from fpt_calc.derivation import derive_law
from fpt_calc.errors import InputError
from fpt_calc.reduce import follows, relations
from fpt_calc.scalars import ONE, Scalar, canonical, ring

FOLDER = Path(__file__).parents[1] / "derivations"
FILES = sorted(FOLDER.glob("*.py"))
NAMES = [f.stem for f in FILES]


def load(name: str) -> Entry:
    entry = runpy.run_path(str(FOLDER / f"{name}.py"))["ENTRY"]
    assert isinstance(entry, Entry)
    return entry


def test_the_collection_is_complete() -> None:
    assert set(NAMES) >= {
        "semicircle",
        "marchenko_pastur",
        "anisotropic_marchenko_pastur",
        "two_groups",
        "ridge_bias",
        "ridge_variance",
        "random_features",
        "projected_two_groups",
    }


@pytest.mark.parametrize("name", NAMES)
def test_entry_passes_all_its_checks(name: str) -> None:
    entry = load(name)
    assert entry.statement or entry.relations, "an entry states its target"
    report = verify(entry, trials=12)
    assert report.passed, str(report)


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


@pytest.mark.parametrize("name", [n for n in NAMES if load(n).statement is not None])
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
