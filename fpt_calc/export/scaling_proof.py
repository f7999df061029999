r"""The proof of a scaling law: the sums over eigenvalues, the order parameters, the sources, the largest of them."""

from __future__ import annotations

from fpt_calc.errors import CannotDecideError
from fpt_calc.export.scaling_statement import conditions_latex, parts_table, roots_text
from fpt_calc.export.scaling_sums import source_latex
from fpt_calc.export.scaling_symbols import symbol_latex
from fpt_calc.scaling.regimes.described import growths
from fpt_calc.scaling.regimes.law import Case, Law
from fpt_calc.scaling.regimes.orders import orders

_SUMS = r"""\textbf{1. Sums.} For $S=\sum_{k\ge1}k^{-q}(ak^{-\beta}+\kappa)^{-m}$ with $\kappa\to0$ the Mellin transform has
poles from two ranges of $k$. About $k\sim1$ expand in $\kappa$; about $k\sim K=(a/\kappa)^{1/\beta}$ the sum is an
integral. With $s=(q-1)/\beta$,
\[ S=\tfrac1\beta\,a^{-s}\kappa^{s-m}B(s,m-s)+\sum_{j\ge0}\tbinom{-m}{j}a^{-m-j}\kappa^j\,\zeta\bigl(q-\beta(m+j)\bigr) \]
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
    """The proof."""
    steps = [_SUMS + (f" {_CUT}" if _has_cut(law) else "")]
    for case in law.cases:
        steps += _case(law, case)
    return "\n".join(
        [r"\begin{proof}", "\n\n".join([*steps, rf"\textbf{{4. Comparison.}} {_LARGEST}"]), r"\end{proof}"]
    )


def _has_cut(law: Law) -> bool:
    """Whether the dimension is finite."""
    return all(value is not None for _, value in growths(law.request))


def _case(law: Law, case: Case) -> list[str]:
    """The orders of the parameters and the sources in a case; less where they are not decided one by one."""
    try:
        found = orders(law, case)
    except CannotDecideError:
        when = conditions_latex(case.conditions)
        return [
            rf"{f'If ${when}$: ' if when else ''}the orders of single sources are not decided, that of their sum is."
        ]
    when = conditions_latex(found.conditions)
    given = f" (${when}$)" if when else ""
    parameters = [(symbol_latex(n), table) for n, table in found.parameters]
    sources = [(source_latex(law, n), table) for n, table in found.sources]
    steps = []
    if parameters:
        balance = _BALANCE.format(parameters[0][0])
        steps.append(
            rf"\textbf{{2. Balance}}{given}\textbf{{.}} {balance}" + "\n" + parts_table(law, found.chamber, parameters)
        )
    steps.append(rf"\textbf{{3. Sources}}{given}\textbf{{.}} Put in:" + "\n" + parts_table(law, found.chamber, sources))
    tables = [r for _, t in (*found.parameters, *found.sources) for r in t]
    return [*steps, *dict.fromkeys(roots_text(law, tables))]
