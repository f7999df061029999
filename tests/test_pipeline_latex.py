"""Theorems of pipelines in LaTeX: what they say, that every symbol is introduced, and that pdflatex accepts them.

The files tests/golden/pipeline_*.tex are what was printed when it was last looked at; ``UPDATE_GOLDEN=1`` writes them
anew, as for `tests/test_latex.py`.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import fpt_calc as fc
from fpt_calc.api.training import ErrorLaw
from fpt_calc.closed_form.display import FullTrace, Shorthand
from fpt_calc.errors import CannotDecideError, InputError
from fpt_calc.export import PARTS, latex, pipeline_document
from fpt_calc.export.pipeline_evidence import PipelineEvidence
from fpt_calc.export.pipeline_names import names_of
from fpt_calc.export.pipeline_proof import rate_letters
from fpt_calc.export.pipeline_symbols import symbols
from fpt_calc.expr import Atom, Trace, constituents
from fpt_calc.formula import formula_generators
from fpt_calc.learning.program import PowerOf
from fpt_calc.learning.tower import teacher_values
from fpt_calc.pipeline import teachers_of
from fpt_calc.point import Dense, Estimate, Point
from fpt_calc.scalars import Dimension, Generator, Parameter
from fpt_calc.system import Unknown
from tests.pipeline_prints import CASES, Sigma, d, generations
from tests.test_latex import GOLDEN
from tests.test_latex_compile import assert_clean, needs_pdflatex

PRINTED = ("ols_then_ols", "min_norm", "one_design", "ridge_in_every_generation", "strong_collapse", "weak_to_strong")
NAMED_FORMS = ("four_ridges", "shared_data")  # whose theorem names the forms between the stages
every_case = pytest.mark.parametrize("name", CASES)


@cache
def law(name: str) -> ErrorLaw:
    return CASES[name]()


def text(name: str, part: str = "document") -> str:
    return law(name).latex(part)


@pytest.mark.parametrize("name", PRINTED)
def test_documents_are_as_they_were(name: str) -> None:
    file = GOLDEN / f"pipeline_{name}.tex"
    if "UPDATE_GOLDEN" in os.environ:
        file.write_text(text(name), encoding="utf-8")
    assert text(name) == file.read_text(encoding="utf-8"), f"{file.name} differs; see the docstring of this file"


def compiled(source: str, folder: Path) -> str:
    """The log of pdflatex."""
    (folder / "law.tex").write_text(source, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "law.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    return (folder / "law.log").read_text(encoding="utf-8", errors="replace").replace("\n", " ")


@needs_pdflatex
@every_case
def test_documents_compile_and_their_lines_fit(name: str, tmp_path: Path) -> None:
    assert_clean(compiled(text(name), tmp_path))


@needs_pdflatex
def test_the_parts_make_a_document(tmp_path: Path) -> None:
    front = [
        r"\documentclass{amsart}",
        r"\newtheorem{theorem}{Theorem}",
        text("min_norm", "macros"),
        r"\begin{document}",
    ]
    body = [text("min_norm", "statement"), text("min_norm", "proof"), r"\end{document}"]
    compiled("\n".join([*front, *body]), tmp_path)


@pytest.mark.parametrize("part", [p for p in PARTS if p != "document"])
def test_parts_are_parts_of_the_document(part: str) -> None:
    assert text("min_norm", part).strip() in text("min_norm")


def test_other_parts_are_refused() -> None:
    with pytest.raises(InputError, match="no part 'appendix'"):
        text("min_norm", "appendix")


def in_the_values(of: ErrorLaw) -> Iterator[Generator | Atom]:
    """Everything that the printed values are written in, under the names that the theorem gives."""
    derived = of.derived
    names = names_of(of.form, symbols(derived.pipeline), derived.program.fixed, rate_letters(derived))
    pending = [g for f in of.form.values.values() for g in formula_generators(names.formula(f))]
    seen: set[Generator] = set()
    while pending:
        g = pending.pop()
        if g in seen:
            continue
        seen.add(g)
        if isinstance(g, PowerOf):
            pending += [*g.base.gens, *g.exponent.gens]
        elif isinstance(g, FullTrace | Trace):
            yield from constituents([g.argument])
        else:
            yield g
            if isinstance(g, Shorthand):
                pending += formula_generators(names.formula(g.value))


def is_introduced(thing: Generator | Atom, setting: str, theorem: str) -> bool:
    """Whether the setting names a symbol, or the theorem says what it is."""
    symbol = latex(thing)
    if isinstance(thing, Dimension):
        (growing,) = re.findall(r"\$([^$]*)\\to\\infty\$", setting)
        return symbol in growing.split(",")
    if isinstance(thing, Parameter):
        return re.search(re.escape(symbol) + r"(>|\\ge|\\in)", setting) is not None
    if isinstance(thing, Unknown):
        let = re.search(r"Let \$\(?([^$]*?)\)?(>0)?\$ be the", theorem)
        return let is not None and symbol in let[1].split(",")
    declared = re.search(r"(\$|,)" + re.escape(symbol) + r"(,[^$ ]*)?\\in", setting)
    general = re.sub(r"\\df_\d", r"\\df_m", symbol)
    told = [s for s in (symbol, general) if f"{s}&=" in theorem or f"${s}=" in theorem]
    last = symbol.endswith("_g") and f"{symbol.removesuffix('_g')}_{{k+1}}&=" in theorem
    return declared is not None or bool(told) or last


@every_case
def test_every_symbol_of_the_values_is_introduced(name: str) -> None:
    setting, _, theorem = text(name, "statement").partition(r"\begin{theorem}")
    things = list(in_the_values(law(name)))
    assert things
    assert [latex(t) for t in things if not is_introduced(t, setting, theorem)] == []


def test_a_symbol_that_is_not_introduced_is_noticed() -> None:
    setting, _, theorem = text("strong_collapse", "statement").partition(r"\begin{theorem}")
    for missing in (Unknown("mu"), Parameter("rho", "positive"), Dimension("q"), Atom("Theta", d, d)):
        assert not is_introduced(missing, setting, theorem)


@every_case
def test_every_model_data_set_and_teacher_is_named_in_the_setting(name: str) -> None:
    setting = text(name, "statement").partition(r"\begin{theorem}")[0]
    pipeline = law(name).derived.pipeline
    named = set(re.findall(r"\\emph\{(\w+)\}", setting))
    assert {t.name for t in teachers_of(pipeline)} <= named
    assert pipeline.model.name in named


@every_case
def test_the_tower_of_the_proof_ends_in_the_values(name: str) -> None:
    """What is left after the first stage are the contributions of the derivation."""
    derived = law(name).derived
    taken = derived.tower
    if name in NAMED_FORMS:
        assert taken is None
        return
    assert taken is not None
    own, mixed = teacher_values(taken[-1].after, {t.name: t for t in teachers_of(derived.pipeline)})
    assert {k: v for k, v in own.items() if not v.is_zero} == {
        k: v for k, v in derived.program.bias.items() if not v.is_zero
    }
    assert mixed.is_zero
    assert {k: v for k, v in taken[-1].after.noises.items() if not v.is_zero} == derived.program.variance


def test_evidence_shows_the_distance_in_standard_errors() -> None:
    of = law("ols_then_ols")
    point = Point({"d": 100, "T": 400, "T0": 150}, {"sigma": 0.5, "sigma0": 0.5, "g": 10})
    estimates = {"error": Estimate(5.10, 0.01, 50, 0, "model")}
    found = PipelineEvidence(point, {"error": 5.0833, "bias": 0.0}, estimates)
    shown = pipeline_document(of.derived, of.form, evidence=found)
    assert r"$5.0833$; simulation $5.100\pm0.010$ & $z=1.7$" in shown
    assert "means over 50 draws" in shown
    assert r"$\mathrm{Bias}$ & $0$ & " in shown
    assert "d=100" in shown


@pytest.mark.parametrize("name", ["ols_then_ols", "min_norm", "ridge_in_every_generation", "one_design", "accumulated"])
def test_the_limit_of_many_generations_is_stated_where_it_is_decided(name: str) -> None:
    of = law(name)
    try:
        limit = of.limit(g="oo")
    except CannotDecideError:
        assert r"g\to\infty" not in text(name)
        assert "Many generations" not in text(name)
        return
    assert rf"As $g\to\infty$, after the dimensions, the error {limit.kind}" in text(name, "statement")
    assert "Many generations" in text(name, "proof")


def values_of_a_chain(text_of: str) -> dict[str, str]:
    """The rows of the closed form, by what they define."""
    closed = text_of.partition("In closed form")[2].partition(r"\end{align*}")[0]
    rows = closed.partition(r"\begin{align*}")[2].split("\\\\\n")
    return {left.strip(): right for left, _, right in (row.partition("&=") for row in rows)}


def test_the_closed_form_defines_what_the_values_are_written_in() -> None:
    rows = values_of_a_chain(text("ridge_in_every_generation", "statement"))
    assert set(rows) == {"r", r"s_{\mathrm{synthetic}}", "B_g", "C_g"}


def test_a_chain_on_one_design_reads_as_a_chain() -> None:
    shown = text("one_design")
    setting = shown.partition(r"\begin{theorem}")[0]
    assert r"The chain \emph{chain}: generation $0$ is $\hat w_0=w_0$" in setting
    assert r"the same $X_{\mathrm{synthetic}}\in" in setting
    assert r"\emph{chain} is one fit" not in setting
    assert r"The chain \emph{chain} is one fit" in text("one_design", "proof")


def test_ridges_that_are_numbers_are_printed_as_numbers() -> None:
    for covariance in (None, Sigma):
        of = generations(fc.ridge("1/10"), fc.ridge("1/5"), covariance)
        for shown in (str(of), of.latex()):
            assert "the ridge of" not in shown


def test_a_document_at_a_point_has_a_table() -> None:
    of = law("ols_then_ols")
    w0 = {"w0": Dense(np.full((20, 1), 0.2))}
    point = Point({"d": 20, "T": 80, "T0": 60}, {"sigma": 0.5, "sigma0": 0.5, "g": 3}, w0)
    at = replace(of, point=point)
    shown = at.latex(trials=20)
    assert "limits certified by interval arithmetic; means over 20 draws" in shown
    assert shown == at.latex(trials=20)
    error = of.at(d=20, T=80, T0=60, sigma=0.5, sigma0=0.5, g=3)["error"]
    assert f"$E$ & ${error:.12g}" in shown
    assert r"source \emph{synthetic}" in shown
    assert r"source \emph{w0}" not in shown, "it is all of the bias"
    assert "draws" not in at.latex(trials=0)


def test_a_table_is_left_out_on_another_side_of_a_threshold() -> None:
    of = law("min_norm")
    point = Point({"d": 20, "T": 40, "T0": 10}, {"sigma": 0.5, "sigma0": 0.5, "g": 3})
    assert "Evidence" not in replace(of, point=point).latex()
