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
from fpt_calc.expr import Atom, Expr, PrimeModel, Tr, evaluate, try_models
from fpt_calc.formula import Formula, formula_value
from fpt_calc.notation import read_latex
from fpt_calc.problem import load_problem, parse_formula
from fpt_calc.scalars import ONE, Parameter, Scalar, dimension, generator_scalar
from tests import expressions
from tests.commands import PROBLEMS
from tests.latex_spellings import NAMES as SPELLED_NAMES
from tests.latex_spellings import Spelled, evaluated, matrices, scalars

DERIVATIONS = Path(__file__).parents[1] / "derivations"
n, d = dimension("n"), dimension("d")


def free(name: str, kind: str = "positive") -> Scalar:
    return generator_scalar(Parameter(name, kind))  # type: ignore[arg-type]


def square(name: str, *facts: str, entries: str = "real") -> Atom:
    return Atom(name, d, d, facts=frozenset(facts), entries=entries)


Sigma, kappa = square("Sigma", "psd"), free("kappa")
NAMES: dict[str, Expr | Scalar] = {
    **{"n": n, "d": d, "kappa": kappa, "lam": free("lam"), "sigma": free("sigma"), "sigma_0": free("sigma_0")},
    **{"p1": free("p1", "fraction"), "phi": free("phi"), "df2": free("df2", "real"), "z": free("z", "complex")},
    **{"alpha_bar": free("alpha_bar"), "x_ij": free("x_ij"), "b1_2": free("b1_2"), "lam_star": free("lam_star")},
    **{"Sigma": Sigma, "Sigma1": square("Sigma1", "psd"), "Test": square("Test", "psd"), "G": square("G")},
    **{"A": square("A"), "B": square("B"), "Sigma_hat": square("Sigma_hat"), "C": square("C", entries="complex")},
    **{"X": Atom("X", n, d), "w0": Atom("w0", d, ONE), "w": Atom("w", d, ONE), "w_star": Atom("w_star", d, ONE)},
    "excess": kappa * Tr(Sigma @ Sigma),
}

