"""A law as a LaTeX document: setting, statement, pencil, system, checks."""

from __future__ import annotations

import re

from fpt_calc.derivation import LimitLaw
from fpt_calc.ensembles import Gaussian, Wigner
from fpt_calc.export.escape import escaped
from fpt_calc.export.latex import latex, name_to_latex
from fpt_calc.expr import Atom, Expr, Scaled, atoms, traces_of
from fpt_calc.pencil import TracePencil
from fpt_calc.reduce import matrix_entries
from fpt_calc.scalars import Scalar, from_polynomial, is_sum, ordered_terms, ring, signed_parts

MAX_PRINTED_STATES = 12
MAX_LINE = 56  # printed characters that fit a line of the page, as a rule of thumb

_PREAMBLE = r"""\documentclass[11pt]{article}
\usepackage[margin=25mm]{geometry}
\usepackage{amsmath,amssymb,amsthm,booktabs}
\newtheorem{theorem}{Theorem}
\newcommand{\tr}{\operatorname{Tr}}
\setcounter{MaxMatrixCols}{20}
\allowdisplaybreaks
\begin{document}
"""


def document(law: LimitLaw, title: str = "A limiting law") -> str:
    """A document that compiles as it stands with pdflatex and standard packages."""
    parts = [
        _PREAMBLE,
        rf"\section*{{{escaped(title)}}}",
        _setting(law),
        _statement(law),
        _proof(law),
        _evidence(law),
        r"\end{document}",
    ]
    return "\n\n".join(parts) + "\n"


def law_latex(law: LimitLaw) -> str:
    """The limits and their equations as one display, for Jupyter."""
    return rf"$$\begin{{aligned}}{_limits(law)}\\ {_system(law)}\end{{aligned}}$$"


def _setting(law: LimitLaw) -> str:
    sentences = [_describe(atom) for atom in _all_atoms(law)]
    return (
        r"\paragraph{Setting.} "
        + " ".join(sentences)
        + r" The dimensions tend to infinity at fixed ratios, deterministic "
        r"matrices are bounded in norm, and $\tau=\frac1{\dim}\tr$ is the normalized trace."
    )


def _all_atoms(law: LimitLaw) -> list[Atom]:
    found: dict[str, Atom] = {}
    pending: list[Expr] = [t.argument for s in law.targets.values() for t in traces_of(s)]
    while pending:
        for atom in atoms(pending.pop(0)):
            if atom.name not in found:
                found[atom.name] = atom
                pending += atom.law.deterministic_parts() if atom.law is not None else ()
    return sorted(found.values(), key=lambda a: a.law is None)


def _describe(atom: Atom) -> str:
    field = r"\mathbb R" if atom.entries == "real" else r"\mathbb C"
    rows, cols = (rf"({latex(d)})" if is_sum(d) else latex(d) for d in atom.shape)
    shape = rf"${name_to_latex(atom.name)}\in {field}^{{{rows}\times {cols}}}$"
    match atom.law:
        case Gaussian(variance=variance, row_covariance=None, covariance=None):
            return rf"{shape} has independent centred Gaussian entries of variance ${latex(variance)}$."
        case Gaussian(variance=variance, row_covariance=row, covariance=column):
            sides = [f"row covariance ${latex(row)}$"] if row is not None else []
            sides += [f"column covariance ${latex(column)}$"] if column is not None else []
            return rf"{shape} is centred Gaussian of variance ${latex(variance)}$ with {' and '.join(sides)}."
        case Wigner(variance=variance, field=kind):
            name = "GOE" if kind == "real" else "GUE"
            return rf"{shape} is a {name} matrix with off-diagonal variance ${latex(variance)}$."
    facts = [f for f in ("projection", "orthogonal", "pd", "psd", "symmetric", "hermitian") if f in atom.facts]
    words = {"pd": "positive definite", "psd": "positive semidefinite"}
    described = f"deterministic and {words.get(facts[0], facts[0])}" if facts else "deterministic"
    return f"{shape} is {described}."


def _statement(law: LimitLaw) -> str:
    return (
        r"\begin{theorem} In this limit" + "\n"
        rf"\begin{{align*}}{_limits(law)}\end{{align*}}" + "\n"
        r"where the order parameters are the solution, continued from zero variance, of" + "\n"
        rf"\begin{{align*}}{_system(law)}\end{{align*}}" + "\n"
        r"\end{theorem}" + "\n"
        rf"\noindent\emph{{Status: {law.derivation.status}; rests on the Dyson equation for Gaussian pencils (cited).}}"
    )


def _limits(law: LimitLaw) -> str:
    """Each target, its definition, and its limit."""
    lines = []
    for name, target in law.targets.items():
        lines.append(rf"{_target_name(name)}&:={_broken(target)}")
        lines.append(rf"&\phantom{{:}}\simeq {_broken(law.system.outputs[name])}")
    return r"\\ ".join(lines)


def _target_name(name: str) -> str:
    return name_to_latex(name) if len(name) < 3 or name[-1].isdigit() else rf"\text{{{escaped(name)}}}"


def _width(text: str) -> int:
    """Printed characters, roughly: commands count once, braces and sizes not at all."""
    text = re.sub(r"\\(bigl|bigr|Bigl|Bigr|mathrm|text|frac|,|;)", "", text)
    return len(re.sub(r"[{}^_ ]", "", re.sub(r"\\[A-Za-z]+", "x", text)))


