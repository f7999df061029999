r"""LaTeX claims are understood exactly or refused: tables of both, what the program itself prints, random spellings.

No test compares with the reader's own tree: values come from NumPy (`tests/latex_spellings.py`), from the formulas that
were printed, or from random models modulo a prime.
"""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fpt_calc.claims.written import _names as claim_names
from fpt_calc.closed_form import ClosedForm
from fpt_calc.derivation import LimitLaw, derive_law
from fpt_calc.errors import ComputationError, InputError, ShapeError
from fpt_calc.export.latex import inline, latex
from fpt_calc.export.macros import expanded
from fpt_calc.expr import Atom, Expr, PrimeModel, evaluate, try_models
from fpt_calc.formula import Formula, formula_value
from fpt_calc.notation import read_latex
from fpt_calc.problem import load_problem, parse_formula
from fpt_calc.scalars import ONE, Scalar
from tests import expressions
from tests.commands import PROBLEMS
from tests.latex_spellings import NAMES as SPELLED_NAMES
from tests.latex_spellings import Spelled, evaluated, matrices, scalars
from tests.latex_tables import ACCEPTED, NAMES, REFUSED, d, free, n, square

DERIVATIONS = Path(__file__).parents[1] / "derivations"


@pytest.mark.parametrize(("text", "expected"), ACCEPTED, ids=[a for a, _ in ACCEPTED])
def test_is_understood(text: str, expected: str) -> None:
    assert read_latex(text, NAMES, "claim") == expected
    parse_formula(expected, NAMES, "claim")  # shapes and all


