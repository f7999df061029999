"""Fits of scaling laws: planted laws come back, in every unit and order, and the likelihood is what brute force says.

Tolerances are probabilities: a planted value may be rejected by its own likelihood ratio with p < 1e-4 in no case.
"""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fpt_calc.errors import InputError
from fpt_calc.scaling.fitting import (
    CurveFit,
    Estimate,
    Growth,
    compare,
    fit_curve,
    predicted_loss,
    read_back,
    size_near_floor,
)
from fpt_calc.scaling.fitting.data import make_curve
from fpt_calc.scaling.fitting.distributions import (
    chi_square_tail,
    fisher_tail,
    normal_quantile,
    student_quantile,
    student_two_sided,
)
from fpt_calc.scaling.fitting.model import Parameter, derivatives, make_model, values
from fpt_calc.scaling.fitting.profile import distance_to, interval, quantile
from fpt_calc.scaling.fitting.solve import Fit, fit_model, refit
from tests.fitting_cases import Array, Planted, crossed, noisy, sizes_of

RARE = 1e-4
PLAIN = make_model([Parameter.LOG_AMPLITUDE, Parameter.EXPONENT, Parameter.FLOOR])
CLOSE = 1e-2  # of a half width: ends are searched to 1e-3 of it


def half_width(e: Estimate) -> float:
    return min(e.high - e.value, e.high - e.low) if math.isfinite(e.high) else abs(e.value - e.low)


def agree(a: Estimate, b: Estimate, factor: float = 1.0) -> bool:
    """Whether b is a times the factor, by the accuracy of intervals."""
    tolerance = CLOSE * factor * half_width(a)
    return all(
        (math.isinf(x) and math.isinf(y)) or abs(factor * x - y) <= tolerance
        for x, y in zip((a.value, a.low, a.high), (b.value, b.low, b.high), strict=True)
    )


# planted laws ---------------------------------------------------------------------------------------------------------

TABLE = [
    (exponent, floor, noise)
    for exponent in (0.2, 0.5, 1.0, 2.0)
    for floor in (0.0, 0.001, 0.05)
    for noise in (0.005, 0.05)
]


@pytest.mark.parametrize(("exponent", "floor", "noise"), TABLE)
def test_planted_laws_are_recovered(exponent: float, floor: float, noise: float) -> None:
    planted = Planted(0.5 * 50**exponent, exponent, floor)  # one half of the loss of the smallest size
    sizes = sizes_of(14)
    law = fit_curve(sizes, noisy(planted.losses(sizes), noise, seed=1))
    assert compare(law, exponent, "planted").p > RARE
    assert distance_to(law.fit, Parameter.FLOOR, floor).p > RARE
    assert distance_to(law.fit, Parameter.LOG_AMPLITUDE, math.log(planted.amplitude)).p > RARE
    assert law.exponent.low <= law.exponent.value <= law.exponent.high
    assert noise / 2 < law.scatter < 2 * noise  # chi with 11 degrees of freedom, 1e-3 below one half


@pytest.mark.parametrize(("exponent", "floor"), [(0.3, 0.0), (0.5, 0.05), (1.5, 1e-4)])
def test_perfect_data_give_the_law_itself(exponent: float, floor: float) -> None:
    """Losses in double precision: all nine digits that the resolution grants."""
    planted = Planted(exponent=exponent, floor=floor)
    sizes = sizes_of(10)
    law = fit_curve(sizes, planted.losses(sizes))
    assert exponent in law.exponent and floor in law.floor and planted.amplitude in law.amplitude
    assert law.exponent.high - law.exponent.low < 1e-6 * exponent
    assert law.has_floor == (floor > 0)
    assert not law.notes


@pytest.mark.parametrize("seed", range(3))
def test_standard_errors_are_used(seed: int) -> None:
    """A row with a large error counts for little; chi squared is about the degrees of freedom."""
    planted = Planted()
    sizes = sizes_of(16)
    exact = planted.losses(sizes)
    errors = 0.02 * exact
    errors[5] = 3 * exact[5]
    losses = exact + errors * np.random.default_rng(seed).normal(size=len(sizes))
    losses[5] = 4 * exact[5]
    law = fit_curve(sizes, losses, errors=errors)
    assert law.fit.scale_is_known
    assert law.fit.goodness > RARE
    assert compare(law, planted.exponent, "planted").p > RARE