def _system(law: LimitLaw) -> str:
    if law.equations is None:
        return _matrix_system(law)
    lines = [f"{name_to_latex(atom.name)}&={latex(expr)}" for atom, expr in law.equations.definitions]
    lines += [f"{latex(e.unknown)}&={_broken(e.value)}" for e in law.equations.equations]
    return r"\\ ".join(lines)


def _matrix_system(law: LimitLaw) -> str:
    """The system as it is solved: the entries of M = F - eta(G), and the averages of G = M^-1."""
    lines = [f"M_{{{i + 1},{j + 1}}}&={latex(block)}" for i, j, block in matrix_entries(law.system)]
    lines.append("G&=M^{-1}")
    for unknown in law.system.unknowns:
        average = law.system.averages[unknown]
        weight = "" if average.weight is None else rf"{latex(average.weight)}\,"
        lines.append(rf"{latex(unknown)}&=\tau\bigl({weight}G_{{{average.row + 1},{average.col + 1}}}\bigr)")
    return r"\\ ".join(lines)


def _broken(value: Scalar) -> str:
    """A right-hand side, broken at the operators of its sums where it is long."""
    text = latex(value)
    if _width(text) <= MAX_LINE:
        return text
    if value.den == 1:
        return _wrapped_sum(value)
    top, bottom = (from_polynomial(value.gens, part) for part in signed_parts(value))
    return rf"\bigl({latex(bottom)}\bigr)^{{-1}}\bigl({_wrapped_sum(top)}\bigr)"


def _wrapped_sum(value: Scalar) -> str:
    lines, current = [], ""
    for piece in _monomials(value):
        if current and _width(current + piece) > MAX_LINE:
            lines.append(current)
            current = ""
        current += piece
    return r"\\ &\qquad ".join([*lines, current])


def _monomials(value: Scalar) -> list[str]:
    pieces: list[str] = []
    for exponents, coefficient in ordered_terms(value.num):
        term = ring(value.gens).from_dict({tuple(map(int, exponents)): int(coefficient)})
        text = latex(from_polynomial(value.gens, term))
        pieces += _factors(text if text.startswith("-") or not pieces else f"+{text}")
    return pieces


def _factors(text: str) -> list[str]:
    """A term as one piece, or as its factors where it is wider than a line."""
    if _width(text) <= MAX_LINE:
        return [text]
    parts = text.split(r"\,")
    return [parts[0], *(rf"\,{part}" for part in parts[1:])]


def _proof(law: LimitLaw) -> str:
    pencils = [p for ps in law.pencils.values() for p in ps.terms]
    body = [r"\begin{proof} \textbf{1. Pencils} (exact).", *(_pencil(p) for p in pencils)]
    body.append(
        r"\textbf{2. Self-energy.} Averaging the random letters by Gaussian integration by parts, $\mathbb E[L^{-1}]$ "
        r"is equivalent to $G=(F-\eta(G))^{-1}$, where $F$ is the deterministic part of $L$, $\eta(G)=\mathbb E[HGH]$, "
        r"$H=F-L$."
    )
    body.append(
        rf"\textbf{{3. Reduction.}} The {len(law.raw.unknowns)} averages of blocks of $G$ on which $\eta$ depends fall "
        rf"into {len(law.system.unknowns)} classes of equal ones that matter for the statement, "
        rf"{len(law.system.nonlinear)} of them in nonlinear equations; inverting $F-\eta$ by blocks gives the system. "
        r"\end{proof}"
    )
    return "\n\n".join(body)


def _pencil(part: TracePencil) -> str:
    opened, size = latex(part.opened), part.pencil.states
    if size > MAX_PRINTED_STATES:
        return rf"A pencil with {size} states represents the trace; it is too large to be printed."
    entries = [["0"] * size for _ in range(size)]
    for (i, j), c in part.pencil.constant.items():
        entries[i][j] = latex(c)
    for x, matrix in part.pencil.letters.items():
        for (i, j), c in matrix.items():
            term = latex(x.expression if c == 1 else Scaled(c, x.expression))
            old = entries[i][j]
            entries[i][j] = term if old == "0" else old + (term if term.startswith("-") else f"+{term}")
    rows = r"\\ ".join(" & ".join(row) for row in entries)
    u, v = (_vector(w) for w in (part.pencil.u, part.pencil.v))
    shown = rf"${opened}$" if _width(opened) <= MAX_LINE else "The argument of the trace"
    return rf"{shown} is $u^\top L^{{-1}}v$ with $u={u}$, $v={v}$ and \[ L=\begin{{pmatrix}}{rows}\end{{pmatrix}}. \]"


def _vector(vector: dict[int, Scalar]) -> str:
    text = ""
    for i, c in sorted(vector.items()):
        number = "" if c == 1 else "-" if c == -1 else rf"{latex(c)}\,"
        text += ("+" if text and not number.startswith("-") else "") + rf"{number}e_{{{i + 1}}}"
    return text or "0"


def _evidence(law: LimitLaw) -> str:
    rows = [
        rf"{escaped(step.rule)} & {escaped(step.evidence.check)} & {'passed' if step.evidence.passed else 'failed'}\\"
        for step in law.derivation.steps
    ]
    return (
        r"\paragraph{Evidence.}\mbox{}\par\smallskip\noindent\begin{tabular}{@{}lp{.62\linewidth}l@{}}\toprule "
        r"step & check & result \\\midrule" + "\n" + "\n".join(rows) + "\n" + r"\bottomrule\end{tabular}"
    )
