"""The maps of the stages of a pipeline: which are derived on their own, and which models are taken together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from fpt_calc.closed_form import Coordinates
from fpt_calc.errors import CannotDecideError, InputError
from fpt_calc.learning.derived import DerivedStage
from fpt_calc.learning.fit import Fits, Part, Trainer, linear_parts
from fpt_calc.learning.maps import stage_map
from fpt_calc.learning.parameters import Renaming
from fpt_calc.learning.residuals import residual_map
from fpt_calc.learning.ridgeless import Substitution, without_ridge
from fpt_calc.learning.stages import Stage, Trainee, labellers, stages_of
from fpt_calc.pipeline import (
    OLS,
    Generations,
    Model,
    Pipeline,
    generations_of,
    is_ridgeless,
    models_of,
)
from fpt_calc.scalars import ZERO, Generator, Parameter, Scalar, generator_scalar
from fpt_calc.system import Unknown

RIDGE = Parameter("the vanishing ridge", "positive")  # no name that a user could declare
IsLess = Callable[[Scalar, Scalar], bool | None]
Conditions = dict[tuple[Scalar, Scalar], None]


@dataclass(frozen=True)
class StageMaps:
    """The stages of a pipeline.

    Attributes
    ----------
    apart : the stages with a map, in the order of time; on training data the last one with that of its residuals.
    together : the models of the others, as one expression in the teachers; None if there are none.
    conditions : what was assumed of dimensions.
    """

    apart: tuple[DerivedStage, ...]
    together: Fits | None
    conditions: tuple[tuple[Scalar, Scalar], ...]


def stage_maps(pipeline: Pipeline, is_less: IsLess, on_training_data: bool) -> StageMaps:
    """The maps of all stages, parameters told apart by the names of stages.

    Raises `CannotDecideError` where a stage has no equivalent in closed form, or an interpolator may be on either side
    of its threshold.
    """
    conditions: Conditions = {}
    together: list[Stage] = []
    apart: list[DerivedStage] = []
    for stage in stages_of(pipeline):
        if on_training_data and pipeline.model in stage.members:
            apart.append(_residual(stage, is_less, conditions))
            continue
        below = _with_ancestors(stage, [*together, *(a.stage for a in apart)])
        found = _apart(stage, below, pipeline, is_less, conditions)
        if found is not None:
            apart.append(found)
            continue
        together += [other for other in below if other not in together]
        apart = [a for a in apart if a.stage not in together]
    joined = _trained_together(together) if together else None
    return StageMaps(tuple(_renamed(apart)), joined, tuple(conditions))


def _with_ancestors(stage: Stage, known: list[Stage]) -> list[Stage]:
    """The stages that a stage depends on, in the order of time, and the stage itself."""
    owner = {m: other for other in known for m in other.members}
    found: list[Stage] = [stage]
    for current in found:
        for member in current.members:
            sources = labellers(member)
            found += [owner[s] for s in sources if s in owner and owner[s] not in found]
    return [*(other for other in known if other in found), stage]


def _apart(
    stage: Stage, below: list[Stage], pipeline: Pipeline, is_less: IsLess, conditions: Conditions
) -> DerivedStage | None:
    """A stage with its map; None if it is better taken together with all that it depends on, in the teachers.

    These are models that share randomness and learn from teachers, and models whose map has no closed form.  Learners
    without ridge and chains of generations are never taken together with others.
    """
    every = [m for other in below for m in other.members]
    can_join = all(isinstance(m, Model) and not is_ridgeless(m.learner) for m in every)
    if can_join and len(below) == 1 and len(stage.members) > 1:
        return None
    try:
        return _derived(stage, pipeline, is_less, conditions)
    except CannotDecideError:
        if not can_join:
            raise
        return None


def _derived(stage: Stage, pipeline: Pipeline, is_less: IsLess, conditions: Conditions) -> DerivedStage:
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


def _residual(stage: Stage, is_less: IsLess, conditions: Conditions) -> DerivedStage:
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
    found = {pipeline.model.name} | {p.name for c in generations_of(pipeline) for p in linear_parts(c.start)}
    inside: set[Trainee] = set(stage.members)
    for model in models_of(pipeline):
        if model not in inside:
            found |= {p.name for d in model.on for p in linear_parts(d.labels)}
    return frozenset(found)


def _enough_samples(model: Model, is_less: IsLess, conditions: Conditions) -> bool:
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
