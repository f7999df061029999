"""From a pipeline to the program of its error: the stages taken out from the last to the first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from fpt_calc.closed_form import Coordinates
from fpt_calc.derivation import LimitLaw
from fpt_calc.errors import CannotDecideError, InputError
from fpt_calc.learning.fit import Fits, Part, Trainer, linear_parts
from fpt_calc.learning.generations import PREVIOUS as PREVIOUS_PART
from fpt_calc.learning.generations import after_generations
from fpt_calc.learning.history import taken_together
from fpt_calc.learning.maps import StageMap, stage_map
from fpt_calc.learning.parameters import Renaming, StageParameter
from fpt_calc.learning.program import LawDefinition, Loop, Program, Writer
from fpt_calc.learning.projections import with_projections
from fpt_calc.learning.residuals import residual_map, residual_state
from fpt_calc.learning.ridgeless import Substitution, without_ridge
from fpt_calc.learning.spectrum import ChainSpectrum, chain_spectrum
from fpt_calc.learning.stages import Stage, Trainee, stages_of
from fpt_calc.learning.tower import State, eliminated, teacher_values, test_form
from fpt_calc.logic import Status
from fpt_calc.pipeline import (
    OLS,
    Generations,
    Model,
    Pipeline,
    RandomFeatures,
    Teacher,
    check_pipeline,
    datasets_of,
    designs_of,
    generations_of,
    is_ridgeless,
    models_of,
    number_of_generations,
    teachers_of,
    unrolled,
)
from fpt_calc.scalars import ZERO, Generator, Parameter, Scalar, generator_scalar
from fpt_calc.system import Unknown

RIDGE = Parameter("the vanishing ridge", "positive")  # no name that a user could declare
MANY_STAGES = 3  # with parameters of their own: then forms get names
IsLess = Callable[[Scalar, Scalar], bool | None]


@dataclass(frozen=True)
class DerivedStage:
    """A stage with its random matrices and its map.

    ``law``: from which its parameters are computed; None where they are roots of their relations, the ridge being zero.
    ``suffix``: what its parameters and degrees of freedom are told apart by.
    """

    stage: Stage
    fits: Fits
    map: StageMap
    law: LimitLaw | None
    suffix: str = ""


@dataclass(frozen=True)
class DerivedError:
    """The error of a pipeline in the limit.

    Attributes
    ----------
    stated : the pipeline as it was asked for.
    pipeline : as it was derived, chains with reused designs written out, or taken as one fit where that is exact.
    program : its values.
    stages : the stages in the order of time, with their maps.
    conditions : what was assumed of dimensions, as pairs (smaller, larger).
    spectra : of the chains of generations that stay loops, where their map is a multiplication plus rank one.
    on_training_data : whether it is the mean squared residual on the data of the tested model.
    """

    stated: Pipeline
    pipeline: Pipeline
    program: Program
    stages: tuple[DerivedStage, ...]
    conditions: tuple[tuple[Scalar, Scalar], ...]
    spectra: tuple[ChainSpectrum, ...] = ()
    on_training_data: bool = False

    @property
    def laws(self) -> tuple[LimitLaw, ...]:
        """The laws that the values rest on."""
        own = [d.law for d in self.program.definitions if isinstance(d, LawDefinition)]
        return (*(item.map.law for item in self.stages), *own)

    @property
    def status(self) -> Status:
        """The worst of the laws that the values rest on."""
        return max((law.derivation.status for law in self.laws), default=Status.EXACT)


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
    prepared = unrolled(projected, only=_has_to_be_written_out)
    stages = stages_of(prepared)
    conditions: dict[tuple[Scalar, Scalar], None] = {}
    together: list[Stage] = []
    apart: list[DerivedStage] = []
    for stage in stages:
        if on_training_data and prepared.model in stage.members:
            apart.append(_residual(stage, is_less, conditions))
            continue
        found = _apart(stage, prepared, is_less, conditions)
        if found is None:
            together.append(stage)
        else:
            apart.append(found)
    derived = _renamed(apart)
    tested = prepared.model
    writer = Writer({a for a in _names(prepared)})
    learner = tested.step.learner if isinstance(tested, Generations) else tested.learner
    width = learner.projection.width if isinstance(learner, RandomFeatures) else None
    if on_training_data:
        *derived_before, last = derived
        state = residual_state(last.fits, last.map)
    else:
        derived_before = derived
        state = test_form(tested.name, prepared.against, prepared.covariance, width)
    many = sum(bool(item.map.coordinates.parameters) for item in derived) >= MANY_STAGES
    for item in reversed(derived_before):
        state = _taken_out(state, item, writer)
        if many and (together or item is not derived[0]):
            state = _with_named_forms(state, frozenset(t.name for t in teachers_of(prepared)), writer)
    parameters = tuple(p for item in derived for p in item_parameters(item))
    teachers = {t.name: t for t in teachers_of(prepared)}
    fits = [item.fits for item in derived]
    if together:
        histories = _trained_together(together)
        bias, more = taken_together(state, histories, teachers, writer)
        noises = {k: state.noises.get(k, ZERO) + more.get(k, ZERO) for k in (*state.noises, *more)}
        bias = {name: bias.get(name, ZERO) for name in teachers} | bias
        fits.append(histories)
    else:
        bias, noises = _bias(state, teachers), dict(state.noises)
    variance = {name: value for name, value in noises.items() if not value.is_zero}
    fixed = {p.name: number for item in fits for p, number in item.fixed.items()}
    program = Program(parameters, tuple(writer.definitions), bias, variance, positive, _groups(projected), fixed)
    spectra = [_spectrum(d, derived) for d in writer.definitions if isinstance(d, Loop)]
    known = tuple(s for s in spectra if s is not None)
    return DerivedError(pipeline, prepared, program, tuple(derived), tuple(conditions), known, on_training_data)


def _spectrum(loop: Loop, derived: list[DerivedStage]) -> ChainSpectrum | None:
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


def _residual(stage: Stage, is_less: IsLess, conditions: dict[tuple[Scalar, Scalar], None]) -> DerivedStage:
    """The last stage with the map of its residuals."""
    (*others, model) = stage.members
    if others or not isinstance(model, Model):
        raise CannotDecideError(
            "the training error of a model that shares data with others, or of generations",
            where=stage.name,
            remedy="simulate it",
        )
    trainer = Trainer(generator_scalar(RIDGE))
    trainer.train(model)
    fits, ridgeless = trainer.fits(), is_ridgeless(model.learner)
    found = residual_map(trainer, model, keep_ridge=not ridgeless and not fits.fixed)
    if ridgeless:
        found = without_ridge(found, RIDGE, _enough_samples(model, is_less, conditions))
    return DerivedStage(stage, fits, found, None if ridgeless else found.law)


def _apart(
    stage: Stage, pipeline: Pipeline, is_less: IsLess, conditions: dict[tuple[Scalar, Scalar], None]
) -> DerivedStage | None:
    """A stage with its map; None if its models are better taken as one expression in the teachers.

    These are several models that share randomness, and models whose map has no closed form.
    """
    members = [m for m in stage.members if isinstance(m, Model)]
    sources = [d.labels for m in members for d in m.on]
    from_teachers = members and all(isinstance(s, Teacher) or s in members for s in sources)
    if not from_teachers or any(is_ridgeless(m.learner) for m in members):
        return _derived(stage, pipeline, is_less, conditions)
    if len(members) > 1:
        return None
    try:
        return _derived(stage, pipeline, is_less, conditions)
    except CannotDecideError:
        return None


def _trained_together(stages: list[Stage]) -> Fits:
    trainer = Trainer(generator_scalar(RIDGE), name_numbers=False)
    for member in (m for stage in stages for m in stage.members):
        assert isinstance(member, Model), "chains are stages of their own, or were written out"
        if is_ridgeless(member.learner):
            raise CannotDecideError(
                "models without ridge that share a design", where=member.name, remedy="give them a small ridge"
            )
        trainer.train(member)
    return trainer.fits()


def _has_to_be_written_out(chain: Generations) -> bool:
    """Chains whose generations share a design, or in which more than linear weights are passed on."""
    start = chain.start.step if isinstance(chain.start, Generations) else chain.start
    nonlinear = isinstance(start, Model) and isinstance(start.learner, RandomFeatures)
    return bool(chain.reused) or nonlinear or isinstance(chain.step.learner, RandomFeatures)


def _names(pipeline: Pipeline) -> Iterable[str]:
    found = [t.name for t in teachers_of(pipeline)] + [d.name for d in datasets_of(pipeline)]
    for design in designs_of(pipeline):
        found += [] if design.covariance is None else [design.covariance.name]
    return found


def _derived(
    stage: Stage, pipeline: Pipeline, is_less: IsLess, conditions: dict[tuple[Scalar, Scalar], None]
) -> DerivedStage:
    trainer = Trainer(generator_scalar(RIDGE))
    models = [m.step if isinstance(m, Generations) else m for m in stage.members]
    for model in models:
        trainer.train(model)
    fits = trainer.fits()
    ridgeless = [m for m in models if is_ridgeless(m.learner)]
    if ridgeless and len(models) > 1:
        raise CannotDecideError(
            "models without ridge that share a design",
            where=", ".join(m.name for m in models),
            remedy="give them a small ridge, or fresh designs",
        )
    found = stage_map(fits, _wanted(stage, pipeline, fits), keep_ridge=not ridgeless and not fits.fixed)
    for model in ridgeless:
        found = without_ridge(found, RIDGE, _enough_samples(model, is_less, conditions))
    return DerivedStage(stage, fits, found, None if ridgeless else found.law)


def _wanted(stage: Stage, pipeline: Pipeline, fits: Fits) -> frozenset[tuple[Part, Part]]:
    """The pairs of parts between which a form can arise: those of models that label others or are tested."""
    parts = list(fits.weights)
    linear = [p for p in parts if not p.nonlinear]
    pairs = {(p, q) for p in linear for q in linear} | {(p, p) for p in parts if p.nonlinear}
    if len(stage.members) == 1:
        return frozenset(pairs)
    used = _used_outside(stage, pipeline)
    return frozenset((p, q) for p, q in pairs if p.name in used and q.name in used)


def _used_outside(stage: Stage, pipeline: Pipeline) -> frozenset[str]:
    """The models of a stage that are tested or label the data of other stages."""
    found = {pipeline.model.name}
    inside: set[Trainee] = set(stage.members)
    for model in models_of(pipeline):
        if model not in inside:
            found |= {p.name for d in model.on for p in linear_parts(d.labels)}
    return frozenset(found)


def _enough_samples(model: Model, is_less: IsLess, conditions: dict[tuple[Scalar, Scalar], None]) -> bool:
    dim = model.on[0].design.dim
    size = sum((d.design.size for d in model.on), ZERO)
    enough = is_less(dim, size)
    if isinstance(model.learner, OLS):
        if enough is False:
            raise InputError(
                f"least squares with {size} samples, at most {dim}", where=model.name, remedy="use min-norm or ridge"
            )
        enough = True
    if enough is None:
        raise CannotDecideError(
            f"an interpolator with {size} samples in dimension {dim}",
            where=model.name,
            remedy=f'say which is larger, such as assume = ["{size} < {dim}"], or give sizes that differ',
        )
    conditions[(dim, size) if enough else (size, dim)] = None
    return enough


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


def item_parameters(item: DerivedStage) -> tuple[StageParameter, ...]:
    """The parameters of a stage."""
    coordinates = item.map.coordinates
    return tuple(
        StageParameter(p.symbol, r, p.base, None if item.law is None else p.meaning, item.law)
        for p, r in zip(coordinates.parameters, coordinates.relations, strict=True)
    )


def _renamed(items: list[DerivedStage]) -> list[DerivedStage]:
    """Parameters of several stages are told apart by the name of the stage."""
    with_parameters = [i for i in items if i.map.coordinates.parameters]
    if len(with_parameters) < 2:
        return items
    return [_with_suffix(item, f"_{item.stage.name}") if item in with_parameters else item for item in items]


def _with_suffix(item: DerivedStage, suffix: str) -> DerivedStage:
    old = item.map.coordinates
    new = {p.symbol: Unknown(p.symbol.name + suffix) for p in old.parameters}
    images: dict[Generator, Scalar] = {s: generator_scalar(t) for s, t in new.items()}
    renaming = Renaming(images, suffix)
    parameters = tuple(replace(p, symbol=new[p.symbol]) for p in old.parameters)
    relations = tuple(renaming.value(r) for r in old.relations)
    coordinates = Coordinates(parameters, relations, groups=old.groups, taken=old.taken)
    return replace(item, suffix=suffix, map=Substitution(renaming.matrix, renaming.value).map(item.map, coordinates))
