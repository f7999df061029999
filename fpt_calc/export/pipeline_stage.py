"""One stage in the proof: its random matrices, and what the Dyson equation makes of them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from fpt_calc.export.escape import escaped
from fpt_calc.export.latex import bracketed, inline, latex
from fpt_calc.export.layout import align, packed_texts
from fpt_calc.export.matrices import coefficient_latex, juxtaposed
from fpt_calc.export.pipeline_names import Names, combination_row, terms_row
from fpt_calc.export.pipeline_symbols import Symbols
from fpt_calc.expr import (
    Atom,
    Expr,
    Inverse,
    Product,
    ScalarMatrix,
    Transpose,
    map_scalars,
    postorder,
    replace_atoms,
    replace_nodes,
)
from fpt_calc.formula import Formula
from fpt_calc.learning.combination import single as combined
from fpt_calc.learning.derived import DerivedStage
from fpt_calc.learning.fit import Part
from fpt_calc.learning.maps import SecondOrder
from fpt_calc.learning.stage_maps import RIDGE
from fpt_calc.learning.words import transposed
from fpt_calc.pipeline import Generations
from fpt_calc.scalars import Generator, Parameter, Scalar, generator_scalar, scalar, substitute

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class StageSymbols:
    """The random matrices of a stage under the names of the proof.

    ``maps``: A for each part of a model and each signal; ``noises``: N for each part of a model and each data set.
    """

    item: DerivedStage
    maps: Mapping[tuple[Part, Part], str]
    noises: Mapping[tuple[Part, str], str]


def stage_symbols(item: DerivedStage) -> StageSymbols:
    """Letters, numbered where there are several."""
    weights = item.fits.weights
    maps = [(p, s) for p, w in weights.items() for s in w.signals]
    noises = [(p, k) for p, w in weights.items() for k in w.noises]
    return StageSymbols(item, _numbered("A", maps), _numbered("N", noises))


def _numbered(letter: str, keys: Sequence[Key]) -> dict[Key, str]:
    return {key: letter if len(keys) == 1 else f"{letter}_{{{k}}}" for k, key in enumerate(keys, 1)}


def stage_text(item: DerivedStage, known: Symbols, names: Names) -> str:
    """What the models of a stage are, and the equivalents of their random matrices."""
    found = stage_symbols(item)
    members = ", ".join(rf"\emph{{{escaped(m.name)}}}" for m in item.stage.members)
    states = max(item.map.law.pencil_states(name) for name in item.map.law.targets)
    limit = r" as $\epsilon\to0^+$" if item.law is None else ""
    intro = rf"\noindent {members}: conditionally on what was trained before,"
    shown = packed_texts([*_decompositions(found, known), *_matrices(found, known)], ",")
    rows = [*_first(found, names), *_second(found, known.middle, names), *_noise(found, known.middle, names)]
    through = f"and{limit} the Dyson equation (pencils with at most {states} states) gives"
    return f"{intro}\n{shown}\n{through}\n{align(rows)}"


def residual_text(item: DerivedStage) -> str:
    """The stage of the tested model where its training error is asked for."""
    (model,) = item.stage.members
    states = max(item.map.law.pencil_states(name) for name in item.map.law.targets)
    limit = r" as $\epsilon\to0^+$" if item.law is None else ""
    return (
        rf"\noindent \emph{{{escaped(model.name)}}}: its residuals are linear in the weights that labelled its data "
        f"and in the noise. The Dyson equation (pencils with at most {states} states) gives{limit} their mean square, "
        "stated in step 2 as a form in these weights and what the noise adds."
    )


def _decompositions(found: StageSymbols, known: Symbols) -> Iterator[str]:
    r"""``\hat w = A w + sigma N e``"""
    fits = found.item.fits
    for p, weights in fits.weights.items():
        terms = [juxtaposed([found.maps[p, s], known.part(s)]) for s in weights.signals]
        for k in weights.noises:
            data = fits.noises[k]
            terms.append(coefficient_latex(data.noise, found.noises[p, k] + known.noise(data)))
        yield f"{known.part(p)}={'+'.join(terms)}"


def _matrices(found: StageSymbols, known: Symbols) -> Iterator[str]:
    """The definitions of the random matrices, inverses named."""
    weights = found.item.fits.weights
    exprs = {found.maps[p, s]: a for p, w in weights.items() for s, a in w.signals.items()}
    scales = found.item.fits.scales
    noises = {found.noises[p, k]: (a, scales[k]) for p, w in weights.items() for k, a in w.noises.items()}
    written = {name: _rewritten(a, found.item, known) for name, a in exprs.items()}
    added = {name: (_rewritten(a, found.item, known), scale) for name, (a, scale) in noises.items()}
    everything = [*written.values(), *(a for a, _ in added.values())]
    inverses = list(dict.fromkeys(n for a in everything for n in postorder(a) if isinstance(n, Inverse)))
    named = {n: Atom("R" if len(inverses) == 1 else f"R{k}", n.rows, n.cols) for k, n in enumerate(inverses, 1)}
    for n, atom in named.items():
        yield f"{latex(atom)}={latex(Inverse(_with(n.argument, named)))}"
    for name, a in written.items():
        yield f"{name}={latex(_with(a, named))}"
    for name, (a, scale) in added.items():
        body = latex(combined(_with(a, named)).expression)
        yield rf"{name}=\tfrac1{{\sqrt{{{inline(1 / scale)}}}}}{body}"


def _with(expr: Expr, named: Mapping[Inverse, Atom]) -> Expr:
    """The expression with its inverses named."""
    return replace_nodes(expr, lambda node: named.get(node) if isinstance(node, Inverse) else None)


def _rewritten(expr: Expr, item: DerivedStage, known: Symbols) -> Expr:
    """Inputs under the letter Z, products transposed factor by factor, and epsilon for the ridge that tends to zero."""
    letters = {a for a in postorder(expr) if isinstance(a, Atom) and a.name.startswith("X_")}
    chain = next((m for m in item.stage.members if isinstance(m, Generations)), None)
    images: dict[Atom, Expr] = {}
    for a in letters:
        symbol = _input_name(a.name.removeprefix("X_"), item, known, chain)
        images[a] = Atom(symbol, a.rows, a.cols)
    small: dict[Generator, Scalar] = {RIDGE: generator_scalar(Parameter("epsilon", "positive"))}
    small |= {symbol: scalar(number) for symbol, number in item.fits.fixed.items()}
    plain = map_scalars(replace_atoms(expr, images), lambda c: substitute(c, small))
    return replace_nodes(plain, _spread)


def _spread(node: Expr) -> Expr | None:
    return transposed(node.argument) if isinstance(node, Transpose) and isinstance(node.argument, Product) else None


def _input_name(design: str, item: DerivedStage, known: Symbols, chain: Generations | None) -> str:
    if chain is None:
        return f"Z_{design}"
    return f"Z_{known.counter}" if len(chain.step.on) == 1 else f"Z_{design}_{known.counter}"


def _first(found: StageSymbols, names: Names) -> Iterator[str]:
    for (p, s), value in found.item.map.first.items():
        yield combination_row(rf"\mathbb E[{found.maps[p, s]}]", value, names, r"\simeq")


def _second(found: StageSymbols, M: str, names: Names) -> Iterator[str]:
    """The quadratic forms, each pair of fits once."""
    done: set[frozenset[tuple[Part, Part]]] = set()
    for ((p, q), (s, t)), second in found.item.map.second.items():
        key = frozenset({(p, s), (q, t)})
        if key not in done:
            done.add(key)
            left = rf"\mathbb E[{found.maps[p, s]}^\top {M}{found.maps[q, t]}]"
            yield terms_row(left, _terms(second, M, names), r"\simeq")


def _terms(second: SecondOrder, M: str, names: Names) -> Iterator[tuple[Formula, str]]:
    for c in second.carried:
        left, right = ([] if _is_identity(w) else [latex(w)] for w in (c.left, c.right))
        yield names.shown(c.coefficient), juxtaposed([*left, M, *right])
    for i in second.injected:
        yield names.shown(i.coefficient), rf"{_trace(M, i.functional)}\,{latex(i.word)}"


def _is_identity(word: Expr) -> bool:
    return isinstance(word, ScalarMatrix) and word.value == 1


def _noise(found: StageSymbols, M: str, names: Names) -> Iterator[str]:
    """``E Tr(N' M N)``, with the scale of the noise put in."""
    fits = found.item.fits
    for ((p, q), k), value in found.item.map.noise.items():
        left = rf"\mathbb E\tr({found.noises[p, k]}^\top {M}{found.noises[q, k]})"
        terms = [(names.shown(c * fits.scales[k]), _trace(M, word)) for word, c in value.terms.items()]
        yield terms_row(left, terms, r"\simeq")


def _trace(M: str, word: Expr) -> str:
    return rf"\tr({M})" if _is_identity(word) else rf"\tr{bracketed(M + latex(word))}"
