"""The proof on the error of a pipeline: its stages, the tower of expectations, powers of generations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fpt_calc.export.escape import escaped
from fpt_calc.export.latex import inline, latex
from fpt_calc.export.layout import align, aligned
from fpt_calc.export.matrices import coefficient_latex
from fpt_calc.export.pipeline_growth import generation_limits, growth_proof
from fpt_calc.export.pipeline_names import Names, combination_row
from fpt_calc.export.pipeline_spectrum import SpectrumNames, spectral_proof, spectrum_names
from fpt_calc.export.pipeline_stage import residual_text, stage_text
from fpt_calc.export.pipeline_symbols import Symbols, symbols
from fpt_calc.learning.derived import DerivedError, DerivedStage, Taken
from fpt_calc.learning.fit import Part
from fpt_calc.learning.form import ErrorForm
from fpt_calc.learning.generations import Rates, rates_of
from fpt_calc.learning.program import LawDefinition
from fpt_calc.learning.tower import State
from fpt_calc.pipeline import Generations, Model, RandomFeatures, Teacher, generations_of, models_of, teachers_of
from fpt_calc.scalars import Scalar

_TOGETHER = (
    "Put in the models as random matrices applied to teachers and noises, and average over the latter: its parts are "
    "the traces in the theorem, those with teachers are the bias and those with label noise the variance."
)


def pipeline_proof(derived: DerivedError, form: ErrorForm, known: Symbols, names: Names) -> str:
    """The proof, step by step."""
    spectra = spectrum_names(form, known, names)
    taken = derived.tower
    chains = [item for item in derived.stages if isinstance(item.stage.members[-1], Generations)]
    steps = [_stages(derived, known, names), _tower(derived, taken, known, names)]
    steps += [_powers(chains, known, spectra)] if chains else []
    steps += [_values(derived)] if derived.stages else []
    limits = generation_limits(derived)
    texts = dict.fromkeys(growth_proof(limit, names, spectra) for limit in limits)
    steps += [("Many generations", " ".join(texts))] if limits else []
    numbered = [rf"\textbf{{{k}. {title}.}} {text}" for k, (title, text) in enumerate(steps, 1)]
    return "\n".join([r"\begin{proof}", "\n\n".join(numbered), r"\end{proof}"])


def _stages(derived: DerivedError, known: Symbols, names: Names) -> tuple[str, str]:
    """The equivalents of the random matrices of each stage."""
    text = "Every fit is linear in its labels."
    if derived.stages:
        text += (
            f" Let ${known.middle}$ be a deterministic matrix, and for each matrix $X$ of inputs let $Z=X/\\sqrt n$, "
            "where $n$ is the number of samples of the model that it is for."
        )
    if any(isinstance(m.learner, RandomFeatures) for m in models_of(derived.pipeline)):
        text += r" In this proof each $\Xi$ is divided by $\sqrt n$, too."
    if any(item.law is None for item in derived.stages):
        text += r" Least squares and least norm are the limits $\epsilon\to0^+$ of ridge regression."
    outer = derived.stages[-1] if derived.on_training_data else None
    text += _rewritten(derived)
    paragraphs = [text, *(stage_text(item, known, names) for item in derived.stages if item is not outer)]
    paragraphs += [residual_text(outer)] if outer is not None else []
    apart = {m.name for item in derived.stages for m in item.stage.members}
    steps = {c.step.name for c in generations_of(derived.pipeline)}
    together = [m.name for m in models_of(derived.pipeline) if m.name not in apart | steps]
    if together:
        laws = [d.law for d in derived.program.definitions if isinstance(d, LawDefinition)]
        states = max(law.pencil_states(name) for law in laws for name in law.targets)
        members = ", ".join(rf"\emph{{{escaped(name)}}}" for name in together)
        paragraphs.append(
            rf"\noindent {members}: taken together, as random matrices applied to the teachers; each of their limits "
            f"in the theorem is that of one trace, by the Dyson equation (pencils with at most {states} states)."
        )
    return "Stages", "\n\n".join(paragraphs)


def _rewritten(derived: DerivedError) -> str:
    """How chains with reused designs were derived: as one fit, or written out."""
    stated, text = symbols(derived.stated), ""
    kept, models = {c.name for c in generations_of(derived.pipeline)}, {m.name for m in models_of(derived.pipeline)}
    for chain in generations_of(derived.stated):
        name, count = rf"\emph{{{escaped(chain.name)}}}", inline(chain.count)
        if chain.name in models:
            text += _one_fit(chain, derived, stated)
        elif chain.name not in kept and not chain.count.is_zero:
            text += (
                rf" The generations of {name} are written out as models "
                rf"\emph{{{escaped(chain.step.name)}\_1}} to \emph{{{escaped(chain.step.name)}\_{count}}}."
            )
    return text


def _one_fit(chain: Generations, derived: DerivedError, stated: Symbols) -> str:
    """A chain of interpolators on one design as the fit that it is."""
    known = symbols(derived.pipeline)
    (model,) = [m for m in models_of(derived.pipeline) if m.name == chain.name]
    (data,) = chain.step.on
    X, w, count = stated.inputs(data), stated.weights(chain), inline(chain.count)
    noise, law = "", ""
    if not data.noise.is_zero:
        own = stated.noise(data)
        noise = "+" + coefficient_latex(data.noise, rf"{X}^+\sum_{{{stated.counter}<{count}}}{own}")
        law = rf", whose sum of noises has the law of $\sqrt{{{count}}}\,{known.noise(model.on[0])}$"
    return (
        rf" The chain \emph{{{escaped(chain.name)}}} is one fit, since ${X}^+{X}$ is a projection and "
        rf"${X}^+{X}{X}^+={X}^+$: ${w}={X}^+{X}{stated.weights(chain.start)}{noise}={known.weights(model)}${law}."
    )


def _tower(derived: DerivedError, taken: tuple[Taken, ...] | None, known: Symbols, names: Names) -> tuple[str, str]:
    """The quadratic form before and after each stage, from the last to the first."""
    against = derived.pipeline.against
    w, w0 = known.weights(derived.pipeline.model), known.weights(against)
    metric = "" if derived.pipeline.covariance is None else latex(derived.pipeline.covariance)
    own = "" if against.near is None else f", where ${w0}={_parts_of(against, known)}$"
    form = rf"({w}-{w0})^\top {metric}({w}-{w0})"
    if isinstance(derived.pipeline.model, Model) and isinstance(derived.pipeline.model.learner, RandomFeatures):
        u = known.part(Part(derived.pipeline.model.name, True))
        form += rf"+{u}^\top {u}"
    start = f"$E$ is the expectation of the quadratic form ${form}$ in weights{own}."
    if derived.on_training_data:
        start = "$E$ is the expectation of a quadratic form in what labelled the data of the tested model."
    text = (
        r"Average over one stage after the other, from the last to the first. The stages are independent, so that the "
        r"matrix $F$ of a form that the later ones leave is deterministic. For models $\hat w_p=\sum_sA_{ps}w_s+\dots$ "
        r"of a stage and weights $v$ from outside of it, "
        r"$\hat w_p^\top F\hat w_q$ becomes $\sum_{s,t}w_s^\top\,\mathbb E[A_{ps}^\top FA_{qt}]\,w_t$ plus traces from "
        r"the label noise, and $\hat w_p^\top Fv$ becomes $\sum_sw_s^\top\,\mathbb E[A_{ps}]^\top Fv$; "
        "step 1 has them all."
    )
    if not derived.stages:
        return (
            "Expectation",
            f"{start} {_TOGETHER}",
        )
    text = f"{start} {text}"
    if taken is None:
        after = ["The matrices and traces that the theorem defines are what these forms are made of, in this order."]
    else:
        after = [_taken(t, known, names) for t in taken]
    return "Tower of expectations", "\n".join([text, *after])


def _parts_of(teacher: Teacher, known: Symbols) -> str:
    """A displaced teacher as the sum of own parts."""
    found, current = [], teacher
    while True:
        found.append(known.own(current))
        if current.near is None:
            return "+".join(reversed(found))
        current = current.near


def _taken(taken: Taken, known: Symbols, names: Names) -> str:
    """The form after a stage, block by block, and the noise that it added."""
    stage = taken.item.stage
    members = ", ".join(rf"\emph{{{escaped(m.name)}}}" for m in stage.members)
    by = ", with step 3," if isinstance(stage.members[-1], Generations) else ""
    parts = sorted(taken.after.parts(), key=lambda p: _position(p, known))
    form, rows = _form(taken.after, parts, known, names)
    noise = _noise(taken, names)
    text = f"After {members}{by} {form}"
    text += f"\n{align(rows, ',' if noise else '.')}" if rows else "" if noise else "."
    return text + (f"\nand its label noise has added\n{align(noise)}" if noise else "")


def _form(state: State, parts: list[Part], known: Symbols, names: Names) -> tuple[str, list[str]]:
    """A quadratic form in words, and the rows of its blocks."""
    rows = list(_blocks(state, parts, names))
    vectors = [known.part(p) for p in parts]
    if not parts:
        return "no form is left,", []
    if len(parts) == 1:
        (v,) = vectors
        return rf"it is ${v}^\top F{v}$ with", rows
    name = r"\sum_{i,j}v_i^\top F_{ij}v_j"
    return rf"it is ${name}$, $(v_i)=({','.join(vectors)})$ and $F_{{ji}}=F_{{ij}}^\top$, with the blocks", rows


def _position(part: Part, known: Symbols) -> tuple[bool, str]:
    """Models before teachers."""
    teachers = {t.name for t in teachers_of(known.pipeline)}
    return part.name in teachers, part.name


def _blocks(state: State, parts: list[Part], names: Names) -> Iterator[str]:
    for i, p in enumerate(parts, 1):
        for j, q in enumerate(parts[i - 1 :], i):
            if (p, q) in state.forms:
                yield combination_row(f"F_{{{i}{j}}}" if len(parts) > 1 else "F", state.forms[p, q], names)


def _noise(taken: Taken, names: Names) -> list[str]:
    """What the label noise of a stage adds to the error: a row for each data set."""
    added = []
    for name, value in taken.after.noises.items():
        own: Scalar = value - taken.before.noises[name] if name in taken.before.noises else value
        if not own.is_zero:
            added.append((rf"\text{{{escaped(name)}:}}", r"\quad", names.shown(own)))
    return aligned(added)


def _powers(chains: list[DerivedStage], known: Symbols, spectra: Mapping[str, SpectrumNames]) -> tuple[str, str]:
    """How the map of one generation is taken to a power."""
    texts = []
    for item in chains:
        chain = item.stage.members[-1]
        assert isinstance(chain, Generations), "a stage of a chain"
        (step,) = item.fits.weights
        rates = rates_of(item.fits, item.map, step)
        text = _recursion(chain, known) if rates is None else _explicit(chain, rates, known)
        texts.append(f"{text} {spectral_proof(spectra[chain.name], known)}" if chain.name in spectra else text)
    return "Powers", "\n\n".join(texts)


def _recursion(chain: Generations, known: Symbols) -> str:
    count, k = inline(chain.count), known.counter
    return (
        "One round of the recursion in the theorem is step 1 for one generation, and its noise is what is summed: "
        f"the matrices with index ${k}$ are the blocks of the form with ${known.generation(chain, f'{count}-{k}')}$, "
        f"so that those with index ${count}$ belong to ${known.generation(chain, '0')}$."
    )


def rate_letters(derived: DerivedError) -> Mapping[Scalar, str]:
    """The letters of the proof for the numbers by which generations act, where one chain has such numbers."""
    found = []
    for item in derived.stages:
        chain = item.stage.members[-1]
        if isinstance(chain, Generations):
            (step,) = item.fits.weights
            rates = rates_of(item.fits, item.map, step)
            found += [] if rates is None else [(rates, chain.step.on[0].design.dim)]
    if len(found) != 1:
        return {}
    ((rates, dim),) = found
    return {rates.mean: "c", rates.carried: "a", rates.of_multiples(dim): "r"}


def _explicit(chain: Generations, rates: Rates, known: Symbols) -> str:
    """A map that acts by numbers."""
    M, count = known.middle, inline(chain.count)
    dim = chain.step.on[0].design.dim
    d = latex(dim)
    if rates.carried == 1 and rates.injected.is_zero and rates.mean == 1:
        return (
            rf"One generation leaves forms as they are, so that $\mathbb E[A^\top {M}A]\simeq {M}$ and $\mathbb E[A]"
            rf"\simeq I$ for the product $A$ of ${count}$ generations, too, and each of them adds the same noise."
        )
    growth = rates.of_multiples(dim)
    numbers = f"$a={inline(rates.carried)}$, $b={inline(rates.injected)}$, $c={inline(rates.mean)}$"
    lift = rf"\frac{{r^{{{count}}}-a^{{{count}}}}}{{{d}}}"
    return (
        rf"One generation maps ${M}$ to $a{M}+b\tr({M})I$ and has the mean $cI$, with {numbers}. "
        rf"It multiplies ${M}-\frac1{{{d}}}\tr({M})I$ by $a$ and $I$ by $r=a+b{d}={inline(growth)}$. "
        rf"Hence ${count}$ generations map ${M}$ to $a^{{{count}}}{M}+{lift}\tr({M})I$ and have the mean "
        rf"$c^{{{count}}}I$; the noise of one generation is multiplied by {_series(growth, chain.count)}."
    )


def _series(ratio: Scalar, number: Scalar) -> str:
    count, top = inline(number), inline(number - 1)
    if ratio == 1:
        return f"$1+r+\\dots+r^{{{top}}}={count}$"
    return rf"$1+r+\dots+r^{{{top}}}=(1-r^{{{count}}})/(1-r)$"


def _values(derived: DerivedError) -> tuple[str, str]:
    """What remains are the teachers."""
    kinds = teachers_of(derived.pipeline)
    sentences = []
    if any(t.covariance is not None for t in kinds):
        sentences.append(r"a random vector $N(0,C)$ turns its block $F$ into $\tr(FC)$")
    if any(t.vector is not None for t in kinds):
        sentences.append(r"fixed vectors $v$, $v'$ turn theirs into $v^\top Fv'$")
    noise = "the noises of all stages add up to the variance"
    text = f"What is left are teachers: {', and '.join(sentences)}. Their sum is the bias, and {noise}."
    if derived.program.parameters:
        text += " With the equations of the theorem both take the form stated there."
    return "Values", text
