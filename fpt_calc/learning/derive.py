"""From a pipeline to the program of its error: the stages taken out from the last to the first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fpt_calc.learning.derived import DerivedError, DerivedStage, Taken
from fpt_calc.learning.fit import Part, linear_parts
from fpt_calc.learning.generations import PREVIOUS as PREVIOUS_PART
from fpt_calc.learning.generations import after_generations
from fpt_calc.learning.history import taken_together
from fpt_calc.learning.parameters import StageParameter
from fpt_calc.learning.program import Loop, Program, Writer
from fpt_calc.learning.projections import with_last_noise, with_projections
from fpt_calc.learning.residuals import residual_state
from fpt_calc.learning.spectrum import ChainSpectrum, chain_spectrum
from fpt_calc.learning.stage_maps import IsLess, StageMaps, stage_maps
from fpt_calc.learning.tower import State, eliminated, teacher_values, test_form
from fpt_calc.pipeline import (
    Generations,
    Model,
    Pipeline,
    RandomFeatures,
    Teacher,
    check_pipeline,
    contents,
    datasets_of,
    generations_of,
    models_of,
    number_of_generations,
    teachers_of,
    unrolled,
)
from fpt_calc.scalars import ZERO, Scalar

MANY_STAGES = 3  # with parameters of their own: then forms get names


def derive_error(
    pipeline: Pipeline, is_less: IsLess = lambda a, b: None, on_training_data: bool = False
) -> DerivedError:
    """The excess risk of a pipeline, its bias and its variance by sources, as dimensions and samples grow together.

    Parameters
    ----------
    on_training_data : the mean squared residual on the data of the tested model, label noise included, instead.
    is_less : whether one dimension is below another one, where that is known; interpolators need it.

    Raises
    ------
    InputError
        for a pipeline that cannot be meant.
    CannotDecideError
        where a stage has no equivalent in closed form, or an interpolator may be on either side of its threshold.
    """
    check_pipeline(pipeline)
    projected, positive = with_projections(pipeline)
    if on_training_data:
        projected = with_last_noise(projected, pipeline)
    prepared = unrolled(projected, only=_has_to_be_written_out)
    maps = stage_maps(prepared, is_less, on_training_data)
    writer = Writer(set(_names(prepared, maps)))
    tower = _averaged(prepared, maps, on_training_data, writer)
    bias, noises = _contributions(prepared, tower[-1].after if tower else _start(prepared), maps, writer)
    variance = {name: value for name, value in noises.items() if not value.is_zero}
    parameters = tuple(p for item in maps.apart for p in _parameters(item))
    every = [*(item.fits for item in maps.apart), *([] if maps.together is None else [maps.together])]
    fixed = {p.name: number for fits in every for p, number in fits.fixed.items()}
    program = Program(parameters, tuple(writer.definitions), bias, variance, positive, _groups(projected), fixed)
    spectra = tuple(s for d in writer.definitions if isinstance(d, Loop) and (s := _spectrum(d, maps.apart)))
    named = maps.together is not None or _names_forms(maps)
    shown = None if named else tuple(tower)
    return DerivedError(pipeline, prepared, program, maps.apart, maps.conditions, spectra, on_training_data, shown)


def _averaged(pipeline: Pipeline, maps: StageMaps, on_training_data: bool, writer: Writer) -> list[Taken]:
    """The stages on which the error depends, from the last to the first, with the forms before and after."""
    taken: list[Taken] = []
    items = list(reversed(maps.apart))
    state = _start(pipeline)
    if on_training_data:
        last = items.pop(0)
        state = residual_state(last.fits, last.map)
        taken.append(Taken(last, State(), state))
    teachers = frozenset(t.name for t in teachers_of(pipeline))
    for item in items:
        if not any(part.name == m.name for part in state.parts() for m in item.stage.members):
            continue
        after = _taken_out(state, item, writer)
        if _names_forms(maps) and (maps.together is not None or item is not maps.apart[0]):
            after = _with_named_forms(after, teachers, writer)
        taken.append(Taken(item, state, after))
        state = after
    return taken


def _names_forms(maps: StageMaps) -> bool:
    return sum(bool(item.map.coordinates.parameters) for item in maps.apart) >= MANY_STAGES


def _start(pipeline: Pipeline) -> State:
    """The excess risk as a form in the tested model and the teacher."""
    tested = pipeline.model
    learner = tested.step.learner if isinstance(tested, Generations) else tested.learner
    width = learner.projection.width if isinstance(learner, RandomFeatures) else None
    return test_form(tested.name, pipeline.against, pipeline.covariance, width)


def _contributions(
    pipeline: Pipeline, state: State, maps: StageMaps, writer: Writer
) -> tuple[dict[str, Scalar], dict[str, Scalar]]:
    """What is left of the form in the teachers, and the noise of all data sets."""
    teachers = {t.name: t for t in teachers_of(pipeline)}
    if maps.together is None:
        return _bias(state, teachers), dict(state.noises)
    bias, more = taken_together(state, maps.together, teachers, writer)
    noises = {k: state.noises.get(k, ZERO) + more.get(k, ZERO) for k in (*state.noises, *more)}
    return {name: bias.get(name, ZERO) for name in teachers} | bias, noises


def _spectrum(loop: Loop, derived: Iterable[DerivedStage]) -> ChainSpectrum | None:
    item = next(i for i in derived if i.stage.name == loop.name)
    (step,) = item.fits.weights
    if set(item.fits.weights[step].signals) != {PREVIOUS_PART}:
        return None
    factors = {name: d.noise**2 * item.fits.scales[name] for name, d in item.fits.noises.items()}
    return chain_spectrum(loop, item.map, (step, PREVIOUS_PART), factors)


def _groups(pipeline: Pipeline) -> dict[str, tuple[str, ...]]:
    """The data sets of chains that were written out, with those drawn for each."""
    written = [c for c in generations_of(pipeline) if _has_to_be_written_out(c)]
    return {
        d.name: tuple(f"{d.name}_{k}" for k in range(1, number_of_generations(c, {}) + 1))
        for c in written
        for d in c.step.on
    }


def _has_to_be_written_out(chain: Generations) -> bool:
    """Chains whose generations share a design, or in which more than linear weights are passed on."""
    start = chain.start.step if isinstance(chain.start, Generations) else chain.start
    nonlinear = isinstance(start, Model) and isinstance(start.learner, RandomFeatures)
    return bool(chain.reused) or nonlinear or isinstance(chain.step.learner, RandomFeatures)


def _names(pipeline: Pipeline, maps: StageMaps) -> Iterable[str]:
    """Every name that is taken: what was declared, what is called by name, and the parameters."""
    matrices, generators = contents(pipeline)
    yield from matrices
    yield from (g.name for g in generators)
    yield from (teacher.name for teacher in teachers_of(pipeline))
    yield from (data.name for data in datasets_of(pipeline))
    yield from (model.name for model in models_of(pipeline))
    yield from (p.symbol.name for item in maps.apart for p in item.map.coordinates.parameters)


def _taken_out(state: State, item: DerivedStage, writer: Writer) -> State:
    (*_, last) = item.stage.members
    if not any(part.name == m.name for part in state.parts() for m in item.stage.members):
        return state
    if isinstance(last, Generations):
        starts = tuple(linear_parts(last.start))
        return after_generations(state, Part(last.name), last.count, item.fits, item.map, starts, writer)
    return eliminated(state, item.fits, item.map, writer)


def _with_named_forms(state: State, teachers: frozenset[str], writer: Writer) -> State:
    """The state with names for its forms on models, so that a long history reads as a recursion."""
    forms = dict(state.forms)
    for (p, q), value in state.forms.items():
        if p.name in teachers and q.name in teachers:
            continue
        if p == q or (q, p) not in forms:
            forms[p, q] = writer.matrix(value)
        elif p < q:
            forms[p, q] = writer.matrix(value)
            forms[q, p] = forms[p, q].T
    return State(forms, state.noises)


def _bias(state: State, teachers: Mapping[str, Teacher]) -> dict[str, Scalar]:
    own, mixed = teacher_values(state, teachers)
    found = {name: own.get(name, ZERO) for name in teachers}
    return found if mixed.is_zero else {**found, "mixed": mixed}


def _parameters(item: DerivedStage) -> tuple[StageParameter, ...]:
    """The parameters of a stage."""
    coordinates = item.map.coordinates
    return tuple(
        StageParameter(p.symbol, r, p.base, None if item.law is None else p.meaning, item.law)
        for p, r in zip(coordinates.parameters, coordinates.relations, strict=True)
    )