def test_errors_that_explain_nothing_are_scaled() -> None:
    """Intervals from errors a hundred times too small are those from the scatter."""
    planted = Planted()
    sizes = sizes_of(16)
    exact = planted.losses(sizes)
    losses = noisy(exact, 0.02, 1)
    small, large = (fit_curve(sizes, losses, errors=s * exact) for s in (2e-4, 0.02))
    assert not small.fit.scale_is_known and large.fit.scale_is_known
    assert any("do not explain" in note for note in small.notes)
    ratio = student_quantile(13) / normal_quantile() * large.scatter  # the scatter in units of the honest errors
    assert half_width(small.exponent) == pytest.approx(ratio * half_width(large.exponent), rel=0.05)


# the likelihood, a second way -----------------------------------------------------------------------------------------


def brute_profile(sizes: Array, losses: Array, exponent: float) -> float:
    """The least sum of squared logarithmic residuals at one exponent: a grid over floor/amplitude, then a finer one."""
    power = sizes**-exponent
    low, high = -40.0, math.log(power.max()) + 15
    for _ in range(3):
        grid = np.linspace(low, high, 400)
        shapes = np.log(power[:, None] + np.exp(grid)[None, :])
        rest = np.log(losses)[:, None] - shapes
        costs = ((rest - rest.mean(axis=0)) ** 2).sum(axis=0)
        best = int(costs.argmin())
        low, high = grid[max(best - 2, 0)], grid[min(best + 2, 399)]
    return float(costs[best])


@pytest.mark.parametrize(("planted", "noise"), [(Planted(), 0.03), (Planted(floor=0), 0.05), (Planted(40.0, 1.2), 0.1)])
def test_profile_likelihood_against_brute_force(planted: Planted, noise: float) -> None:
    sizes = sizes_of(9)
    losses = noisy(planted.losses(sizes), noise, seed=2)
    fit = fit_model(make_curve(sizes, losses), PLAIN)
    found = interval(fit, Parameter.EXPONENT)
    least = min(brute_profile(sizes, losses, c) for c in np.linspace(found.low, found.high, 200))
    assert fit.cost <= least
    assert least - fit.cost < 1e-3 * fit.cost  # the grid has 100 steps to a half width: (t/100)^2 / degrees of freedom
    for end in (found.low, found.high):
        excess = (brute_profile(sizes, losses, end) - fit.cost) / fit.variance
        assert math.sqrt(excess) == pytest.approx(quantile(fit), rel=CLOSE)


def test_an_interval_of_a_prediction_against_brute_force() -> None:
    """The ends of the interval are the losses whose best law costs t^2: found from all laws on a grid."""
    sizes = sizes_of(9)
    losses = noisy(Planted().losses(sizes), 0.05, seed=4)
    law = fit_curve(sizes, losses)
    size = 1e6
    found = predicted_loss(law, size)
    exponents = np.linspace(max(law.exponent.low - 0.1, 0.01), law.exponent.high + 0.1, 300)
    ratios = np.concatenate([[0.0], np.geomspace(1e-7, 1.0, 1200)])
    inside: list[float] = []
    for c in exponents:
        shapes = sizes[:, None] ** -c + ratios
        rest = np.log(losses)[:, None] - np.log(shapes)
        level = rest.mean(axis=0)
        excess = (((rest - level) ** 2).sum(axis=0) - law.fit.cost) / law.fit.variance
        # what the amplitude may still vary: t^2 = excess + rows shift^2 / variance
        room = quantile(law.fit) ** 2 - excess
        kept = room >= 0
        shift = np.sqrt(room[kept] * law.fit.variance / len(sizes))
        middle = level[kept] + np.log(size**-c + ratios[kept])
        inside += [*(middle - shift), *(middle + shift)]
    assert math.exp(min(inside)) == pytest.approx(found.low, rel=2e-2)
    assert math.exp(max(inside)) == pytest.approx(found.high, rel=2e-2)


