"""Which form the effects of synthetic shares and of generations have.

Forms that contain each other are tested by the likelihood ratio at 5%: the simpler one stays unless it is rejected.
Forms that do not are compared by AICc: the alternative is taken where it is better by more than two.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import numpy as np

from fpt_calc.scaling.fitting.data import Array, Curve, Estimate
from fpt_calc.scaling.fitting.distributions import LEVEL, chi_square_tail, fisher_tail
from fpt_calc.scaling.fitting.model import Model, Parameter, make_model, resting_values
from fpt_calc.scaling.fitting.profile import distance_to, interval
from fpt_calc.scaling.fitting.solve import Fit, fit_model

CLEAR = 2.0  # a difference of AICc that counts
_DISTINCT = 3  # values of a column, to tell the form of its effect
_SEPARATE = {Parameter.SHARE_EXPONENT: (1.0, 4.0), Parameter.RATIO: (0.5, 1.3)}  # further starts


class Growth(Enum):
    """How an effect grows with the generation; the values are the words that users read."""

    LINEAR = "linear"
    SATURATING = "saturating"
    FASTER = "faster than linear"
    UNSEEN = "not seen"


@dataclass(frozen=True)
class ShareEffect:
    """``coefficient * share^q`` of loss; ``is_seen``: whether it is more than chance.

    ``exponent``: q where it was tested; ``p_square``: the probability of data as far from q = 2.  ``real_size``:
    whether the size that counts is that of the real data; ``form_gain``: by how much AICc prefers that to the other,
    where both were tried.
    """

    coefficient: Estimate
    is_seen: bool
    exponent: Estimate | None
    p_square: float | None
    real_size: bool
    form_gain: float | None

    @property
    def is_square(self) -> bool:
        """Whether q = 2 is in use: it is, unless the data reject it."""
        return self.p_square is None or self.p_square >= 1 - LEVEL


@dataclass(frozen=True)
class GenerationEffect:
    """``coefficient * (1 + ratio + ... + ratio^(g-1))`` of loss, or of the clean loss if ``compounding``.

    ``ratio`` where it was tested, with the probability ``p_linear`` of data as far from 1; ``linear_gain``: by how
    much AICc prefers ratio 1 to a free one.
    """

    coefficient: Estimate
    ratio: Estimate | None
    p_linear: float | None
    linear_gain: float | None
    growth: Growth
    compounding: bool
    form_gain: float | None


@dataclass(frozen=True, eq=False)
class Chosen:
    """The fit that is reported, and what was found out about its terms."""

    fit: Fit
    share: ShareEffect | None
    generation: GenerationEffect | None


def choose(curve: Curve) -> Chosen:
    """The law for a curve: forms first, then whether q = 2 and ratio = 1 do."""
    wide = {form: _fit_wide(curve, form) for form in _forms(curve)}
    best = wide[0, 0]
    for other in wide.values():
        if other.aicc < best.aicc - CLEAR:
            best = other
    seen = {
        Parameter.SHARE: curve.has_shares and _matters(best, (Parameter.SHARE, Parameter.SHARE_EXPONENT), 1),
        Parameter.GENERATION: curve.has_generations and _matters(best, (Parameter.GENERATION, Parameter.RATIO), 2),
    }
    square = _shape(best, seen[Parameter.SHARE], Parameter.SHARE_EXPONENT, 2.0)
    straight = _shape(best, seen[Parameter.GENERATION], Parameter.RATIO, 1.0)
    resting = [
        shape
        for shape, (_, p) in ((Parameter.SHARE_EXPONENT, square), (Parameter.RATIO, straight))
        if p is None or p >= 1 - LEVEL
    ]
    start = best.theta.copy()
    start[resting] = resting_values()[resting]
    fit = fit_model(curve, best.model.without(*resting), (start,))
    share, generation = None, None
    if curve.has_shares:
        share = ShareEffect(
            interval(fit, Parameter.SHARE), seen[Parameter.SHARE], *square, fit.model.real_size, _gain(wide, best, 0)
        )
    if curve.has_generations:
        growth = _growth(seen[Parameter.GENERATION], *straight)
        linear_gain = None
        if straight[0] is not None:
            linear_gain = _aicc_difference(best, fit_model(curve, best.model.without(Parameter.RATIO)))
        generation = GenerationEffect(
            interval(fit, Parameter.GENERATION),
            *straight,
            linear_gain,
            growth,
            fit.model.compounding,
            _gain(wide, best, 1),
        )
    return Chosen(fit, share, generation)


def _matters(fit: Fit, terms: tuple[Parameter, ...], forms: int) -> bool:
    """Whether the law without some terms fits worse than by chance, in view of the ``forms`` that were tried."""
    free = [p for p in terms if p in fit.model.free]
    excess = (fit_model(fit.curve, fit.model.without(*free)).cost - fit.cost) / fit.variance
    known = fit.scale_is_known
    p = chi_square_tail(excess, len(free)) if known else fisher_tail(excess / len(free), len(free), fit.freedom)
    return p * forms < 1 - LEVEL


def _shape(fit: Fit, seen: bool, shape: Parameter, simple: float) -> tuple[Estimate | None, float | None]:
    """The parameter that gives an effect its form, and the probability of data as far from the simple form."""
    if not seen or shape not in fit.model.free:
        return None, None
    return interval(fit, shape), distance_to(fit, shape, simple).p


def _growth(seen: bool, ratio: Estimate | None, p_linear: float | None) -> Growth:
    if not seen:
        return Growth.UNSEEN
    if ratio is None or p_linear is None or p_linear >= 1 - LEVEL:
        return Growth.LINEAR
    return Growth.SATURATING if ratio.value < 1 else Growth.FASTER


def _forms(curve: Curve) -> Iterator[tuple[int, int]]:
    """The pairs (real_size, compounding) that can be tried; the plain one first."""
    real = (0, 1) if curve.has_shares and curve.shares.max() < 1 else (0,)
    compounding = (0, 1) if curve.has_generations else (0,)
    yield from ((a, b) for b in compounding for a in real)


def _fit_wide(curve: Curve, form: tuple[int, int]) -> Fit:
    """The fit of a form, q and ratio free where the column has enough values and there are enough rows."""
    terms = {Parameter.LOG_AMPLITUDE, Parameter.EXPONENT, Parameter.FLOOR}
    shapes: list[Parameter] = []
    for has, values, linear, shape in (
        (curve.has_shares, curve.shares, Parameter.SHARE, Parameter.SHARE_EXPONENT),
        (curve.has_generations, curve.generations, Parameter.GENERATION, Parameter.RATIO),
    ):
        if has:
            terms.add(linear)
            if len(np.unique(values)) >= _DISTINCT:
                shapes.append(shape)
    plain = make_model(terms, bool(form[0]), bool(form[1]))
    fit = fit_model(curve, plain)
    for shape in shapes:
        wider: Model = fit.model.plus(shape)
        if curve.rows > len(wider.free) + 2:
            fit = fit_model(curve, wider, (fit.theta, *_with(fit.theta, shape)))
    return fit


def _with(theta: Array, shape: Parameter) -> Iterator[Array]:
    for value in _SEPARATE[shape]:
        start = theta.copy()
        start[shape] = value
        yield start


def _gain(wide: dict[tuple[int, int], Fit], best: Fit, place: int) -> float | None:
    """By how much AICc prefers the chosen form to the best of the other forms at one place of the pair."""
    chosen = best.model.real_size if place == 0 else best.model.compounding
    others = [f for form, f in wide.items() if bool(form[place]) != chosen]
    return _aicc_difference(min(others, key=lambda f: f.aicc), best) if others else None


def _aicc_difference(fit: Fit, other: Fit) -> float | None:
    """None where rows are too few for the criterion."""
    difference = fit.aicc - other.aicc
    return difference if math.isfinite(difference) else None
