"""What learners do, in words and in formulas."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fpt_calc.export.latex import inline, latex
from fpt_calc.export.matrices import coefficient_latex, juxtaposed
from fpt_calc.export.names import name_to_latex
from fpt_calc.export.pipeline_symbols import Symbols, subscripted
from fpt_calc.export.setting import dimension_latex
from fpt_calc.pipeline import (
    OLS,
    Generations,
    MinNorm,
    Model,
    ProjectedRidge,
    Projection,
    RandomFeatures,
    Ridge,
)
from fpt_calc.scalars import ZERO, Scalar


@dataclass(frozen=True)
class FitFormulas:
    """The formulas of a fit for a display, and what they mention in words."""

    formulas: tuple[str, ...]
    where: str = ""


def fit_words(model: Model) -> str:
    """The fit and its data, as in "ridge regression on real"."""
    match model.learner:
        case OLS():
            fit = "least squares"
        case MinNorm():
            fit = "the interpolator of least norm"
        case Ridge():
            fit = "ridge regression"
        case ProjectedRidge():
            fit = "ridge regression on random projections of the inputs"
        case RandomFeatures():
            fit = "ridge regression on random features of the inputs"
    if len(model.on) == 1:
        return f"{fit}, fitted to them" if not isinstance(model.learner, OLS | MinNorm | Ridge) else f"{fit} on them"
    return f"{fit}, fitted to all ${inline(_size(model))}$ samples"


def _size(model: Model) -> Scalar:
    return sum((d.design.size for d in model.on), ZERO)


def fit_formulas(model: Model, known: Symbols, chain: Generations | None) -> FitFormulas:
    """The weights of a model from its data."""
    w = known.weights(model)
    X, y = [known.inputs(d) for d in model.on], [known.labels(d) for d in model.on]
    gram = _sum(rf"{x}^\top {x}" for x in X)
    moment = _sum(rf"{x}^\top {t}" for x, t in zip(X, y, strict=True))
    mean = _mean(_size(model))
    several = len(X) > 1
    match model.learner:
        case OLS() | MinNorm() as learner:
            power = "-1" if isinstance(learner, OLS) else "+"
            return FitFormulas((rf"{w}=({gram})^{{{power}}}{f'({moment})' if several else moment}",))
        case Ridge(lam=lam):
            M, m = (f"({gram})", f"({moment})") if several else (gram, moment)
            return FitFormulas((rf"{w}=\bigl({mean}{M}+{inline(lam)}\bigr)^{{-1}}{mean}{m}",))
        case ProjectedRidge(lam=lam, projection=projection):
            S = known.projection(projection.name, chain)
            M, m = (f"({gram})", f"({moment})") if several else (gram, moment)
            inverse = rf"\bigl({mean}{juxtaposed([S, M])}{S}^\top+{inline(lam)}\bigr)^{{-1}}"
            formula = rf"{w}={S}^\top{inverse}{mean}{juxtaposed([S, m])}"
            return FitFormulas((formula,), _drawn(projection, S, model))
        case RandomFeatures() as features:
            return _random_features(model, features, known, chain)


def _random_features(model: Model, learner: RandomFeatures, known: Symbols, chain: Generations | None) -> FitFormulas:
    """Features of given inputs, the weights on them, and the function that the model is."""
    S = known.projection(learner.projection.name, chain)
    v, mean = rf"\hat {subscripted('v', model.name)}", _mean(_size(model))
    X, y = [known.inputs(d) for d in model.on], [known.labels(d) for d in model.on]
    fresh = [name_to_latex(f"Xi_{d.design.name}_{learner.projection.name}") for d in model.on]
    features = [
        rf"\Phi_{{{x}}}={coefficient_latex(learner.linear, x)}{S}^\top+{coefficient_latex(learner.nonlinear, xi)}"
        for x, xi in zip(X, fresh, strict=True)
    ]
    gram = _sum(rf"\Phi_{{{x}}}^\top\Phi_{{{x}}}" for x in X)
    moment = _sum(rf"\Phi_{{{x}}}^\top {t}" for x, t in zip(X, y, strict=True))
    M, m = (f"({gram})", f"({moment})") if len(X) > 1 else (gram, moment)
    fit = rf"{v}=\bigl({mean}{M}+{inline(learner.lam)}\bigr)^{{-1}}{mean}{m}"
    w, u = known.weights(model), subscripted("u", model.name)
    where = (
        rf"{_drawn(learner.projection, S, model)}, ${','.join(fresh)}$ has independent $N(0,1)$ entries, "
        rf"and the model is $f(x)=x^\top {w}+\xi^\top {u}$ with "
        rf"${w}={coefficient_latex(learner.linear, S)}^\top {v}$, ${u}={coefficient_latex(learner.nonlinear, v)}$ "
        r"and $\xi\sim N(0,I)$ new for each input"
    )
    return FitFormulas((*features, fit), where)


def _drawn(projection: Projection, symbol: str, model: Model) -> str:
    dim = model.on[0].design.dim
    shape = rf"\mathbb R^{{{dimension_latex(projection.width)}\times {dimension_latex(dim)}}}"
    return rf"${symbol}\in{shape}$ has independent $N(0,1/{latex(dim)})$ entries"


def _sum(terms: Iterable[str]) -> str:
    return "+".join(terms)


def _mean(size: Scalar) -> str:
    return rf"\tfrac1{{{inline(size)}}}"
