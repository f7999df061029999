"""A request as a reader wants it: how quantities grow, how spectra decay, what a sum is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import sympy

from fpt_calc.scalars import Scalar
from fpt_calc.scaling.polyhedra import interior_point
from fpt_calc.scaling.regimes.cases import Case
from fpt_calc.scaling.regimes.constants import symbol, to_sympy
from fpt_calc.scaling.regimes.evaluation import RightHandSide
from fpt_calc.scaling.regimes.explore import Regime
from fpt_calc.scaling.regimes.powers import powers
from fpt_calc.scaling.regimes.request import Request
from fpt_calc.scaling.regimes.spectral_sum import CUT, Monomial, SpectralSum
from fpt_calc.scaling.regimes.witness import INFINITE

_DIMENSION = Monomial(powers=powers({CUT: 1}))


@dataclass(frozen=True)
class Decay:
    """``prod letter_k**power = scale * k**-decay`` for all k.

    Attributes
    ----------
    factors : matrices (by their eigenvalues) and vectors (by their components), with powers.
    scale : a constant.
    decay : the exponent.
    is_vector : whether the last letter is a vector.
    """

    factors: tuple[tuple[str, int], ...]
    scale: sympy.Expr
    decay: Scalar
    is_vector: bool


def spectral_sums(side: RightHandSide) -> tuple[SpectralSum, ...]:
    """The sums over eigenvalues in a right-hand side, each once."""
    values = [p.relation for p in side.parameters]
    values += [v for _, v in side.definitions]
    values += list(side.sources.values())
    return tuple(dict.fromkeys(g for v in values for g in v.gens if isinstance(g, SpectralSum)))


def covariances(side: RightHandSide, request: Request) -> tuple[str, ...]:
    """The matrices whose resolvents occur."""
    named = {p.matrix for s in spectral_sums(side) for p in s.poles}
    return tuple(n for n in sorted(request.setting.sequences) if n in named)


def decays(side: RightHandSide, request: Request) -> tuple[Decay, ...]:
    """The spectra that occur: those of covariances, then source conditions, weighted with the first covariance."""
    sums, sequences = spectral_sums(side), request.setting.sequences
    weights = covariances(side, request)
    found = [Decay(((n, 1),), _constant(sequences[n].scale), sequences[n].decay, False) for n in weights]
    for name, sequence in sorted(sequences.items()):
        counts = [k for s in sums for n, k in s.powers if n == name]
        if name in weights or not counts:
            continue
        k = 2 if all(count % 2 == 0 for count in counts) else 1
        scale, decay = sequence.scale**k, sequence.decay * k
        factors: tuple[tuple[str, int], ...] = ((name, k),)
        if weights and not decay.is_zero:
            weight = sequences[weights[0]]
            factors = ((weights[0], 1), *factors)
            scale, decay = scale * weight.scale, decay + weight.decay
        found.append(Decay(factors, _constant(scale), decay, k == 2))
    return tuple(found)


def _constant(value: Monomial) -> sympy.Expr:
    return monomial_expression(value, CUT)


def growths(request: Request) -> Iterator[tuple[str, sympy.Expr | None]]:
    """Quantities that depend on the size, with their values in it; None for a dimension above all its powers."""
    setting = request.setting
    dimension = next((n for n, m in setting.quantities.items() if m == _DIMENSION), CUT)
    for name, value in sorted(setting.quantities.items()):
        if name == setting.size or not value.powers:
            continue
        if name == dimension:
            infinite = any(g == INFINITE for _, e in setting.cut.powers for g in e.gens)
            yield name, None if infinite else monomial_expression(setting.cut, CUT)
        else:
            yield name, monomial_expression(value, dimension)


def monomial_expression(value: Monomial, dimension: str) -> sympy.Expr:
    """A monomial in sympy, with the name of the dimension."""
    factors = [_base(dimension if n == CUT else n) ** to_sympy(e) for n, e in value.powers]
    return sympy.Mul(to_sympy(value.coefficient), *factors)


def _base(name: str) -> sympy.Expr:
    """A name, or a number that stands as one."""
    return symbol(name) if name.isidentifier() else sympy.Rational(name)


def ordered(case: Case) -> Case:
    """The case with its regimes in the order of a point inside of each."""

    def key(regime: Regime) -> tuple[Fraction, ...]:
        return tuple(case.chamber.value(x) for x in interior_point(case.chamber, regime.cell).values())

    return replace(case, regimes=tuple(sorted(case.regimes, key=key)))
