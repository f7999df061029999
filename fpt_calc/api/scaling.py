"""Scaling laws as the user holds them: exponents, regimes, constants, optima of the error of a pipeline."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import sympy

from fpt_calc.api.scaling_curve import Simulator, Slopes, drawn_curve, exact_at, measured_slopes
from fpt_calc.api.values import declared_in
from fpt_calc.derivation import LimitLaw
from fpt_calc.errors import CannotDecideError, InputError
from fpt_calc.export.scaling_latex import scaling_document
from fpt_calc.export.scaling_symbols import affine_latex
from fpt_calc.learning.derived import DerivedError
from fpt_calc.learning.growth import generation_limit
from fpt_calc.learning.scaled import kinds, right_hand_side, side_of
from fpt_calc.pipeline import Pipeline, contents, designs_of
from fpt_calc.plot.phases import phase_diagram
from fpt_calc.scalars import Dimension, Generator
from fpt_calc.scaling.entry import Finding
from fpt_calc.scaling.regimes import RightHandSide, SpectralSum
from fpt_calc.scaling.regimes.claimed import compare_exponent
from fpt_calc.scaling.regimes.constants import to_sympy
from fpt_calc.scaling.regimes.explore import Regime
from fpt_calc.scaling.regimes.law import Law, scaling_law, substituted, typical_parameters
from fpt_calc.scaling.regimes.monomial_text import read_exponent
from fpt_calc.scaling.regimes.optimum import Optimum, optimal
from fpt_calc.scaling.regimes.request import Names, read_request
from fpt_calc.scaling.shown.presentation import affine_expression, constant, exponent, meeting_points
from fpt_calc.scaling.shown.text import change_text, law_text
from fpt_calc.scaling.spectra import PowerLaw, PowerSource


def spectrum(beta: Any, scale: Any = 1) -> PowerLaw:
    """Eigenvalues ``scale * k**-beta``, k = 1, 2, ..., for scaling laws; names such as "beta" stay symbols.

    >>> spectrum("beta"), spectrum("3/2"), spectrum("1 + 2*s/D")
    (PowerLaw(beta=beta, scale=1), PowerLaw(beta=3/2, scale=1), PowerLaw(beta=(D + 2*s)/D, scale=1))
    """
    return PowerLaw(_symbolic(beta, "beta"), _symbolic(scale, "scale"))


def source(r: Any, scale: Any = 1, of: str | None = None) -> PowerSource | dict[str, Any]:
    """A source condition: ``lambda_k w_k**2 = scale * k**-(1 + 2*beta*r)`` for weights w and eigenvalues lambda.

    ``of`` : the name of the matrix whose eigenvalues these are, where there are several covariances.

    >>> source("r", "b"), source("r", of="Sigma")
    (PowerSource(r=r, scale=b), {'source': r, 'scale': 1, 'of': 'Sigma'})
    """
    found = PowerSource(_symbolic(r, "r"), _symbolic(scale, "scale"))
    return found if of is None else {"source": found.r, "scale": found.scale, "of": of}


def manifold(smoothness: Any, dimension: Any, scale: Any = 1) -> dict[str, Any]:
    """The spectrum of a kernel of a smoothness on data of an intrinsic dimension: ``k**-(1 + 2*smoothness/dimension)``.

    It is derived in `fpt_calc.scaling.geometry`.

    >>> manifold("s", "D")
    {'smoothness': 's', 'dimension': 'D', 'scale': 1}
    """
    return {"smoothness": smoothness, "dimension": dimension, "scale": scale}


def _symbolic(value: Any, name: str) -> Any:
    return to_sympy(read_exponent(value, name)) if isinstance(value, str) else value


@dataclass(frozen=True)
class ScalingLaw:
    """How an error scales: ``error.scaling("T", lam="T**-ell", ...)``."""

    law: Law
    simulator: Simulator | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    with_true_labels: Callable[[], ScalingLaw] | None = None

    @property
    def regimes(self) -> tuple[Regime, ...]:
        """The regimes of all cases: cells of exponents with exponent, constant, dominant sources."""
        return tuple(r for case in self.law.cases for r in case.regimes)

    @property
    def exponent(self) -> sympy.Expr:
        """The exponent of the size, as a maximum of affine forms where it is one, else by regimes."""
        return exponent(self.law)

    @property
    def constant(self) -> sympy.Expr:
        """The factor in front of the power of the size, by regimes."""
        return constant(self.law)

    def at(self, **values: Any) -> ScalingLaw:
        """The law with exponents, parameters or constants fixed: numbers, or formulas in the others.

        Raises `InputError` for names or values that the law does not have.
        """
        exact = {name: read_exponent(value, f"at.{name}") for name, value in values.items()}
        return replace(self, law=substituted(self.law, exact))

    def optimal(self, name: str) -> tuple[Optimum, ...]:
        """The best choice of an exponent such as "ell", for all values of the others, with the law there.

        Raises `InputError` for a name that is no exponent, and for what is left of a floor, which may be negative.
        """
        if self.law.beyond_floor:
            remedy = "choose for the value itself; its floor does not depend on the choice"
            raise InputError("what is left of a floor may be negative", where="optimal", remedy=remedy)
        return optimal(self.law, name)

    @cached_property
    def clean(self) -> ScalingLaw:
        """The law of the same training with true labels, those of the teacher that the model is tested against.

        Raises `InputError` where labels are true already, or the law is not that of a pipeline.
        """
        if self.with_true_labels is None:
            raise InputError("nothing to compare with", where="clean", remedy="the labels are those of the teacher")
        return self.with_true_labels()

    def change(self, name: str) -> str:
        """How the law changes against true labels: with the exponent that is best for them, and with its own best one.

        Raises `InputError` where there is no single best choice.
        """
        return change_text(self.law, self.clean.law, name)

    def beyond_floor(self) -> ScalingLaw:
        """The law of the value less the constant that it tends to: how a floor is approached.

        Raises `CannotDecideError` where the value is constant.
        """
        law = self.law
        return replace(self, law=scaling_law(f"{law.name} - floor", law.side, law.request, law.sources, True))

    def __str__(self) -> str:
        return law_text(self.law, words=self.words)

    def __repr__(self) -> str:
        return str(self)

    def _repr_latex_(self) -> str:
        symbols = {s: sympy.Symbol(s.name.replace("ell", r"\ell")) for s in self.exponent.free_symbols}
        shown = sympy.latex(self.exponent.xreplace(symbols))
        return rf"$\displaystyle {self.law.request.setting.size}^{{{shown}}}$"

    def exact(self, size: Any, digits: int = 15, **values: Any) -> dict[str, float]:
        """The exact value and its sources at a size, with numbers for exponents, parameters and constants.

        Sums run over all eigenvalues and are enclosed by balls that hold these digits.  Raises `InputError` for missing
        numbers, `ComputationError` where the digits are not reached.
        """
        return exact_at(self.law, size, values, digits)

    def compare(self, claim: str) -> Finding:
        """Whether a formula such as ``"max(-2*min(r, 1)*ell, ell/beta - 1)"`` is the exponent in all regimes and cases.

        PROVED, or REFUTED with a witness.  Raises `InputError` for what is no such formula.
        """
        return compare_exponent(self.law, claim)

    def plot(
        self, x: str | None = None, y: str | None = None, *, path: str | Path | None = None, **numbers: Any
    ) -> Any:
        """Draw the regimes over two exponents, or the exponent over one; numbers for the others and the parameters.

        Parameters without a number have some that are in the first case; the title says which.  Returns the axes.
        Raises `InputError` for missing numbers.
        """
        names = [n for n in self.law.request.domain.names if n not in numbers]
        first = x or (names[0] if names else "")
        second = y or next((n for n in names if n != first), None)
        target = None if path is None else Path(path)
        numbers = {**typical_parameters(self.law), **numbers}
        return phase_diagram(self.law, first, second, numbers, words=self.words, latex=affine_latex, path=target)

    def latex(self, part: str = "document", optimal: Iterable[str] = (), title: str = "A scaling law") -> str:
        """LaTeX: a document, or its "statement", "table", "proof" or "macros"; ``optimal``: exponents to be chosen."""
        optima = [o for name in optimal for o in self.optimal(name)]
        return scaling_document(self.law, optima, title, part, self.words)

    def curve(
        self, sizes: Iterable[float], *, trials: int = 0, dim: int = 400, path: str | Path | None = None, **values: Any
    ) -> Any:
        """Draw exact values over sizes with their asymptote, and simulations of the learners in ``dim`` dimensions.

        ``values`` : numbers for exponents, parameters and constants; ``trials`` : draws for each size, none by default.
        Returns the axes.
        """
        target = None if path is None else Path(path)
        return drawn_curve(self.law, list(sizes), values, self.simulator, trials, dim, target)

    def crossover(self) -> tuple[sympy.Eq, ...]:
        """Where two regimes meet, as equations between exponents."""
        found = (sympy.Eq(affine_expression(c.equation), 0) for _, c in meeting_points(self.law))
        return tuple(dict.fromkeys(found))


def scaled_error(
    pipeline: Pipeline, derived: DerivedError, size: str, value: str, assume: Iterable[str], given: Mapping[str, Any]
) -> ScalingLaw:
    """The scaling law of a value of an error; see `ErrorLaw.scaling`."""
    exact = dict(given)
    names = _names(pipeline)
    for name in [n for n, v in given.items() if v == "oo" and n in _counts(pipeline)]:
        derived = generation_limit(derived, name).derived
        names = replace(names, scalars=tuple(n for n in names.scalars if n != name))
        del exact[name]
    side = right_hand_side(derived)
    request = read_request(size, exact, names, assume)
    known = kinds(derived.program)
    words = {n: f"bias of {n}" if kind == "bias" else f"noise of {n}" for n, kind in known.items()}
    return ScalingLaw(scaling_law(value, side, request, _sources(derived, value)), words=words)


def slopes_of(
    pipeline: Pipeline,
    at: Callable[..., Mapping[str, Any]],
    size: str,
    sizes: Iterable[float],
    dim: int,
    value: str,
    given: Mapping[str, Any],
) -> Slopes:
    """See `ErrorLaw.slopes`."""
    return measured_slopes(at, read_request(size, given, _names(pipeline)), sizes, dim, value)


def for_true_labels(
    truth: Pipeline, given: Mapping[str, Any], assume: Iterable[str]
) -> tuple[dict[str, Any], list[str]]:
    """What is left of a setting, and of its assumptions, for the same training with true labels."""
    names = _names(truth)
    known = {*names.dims, *names.scalars, *names.matrices, *names.vectors}
    kept = {name: value for name, value in given.items() if name in known}
    words = {word for value in kept.values() for word in re.findall(r"[A-Za-z_]\w*", str(value))}
    return kept, [t for t in assume if set(re.findall(r"[A-Za-z_]\w*", t)) <= words]


def scaled_law(
    law: LimitLaw, size: str, target: str | None, assume: Iterable[str], given: Mapping[str, Any]
) -> ScalingLaw:
    """The scaling law of a target of a law in closed form; see `Law.scaling`."""
    name = target or next(iter(law.targets))
    if name not in law.targets:
        raise InputError(f"no target {name!r}", where="scaling", remedy=f"there are {', '.join(law.targets)}")
    closed = law.closed_form
    if closed is None:
        raise CannotDecideError("the law has no closed form", remedy="scale its numbers, law.at(...), instead")
    side = side_of(closed, name)
    known = declared_in(law)
    cuts = {str(m.rows) for m in known.matrices.values()}
    if len(cuts) != 1:
        raise CannotDecideError("matrices of several dimensions", remedy="scale laws of matrices of one dimension")
    poles = dict.fromkeys(p.matrix for g in _generators(side) if isinstance(g, SpectralSum) for p in g.poles)
    names = Names(
        tuple(known.dims),
        tuple(known.scalars),
        tuple(n for n, m in known.matrices.items() if m.rows == m.cols),
        tuple(n for n, m in known.matrices.items() if m.rows != m.cols),
        cuts.pop(),
        tuple(poles),
    )
    return ScalingLaw(scaling_law(name, side, read_request(size, given, names, assume), (name,)))


def _generators(side: RightHandSide) -> Iterator[Generator]:
    for value in (*(p.relation for p in side.parameters), *side.sources.values()):
        yield from value.gens


def _counts(pipeline: Pipeline) -> set[str]:
    _, generators = contents(pipeline)
    return {g.name for g in generators if getattr(g, "kind", "") == "generations"}


def _sources(derived: DerivedError, value: str) -> tuple[str, ...]:
    """The sources that a value is the sum of."""
    known = kinds(derived.program)
    if value == "error":
        return tuple(known)
    found = tuple(n for n, kind in known.items() if value in (kind, f"source.{n}"))
    if not found:
        options = ", ".join(["error", "bias", "variance", *(f"source.{n}" for n in known)])
        raise InputError(f"no value {value!r}", where="scaling", remedy=f"there are {options}")
    return found


def _names(pipeline: Pipeline) -> Names:
    """What a pipeline is made of."""
    matrices, generators = contents(pipeline)
    cut = pipeline.against.dim
    covariances = [d.covariance for d in designs_of(pipeline)] + [pipeline.covariance]
    dims = tuple(sorted(g.name for g in generators if isinstance(g, Dimension)))
    return Names(
        dims,
        tuple(sorted(g.name for g in generators if not isinstance(g, Dimension))),
        tuple(n for n, m in matrices.items() if m.rows == m.cols),
        tuple(n for n, m in matrices.items() if m.rows != m.cols),
        str(cut),
        tuple(dict.fromkeys(m.name for m in covariances if m is not None)),
    )