ACCEPTED: tuple[tuple[str, str], ...] = (
    # names
    (r"\kappa", "kappa"),
    (r"\lambda", "lam"),
    (r"\varphi", "phi"),
    (r"\phi", "phi"),
    (r"\sigma_0^2", "sigma_0**2"),
    (r"\sigma^2_0", "sigma_0**2"),
    ("p_1", "p1"),
    ("w_0", "w0"),
    (r"{w}_{0}", "w0"),
    (r"\Sigma_1", "Sigma1"),
    (r"b_{1,2}", "b1_2"),
    (r"x_{ij}", "x_ij"),
    (r"w_\star", "w_star"),
    (r"w_*", "w_star"),
    (r"w_{\mathrm{star}}", "w_star"),
    (r"w^\star", "w_star"),
    (r"\lambda^*", "lam_star"),
    (r"\lambda^\star", "lam_star"),
    (r"\mathrm{Test}", "Test"),
    (r"\text{Test}\,\Sigma", "Test@Sigma"),
    (r"\mathrm{df}_2", "df2"),
    (r"\operatorname{df}_{2}", "df2"),
    (r"\mathrm{df}_2(\kappa)", "df2"),
    (r"\df_2(\kappa)^2", "df2**2"),
    (r"\mathrm{excess}(\kappa)", "excess"),
    (r"\hat\Sigma", "Sigma_hat"),
    (r"\widehat{\Sigma}", "Sigma_hat"),
    (r"\bar\alpha", "alpha_bar"),
    (r"\bar z", "conj(z)"),
    (r"\overline{C A}", "conj(C@A)"),
    (r"\mathrm{i}\kappa + z", "1j*kappa + z"),
    (r"\mathbf{w}^\top\Sigma\mathbf{w}", "Tr(w.T@Sigma@w)"),
    (r"\boldsymbol\Sigma+\kappa", "Sigma + kappa"),
    ("nd", "n*d"),
    # products
    (r"\sigma^2 n", "sigma**2*n"),
    (r"\kappa \Sigma", "kappa*Sigma"),
    (r"\Sigma G", "Sigma@G"),
    (r"\Sigma \kappa G", "kappa*(Sigma@G)"),
    (r"\Sigma \cdot G", "Sigma@G"),
    (r"2\cdot 3\times\kappa", "2*3*kappa"),
    (r"\kappa(1+n)", "kappa*(1 + n)"),
    (r"\{\kappa+1\}[\lambda+2]", "(kappa + 1)*(lam + 2)"),
    (r"\kappa(\Sigma+\kappa)^{-1}", "kappa*inv(Sigma + kappa)"),
    (r"w w^\top A w", "w@w.T@A@w"),
    (r"A w^\top w B", "Tr(w.T@w)*(A@B)"),
    (r"w_0^\top w_0\Sigma", "Tr(w0.T@w0)*Sigma"),
    (r"\quad\kappa\;\lambda\!n~d\,", "kappa*lam*n*d"),
    (r"-\kappa\lambda-n", "-kappa*lam - n"),
    (r"A(-B)", "A@(-B)"),
    (r"\{A\}B", "A@B"),
    # numbers, fractions, roots
    ("0.5+.5+007", "0.5 + 0.5 + 7"),
    (r"\frac12\kappa", "(1/2)*kappa"),
    (r"\frac1d", "1/d"),
    (r"\tfrac{1}{n}\dfrac n d", "(1/n)*(n/d)"),
    (r"\frac{\kappa+1}{n-\mathrm{df}_2}", "(kappa + 1)/(n - df2)"),
    ("d/n", "d/n"),
    (r"\kappa d/n^2", "kappa*d/n**2"),
    (r"\kappa/(n\lambda)", "kappa/(n*lam)"),
    (r"1-\mathrm{df}_2(\kappa)/n", "1 - df2/n"),
    ("AB/n", "(A@B)/n"),
    (r"\sqrt{\kappa+1}", "sqrt(kappa + 1)"),
    (r"\sqrt\kappa\sqrt2", "sqrt(kappa)*sqrt(2)"),
    (r"\kappa^{3/2}", "sqrt(kappa)**3"),
    (r"\kappa^{-1}", "kappa**-1"),
    (r"\kappa^{-\frac12}", "sqrt(kappa)**-1"),
    # powers and transposes of matrices
    (r"(\Sigma+\kappa I)^{-1}", "inv(Sigma + kappa)"),
    (r"(\Sigma+\kappa I_d)^{-2}", "inv(Sigma + kappa)**2"),
    (r"(\Sigma+\kappa\mathbf{I})^{-1}", "inv(Sigma + kappa)"),
    (r"\left(\Sigma+\kappa\mathbb{1}_d\right)^{-1}", "inv(Sigma + kappa)"),
    (r"\bigl[\operatorname{Id}-A\bigr]^{-1}", "inv(1 - A)"),
    ("I_d", "eye(d)"),
    (r"\kappa I_d", "kappa*eye(d)"),
    (r"I A", "A"),
    (r"X X^\top+\lambda I_n", "X@X.T + lam"),
    (r"\Sigma^{1/2}A\Sigma^{-1/2}", "sqrt(Sigma)@A@inv(sqrt(Sigma))"),
    (r"\sqrt\Sigma", "sqrt(Sigma)"),
    (r"A^\top", "A.T"),
    (r"A^{\top}A^TA^{\mathsf T}A^\intercal", "A.T@A.T@A.T@A.T"),
    (r"A'B^{\prime}", "A.T@B.T"),
    ("(AB)'", "(A@B).T"),
    ("A'^2", "A.T**2"),
    (r"A^{-\top}", "inv(A.T)"),
    ("C^*", "C.H"),
    (r"C^{\dagger}C^HC^{\mathsf{H}}", "C.H@C.H@C.H"),
    # quadratic forms and norms
    (r"w_0^\top \Sigma G^2 w_0", "Tr(w0.T@Sigma@G**2@w0)"),
    (r"(w^\top A w)^2", "Tr(w.T@A@w)**2"),
    (r"\|w\|^2", "Tr(w.T@w)"),
    (r"\|w\|_2^4", "Tr(w.T@w)**2"),
    (r"\lVert w \rVert_\Sigma^2", "Tr(w.T@Sigma@w)"),
    (r"\left\|w-w_0\right\|_{\Sigma^{-1}}^2", "Tr((w - w0).T@inv(Sigma)@(w - w0))"),
    (r"\|A\|_F^2+\|X\|_{\mathrm{F}}^2", "Tr(A.T@A) + Tr(X.T@X)"),
    (r"\|C\|_F^2", "Tr(C.H@C)"),
    # traces
    (r"\operatorname{tr}(A)", "Tr(A)"),
    (r"\mathrm{Tr}[A]", "Tr(A)"),
    (r"\Tr\bigl(A\bigr)", "Tr(A)"),
    (r"\bar{\mathrm{tr}}(A)", "tau(A)"),
    (r"\overline{\operatorname{tr}}\left(A\right)+\tau(B)", "tau(A) + tau(B)"),
    (r"\frac{1}{d}\operatorname{tr}(A)", "(1/d)*Tr(A)"),
    (r"\operatorname{tr}\Sigma^2G^2", "Tr(Sigma**2@G**2)"),
    (r"\operatorname{tr}\kappa AB/n", "kappa*Tr(A@B)/n"),
    (r"\operatorname{tr}A B n", "n*Tr(A@B)"),
    (r"\operatorname{tr}A\operatorname{tr}B", "Tr(A)*Tr(B)"),
    (r"\operatorname{tr}\Sigma(\Sigma+\kappa)^{-1}+\kappa", "Tr(Sigma@inv(Sigma + kappa)) + kappa"),
    (r"\operatorname{tr}^2(A)+\operatorname{tr}(A)^2", "Tr(A)**2 + Tr(A)**2"),
    (r"\operatorname{tr}A^2", "Tr(A**2)"),
    (r"\operatorname{tr}(I_d)", "Tr(eye(d))"),
    (r"\operatorname{tr}(A)\cdot B", "Tr(A)*B"),
    (r"1/\operatorname{tr}(A)", "1/Tr(A)"),
    (r"(\operatorname{tr}A)B", "Tr(A)*B"),
    (
        r"\frac{\kappa^2 w_0^\top\Sigma(\Sigma+\kappa I)^{-2}w_0+\sigma^2\mathrm{df}_2(\kappa)/n}"
        r"{1-\mathrm{df}_2(\kappa)/n}",
        "(kappa**2*Tr(w0.T@Sigma@inv(Sigma + kappa)**2@w0) + sigma**2*df2/n)/(1 - df2/n)",
    ),
)

