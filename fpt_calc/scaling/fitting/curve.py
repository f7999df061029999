"""`fit_curve`: the scaling law of a measured curve."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fpt_calc.errors import InputError
from fpt_calc.scaling.fitting.data import Estimate, make_curve, safe_exp
from fpt_calc.scaling.fitting.effects import GenerationEffect, ShareEffect, choose
from fpt_calc.scaling.fitting.model import HIGHEST, Parameter
from fpt_calc.scaling.fitting.profile import exponential, interval, predicted
from fpt_calc.scaling.fitting.rises import Scan, scan
from fpt_calc.scaling.fitting.shape import refuse_other_shapes
from fpt_calc.scaling.fitting.solve import BAD_FIT, Fit, fit_model

# where the floor may be zero it is not told from the exponent if that is not known within a factor of two, or if the
# floor may also be half of the least loss
_LOOSE = 2.0
_LARGE = 0.5
_WILD = 0.5  # of a logarithm


@dataclass(frozen=True, eq=False)
class CurveFit:
    """The law ``loss = amplitude size^-exponent + floor + effects`` with 95% intervals by profile likelihood.

    ``exponent_without_floor``: the exponent under the assumption that there is no floor, where that is not excluded.
    ``fit`` is the fit itself, for further questions.
    """

    fit: Fit
    amplitude: Estimate
    exponent: Estimate
    floor: Estimate
    exponent_without_floor: Estimate | None
    share: ShareEffect | None
    generation: GenerationEffect | None
    notes: tuple[str, ...]

    @property
    def has_floor(self) -> bool:
        """Whether a floor of zero is excluded."""
        return self.floor.low > 0

    @property
    def is_identified(self) -> bool:
        """Whether the exponent can be told from the floor."""
        if self.has_floor:
            return math.isfinite(self.exponent.high)
        least = float(self.fit.curve.losses.min())
        return self.exponent.high <= _LOOSE * self.exponent.low and self.floor.high <= _LARGE * least

    @property
    def span(self) -> float:
        """The largest size over the smallest."""
        return float(self.fit.curve.sizes.max() / self.fit.curve.sizes.min())

    @property
    def scatter(self) -> float:
        """The standard deviation of the residuals: relative, or in units of the standard errors."""
        return math.sqrt(self.fit.cost / self.fit.freedom)


def fit_curve(
    sizes: Sequence[float],
    losses: Sequence[float],
    shares: Sequence[float] | None = None,
    generations: Sequence[float] | None = None,
    errors: Sequence[float] | None = None,
) -> CurveFit:
    """Fit ``loss = A size^-c + floor`` with ``floor >= 0``, and the effects of synthetic data.

    Parameters
    ----------
    sizes, losses : positive numbers, row by row; four distinct sizes at least.
    shares : the share of synthetic data in each row, in [0, 1].  Adds ``B share^q`` to the loss; q = 2, as in strong
        collapse, unless the data reject it.  Whether the size that counts is that of all or of the real data is decided
        by AICc.
    generations : 0, 1, 2, ...; adds ``G (1 + ratio + ... + ratio^(g-1))``, linear in g unless the data reject ratio 1.
    errors : standard errors of the losses.  Without them losses have one unknown relative scatter.

    Raises `InputError` for data that are no falling power law: no trend, growth, a minimum, too few sizes or rows.

    Intervals are where the profile likelihood ratio is below the quantile of Student's t squared (of the normal law,
    where standard errors explain the scatter); Bates and Watts, Nonlinear Regression Analysis, chapter 6.

    >>> sizes = [100, 200, 400, 800, 1600, 3200, 6400, 12800]
    >>> noise = [1.01, 0.99, 1.02, 0.98, 1.0, 1.01, 0.99, 1.0]
    >>> law = fit_curve(sizes, [e * (3 * n**-0.5 + 0.02) for n, e in zip(sizes, noise)])
    >>> f"{law.exponent.value:.2f} in [{law.exponent.low:.2f}, {law.exponent.high:.2f}]"
    '0.50 in [0.47, 0.54]'
    >>> law.has_floor
    True
    """
    curve = make_curve(sizes, losses, shares, generations, errors)
    chosen = choose(curve)
    fit = chosen.fit
    found = scan(fit)
    refuse_other_shapes(fit, found.rise)
    exponent = interval(fit, Parameter.EXPONENT)
    floor = interval(fit, Parameter.FLOOR)
    steepest = float(HIGHEST[Parameter.EXPONENT])
    if exponent.value >= steepest and floor.value == 0:
        raise InputError(
            f"the loss falls faster than size^-{steepest:.0f}: no power law",
            where="loss",
            remedy="check the column of sizes, or fit an exponential",
        )
    bare = None
    if floor.low == 0:
        bare = interval(fit_model(curve, fit.model.without(Parameter.FLOOR)), Parameter.EXPONENT)
    return CurveFit(
        fit,
        exponential(interval(fit, Parameter.LOG_AMPLITUDE)),
        exponent,
        floor,
        bare,
        chosen.share,
        chosen.generation,
        (*curve.notes, *_notes(fit, found)),
    )


def predicted_loss(law: CurveFit, size: float) -> Estimate:
    """The loss at another size, of real data in generation 0; the interval is for the law, not for one measurement.

    >>> law = fit_curve([10, 20, 40, 80, 160], [0.1, 0.051, 0.0249, 0.0126, 0.0062])
    >>> estimate = predicted_loss(law, 1600)
    >>> 0.000625 in estimate
    True
    """
    if not (math.isfinite(size) and size > 0):
        raise InputError(f"{size} is no size", where="size", remedy="give a positive number")
    return predicted(law.fit, size)


def size_near_floor(law: CurveFit, excess: float = 0.1) -> float | None:
    """Where the loss (real data, generation 0) is ``1 + excess`` times the floor; None if no floor was seen."""
    if not law.has_floor:
        return None
    amplitude, exponent, floor = (float(x) for x in law.fit.theta[:3])
    return safe_exp((amplitude - math.log(excess * floor)) / exponent)


def _notes(fit: Fit, found: Scan) -> Iterator[str]:
    curve = fit.curve
    if curve.errors is not None and not fit.scale_is_known:
        yield (
            f"the standard errors do not explain the scatter (chi^2 = {fit.cost:.3g} for {fit.freedom} degrees of "
            f"freedom, p < {BAD_FIT}): intervals are scaled to it"
        )
    if not found.is_noise:
        yield "the residuals are not random along the curve: the law bends, and the intervals are too narrow"
    if curve.errors is None and fit.cost > fit.freedom * _WILD**2:
        yield "the scatter is large: single losses are off by half and more"
