r"""The setting of a scaling law in words: the value, how sizes grow, how spectra decay."""

from __future__ import annotations

from collections.abc import Mapping

from fpt_calc.export.escape import escaped
from fpt_calc.export.layout import align, listed
from fpt_calc.export.scaling_sums import (
    has_degrees,
    letters,
    parameter_latex,
    relations,
    source_latex,
    source_rows,
    value_latex,
)
from fpt_calc.export.scaling_symbols import SEPARATOR, affine_latex, constant_latex, polyhedron_latex, symbol_latex
from fpt_calc.scaling.polyhedra import Chamber
from fpt_calc.scaling.regimes.affine_scalars import affine_of
from fpt_calc.scaling.regimes.constants import symbol, to_sympy
from fpt_calc.scaling.regimes.law import Law
from fpt_calc.scaling.shown.described import Decay, covariances, decays, growths

INDEX = symbol("k")


def scaling_setting(law: Law, words: Mapping[str, str]) -> str:
    """The paragraph in which everything that the theorem mentions is introduced."""
    return r"\paragraph{Setting.} " + "\n".join([_growth(law), _spectra(law), _ranges(law), _value(law, words)])


def _growth(law: Law) -> str:
    """How everything grows."""
    size = symbol_latex(law.request.setting.size)
    parts = []
    for name, value in growths(law.request):
        shown = symbol_latex(name)
        parts.append(rf"${shown}=\infty$" if value is None else f"${shown}={constant_latex(value, inline=True)}$")
    return rf"The size ${size}$ grows, with {listed(parts)}." if parts else rf"The size ${size}$ grows."


def _spectra(law: Law) -> str:
    own = letters(law)
    found = decays(law.side, law.request)
    matrices = covariances(law.side, law.request)
    sentences = []
    for decay in found:
        left = "".join(own.of(n) if k == 1 else f"{own.of(n)}^{k}" for n, k in decay.factors)
        value = constant_latex(decay.scale * INDEX ** to_sympy(-decay.decay), inline=True)
        sentences.append(f"{_subject(decay, matrices)} ${left}={value}$")
    if not sentences:
        return ""
    return f"{'; '.join(sentences)}, for $k=1,2,\\dots$, all in one basis."


def _subject(decay: Decay, matrices: tuple[str, ...]) -> str:
    name = symbol_latex(decay.factors[-1][0])
    if decay.factors[-1][0] in matrices:
        return rf"${name}$ has the eigenvalues"
    if decay.is_vector:
        return (
            rf"${name}$ satisfies the source condition" if len(decay.factors) > 1 else rf"${name}$ has components with"
        )
    return rf"${name}$ has eigenvalues with"


def _ranges(law: Law) -> str:
    """Parameters, exponents and constants."""
    parts = []
    for parameter, (low, high) in law.request.bounds.items():
        shown = symbol_latex(parameter.name)
        upper = "" if high is None else f"<{high}"
        parts.append(f"{shown}>{low}" if high is None else f"{'' if low is None else f'{low}<'}{shown}{upper}")
    parts += [f"{affine_latex(affine_of(p, ()))}>0" for p in law.request.assumed]
    domain = polyhedron_latex(Chamber(law.cases[0].chamber.sample), law.request.domain)
    parts += domain.split(SEPARATOR) if domain else []
    text = f"Here {', '.join(f'${p}$' for p in parts)}" if parts else ""
    constants = ",".join(symbol_latex(c) for c in law.request.constants)
    if not constants:
        return f"{text}." if text else ""
    return (
        f"{text}, and ${constants}>0$ do not depend on ${symbol_latex(law.request.setting.size)}$."
        if text
        else (f"${constants}>0$ are constants.")
    )


def _value(law: Law, words: Mapping[str, str]) -> str:
    """The value, its sources and the order parameters."""
    sources = [source_latex(law, n) for n in law.sources]
    said = ", ".join(
        f"${s}$ is the {escaped(words[n])}" for s, n in zip(sources, law.sources, strict=True) if words[n] != n
    )
    text = f"The {escaped(law.name)} is ${value_latex(law)}={'+'.join(sources)}$, where\n{align(source_rows(law))}"
    if said:
        text += f"\n{said}."
    for shown, equation in relations(law):
        text += f"\n${shown}>0$ is the largest root of ${equation}$."
    if has_degrees(law):
        text += rf" Here $\df_m({parameter_latex(law)})=\sum_k\lambda_k^m(\lambda_k+{parameter_latex(law)})^{{-m}}$."
    return text
