"""The training error: the mean squared residual of the tested model on its own data, noise included."""

from __future__ import annotations

from fpt_calc.equivalent import joint_equivalents
from fpt_calc.errors import CannotDecideError
from fpt_calc.expr import Expr, flat_sum, scaled
from fpt_calc.learning.combination import combination
from fpt_calc.learning.fit import Fits, Part, Trainer, Weights, total
from fpt_calc.learning.maps import StageMap
from fpt_calc.learning.tower import Forms, State, add_rough
from fpt_calc.pipeline import Model, RandomFeatures
from fpt_calc.scalars import ZERO, Scalar, scalar

ANY = Part("residual")


def residual_map(trainer: Trainer, model: Model, keep_ridge: bool) -> StageMap:
    """``E[R_s' R_t]`` under ``first`` and ``E[N_k N_k']`` under ``noise`` for residuals ``sum R_s s + sum N_k e_k``.

    The residuals are those of all data sets below each other, divided by the square root of the number of samples.

    Raises `CannotDecideError` for random features, and where an equivalent has no closed form.
    """
    if isinstance(model.learner, RandomFeatures):
        raise CannotDecideError("the training error of random features", where=model.name, remedy="simulate it")
    parts = _residuals(trainer, model)
    signals = list(dict.fromkeys(s for _, r in parts for s in r.signals))
    noises = list(dict.fromkeys(k for _, r in parts for k in r.noises))
    exprs: dict[str, Expr] = {}
    names: dict[object, str] = {}
    for i, s in enumerate(signals):
        for j, t in enumerate(signals):
            products = [scaled(c, r.signals[s].T @ r.signals[t]) for c, r in parts if {s, t} <= set(r.signals)]
            if products:
                names[s, t] = f"signal_{i}_{j}"
                exprs[names[s, t]] = _sum(products)
    for i, k in enumerate(noises):
        names[k] = f"noise_{i}"
        exprs[names[k]] = _sum([scaled(c, r.noises[k].T @ r.noises[k]) for c, r in parts if k in r.noises])
    found = joint_equivalents(exprs, keep_ridge)
    read = {key: combination(found.terms[name].items(), *exprs[name].shape) for key, name in names.items()}
    first = {(s, t): read[s, t] for s in signals for t in signals if (s, t) in read}
    return StageMap(first, {}, {((ANY, ANY), k): read[k] for k in noises}, found.coordinates, found.law, found.solved)


def residual_state(fits: Fits, found: StageMap) -> State:
    """The mean squared residual as a form in those who labelled the data, and the noise in it."""
    forms: Forms = dict(found.first)
    noises: dict[str, Scalar] = {}
    for (_, name), value in found.noise.items():
        if name in fits.rough:
            add_rough(forms, fits, name, fits.scales[name] * value.trace())
            continue
        noises[name] = fits.noises[name].noise ** 2 * fits.scales[name] * value.trace()
    return State({k: v for k, v in forms.items() if not v.is_zero}, noises)


def _residuals(trainer: Trainer, model: Model) -> list[tuple[Scalar, Weights]]:
    """For each data set its share of the samples, in the units of its design, and ``labels - X w``."""
    size = sum((d.design.size for d in model.on), ZERO)
    weights = trainer.done[Part(model.name)]
    return [
        (
            trainer.counts[d.design.name] / size,
            total([trainer.labels(d), weights.times(trainer.inputs(d.design)).scaled(scalar(-1))]),
        )
        for d in model.on
    ]


def _sum(terms: list[Expr]) -> Expr:
    return terms[0] if len(terms) == 1 else flat_sum(terms)