@given(
    st.floats(-1, 2), st.floats(0.05, 2), st.floats(0, 1), st.floats(-1, 1), st.floats(0.2, 5), st.floats(0.1, 1),
    st.floats(0.05, 1.5), st.booleans(), st.booleans(),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_derivatives(
    log_amplitude: float, exponent: float, floor: float, share: float, power: float, generation: float, ratio: float,
    real_size: bool, compounding: bool,
) -> None:  # fmt: skip
    """Central differences with step h are off by h^2 times a third derivative, and by rounding over h."""
    theta = np.array([log_amplitude, exponent, floor, share, power, generation, ratio])
    curve = make_curve([2, 3, 4, 5, 6], [1] * 5, [0, 0.1, 0.3, 0.5, 0.9], [4, 0, 1, 2, 3])
    model = make_model(Parameter, real_size, compounding)
    exact = derivatives(model, curve, theta)
    step = 1e-5
    for place in Parameter:
        moved = np.eye(len(theta))[place] * step
        slope = (values(model, curve, theta + moved) - values(model, curve, theta - moved)) / (2 * step)
        size = 1 + np.abs(exact).max() + np.abs(values(model, curve, theta)).max()
        assert np.abs(slope - exact[:, place]).max() < 1e3 * size * step**2


@given(st.floats(0, 50), st.integers(1, 60))
def test_tails(x: float, freedom: int) -> None:
    """Against mpmath, and against the laws in closed form."""
    t = math.sqrt(x)
    with mpmath.workdps(50):
        at = freedom / (freedom + mpmath.mpf(x))
        expected = mpmath.betainc(mpmath.mpf(freedom) / 2, 0.5, 0, at, regularized=True)
    assert student_two_sided(t, freedom) == pytest.approx(float(expected), rel=1e-9)
    assert student_two_sided(t, 1) == pytest.approx(1 - 2 / math.pi * math.atan(t), abs=1e-14)
    assert chi_square_tail(x, 2) == pytest.approx(math.exp(-x / 2), rel=1e-12)
    assert chi_square_tail(x, 1) == pytest.approx(math.erfc(math.sqrt(x / 2)), rel=1e-9)
    assert fisher_tail(x, 2, freedom) == pytest.approx((1 + 2 * x / freedom) ** (-freedom / 2), rel=1e-9)


# invariance -----------------------------------------------------------------------------------------------------------


def a_curve(seed: int) -> tuple[Array, Array]:
    planted = Planted(exponent=0.3 + 0.2 * (seed % 4), floor=0.02 * (seed % 3))
    sizes = sizes_of(8 + seed % 5)
    return sizes, noisy(planted.losses(sizes), 0.03, seed)


def parts(law: CurveFit) -> tuple[Estimate, Estimate, Estimate]:
    return law.amplitude, law.exponent, law.floor


@given(st.integers(0, 11), st.floats(-8, 8))
@settings(max_examples=12, deadline=None)
def test_the_unit_of_losses(seed: int, log_unit: float) -> None:
    """Losses times u: amplitude and floor times u, the exponent as before."""
    sizes, losses = a_curve(seed)
    unit = 10.0**log_unit
    one, other = fit_curve(sizes, losses), fit_curve(sizes, unit * losses)
    for a, b, factor in zip(parts(one), parts(other), (unit, 1.0, unit), strict=True):
        assert agree(a, b, factor)
    assert agree(predicted_loss(one, 1e5), predicted_loss(other, 1e5), unit)


@given(st.integers(0, 11), st.floats(-4, 8))
@settings(max_examples=12, deadline=None)
def test_the_unit_of_sizes(seed: int, log_unit: float) -> None:
    """Sizes times u: exponent and floor as before, and so are the losses of the sizes."""
    sizes, losses = a_curve(seed)
    unit = 10.0**log_unit
    one, other = fit_curve(sizes, losses), fit_curve(unit * sizes, losses)
    assert agree(one.exponent, other.exponent) and agree(one.floor, other.floor)
    assert agree(predicted_loss(one, 1e5), predicted_loss(other, unit * 1e5))
    assert one.is_identified == other.is_identified


@given(st.permutations(range(20)))
@settings(max_examples=10, deadline=None)
def test_the_order_of_rows(order: list[int]) -> None:
    sizes, shares = crossed(sizes_of(5), [0.0, 0.1, 0.3, 0.6])
    losses = noisy(Planted(share=0.4).losses(sizes, shares), 0.03, 5)
    one = fit_curve(sizes, losses, shares)
    other = fit_curve(sizes[order], losses[order], shares[order])
    assert all(agree(a, b) for a, b in zip(parts(one), parts(other), strict=True))
    assert one.share is not None and other.share is not None
    assert agree(one.share.coefficient, other.share.coefficient)


# which law ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("real_size", [False, True])
@pytest.mark.parametrize("power", [1.0, 2.0, 3.5])
def test_the_effect_of_a_share(power: float, real_size: bool, seed: int) -> None:
    sizes, shares = crossed(sizes_of(8, 5e4), [0.0, 0.1, 0.3, 0.5])
    planted = Planted(share=0.5, power=power, real_size=real_size)
    law = fit_curve(sizes, noisy(planted.losses(sizes, shares), 0.02, seed), shares)
    share = law.share
    assert share is not None and share.is_seen and share.exponent is not None and share.form_gain is not None
    assert share.real_size == real_size and share.form_gain > 2
    assert share.is_square == (power == 2)
    assert distance_to(law.fit, Parameter.SHARE, 0.5).p > RARE
    assert share.exponent.low - 0.5 < power < share.exponent.high + 0.5
    assert law.generation is None


def test_standard_errors_decide_between_forms() -> None:
    sizes, shares = crossed(sizes_of(8, 5e4), [0.0, 0.1, 0.3, 0.5])
    exact = Planted(share=0.5, real_size=True).losses(sizes, shares)
    losses = exact + 0.02 * exact * np.random.default_rng(1).normal(size=len(exact))
    law = fit_curve(sizes, losses, shares, errors=0.02 * exact)
    assert law.fit.scale_is_known
    assert law.share is not None and law.share.real_size and law.share.is_square


@pytest.mark.parametrize(
    ("ratio", "compounding", "growth"),
    [
        (1.0, False, Growth.LINEAR),
        (1.0, True, Growth.LINEAR),
        (0.5, False, Growth.SATURATING),
        (0.6, True, Growth.SATURATING),
        (1.25, False, Growth.FASTER),
    ],
)
def test_the_growth_with_generations(ratio: float, compounding: bool, growth: Growth) -> None:
    sizes, generations = crossed(sizes_of(8, 5e4), [0, 1, 2, 3, 5, 8])
    planted = Planted(generation=0.3 if compounding else 0.03, ratio=ratio, compounding=compounding)
    law = fit_curve(sizes, noisy(planted.losses(sizes, 0.0, generations), 0.02, 2), generations=generations)
    found = law.generation
    assert found is not None and found.ratio is not None
    assert found.growth is growth and found.compounding == compounding
    assert (found.linear_gain is not None and found.linear_gain > 0) == (growth is Growth.LINEAR)
    assert distance_to(law.fit, Parameter.GENERATION, planted.generation).p > RARE


@pytest.mark.parametrize(("power", "ratio"), [(2.0, 0.5), (1.0, 1.0), (3.5, 1.0), (2.0, 1.0)])
def test_both_effects_at_once(power: float, ratio: float) -> None:
    """What is not free has its resting value, whatever the other effect needs."""
    planted = Planted(share=0.4, power=power, generation=0.05, ratio=ratio)
    sizes, cells = crossed(sizes_of(6, 5e4), [float(i) for i in range(12)])
    shares, generations = (
        np.array([0.0, 0.2, 0.5])[(cells % 3).astype(int)],
        np.array([0, 1, 2, 5])[(cells // 3).astype(int)],
    )
    law = fit_curve(sizes, noisy(planted.losses(sizes, shares, generations), 0.02, 2), shares, generations)
    assert law.share is not None and law.generation is not None
    assert law.share.is_square == (power == 2)
    assert (law.generation.growth is Growth.LINEAR) == (ratio == 1)
    free = law.fit.model.free
    assert (Parameter.SHARE_EXPONENT in free) == (power != 2) and (Parameter.RATIO in free) == (ratio != 1)
    assert Parameter.SHARE_EXPONENT in free or law.fit.theta[Parameter.SHARE_EXPONENT] == 2
    assert Parameter.RATIO in free or law.fit.theta[Parameter.RATIO] == 1
    assert distance_to(law.fit, Parameter.SHARE, 0.4).p > RARE
    assert distance_to(law.fit, Parameter.GENERATION, 0.05).p > RARE


@pytest.mark.parametrize("column", ["shares", "generations"])
def test_effects_that_are_not_there_are_not_seen(column: str) -> None:
    sizes, other = crossed(sizes_of(8), [0, 1] if column == "shares" else [0, 1, 2])
    losses = noisy(Planted().losses(sizes), 0.03, 3)
    if column == "shares":
        law = fit_curve(sizes, losses, shares=other / 2)
        assert law.share is not None and not law.share.is_seen and law.share.exponent is None
    else:
        law = fit_curve(sizes, losses, generations=other)
        assert law.generation is not None and law.generation.growth is Growth.UNSEEN


def test_a_short_range_does_not_tell_floor_and_exponent_apart() -> None:
    """The same noise on a longer range does; the law without a floor is told in both."""
    planted = Planted(floor=0.0)
    short, long = sizes_of(8, 200), sizes_of(8, 2e5)
    near = fit_curve(short, noisy(planted.losses(short), 0.02, 1))
    far = fit_curve(long, noisy(planted.losses(long), 0.02, 1))
    assert near.span == pytest.approx(4) and not near.is_identified
    assert far.is_identified
    for law in (near, far):
        assert law.exponent_without_floor is not None
        assert half_width(law.exponent_without_floor) < half_width(law.exponent)


def test_a_steep_start_before_a_long_floor_is_a_trend() -> None:
    """One size in nine is off the floor: a line through all of them has no significant slope."""
    sizes = sizes_of(9)
    law = fit_curve(sizes, noisy(1 + 5 * (sizes / sizes[0]) ** -5.0, 0.02, 1))
    assert 1 in law.floor and law.exponent.low > 1


def test_an_exponential_bends_and_has_no_minimum() -> None:
    """Where the law is far off, a correction to it may rise though the losses fall."""
    sizes = sizes_of(12, 2000, 20)
    law = fit_curve(sizes, np.exp(-sizes / 100))
    assert any("not random" in note for note in law.notes)
    assert any("scatter is large" in note for note in law.notes)


@pytest.mark.parametrize("seed", range(6))
def test_the_minimum_is_global(seed: int) -> None:
    """No exponent on a grid has a law that fits better, for steep and flat curves, and for data that are no law."""
    sizes = sizes_of(9)
    generator = np.random.default_rng(seed)
    exponent = float(generator.choice([0.05, 0.5, 3.0, 8.0]))
    losses = noisy((sizes / sizes[0]) ** -exponent + float(generator.choice([0.0, 0.3])), 0.3, seed)
    fit = fit_model(make_curve(sizes, losses), PLAIN)
    grid = np.geomspace(0.01, 19, 60)
    assert all(fit.cost <= brute_profile(sizes / sizes[0], losses, c) * (1 + 1e-9) for c in grid)


def test_no_other_start_leads_lower() -> None:
    """Descents from other exponents end where the fit is, or above; one descent alone would not do."""
    generator = np.random.default_rng(0)
    model = make_model([*PLAIN.free, Parameter.SHARE])
    for _ in range(25):
        sizes = sizes_of(10, 10 ** generator.uniform(2.2, 5))
        shares = np.concatenate([[0.0, 0.5], generator.choice([0.0, 0.2, 0.5], 8)])
        planted = Planted(1.0, 10 ** generator.uniform(-1.3, 1), generator.choice([0, 0.01, 0.3]), share=0.5)
        exact = planted.losses(sizes / sizes[0], shares)
        fit = fit_model(
            make_curve(sizes, noisy(exact, generator.choice([0.1, 0.5]), int(1e6 * generator.random())), shares), model
        )
        for c in np.geomspace(0.02, 19, 14):
            held = refit(fit, fit.theta, {Parameter.EXPONENT: c})
            free = refit(Fit(fit.curve, model, held.theta, held.cost), held.theta, {})
            assert fit.cost <= free.cost * (1 + 1e-6)  # a descent ends within 1e-11 of the cost per step


def test_the_size_where_the_floor_is_near() -> None:
    planted = Planted()
    law = fit_curve(sizes_of(12), planted.losses(sizes_of(12)))
    size = size_near_floor(law, 0.25)
    assert size is not None
    assert planted.losses(np.array([size]))[0] == pytest.approx(1.25 * planted.floor, rel=1e-6)
    assert size_near_floor(fit_curve(sizes_of(12), Planted(floor=0).losses(sizes_of(12)))) is None


# comparisons ----------------------------------------------------------------------------------------------------------


def test_comparisons_use_the_interval() -> None:
    """The ends of the interval have p = 5%; a prediction that is itself uncertain is rejected less."""
    sizes, losses = a_curve(5)
    law = fit_curve(sizes, losses)
    for end, sign in ((law.exponent.low, 1), (law.exponent.high, -1)):
        at_end = compare(law, end, "end")
        assert at_end.p == pytest.approx(0.05, rel=2e-2)
        assert math.copysign(1, at_end.z) == sign
        assert compare(law, end, "end", standard_error=0.1).p > at_end.p
    assert compare(law, law.exponent.value, "itself").p > 0.99
    assert compare(law, Fraction(7), "wrong").is_consistent is False


@pytest.mark.parametrize("exponent", [0, -1, 25, math.nan, math.inf])
def test_what_is_no_exponent_is_refused(exponent: float) -> None:
    law = fit_curve(*a_curve(5))
    with pytest.raises(InputError, match="no exponent"):
        compare(law, exponent, "theory")


@given(st.floats(0.01, 0.98), st.floats(0.0, 0.3))
def test_reading_back_inverts(c: float, width: float) -> None:
    """m/(m+1) = c at m = c/(1-c); where c reaches 1 no m is large enough."""
    found = read_back(Estimate(c, c - width, c + width), lambda m: m / (m + 1), 0.0, 64.0)
    assert found is not None
    for got, e in zip((found.value, found.low, found.high), (c, c - width, c + width), strict=True):
        expected = max(e, 0.0) / (1 - e) if e < 64 / 65 else math.inf
        assert got == pytest.approx(expected, rel=1e-9, abs=1e-15)
    assert read_back(Estimate(1.5, 1.2, 1.8), lambda m: m / (m + 1), 0.0, 64.0) is None


# curves of theory -----------------------------------------------------------------------------------------------------


def test_a_learner_of_zipf_items() -> None:
    """E(T) = sum p_i (1 - p_i)^T with p_i ~ i^-beta, summed as it stands, falls like T^-(1 - 1/beta)."""
    beta = 2.0
    items = np.arange(1, 200_001) ** -beta
    items /= items.sum()
    sizes = sizes_of(10, 1e6, 1e3)
    losses = np.array([(items * np.exp(t * np.log1p(-items))).sum() for t in sizes])
    law = fit_curve(sizes, noisy(losses, 0.01, 1))
    assert compare(law, 1 - 1 / beta, "Zipf").is_consistent
    assert not compare(law, 1 - 1 / 1.7, "another beta").is_consistent
    assert not law.has_floor


@pytest.mark.parametrize("fresh_size", [True, False])
def test_generations_of_least_squares(fresh_size: bool) -> None:
    """d/(T - d - 1) a generation: the same for generators of one size, a multiple of the clean loss for size T."""
    dim, noise = 10, 0.3
    sizes, generations = crossed(sizes_of(7, 1e6, 5e3), [0, 1, 2, 4, 8])
    clean = noise**2 * dim / (sizes - dim - 1)
    others = clean if fresh_size else noise**2 * dim / (30_000 - dim - 1)
    law = fit_curve(sizes, noisy(clean + generations * others, 0.02, 1), generations=generations)
    assert law.generation is not None and law.generation.growth is Growth.LINEAR
    assert law.generation.compounding == fresh_size
    assert 1 in law.exponent
    assert (1.0 if fresh_size else others) in law.generation.coefficient
