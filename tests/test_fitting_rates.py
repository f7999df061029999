"""How often fits are right: coverage of intervals, and how often honest noise is refused or taken for an effect.

Counts are compared with the binomial law of the stated rate, at four standard deviations of the simulation.
"""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest

from fpt_calc.errors import InputError
from fpt_calc.scaling.fitting import Growth, fit_curve, fit_spectrum
from fpt_calc.scaling.fitting.data import make_curve
from fpt_calc.scaling.fitting.model import Parameter, make_model
from fpt_calc.scaling.fitting.profile import interval, predicted
from fpt_calc.scaling.fitting.solve import fit_model
from tests.fitting_cases import Planted, crossed, noisy, sizes_of

PLAIN = make_model([Parameter.LOG_AMPLITUDE, Parameter.EXPONENT, Parameter.FLOOR])


def at_most(rate: float, trials: int) -> float:
    """What a count of rate ``rate`` hardly ever exceeds."""
    return trials * rate + 4 * math.sqrt(trials * rate * (1 - rate))


COVERAGE = [
    (Planted(2.0, 0.5, 0.05), 0.05, 8, True),
    (Planted(20.0, 1.0, 0.02), 0.1, 8, False),
]


@pytest.mark.slow
@pytest.mark.parametrize(("planted", "noise", "rows", "with_errors"), COVERAGE)
def test_coverage(planted: Planted, noise: float, rows: int, with_errors: bool) -> None:
    """Nominal 95% intervals of amplitude, exponent, floor and an extrapolated loss hold the truth in 90% to 99%."""
    trials, sizes = 100, sizes_of(rows)
    exact = planted.losses(sizes)
    beyond = float(planted.losses(np.array([1e6]))[0])
    generator = np.random.default_rng(11)
    held: Counter[str] = Counter()
    for seed in range(trials):
        errors = noise * exact if with_errors else None
        losses = noisy(exact, noise, seed) if errors is None else exact + errors * generator.normal(size=rows)
        fit = fit_model(make_curve(sizes, losses, errors=errors), PLAIN)
        held["amplitude"] += math.log(planted.amplitude) in interval(fit, Parameter.LOG_AMPLITUDE)
        held["exponent"] += planted.exponent in interval(fit, Parameter.EXPONENT)
        held["floor"] += planted.floor in interval(fit, Parameter.FLOOR)
        held["loss"] += beyond in predicted(fit, 1e6)
    assert all(0.9 * trials <= count <= 0.99 * trials for count in held.values()), held


@pytest.mark.slow
def test_coverage_after_a_choice_of_the_law() -> None:
    """The interval of the exponent holds after forms were chosen; absent effects are seen by chance only."""
    trials = 40
    sizes, generations = crossed(sizes_of(8), [0, 1, 2])
    exact = Planted().losses(sizes)
    held: Counter[str] = Counter()
    for seed in range(trials):
        losses = noisy(exact, 0.03, seed)
        by_generation = fit_curve(sizes, losses, generations=generations)
        by_share = fit_curve(sizes, losses, shares=generations / 2)
        held["exponent"] += (0.5 in by_generation.exponent) + (0.5 in by_share.exponent)
        assert by_generation.generation is not None and by_share.share is not None
        held["seen"] += (by_generation.generation.growth is not Growth.UNSEEN) + by_share.share.is_seen
    assert 0.9 * 2 * trials <= held["exponent"] <= 0.99 * 2 * trials, held
    assert held["seen"] <= at_most(0.05, 2 * trials), held


@pytest.mark.slow
@pytest.mark.parametrize("planted", [Planted(), Planted(30.0, 1.0, 0.3)], ids=["power law", "long floor"])
def test_honest_curves_are_hardly_ever_refused(planted: Planted) -> None:
    """A minimum is claimed at a level of 1%, a bend likewise; a trend as clear as these is always seen."""
    trials, sizes = 60, sizes_of(12)
    found: Counter[str] = Counter()
    for seed in range(trials):
        try:
            law = fit_curve(sizes, noisy(planted.losses(sizes), 0.04, seed))
        except InputError as error:
            found["minimum" if "minimum" in str(error) else "other"] += 1
            continue
        found["bend"] += any("not random" in note for note in law.notes)
    assert found["minimum"] + found["bend"] <= at_most(0.01, trials), found
    assert found["other"] == 0, found


@pytest.mark.slow
def test_flat_curves_are_refused() -> None:
    """A trend is claimed in noise at a level of 5%, to either side, and twice for the two tests of it."""
    trials, sizes = 40, sizes_of(12)
    fitted = 0
    for seed in range(trials):
        try:
            fit_curve(sizes, noisy(np.full(12, 0.3), 0.1, seed))
            fitted += 1
        except InputError as error:
            assert any(word in str(error) for word in ("no trend", "grows", "minimum"))
    assert fitted <= at_most(0.1, trials)


@pytest.mark.slow
@pytest.mark.parametrize("correlation", [0.0, 0.6])
def test_coverage_of_spectra(correlation: float) -> None:
    """Intervals of beta and r hold the truth, also where neighbouring residuals are alike."""
    trials, k = 300, np.arange(1, 121)
    generator = np.random.default_rng(5)
    held: Counter[str] = Counter()
    for _ in range(trials):
        noise = generator.normal(size=len(k) + 50)
        for i in range(1, len(noise)):
            noise[i] += correlation * noise[i - 1]
        eigenvalues = k**-1.4 * np.exp(0.1 * noise[50:])
        source = 0.6
        coefficients = np.sqrt(k ** -(1 + 2 * 1.4 * source) / k**-1.4) * np.exp(0.2 * generator.normal(size=len(k)))
        found = fit_spectrum(k, eigenvalues, coefficients)
        assert found.source is not None
        held["beta"] += 1.4 in found.beta
        held["r"] += source in found.source
    assert all(0.9 * trials <= count <= 0.995 * trials for count in held.values()), held
