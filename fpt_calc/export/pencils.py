"""The first two steps of a proof: pencils as block matrices, covariance rules, and the matrix whose inverse is G."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fpt_calc.export.blocks import Blocks, Place
from fpt_calc.export.latex import bracketed, inline, latex
from fpt_calc.export.layout import PAGE, align, lines, packed_texts, width
from fpt_calc.export.matrices import coefficient_latex
from fpt_calc.export.notation import Notation
from fpt_calc.expr import Atom, Expr, Letter, ScalarMatrix, SquareRoot, atoms, is_deterministic, replace_atoms
from fpt_calc.pencil import Realization, TracePencil
from fpt_calc.reduce import matrix_entries, names_in
from fpt_calc.scalars import ONE, Scalar, denominator, generator_scalar, is_sum, numerator
from fpt_calc.system import Unknown

MAX_PRINTED_STATES = 12
MAX_RULES = 2  # covariance rules that fit a sentence
MAX_EQUAL = 3  # equal averages that are told
Entries = Mapping[tuple[int, int], str]


def pencil_step(known: Notation, found: Blocks) -> str:
    """The pencils, and which blocks of their inverses the targets are averages of."""
    several = len(found.pencils) > 1
    parts = [_pencil(known, p, of, _label("Q", k, several)) for k, (p, of) in enumerate(found.pencils, 1)]
    return (
        r"\textbf{1. "
        + ("Pencils" if several else "Pencil")
        + "} (exact). "
        + "\n".join([*parts, _traces(known, found)])
    )


def energy_step(known: Notation, found: Blocks) -> str:
    """Covariance rules, the matrix whose inverse is G, and what its unknowns are."""
    rules = _rules(known)
    start = f"With {_and([f'${r}$' for r in rules])}, " if rules else ""
    if len(rules) > MAX_RULES:
        start = f"With the covariance rules\n{packed_texts(rules, ',')}\n"
    shown = [k for k, (p, _) in enumerate(found.pencils, 1) if p.states <= MAX_PRINTED_STATES and found.states(k)]
    several = len(found.pencils) > 1
    index = "k" if several else ""
    pencil, mean = (f"Q_{index}", f"G^{{({index})}}") if several else ("Q", "G")
    text = rf"\textbf{{2. Self-energy.}} {start}the expectation of ${pencil}^{{-1}}$ is equivalent to "
    text += f"the inverse ${mean}$ of "
    if not shown:
        omitted = (
            "a matrix of the same size, which is not printed" if found.places else "the matrix of a Dyson equation"
        )
        return f"{text}{omitted}.\n{_unknowns(known, found)}"
    if several:
        text += "$M_k$,"
    text += "\n" + "\n".join(_self_energy(known, found, k) for k in shown)
    definitions = [f"${latex(a)}={latex(e)}$" for a, e in matrices_in_energy(known)]
    where = f"Here {_and(definitions)}. " if definitions else ""
    return text + "\n" + where + _unknowns(known, found)


def _label(letter: str, number: int, several: bool) -> str:
    return f"{letter}_{number}" if several else letter


def _block(letter: str, row: Place, col: Place, several: bool) -> str:
    """``G_{13}``, or ``G^{(2)}_{13}`` of the second pencil."""
    comma = "," if max(row.state, col.state) > 8 else ""
    number = f"^{{({row.pencil})}}" if several else ""
    return f"{letter}{number}_{{{row.state + 1}{comma}{col.state + 1}}}"


def _pencil(known: Notation, pencil: Realization, parts: Sequence[TracePencil], label: str) -> str:
    told = _and(list(dict.fromkeys(_corner(known, p, label) for p in parts)))
    if pencil.states > MAX_PRINTED_STATES:
        return f"{told}, for a linear pencil ${label}$ with {pencil.states} states, which is too large to be printed."
    return f"{told}, where\n{centered_matrix(f'{label}=', _entries(pencil), list(range(pencil.states)))}"


def _corner(known: Notation, part: TracePencil, label: str) -> str:
    """``R Theta R is the (1,3) block of Q^-1``."""
    opened, pencil = latex(known.short(part.opened)), part.pencil
    inverse = f"{label}^{{-1}}"
    if width(opened) > PAGE:
        opened = r"\cdots"
    if len(pencil.u) == len(pencil.v) == 1:
        ((i, a),), ((j, b),) = pencil.u.items(), pencil.v.items()
        sign = {ONE: "", -ONE: "minus "}.get(a * b, rf"${inline(a * b)}$ times ")
        return rf"${opened}$ is {sign}the $({i + 1},{j + 1})$ block of ${inverse}$"
    return rf"${opened}$ is $u^\top {inverse}v$ with $u={_vector(pencil.u)}$, $v={_vector(pencil.v)}$"


def _vector(vector: Mapping[int, Scalar]) -> str:
    text = ""
    for i, c in sorted(vector.items()):
        term = coefficient_latex(c, f"e_{{{i + 1}}}" if i > 8 else f"e_{i + 1}")
        text += term if term.startswith("-") or not text else f"+{term}"
    return text or "0"


def _entries(pencil: Realization) -> dict[tuple[int, int], str]:
    entries = {key: _number(c) for key, c in pencil.constant.items()}
    for x, matrix in pencil.letters.items():
        for key, c in matrix.items():
            term = _scaled(c, _letter(x, pencil))
            old = entries.get(key)
            entries[key] = term if old is None else old + (term if term.startswith("-") else f"+{term}")
    return entries


def _letter(x: Letter, pencil: Realization) -> Expr:
    return x.expression if isinstance(x.base, SquareRoot) else replace_atoms(x.expression, dict(pencil.opaque))


def _scaled(coefficient: Scalar, expr: Expr) -> str:
    text = latex(expr)
    return coefficient_latex(coefficient, text if coefficient in (ONE, -ONE) or not _is_sum(text) else bracketed(text))


def _is_sum(text: str) -> bool:
    return not text.startswith(("(", r"\bigl(")) and any(c in text for c in "+-") and "^{-" not in text


def _number(value: Scalar) -> str:
    return inline(value)


def _traces(known: Notation, found: Blocks) -> str:
    """``tau(R Theta R Sigma) = tau(Theta (Q^-1)_13)``, where the trace is not that of the block itself."""
    several = len(found.pencils) > 1
    told = []
    for trace, parts in known.law.pencils.items():
        if len(parts.terms) != 1 or any(len(w) > 1 for w in (parts.terms[0].pencil.u, parts.terms[0].pencil.v)):
            continue
        part = parts.terms[0]
        if part.weight is None and part.coefficient == 1 and part.opened == trace.argument:
            continue
        number = next(k for k, (_, of) in enumerate(found.pencils, 1) if any(p is part for p in of))
        ((i, a),), ((j, b),) = part.pencil.u.items(), part.pencil.v.items()
        pencil = _label("Q", number, several)
        block = rf"({pencil}^{{-1}})_{{{i + 1}{',' if max(i, j) > 8 else ''}{j + 1}}}"
        left = (
            latex(generator_scalar(trace))
            if is_deterministic(trace.argument)
            else rf"\ntr{bracketed(latex(known.short(trace.argument)))}"
        )
        inner = block if part.weight is None else f"{latex(part.weight)}{block}"
        value = coefficient_latex(part.coefficient * a * b, rf"\ntr\bigl({inner}\bigr)")
        if width(left + value) < PAGE - 60:
            told.append(f"${left}={value}$")
    return f"Thus {_and(told)}." if told else ""


def centered_matrix(left: str, entries: Entries, states: Sequence[int]) -> str:
    """A displayed block matrix, or the list of its entries where it is too wide."""
    columns = [max(width(entries.get((i, j), "0")) for i in states) for j in states]
    total = width(left) + sum(columns) + 10.0 * len(states)
    if total > 1.22 * PAGE:
        parts = [f"{left.rstrip('=') or 'M'}_{{{i + 1},{j + 1}}}={text}" for (i, j), text in sorted(entries.items())]
        spaced = [p + (r",\quad " if k + 1 < len(parts) else "") for k, p in enumerate(parts)]
        return "the matrix $M$ with the entries\n" + align(
            [r"\\ &".join(f"&{line}" if k == 0 else line for k, line in enumerate(lines(spaced, 0)))]
        )
    rows = r"\\ ".join(" & ".join(entries.get((i, j), "0") for j in states) for i in states)
    size = "" if total <= PAGE else r"\small" if total <= 1.1 * PAGE else r"\footnotesize"
    display = rf"\[ {left}\begin{{pmatrix}}{rows}\end{{pmatrix}}. \]"
    return rf"{{{size}{display}}}" if size else display


def _self_energy(known: Notation, found: Blocks, number: int) -> str:
    states = found.states(number)
    table = {
        (i, j): _entry(known.matrix(block))
        for i, j, block in matrix_entries(known.law.system)
        if i in states and j in states
    }
    text = centered_matrix(_label("M", number, True) + "=" if len(found.pencils) > 1 else "", table, states)
    assert found.places is not None
    rows = [found.places[k].state + 1 for k in states]
    if len(rows) < found.pencils[number - 1][0].states:
        text += f"\nin the rows and columns {', '.join(map(str, rows))}, which are those that matter."
    return text


def _entry(block: Expr) -> str:
    """An entry of a block matrix, where the number 1 stands for the identity."""
    return inline(block.value) if isinstance(block, ScalarMatrix) else latex(block)


def matrices_in_energy(known: Notation) -> list[tuple[Atom, Expr]]:
    """The named matrices that occur in the self-energy or in the weights of averages."""
    system = known.law.system
    weights = [a.weight for a in system.averages.values() if a.weight is not None]
    entries = [known.matrix(e) for e in (*(block for _, _, block in matrix_entries(system)), *weights)]
    inside = {atom for e in entries for atom in atoms(e)}
    return [(a, e) for a, e in known.matrices if a in inside]


def _rules(known: Notation) -> list[str]:
    """The covariance rule of each pair of random letters that couples two states."""
    found: dict[str, None] = {}
    taken = names_in(known.law.raw)
    any_matrix = next(name for name in "WABMYCDEFHUV" if name not in taken)
    names: dict[Letter, None] = dict.fromkeys(e.letter for e in known.law.system.random)
    for left in names:
        for right in names:
            if left.atom == right.atom and left.atom.law is not None:
                sandwich = left.atom.law.sandwich(left.operation, right.operation)
                if sandwich is not None:
                    inner = any_matrix if sandwich.inner is None else rf"{any_matrix}\,{_factor(sandwich.inner)}"
                    outer = "I" if sandwich.outer is None else latex(sandwich.outer)
                    trace = rf"\tr({inner})"
                    value = trace if sandwich.variance == 1 else _prefix(sandwich.variance) + trace
                    a, b = latex(left.expression), latex(right.expression)
                    found[rf"\mathbb E[{a}\,{any_matrix}\,{b}]={value}\,{outer}"] = None
    return list(found)


def _factor(expr: Expr) -> str:
    text = latex(expr)
    return bracketed(text) if _is_sum(text) else text


def _prefix(value: Scalar) -> str:
    """A variance in front of a trace, as a small fraction if it is one."""
    if value.den != 1:
        return rf"\tfrac{{{inline(numerator(value))}}}{{{inline(denominator(value))}}}"
    return rf"{bracketed(inline(value)) if is_sum(value) else inline(value)}"


def _unknowns(known: Notation, found: Blocks) -> str:
    """``g_1 = tau(Sigma G_22) = tau(Sigma G_44)`` for each unknown."""
    if found.places is None:
        return "Its averages $g_k$ are normalized traces of blocks of $G$, with deterministic weights."
    several = len(found.pencils) > 1
    told, shown = [], 0
    for unknown in known.law.system.unknowns:
        means = [_average(known, row, col, weight, several) for row, col, weight in found.classes[unknown]]
        told.append(f"${_symbol(known, unknown)}={'='.join(means[:MAX_EQUAL])}$")
        shown += len(means[:MAX_EQUAL])
    rest = ""
    if len(known.law.raw.unknowns) > shown:
        rest = " The other averages vanish, equal one of these, or are not needed."
    return f"The unknown{' is' if len(told) == 1 else 's are'} {_and(told)}.{rest}"


def _average(known: Notation, row: Place, col: Place, weight: Expr | None, several: bool) -> str:
    block = _block("G", row, col, several)
    if weight is None:
        return rf"\ntr {block}"
    return rf"\ntr({latex(known.matrix(weight))}\,{block})"


def _symbol(known: Notation, unknown: Unknown) -> str:
    return latex(known.scalar(generator_scalar(unknown)))


def _and(items: Sequence[str]) -> str:
    *most, last = items
    return f"{', '.join(most)} and {last}" if most else last
