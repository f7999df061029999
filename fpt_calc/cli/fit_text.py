"""What `fpt-calc fit` prints for people."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from fpt_calc.scaling.fitting import Comparison, CurveFit, Estimate, GenerationEffect, Growth, ShareEffect, SpectrumFit

_WIDTH = 110
_CLEAR = 2.0  # a difference of AICc that is worth telling as a preference
_TENTH = 0.1


@dataclass(frozen=True)
class Reading:
    """What one law says: the value of a quantity, None where the law cannot have the measured exponent."""

    law: str
    quantity: str
    estimate: Estimate | None


@dataclass(frozen=True, eq=False)
class Report:
    """All that is printed; ``ten_times_more``: the loss at ten times the largest size."""

    file: str
    law: CurveFit
    ten_times_more: Estimate
    size_near_floor: float | None
    spectrum: SpectrumFit | None
    readings: tuple[Reading, ...]
    comparisons: tuple[Comparison, ...]
    beta_and_r_are_open: bool


def text(report: Report) -> str:
    """The report, section by section."""
    law, curve = report.law, report.law.fit.curve
    title = (
        f"{report.file}: {curve.rows} rows, sizes {curve.sizes.min():.6g} to {curve.sizes.max():.6g}, "
        f"losses {curve.losses.max():.4g} to {curve.losses.min():.4g}"
    )
    sections = [
        [title, "=" * len(title)],
        [f"  {law_text(law)}", *_table(law), *_wrapped(_fit_quality(law))],
        ["What it means", *_paragraphs(_meaning(report))],
        ["What theory reads from the exponent", *_readings(report)],
    ]
    if report.spectrum is not None:
        sections.append(["Spectrum", *_paragraphs(_spectrum(report.spectrum))])
    if report.comparisons:
        sections.append(["Measured against predicted", *_paragraphs(map(_comparison, report.comparisons))])
    notes = [*law.notes, *(report.spectrum.notes if report.spectrum is not None else ())]
    if notes:
        sections.append(["Take care", *_paragraphs(notes)])
    return "\n\n".join("\n".join(section) for section in sections)


def law_text(law: CurveFit) -> str:
    """The law as a formula with numbers."""
    size = "(size (1 - share))" if law.share is not None and law.share.real_size else "size"
    clean = f"{law.amplitude.value:.4g} {size}^-{law.exponent.value:.3g}"
    steps, terms = "", []
    if law.generation is not None:
        steps = _steps(law.generation)
        signed = law.generation.coefficient.value
        if law.generation.compounding:
            clean += f" (1 {_signed(signed)} {steps})"
        else:
            terms.append(f"{_signed(signed)} {steps}")
    if law.floor.value > 0:
        terms.insert(0, f"+ {law.floor.value:.4g}")
    if law.share is not None:
        power = law.share.exponent.value if law.share.exponent is not None and not law.share.is_square else 2.0
        terms.append(f"{_signed(law.share.coefficient.value)} share^{power:.3g}")
    return " ".join([f"loss = {clean}", *terms])


def _steps(generation: GenerationEffect) -> str:
    if generation.growth in (Growth.LINEAR, Growth.UNSEEN) or generation.ratio is None:
        return "generation"
    ratio = f"{generation.ratio.value:.3g}"
    return f"(1 - {ratio}^generation)/(1 - {ratio})"


def _signed(x: float) -> str:
    return f"{'-' if x < 0 else '+'} {abs(x):.4g}"


def _table(law: CurveFit) -> Iterator[str]:
    rows = [("amplitude", law.amplitude), ("exponent", law.exponent), ("floor", law.floor)]
    if law.share is not None:
        rows.append(("share effect", law.share.coefficient))
        if law.share.exponent is not None:
            rows.append(("its exponent", law.share.exponent))
    if law.generation is not None:
        rows.append(("generation effect", law.generation.coefficient))
        if law.generation.ratio is not None:
            rows.append(("its ratio", law.generation.ratio))
    yield from (f"    {name:<18} {e.value:<10.4g} {interval(e)}" for name, e in rows)


def interval(estimate: Estimate) -> str:
    """The interval for people; an open end is said to be one."""
    if math.isinf(estimate.high):
        return f"[{estimate.low:.4g}, no upper end]" if math.isfinite(estimate.low) else "[no ends]"
    return f"[{estimate.low:.4g}, {estimate.high:.4g}]"


def _fit_quality(law: CurveFit) -> str:
    told = "95% intervals by profile likelihood"
    freedom = f"{law.fit.freedom} degree{'s' if law.fit.freedom > 1 else ''} of freedom"
    if law.fit.curve.errors is not None:
        fitted = f"chi^2 = {law.fit.cost:.3g} for {freedom} (p = {law.fit.goodness:.2g})"
    else:
        fitted = f"relative scatter {100 * law.scatter:.2g}%, {freedom}"
    return f"{told}; {fitted}"


def _meaning(report: Report) -> Iterator[str]:
    law = report.law
    yield from _floor(report)
    more = report.ten_times_more
    largest = float(law.fit.curve.sizes.max())
    which = " (real data only)" if law.share is not None else ""
    which += " (generation 0)" if law.generation is not None else ""
    yield (
        f"Ten times more data than at the largest size, {10 * largest:.6g}, would give a loss of {more.value:.3g} "
        f"{interval(more)}{which}."
    )
    if law.share is not None:
        yield from _share(law.share)
    if law.generation is not None:
        yield from _generation(law.generation)


def _floor(report: Report) -> Iterator[str]:
    law = report.law
    largest = float(law.fit.curve.sizes.max())
    clean = math.exp(law.fit.theta[0] - law.exponent.value * math.log(largest))
    at_end = law.floor.value / (law.floor.value + clean)
    if law.has_floor:
        regime = "power law" if at_end < _TENTH else "floor" if at_end > 1 - _TENTH else "crossover to the floor"
        floor = f"the floor of {law.floor.value:.3g} is {100 * at_end:.0f}% of the loss"
        yield f"Regime at the largest size: {regime}; {floor}."
        if report.size_near_floor is not None:
            yield f"The loss is within 10% of the floor from size {report.size_near_floor:.3g} on."
    elif law.is_identified:
        yield f"Regime: power law. No floor is seen; it is below {law.floor.high:.3g}."
    if not law.is_identified:
        bare = law.exponent_without_floor
        without = "" if bare is None else f" Without a floor the exponent is {bare.value:.3g} {interval(bare)}."
        yield (
            "The floor and the exponent cannot be told apart in this range: the sizes span a factor of "
            f"{law.span:.3g}, and the floor may be anything in {interval(law.floor)}.{without}"
        )


def _share(share: ShareEffect) -> Iterator[str]:
    if not share.is_seen:
        yield f"The share of synthetic data has no visible effect: its coefficient is in {interval(share.coefficient)}."
        return
    if share.coefficient.value < 0:
        yield "Synthetic data lower the loss here: this is no strong collapse."
    else:
        b, q = share.coefficient.value, 2.0 if share.is_square or share.exponent is None else share.exponent.value
        yield f"Synthetic data add to the loss at every size: a tenth adds {b * 0.1**q:.3g}, a half {b * 0.5**q:.3g}."
    if share.p_square is None:
        yield "The square of the share is assumed: too few shares or rows to test it."
    elif share.is_square:
        yield f"The square of the share, as strong collapse has it, is not rejected (p = {share.p_square:.2g})."
    else:
        yield f"The square of the share, as strong collapse has it, is rejected (p = {share.p_square:.2g})."
    yield from _form(share.form_gain, "The size that counts is that of", ("all data", "the real data"), share.real_size)


def _generation(generation: GenerationEffect) -> Iterator[str]:
    if generation.growth is Growth.UNSEEN:
        yield f"Generations have no visible effect: the coefficient is in {interval(generation.coefficient)}."
        return
    unit = "of the clean loss" if generation.compounding else "of loss"
    first = f"{generation.coefficient.value:.3g} {unit}"
    yield f"The first generation adds {first}; the growth is {generation.growth.value}."
    if generation.ratio is None:
        yield "Linear growth is assumed: too few generations or rows to test it."
    elif generation.growth is Growth.LINEAR:
        yield (
            f"Linear growth (least squares in every generation) is not rejected (p = {generation.p_linear:.2g}); "
            f"saturation with a ratio above {generation.ratio.low:.3g} is possible too."
        )
    else:
        yield f"Linear growth (least squares in every generation) is rejected (p = {generation.p_linear:.2g})."
    if generation.growth is Growth.SATURATING and generation.ratio is not None:
        limit = generation.coefficient.value / (1 - generation.ratio.value)
        yield f"It saturates, as with a ridge in every generation: all of them together add {limit:.3g} {unit}."
    if generation.linear_gain is not None and abs(generation.linear_gain) > _CLEAR:
        better = "linear" if generation.linear_gain > 0 else "non-linear"
        yield f"AICc prefers the {better} law by {abs(generation.linear_gain):.3g}."
    forms = ("the same at every size", "proportional to the clean loss")
    yield from _form(generation.form_gain, "The effect is", forms, generation.compounding)


def _form(gain: float | None, start: str, forms: tuple[str, str], second: bool) -> Iterator[str]:
    """Which of two forms AICc prefers."""
    if gain is None or not math.isfinite(gain):
        return
    chosen, other = forms[second], forms[not second]
    if abs(gain) > _CLEAR:
        yield f"{start} {chosen} (AICc better by {gain:.3g} than for {other})."
    else:
        yield f"Undecided whether {start[0].lower()}{start[1:]} {chosen} or {other} (AICc differs by {abs(gain):.2g})."


def _readings(report: Report) -> Iterator[str]:
    yield "  Ridge at its best, eigenvalues k^-beta, lambda_k w_k^2 ~ k^-(1 + 2 beta r), r' = min(r, 1):"
    width = max(len(r.law) for r in report.readings) + 1
    for r in report.readings:
        if r.estimate is None:
            told = "impossible: no value gives this exponent"
        elif math.isinf(r.estimate.value):
            told = f"{r.quantity} >= {r.estimate.low:.4g}"
        else:
            told = f"{r.quantity} = {r.estimate.value:.4g} {interval(r.estimate)}"
        yield f"    {r.law + ':':<{width}} {told}"
    if report.beta_and_r_are_open:
        yield "  One curve fixes 2 beta r' only; --beta, --r or --spectrum tell beta and r apart."


def _spectrum(spectrum: SpectrumFit) -> Iterator[str]:
    yield (
        f"eigenvalue = {spectrum.scale.value:.4g} k^-beta, beta = {spectrum.beta.value:.4g} {interval(spectrum.beta)} "
        f"({spectrum.freedom} degrees of freedom, scatter {100 * spectrum.scatter:.2g}%)"
    )
    if spectrum.source is not None:
        yield f"source: r = {spectrum.source.value:.4g} {interval(spectrum.source)}"


def _comparison(c: Comparison) -> str:
    error = f" +- {c.standard_error:.2g}" if c.standard_error else ""
    verdict = "consistent" if c.is_consistent else "not consistent"
    return f"{c.name}: predicted {c.predicted:.4g}{error}: {verdict} (z = {c.z:.2f}, p = {c.p:.2g})"


def _paragraphs(lines: Iterator[str] | list[str] | map[str]) -> Iterator[str]:
    for line in lines:
        yield from _wrapped(line, "  ")


def _wrapped(line: str, indent: str = "    ") -> list[str]:
    return textwrap.wrap(line, _WIDTH, initial_indent=indent, subsequent_indent=indent + "  ", break_long_words=False)