REFUSED: tuple[tuple[str, int, str], ...] = (
    # unknown and ambiguous names
    (r"\kappa+\Sigmma", 8, r"did you mean \\Sigma"),
    ("a", 1, "did you mean A"),
    (r"\kappa+\mathrm{Tset}", 8, "did you mean Test"),
    (r"\sigma_1", 1, "no declared name"),
    (r"\hat w", 1, "no declared name"),
    (r"\bar\sigma", 1, "declare sigma_bar"),
    ("Test", 1, r"\\mathrm{Test}"),
    (r"\kappa df_2", 8, r"\\mathrm{df}"),
    (r"\mathbf{w}^\top w", 17, "two ways"),
    (r"\varphi+\phi", 9, "two ways"),
    (r"\mathcal{L}", 1, "alphabet"),
    (r"\mathbb{R}", 1, "no matrix"),
    (r"\mathbf{1}", 1, "one letter"),
    ("i", 1, r"\\mathrm{i}"),
    ("A_{11}", 1, "no declared name"),
    ("(A)_{11}", 5, "index"),
    ("x_{n-1}", 3, "no index"),
    # digits
    (r"\kappa^12", 8, "first digit"),
    ("p_12", 3, "first digit"),
    (r"\frac12 3", 9, "number behind"),
    (r"\frac{1}23\kappa", 9, "first digit"),
    (r"\kappa 2", 8, "number behind"),
    ("2 3", 3, "number behind"),
    # slashes
    ("A/nd", 4, "below the line"),
    ("1/2n", 4, "below the line"),
    (r"1/n\operatorname{tr}(A)", 4, "below the line"),
    ("1/2(n+d)", 4, "below the line"),
    (r"1/n\cdot d", 10, "below the line"),
    ("n/d/d", 5, "below the line"),
    (r"A/\Sigma", 3, "division by a matrix"),
    (r"\frac{1}{A}", 9, "division by a matrix"),
    (r"1/\operatorname{tr}A", 3, "behind a slash"),
    (r"\frac{d}{d\lambda}\operatorname{tr}(A)", 1, "derivative"),
    (r"\frac{d\kappa}{d\lambda}", 1, "derivative"),
    (r"\frac{\kappa}{n}^2", 1, "behind a fraction"),
    ("1e-3", 1, "exponent"),
    # functions or products
    (r"\kappa(\lambda)", 1, "as a function"),
    (r"\kappa(-\lambda)", 1, "as a function"),
    (r"G(z)", 1, "as a function"),
    (r"\mathrm{df}_2(\lambda)", 1, "as a function"),
    (r"\mathrm{df}_2(-\kappa)", 1, "as a function"),
    (r"\mathrm{df}_2(\kappa+1)", 1, "as a function"),
    (r"\mathrm{df}_2(\kappa)_1", 1, "as a function"),
    (r"\mathrm{excess}(\lambda)", 1, "as a function"),
    (r"\mathrm{df}_1(\kappa)", 1, "no declared name"),
    # traces
    (r"\operatorname{tr}(A)B", 21, "behind a trace"),
    (r"\operatorname{tr}(A)nB", 22, "behind a trace"),
    (r"\operatorname{tr}A n B", 22, "behind a scalar"),
    (r"\operatorname{tr}A\cdot B", 25, "behind a trace"),
    (r"{\operatorname{tr}(A)}B", 23, "behind a trace"),
    (r"\operatorname{tr}A+B", 1, "without brackets"),
    (r"\operatorname{tr}(\Sigma+\kappa)^{-1}", 18, "of the matrix"),
    (r"\operatorname{tr}(A)^\top", 18, "of the matrix"),
    (r"\operatorname{tr}^{-1}(A)", 1, "of the matrix"),
    (r"\operatorname{tr}^2\kappa A", 1, "with scalars"),
    (r"\tau A", 1, "without brackets"),
    (r"\operatorname{tr}", 1, "nothing"),
    (r"\operatorname{tr}+A", 1, "nothing"),
    (r"\operatorname{tr}\kappa", 1, "nothing but scalars"),
    (r"\operatorname{tr}(\kappa)", 1, "of a scalar"),
    (r"\operatorname{tr}(I)", 19, "unknown dimension"),
    # superscripts
    (r"\Sigma^m", 8, "not read"),
    (r"\Sigma^{(1)}", 8, "not read"),
    ("A^{1/3}", 3, "not read"),
    ("A^{0.5}", 3, "not read"),
    ("A^{B}", 3, "not read"),
    ("A^2^2", 5, "second superscript"),
    ("A''", 1, "several"),
    (r"A'^\top", 1, "several"),
    (r"\kappa'", 1, "of a scalar"),
    ("z^*", 1, "of a scalar"),
    ("C'", 1, "complex"),
    (r"A^\dagger", 1, "pseudo-inverse"),
    (r"A^\star", 1, "part of no declared name"),
    (r"w^*", 1, "ambiguous"),
    (r"\overline{A}", 1, "declare A_bar"),
    (r"\overline{A B}", 1, "what is real"),
    ("{A+B}^2", 1, "braces do not show"),
    (r"\kappa{n+d}", 7, "braces do not show"),
    ("{AB}^2", 1, "braces do not show"),
    # norms
    (r"\|A\|^2", 1, "Frobenius"),
    (r"\|w\|", 1, "not squared"),
    (r"\|\kappa\|^2", 1, "scalar"),
    (r"\|w\|_\kappa^2", 7, "no matrix"),
    (r"\lVert\lVert w\rVert^2 w\rVert^2", 1, "within a norm"),
    ("|A|", 1, "determinants"),
    # shapes
    ("ww", 1, "do not multiply"),
    (r"\Sigma+\kappa I_n", 1, "do not add"),
    ("I_n A", 1, "do not multiply"),
    (r"I_\Sigma", 3, "no dimension"),
    ("I", 1, "unknown dimension"),
    # what formulas do not have
    (r"\kappa=\lambda", 7, "relation"),
    (r"A\simeq B", 2, "relation"),
    (r"n\to\infty", 2, "relation"),
    (r"\mathbb{E}A", 1, "expectation"),
    (r"\sum_{k=1}^n\kappa", 1, "over an index"),
    (r"\det(A)", 1, "not a function"),
    (r"\log\kappa", 1, "not a function"),
    (r"\operatorname{log}\kappa", 1, "not a function"),
    (r"A\otimes B", 2, "only the matrix product"),
    (r"A\odot B", 2, "only the matrix product"),
    ("A*B", 2, "star"),
    (r"\sqrt[3]\kappa", 7, "degree"),
    (r"\begin{pmatrix}A\end{pmatrix}", 1, "matrix environment"),
    (r"\unknown{A}", 1, "command"),
    (r"A^{\rm T}", 4, "font"),
    (r"\kappa,", 7, "comma"),
    (r"\kappa.", 7, "full stop"),
    (r"$\kappa$", 1, "dollar"),
    ("A % comment", 3, "comment"),
    ("\u03ba", 1, "in LaTeX"),
    (r"(\kappa]", 8, "closing bracket"),
    (r"(\kappa", 8, "too early"),
    (r"\kappa+", 8, "too early"),
    (r"\kappa)", 7, "closing bracket"),
    (r"{}\kappa", 1, "braces"),
    (r"\frac{}{n}", 6, "empty braces"),
    ("", 1, "empty"),
    ("A\\", 2, "backslash"),
    ("(" * 40, 31, "nested"),
)


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
