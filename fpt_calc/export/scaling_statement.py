r"""A scaling law as a theorem: a table of regimes for each case; best choices as a corollary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from fpt_calc.export.escape import escaped
from fpt_calc.export.layout import PAGE, align, width
from fpt_calc.export.scaling_sums import value_latex
from fpt_calc.export.scaling_symbols import (
    SEPARATOR,
    affine_latex,
    condition_latex,
    constant_latex,
    polyhedron_latex,
    symbol_latex,
)
from fpt_calc.scaling.polyhedra import Affine, Chamber, Condition, Interval
from fpt_calc.scaling.regimes.affine_scalars import scalar_of
from fpt_calc.scaling.regimes.cases import Case
from fpt_calc.scaling.regimes.constants import to_sympy
from fpt_calc.scaling.regimes.explore import Regime
from fpt_calc.scaling.regimes.law import Law
from fpt_calc.scaling.regimes.optimum import Optimum
from fpt_calc.scaling.shown.choice import choice_of
from fpt_calc.scaling.shown.described import ordered
from fpt_calc.scaling.shown.text import largest

WIDE = 170.0  # points; a longer constant gets a name
_STRUTS = (r"\rule[-6pt]{0pt}{18pt}", r"\rule[-12pt]{0pt}{30pt}")  # for rows without and with fractions
_OR = r"\text{ or }"
_STATUS = r"\noindent\emph{Status: exact expansion of the formula above, away from boundaries and special parameters.}"


def scaling_theorem(law: Law, words: Mapping[str, str]) -> str:
    """The theorem."""
    size, value = symbol_latex(law.request.setting.size), value_latex(law)
    meaning = r"$a\simeq b$ means $a/b\to1$"
    front = rf"As ${size}\to\infty$, inside of each regime ${value}$ behaves as the table says ({meaning})."
    blocks = [case_block(law, case, words) for case in law.cases]
    return "\n".join([r"\begin{theorem}", front, *blocks, r"\end{theorem}", _STATUS])


def case_block(law: Law, case: Case, words: Mapping[str, str]) -> str:
    """The regimes of a case with the conditions on parameters, and the exponent in one formula where there is one."""
    when = conditions_latex(case.conditions)
    head = rf"\par\smallskip\noindent If ${when}$:" if when else ""
    text = f"{head}\n{regime_table(law, case, words)}"
    together = largest(case)
    if len(together) > 1:
        exponents = r",\,".join(affine_latex(f) for f in together)
        text += f"\nTogether, the exponent is $\\max\\bigl({exponents}\\bigr)$."
    return text.lstrip("\n")


def regime_table(law: Law, case: Case, words: Mapping[str, str]) -> str:
    """The table of a case; constants that are too wide for it, and those without a closed form, follow it."""
    names: dict[str, str] = {}
    table = ordered(case).regimes
    shown = [regime_latex(law, r, names) for r in table]
    sources = [" and ".join(words[s] for s in r.dominant) for r in table]
    room = PAGE - 30 - max(map(width, shown)) - max(map(width, sources))
    rows = []
    for regime, text, words_there in zip(table, shown, sources, strict=True):
        strut = _STRUTS[r"\frac" in text]
        cell = _cell(polyhedron_latex(case.chamber, regime.cell), room)
        rows.append((cell, rf"${strut}\displaystyle {text}$", escaped(words_there)))
    head = ("regime", f"${value_latex(law)}\\simeq$", "leading")
    block = tabular([head, *rows])
    if names:
        block += "\nwith " + ", ".join(f"${name}={value}$" for value, name in names.items()) + "."
    return block + "".join(f"\n{t}" for t in dict.fromkeys(roots_text(law, table)))


def _cell(text: str, room: float) -> str:
    """Inequalities in a line, or in several lines where they are too wide."""
    lines: list[str] = []
    for part in text.split(SEPARATOR):
        joined = SEPARATOR.join([*lines[-1:], part])
        lines[-1:] = [joined] if width(joined) <= room or not lines else [lines[-1], part]
    if len(lines) == 1:
        return f"${text}$" if text else "always"
    rows = r"\\".join(f"${line}$" for line in lines)
    return rf"\begin{{tabular}}{{@{{}}l@{{}}}}{rows}\end{{tabular}}"


def regime_latex(law: Law, regime: Regime, names: dict[str, str] | None = None) -> str:
    """``C T^exponent``; constants too wide for a table are put into ``names``."""
    size = symbol_latex(law.request.setting.size)
    constant = constant_latex(regime.constant, law.request.bounds)
    if names is not None and width(constant) > WIDE:
        constant = names.setdefault(constant, f"C_{len(names) + 1}")
    logs = "" if not regime.logs else rf"\log {size}" if regime.logs == 1 else rf"\log^{regime.logs}{size}"
    return times(constant, power_latex(size, regime.exponent), logs)


def power_latex(size: str, exponent: Affine) -> str:
    """A power of the size; nothing for the exponent 0."""
    terms = affine_latex(exponent)
    collected = constant_latex(to_sympy(scalar_of(exponent)), inline=True)
    shown = min(terms, collected, key=width)
    return "" if shown == "0" else size if shown == "1" else f"{size}^{{{shown}}}"


def times(constant: str, *factors: str) -> str:
    """Factors with thin spaces; a sum in front is put in parentheses, and 1 is left out."""
    rest = [f for f in factors if f]
    if not rest:
        return constant
    first = rf"\bigl({constant}\bigr)" if _outside_sign(constant) else constant
    return r"\,".join([*([] if constant == "1" else [first]), *rest])


def _outside_sign(text: str) -> bool:
    """Whether a sign stands outside of all parentheses and braces."""
    depth = 0
    for k, c in enumerate(text):
        depth += (c in "({") - (c in ")}")
        if c in "+-" and k and not depth:
            return True
    return False


def roots_text(law: Law, table: Iterable[Regime]) -> list[str]:
    """The equations of constants without a closed form."""
    return [
        f"Here ${symbol_latex(str(unknown))}$ is the largest root of "
        f"${constant_latex(vanishing, law.request.bounds, inline=True)}=0$."
        for regime in table
        for unknown, vanishing in regime.where.items()
        if regime.constant.has(unknown)
    ]


def tabular(rows: Sequence[Sequence[str]]) -> str:
    """A centred table with a head."""
    head, *body = (" & ".join(r) for r in rows)
    columns = "l" * len(rows[0])
    lines = "\n".join(f"{row}\\\\" for row in body)
    return (
        rf"\begin{{center}}\begin{{tabular}}{{@{{}}{columns}@{{}}}}\toprule" + "\n"
        f"{head}\\\\\\midrule\n{lines}\\bottomrule\n" + r"\end{tabular}\end{center}"
    )


def conditions_latex(conditions: Iterable[Condition]) -> str:
    """Conditions on parameters with commas."""
    return SEPARATOR.join(condition_latex(c) for c in conditions)


def scaling_corollary(law: Law, optima: Sequence[Optimum]) -> str:
    """The best choices; nothing if none was asked for."""
    if not optima:
        return ""
    items = []
    for optimum in optima:
        case = next(c for c in law.cases if c.conditions == optimum.conditions)
        items.append(optimum_latex(law, case, optimum))
    return "\n".join([r"\begin{corollary}", "\n\n".join(items), r"\end{corollary}"])


def optimum_latex(law: Law, case: Case, optimum: Optimum) -> str:
    """An optimum in words, with the best factor and the constant displayed."""
    found = choice_of(law, case, optimum)
    size, value = symbol_latex(law.request.setting.size), value_latex(law)
    cell = polyhedron_latex(case.chamber, optimum.cell) if optimum.cell.names else ""
    when = SEPARATOR.join(t for t in (conditions_latex(case.conditions), cell) if t)
    start = f"If ${when}$, the" if when else "The"
    if found.value is None:
        chosen = " or ".join(f"${interval_latex(optimum.name, i)}$" for i in optimum.best)
    else:
        chosen = f"${symbol_latex(found.left)}={constant_latex(found.value, inline=True)}$"
    logs = "" if not found.logs else rf"\log {size}" if found.logs == 1 else rf"\log^{found.logs}{size}"
    power = power_latex(size, optimum.exponent)
    order = rf"${value}\asymp {times('1', power, logs)}$" if power or logs else f"${value}$ does not fall"
    if found.best is None or found.constant is None:
        return rf"{start} best choice is {chosen}; then {order}."
    domain = law.request.bounds
    best = f"{symbol_latex(found.prefactor)}&={constant_latex(found.best, domain)}"
    law_there = rf"{value}&\simeq {times(constant_latex(found.constant, domain), power, logs)}"
    return f"{start} best choice is {chosen}; then\n" + align([f"{law_there},", best])


def interval_latex(name: str, interval: Interval) -> str:
    """``low <= name <= high``, or the one value."""
    shown = symbol_latex(name)
    if interval.low is not None and interval.low == interval.high:
        return f"{shown}={affine_latex(interval.low)}"
    low = "" if interval.low is None else rf"{affine_latex(interval.low)}\le "
    if interval.high is None:
        return rf"{shown}\ge {affine_latex(interval.low)}" if interval.low is not None else shown
    return rf"{low}{shown}\le {affine_latex(interval.high)}"


def parts_rows(law: Law, chamber: Chamber, parts: Iterable[tuple[str, Sequence[Regime]]]) -> str:
    """What each of several quantities is asymptotically equal to, and where; it may be broken over pages."""
    rows = []
    for shown, table in parts:
        places: dict[str, list[str]] = {}
        for regime in table:
            places.setdefault(regime_latex(law, regime), []).append(polyhedron_latex(chamber, regime.cell))
        left = shown
        for right, cells in places.items():
            where = rf"\text{{if }}{_OR.join(cells)}" if all(cells) else ""
            fits = width(shown) + width(right) + width(where) < PAGE - 50
            rows.append(rf"{left}&\simeq {right}" + (rf"&&{where}" if fits else rf"\\ &\qquad {where}"))
            left = ""
    return align(rows, "")
