"""Scaling laws as text, LaTeX and pictures: what is shown is the law.

The files tests/golden/scaling_*.tex and .txt are what was printed when it was last looked at; ``UPDATE_GOLDEN=1``
writes them anew.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import fpt_calc as fc
from fpt_calc.errors import InputError
from fpt_calc.export.scaling_evidence import ScalingEvidence, ScalingRow
from fpt_calc.export.scaling_latex import SCALING_PARTS, scaling_document
from fpt_calc.export.scaling_symbols import affine_latex, constant_latex
from fpt_calc.plot import Asymptote, Points, log_log, sampled
from fpt_calc.plot.phases import phase_diagram
from fpt_calc.scalars import evaluate_scalar
from fpt_calc.scaling.polyhedra import Affine, interior_point
from fpt_calc.scaling.regimes.law import Case, Law
from fpt_calc.scaling.regimes.optimum import PREFACTOR, Optimum, optimal
from fpt_calc.scaling.shown.choice import choice_of
from fpt_calc.scaling.shown.constants_text import constant_text
from fpt_calc.scaling.shown.diagram import Diagram, area, diagram
from fpt_calc.scaling.shown.orders import orders
from fpt_calc.scaling.shown.text import WIDTH, largest, law_text, wrapped
from tests.scaling_laws import law
from tests.test_latex import GOLDEN
from tests.test_latex_compile import assert_clean, needs_pdflatex

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
pyplot = pytest.importorskip("matplotlib.pyplot")

PRINTED = ("clean", "generations")
SYMBOLIC = ("clean", "noise", "generations")
ALL = (*SYMBOLIC, "assumed", "logarithm", "root")
DIGITS = 30
EXACT = mpmath.mpf(10) ** (5 - DIGITS)  # of numbers computed with that many digits, some of which cancel
EVIDENCE = ScalingEvidence(
    "with invented numbers", (ScalingRow(100, 0.5, 0.4, (0.51, 0.02)), ScalingRow(1e6, 2e-5, 2e-5))
)


@cache
def optima(name: str) -> tuple[Optimum, ...]:
    found = law(name)[0]
    return optimal(found, "ell") if "ell" in found.request.domain.names else ()


@cache
def shown(name: str, kind: str) -> str:
    found, words = law(name)
    if kind == "txt":
        return law_text(found, optima(name), words) + "\n"
    return scaling_document(found, optima(name), f"Scaling: {name}", words=words, evidence=EVIDENCE)


@pytest.fixture(autouse=True)
def closed_figures() -> Any:
    yield
    pyplot.close("all")


# documents --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["txt", "tex"])
@pytest.mark.parametrize("name", PRINTED)
def test_the_printed_law_is_as_it_was_looked_at(name: str, kind: str) -> None:
    file = GOLDEN / f"scaling_{name}.{kind}"
    if "UPDATE_GOLDEN" in os.environ:
        file.write_text(shown(name, kind), encoding="utf-8")
    assert shown(name, kind) == file.read_text(encoding="utf-8"), f"{file.name} differs; see the docstring of this file"


@needs_pdflatex
@pytest.mark.parametrize("name", ALL)
def test_the_document_compiles_and_its_lines_fit(name: str, tmp_path: Path) -> None:
    (tmp_path / "law.tex").write_text(shown(name, "tex"), encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "law.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert_clean((tmp_path / "law.log").read_text(encoding="utf-8", errors="replace").replace("\n", " "))


@pytest.mark.parametrize("name", ALL)
def test_lines_of_text_are_short_and_every_regime_is_told(name: str) -> None:
    text = shown(name, "txt")
    assert max(map(len, text.splitlines())) <= WIDTH
    for case in law(name)[0].cases:
        for condition in case.conditions:
            assert str(condition) in text
        for regime in case.regimes:
            assert regime.exponent.is_zero or str(regime.exponent) in text


def test_parts_for_pasting() -> None:
    found, words = law("clean")
    parts = {p: scaling_document(found, optima("clean"), part=p, words=words) for p in SCALING_PARTS}
    document = parts.pop("document")
    assert document.startswith(r"\documentclass")
    assert parts["table"].count(r"\begin{tabular}") == len(found.cases)
    for text in parts.values():
        assert text.strip() in document
        assert r"\documentclass" not in text
    with pytest.raises(InputError, match="no part 'tables' of a document; use one of document, statement, table"):
        scaling_document(found, part="tables")


@pytest.mark.parametrize("name", SYMBOLIC)
def test_braces_balance_and_sympy_does_not_print(name: str) -> None:
    text = shown(name, "tex")
    assert text.count("{") == text.count("}")
    assert r"\left" not in text
    assert not re.search(r"(?<!align)(?<!section)\*", text), "no Python syntax"


# constants --------------------------------------------------------------------------------------------------------

BETA, R, B, C = sympy.symbols("beta r b c", positive=True)
POINT = {BETA: mpmath.mpf("1.5454"), R: mpmath.mpf("0.3846"), B: mpmath.mpf("2.3333"), C: mpmath.mpf("1.8")}
LEAVES = st.sampled_from([BETA, R, B, C, 2 * R - 1, BETA - 1, 1 + 2 * BETA * R, sympy.Rational(2, 3), sympy.pi])
EXPONENTS = st.sampled_from([1, 2, -1, -2, 1 / BETA, 1 / (-2 * R - 1 / BETA), 2 * R])


@st.composite
def constants(draw: Any) -> sympy.Expr:
    """Sums of products of powers, functions among them; bases of powers that are not whole are positive."""
    terms = []
    for _ in range(draw(st.integers(1, 3))):
        factors = [draw(LEAVES) ** draw(st.sampled_from([1, 2, -1])) for _ in range(draw(st.integers(1, 3)))]
        base = draw(st.sampled_from([B, C / B, sympy.pi * B * (BETA - 1) / C, sympy.sin(sympy.pi / BETA) * C]))
        factors += [base ** draw(EXPONENTS), sympy.zeta(2 * BETA * R - 2 * BETA + 1) ** draw(st.integers(0, 1))]
        terms.append(draw(st.sampled_from([1, -1])) * sympy.Mul(*factors))
    return sympy.Add(*terms)


def number(value: sympy.Expr, at: dict[sympy.Symbol, Any] | None = None) -> mpmath.mpf:
    """The value at numbers; symbols without one are some number."""
    known = {str(s): v for s, v in {**POINT, **(at or {})}.items()}
    symbols = sorted(value.free_symbols, key=str)
    with mpmath.workdps(DIGITS):
        numbers = [mpmath.mpmathify(known.get(str(s), mpmath.mpf(4) / 5)) for s in symbols]
        return mpmath.mpf(sympy.lambdify(symbols, value, "mpmath")(*numbers))


def reread(text: str) -> sympy.Expr:
    return sympy.sympify(text, locals={str(s): s for s in (BETA, R, B, C)})


@settings(max_examples=60, deadline=None)
@given(constants())
def test_the_text_of_a_constant_is_its_value(value: sympy.Expr) -> None:
    expected, found = number(value), number(reread(constant_text(value)))
    scale = sum(abs(number(t)) for t in sympy.Add.make_args(value))
    assert abs(expected - found) <= EXACT * scale


@pytest.mark.parametrize("name", SYMBOLIC)
def test_the_constants_of_laws_keep_their_value_and_get_no_longer(name: str) -> None:
    found = law(name)[0]
    for case in found.cases:
        sample = sample_of(case)
        values = [r.constant for r in case.regimes]
        values += [o.prefactor for o in optima(name) if o.prefactor is not None and o.conditions == case.conditions]
        for value in values:
            text = constant_text(value, found.request.bounds)
            assert len(text) <= len(str(value)) + 4
            assert abs(number(reread(text), sample) - number(value, sample)) <= EXACT * number(value, sample)
            assert not text.startswith("-")


def sample_of(case: Case) -> dict[sympy.Symbol, Any]:
    """Numbers of the parameters at which a case was found."""
    return {sympy.Symbol(p.name, positive=True): mpmath.mpf(float(v)) for p, v in case.chamber.sample.items()}


def test_constants_look_positive() -> None:
    value = -sympy.pi * (2 * R - 1) / sympy.sin(2 * sympy.pi * R)
    assert constant_text(value) == "pi*(1 - 2*r)/sin(2*pi*r)"
    assert constant_latex(value) == r"\frac{\pi(1-2r)}{\sin(2\pi r)}"
    assert constant_text(sympy.sqrt(3) * C ** sympy.Rational(-2, 3)) == "sqrt(3)*c**(-2/3)"


@given(st.text("()+-*/ab 12", min_size=130, max_size=400))
def test_wrapping_loses_nothing_but_spaces(text: str) -> None:
    assert "".join("".join(wrapped(text)).split()) == "".join(text.split())


# optima -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SYMBOLIC)
def test_the_short_constant_at_the_best_prefactor_is_the_minimum(name: str) -> None:
    found = law(name)[0]
    checked = 0
    for optimum in optima(name):
        case = next(c for c in found.cases if c.conditions == optimum.conditions)
        choice = choice_of(found, case, optimum)
        if choice.best is None or choice.constant is None:
            continue
        checked += 1
        sample = sample_of(case)
        c = sympy.Symbol(PREFACTOR + "lam", positive=True)
        best = number(choice.best, sample)
        values = [number(optimum.regimes[0].constant, {**sample, c: best * x}) for x in (1, 0.99, 1.01)]
        least = number(choice.constant, {**sample, c: best})
        assert abs(values[0] - least) <= EXACT * least
        assert min(values[1:]) > least
    assert checked


def test_one_maximum_is_told_where_there_is_one() -> None:
    assumed = law("assumed")[0]
    for case in assumed.cases:
        assert sorted(map(str, largest(case))) == sorted({str(r.exponent) for r in case.regimes})
    assert "together: the exponent is max(" in shown("assumed", "txt")
    assert r"\max\bigl(" in shown("assumed", "tex")
    assert all(largest(case) == () for case in law("clean")[0].cases), "beyond ell = beta it is no maximum"


@pytest.mark.parametrize("name", SYMBOLIC)
def test_the_largest_source_of_the_proof_is_the_law(name: str) -> None:
    """The sources one by one, compared at points inside of the regimes of their sum."""
    found = law(name)[0]
    for case in found.cases:
        parts = dict(orders(found, case).sources)
        for regime in case.regimes:
            point = {n: case.chamber.value(x) for n, x in interior_point(case.chamber, regime.cell).items()}
            tops = [_at(r.exponent, case, point) for t in parts.values() for r in t if _inside(r.cell, case, point)]
            assert len(tops) >= len(parts)
            assert max(tops) == _at(regime.exponent, case, point)


def _at(form: Affine, case: Case, point: dict[str, Fraction]) -> Fraction:
    slopes = (case.chamber.value(c) * point[n] for n, c in form.terms)
    return case.chamber.value(form.constant) + sum(slopes, Fraction(0))


def _inside(cell: Any, case: Case, point: dict[str, Fraction]) -> bool:
    return all(_at(c, case, point) >= 0 for c in cell.constraints)


# pictures ---------------------------------------------------------------------------------------------------------

PLANES: tuple[tuple[str, tuple[str, ...], dict[str, Any]], ...] = (
    ("clean", ("ell",), {"beta": 1.5, "r": "1/2"}),
    ("clean", ("ell",), {"beta": 3, "r": 2}),
    ("clean", ("ell",), {"beta": "3/2", "r": 1}),
    ("noise", ("s", "ell"), {"beta": 2, "r": 0.4}),
    ("noise", ("ell",), {"s": "1/3", "beta": 2, "r": 0.4}),
    ("generations", ("a", "ell"), {"beta": 1.5, "r": "1/2"}),
)
every_plane = pytest.mark.parametrize(("name", "axes", "numbers"), PLANES)


@cache
def _diagram(name: str, axes: tuple[str, ...], numbers: tuple[tuple[str, Any], ...]) -> Diagram:
    return diagram(law(name)[0], axes, dict(numbers), optimum="ell")


@every_plane
def test_cells_cover_the_window_exactly(name: str, axes: tuple[str, ...], numbers: dict[str, Any]) -> None:
    found = _diagram(name, axes, tuple(numbers.items()))
    whole = Fraction(1)
    for low, high in found.window:
        whole *= high - low
    assert sum(area(c.corners) for c in found.cells) == whole
    assert all(area(c.corners) > 0 for c in found.cells)


@every_plane
def test_labels_are_the_law_at_random_points(name: str, axes: tuple[str, ...], numbers: dict[str, Any]) -> None:
    found = _diagram(name, axes, tuple(numbers.items()))
    draw = random.Random(1)
    for _ in range(40):
        point = tuple(low + (high - low) * Fraction(draw.randrange(1, 997), 997) for low, high in found.window)
        (cell,) = (c for c in found.cells if _holds(c.corners, point))
        values = {**found.fixed, **dict(zip(found.axes, point, strict=True))}
        assert _value(cell.exponent, values) == _value(cell.shown, values)
        assert _value(cell.shown, values) == claimed(name, values)


def _value(form: Affine, values: dict[str, Fraction]) -> Fraction:
    def number(value: Any) -> Fraction:
        return Fraction(evaluate_scalar(value, lambda g: values[g.name], Fraction))

    return number(form.constant) + sum((number(c) * values[n] for n, c in form.terms), Fraction(0))


def _holds(corners: Sequence[tuple[Fraction, ...]], point: tuple[Fraction, ...]) -> bool:
    if len(point) == 1:
        return corners[0][0] < point[0] < corners[1][0]
    sides = zip(corners, [*corners[1:], corners[0]], strict=True)
    return all((b[0] - a[0]) * (point[1] - a[1]) > (b[1] - a[1]) * (point[0] - a[0]) for a, b in sides)


def claimed(name: str, at: dict[str, Fraction]) -> Fraction:
    """The exponent by hand: kappa = max(lam, T^-beta or less), bias kappa^(2 min(r, 1)), noise kappa^(-1/beta)/T."""
    beta, ell, r = at["beta"], at["ell"], min(at["r"], Fraction(1))
    zero, one = Fraction(0), Fraction(1)
    match name:
        case "clean":
            return max(-2 * r * min(ell, beta), min(ell / beta - 1, zero))
        case "noise":
            return max(-2 * r * min(ell, beta), min(ell / beta - 1, zero) - at["s"])
    a = min(at["a"], one)
    return max(-2 * r * min(ell, beta * a), min(ell / beta - a, zero))


def test_the_best_choice_is_drawn_where_it_is() -> None:
    found = _diagram("clean", ("ell",), (("beta", 1.5), ("r", "1/2")))
    assert found.best == (((Fraction(3, 5),),),)  # beta/(2 beta r + 1)
    plane = _diagram("generations", ("a", "ell"), (("beta", 1.5), ("r", "1/2")))
    assert {p for part in plane.best for p in part} >= {(Fraction(0), Fraction(0)), (Fraction(1), Fraction(3, 5))}
    for part in plane.best:
        for a, ell in part:
            assert ell == Fraction(3, 5) * min(a, 1)


@pytest.mark.parametrize(("name", "axes", "numbers"), [PLANES[0], PLANES[3], PLANES[5]])
def test_labels_lie_in_their_cells_and_do_not_overlap(
    name: str, axes: tuple[str, ...], numbers: dict[str, Any], tmp_path: Path
) -> None:
    found, words = law(name)
    file = tmp_path / "law.png"
    picture = phase_diagram(found, *axes, numbers=numbers, optimum="ell", words=words, latex=affine_latex, path=file)
    assert file.read_bytes().startswith(b"\x89PNG")
    picture.figure.draw_without_rendering()
    boxes = [t.get_window_extent() for t in picture.texts if t.get_text()]
    assert len(boxes) >= len(_diagram(name, axes, tuple(numbers.items())).cells)
    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))
    if len(axes) == 2:
        for text in picture.texts:
            (x, y), (width, height) = (
                text.get_position(),
                (text.get_window_extent().width, text.get_window_extent().height),
            )
            if text.get_text().startswith("$"):
                middle = picture.transData.transform((x, y))
                corners = [middle + np.array([i * width, j * height]) / 2 for i in (-1, 1) for j in (-1, 1)]
                inside = picture.transData.inverted().transform(np.array(corners))
                cells = {_cell_at(found, axes, numbers, p) for p in inside}
                assert len(cells) == 1
    assert picture.get_xlabel() == f"${affine_latex_name(axes[0])}$"


def _cell_at(found: Law, axes: tuple[str, ...], numbers: dict[str, Any], point: Any) -> int:
    exact = tuple(Fraction(float(x)) for x in point)
    cells = _diagram(next(n for n in SYMBOLIC if law(n)[0] is found), axes, tuple(numbers.items())).cells
    return next(k for k, c in enumerate(cells) if _holds(c.corners, exact))


def affine_latex_name(name: str) -> str:
    return r"\ell" if name == "ell" else name


def test_growth_is_drawn_with_its_asymptote() -> None:
    points = Points(np.array([20.0]), np.array([0.2]), np.array([0.01]))
    curve = sampled("$E$", lambda size: 2 * size**-0.6, [10, 100, 1000], points)
    axes = log_log([curve], [Asymptote(-0.6, 2.0)], "$T$", "$E$", "ridge", "simulation")
    exact, dashed = (line for line in axes.get_lines() if len(line.get_xdata()) == 3)
    np.testing.assert_allclose(exact.get_ydata(), dashed.get_ydata(), rtol=8 * np.finfo(float).eps)
    assert (axes.get_xscale(), axes.get_yscale(), dashed.get_linestyle()) == ("log", "log", "--")
    assert [t.get_text() for t in axes.get_legend().get_texts()] == ["$E$", "slope $-0.6$", "simulation"]


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "axis": ({"axes": ["el"]}, "no exponent 'el'; there are ell"),
    "three axes": ({"axes": []}, "0 axes; give one or two"),
    "twice": ({"axes": ["ell", "ell"]}, "give one or two different exponents"),
    "missing": ({"numbers": {"beta": 2}}, "r has no number; give r=..."),
    "both": ({"numbers": {"beta": 2, "r": 1, "ell": 1}}, "ell is an axis and a number"),
    "no number": ({"numbers": {"beta": "x", "r": 1}}, "beta: 'x' is no number"),
    "outside": ({"numbers": {"beta": "1/2", "r": 1}}, "beta = 1/2; it is above 1"),
    "unknown": ({"numbers": {"beta": 2, "r": 1, "q": 1}}, "no exponent or parameter 'q'"),
    "window": ({"window": [(1, 0)]}, "is no window; give a pair (low, high) for each axis"),
    "optimum": ({"optimum": "a"}, "'a' is no axis; choose among ell"),
}


@pytest.mark.parametrize(("request_", "message"), WRONG.values(), ids=WRONG.keys())
def test_wrong_diagrams(request_: dict[str, Any], message: str) -> None:
    given_ = {"axes": ["ell"], "numbers": {"beta": 2, "r": "1/2"}, **request_}
    with pytest.raises(InputError) as caught:
        diagram(law("clean")[0], **given_)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_wrong_curves() -> None:
    curve = sampled("E", lambda size: 1 / size, [1, 2])
    for arguments, message in (
        (([],), "no curve; give at least one"),
        (([sampled("E", lambda size: -size, [1, 2])],), "not positive"),
        (([curve], [Asymptote(-1, 1, of=1)]), "no curve 1; there are 1, from 0"),
    ):
        with pytest.raises(InputError, match=message):
            log_log(*arguments)


def test_a_best_choice_that_does_not_depend_on_the_size_is_shown() -> None:
    """The variance is least for a constant ridge."""
    n, d = fc.dims("n d")
    lam, sigma = fc.scalars("lam sigma", "positive")
    Sigma = fc.matrix("Sigma", d, d, "psd")
    w0 = fc.teacher("w0", d, vector=fc.matrix("w0", d, 1))
    student = fc.model("student", fc.ridge(lam), [fc.data("real", n, covariance=Sigma, labels=w0, noise=sigma)])
    error = fc.pipeline(student, against=w0, covariance=Sigma).test_error()
    law = error.scaling("n", "variance", lam="n**-ell", Sigma=fc.spectrum("beta"), w0=fc.source("r"))
    assert "choose lam = 1; then the variance falls like n**(-1)" in law_text(law.law, law.optimal("ell"))
    assert r"\lambda" in law.latex("statement", ["ell"])
