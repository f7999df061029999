r"""The proof of a scaling law: the sums over eigenvalues, the order parameters, the sources, the largest of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fpt_calc.errors import CannotDecideError
from fpt_calc.export.scaling_statement import conditions_latex, parts_rows, roots_text
from fpt_calc.export.scaling_sums import source_latex
from fpt_calc.export.scaling_symbols import symbol_latex
from fpt_calc.scaling.regimes.explore import Regime
from fpt_calc.scaling.regimes.law import Law
from fpt_calc.scaling.shown.described import growths
from fpt_calc.scaling.shown.orders import Orders, orders

_SUMS = r"""\textbf{1. Sums.} For $S=\sum_{k\ge1}k^{-q}(ak^{-\beta}+\kappa)^{-m}$ with $\kappa\to0$ the Mellin transform
has poles from two ranges of $k$. About $k\sim1$ expand in $\kappa$; about $k\sim K=(a/\kappa)^{1/\beta}$ the sum is an
integral. With $s=(q-1)/\beta$,
\[ S=\tfrac1\beta\,a^{-s}\kappa^{s-m}B(s,m-s)
+\sum_{j\ge0}\tbinom{-m}{j}a^{-m-j}\kappa^j\,\zeta\bigl(q-\beta(m+j)\bigr) \]
as an asymptotic series, both parts continued analytically. The first part leads if $s<m$, the term $j=0$ if $s>m$;
where two terms have a pole at once, the poles cancel and leave a logarithm."""
_CUT = r"""If the sum ends at $k=d\gg K$, the range $k\sim d$ adds
$\sum_{j\ge0}\tbinom{-m}{j}\kappa^{-m-j}a^j\,d^{1-q-\beta j}/(1-q-\beta j)$ to leading order (Euler and Maclaurin). If
$d\ll K$, the first part is replaced by
$\sum_{j\ge0}\tbinom{-m}{j}a^{-m-j}\kappa^j\,d^{1-q+\beta(m+j)}/(1-q+\beta(m+j))$."""
_BALANCE = r"""In the equation of ${}$ two terms balance at the largest root, where, coming from infinity, a term of the
other sign first overtakes the one that leads:"""
_LARGEST = r"""No source is negative. On each cell of exponents that these regimes cut out, the source with the largest
exponent is that of the sum, and sources of one order add their constants. Cells with one law are joined."""


def scaling_proof(law: Law) -> str:
    """The proof: the sums, then by cases the order parameters and the sources, then the largest of them."""
    balances: dict[str, list[str]] = {}
    values: dict[str, list[str]] = {}
    undecided = []
    for case in law.cases:
        try:
            found = orders(law, case)
        except CannotDecideError:
            undecided.append(conditions_latex(case.conditions))
            continue
        when = conditions_latex(found.conditions)
        balances.setdefault(_parameters(law, found), []).append(when)
        values.setdefault(_sources(law, found), []).append(when)
    steps = [_SUMS + (f" {_CUT}" if _has_cut(law) else "")]
    if law.side.parameters and balances:
        steps.append(_by_cases("2. Balance", _BALANCE.format(_first_parameter(law)), balances))
    if values:
        steps.append(_by_cases("3. Sources", "With this, by step 1,", values))
    for when in undecided:
        start = f"If ${when}$, the" if when else "The"
        steps.append(f"{start} orders of single sources are not decided, that of their sum is.")
    steps.append(rf"\textbf{{4. Comparison.}} {_LARGEST}")
    return "\n".join([r"\begin{proof}", "\n\n".join(steps), r"\end{proof}"])


def _first_parameter(law: Law) -> str:
    return symbol_latex(law.side.parameters[0].symbol.name)


def _has_cut(law: Law) -> bool:
    """Whether the dimension is finite."""
    return all(value is not None for _, value in growths(law.request))


def _parameters(law: Law, found: Orders) -> str:
    parts = [(symbol_latex(n), table) for n, table in found.parameters]
    return _with_roots(law, parts, found)


def _sources(law: Law, found: Orders) -> str:
    parts = [(source_latex(law, n), table) for n, table in found.sources]
    return _with_roots(law, parts, found)


def _with_roots(law: Law, parts: Sequence[tuple[str, Sequence[Regime]]], found: Orders) -> str:
    """Rows of laws, and the equations of constants in them without a closed form."""
    equations = dict.fromkeys(t for _, table in parts for t in roots_text(law, table))
    return "\n".join([parts_rows(law, found.chamber, parts), *equations])


def _by_cases(title: str, text: str, blocks: Mapping[str, Sequence[str]]) -> str:
    """A step whose displays differ by the conditions on parameters."""
    lines = [rf"\textbf{{{title}.}} {text}"]
    for block, conditions in blocks.items():
        when = " or ".join(f"${c}$" for c in conditions if c)
        lines += [f"if {when}," if when and len(blocks) > 1 else "", block]
    return "\n".join(line for line in lines if line)
