"""Scaling laws as text for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest

from fpt_calc.scaling.polyhedra import (
    Affine,
    Chamber,
    Interval,
    Polyhedron,
    affine_text,
    crossovers,
    polyhedron_text,
    sign_on,
)
from fpt_calc.scaling.regimes.affine_scalars import scalar_of
from fpt_calc.scaling.regimes.cases import Case
from fpt_calc.scaling.regimes.change import changes
from fpt_calc.scaling.regimes.constants import symbol, to_sympy
from fpt_calc.scaling.regimes.explore import Regime
from fpt_calc.scaling.regimes.law import Law
from fpt_calc.scaling.regimes.optimum import Optimum
from fpt_calc.scaling.regimes.request import Request
from fpt_calc.scaling.shown.choice import Choice, choice_of
from fpt_calc.scaling.shown.constants_text import constant_text, power_of
from fpt_calc.scaling.shown.described import decays, growths, ordered

WIDTH = 120
_GAP = 3  # spaces between columns


def law_text(law: Law, optima: Sequence[Optimum] = (), words: Mapping[str, str] | None = None) -> str:
    """A law for people: its setting, the regimes of each case, where they meet, and best choices.

    Parameters
    ----------
    law : the law.
    optima : best choices of exponents, see `fpt_calc.scaling.regimes.optimum.optimal`.
    words : for sources, such as "bias of w0"; their names by default.
    """
    blocks = [setting_text(law)]
    for case in map(ordered, law.cases):
        own = [o for o in optima if o.conditions == case.conditions]
        blocks.append(case_text(law, case, own, {n: n for n in law.sources} | dict(words or {})))
    return "\n\n".join(blocks)


def setting_text(law: Law) -> str:
    """How quantities grow and spectra decay, and the ranges of exponents and parameters."""
    request, size = law.request, law.request.setting.size
    lines = [f"{law.name} as {size} -> oo, where"]
    lines += [f"  {n} = {'oo' if v is None else constant_text(v)}" for n, v in growths(request)]
    for decay in decays(law.side, request):
        left = "*".join(f"{n}_k" if k == 1 else f"{n}_k**{k}" for n, k in decay.factors)
        lines.append(f"  {left} = {constant_text(decay.scale * symbol('k') ** to_sympy(-decay.decay))}, k = 1, 2, ...")
    return "\n".join([*lines, f"for {ranges_text(law.request, law.cases[0].chamber)}"])


def ranges_text(request: Request, chamber: Chamber) -> str:
    """The ranges of parameters and exponents."""
    parts = []
    for parameter, (low, high) in request.bounds.items():
        below = "" if low is None else f"{low} < "
        parts.append(f"{parameter.name} > {low}" if high is None else f"{below}{parameter.name} < {high}")
    parts += [f"{p} > 0" for p in request.assumed]
    if request.domain.names:
        parts.append(polyhedron_text(chamber, request.domain))
    return ", ".join(parts) or "these numbers"


def case_text(law: Law, case: Case, optima: Iterable[Optimum], words: Mapping[str, str]) -> str:
    """The regimes of a case, where they meet, and its optima."""
    bounds, size = law.request.bounds, law.request.setting.size
    lines = [f"case {', '.join(str(c) for c in case.conditions)}"] if case.conditions else []
    constants: dict[str, str] = {}
    rows = [("regime", f"{law.name} ~", "leading")]
    for regime in case.regimes:
        name = constants.setdefault(constant_text(regime.constant, bounds), f"C{len(constants) + 1}")
        sources = " + ".join(words[s] for s in regime.dominant)
        rows.append((polyhedron_text(case.chamber, regime.cell), regime_power(size, regime, name), sources))
    lines += table(rows)
    lines += [line for text, name in constants.items() for line in wrapped(f"  {name} = {text}")]
    lines += dict.fromkeys(line for regime in case.regimes for line in _roots(regime))
    together = largest(case)
    if len(together) > 1:
        exponents = ", ".join(str(f) for f in together)
        lines += ["", *wrapped(f"  together: the exponent is max({exponents})")]
    lines += _meetings(case, words)
    for optimum in optima:
        lines += ["", *optimum_lines(law, case, optimum)]
    return "\n".join(lines)


def _meetings(case: Case, words: Mapping[str, str]) -> list[str]:
    """Where two regimes meet."""
    meeting = crossovers(case.chamber, tuple((r.cell, r.exponent) for r in case.regimes))
    rows = []
    for crossover in meeting:
        first, second = (" + ".join(words[s] for s in case.regimes[i].dominant) for i in crossover.between)
        change = f"{first} | {second}" if first != second else f"{first}: another law"
        rows.append((polyhedron_text(case.chamber, crossover.facet), change))
    return ["", "  crossovers", *table(rows)] if rows else []


def regime_power(size: str, regime: Regime, prefactor: str) -> str:
    """``C*T**exponent*log(T)**logs``"""
    return power_of(size, affine_text(regime.exponent), prefactor) + logarithms(size, regime.logs)


def logarithms(size: str, power: int) -> str:
    """``*log(T)**power``, nothing for no power."""
    return "" if not power else f"*log({size})" + (f"**{power}" if power != 1 else "")


def largest(case: Case) -> tuple[Affine, ...]:
    """The exponents of a case if the exponent is the largest of them everywhere; else nothing.

    On every cell the exponent there is compared with the others.
    """
    forms = tuple(dict.fromkeys(r.exponent for r in case.regimes))
    compared = (sign_on(case.chamber, r.cell, r.exponent - f) for r in case.regimes for f in forms)
    return forms if all(sign in (0, 1) for sign in compared) else ()


def optimum_lines(law: Law, case: Case, optimum: Optimum) -> list[str]:
    """An optimum in words, indented."""
    found, size = choice_of(law, case, optimum), law.request.setting.size
    where = "" if not optimum.cell.names else f"for {polyhedron_text(case.chamber, optimum.cell)}: "
    there = power_of(size, exponent_text(optimum.exponent)) + logarithms(size, found.logs)
    words = {-1: f"falls like {there}", 0: "does not fall", 1: f"grows like {there}", None: f"is of order {there}"}
    then = f"then the {law.name} {words[found.sign]}"
    if found.value is None:
        chosen = " or ".join(interval_text(optimum.name, i) for i in optimum.best)
    else:
        chosen = f"{found.left} = {constant_text(found.value)}"
    line = f"  {where}choose {chosen}; {then}"
    lines = [line] if len(line) <= WIDTH else [*wrapped(f"  {where}choose {chosen};"), *wrapped(f"    {then}")]
    return [*lines, *_constants_there(found, law)]


def change_text(law: Law, clean: Law, name: str) -> str:
    """How a law changes against that of clean data, in words."""
    size, lines = law.request.setting.size, [f"with true labels instead, and {name} as it is best for them"]
    for change in changes(law, clean, name):
        case, start = change.case, f"{name} = {change.choice}"
        conditions = [*map(str, case.conditions), *([_cell(case, change.where)] if _cell(case, change.where) else [])]
        lines.append(f"  {start}{', where ' if conditions else ''}{', '.join(conditions)}")
        rows = [("true labels", power_of(size, exponent_text(change.clean)), "")]
        rows += [("these labels", _compared(size, e, change.clean), _cell(case, cell)) for cell, e in change.kept]
        for cell, exponent, intervals in change.best:
            chosen = " or ".join(interval_text(name, i) for i in intervals)
            note = "; ".join(part for part in (chosen, _cell(case, cell)) if part)
            rows.append(("these labels at best", _compared(size, exponent, change.clean), note))
        width = max(len(power) for _, power, _ in rows)
        lines += [f"    {label:<23}{power:<{width}}   {note}".rstrip() for label, power, note in rows]
    return "\n".join(lines)


def _compared(size: str, exponent: Affine, clean: Affine) -> str:
    """A power of the size, and whether it is as good as that of clean data."""
    if exponent.is_zero:
        return "a floor" if not clean.is_zero else "a floor, too"
    return power_of(size, exponent_text(exponent)) + (" as well" if exponent == clean else "")


def _cell(case: Case, cell: Polyhedron) -> str:
    return polyhedron_text(case.chamber, cell) if cell.names and cell.constraints else ""


def exponent_text(exponent: Affine) -> str:
    """An exponent by terms, or as one fraction where that is shorter."""
    return min(affine_text(exponent), constant_text(to_sympy(scalar_of(exponent))), key=len)


def _constants_there(found: Choice, law: Law) -> list[str]:
    """The best prefactor and the constant of the law with it."""
    if found.best is None or found.constant is None:
        return []
    bounds = law.request.bounds
    lines = wrapped(f"    best {found.prefactor} = {constant_text(found.best, bounds)}")
    return lines + wrapped(f"    then C = {constant_text(found.constant, bounds)} in front")


def interval_text(name: str, interval: Interval) -> str:
    """``low <= name <= high``, or the one value."""
    if interval.low is not None and interval.low == interval.high:
        return f"{name} = {interval.low}"
    low = "" if interval.low is None else f"{interval.low} <= "
    if interval.high is None:
        return f"{name} >= {interval.low}" if interval.low is not None else f"any {name}"
    return f"{low}{name} <= {interval.high}"


def _roots(regime: Regime) -> list[str]:
    """The equations of constants without a closed form."""
    return [
        line
        for unknown, vanishing in regime.where.items()
        if regime.constant.has(unknown)
        for line in wrapped(f"  {unknown} is the largest root of {constant_text(vanishing)} = 0")
    ]


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows with aligned columns; a first column that is too wide is broken at its commas."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    room = WIDTH - 2 - sum(w + _GAP for w in widths[1:])
    lines = []
    for first, *rest in rows:
        parts = broken(first, max(room, 20))
        for left, others in zip_longest(parts, [rest], fillvalue=[""] * len(rest)):
            cells = [str(left), *others]
            line = "".join(c.ljust(w + _GAP) for c, w in zip(cells, [min(widths[0], room), *widths[1:]], strict=True))
            lines.append(f"  {line}".rstrip())
    return lines


def broken(text: str, width: int) -> list[str]:
    """A list of inequalities in lines, broken after commas."""
    lines: list[str] = []
    for part in text.split(", "):
        if lines and len(lines[-1]) + len(part) + 2 <= width:
            lines[-1] += f", {part}"
        else:
            if lines:
                lines[-1] += ","
            lines.append(part)
    return lines


def wrapped(line: str) -> list[str]:
    """A line in lines that are not too long; a formula is broken outside of its parentheses, where that is possible."""
    indent = " " * min(len(line) - len(line.lstrip()) + 2, WIDTH // 6)  # shorter than what each line takes
    lines: list[str] = []
    while len(line) > WIDTH:
        depth, places = 0, []
        for k, c in enumerate(line[:WIDTH]):
            depth += (c == "(") - (c == ")")
            if k > WIDTH // 3 and (c in " /" or (line[k : k + 2] == "*(" and line[k - 1] != "*")):
                places.append((depth, -k))
        if not places:
            break
        at = -min(places)[1]
        lines.append(line[:at].rstrip())
        line = indent + line[at:].lstrip()
    return [*lines, line]
