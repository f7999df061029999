"""The powers of a generation in closed form: through the roots of its secular equation, with the proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fpt_calc.export.latex import bracketed, inline, latex
from fpt_calc.export.layout import align, aligned, packed_texts
from fpt_calc.export.pipeline_names import Names, base_name, combination_row, next_round
from fpt_calc.export.pipeline_symbols import Symbols
from fpt_calc.formula import Formula
from fpt_calc.learning.form import ErrorForm, ShownLoop, ShownSpectrum
from fpt_calc.learning.spectrum import ChainSpectrum


@dataclass(frozen=True)
class SpectrumNames:
    r"""What a theorem calls the map ``B -> P B P + alpha Tr(B Q) W`` and its roots, in LaTeX; often W is Q.

    ``form`` : the letter of B.
    """

    P: str
    Q: str
    W: str
    alpha: str
    root: str
    residue: str
    form: str

    @property
    def start(self) -> str:
        """B before the first round."""
        return next_round(self.form, "0")

    @property
    def weight(self) -> str:
        """The product of both matrices of the part of rank one."""
        return f"{self.Q}^2" if self.W == self.Q else self.Q + self.W

    def gap(self, at: str, exponent: str = "-1") -> str:
        r"""``(at-P^2)^{-1}``"""
        return f"({at}-{self.P}^2)^{{{exponent}}}"

    def secular(self, at: str) -> str:
        r"""``\alpha\tr(Q^2(at-P^2)^{-1})``"""
        return rf"{self.alpha}\tr\bigl({self.weight}{self.gap(at)}\bigr)"

    def first(self, at: str) -> str:
        r"""``\tr(B_0Q(at-P^2)^{-1})``"""
        return rf"\tr\bigl({self.start}{self.Q}{self.gap(at)}\bigr)"


def spectrum_names(form: ErrorForm, known: Symbols, names: Names) -> Mapping[str, SpectrumNames]:
    """The names for each chain whose powers have a closed form, by the name of the chain; numbered if several."""
    found = [i.spectrum.spectrum for i in form.definitions if isinstance(i, ShownLoop) and i.spectrum is not None]
    numbers = [""] if len(found) == 1 else [f"_{k}" for k in range(1, len(found) + 1)]
    return {s.loop.name: _names(s, known, names, number) for s, number in zip(found, numbers, strict=True)}


def _names(spectrum: ChainSpectrum, known: Symbols, names: Names, number: str) -> SpectrumNames:
    def free(*wanted: str) -> str:
        return next(w for w in wanted if w not in known.names) + number

    P, Q, residue = free("P", "L", "J"), free("Q", "H", "U"), free("r", "q", "v")
    W = Q if spectrum.functional == spectrum.word else free("W", "V", "Y")
    alpha, root = rf"\{free('alpha', 'beta', 'gamma')}", rf"\{free('mu', 'nu', 'xi')}"
    return SpectrumNames(P, Q, W, alpha, root, residue, base_name(names, spectrum.loop, spectrum.letter))


def spectral_recursion(shown: ShownLoop, of: SpectrumNames, known: Symbols, names: Names) -> str:
    """A round of a loop in P and Q, and the power of it in closed form."""
    assert shown.spectrum is not None, "a loop with a spectrum"
    k, B = known.counter, of.form
    last = next_round(B, k)
    rows = [rf"{next_round(B, f'{k}+1')}&={of.P}{last}{of.P}+{of.alpha}\tr({last}{of.Q})\,{of.W}"]
    rows += [f"{next_round(C, f'{k}+1')}&={of.P}{next_round(C, k)}" for C in _others(shown, of, names)]
    recursion = packed_texts([row.replace("&=", "=") for row in rows])
    return f"With\n{_map(shown.spectrum, of, names)}\nlet, for ${k}=0,1,\\dots$,\n{recursion}"


def spectral_powers(shown: ShownLoop, of: SpectrumNames, known: Symbols, names: Names) -> str:
    """The sums of a loop and its matrices after the last round, over the roots of the secular equation."""
    assert shown.spectrum is not None, "a loop with a spectrum"
    loop, k, mu, P = shown.loop, known.counter, of.root, of.P
    count, over = inline(loop.count), rf"\sum_{{{mu}}}{of.residue}"
    derivative = rf"{of.alpha}\tr\bigl({of.weight}{of.gap(mu, '-2')}\bigr)"
    rows = [rf"{of.residue}&=\frac{{{of.first(mu)}}}{{{derivative}}}"]
    for symbol, share in shown.spectrum.shares:
        front = _factor(share, names)
        rounds = rf"\sum_{{{k}=0}}^{{{inline(loop.count - 1)}}}\tr({next_round(of.form, k)}{of.Q})"
        powers = rf"{over}\,\frac{{1-{mu}^{{{count}}}}}{{1-{mu}}}"
        rows.append(f"{latex(names.generator(symbol))}&={front}{rounds}={front}{powers}")
    lifted = rf"({mu}^{{{count}}}-{P}^{{{inline(2 * loop.count)}}}){of.gap(mu)}{of.W}"
    power = f"{P}^{{{count}}}"
    rows.append(rf"{next_round(of.form, count)}&={power}{of.start}{power}+{of.alpha}{over}\,{lifted}")
    rows += [f"{next_round(C, count)}&={power}{next_round(C, '0')}" for C in _others(shown, of, names)]
    roots = f"with ${mu}$ running over the roots of $1={of.secular(mu)}$"
    return f"In closed form, {roots},\n{align(rows)}"


def spectral_proof(of: SpectrumNames, known: Symbols) -> str:
    """Why the sums over the roots are the powers."""
    k, P, Q, B, mu = known.counter, of.P, of.Q, of.form, of.root
    j = next(c for c in "jlm" if c != k and c not in known.names)
    traces = rf"$t_{k}=\tr({next_round(B, k)}{Q})$"
    echo = rf"{of.alpha}\sum_{{{j}<{k}}}t_{j}\tr({of.weight}{P}^{{2({k}-1-{j})}})"
    series = rf"t_{k}=\tr({of.start}{P}^{{2{k}}}{Q})+{echo}"
    function = rf"\sum_{{{k}\ge0}}t_{k}z^{k}=\tr\bigl({of.start}{Q}(1-z{P}^2)^{{-1}}\bigr)/D(z)"
    denominator = rf"D(z)=1-z\,{of.alpha}\tr\bigl({of.weight}(1-z{P}^2)^{{-1}}\bigr)"
    return (
        f"For the closed form put {traces}. The recursion gives ${series}$, so that ${function}$ with "
        f"${denominator}=1-{of.secular(mu)}$, ${mu}=1/z$. In ${mu}$ this increases between its poles, which are "
        f"eigenvalues of ${P}^2$: its zeros are simple and positive, one above each pole. Partial fractions give "
        rf"$t_{k}=\sum_{{{mu}}}{of.residue}\,{mu}^{k}$, and the sums of geometric series over ${k}$ are as stated."
    )


def spectral_limits(shown: ShownSpectrum, of: SpectrumNames, names: Names) -> list[str]:
    """What the sums of a loop tend to, as the rows of an ``align``."""
    total = rf"\frac{{{of.first('1')}}}{{1-{of.secular('1')}}}"
    return [rf"{latex(names.generator(symbol))}&\to {_factor(share, names)}\,{total}" for symbol, share in shown.shares]


def _factor(share: Formula, names: Names) -> str:
    factor = names.formula(share)
    return bracketed(latex(factor)) if len(factor.terms) > 1 else latex(factor)


def _others(shown: ShownLoop, of: SpectrumNames, names: Names) -> list[str]:
    """The letters of the forms with one side in the chain, on which a generation acts by its mean."""
    found = [base_name(names, shown.loop, letter) for letter in shown.loop.letters]
    return [C for C in found if of.form != C]


def _map(shown: ShownSpectrum, of: SpectrumNames, names: Names) -> str:
    """P, Q and alpha in a display."""
    spectrum = shown.spectrum
    matrices = [(of.P, spectrum.mean), (of.Q, spectrum.functional), (of.W, spectrum.word)]
    rows = [combination_row(*item, names) for item in dict(matrices).items()]
    rows += aligned([(of.alpha, "=", names.formula(shown.alpha))])
    if any(r"\\" in row for row in rows):
        return align(rows, "")
    return packed_texts([row.replace("&= ", "=") for row in rows], "")
