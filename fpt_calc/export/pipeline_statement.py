"""The theorem on the error of a pipeline: parameters, recursions, bias and variance, and the sources of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fpt_calc.export.escape import escaped
from fpt_calc.export.latex import inline, latex
from fpt_calc.export.layout import align, aligned, listed
from fpt_calc.export.pipeline_growth import generation_limits, growth_statement
from fpt_calc.export.pipeline_law import limits
from fpt_calc.export.pipeline_names import Names, base_name, enclosed, is_indexed, matrix_row, next_round
from fpt_calc.export.pipeline_spectrum import SpectrumNames, spectral_powers, spectral_recursion, spectrum_names
from fpt_calc.export.pipeline_symbols import Symbols
from fpt_calc.export.statement import SIMEQ, definitions, parameters_text, status_line
from fpt_calc.formula import Formula
from fpt_calc.learning.derived import DerivedError
from fpt_calc.learning.form import ErrorForm, ShownLaw, ShownLoop, ShownMatrix, ShownScalar
from fpt_calc.learning.program import Loop
from fpt_calc.pipeline import Teacher, datasets_of, teachers_of

_PARTS = {"bias": r"\mathrm{Bias}", "variance": r"\mathrm{Var}"}
_EXCHANGED = "for fits without ridge, on the exchange of their limit of zero ridge with that of large dimensions"


def pipeline_statement(derived: DerivedError, form: ErrorForm, known: Symbols, names: Names) -> str:
    """The theorem with its status."""
    found = definitions((), [*form.abbreviations, *names.bases.items()], names.explained)
    equations = [replace(e, left=names.formula(e.left), right=names.formula(e.right)) for e in form.parameters]
    spectra = spectrum_names(form, known, names)
    body = [parameters_text(equations, found).rstrip(), *_definitions(form, known, names, spectra)]
    then = "Then" if any(body) else "In this limit"
    rows = [(_PARTS[part], SIMEQ, names.formula(form.values[part])) for part in _PARTS]
    body += [rf"{then} $E\simeq\mathrm{{Bias}}+\mathrm{{Var}}$ with", align(aligned(rows))]
    body += _sources(derived, form, names)
    body += [growth_statement(limit, form, names, spectra) for limit in generation_limits(derived)]
    text = "\n".join(b for b in body if b)
    return "\n".join([r"\begin{theorem}", text, r"\end{theorem}", pipeline_status(derived)])


def pipeline_status(derived: DerivedError) -> str:
    """What the theorem rests on: the laws of its stages, and the limits of fits without ridge."""
    steps = [s for law in derived.laws for s in law.derivation.steps]
    return status_line(derived.status, steps, [_EXCHANGED] if any(s.law is None for s in derived.stages) else [])


def _definitions(form: ErrorForm, known: Symbols, names: Names, spectra: Mapping[str, SpectrumNames]) -> list[str]:
    """Named scalars, matrices, limits and recursions in the order in which they can be computed."""
    blocks: list[str] = []
    rows: list[str] = []
    for item in form.definitions:
        match item:
            case ShownScalar(symbol=symbol, formula=formula):
                rows += aligned([(latex(names.generator(symbol)), "=", names.formula(formula))])
            case ShownMatrix(letter=letter):
                rows.append(matrix_row(latex(names.matrix(letter)), item, names))
            case ShownLoop() | ShownLaw():
                blocks += _put(rows)
                rows = []
                if isinstance(item, ShownLoop):
                    blocks.append(_recursion(item, known, names, spectra.get(item.loop.name)))
                else:
                    blocks.append(limits(item, names))
    return [*blocks, *_put(rows)]


def _put(rows: list[str]) -> list[str]:
    return ["Put\n" + align(rows)] if rows else []


def _recursion(shown: ShownLoop, known: Symbols, names: Names, of: SpectrumNames | None) -> str:
    """A loop: where it starts, a round, the sums over the rounds, and its powers in closed form."""
    loop, k = shown.loop, known.counter
    inner = names.in_round(loop, k)
    bases = {letter: base_name(names, loop, letter) for letter in loop.letters}
    start = [matrix_row(next_round(bases[m.letter], "0"), m, names) for m in shown.start]
    text = f"Starting from\n{align(start, ',' if of is None else '.')}\n"
    if of is None:
        rows = aligned((latex(inner.generator(d.symbol)), "=", inner.formula(d.formula)) for d in shown.definitions)
        rows += [matrix_row(next_round(bases[m.letter], f"{k}+1"), m, inner) for m in shown.body]
        text += f"let, for ${k}=0,1,\\dots$,\n{align(rows)}"
        if shown.sums:
            text += "\nPut\n" + align(_sum(s, loop, known, names, inner) for s in shown.sums)
    else:
        text = f"Put\n{align(start)}\n{spectral_recursion(shown, of, known, names)}"
    if not is_indexed(loop):
        last = ", ".join(f"${latex(names.matrices[a])}={next_round(bases[a], inline(loop.count))}$" for a in bases)
        text += f"\nWithout index, {last}."
    return text if of is None else f"{text}\n{spectral_powers(shown, of, known, names)}"


def _sum(shown: ShownScalar, loop: Loop, known: Symbols, names: Names, inner: Names) -> str:
    """``s = sum over the rounds of value``"""
    sign = rf"=\sum_{{{known.counter}=0}}^{{{inline(loop.count - 1)}}}"
    (row,) = aligned([(latex(names.generator(shown.symbol)), sign, enclosed(inner.formula(shown.formula)))])
    return row


def _sources(derived: DerivedError, form: ErrorForm, names: Names) -> list[str]:
    """What each source contributes, where several contribute to one part of the error."""
    blocks = []
    for part, sources in (("bias", _teachers(derived)), ("variance", _data(derived))):
        values = {words: form.values.get(f"source.{name}", Formula(())) for name, words in sources.items()}
        present = [(words, v) for words, v in values.items() if v.terms]
        if len(present) > 1 and (order := _in_order(form.values[part], present)):
            blocks.append(f"The terms of ${_PARTS[part]}$ are, in this order, {listed(order)}.")
        elif len(present) > 1:
            rows = [(rf"\text{{{words}:}}", r"\quad", names.formula(v)) for words, v in present]
            blocks.append(f"The contributions to ${_PARTS[part]}$ are\n" + align(aligned(rows)))
    return blocks


def _in_order(value: Formula, sources: list[tuple[str, Formula]]) -> list[str]:
    """The source of each term, where every source contributes one term; else nothing."""
    words = {v.terms: name for name, v in sources}
    found = [words.get((term,), "") for term in value.terms]
    return found if all(found) and len(set(found)) == len(sources) else []


def _teachers(derived: DerivedError) -> Mapping[str, str]:
    named = {t.name: _teacher(t) for t in teachers_of(derived.pipeline)}
    return {**named, "mixed": "pairs of fixed teachers"}


def _teacher(teacher: Teacher) -> str:
    name = rf"\emph{{{escaped(teacher.name)}}}"
    return f"teacher {name}" if teacher.near is None else f"displacement of teacher {name}"


def _data(derived: DerivedError) -> Mapping[str, str]:
    """The data sets with label noise; those drawn for one data set of a chain together."""
    groups = derived.program.groups
    members = {name: group for group, names in groups.items() for name in names}
    names = [members.get(d.name, d.name) for d in datasets_of(derived.pipeline) if d.name in derived.program.variance]
    return {name: rf"label noise of \emph{{{escaped(name)}}}" for name in names}