@pytest.mark.parametrize(("text", "column", "message"), REFUSED, ids=[r[0][:40] for r in REFUSED])
def test_is_refused_with_its_position(text: str, column: int, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read_latex(text, NAMES, "claim")
    assert caught.value.where.split(" (")[0] == f"claim: column {column}"
    assert caught.value.remedy
    assert "\n" not in str(caught.value)


def test_the_declared_names_decide() -> None:
    """The same text is another formula, or none, where other names are declared."""
    more = {**NAMES, "I": square("I"), "w_0": Atom("w_0", d, ONE), "F": square("F"), "a": free("a"), "ab": free("ab")}
    assert read_latex("A I", more, "claim") == "A@I"
    with pytest.raises(InputError, match="w_0 or w0"):
        read_latex("w_0", more, "claim")
    with pytest.raises(InputError, match="F is declared"):
        read_latex(r"\|A\|_F^2", more, "claim")
    with pytest.raises(InputError, match="beginning of a name"):
        read_latex("ab", {**more, "b": free("b")}, "claim")
    for name, text in (("T", "A^T"), ("H", "C^H"), ("tau", r"\tau(A)"), ("tr", r"\operatorname{tr}(A)")):
        with pytest.raises(InputError, match="ambiguous"):
            read_latex(text, {**NAMES, name: free(name)}, "claim")
    with pytest.raises(InputError, match="ambiguous"):
        read_latex(r"w'", {**NAMES, "w_prime": Atom("w_prime", d, ONE)}, "claim")
    with pytest.raises(InputError, match="ambiguous"):
        read_latex(r"\bar z", {**NAMES, "z_bar": free("z_bar")}, "claim")
    assert read_latex(r"\varphi+\phi", {**NAMES, "varphi": free("varphi")}, "claim") == "varphi + phi"


def test_positions_in_several_lines() -> None:
    with pytest.raises(InputError, match=r"line 2, column 3 \(q\)"):
        read_latex("\\kappa\n+ q", NAMES, "claim")
    with pytest.raises(ShapeError):
        read_latex("w w", NAMES, "claim")


# what the program prints ----------------------------------------------------------------------------------------------

LAWS = ("ridge.toml", "two_groups.toml", "commutator.toml", "wishart.toml")
ENTRIES = (
    "anisotropic_marchenko_pastur",
    "covariate_shift",
    "deterministic_equivalents",
    "marchenko_pastur",
    "optimal_ridge",
    "random_features",
    "random_projections",
    "ridge_bias",
    "ridge_variance",
    "ridgeless",
    "strong_collapse",
    "two_groups",
)


def closed_law(name: str) -> tuple[LimitLaw, ClosedForm]:
    if name.endswith(".toml"):
        problem = load_problem(PROBLEMS / name)
        law = derive_law(problem.targets, commute=problem.commute)
    else:
        law = derive_law(runpy.run_path(str(DERIVATIONS / f"{name}.py"))["ENTRY"].targets)
    return law, law.closed_form or law.find_closed_form()


def printed_formulas(form: ClosedForm) -> Iterator[Formula]:
    yield from form.values.values()
    for equation in form.parameters:
        yield from (equation.left, equation.right)


@pytest.mark.parametrize("name", [*LAWS, *ENTRIES])
def test_closed_forms_are_read_back_exactly(name: str) -> None:
    law, form = closed_law(name)
    names = claim_names(law, form)
    for formula in printed_formulas(form):
        for text in {latex(formula), inline(formula), expanded(latex(formula))}:
            value = parse_formula(read_latex(text, names, "claim"), names, "claim")
            assert isinstance(value, Scalar)
            assert form.canonical(value) == form.canonical(formula_value(formula)), text


EXPRESSION_NAMES: dict[str, Expr | Scalar] = {
    **{a.name: a for a in expressions.DETERMINISTIC},
    **{"n": n, "d": d, "lam": expressions.lam, "p": expressions.p, "r": expressions.r, "z": expressions.z},
}


def test_numbers_inside_products_are_printed_in_front() -> None:
    A, B = (Atom(name, n, n) for name in "AB")
    assert latex(A @ A @ (2 * B)) == "2A A B"
    assert latex(A**2 @ (2 * B)) == "2A^2B"
    assert latex(2 * ((2 * A) @ (B + B))) == "4A(B+B)"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(expressions.expressions(atoms=expressions.DETERMINISTIC, traces=False))
def test_printed_expressions_are_read_back_or_refused(expr: Expr) -> None:
    try:
        text = read_latex(latex(expr), EXPRESSION_NAMES, "claim")
    except InputError:
        return  # such as \overline{A} for a real A; that most are read is the next test
    value = parse_formula(text, EXPRESSION_NAMES, "claim")
    if isinstance(value, Scalar):
        return  # a multiple of the identity is printed as the number

    def agree(model: PrimeModel) -> bool:
        return bool(evaluate(value, model) == evaluate(expr, model))

    try:
        assert try_models(agree, seed=5), (latex(expr), text)
    except ComputationError:
        return  # an inverse that is singular for all values


def test_most_printed_expressions_are_read() -> None:
    read: list[bool] = []

    @settings(max_examples=300, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(expressions.expressions(atoms=expressions.DETERMINISTIC, traces=False))
    def count(expr: Expr) -> None:
        try:
            read_latex(latex(expr), EXPRESSION_NAMES, "claim")
            read.append(True)
        except InputError:
            read.append(False)

    count()
    assert sum(read) > 0.8 * len(read)


# random spellings ----------------------------------------------------------------------------------------------------


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(scalars(3), matrices(3)))
def test_spellings_of_papers_have_the_value_they_mean(spelled: Spelled) -> None:
    text = read_latex(spelled.latex, SPELLED_NAMES, "claim")
    parse_formula(text, SPELLED_NAMES, "claim")
    error = np.abs(np.asarray(evaluated(text)) - spelled.value).max()
    assert error <= 1e-11 * spelled.size, text  # rounding: 1e-16, times condition numbers below 100 and some powers


_PIECES = r"""\kappa \lambda \Sigma \operatorname{tr} \mathrm{Tr} \tau \bar{\mathrm{tr}} A B C G X w w_0 \mathrm{Test} n
    d z ( ) \mathrm{df}_2 [ ] \{ \} \bigl( \bigr) \left( \right) { } ^ _ ^2 ^{-1} ^\top ^{1/2} ' + - / \cdot \frac
    \frac12 \sqrt \bar \overline \| \lVert \rVert _F I I_d \mathbb{1} \mathbf{w} , * \, 2 0.5 12 \mathrm{i} ^* ^\dagger
    ^{-\top} _1 _{1,2} \foo \star \hat . = \\ a ^{\mathsf{T}} \top \sum \left"""
PIECES = (*_PIECES.split(), " ", "\n")


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=30), st.lists(st.sampled_from(PIECES), max_size=12).map("".join)))
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    try:
        formula = read_latex(text, NAMES, "claim")
    except InputError as error:
        assert "\n" not in str(error)
        found = re.match(r"claim: (line \d+, )?column (\d+)", error.where)
        assert found and 1 <= int(found.group(2)) <= len(text) + 1
        return
    try:
        parse_formula(formula, NAMES, "claim")
    except InputError:
        return  # shapes of sums and powers, or costs, which are checked there


HOSTILE = {
    **{"letters": "a" * 9000, "matrices": "A" * 9000, "too long": "A" * 20000, "signs": "-" * 9000},
    **{"braces": "{" * 5000, "norms": r"\lVert " * 1400, "bars": r"\|" * 3000, "powers": "A^" * 4000},
    **{
        "roots": r"\sqrt" * 1900,
        "brackets": "(" * 29 + "A" + ")" * 29,
        "fractions": r"\frac{1}{" * 29 + "n" + "}" * 29,
    },
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_texts_end_soon(text: str) -> None:
    try:
        read_latex(text, NAMES, "claim")
    except InputError as error:
        assert len(str(error)) < 500


def test_lark_is_loaded_lazily() -> None:
    code = "import sys, fpt_calc.notation; print('lark' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
