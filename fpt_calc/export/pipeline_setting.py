"""The setting of a pipeline in words: its teachers, data, models and generations, and what is tested."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fpt_calc.export.escape import escaped
from fpt_calc.export.latex import inline, latex
from fpt_calc.export.layout import listed, packed_texts
from fpt_calc.export.matrices import coefficient_latex, juxtaposed
from fpt_calc.export.pipeline_fits import fit_formulas, fit_words
from fpt_calc.export.pipeline_symbols import Symbols, subscripted, symbols
from fpt_calc.export.setting import deterministic_sentences, dimension_latex, scalar_condition
from fpt_calc.expr import Atom
from fpt_calc.learning.derived import DerivedError
from fpt_calc.pipeline import (
    Dataset,
    Design,
    Generations,
    LabelSource,
    MinNorm,
    Model,
    Pipeline,
    Previous,
    RandomFeatures,
    Teacher,
    designs_of,
    generations_of,
    is_ridgeless,
    models_of,
    projection_of,
    teachers_of,
)
from fpt_calc.pipeline.walk import contents, nodes_of
from fpt_calc.scalars import ZERO, Dimension, Parameter, dimension, is_fixed


def pipeline_setting(derived: DerivedError) -> str:
    """The paragraph in which everything that the theorem mentions is introduced."""
    pipeline = _told(derived)
    known = symbols(pipeline)
    sentences = [*_declared(pipeline), *(_teacher(t, known) for t in teachers_of(pipeline))]
    sentences.append(
        r"In every data set the inputs are the independent rows of a matrix $X$, and the noise $e$ of the labels $y$ "
        r"has independent $N(0,1)$ entries; everything that is drawn is independent."
    )
    if any(isinstance(m.learner, MinNorm) for m in models_of(pipeline)):
        sentences.append("$A^+$ is the pseudoinverse of $A$.")
    introduced: set[Design] = set()
    steps = {c.step for c in generations_of(pipeline)}
    for node in nodes_of(pipeline):
        if isinstance(node, Model) and node not in steps:
            sentences.append(_model(node, known, introduced))
        elif isinstance(node, Generations):
            sentences.append(_chain(node, known, introduced))
    sentences += [_tested(derived, known), _limit(derived)]
    return r"\paragraph{Setting.} " + "\n".join(sentences)


def _told(derived: DerivedError) -> Pipeline:
    """The pipeline as it was asked for; written out where a chain passes on more than linear weights."""
    passed_on = [c.step for c in generations_of(derived.stated)] + [c.start for c in generations_of(derived.stated)]
    nonlinear = any(isinstance(m, Model) and isinstance(m.learner, RandomFeatures) for m in passed_on)
    return derived.pipeline if nonlinear else derived.stated


def _declared(pipeline: Pipeline) -> Iterator[str]:
    """Deterministic matrices and scalars."""
    matrices, generators = contents(pipeline)
    yield from deterministic_sentences([matrices[name] for name in sorted(matrices)])
    parameters = sorted((g for g in generators if isinstance(g, Parameter)), key=lambda g: g.name)
    conditions = [c for c in map(scalar_condition, parameters) if c]
    if conditions:
        yield f"{', '.join(f'${c}$' for c in conditions)}."


def _teacher(teacher: Teacher, known: Symbols) -> str:
    own, weights = known.own(teacher), known.weights(teacher)
    name = escaped(teacher.name)
    if teacher.near is None:
        fixed = "has the fixed weights" if teacher.vector is not None else "has the weights"
        law = "" if teacher.covariance is None else rf"\sim N(0,{latex(teacher.covariance)})"
        return rf"The teacher \emph{{{name}}} {fixed} ${weights}{law}$: it is $x\mapsto x^\top {weights}$."
    law = "" if teacher.covariance is None else rf", ${own}\sim N(0,{latex(teacher.covariance)})$"
    near = rf"\emph{{{escaped(teacher.near.name)}}}"
    return (
        rf"The teacher \emph{{{name}}} is displaced from {near}: ${weights}={known.weights(teacher.near)}+{own}${law}."
    )


def _model(model: Model, known: Symbols, introduced: set[Design]) -> str:
    """The data and the fit of a model, with formulas."""
    told = [_data(d, known, introduced, "") for d in model.on]
    text = f"The data {listed(told)}. " + rf"The model \emph{{{escaped(model.name)}}} is {fit_words(model)}"
    return f"{text},\n{_formulas(model, known, None)}"


def _chain(chain: Generations, known: Symbols, introduced: set[Design]) -> str:
    """A chain of generations: where it starts, and one generation."""
    k = known.counter
    first = f"{known.generation(chain, '0')}={known.weights(chain.start)}"
    start = rf"\emph{{{escaped(chain.name)}}}: generation $0$ is ${first}$."
    told = [
        _data(d, known, introduced, "the same " if d.design.name in chain.reused else "fresh ") for d in chain.step.on
    ]
    fresh = f"For ${k}=0,\\dots,{inline(chain.count - 1)}$, the data {listed(told)}. "
    text = f"Generation ${k}+1$ is {fit_words(chain.step)}"
    return rf"The chain {start} {fresh}{text}," + "\n" + _formulas(chain.step, known, chain)


def _data(data: Dataset, known: Symbols, introduced: set[Design], fresh: str) -> str:
    """A data set with its inputs and who labels it."""
    name = rf"\emph{{{escaped(data.name)}}}"
    X, design = known.inputs(data), data.design
    if design in introduced:
        inputs = f"${X}$ as above"
    else:
        introduced.add(design)
        shape = rf"\mathbb R^{{{dimension_latex(design.size)}\times {dimension_latex(design.dim)}}}"
        covariance = "I" if design.covariance is None else latex(design.covariance)
        inputs = rf"{fresh}${X}\in{shape}$ with rows $N(0,{covariance})$"
    return f"{name} ({inputs}) are labelled by {_labeller(data.labels, known)}"


def _labeller(source: LabelSource, known: Symbols) -> str:
    match source:
        case Teacher(name=name):
            return rf"the teacher \emph{{{escaped(name)}}}"
        case Model(name=name):
            return rf"the model \emph{{{escaped(name)}}}"
        case Generations(count=count):
            return f"generation ${inline(count)}$"
        case Previous():
            return f"generation ${known.counter}$"


def _formulas(model: Model, known: Symbols, chain: Generations | None) -> str:
    """Labels and fit as a display, with what else the fit draws."""
    labels = [f"{known.labels(d)}={_label(d, known)}" for d in model.on]
    found = fit_formulas(model, known, chain)
    return packed_texts([*labels, *found.formulas], "," if found.where else ".") + (
        f"\nwhere {found.where}." if found.where else ""
    )


def _label(data: Dataset, known: Symbols) -> str:
    source = data.labels
    if isinstance(source, Model) and isinstance(source.learner, RandomFeatures):
        signal = rf"\Phi_{{{known.inputs(data)}}}\hat {subscripted('v', source.name)}"
    else:
        signal = juxtaposed([known.inputs(data), known.weights(source)])
    if data.noise.is_zero:
        return signal
    return f"{signal}+{coefficient_latex(data.noise, known.noise(data))}"


def _tested(derived: DerivedError, known: Symbols) -> str:
    """What the error is, and its parts."""
    pipeline = known.pipeline
    error, what = _residuals(pipeline, known) if derived.on_training_data else _risk(pipeline, known)
    drawn = ["inputs"]
    drawn += ["random teachers"] if any(t.covariance is not None for t in teachers_of(pipeline)) else []
    drawn += ["projections"] if any(projection_of(m.learner) is not None for m in models_of(pipeline)) else []
    return (
        rf"The {'training' if derived.on_training_data else 'test'} error is ${error}$, {what}. "
        rf"$\mathrm{{Bias}}$ is the error of the same training without label noise, averaged over {listed(drawn)}, "
        r"and $\mathrm{Var}=E-\mathrm{Bias}$, the variance, is what label noise adds."
    )


def _residuals(pipeline: Pipeline, known: Symbols) -> tuple[str, str]:
    """The training error as a formula and in words."""
    model = pipeline.model
    assert isinstance(model, Model), "chains have no training error"
    size = inline(sum((d.design.size for d in model.on), ZERO))
    w = known.weights(model)
    squares = [rf"\|{known.labels(d)}-{known.inputs(d)}{w}\|^2" for d in model.on]
    total = squares[0] if len(squares) == 1 else rf"\bigl({'+'.join(squares)}\bigr)"
    return rf"E=\tfrac1{{{size}}}\mathbb E\,{total}", "the mean squared residual on its own data, label noise included"


def _risk(pipeline: Pipeline, known: Symbols) -> tuple[str, str]:
    """The excess risk as a formula and in words."""
    w, w0 = known.weights(pipeline.model), known.weights(pipeline.against)
    covariance = pipeline.covariance
    learner = pipeline.model.step.learner if isinstance(pipeline.model, Generations) else pipeline.model.learner
    test = "I" if covariance is None else latex(covariance)
    if isinstance(learner, RandomFeatures):
        error = rf"E=\mathbb E\bigl(f(x)-x^\top {w0}\bigr)^2"
        what = (
            rf"where $f$ is the model \emph{{{escaped(pipeline.model.name)}}} and $x\sim N(0,{test})$ is a fresh input"
        )
    elif covariance is None:
        error, what = rf"E=\mathbb E\,\|{w}-{w0}\|^2", "the excess risk on fresh inputs $N(0,I)$"
    else:
        error = rf"E=\mathbb E\,\|{w}-{w0}\|_{{{test}}}^2"
        norm = rf"$\|v\|_{{{test}}}^2=v^\top {juxtaposed([test, 'v'])}$"
        what = rf"{norm}, the excess risk on fresh inputs $N(0,{test})$"
    return error, what


def _limit(derived: DerivedError) -> str:
    """The regime, what is bounded, and what was assumed of dimensions."""
    pipeline = derived.stated
    _, generators = contents(pipeline)
    dims = sorted((g for g in generators if isinstance(g, Dimension)), key=lambda g: g.name)
    text = rf"${','.join(latex(g) for g in dims if not is_fixed(dimension(g.name)))}\to\infty$ at fixed ratios"
    conditions = "".join(f" ${inline(a)}<{inline(b)}$," for a, b in derived.conditions)
    conditions += "".join(rf" ${inline(count)}\ge1$," for count in derived.program.positive)
    ratios = f" with{conditions.removesuffix(',')}" if conditions else ""
    return f"{text}{ratios}, and ${','.join(_bounded(pipeline))}$ stay bounded; $a\\simeq b$ means $a-b\\to0$."


def _bounded(pipeline: Pipeline) -> list[str]:
    """The norms of covariances and fixed weights, and the traces of the covariances of random ones."""
    inputs = [d.covariance for d in designs_of(pipeline)] + [pipeline.covariance]
    found = [rf"\|{latex(a)}\|" for a in _once(inputs)]
    found += [rf"\|{latex(a)}^{{-1}}\|" for a in _once(_inverted(pipeline))]
    found += [rf"\|{latex(a)}\|" for a in _once(t.vector for t in teachers_of(pipeline))]
    found += [rf"\tr {latex(a)}" for a in _once(t.covariance for t in teachers_of(pipeline))]
    return list(dict.fromkeys(found))


def _inverted(pipeline: Pipeline) -> list[Atom | None]:
    """The covariances of data to which a model without ridge is fitted."""
    return [d.design.covariance for m in models_of(pipeline) if is_ridgeless(m.learner) for d in m.on]


def _once(found: Sequence[Atom | None] | Iterator[Atom | None]) -> list[Atom]:
    return list(dict.fromkeys(a for a in found if a is not None))
