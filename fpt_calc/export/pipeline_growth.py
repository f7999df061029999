"""What a theorem says about many generations: where the error saturates or how it grows, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fpt_calc.closed_form import DegreesOfFreedom
from fpt_calc.closed_form.display import Shorthand
from fpt_calc.closed_form.form import abbreviations_in
from fpt_calc.errors import CannotDecideError
from fpt_calc.export.latex import inline, latex
from fpt_calc.export.layout import align, aligned
from fpt_calc.export.pipeline_names import Names
from fpt_calc.export.pipeline_spectrum import SpectrumNames, spectral_limits
from fpt_calc.export.statement import definitions, parameters_text
from fpt_calc.expr import ScalarMatrix
from fpt_calc.formula import Formula
from fpt_calc.learning.combination import Combination
from fpt_calc.learning.derived import DerivedError
from fpt_calc.learning.form import ErrorForm, ShownLoop, ShownSpectrum
from fpt_calc.learning.growth import LINEAR, ON_ONE_DESIGN, GenerationLimit, generation_limit
from fpt_calc.pipeline import generations_of
from fpt_calc.scalars import Generator, Scalar

_PARTS = {"bias": r"\mathrm{Bias}", "variance": r"\mathrm{Var}"}
_POSITIVE = (
    r"Labels are passed on by $A=(Z^\top Z+\lambda)^{-1}Z^\top Z$ on fresh data (or its limit $\lambda\to0^+$, a "
    r"projection), a symmetric matrix with $0\le A\le1$. So the map $\Phi(M)=\mathbb E[AMA]$ is positive with "
    r"$\Phi(1)=\mathbb E[A^2]\le\mathbb E[A]$, and its powers have norms of at most $\|\Phi(1)\|^k\le\rho^k$, where "
    r"$\rho$ is the largest eigenvalue of the limit of $\mathbb E[A]$"
)


def generation_limits(derived: DerivedError) -> tuple[GenerationLimit, ...]:
    """The limits in the numbers of generations, where they are decided."""
    counts = dict.fromkeys(g.name for c in generations_of(derived.stated) for g in c.count.gens)
    found = []
    for name in () if derived.on_training_data else counts:
        try:
            found.append(generation_limit(derived, name))
        except CannotDecideError:
            continue
    return tuple(found)


def growth_statement(
    limit: GenerationLimit, form: ErrorForm, names: Names, spectra: Mapping[str, SpectrumNames]
) -> str:
    """The part of the theorem on the limit of many generations."""
    simple = _only_spectrum(limit, form)
    if simple is not None:
        return _with_spectrum(limit, form, simple, names, spectra)
    values = {part: limit.form.values[part] for part in _PARTS} if limit.rates else {}
    values |= {"each": limit.each} if limit.kind == LINEAR else {}
    own, put = _introduced(values, form, names)
    text = rf"{put}As ${latex(limit.count)}\to\infty$, after the dimensions, the error "
    if limit.kind != LINEAR:
        rows = aligned((_PARTS[part], r"\to", own.formula(values[part])) for part in _PARTS)
        return f"{text}saturates:\n{align(rows, ',')}\n{_rate(limit, names, spectra)}"
    text += "grows linearly, in each generation by\n" + align(aligned([("", "", own.formula(values["each"]))]))
    if not limit.rates:
        return text
    rows = [f"{row}+o(1)" for row in aligned((_PARTS[part], "=", own.formula(values[part])) for part in _PARTS)]
    return f"{text}\nMore precisely,\n{align(rows, ',')}\n{_rate(limit, names, spectra)}"


def _only_spectrum(limit: GenerationLimit, form: ErrorForm) -> ShownSpectrum | None:
    """The spectrum of the one chain that saturates, where it is the only one."""
    if limit.kind == LINEAR or len(limit.rates) != 1:
        return None
    loops = [i for i in form.definitions if isinstance(i, ShownLoop) and i.loop.name in limit.rates]
    return loops[0].spectrum if loops else None


def _with_spectrum(
    limit: GenerationLimit, form: ErrorForm, shown: ShownSpectrum, names: Names, spectra: Mapping[str, SpectrumNames]
) -> str:
    """The limit in P, Q and the start, which is shorter than with these put in."""
    own, put = _introduced({"bias": limit.form.values["bias"]}, form, names)
    rows = aligned([(_PARTS["bias"], r"\to", own.formula(limit.form.values["bias"]))])
    rows += spectral_limits(shown, spectra[shown.spectrum.loop.name], names)
    text = rf"{put}As ${latex(limit.count)}\to\infty$, after the dimensions, the error saturates:"
    return f"{text}\n{align(rows, ',')}\n{_rate(limit, names, spectra)}"


def _introduced(values: Mapping[str, Formula], form: ErrorForm, names: Names) -> tuple[Names, str]:
    """The names with the abbreviations of more formulas, and a sentence for those that the theorem does not have."""
    told = {g for g, _ in form.abbreviations}
    taken = {g.name for g in told}
    orders = [(g.base, g.pole) for g in told if isinstance(g, DegreesOfFreedom)]
    renamed: dict[Generator, Generator] = {}
    shown: list[tuple[Generator, Scalar]] = []
    for g, value in abbreviations_in(values, ()):
        if g in told or (isinstance(g, DegreesOfFreedom) and orders.count((g.base, g.pole)) > 1):
            continue
        new = g
        if isinstance(g, Shorthand) and g.name in taken:
            new = renamed[g] = replace(g, name=next(n for k in range(2, 99) if (n := f"{g.name}{k}") not in taken))
        taken.add(new.name)
        shown.append((new, value))
    more: dict[Scalar, Generator] = {value: g for g, value in shown if isinstance(g, Shorthand)}
    own = replace(names, scalars={**names.scalars, **renamed}, shorthands={**names.shorthands, **more})
    return own, parameters_text((), definitions((), shown, own.explained))


def _rate(limit: GenerationLimit, names: Names, spectra: Mapping[str, SpectrumNames]) -> str:
    """How fast what is left of the first generations is forgotten."""
    count = latex(limit.count)
    eigenvalues = [_largest(chain, rate, names, spectra) for chain, rate in limit.rates.items()]
    if len(eigenvalues) > 1:
        return rf"up to $O(\rho^{count})$, $\rho=\max({','.join(eigenvalues)})$."
    (found,) = eigenvalues
    if not (shown := [spectra[chain] for chain in limit.rates if chain in spectra]):
        return rf"up to $O(({found})^{count})$."
    of = shown[0]
    largest = rf"the largest of the roots ${of.root}$, which is at most ${found}<1$"
    return rf"up to $O({found}^{count})$, and $\mathrm{{Var}}$ up to $O({of.root}_1^{count})$, ${of.root}_1$ {largest}."


def _largest(chain: str, rate: Combination, names: Names, spectra: Mapping[str, SpectrumNames]) -> str:
    """The largest eigenvalue of the mean of a generation."""
    if all(isinstance(word, ScalarMatrix) for word in rate.terms):
        return inline(names.shown(rate.trace() / rate.rows))
    matrix = spectra[chain].P if chain in spectra else latex(names.matrix(rate.expression))
    return rf"\lambda_{{\max}}({matrix})"


def growth_proof(limit: GenerationLimit, names: Names, spectra: Mapping[str, SpectrumNames]) -> str:
    """Why the powers of a generation vanish, or why each adds the same."""
    count = latex(limit.count)
    if not limit.rates:
        if limit.reason == ON_ONE_DESIGN:
            return "By step 1 all that one more generation on the same inputs adds is its noise."
        return "Least squares passes on all that it was taught, and by step 3 each generation adds the same noise."
    text = f"{_POSITIVE}: {', '.join(_below_one(*item, names, spectra) for item in limit.rates.items())}."
    text += rf" Hence the forms on $\hat w_0$ vanish as ${count}\to\infty$, and the noise adds up to a finite sum."
    for of in (spectra[chain] for chain in limit.rates if chain in spectra):
        text += (
            rf" Each root ${of.root}$ is an eigenvalue of $\Phi$, with the eigenvector ${of.gap(of.root)}{of.W}$; so "
            rf"${of.root}\le\rho<1$, and $\sum_{{k\ge0}}t_k={of.first('1')}/\bigl(1-{of.secular('1')}\bigr)$, "
            "the generating function at $z=1$."
        )
    if limit.kind == LINEAR:
        text += " The other generations do not forget: each adds the same noise."
    return text


def _below_one(chain: str, rate: Combination, names: Names, spectra: Mapping[str, SpectrumNames]) -> str:
    return rf"$\rho={_largest(chain, rate, names, spectra)}<1$"
